//! Hooks beside the hooks of others, contracts in the index, merges of contracts, setting a repository up.

mod index;
mod managers;
mod plain;
mod setup;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

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
