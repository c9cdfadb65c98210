//! Hooks beside the hooks of others, contracts in the index, merges of contracts, setting a repository up.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const APP: &str = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get(\"/items\")\ndef items() -> int: ...\n";

/// A repository of a program with one operation.
struct Repo {
    dir: TempDir,
}

impl Repo {
    fn new() -> Self {
        let repo = Self { dir: tempfile::tempdir().unwrap() };
        repo.git(&["init", "-q"]);
        repo.write("main.py", APP);
        repo
    }

    fn at(&self) -> &Path {
        self.dir.path()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.at().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// One more operation.
    fn serve(&self, name: &str) {
        self.write("main.py", &format!("{}\n\n@app.get(\"/{name}\")\ndef {name}() -> int: ...\n", self.read("main.py")));
    }

    /// A program with our own first on the path.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let own = Path::new(env!("CARGO_BIN_EXE_contract-agent")).parent().unwrap().to_path_buf();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path))).unwrap();
        command.current_dir(self.at()).stdin(Stdio::null()).env("PATH", path).env("NO_COLOR", "1");
        for (name, _) in std::env::vars_os() {
            let told = name.to_string_lossy();
            if told.starts_with("CONTRACT_AGENT_") || told.starts_with("GIT_") || matches!(&*told, "CI" | "GITHUB_ACTIONS" | "GITLAB_CI") {
                command.env_remove(&name);
            }
        }
        command.env("GIT_CONFIG_GLOBAL", self.path(".git/none")).env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    fn try_git(&self, args: &[&str]) -> Output {
        let identity = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
        self.command("git").args(identity).args(args).output().unwrap()
    }

    fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "."]);
        self.git(&["commit", "-q", "--no-verify", "-m", message]);
    }

    fn try_run(&self, args: &[&str]) -> Output {
        self.command("contract-agent").args(args).output().unwrap()
    }

    /// Runs our program; its stdout.
    fn run(&self, args: &[&str]) -> String {
        let output = self.try_run(args);
        assert!(output.status.success(), "{args:?}: {}{}", told(&output), String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The program with its contracts, committed.
    fn with_contracts() -> Self {
        let repo = Self::new();
        repo.run(&["analyze", "-q"]);
        repo.commit("contracts");
        repo
    }

    /// Every file but git's objects and records, and whether it may be run.
    fn files(&self) -> BTreeMap<String, (Vec<u8>, bool)> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.at().to_path_buf()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.at()).unwrap().to_str().unwrap().replace('\\', "/");
                if path.is_dir() && !path.is_symlink() {
                    if name != ".git/objects" && name != ".contract-agent" {
                        open.push(path);
                    }
                } else if !name.starts_with(".git/") || name.starts_with(".git/hooks/") || name == ".git/config" {
                    found.insert(name, (fs::read(&path).unwrap(), can_run(&path)));
                }
            }
        }
        found
    }
}

#[cfg(unix)]
fn can_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn can_run(_path: &Path) -> bool {
    true
}

#[cfg(unix)]
fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Installing changes something, a second time nothing more; uninstalling gives every byte back.
fn check_restored(repo: &Repo, install: &[&str]) -> BTreeMap<String, (Vec<u8>, bool)> {
    let before = repo.files();
    repo.run(install);
    let installed = repo.files();
    assert_ne!(installed, before);
    assert!(repo.try_run(&["hook", "status"]).status.success());
    repo.run(install);
    assert_eq!(repo.files(), installed, "installing again changes nothing");
    repo.run(&["hook", "uninstall"]);
    let after = repo.files();
    for (name, file) in &before {
        assert_eq!(after.get(name).map(|file| String::from_utf8_lossy(&file.0)), Some(String::from_utf8_lossy(&file.0)), "{name}");
    }
    assert_eq!(after, before);
    assert_eq!(repo.try_run(&["hook", "status"]).status.code(), Some(1));
    repo.run(install);
    installed
}

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

