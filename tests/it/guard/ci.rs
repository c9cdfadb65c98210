//! What a change is compared with, in every way that CI systems check out.

use std::fs;
use std::path::Path;

use super::{Repo, git_in, said};

/// A branch with a break on a main that has moved on.
fn diverged() -> Repo {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.break_it();
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("side: cost");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("app/more.py", "from app.main import app\n\n\n@app.get(\"/more\")\ndef more() -> int:\n    return 1\n");
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("main: more");
    repo.git(&["checkout", "-q", "side"]);
    repo
}

/// What GitHub tells.
fn github(folder: &Path, event: &str, payload: &str) -> Vec<(String, String)> {
    let path = folder.join("event.json");
    fs::write(&path, payload).unwrap();
    let pairs = [("GITHUB_ACTIONS", "true"), ("CI", "true"), ("GITHUB_EVENT_NAME", event), ("GITHUB_EVENT_PATH", path.to_str().unwrap())];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

fn check(folder: &Path, variables: &[(String, String)]) -> super::Said {
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    said(folder, &["check", "--format", "json"], &variables)
}

#[test]
fn additions_of_a_main_that_moved_on_are_nobodys_deletions() {
    let repo = diverged();
    let said = repo.check(&["--base", "main"]).is(1);
    let rules = said.rules();
    assert!(!rules.iter().any(|rule| rule.contains("endpoint-removed")), "{rules:?}");
    assert_eq!(said.json()["summary"]["breaking"], 1);
    assert_eq!(said.json()["base"]["commit"], repo.git(&["merge-base", "main", "side"]));
}

#[test]
fn a_pull_requests_merge_commit_is_compared_with_its_first_parent_at_depth_two() {
    let repo = diverged();
    let side = repo.head();
    repo.git(&["checkout", "-q", "-b", "pull", "main"]);
    git_in(repo.path(), &["merge", "-q", "--no-edit", "side"]);
    repo.run(&["analyze", "-q"]).is(0);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "merge"]);
    for (depth, code) in [("2", 1), ("1", 2)] {
        let clone = repo.beside(&format!("depth{depth}"));
        let url = format!("file://{}", repo.path().display());
        let cloned = git_in(repo.path(), &["clone", "-q", "--depth", depth, "--branch", "pull", &url, clone.to_str().unwrap()]);
        assert!(cloned.status.success(), "{}", String::from_utf8_lossy(&cloned.stderr));
        let payload =
            format!(r#"{{"pull_request": {{"base": {{"ref": "main", "sha": "{}"}}, "head": {{"sha": "{side}"}}}}}}"#, "1".repeat(40));
        let told = check(&clone, &github(repo.beside("").as_path(), "pull_request", &payload)).is(code);
        if code == 1 {
            assert_eq!(told.json()["summary"]["breaking"], 1);
            assert_eq!(told.json()["base"]["commit"], repo.git(&["rev-parse", "main"]));
        } else {
            assert!(told.err.contains("git fetch"), "{}", told.err);
        }
    }
}

#[test]
fn a_shallow_clone_without_what_is_in_common_says_which_command_fetches_it() {
    let repo = diverged();
    let clone = repo.beside("shallow");
    let url = format!("file://{}", repo.path().display());
    git_in(repo.path(), &["clone", "-q", "--depth", "1", "--no-single-branch", "--branch", "side", &url, clone.to_str().unwrap()]);
    let told = said(&clone, &["check", "--base", "origin/main"], &[]).is(2);
    assert!(told.err.contains("git fetch --unshallow"), "{}", told.err);
    let told = said(&clone, &["check", "--base", "no-such-branch"], &[]).is(2);
    assert!(told.err.contains("no revision"), "{}", told.err);
}

