//! Committed contracts against the code on the disk.

use std::fs;

use super::Repo;

#[test]
fn code_without_contracts_is_told_and_what_writes_them() {
    let repo = Repo::bare_bones();
    let said = repo.check(&[]).is(1);
    assert_eq!(said.rules(), ["meta-contract-missing"]);
    assert_eq!(said.json()["findings"][0]["help"], "contract-agent analyze");
    repo.run(&["analyze", "-q"]).is(0);
    assert!(repo.check(&[]).is(0).rules().is_empty());
}

#[test]
fn a_change_of_a_model_is_told_with_the_line_that_made_it() {
    let repo = Repo::new();
    repo.break_it();
    let said = repo.check(&[]).is(1);
    let report = said.json();
    let findings = report["findings"].as_array().unwrap();
    let gone = findings.iter().find(|finding| finding["rule"] == "output-required-property-removed").expect("the member is gone");
    assert_eq!(gone["level"], "breaking");
    assert_eq!(gone["source"]["file"], "app/main.py");
    assert_eq!(gone["source"]["line"], 7);
    assert_eq!(gone["base_source"]["line"], 9);
    assert_eq!(gone["stale"], true);
    let new = findings.iter().find(|finding| finding["rule"] == "output-required-property-added").expect("a member is new");
    assert_eq!((&new["level"], &new["source"]["line"]), (&"info".into(), &9.into()));
    assert_eq!(report["summary"]["breaking"], 1);
    assert_eq!(findings.iter().filter(|finding| finding["rule"] == "meta-contract-stale").count(), 1);
}

#[test]
fn edits_that_only_format_never_fail() {
    let repo = Repo::new();
    repo.edit("app/main.py", "app = FastAPI()\n", "# The application.\n\n\napp = FastAPI(\n)\n");
    repo.edit("app/main.py", "    id: int\n", "    id: int  # its number\n\n");
    assert!(repo.check(&[]).is(0).rules().is_empty());
}

#[test]
fn what_fails_is_said_by_the_level() {
    let repo = Repo::new();
    repo.edit("app/main.py", "    price: int\n", "    price: int\n    note: str | None = None\n");
    repo.check(&[]).is(1);
    repo.check(&["--fail-on", "drift"]).is(1);
    repo.check(&["--fail-on", "none"]).is(0);
    repo.run(&["analyze", "-q"]).is(0);
    repo.check(&["--base", "HEAD"]).is(0);
    repo.check(&["--base", "HEAD", "--fail-on", "any"]).is(1);
    repo.run(&["check", "--fail-on", "everything"]).is(2);
}

#[test]
fn a_contract_edited_by_hand_is_told_as_such() {
    let repo = Repo::new();
    let path = repo.path().join("contracts/features/shop/api_contract.yaml");
    let path = if path.exists() { path } else { any(&repo, "api_contract.yaml") };
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("/health", "/healthy")).unwrap();
    let said = repo.check(&[]).is(1);
    assert!(said.rules().contains(&"meta-contract-hand-edited".to_owned()), "{}", said.out);
}

#[test]
fn half_a_contract_a_newer_one_and_conflicts_give_no_verdict() {
    for (break_it, says) in [
        ((|text: &str| text[..text.len() / 2].to_owned()) as fn(&str) -> String, "cannot be read"),
        (|text: &str| text.replace("\"schemaVersion\": \"1", "\"schemaVersion\": \"9"), "newer form"),
        (|text: &str| format!("<<<<<<< HEAD\n{text}=======\n>>>>>>> other\n"), "merge conflicts"),
        (|_: &str| String::new(), "cannot be read"),
    ] {
        let repo = Repo::new();
        let text = repo.read("contracts/repo_contract.json");
        repo.write("contracts/repo_contract.json", &break_it(&text));
        let said = repo.run(&["check"]).is(2);
        assert!(said.err.contains(says) && said.err.contains("help:"), "{}", said.err);
    }
}

#[test]
fn line_ends_that_git_changed_are_no_drift() {
    let repo = Repo::new();
    for path in repo.git(&["ls-files", "contracts"]).lines() {
        let text = repo.read(path).replace('\n', "\r\n");
        repo.write(path, &text);
    }
    assert!(repo.check(&[]).is(0).rules().is_empty());
}

#[test]
fn settings_name_only_rules_there_are() {
    let repo = Repo::new();
    repo.write("contract-agent.toml", "[guard.levels]\n\"output-required-property-gone\" = \"warning\"\n");
    let said = repo.run(&["check"]).is(2);
    assert!(said.err.contains("guard.levels") && said.err.contains("help:"), "{}", said.err);
    repo.write("contract-agent.toml", "[guard.levels]\n\"output-required-property-removed\" = \"warning\"\n");
    repo.break_it();
    repo.run(&["analyze", "-q"]).is(0);
    let said = repo.check(&["--base", "HEAD"]).is(0);
    assert_eq!(said.json()["summary"]["warning"], 1);
    repo.write("contract-agent.toml", "[[guard.ignore]]\nlocation = \"GET /orders*\"\n[guard.levels]\nhttp = \"info\"\n");
    repo.check(&["--base", "HEAD"]).is(0);
}

#[test]
fn the_same_report_each_time_and_in_several_forms_at_once() {
    let repo = Repo::new();
    repo.break_it();
    let first = repo.check(&["--base", "HEAD", "-j", "1"]).out;
    for jobs in ["1", "2", "4"] {
        assert_eq!(repo.check(&["--base", "HEAD", "-j", jobs]).out, first);
    }
    let said = repo.run(&["check", "--base", "HEAD", "--format", "text", "--format", "json=out/report.json"]).is(1);
    assert!(said.out.contains("breaking["), "{}", said.out);
    assert_eq!(repo.read("out/report.json"), first);
    repo.run(&["check", "--format", "text", "--format", "json"]).is(2);
}

#[test]
fn reports_follow_their_schema() {
    let repo = Repo::new();
    repo.break_it();
    let report = repo.check(&["--base", "HEAD"]).json();
    let schema: serde_json::Value = serde_json::from_str(&repo.run(&["schema", "check"]).is(0).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn versions_go_up_once_for_all_that_changed_since_the_commit() {
    let repo = Repo::new();
    let version = || {
        let repo_contract: serde_json::Value = serde_json::from_str(&repo.read("contracts/repo_contract.json")).unwrap();
        repo_contract["features"].as_array().unwrap().iter().map(|feature| feature["version"].as_str().unwrap().to_owned()).max().unwrap()
    };
    assert_eq!(version(), "0.1.0");
    repo.edit("app/main.py", "    price: int\n", "    price: int\n    note: str | None = None\n");
    repo.run(&["analyze", "-q"]).is(0);
    assert_eq!(version(), "0.1.1");
    repo.break_it();
    repo.run(&["analyze", "-q"]).is(0);
    assert_eq!(version(), "0.2.0");
    repo.edit("app/main.py", "    note: str", "    words: str");
    repo.run(&["analyze", "-q"]).is(0);
    assert_eq!(version(), "0.2.0");
    repo.check(&["--base", "none"]).is(0);
}

/// The first document of a name.
fn any(repo: &Repo, name: &str) -> std::path::PathBuf {
    let paths = repo.git(&["ls-files", "contracts"]);
    repo.path().join(paths.lines().find(|path| path.ends_with(name)).unwrap())
}