#[test]
fn husky_gets_lines_at_the_end() {
    for (text, is_set) in [(None, true), (Some("npm test"), true), (Some("npm test\n"), false)] {
        let repo = Repo::with_contracts();
        repo.write(".husky/_/h", "");
        if is_set {
            repo.git(&["config", "core.hooksPath", ".husky/_"]);
        }
        if let Some(text) = text {
            repo.write(".husky/pre-commit", text);
        }
        let installed = check_restored(&repo, &["hook", "install"]);
        let found = String::from_utf8_lossy(&installed[".husky/pre-commit"].0).into_owned();
        assert!(found.starts_with(text.unwrap_or("# contract-agent:begin new\n")) && found.ends_with("# contract-agent:end\n"), "{found}");
    }
}

#[test]
fn lefthook_gets_a_command_where_its_commands_are() {
    let cases = [
        ("", "pre-commit:\n  commands:\n    contract-agent:\n      run: contract-agent hook run\n"),
        ("pre-push:\n  jobs:\n    - run: x", "\npre-commit:\n  commands:\n    contract-agent:\n"),
        (
            "pre-commit:\n  parallel: true\n  jobs:\n    - name: lint\n      run: x\n",
            "  jobs:\n    # contract-agent:begin\n    - name: contract-agent\n      run: contract-agent hook run\n    # contract-agent:end\n    - name: lint\n",
        ),
        (
            "pre-commit:\n  jobs:\n  - run: x\n",
            "  jobs:\n  # contract-agent:begin\n  - name: contract-agent\n    run: contract-agent hook run\n  # contract-agent:end\n  - run: x\n",
        ),
        (
            "pre-commit:\n  commands:\n\n    lint:\n      run: x\n",
            "  commands:\n    # contract-agent:begin\n    contract-agent:\n      run: contract-agent hook run\n    # contract-agent:end\n\n    lint:\n",
        ),
    ];
    for (text, wanted) in cases {
        let repo = Repo::with_contracts();
        repo.write("lefthook.yml", text);
        let installed = check_restored(&repo, &["hook", "install"]);
        let found = String::from_utf8_lossy(&installed["lefthook.yml"].0).replace("# contract-agent:begin joined\n", "");
        assert!(found.contains(wanted), "{found}");
    }
    let repo = Repo::with_contracts();
    repo.write("lefthook.yml", "pre-commit: { jobs: [{ run: x }] }\n");
    let printed = repo.try_run(&["hook", "install"]);
    assert_eq!(printed.status.code(), Some(1), "what cannot be placed is printed");
    assert!(String::from_utf8_lossy(&printed.stdout).contains("run: contract-agent hook run"));
    assert_eq!(repo.read("lefthook.yml"), "pre-commit: { jobs: [{ run: x }] }\n");
}

#[test]
fn pre_commit_gets_a_local_repository_at_the_end_of_its_list() {
    let cases = [
        "repos:\n  - repo: https://example.org/a\n    rev: v1\n    hooks:\n      - id: a\n",
        "repos:\n- repo: https://example.org/a\n  rev: v1\n  hooks:\n  - id: a",
        "# first\nrepos:\n\n  # a\n  - repo: https://example.org/a\n    rev: v1\n    hooks: [{id: a}]\n\n# after\nfail_fast: true\n",
    ];
    for text in cases {
        let repo = Repo::with_contracts();
        repo.write(".pre-commit-config.yaml", text);
        let installed = check_restored(&repo, &["hook", "install", "--write"]);
        let found = String::from_utf8_lossy(&installed[".pre-commit-config.yaml"].0).into_owned();
        let read: serde_json::Value = serde_yaml::from_str(&found).unwrap();
        assert_eq!(read["repos"].as_array().unwrap().len(), 2, "{found}");
        assert_eq!(read["repos"][1]["hooks"][0]["entry"], "contract-agent hook run --write", "{found}");
        assert_eq!(read["fail_fast"].as_bool(), text.contains("fail_fast").then_some(true));
    }
    let repo = Repo::with_contracts();
    repo.write(".pre-commit-config.yaml", "repos: []\n");
    assert_eq!(repo.try_run(&["hook", "install"]).status.code(), Some(1));
    assert_eq!(repo.read(".pre-commit-config.yaml"), "repos: []\n");
}

