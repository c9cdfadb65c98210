//! `check --staged`, as git's hooks run it: the index decides, whatever lies around, and nothing is touched.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{Repo, git_in, said};

/// A commit hook that checks what is staged.
fn with_hook(repo: &Repo) {
    let hook = repo.path().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\nexec '{}' check --staged\n", env!("CARGO_BIN_EXE_contract-agent"))).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
}

fn commits(repo: &Repo, arguments: &[&str]) -> bool {
    git_in(repo.path(), &[&["commit", "-q"], arguments].concat()).status.success()
}

#[test]
fn nothing_is_touched_whatever_is_found() {
    let repo = Repo::new();
    repo.write("notes.txt", "mine");
    repo.break_it();
    repo.git(&["stash", "-q"]);
    repo.break_it();
    repo.git(&["add", "app"]);
    repo.edit("app/main.py", "    cost: int", "    cost: str");
    let before = repo.state();
    repo.check(&["--staged"]).is(1);
    repo.check(&["--staged", "--base", "HEAD"]).is(1);
    repo.check(&[]).is(1);
    assert_eq!(repo.state(), before);
}

#[test]
fn the_index_decides_and_not_what_lies_around() {
    let repo = Repo::new();
    // Stale on the disk, nothing staged.
    repo.break_it();
    repo.check(&["--staged"]).is(0);
    repo.check(&[]).is(1);
    // Staged without the contracts.
    repo.git(&["add", "app"]);
    let said = repo.check(&["--staged"]).is(1);
    assert!(said.out.contains("contract-agent analyze --staged"));
    // Written and not staged.
    repo.run(&["analyze", "-q"]).is(0);
    repo.check(&["--staged"]).is(1);
    repo.git(&["add", "contracts"]);
    repo.check(&["--staged"]).is(0);
    // Good in the index, whatever the disk says now.
    repo.write("app/main.py", "nothing\n");
    repo.check(&["--staged"]).is(0);
}

#[test]
fn commits_of_every_kind_are_judged_by_what_they_hold() {
    let repo = Repo::bare_bones();
    with_hook(&repo);
    repo.git(&["add", "app", "requirements.txt"]);
    assert!(!commits(&repo, &["-m", "first, without contracts"]));
    repo.run(&["analyze", "-q"]).is(0);
    repo.git(&["add", "-A"]);
    assert!(commits(&repo, &["-m", "first"]));
    repo.break_it();
    assert!(!commits(&repo, &["-am", "all, without contracts"]));
    assert!(!commits(&repo, &["-m", "some", "app/main.py"]));
    repo.run(&["analyze", "-q"]).is(0);
    assert!(!commits(&repo, &["-m", "some, contracts not among them", "app/main.py"]));
    assert!(commits(&repo, &["-m", "both", "app", "contracts"]));
    repo.edit("app/main.py", "    cost: int", "    worth: int");
    repo.edit("app/main.py", "cost=1", "worth=1");
    repo.git(&["add", "app"]);
    assert!(!commits(&repo, &["--amend", "--no-edit"]));
    repo.run(&["analyze", "-q"]).is(0);
    assert!(commits(&repo, &["-a", "--amend", "--no-edit"]));
    assert!(commits(&repo, &["--allow-empty", "-m", "nothing"]));
}

#[test]
fn renamed_deleted_and_merely_announced_files_count_as_the_commit_will_hold_them() {
    let repo = Repo::new();
    repo.git(&["mv", "app/main.py", "app/api.py"]);
    repo.check(&["--staged"]).is(1);
    repo.run(&["analyze", "-q"]).is(0);
    repo.git(&["add", "-A"]);
    repo.check(&["--staged"]).is(0);
    repo.commit("renamed");
    repo.write("app/more.py", "from app.api import app\n\n\n@app.get(\"/more\")\ndef more() -> int:\n    return 1\n");
    repo.git(&["add", "-N", "app/more.py"]);
    repo.check(&["--staged"]).is(0);
    repo.git(&["add", "app/more.py"]);
    repo.check(&["--staged"]).is(1);
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["rm", "-q", "app/api.py"]);
    repo.check(&["--staged"]).is(1);
}

