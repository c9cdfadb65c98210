//! The repository as the git program reads it: slower, but it knows every format.
//!
//! Nothing is written and nothing fetched: no locks, no lazy fetch, no file system monitor.

use super::{Config, Entry, EntryKind, Environment, GitInfo, Listing, Trust, remote_name};
use crate::base::blob::BlobId;
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// How to call git for one folder.
#[derive(Clone)]
pub(in crate::scan) struct Git {
    folder: PathBuf,
    environment: Environment,
}

/// Asks the git program for the repository around `root`; `None` when there is none.
pub(super) fn open(root: &Path, environment: Environment) -> Result<Option<(Git, Option<PathBuf>, GitInfo)>, String> {
    let plain = Git::new(root, Environment::Ignored);
    let Some(git_dir) = plain.line(&["rev-parse", "--absolute-git-dir"])? else { return Ok(None) };
    let named = Git::new(root, environment);
    let is_same = named.line(&["rev-parse", "--absolute-git-dir"])?.as_ref() == Some(&git_dir);
    let git = if is_same { named } else { plain };
    let top = git.line(&["rev-parse", "--show-toplevel"])?.and_then(|top| Path::new(&top).canonicalize().ok());
    let head = git.line(&["rev-parse", "--verify", "--quiet", "HEAD"])?;
    let remote = git.line(&["config", "--get", "remote.origin.url"])?.and_then(|url| remote_name(&url));
    let is_shallow = git.line(&["rev-parse", "--is-shallow-repository"])?.as_deref() == Some("true");
    let info = GitInfo { head, remote, prefix: String::new(), git_dir: git_dir.into(), is_shallow };
    Ok(Some((git, top, info)))
}

impl Git {
    pub fn new(folder: &Path, environment: Environment) -> Self {
        Self { folder: folder.to_owned(), environment }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).args(["--no-pager", "-c", "core.fsmonitor=false"]).args(arguments);
        command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        if self.environment == Environment::Ignored {
            for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
                command.env_remove(name);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What a command prints; its complaint when it fails.
    pub(super) fn output(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let output = self.command(arguments).output().map_err(|error| cannot_run(&error))?;
        if output.status.success() { Ok(output.stdout) } else { Err(complaint(&output.stderr)) }
    }

    /// The line a command prints; `None` when it fails or prints none.
    pub(super) fn line(&self, arguments: &[&str]) -> Result<Option<String>, String> {
        let output = self.command(arguments).output().map_err(|error| cannot_run(&error))?;
        let line = String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r']).to_owned();
        Ok(if output.status.success() && !line.is_empty() { Some(line) } else { None })
    }

    pub fn index(&self) -> Result<Listing, String> {
        let mut listing = Listing::default();
        let top = self.line(&["rev-parse", "--show-toplevel"])?;
        let whole = Self { folder: top.map_or_else(|| self.folder.clone(), PathBuf::from), ..self.clone() };
        let changed = whole.output(&["diff-files", "--name-only", "-z", "--ignore-submodules=all"])?;
        let changed: HashSet<&[u8]> = changed.split(|byte| *byte == 0).collect();
        for line in whole.output(&["ls-files", "-s", "-t", "-z"])?.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            // `H 100644 <id> 0<tab>path`
            let Some((fields, path)) = split_tab(line) else { continue };
            let [tag, mode, id, stage] = fields[..] else { continue };
            let trust = match (tag, stage) {
                ("S", _) => Trust::NotCheckedOut,
                (_, "0") if !changed.contains(path) => Trust::Clean,
                _ => Trust::Never,
            };
            if stage != "0" {
                listing.conflicts.push(String::from_utf8_lossy(path).into_owned());
            }
            if matches!(stage, "0" | "2") {
                push(&mut listing, path, (mode, id), trust);
            }
        }
        listing.conflicts.dedup();
        Ok(listing)
    }

    /// The paths that the index changes against the commit checked out, from the repository's top, sorted.
    pub fn staged(&self) -> Result<Vec<Vec<u8>>, String> {
        let arguments =
            ["diff", "--cached", "--name-only", "--no-renames", "--no-relative", "--no-ext-diff", "--ignore-submodules=dirty", "-z"];
        let changed = self.output(&arguments)?;
        let mut paths: Vec<Vec<u8>> = changed.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect();
        paths.sort_unstable();
        paths.dedup();
        Ok(paths)
    }