#[test]
fn overcommit_is_told_what_to_add() {
    let repo = Repo::with_contracts();
    repo.write(".overcommit.yml", "PreCommit: {}\n");
    let before = repo.files();
    let printed = repo.try_run(&["hook", "install"]);
    assert_eq!(printed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&printed.stdout).contains("command: [contract-agent, hook, run]"));
    assert_eq!(repo.files(), before);
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

#[cfg(unix)]
#[test]
fn a_hook_that_writes_commits_the_contracts_of_what_is_staged() {
    let repo = Repo::with_contracts();
    repo.run(&["hook", "install", "--write"]);
    repo.serve("staged");
    repo.git(&["add", "main.py"]);
    repo.serve("later");
    repo.git(&["commit", "-q", "-m", "staged"]);
    let api = repo.git(&["grep", "-h", "-e", "/staged", "-e", "/later", "HEAD", "--", "contracts"]);
    assert!(api.contains("/staged") && !api.contains("/later"), "{api}");
    assert_eq!(repo.git(&["status", "--short"]), " M main.py\n");
    repo.git(&["commit", "-q", "-am", "later"]);
    assert_eq!(repo.git(&["status", "--short"]), "");
    repo.serve("partly");
    let refused = repo.try_git(&["commit", "-q", "-m", "partly", "main.py"]);
    assert!(!refused.status.success() && told(&refused).contains("takes only the paths"), "{}", told(&refused));
}

