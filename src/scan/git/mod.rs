//! The git repository around the analysed folder.
//!
//! libgit2 reads it; what libgit2 cannot read (reftable, SHA-256, sparse and split indexes) the git program reads.

pub(super) mod attributes;
mod command;
mod index_file;
mod library;
pub(super) mod past;
mod staged;
pub(super) mod stat;

use crate::base::blob::BlobId;
use crate::base::problem::Problem;
use git2::{ErrorCode, Repository};
use index_file::IndexFile;
use stat::IndexStat;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub(super) use command::Batch;

/// What git calls a file, in the index or in a commit.
pub(super) struct Entry {
    /// From the repository's top.
    pub path: String,
    pub id: BlobId,
    pub kind: EntryKind,
    pub trust: Trust,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    File,
    Executable,
    Symlink,
    Submodule,
}

impl EntryKind {
    fn of_mode(mode: u32) -> Option<Self> {
        Some(match mode & 0o170_000 {
            0o100_000 if mode & 0o100 != 0 => Self::Executable,
            0o100_000 => Self::File,
            0o120_000 => Self::Symlink,
            0o160_000 => Self::Submodule,
            _ => return None,
        })
    }
}

/// When the file on disk may be taken to hold the entry's bytes.
pub(super) enum Trust {
    /// When its stat is this one.
    Stat(IndexStat),
    /// Git has compared it.
    Clean,
    /// Never: there is a conflict, or nothing was compared.
    Never,
    /// Never: `git add --intent-to-add` has recorded the name, and no content yet.
    Intended,
    /// The file is outside the sparse checkout.
    NotCheckedOut,
}

/// The entries of the index or of a commit, in no order.
#[derive(Default)]
pub(super) struct Listing {
    pub entries: Vec<Entry>,
    /// Names that are not UTF-8, as near as they can be shown.
    pub odd_names: Vec<String>,
    /// Paths with unresolved conflicts.
    pub conflicts: Vec<String>,
    /// When the index was written: an entry not older than that may have changed unnoticed.
    pub written: Option<(i64, u32)>,
}

impl Listing {
    /// Whether files lie where a store of ours would be.
    pub fn has_store(&self) -> bool {
        self.entries.iter().any(|entry| entry.path.starts_with(".contract-agent/cache/"))
    }
}

/// Git settings that decide whether index and work tree agree.
#[derive(Clone, Default)]
pub(super) struct Config {
    pub converts_line_ends: bool,
    pub ignores_ctime: bool,
    pub minimal_stat: bool,
    pub attributes_file: Option<PathBuf>,
}

/// What is known of the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitInfo {
    /// The commit checked out, in hexadecimal; `None` before the first commit.
    pub head: Option<String>,
    /// `owner/name` of the remote `origin`, read from its URL.
    pub remote: Option<String>,
    /// The analysed folder's path from the repository's top, with a `/` at its end; empty at the top.
    pub prefix: String,
    /// The repository's own folder (`.git`).
    pub git_dir: PathBuf,
    /// Whether the clone holds only part of the history.
    pub is_shallow: bool,
}

/// An opened repository.
pub(super) struct Repo {
    library: Option<Repository>,
    /// Where its index is, when git's environment names another than its own.
    index: Option<PathBuf>,
    /// The index, read when it is first asked for: a run judges what was staged at one moment.
    index_file: OnceLock<Option<IndexFile>>,
    command: command::Git,
    /// The top of the work tree; `None` in a bare repository.
    pub top: Option<PathBuf>,
    pub info: GitInfo,
}

/// What lies around a folder.
pub(super) enum Around {
    Nothing,
    Repo(Box<Repo>),
    /// There is a repository, and it cannot be read.
    Broken(String),
}

/// Whether the variables that git sets for its hooks (`GIT_INDEX_FILE`, `GIT_DIR`) name the repository and its index.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Environment {
    Honoured,
    Ignored,
}

/// Opens the repository around `root` (canonical).
pub(super) fn open(root: &Path, environment: Environment) -> Around {
    let opened = match environment {
        Environment::Honoured => library::open_with_environment(root),
        Environment::Ignored => Repository::discover(root).map(|repository| (repository, None)),
    };
    match opened {
        Ok((repository, index)) => {
            let top = repository.workdir().and_then(|top| top.canonicalize().ok());
            if top.as_ref().is_some_and(|top| !root.starts_with(top)) {
                return Around::Nothing;
            }
            let command = command::Git::new(root, environment);
            let mut info = library::info(&repository);
            info.prefix = prefix_of(root, top.as_deref());
            Around::Repo(Box::new(Repo { library: Some(repository), index, index_file: OnceLock::new(), command, top, info }))
        }
        Err(error) if error.code() == ErrorCode::NotFound => Around::Nothing,
        Err(error) if error.code() == ErrorCode::Owner => Around::Broken(error.message().to_owned()),
        Err(error) => match command::open(root, environment) {
            Ok(Some((command, top, mut info))) => {
                info.prefix = prefix_of(root, top.as_deref());
                Around::Repo(Box::new(Repo { library: None, index: None, index_file: OnceLock::new(), command, top, info }))
            }
            Ok(None) => Around::Broken(error.message().to_owned()),
            Err(message) => Around::Broken(message),
        },
    }
}

fn prefix_of(root: &Path, top: Option<&Path>) -> String {
    let below = top.and_then(|top| root.strip_prefix(top).ok()).unwrap_or(Path::new(""));
    below.components().map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}

impl Repo {
    /// The index.
    pub fn index(&self) -> Result<Listing, String> {
        if let Some(index) = self.index_file() {
            return Ok(index.listing());
        }
        let error = match &self.library {
            Some(repository) => match library::index(repository) {
                Ok(listing) => return Ok(listing),
                Err(error) => Some(error.message().to_owned()),
            },
            None => None,
        };
        self.command.index().map_err(|message| error.unwrap_or(message))
    }

