//! Hooks of git itself: a hook that is there, one that is switched off, a folder of hooks, linked worktrees.

use std::fs;
use std::process::Command;

use super::{APP, Repo, check_restored, script, told};

#[cfg(unix)]
#[test]
fn a_plain_hook_stops_a_commit_whose_contracts_lag_behind() {
    let repo = Repo::with_contracts();
    check_restored(&repo, &["hook", "install"]);
    repo.serve("more");
    repo.git(&["add", "."]);
    let before = (repo.files(), repo.git(&["stash", "list"]), repo.git(&["ls-files", "-s"]));
    let refused = repo.try_git(&["commit", "-q", "-m", "more"]);
    assert!(!refused.status.success());
    assert_eq!((repo.files(), repo.git(&["stash", "list"]), repo.git(&["ls-files", "-s"])), before);
    repo.git(&["commit", "-q", "--no-verify", "-m", "on purpose"]);
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    let skipped = repo
        .command("git")
        .env("CONTRACT_AGENT_SKIP", "1")
        .args(["-c", "user.name=T", "-c", "user.email=t@example.org"])
        .args(["commit", "-q", "-m", "skipped"])
        .output();
    assert!(skipped.unwrap().status.success());
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    repo.run(&["analyze", "--staged", "-q"]);
    repo.git(&["commit", "-q", "-m", "more"]);
    assert_eq!(repo.git(&["status", "--short"]), "");
}

#[cfg(unix)]
#[test]
fn a_hook_that_is_there_runs_after_ours_and_decides() {
    let repo = Repo::with_contracts();
    script(&repo.path(".git/hooks/pre-commit"), "#!/usr/bin/env bash\necho ran > ran.log\nexit 3");
    check_restored(&repo, &["hook", "install"]);
    assert!(!repo.try_git(&["commit", "-q", "--allow-empty", "-m", "x"]).status.success());
    assert_eq!(repo.read("ran.log"), "ran\n");
}

#[cfg(unix)]
#[test]
fn a_hook_that_is_no_shell_script_is_called() {
    let repo = Repo::with_contracts();
    script(&repo.path(".git/hooks/pre-commit"), "#!/usr/bin/env -S awk -f\nBEGIN { print \"ran\" > \"ran.log\"; exit 3 }\n");
    check_restored(&repo, &["hook", "install"]);
    let refused = repo.try_git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(!refused.status.success());
    assert_eq!(repo.read("ran.log"), "ran\n", "{}", told(&refused));
    fs::remove_file(repo.path("ran.log")).unwrap();
    repo.serve("more");
    repo.git(&["add", "main.py"]);
    assert!(!repo.try_git(&["commit", "-q", "-m", "x"]).status.success());
    assert!(!repo.path("ran.log").exists(), "ours comes first");
}

#[cfg(unix)]
#[test]
fn a_hook_that_is_switched_off_stays_off() {
    let repo = Repo::with_contracts();
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 3\n");
    check_restored(&repo, &["hook", "install"]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
}

#[cfg(unix)]
#[test]
fn a_merge_is_checked_too() {
    let repo = Repo::with_contracts();
    repo.run(&["hook", "install"]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("side.py", "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get(\"/side\")\ndef side() -> int: ...\n");
    repo.commit("side without contracts");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("notes.txt", "x");
    repo.commit("main goes on");
    assert!(!repo.try_git(&["merge", "-q", "side", "-m", "merge"]).status.success());
}

#[cfg(unix)]
#[test]
fn a_folder_of_hooks_in_the_repository_is_used_and_one_outside_is_not_touched() {
    let repo = Repo::with_contracts();
    script(&repo.path("tools/hooks/pre-commit"), "#!/bin/sh\necho theirs\n");
    repo.git(&["config", "core.hooksPath", "tools/hooks"]);
    let installed = check_restored(&repo, &["hook", "install"]);
    assert!(String::from_utf8_lossy(&installed["tools/hooks/pre-commit"].0).contains("contract-agent hook run"));
    repo.run(&["hook", "uninstall"]);
    let outside = tempfile::tempdir().unwrap();
    repo.git(&["config", "core.hooksPath", outside.path().to_str().unwrap()]);
    let printed = repo.try_run(&["hook", "install"]);
    assert_eq!(printed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&printed.stdout).contains("contract-agent hook run || exit $?"));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

/// A git that says it is newer than it is.
#[cfg(unix)]
#[test]
fn a_newer_git_gets_the_hook_in_its_settings() {
    let repo = Repo::with_contracts();
    let bin = tempfile::tempdir().unwrap();
    let real = String::from_utf8(Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout).unwrap();
    let text = format!(
        "#!/bin/sh\nfor word; do if [ \"$word\" = version ]; then echo git version 2.55.0; exit; fi; done\nexec {} \"$@\"\n",
        real.trim()
    );
    script(&bin.path().join("git"), &text);
    let path =
        std::env::join_paths(std::iter::once(bin.path().to_path_buf()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())))
            .unwrap();
    let run = |args: &[&str]| {
        let output = repo.command(env!("CARGO_BIN_EXE_contract-agent")).env("PATH", &path).args(args).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
    };
    let before = repo.files();
    run(&["hook", "install"]);
    run(&["hook", "install"]);
    assert_eq!(repo.git(&["config", "--get-all", "hook.contract-agent.event"]), "pre-commit\npre-merge-commit\n");
    let command = repo.git(&["config", "--get-all", "hook.contract-agent.command"]);
    assert!(command.trim_end().ends_with("|| contract-agent hook run") && command.lines().count() == 1, "{command}");
    assert!(!repo.path(".git/hooks/pre-commit").exists());
    run(&["hook", "status"]);
    run(&["hook", "uninstall"]);
    assert_eq!(repo.files(), before);
}

#[cfg(unix)]
#[test]
fn a_linked_worktree_has_the_same_hooks() {
    let repo = Repo::with_contracts();
    let side = tempfile::tempdir().unwrap();
    let path = side.path().join("side");
    repo.git(&["worktree", "add", "-q", path.to_str().unwrap(), "-b", "side"]);
    let output = repo.command("contract-agent").current_dir(&path).args(["hook", "install"]).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    assert!(repo.path(".git/hooks/pre-commit").exists());
    fs::write(path.join("main.py"), format!("{APP}\n\n@app.get(\"/x\")\ndef x() -> int: ...\n")).unwrap();
    let commit = |args: &[&str]| {
        repo.command("git").current_dir(&path).args(["-c", "user.name=T", "-c", "user.email=t@example.org"]).args(args).output().unwrap()
    };
    assert!(!commit(&["commit", "-q", "-am", "x"]).status.success());
    let output = repo.command("contract-agent").current_dir(&path).args(["hook", "install", "--write"]).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let written = commit(&["commit", "-q", "-am", "x"]);
    assert!(written.status.success(), "{}", told(&written));
    assert_eq!(String::from_utf8_lossy(&commit(&["status", "--short"]).stdout), "");
    assert_eq!(repo.git(&["status", "--short"]), "", "the other work tree is not touched");
}