#[test]
fn what_is_staged_goes_into_the_index_and_an_edited_file_stays() {
    let repo = Repo::with_contracts();
    let readme = format!("{}mine\n", repo.read("contracts/README.md"));
    repo.write("contracts/README.md", &readme);
    repo.serve("more");
    repo.git(&["add", "main.py"]);
    let output = repo.try_run(&["analyze", "--staged", "-q"]);
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(repo.read("contracts/README.md"), readme, "it differs from the index, so it stays");
    assert!(repo.git(&["show", ":contracts/README.md"]).contains("2"));
    assert!(!repo.git(&["show", ":contracts/README.md"]).contains("mine"));
    let status = repo.git(&["status", "--short"]);
    assert!(status.contains("MM contracts/README.md") && status.contains("M  contracts/repo_contract.json"), "{status}");
    repo.write("contracts/README.md", "# Not ours\n");
    repo.git(&["add", "."]);
    repo.serve("most");
    repo.git(&["add", "main.py"]);
    let refused = repo.try_run(&["analyze", "--staged", "-q"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(told(&refused).contains("README.md"));
}

/// A repository in which two branches serve something more each.
fn diverged(merge_driver: bool) -> Repo {
    let repo = Repo::with_contracts();
    if merge_driver {
        repo.run(&["hook", "install", "--merge-driver"]);
        repo.run(&["hook", "uninstall"]);
        assert!(!repo.path(".gitattributes").exists());
        repo.run(&["hook", "install", "--merge-driver"]);
        repo.commit("attributes");
    }
    for (branch, file) in [("left", "left.py"), ("right", "right.py")] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        repo.write(file, &format!("{}\n\n@app.get(\"/{branch}\")\ndef {branch}() -> int: ...\n", APP.split("\n\n\n").next().unwrap()));
        repo.run(&["analyze", "-q"]);
        repo.commit(branch);
    }
    repo
}

fn check_resolved(repo: &Repo) {
    let printed = repo.run(&["resolve"]);
    assert!(printed.starts_with("resolved by deriving anew, and staged: ") && printed.contains("repo_contract.json"), "{printed}");
    assert_eq!(repo.git(&["ls-files", "-u"]), "");
    repo.git(&["commit", "-q", "--no-verify", "-m", "merged"]);
    assert_eq!(repo.git(&["status", "--short"]), "");
    repo.run(&["validate", "-q"]);
    repo.run(&["analyze", "-q"]);
    assert_eq!(repo.git(&["status", "--short"]), "", "they are what the merged code yields");
    assert_eq!(repo.run(&["resolve"]), "there is no conflict in the contracts\n");
}

#[test]
fn conflicts_in_contracts_are_resolved_by_deriving_anew() {
    let repo = diverged(false);
    assert!(!repo.try_git(&["merge", "-q", "left", "-m", "merge"]).status.success());
    assert!(repo.read("contracts/repo_contract.json").contains("<<<<<<< "));
    check_resolved(&repo);
}

#[test]
fn a_merge_driver_leaves_no_marks() {
    let repo = diverged(true);
    assert!(!repo.try_git(&["merge", "-q", "left", "-m", "merge"]).status.success());
    assert!(!repo.read("contracts/repo_contract.json").contains("<<<<<<< "));
    check_resolved(&repo);
}

#[test]
fn sources_are_merged_before_contracts() {
    let repo = Repo::with_contracts();
    for branch in ["left", "right"] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        repo.serve(branch);
        repo.run(&["analyze", "-q"]);
        repo.commit(branch);
    }
    assert!(!repo.try_git(&["merge", "-q", "left", "-m", "merge"]).status.success());
    let refused = repo.try_run(&["resolve"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("main.py") && told(&refused).contains("help: resolve and `git add` them first"), "{}", told(&refused));
    repo.write("main.py", APP);
    repo.git(&["add", "main.py"]);
    check_resolved(&repo);
}

#[test]
fn init_sets_up_what_is_missing() {
    let empty = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
        command.current_dir(empty.path()).arg("init").args(args).stdin(Stdio::null()).output().unwrap()
    };
    let asked = run(&[]);
    assert_eq!(asked.status.code(), Some(2), "nobody can answer");
    assert!(run(&["--dry-run"]).status.success() && fs::read_dir(empty.path()).unwrap().count() == 0);
    let done = run(&["--yes"]);
    assert!(done.status.success() && done.stdout.is_empty() && done.stderr.is_empty(), "{}", told(&done));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 1, "without a repository there are only settings");

    let repo = Repo::new();
    repo.run(&["init", "--yes"]);
    let github = repo.read(".github/workflows/contracts.yml");
    assert!(github.contains(env!("CARGO_PKG_VERSION")) && !github.contains("@VERSION@"), "{github}");
    let _: serde_json::Value = serde_yaml::from_str(&github).unwrap();
    repo.run(&["analyze", "-q"]);
    repo.run(&["hook", "status"]);
    let before = repo.files();
    let again = repo.run(&["init", "--yes"]);
    assert_eq!((repo.files(), again.is_empty()), (before, false), "a second time there is nothing to do");

    let repo = Repo::new();
    repo.git(&["remote", "add", "origin", "https://gitlab.example.org/a/b.git"]);
    repo.write("contract-agent.toml", "jobs = 1\n");
    repo.write(".husky/pre-commit", "npm test\n");
    repo.run(&["init", "--yes"]);
    assert_eq!(repo.read("contract-agent.toml"), "jobs = 1\n");
    assert!(repo.read(".husky/pre-commit").starts_with("npm test\n# contract-agent:begin\n"));
    let job: serde_json::Value = serde_yaml::from_str(&repo.read(".gitlab-ci.yml")).unwrap();
    assert!(job["contracts"]["script"].is_array() && !repo.path(".github").exists());
    let repo = Repo::new();
    repo.write(".gitlab-ci.yml", "test:\n  script: [x]\n");
    let printed = repo.run(&["init", "--yes"]);
    assert!(printed.contains("left to you: add this job to .gitlab-ci.yml"), "{printed}");
    assert_eq!(repo.read(".gitlab-ci.yml"), "test:\n  script: [x]\n");
}

