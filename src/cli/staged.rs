//! Contracts written where the next commit takes them from: into git's index, and into a file on disk only when it holds
//! what the index held.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::git::{Git, IndexEntry, entries_of};
use super::terminal::note;
use super::writing::Writing;
use crate::contract::documents::{Document, REPO_CONTRACT};
use crate::write::{self, Changes, Written};

/// The contracts of the index.
pub(super) struct Staged {
    git: Git,
    /// The output folder, on disk and from the top.
    folder: PathBuf,
    inner: String,
    /// Documents and what else lies in the folder, by path under it.
    entries: BTreeMap<String, IndexEntry>,
    bytes: BTreeMap<String, Vec<u8>>,
}

impl Staged {
    /// Reads the contracts of an output folder from the index; `None` when git does not know the folder.
    pub fn open(folder: &Path) -> Result<Option<Self>, Failure> {
        let Some(there) = folder.ancestors().find(|path| path.is_dir()).or(Some(Path::new("."))) else { return Ok(None) };
        let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
        let Some(git) = Git::around(there)? else { return Ok(None) };
        let Some(inner) = git.inner(folder).filter(|inner| !inner.is_empty()) else { return Ok(None) };
        let listed = entries_of(&git.output(&["ls-files", "-s", "-z", "--", &inner])?);
        if listed.is_empty() && git.succeeds(&["check-ignore", "-q", "--no-index", &format!("{inner}/{REPO_CONTRACT}")])? {
            return Ok(None);
        }
        let mut entries = BTreeMap::new();
        for entry in listed {
            if entry.stage != 0 {
                let failure = Failure::new("the contracts in the index hold a merge conflict").at(Path::new(&entry.path));
                return Err(failure.help("`contract-agent resolve` derives them anew"));
            }
            let Some(path) = entry.path.strip_prefix(&inner).and_then(|path| path.strip_prefix('/')) else { continue };
            entries.insert(path.to_owned(), entry);
        }
        let ids: Vec<&str> = entries.values().map(|entry| entry.id.as_str()).collect();
        let bytes = entries.keys().cloned().zip(git.blobs(&ids)?).collect();
        Ok(Some(Self { git, folder: folder.into(), inner, entries, bytes }))
    }

    /// What the index holds, by path under the output folder.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.bytes.iter().map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    }

    /// Writes documents into the index, and to disk where nothing else was written meanwhile.
    pub fn write(&self, documents: &[Document], writing: &Writing, is_quiet: bool) -> Result<Written, Failure> {
        let changes = write::changes(&self.bytes, documents);
        let at = |path: &String| self.folder.join(path);
        if let Some(path) = changes.foreign.first() {
            return Err(write::WriteError::Foreign { path: at(path) }.into());
        }
        if let Some(path) = changes.edited.first().filter(|_| !writing.force) {
            return Err(write::WriteError::Edited { path: at(path), documents: changes.edited.clone() }.into());
        }
        let unchanged = documents.len() - changes.puts.len();
        let written = Written {
            changed: changes.puts.iter().map(|document| document.path.clone()).collect(),
            removed: changes.removals.clone(),
            unchanged,
            edited: changes.edited.clone(),
            conflicts: Vec::new(),
        };
        if written.changed.is_empty() && written.removed.is_empty() {
            return Ok(written);
        }
        self.refuse_partial()?;
        self.stage(&changes)?;
        let left = self.write_disk(&changes, writing)?;
        if !left.is_empty() && !is_quiet {
            note(&format!("staged, but left on disk as they are, since they differ from the index: {}\n", left.join(", ")));
        }
        Ok(written)
    }

    /// `git commit <path>` makes an index of its own and puts nothing of it into the real one but these paths.
    fn refuse_partial(&self) -> Result<(), Failure> {
        let is_partial = self.git.told_index().and_then(|index| index.file_name().map(|name| name.to_string_lossy().into_owned()));
        if is_partial.is_some_and(|name| name.starts_with("next-index-")) {
            let failure = Failure::new("the contracts change, and this commit takes only the paths that were named");
            return Err(failure.help("`git add` the paths, `contract-agent analyze --staged`, and `git commit` without paths"));
        }
        Ok(())
    }

    fn stage(&self, changes: &Changes) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::new("cannot write temporary files").because(&error);
        let folder = tempfile::tempdir().map_err(failed)?;
        let mut paths = String::new();
        for (number, document) in changes.puts.iter().enumerate() {
            let path = folder.path().join(number.to_string());
            std::fs::write(&path, &document.bytes).map_err(failed)?;
            paths.push_str(&format!("{}\n", path.display()));
        }
        let ids = self.git.fed(&["hash-object", "-w", "--no-filters", "--stdin-paths"], paths.as_bytes())?;
        let ids = String::from_utf8_lossy(&ids).into_owned();
        let mut lines = Vec::new();
        for path in &changes.removals {
            let Some(entry) = self.entries.get(path) else { continue };
            let nothing = "0".repeat(entry.id.len());
            lines.extend_from_slice(format!("0 {nothing}\t{}\0", entry.path).as_bytes());
        }
        for (document, id) in changes.puts.iter().zip(ids.lines()) {
            let mode = self.entries.get(&document.path).map_or("100644", |entry| entry.mode.as_str());
            lines.extend_from_slice(format!("{mode} {id}\t{}/{}\0", self.inner, document.path).as_bytes());
        }
        self.git.fed(&["update-index", "-z", "--index-info"], &lines).map(drop)
    }

    /// Brings files on disk to what was staged where they held what the index held; the others.
    fn write_disk(&self, changes: &Changes, writing: &Writing) -> Result<Vec<String>, Failure> {
        let is_as_indexed = |path: &str| {
            let found = std::fs::read(self.folder.join(path)).ok();
            match (found, self.bytes.get(path)) {
                (None, None) => true,
                (Some(found), Some(indexed)) => found == *indexed || plain(&found) == plain(indexed),
                _ => false,
            }
        };
        let (puts, mut left): (Vec<&Document>, Vec<&Document>) = changes.puts.iter().partition(|put| is_as_indexed(&put.path));
        let (removals, kept): (Vec<&String>, Vec<&String>) = changes.removals.iter().partition(|path| is_as_indexed(path));
        left.retain(|put| std::fs::read(self.folder.join(&put.path)).is_ok_and(|found| found != put.bytes));
        write::replace(&self.folder, &puts, &removals, writing.wait())?;
        Ok(left.into_iter().map(|put| put.path.clone()).chain(kept.into_iter().cloned()).collect())
    }
}

/// Without the line ends that git may have changed.
fn plain(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}
