//! One parallel walk over the files on disk, by git's ignore rules and our own.

use super::bundles::{self, Outputs};
use super::git::attributes::ATTRIBUTES;
use super::git::stat::Stat;
use super::ignore_files;
use super::kind::{self, FileKind, kind_of};
use super::left_out::{LeftOut, Reason};
use super::rules::{self, name_of};
use super::selection::Selection;
use crate::base::problem::Problem;
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A file that is in.
pub(super) struct Found {
    pub path: String,
    pub kind: FileKind,
    pub stat: Stat,
}

/// What a walk found.
#[derive(Default)]
pub(super) struct Walked {
    pub files: Vec<Found>,
    pub left_out: LeftOut,
    pub problems: Vec<Problem>,
    /// Folders with build output.
    pub outputs: Outputs,
    /// Nested repositories and checked-out submodules; git's index knows which is which.
    pub nested: Vec<String>,
    /// Attribute and ignore files, whether they are in or not.
    pub special: Vec<String>,
}

impl Walked {
    fn merge(&mut self, other: Self) {
        self.files.extend(other.files);
        self.left_out.merge(other.left_out);
        self.problems.extend(other.problems);
        self.outputs.extend(other.outputs);
        self.nested.extend(other.nested);
        self.special.extend(other.special);
    }
}

/// Walks `root` (canonical). `prefix` is its path from the repository's top, whose ignore files hold too.
pub(super) fn walk(root: &Path, selection: &Selection, threads: usize, prefix: &str) -> Walked {
    let mut builder = WalkBuilder::new(root);
    builder.hidden(false).follow_links(false).parents(!prefix.is_empty()).threads(threads);
    builder.add_custom_ignore_filename(ignore_files::NAMES[0]);
    let all = Mutex::new(Walked::default());
    builder.build_parallel().run(|| {
        let mut walker = Walker { root, selection, own: Walked::default(), all: &all };
        Box::new(move |entry| walker.visit(entry))
    });
    let mut walked = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    walked.files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    walked.problems.sort();
    walked
}

/// One thread of the walk; hands over what it found when it ends.
struct Walker<'a> {
    root: &'a Path,
    selection: &'a Selection,
    own: Walked,
    all: &'a Mutex<Walked>,
}

impl Drop for Walker<'_> {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).merge(std::mem::take(&mut self.own));
    }
}

impl Walker<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                self.own.problems.push(problem_of(&error, self.root));
                return WalkState::Continue;
            }
        };
        if entry.depth() == 0 {
            return WalkState::Continue;
        }
        if entry.file_name() == OsStr::new(".git") {
            return WalkState::Skip;
        }
        let Some(path) = relative(entry.path(), self.root) else {
            let shown = entry.path().strip_prefix(self.root).unwrap_or(entry.path()).to_string_lossy().into_owned();
            self.own.left_out.count_file(Reason::OddName, &shown);
            return WalkState::Skip;
        };
        match entry.file_type() {
            Some(kind) if kind.is_dir() => self.visit_folder(&path, entry.path()),
            Some(kind) if kind.is_file() => {
                self.visit_file(path, &entry);
                WalkState::Continue
            }
            Some(kind) => {
                let reason = if kind.is_symlink() { Reason::Symlink } else { Reason::Special };
                self.own.left_out.count_file(reason, &path);
                WalkState::Continue
            }
            None => WalkState::Continue,
        }
    }

    fn visit_folder(&mut self, path: &str, full: &Path) -> WalkState {
        if let Some(reason) = self.selection.folder(path) {
            self.own.left_out.count_folder(reason, path);
            return WalkState::Skip;
        }
        let name = name_of(path);
        if rules::may_be_output(name) && self.leaves_output(full) {
            self.own.outputs.insert(path.to_owned());
            return WalkState::Skip;
        }
        if is_repository(full) {
            self.own.nested.push(path.to_owned());
            return WalkState::Skip;
        }
        WalkState::Continue
    }

    /// Whether the folder says of itself that it can be made again.
    fn leaves_output(&self, folder: &Path) -> bool {
        Reason::BuildOutput.unless(self.selection.keep).is_some() && folder.join("CACHEDIR.TAG").exists()
    }

    fn visit_file(&mut self, path: String, entry: &DirEntry) {
        let name = name_of(&path);
        if name == ATTRIBUTES || ignore_files::is_ours(name) {
            self.own.special.push(path.clone());
        }
        bundles::note(&mut self.own.outputs, &path);
        if let Some(reason) = self.selection.file(&path) {
            return self.own.left_out.count_file(reason, &path);
        }
        let stat = match entry.metadata() {
            Ok(metadata) => Stat::of(&metadata),
            Err(error) => return self.own.problems.push(problem_of(&error, self.root)),
        };
        let kind = kind_on_disk(&path, entry.path(), &stat);
        if self.selection.is_too_large(kind, stat.size) {
            return self.own.left_out.count_file(Reason::TooLarge, &path);
        }
        self.own.files.push(Found { path, kind, stat });
    }
}

/// The kind of a file on disk: by name, or by its first line when the name says nothing.
pub(super) fn kind_on_disk(path: &str, full: &Path, stat: &Stat) -> FileKind {
    let kind = kind_of(path);
    if !kind::needs_shebang(path, kind, stat.is_executable) {
        return kind;
    }
    let mut head = Vec::new();
    let read = std::fs::File::open(full).and_then(|file| file.take(128).read_to_end(&mut head));
    read.ok().and_then(|_| kind::language_of_shebang(&head)).map_or(kind, FileKind::Code)
}

/// The path from the root, `/`-separated; `None` when it is not UTF-8.
fn relative(path: &Path, root: &Path) -> Option<String> {
    if cfg!(windows) {
        return Some(path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/"));
    }
    // Plain bytes: `Path::strip_prefix` compares part by part.
    let below = path.as_os_str().as_encoded_bytes().strip_prefix(root.as_os_str().as_encoded_bytes())?;
    std::str::from_utf8(below.strip_prefix(b"/").unwrap_or(below)).ok().map(str::to_owned)
}

fn is_repository(folder: &Path) -> bool {
    let Ok(metadata) = folder.join(".git").symlink_metadata() else { return false };
    metadata.is_file() || folder.join(".git/HEAD").symlink_metadata().is_ok()
}

/// The problem of a folder or file the walk could not see.
fn problem_of(error: &ignore::Error, root: &Path) -> Problem {
    let mut path = String::new();
    let mut inner = error;
    loop {
        match inner {
            ignore::Error::WithPath { path: at, err } => {
                path = relative(at, root).unwrap_or_else(|| at.to_string_lossy().into_owned());
                inner = err;
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => inner = err,
            _ => break,
        }
    }
    let problem = match inner {
        ignore::Error::Io(io) => {
            // `ignore` repeats the path in its text; the system's own words are enough.
            let reason = io.raw_os_error().map_or_else(|| io.to_string(), |code| std::io::Error::from_raw_os_error(code).to_string());
            Problem::of_file(path, "path-not-read", format!("cannot read it: {reason}"))
        }
        other => Problem::of_file(path, "path-not-read", other.to_string()),
    };
    problem.with_help("check its permissions, or leave it out with `[scan] exclude`")
}