#[test]
fn what_ci_and_pre_commit_are_given_can_be_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| -> serde_json::Value { serde_yaml::from_str(&fs::read_to_string(root.join(name)).unwrap()).unwrap() };
    let action = read("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    for step in action["runs"]["steps"].as_array().unwrap() {
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "inputs come through the environment: {script}");
        let mut shell = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
    }
    for hook in read(".pre-commit-hooks.yaml").as_array().unwrap() {
        assert!(hook["entry"].as_str().unwrap().starts_with("contract-agent hook run") && hook["pass_filenames"] == false);
    }
    assert!(read(".gitlab/contract-agent.yml")["contracts"]["script"].is_array());
    assert!(read(".github/workflows/contracts.yml")["jobs"]["check"]["steps"].is_array());
}

/// Waits for something that another process does.
fn eventually(is_so: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if is_so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn watching_keeps_the_contracts_current() {
    for extra in [&[][..], &["--poll", "1"]] {
        let repo = Repo::new();
        let log = fs::File::create(repo.path("log.txt")).unwrap();
        let mut child = repo.command("contract-agent").args(["watch", "--debounce", "50"]).args(extra).stdout(log).spawn().unwrap();
        let all = || {
            let mut text = String::new();
            for entry in fs::read_dir(repo.path("contracts/features")).into_iter().flatten().flatten() {
                text.push_str(&fs::read_to_string(entry.path().join("api_contract.yaml")).unwrap_or_default());
            }
            text
        };
        let first = eventually(|| all().contains("/items"));
        repo.serve("more");
        let second = eventually(|| all().contains("/more"));
        repo.write("new/deep/app.py", &APP.replace("items", "deep"));
        let third = eventually(|| all().contains("/deep"));
        std::thread::sleep(Duration::from_millis(1500));
        let runs = repo.read("log.txt").lines().count();
        std::thread::sleep(Duration::from_millis(1500));
        let idle = repo.read("log.txt").lines().count() - runs;
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(first && second && third, "{extra:?}: {first} {second} {third}: {}", repo.read("log.txt"));
        assert_eq!(idle, 0, "nothing runs while nothing changes");
    }
}

#[test]
fn the_log_tells_each_change_with_its_commit() {
    let repo = Repo::with_contracts();
    for name in ["more", "most"] {
        repo.serve(name);
        repo.run(&["analyze", "-q"]);
        repo.commit(&format!("serve {name}"));
        repo.write("notes.txt", name);
        repo.commit("nothing of ours");
    }
    let told = repo.run(&["log"]);
    let at = |word: &str| told.find(word).unwrap_or_else(|| panic!("{word}: {told}"));
    assert!(at("serve most") < at("GET /most") && at("GET /most") < at("serve more") && at("serve more") < at("GET /more"), "{told}");
    assert!(!told.contains("nothing of ours"), "{told}");
    let one = repo.run(&["log", "get /more"]);
    assert!(one.contains("serve more") && !one.contains("serve most"), "{one}");
    let read: serde_json::Value = serde_json::from_str(&repo.run(&["log", "/most", "--format", "json"])).unwrap();
    assert_eq!(read["commits"].as_array().unwrap().len(), 1, "{read}");
    assert_eq!(read["commits"][0]["changes"][0]["location"]["subject"], "GET /most");
    let unknown = repo.try_run(&["log", "GET /mots"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `GET /most`?"), "{unknown:?}");
}

#[test]
fn a_history_without_contracts_is_derived_as_far_as_it_may() {
    let repo = Repo::new();
    repo.commit("first");
    for name in ["more", "most"] {
        repo.serve(name);
        repo.commit(&format!("serve {name}"));
    }
    let told = repo.run(&["log"]);
    assert!(told.contains("serve most") && told.contains("first\u{20}(T)"), "{told}");
    let short = repo.try_run(&["log", "--derive", "2"]);
    assert!(short.status.success());
    assert!(!String::from_utf8_lossy(&short.stdout).contains("first (T)"), "{short:?}");
    assert!(String::from_utf8_lossy(&short.stderr).contains("`--derive N` allows more"), "{short:?}");
}
