//! The gate as people meet it: real repositories, the program as a process, git as it is.

mod accepting;
mod ci;
mod documents;
mod drift;
mod hook;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A service with one operation, one model and one table.
pub const MAIN: &str = r#"from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Order(BaseModel):
    id: int
    price: int


@app.get("/orders/{order_id}")
def read_order(order_id: int) -> Order:
    return Order(id=order_id, price=1)


@app.get("/health")
def health() -> dict[str, str]:
    return {}
"#;

/// A repository on the disk.
pub struct Repo {
    folder: TempDir,
    at: PathBuf,
}

/// What the program said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// The open findings at a level, as rule and place.
    pub fn rules(&self) -> Vec<String> {
        let report = self.json();
        let findings = report["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
    }

    #[track_caller]
    pub fn is(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.out, self.err);
        self
    }
}

impl Repo {
    /// A repository with the service and no commit.
    pub fn bare_bones() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("shop");
        fs::create_dir(&at).unwrap();
        let repo = Self { folder, at };
        repo.git(&["init", "-q", "-b", "main", "."]);
        repo.git(&["config", "user.name", "Ada"]);
        repo.git(&["config", "user.email", "ada@example.com"]);
        repo.write("app/main.py", MAIN);
        repo.write("requirements.txt", "fastapi\n");
        repo
    }

    /// The same with contracts, all committed.
    pub fn new() -> Self {
        let repo = Self::bare_bones();
        repo.run(&["analyze", "-q"]).is(0);
        repo.commit("first");
        repo
    }

    pub fn path(&self) -> &Path {
        &self.at
    }

    /// A folder beside the repository.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.at.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at.join(path)).unwrap()
    }

    /// Replaces text in a file.
    #[track_caller]
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from}");
        self.write(path, &text.replace(from, to));
    }

    /// Renames the member that others read.
    pub fn break_it(&self) {
        self.edit("app/main.py", "    price: int", "    cost: int");
        self.edit("app/main.py", "price=1", "cost=1");
    }

    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = git_in(&self.at, arguments);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", message]);
        self.head()
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    pub fn check(&self, arguments: &[&str]) -> Said {
        self.run(&[&["check", "--format", "json"], arguments].concat())
    }

    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        said(&self.at, arguments, variables)
    }

    /// Everything that a check must leave alone: the index, the stash, the work tree and its times.
    pub fn state(&self) -> (Vec<u8>, String, Vec<(PathBuf, std::time::SystemTime)>) {
        let index = fs::read(self.at.join(".git/index")).unwrap_or_default();
        let stash = self.git(&["stash", "list"]);
        let mut files = Vec::new();
        let mut open = vec![self.at.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                match entry.path() {
                    path if path.ends_with(".git") || path.ends_with(".contract-agent") => {}
                    path if path.is_dir() => open.push(path),
                    path => files.push((path, entry.metadata().unwrap().modified().unwrap())),
                }
            }
        }
        files.sort();
        (index, stash, files)
    }
}

pub fn git_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.output().unwrap()
}

pub fn said(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
    command.current_dir(folder).args(arguments);
    for (name, _) in
        std::env::vars().filter(|(name, _)| ["GITHUB_", "CI", "GIT_", "CONTRACT_AGENT"].iter().any(|start| name.starts_with(start)))
    {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").envs(variables.iter().copied());
    let output = command.output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