#[test]
fn stacked_requests_forks_queues_and_pushes_name_their_own_base() {
    let repo = diverged();
    let side = repo.head();
    repo.git(&["checkout", "-q", "-b", "stacked"]);
    repo.edit("app/main.py", "    id: int\n", "    id: int\n    note: str | None = None\n");
    repo.run(&["analyze", "-q"]).is(0);
    let stacked = repo.commit("stacked: note");
    let folder = repo.beside("");
    let pull =
        |base: &str| format!(r#"{{"pull_request": {{"base": {{"ref": "side", "sha": "{base}"}}, "head": {{"sha": "{stacked}"}}}}}}"#);
    let told = check(repo.path(), &github(&folder, "pull_request", &pull(&side))).is(0);
    assert_eq!(told.json()["base"]["commit"], side.as_str());
    let queue = format!(r#"{{"merge_group": {{"base_sha": "{side}"}}}}"#);
    check(repo.path(), &github(&folder, "merge_group", &queue)).is(0);
    let main = repo.git(&["rev-parse", "main"]);
    let push = format!(r#"{{"before": "{side}"}}"#);
    check(repo.path(), &github(&folder, "push", &push)).is(0);
    let first = format!(r#"{{"before": "{}", "repository": {{"default_branch": "main"}}}}"#, "0".repeat(40));
    let told = check(repo.path(), &github(&folder, "push", &first)).is(1);
    assert_eq!(told.json()["base"]["commit"], repo.git(&["merge-base", &main, &stacked]));
    let gone = format!(r#"{{"before": "{}"}}"#, "2".repeat(40));
    let told = check(repo.path(), &github(&folder, "push", &gone)).is(2);
    assert!(told.err.contains("git fetch"), "{}", told.err);
    let gitlab = [("GITLAB_CI".to_owned(), "true".to_owned()), ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME".to_owned(), "side".to_owned())];
    check(repo.path(), &gitlab).is(0);
    let missing = [("CI_MERGE_REQUEST_TARGET_BRANCH_NAME".to_owned(), "elsewhere".to_owned())];
    let told = check(repo.path(), &missing).is(2);
    assert!(told.err.contains("git fetch"), "{}", told.err);
}

#[test]
fn a_base_without_contracts_is_read_from_its_code() {
    let repo = Repo::bare_bones();
    repo.commit("code alone");
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("contracts");
    let said = repo.check(&["--base", "HEAD~1"]).is(0);
    assert_eq!(said.rules(), ["meta-baseline-missing"]);
    assert!(said.json()["notes"][0].as_str().unwrap().contains("no contracts are committed"));
    repo.break_it();
    repo.run(&["analyze", "-q"]).is(0);
    let said = repo.check(&["--base", "HEAD~1"]).is(1);
    assert_eq!(said.json()["summary"]["breaking"], 1);
}

#[test]
fn an_upgrade_of_the_program_is_no_break() {
    let repo = Repo::new();
    for path in repo.git(&["ls-files", "contracts"]).lines() {
        let text = repo.read(path).replace(&format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"version\": \"0.0.1\"");
        repo.write(path, &text.replace("/orders/{order_id}", "/orders/{id_of_old}"));
    }
    repo.commit("as an older version wrote it");
    repo.git(&["rm", "-rq", "contracts"]);
    repo.run(&["analyze", "-q"]).is(0);
    let said = repo.check(&["--base", "HEAD"]).is(0);
    assert!(said.rules().is_empty(), "{}", said.out);
    assert!(said.json()["notes"][0].as_str().unwrap().contains("0.0.1"));
}

#[test]
fn tags_and_revisions_are_compared_without_a_checkout() {
    let repo = Repo::new();
    repo.git(&["tag", "v1"]);
    repo.break_it();
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("cost");
    repo.git(&["tag", "v2"]);
    let before = repo.state();
    for arguments in [&["diff", "v1", "v2", "--format", "json"][..], &["diff", "v1", "v2", "--derive", "--format", "json"]] {
        let said = repo.run(arguments).is(1);
        assert_eq!(said.json()["summary"]["breaking"], 1, "{}", said.out);
        assert_eq!(said.json()["findings"][0]["source"]["line"], 7);
    }
    repo.run(&["diff", "v2", "v2"]).is(0);
    repo.check(&["--rev", "v2", "--base", "v1"]).is(1);
    repo.check(&["--rev", "v2", "--base", "v2"]).is(0);
    assert_eq!(repo.state(), before);
}

#[test]
fn without_a_repository_or_a_commit_there_is_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let told = said(folder.path(), &["check", "--staged"], &[]).is(2);
    assert!(told.err.contains("help:"), "{}", told.err);
    said(folder.path(), &["check", "--base", "main"], &[]).is(2);
    let repo = Repo::bare_bones();
    repo.run(&["analyze", "-q"]).is(0);
    repo.check(&["--base", "main"]).is(0);
}