    pub fn revision(&self, revision: &str) -> Result<Option<Listing>, String> {
        let wanted = format!("{revision}^{{tree}}");
        let Some(tree) = self.line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])? else { return Ok(None) };
        let mut listing = Listing::default();
        for line in self.output(&["ls-tree", "-r", "-z", "--full-tree", &tree])?.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            // `100644 blob <id><tab>path`
            let Some((fields, path)) = split_tab(line) else { continue };
            let [mode, _, id] = fields[..] else { continue };
            push(&mut listing, path, (mode, id), Trust::Never);
        }
        Ok(Some(listing))
    }

    pub fn names(&self) -> Vec<String> {
        let names = self.output(&["for-each-ref", "--format=%(refname:short)"]).unwrap_or_default();
        String::from_utf8_lossy(&names).lines().map(str::to_owned).collect()
    }

    pub fn config(&self) -> Config {
        let value = |key: &str| self.line(&["config", "--get", key]).ok().flatten().unwrap_or_default().to_ascii_lowercase();
        let is_off = |value: &str| matches!(value, "false" | "no" | "off" | "0");
        let line_ends = value("core.autocrlf");
        Config {
            converts_line_ends: !line_ends.is_empty() && !is_off(&line_ends),
            ignores_ctime: is_off(&value("core.trustctime")),
            minimal_stat: value("core.checkstat") == "minimal",
            attributes_file: self.line(&["config", "--type=path", "--get", "core.attributesfile"]).ok().flatten().map(PathBuf::from),
        }
    }

    /// Starts a reader of blobs.
    pub fn batch(&self) -> Result<Batch, String> {
        let mut command = self.command(&["cat-file", "--batch"]);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|error| cannot_run(&error))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return Err("git has no input".into()) };
        Ok(Batch { child, input: Some(input), output: BufReader::new(output) })
    }

    pub fn sizes(&self, ids: &[BlobId]) -> Result<Vec<u64>, String> {
        let mut command = self.command(&["cat-file", "--batch-check=%(objectsize)"]);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|error| cannot_run(&error))?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return Err("git has no input".into()) };
        let questions: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let sizes: Vec<u64> = std::thread::scope(|scope| {
            // Its own thread: both pipes fill up.
            scope.spawn(move || input.write_all(questions.as_bytes()));
            BufReader::new(output).lines().map_while(Result::ok).map(|line| line.trim().parse().unwrap_or(0)).collect()
        });
        child.wait().map_err(|error| cannot_run(&error))?;
        if sizes.len() == ids.len() { Ok(sizes) } else { Err("git did not tell every size".into()) }
    }
}

/// A running `git cat-file --batch`.
pub(in crate::scan) struct Batch {
    child: Child,
    /// `None` only while it is being dropped.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Batch {
    /// The bytes of a blob.
    pub fn read(&mut self, id: BlobId) -> Result<Vec<u8>, String> {
        let failed = |error: std::io::Error| format!("git cat-file: {error}");
        let Some(input) = &mut self.input else { return Err("git has no input".into()) };
        input.write_all(format!("{id}\n").as_bytes()).and_then(|()| input.flush()).map_err(failed)?;
        let mut header = String::new();
        self.output.read_line(&mut header).map_err(failed)?;
        let size = header.trim_end().rsplit_once(" blob ").and_then(|_| header.trim_end().rsplit(' ').next()?.parse::<u64>().ok());
        let Some(size) = size else { return Err(format!("blob {id} is not in the repository")) };
        let mut bytes = Vec::new();
        (&mut self.output).take(size).read_to_end(&mut bytes).map_err(failed)?;
        let mut end = [0];
        self.output.read_exact(&mut end).map_err(failed)?;
        Ok(bytes)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // Git ends when its input does.
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn split_tab(line: &[u8]) -> Option<(Vec<&str>, &[u8])> {
    let at = memchr::memchr(b'\t', line)?;
    let fields = std::str::from_utf8(&line[..at]).ok()?.split_ascii_whitespace().collect();
    Some((fields, &line[at + 1..]))
}

fn push(listing: &mut Listing, path: &[u8], (mode, id): (&str, &str), trust: Trust) {
    let kind = u32::from_str_radix(mode, 8).ok().and_then(EntryKind::of_mode);
    match (std::str::from_utf8(path), kind, BlobId::from_hex(id)) {
        (Ok(path), Some(kind), Some(id)) => listing.entries.push(Entry { path: path.to_owned(), id, kind, trust }),
        (Err(_), ..) => listing.odd_names.push(String::from_utf8_lossy(path).into_owned()),
        _ => {}
    }
}

fn cannot_run(error: &std::io::Error) -> String {
    format!("cannot run git: {error}")
}

/// The first line git wrote to its standard error.
fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().find(|line| line.starts_with("fatal:")).or_else(|| text.lines().next()).unwrap_or("git failed");
    line.trim_start_matches("fatal: ").to_owned()
}
