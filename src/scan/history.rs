//! Commits and what they hold: for whoever compares two of them.
//!
//! Honours what git tells its hooks (`GIT_DIR`, `GIT_INDEX_FILE`). Nothing is written and nothing fetched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::ScanError;
use super::git::{self, Around, Environment, Listing, Objects, Repo, Trust};
use super::options::Source;
use super::recorded::no_revision;
use super::root_of;
use crate::base::blob::BlobId;

pub use super::git::past::Commit;

/// The repository around a folder.
pub struct History {
    repo: Repo,
    objects: Objects,
    root: PathBuf,
}

impl History {
    /// Opens the repository around a folder; `None` when there is none.
    ///
    /// # Errors
    /// When there is no such folder, or the repository cannot be read.
    pub fn open(path: &Path) -> Result<Option<Self>, ScanError> {
        let root = root_of(path)?;
        match git::open(&root, Environment::Honoured) {
            Around::Nothing => Ok(None),
            Around::Broken(message) => Err(ScanError::Repository { path: root, message }),
            Around::Repo(repo) => Ok(Some(Self { objects: repo.objects(), repo: *repo, root })),
        }
    }

    /// The folder's path from the repository's top, with a `/` at its end; empty at the top.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.repo.info.prefix
    }

    /// The commit checked out; `None` before the first one.
    #[must_use]
    pub fn head(&self) -> Option<&str> {
        self.repo.info.head.as_deref()
    }

    /// Whether the clone holds only part of the history.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.repo.info.is_shallow
    }

    /// The repository's own folder.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.repo.info.git_dir
    }

    /// The commit of a revision.
    ///
    /// # Errors
    /// When there is no such revision.
    pub fn commit(&self, revision: &str) -> Result<String, ScanError> {
        let found = self.repo.commit(revision).map_err(|message| self.failed(message))?;
        found.ok_or_else(|| no_revision(revision, &self.repo, &self.root))
    }

    /// The commit of a revision, when it is there.
    #[must_use]
    pub fn find(&self, revision: &str) -> Option<String> {
        self.repo.commit(revision).ok().flatten()
    }

    /// The parents of a commit that are there.
    #[must_use]
    pub fn parents(&self, commit: &str) -> Vec<String> {
        self.repo.parents(commit).unwrap_or_default()
    }

    /// The best common ancestor of two commits; `None` when they have none that is there.
    ///
    /// # Errors
    /// When git cannot tell.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>, ScanError> {
        self.repo.merge_base(one, other).map_err(|message| self.failed(message))
    }

    /// The branch that the checked-out one follows.
    #[must_use]
    pub fn upstream(&self) -> Option<String> {
        self.repo.upstream()
    }

    /// Who commits here, as git's settings say.
    #[must_use]
    pub fn author(&self) -> Option<String> {
        self.repo.author()
    }

    /// The commits of `from..to`, the newest first.
    ///
    /// # Errors
    /// When git cannot tell.
    pub fn commits_between(&self, from: &str, to: &str) -> Result<Vec<Commit>, ScanError> {
        self.repo.commits_between(from, to).map_err(|message| self.failed(message))
    }

    /// Paths from the repository's top that the index holds with conflicts.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn conflicts(&self) -> Result<Vec<String>, ScanError> {
        if self.repo.top.is_none() {
            return Ok(Vec::new());
        }
        self.repo.conflicts().map_err(|message| self.failed(message))
    }

    /// The paths that the index changes against the commit checked out, from the repository's top, sorted.
    pub(super) fn staged_paths(&self) -> Result<Vec<Vec<u8>>, ScanError> {
        if self.repo.top.is_none() {
            return Err(ScanError::Bare { path: self.root.clone() });
        }
        self.repo.staged().map_err(|message| self.failed(message))
    }

    /// The first of these files below the folder that the index holds: which one, and its blob.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn first_staged(&self, names: &[&str]) -> Result<Option<(usize, BlobId)>, ScanError> {
        if self.repo.top.is_none() {
            return Err(ScanError::Bare { path: self.root.clone() });
        }
        let paths: Vec<String> = names.iter().map(|name| format!("{}{name}", self.prefix())).collect();
        self.repo.first_staged(&paths).map_err(|message| self.failed(message))
    }

    /// Paths below the folder, from it, that a sparse checkout leaves out of the work tree.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn not_checked_out(&self) -> Result<Vec<String>, ScanError> {
        if self.repo.top.is_none() || !self.git_dir().join("info/sparse-checkout").exists() {
            return Ok(Vec::new());
        }
        let listing = self.repo.index().map_err(|message| self.failed(message))?;
        let out = listing.entries.into_iter().filter(|entry| matches!(entry.trust, Trust::NotCheckedOut));
        let below = out.filter_map(|entry| Some(entry.path.strip_prefix(self.prefix())?.to_owned()));
        Ok(below.filter(|path| !self.root.join(path).exists()).collect())
    }

    /// The blobs below the folder, by path from it, in the index or a revision.
    ///
    /// # Errors
    /// When there is no such revision, or git's data cannot be read.
    pub fn blobs(&self, source: &Source) -> Result<BTreeMap<String, BlobId>, ScanError> {
        let prefix = self.prefix();
        let entries = self.listing(source)?.entries.into_iter();
        let entries = entries.filter(|entry| !matches!(entry.trust, Trust::Intended));
        Ok(entries.filter_map(|entry| Some((entry.path.strip_prefix(prefix)?.to_owned(), entry.id))).collect())
    }

    /// The files below a folder (from the opened one; empty: all), by path under it, in the index or a revision.
    ///
    /// # Errors
    /// When there is no such revision, or git's data cannot be read.
    pub fn files(&self, source: &Source, folder: &str) -> Result<Vec<(String, Vec<u8>)>, ScanError> {
        let folder = if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
        let blobs = self.blobs(source)?;
        let below = blobs.iter().filter_map(|(path, id)| Some((path.strip_prefix(&folder)?, *id)));
        below.map(|(path, id)| Ok((path.to_owned(), self.read(id)?))).collect()
    }

    /// The bytes of a blob.
    ///
    /// # Errors
    /// When it is not there: a partial clone may lack it.
    pub fn read(&self, id: BlobId) -> Result<Vec<u8>, ScanError> {
        self.objects.read(id).map_err(|message| self.failed(message))
    }

    fn listing(&self, source: &Source) -> Result<Listing, ScanError> {
        match source {
            Source::Revision(revision) => {
                let listing = self.repo.revision(revision).map_err(|message| self.failed(message))?;
                listing.ok_or_else(|| no_revision(revision, &self.repo, &self.root))
            }
            _ if self.repo.top.is_none() => Err(ScanError::Bare { path: self.root.clone() }),
            _ => self.repo.index().map_err(|message| self.failed(message)),
        }
    }

    fn failed(&self, message: String) -> ScanError {
        ScanError::Repository { path: self.root.clone(), message }
    }
}
