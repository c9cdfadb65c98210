//! Breaks that are let through on purpose, and for how long.

use super::Repo;

/// A branch with a break that the contracts tell; its fingerprint.
fn broken() -> (Repo, String) {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.break_it();
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("cost");
    let fingerprint = fingerprint(&repo, &["--base", "main"]);
    (repo, fingerprint)
}

/// The fingerprint of the only breaking finding.
#[track_caller]
fn fingerprint(repo: &Repo, arguments: &[&str]) -> String {
    let report = repo.check(arguments).is(1).json();
    let findings = report["findings"].as_array().unwrap();
    let breaking: Vec<_> = findings.iter().filter(|finding| finding["level"] == "breaking").collect();
    assert_eq!(breaking.len(), 1, "{report:#}");
    breaking[0]["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn accepted_it_is_green_and_still_told_and_narrower_it_is_red_again() {
    let (repo, fingerprint) = broken();
    repo.run(&["accept", &fingerprint, "--reason", "nobody reads it"]).is(0);
    let text = repo.read(&format!("contracts/accepted/{fingerprint}.toml"));
    assert!(
        text.contains("nobody reads it") && text.contains("by = \"Ada\"") && text.contains("output-required-property-removed"),
        "{text}"
    );
    let said = repo.check(&["--base", "main"]).is(0);
    assert_eq!(said.json()["summary"]["accepted"], 1);
    assert_eq!(said.json()["findings"].as_array().unwrap().last().unwrap()["accepted"]["reason"], "nobody reads it");
    repo.commit("accepted");
    repo.write("README.md", "more\n");
    repo.commit("unrelated");
    repo.check(&["--base", "main"]).is(0);
    repo.edit("app/main.py", "    id: int\n", "");
    repo.run(&["analyze", "-q"]).is(0);
    repo.check(&["--base", "main"]).is(1);
}

#[test]
fn merged_it_is_inert_and_the_same_break_made_again_is_red() {
    let (repo, fingerprint) = broken();
    repo.run(&["accept", &fingerprint, "--reason", "nobody reads it"]).is(0);
    repo.commit("accepted");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "side"]);
    repo.git(&["checkout", "-q", "-b", "next"]);
    repo.write("README.md", "more\n");
    repo.commit("unrelated");
    let said = repo.check(&["--base", "main", "--fail-on", "any"]).is(0);
    assert!(said.rules().is_empty(), "{}", said.out);
    repo.edit("app/main.py", "cost: int", "price: int");
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("price again");
    repo.git(&["checkout", "-q", "-b", "again"]);
    repo.edit("app/main.py", "price: int", "cost: int");
    repo.run(&["analyze", "-q"]).is(0);
    repo.check(&["--base", "next"]).is(1);
}

#[test]
fn a_decision_about_nothing_an_expired_one_and_a_malformed_one() {
    let (repo, fingerprint) = broken();
    repo.run(&["accept", "0123456789ab", "--reason", "a slip"]).is(2);
    repo.run(&["accept", "0123456789ab", "--reason", "a slip", "--unseen"]).is(0);
    let rules = repo.check(&["--base", "main"]).is(1).rules();
    assert!(rules.contains(&"meta-unused-acceptance".to_owned()), "{rules:?}");
    std::fs::remove_file(repo.path().join("contracts/accepted/0123456789ab.toml")).unwrap();
    repo.run(&["accept", &fingerprint, "--reason", "until the app is out", "--until", "2001-01-01"]).is(2);
    let path = format!("contracts/accepted/{fingerprint}.toml");
    repo.write(&path, &format!("fingerprint = \"{fingerprint}\"\nreason = \"until then\"\nuntil = \"2020-12-31\"\n"));
    let rules = repo.check(&["--base", "main"]).is(1).rules();
    assert!(rules.contains(&"meta-acceptance-expired".to_owned()), "{rules:?}");
    let variables = [("SOURCE_DATE_EPOCH", "1600000000")];
    repo.run_with(&["check", "--base", "main"], &variables).is(0);
    for bad in [
        "reason = \n",
        "reason = \"\"\n",
        "fingerprint = \"ffffffffffff\"\nreason = \"x\"\n",
        "rules = \"*\"\nreason = \"x\"\n",
        "<<<<<<< HEAD\n",
    ] {
        repo.write(&path, bad);
        let said = repo.run(&["check", "--base", "main"]).is(2);
        assert!(said.err.contains(&fingerprint) && said.err.contains("help:"), "{}", said.err);
    }
}

#[test]
fn places_may_be_patterns_and_rules_may_not() {
    let (repo, _) = broken();
    repo.run(&["accept", "--rule", "output-*", "--location", "*", "--reason", "x"]).is(2);
    repo.run(&["accept", "--rule", "output-required-property-removed", "--location", "*", "--reason", "not out yet"]).is(0);
    repo.check(&["--base", "main"]).is(0);
}

#[test]
fn a_trailer_of_a_commit_accepts_as_a_file_does() {
    let (repo, fingerprint) = broken();
    repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("cost\n\nContract-Break: {fingerprint} nobody reads it")]);
    let said = repo.check(&["--base", "main"]).is(0);
    assert_eq!(said.json()["summary"]["accepted"], 1);
    assert!(said.out.contains("Ada"));
}

#[test]
fn a_comment_near_the_code_accepts_with_a_reason_and_is_told_when_it_does_nothing() {
    let (repo, _) = broken();
    let mark = "# contract-agent: ignore[output-required-property-removed]";
    repo.edit("app/main.py", "class Order(", &format!("{mark} nobody reads it\nclass Order("));
    let said = repo.check(&["--base", "main"]).is(0);
    assert_eq!(said.json()["summary"]["accepted"], 1, "{}", said.out);
    repo.edit("app/main.py", " nobody reads it", "");
    let rules = repo.check(&["--base", "main"]).is(1).rules();
    assert!(rules.contains(&"meta-acceptance-malformed".to_owned()), "{rules:?}");
    repo.edit("app/main.py", &format!("{mark}\n"), "");
    repo.edit("app/main.py", "@app.get(\"/health\")", &format!("{mark} nothing\n@app.get(\"/health\")"));
    let rules = repo.check(&["--base", "main"]).is(1).rules();
    assert!(rules.contains(&"meta-unused-acceptance".to_owned()), "{rules:?}");
}

#[test]
fn a_new_major_version_lets_through_where_the_settings_say_so() {
    let (repo, _) = broken();
    repo.write("contract-agent.toml", "[guard]\nmajor_bump = \"allow\"\n");
    let said = repo.check(&["--base", "main"]).is(0);
    assert!(said.out.contains("0.1.0 → 0.2.0"), "{}", said.out);
}