#[test]
fn a_linked_worktree_has_an_index_of_its_own() {
    let repo = Repo::new();
    let other = repo.beside("other");
    repo.git(&["worktree", "add", "-q", "-b", "side", other.to_str().unwrap()]);
    repo.break_it();
    repo.git(&["add", "-A"]);
    said(&other, &["check", "--staged"], &[]).is(0);
    fs::write(other.join("app/main.py"), super::MAIN.replace("price", "cost")).unwrap();
    git_in(&other, &["add", "-A"]);
    said(&other, &["check", "--staged"], &[]).is(1);
    repo.git(&["reset", "-q", "--hard"]);
    repo.check(&["--staged"]).is(0);
    said(&other, &["check", "--staged"], &[]).is(1);
}

#[test]
fn a_merge_with_conflicts_gives_no_verdict() {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit("app/main.py", "    price: int", "    price: str");
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.edit("app/main.py", "    price: int", "    price: float");
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("main");
    assert!(!git_in(repo.path(), &["merge", "-q", "side"]).status.success());
    let said = repo.run(&["check", "--staged"]).is(2);
    assert!(said.err.contains("a merge is in progress") && said.err.contains("help:"), "{}", said.err);
    let said = repo.run(&["check"]).is(2);
    assert!(said.err.contains("contract-agent resolve"), "{}", said.err);
}

#[test]
fn breaks_since_the_branch_that_is_followed_are_shown_and_fail_when_asked() {
    let repo = Repo::new();
    let copy = repo.beside("copy");
    assert!(git_in(repo.path(), &["clone", "-q", ".", copy.to_str().unwrap()]).status.success());
    let text = fs::read_to_string(copy.join("app/main.py")).unwrap();
    fs::write(copy.join("app/main.py"), text.replace("price", "cost")).unwrap();
    said(&copy, &["analyze", "-q"], &[]).is(0);
    git_in(&copy, &["add", "-A"]);
    let told = said(&copy, &["check", "--staged", "--format", "json"], &[]).is(0);
    assert_eq!(told.json()["base"]["name"], "origin/main");
    assert_eq!(told.json()["summary"]["breaking"], 1);
    said(&copy, &["check", "--staged", "--fail-on", "breaking"], &[]).is(1);
    fs::write(copy.join("contract-agent.toml"), "[guard]\nfail_on_staged = \"breaking\"\n").unwrap();
    said(&copy, &["check", "--staged"], &[]).is(1);
}

#[test]
fn a_sparse_checkout_is_told_and_what_reads_it_whole() {
    let repo = Repo::new();
    repo.git(&["sparse-checkout", "set", "app"]);
    let said = repo.run(&["check"]).is(2);
    assert!(said.err.contains("sparse checkout") && said.err.contains("--staged"), "{}", said.err);
    repo.break_it();
    repo.git(&["add", "app"]);
    repo.check(&["--staged"]).is(1);
    repo.check(&["--rev", "HEAD"]).is(0);
}

#[test]
fn contracts_that_git_does_not_know_count_on_the_disk_alone() {
    let repo = Repo::new();
    repo.git(&["rm", "-rq", "--cached", "contracts"]);
    repo.check(&[]).is(0);
    let said = repo.check(&["--staged"]).is(1);
    assert_eq!(said.rules(), ["meta-contract-missing"]);
}

#[test]
fn what_stands_in_a_submodule_is_not_judged_here() {
    let repo = Repo::new();
    let other = Repo::new();
    let url = other.path().to_str().unwrap();
    repo.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", url, "vendor"]);
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("submodule");
    fs::write(repo.path().join("vendor/app/main.py"), "nothing\n").unwrap();
    repo.check(&[]).is(0);
    repo.check(&["--staged"]).is(0);
}