    /// Paths with unresolved conflicts, from the repository's top.
    pub fn conflicts(&self) -> Result<Vec<String>, String> {
        match self.index_file() {
            Some(index) => Ok(index.conflicts()),
            None => Ok(self.index()?.conflicts),
        }
    }

    /// The first of these paths, from the repository's top, that the index has a blob for; and the blob.
    pub fn first_staged(&self, paths: &[String]) -> Result<Option<(usize, BlobId)>, String> {
        if let Some(index) = self.index_file() {
            return Ok(index.first_of(paths));
        }
        let entries = self.index()?.entries;
        let entries = entries.into_iter().filter(|entry| !matches!(entry.trust, Trust::Intended));
        let found = entries.filter_map(|entry| Some((paths.iter().position(|path| *path == entry.path)?, entry.id)));
        Ok(found.min_by_key(|(at, _)| *at))
    }

    fn index_file(&self) -> Option<&IndexFile> {
        self.index_file.get_or_init(|| self.read_index_file()).as_ref()
    }

    fn read_index_file(&self) -> Option<IndexFile> {
        let own = self.library.as_ref()?.path().join("index");
        let mut file = std::fs::File::open(self.index.as_ref().unwrap_or(&own)).ok()?;
        let metadata = file.metadata().ok()?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).ok()? + 1);
        file.read_to_end(&mut bytes).ok()?;
        IndexFile::of(bytes, stat::Stat::of(&metadata).mtime)
    }

    /// The paths that the index changes against the commit checked out, from the repository's top, sorted.
    pub fn staged(&self) -> Result<Vec<Vec<u8>>, String> {
        let both = self.library.as_ref().zip(self.index_file());
        let changed = both.and_then(|(repository, index)| staged::changed(repository, index));
        changed.map_or_else(|| self.command.staged(), Ok)
    }

    /// The files of a revision; `None` when there is no such revision.
    pub fn revision(&self, revision: &str) -> Result<Option<Listing>, String> {
        match &self.library {
            Some(repository) => library::revision(repository, revision).map_err(|error| error.message().to_owned()),
            None => self.command.revision(revision),
        }
    }

    /// Branch and tag names.
    pub fn names(&self) -> Vec<String> {
        self.library.as_ref().map_or_else(|| self.command.names(), library::names)
    }

    /// Settings that matter to comparing.
    pub fn config(&self) -> Config {
        self.library.as_ref().map_or_else(|| self.command.config(), library::config)
    }

    /// Where the bytes of blobs come from.
    pub fn objects(&self) -> Objects {
        match &self.library {
            Some(repository) => {
                // As git reads: `git fsck` is what compares objects with their names.
                git2::opts::strict_hash_verification(false);
                Objects::Library { git_dir: repository.path().to_owned(), pool: std::sync::Mutex::default() }
            }
            None => Objects::Command { git: self.command.clone(), pool: std::sync::Mutex::default() },
        }
    }
}

/// The object database, readable from many threads.
pub(super) enum Objects {
    Library { git_dir: PathBuf, pool: std::sync::Mutex<Vec<Repository>> },
    Command { git: command::Git, pool: std::sync::Mutex<Vec<Batch>> },
}

impl Objects {
    /// The bytes of a blob.
    pub fn read(&self, id: BlobId) -> Result<Vec<u8>, String> {
        match self {
            Self::Library { git_dir, pool } => with_pooled(
                pool,
                || Repository::open(git_dir).map_err(|error| error.message().to_owned()),
                |repository| library::read(repository, id),
            ),
            Self::Command { git, pool } => with_pooled(pool, || git.batch(), |batch| batch.read(id)),
        }
    }

    /// How many bytes each blob has, in order; 0 when that cannot be told.
    pub fn sizes(&self, ids: &[BlobId]) -> Result<Vec<u64>, String> {
        match self {
            Self::Library { git_dir, .. } => library::sizes(git_dir, ids),
            Self::Command { git, .. } => git.sizes(ids),
        }
    }
}

/// Runs `work` with one of the pool's readers, or a new one. A reader that failed is dropped.
fn with_pooled<R, T>(
    pool: &std::sync::Mutex<Vec<R>>,
    open: impl FnOnce() -> Result<R, String>,
    work: impl FnOnce(&mut R) -> Result<T, String>,
) -> Result<T, String> {
    let waiting = pool.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
    let mut reader = waiting.map_or_else(open, Ok)?;
    let result = work(&mut reader)?;
    pool.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(reader);
    Ok(result)
}

/// `owner/name` of a remote's URL; never its credentials.
fn remote_name(url: &str) -> Option<String> {
    let url = url.trim_end_matches('/').trim_end_matches(".git");
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => url.split_once(':').map_or(url, |(_, path)| path),
    };
    let parts: Vec<&str> = path.rsplit('/').take(2).filter(|part| !part.is_empty() && !part.contains('@')).collect();
    if parts.is_empty() { None } else { Some(parts.into_iter().rev().collect::<Vec<_>>().join("/")) }
}

/// The problem of a repository that cannot be read while its files can.
pub(super) fn unreadable(code: &str, message: &str, root: &Path) -> Problem {
    let problem = Problem::of_file("", code, format!("cannot read the git repository: {message}"));
    if message.contains("owned by") || message.contains("ownership") {
        problem.with_help(format!("if you trust it: `git config --global --add safe.directory '{}'`", root.display()))
    } else {
        problem.with_help("`git status` and `git fsck` tell more; the files on disk are analysed all the same")
    }
}
