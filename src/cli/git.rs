//! The git program, for what only it does: hooks, settings, the index of a commit under way.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::failure::Failure;

/// Variables with which git tells its hooks of a repository and its index.
const VARIABLES: [&str; 6] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"];

/// How to call git for the repository around one folder.
#[derive(Clone, Debug)]
pub(super) struct Git {
    folder: PathBuf,
    /// The top of the work tree, canonical.
    pub top: PathBuf,
    is_told: bool,
}

impl Git {
    /// The repository with a work tree around a folder, `None` when there is none. The variables that git sets for its hooks
    /// count when they name the same repository.
    pub fn around(folder: &Path) -> Result<Option<Self>, Failure> {
        let mut git = Self { folder: folder.into(), top: PathBuf::new(), is_told: false };
        let Some(own) = git.line(&["rev-parse", "--absolute-git-dir"])? else { return Ok(None) };
        // Asked without the variables: with `GIT_DIR` alone git takes the folder it is called in for the top.
        let Some(top) = git.line(&["rev-parse", "--show-toplevel"])? else { return Ok(None) };
        if VARIABLES.iter().any(|name| std::env::var_os(name).is_some()) {
            let told = Self { is_told: true, ..git.clone() };
            if told.line(&["rev-parse", "--absolute-git-dir"])?.as_ref() == Some(&own) {
                git = told;
            }
        }
        let Ok(top) = Path::new(&top).canonicalize() else { return Ok(None) };
        Ok(Some(Self { folder: top.clone(), top, ..git }))
    }

    /// The index file that git tells of, when it is one of a commit under way.
    pub fn told_index(&self) -> Option<PathBuf> {
        std::env::var_os("GIT_INDEX_FILE").filter(|_| self.is_told).map(PathBuf::from)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).args(["--no-pager", "-c", "core.fsmonitor=false"]).args(arguments);
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C").env("GIT_LITERAL_PATHSPECS", "1");
        for name in VARIABLES {
            match std::env::var_os(name).filter(|_| self.is_told) {
                // Git tells them from the folder it calls its hooks in, which is ours.
                Some(value) if name != "GIT_PREFIX" => drop(command.env(name, std::path::absolute(&value).unwrap_or(value.into()))),
                _ => drop(command.env_remove(name)),
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Output, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new("cannot run git").because(&error).help("install git, and make sure that it is on the path")
        };
        let mut command = self.command(arguments);
        let Some(input) = input else { return command.output().map_err(failed) };
        let mut child = command.stdin(Stdio::piped()).spawn().map_err(failed)?;
        let mut pipe = child.stdin.take().expect("the input is piped");
        std::thread::scope(|scope| {
            // Its own thread: both pipes fill up. When git ends before it has read all, its exit code tells.
            scope.spawn(move || drop(pipe.write_all(input)));
            child.wait_with_output().map_err(failed)
        })
    }

    /// What a command prints.
    pub fn output(&self, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
        succeeded(arguments, self.run(arguments, None)?)
    }

    /// What a command prints when it is given this input.
    pub fn fed(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, Failure> {
        succeeded(arguments, self.run(arguments, Some(input))?)
    }

    /// The line a command prints; `None` when it fails or prints none.
    pub fn line(&self, arguments: &[&str]) -> Result<Option<String>, Failure> {
        let output = self.run(arguments, None)?;
        let line = String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r']).to_owned();
        Ok(if output.status.success() && !line.is_empty() { Some(line) } else { None })
    }

    /// Whether a command succeeds.
    pub fn succeeds(&self, arguments: &[&str]) -> Result<bool, Failure> {
        Ok(self.run(arguments, None)?.status.success())
    }

    /// The path of a file or folder from the top of the work tree, `/`-separated; `None` when it lies elsewhere. It may not be
    /// there yet.
    pub fn inner(&self, path: &Path) -> Option<String> {
        let path = std::path::absolute(path).ok()?;
        let there = path.ancestors().find(|path| path.exists())?;
        let full = there.canonicalize().ok()?.join(path.strip_prefix(there).ok()?);
        let parts: Vec<_> = full.strip_prefix(&self.top).ok()?.iter().map(|part| part.to_string_lossy()).collect();
        Some(parts.join("/"))
    }

    /// The version of git: `(2, 47)`.
    pub fn version(&self) -> Result<(u32, u32), Failure> {
        let line = self.line(&["version"])?.unwrap_or_default();
        let number = line.split_whitespace().nth(2).unwrap_or_default();
        let mut parts = number.split('.').map(|part| part.parse().unwrap_or(0));
        Ok((parts.next().unwrap_or(0), parts.next().unwrap_or(0)))
    }

    /// The bytes of blobs, in order.
    pub fn blobs(&self, ids: &[&str]) -> Result<Vec<Vec<u8>>, Failure> {
        let questions: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let answer = self.fed(&["cat-file", "--batch"], questions.as_bytes())?;
        let mut rest = answer.as_slice();
        let mut blobs = Vec::with_capacity(ids.len());
        for id in ids {
            // `<id> blob <size>`, a line break, the bytes, a line break.
            let missing = || Failure::new(format!("cannot read blob {id}")).help("`git fsck` finds objects that are lost");
            let end = memchr::memchr(b'\n', rest).ok_or_else(missing)?;
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            let size: usize = head.rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(missing)?;
            let bytes = rest.get(end + 1..end + 1 + size).ok_or_else(missing)?;
            blobs.push(bytes.to_vec());
            rest = rest.get(end + 2 + size..).unwrap_or_default();
        }
        Ok(blobs)
    }
}

fn succeeded(arguments: &[&str], output: Output) -> Result<Vec<u8>, Failure> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let complaint = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
    let mut failure = Failure::new(format!("`git {}` failed", arguments.first().unwrap_or(&"")));
    failure.causes.push(complaint);
    Err(failure.help("`git status` tells more"))
}

/// One entry of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IndexEntry {
    /// `100644`.
    pub mode: String,
    /// The blob.
    pub id: String,
    /// 0, or the side of a conflict.
    pub stage: u8,
    /// From the top of the work tree.
    pub path: String,
}

/// What `git ls-files -s -z` and `-u -z` print.
pub(super) fn entries_of(listing: &[u8]) -> Vec<IndexEntry> {
    let lines = listing.split(|byte| *byte == 0);
    lines
        .filter_map(|line| {
            let line = std::str::from_utf8(line).ok()?;
            let (fields, path) = line.split_once('\t')?;
            let mut fields = fields.split(' ');
            let (mode, id, stage) = (fields.next()?, fields.next()?, fields.next()?);
            Some(IndexEntry { mode: mode.into(), id: id.into(), stage: stage.parse().ok()?, path: path.into() })
        })
        .collect()
}
