//! What has to change on the disk so that it holds the documents, and what stands against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::WriteError;
use super::owner::{self, is_ours};
use crate::contract::documents::{Document, REPO_CONTRACT, digest_of};

/// Changes to an output folder.
#[derive(Default)]
pub(super) struct Plan<'a> {
    /// Documents to write; `repo_contract.json` comes last.
    pub puts: Vec<Put<'a>>,
    /// Documents to remove, sorted.
    pub removals: Vec<Removal>,
    /// How many documents are as they should be.
    pub unchanged: usize,
    /// Documents among the changes that do not hold what was written, sorted.
    pub edited: Vec<String>,
    /// Documents among the changes that hold a merge conflict, sorted.
    pub conflicts: Vec<String>,
    /// Every document of ours that is there, and its digest.
    pub present: BTreeMap<String, String>,
}

/// A document to write.
pub(super) struct Put<'a> {
    pub document: &'a Document,
    /// Digest of what is there.
    pub before: Option<String>,
}

/// A document to remove.
pub(super) struct Removal {
    /// Under the output folder.
    pub path: String,
    /// Digest of what is there.
    pub before: Option<String>,
}

impl<'a> Plan<'a> {
    /// Compares the folder with the documents. Nothing is changed.
    pub fn new(folder: &Path, documents: &'a [Document]) -> Result<Self, WriteError> {
        let listed = owner::listed(folder);
        let mut plan = Self::default();
        for document in documents {
            let target = target_of(folder, &document.path)?;
            match read(&target)? {
                Some(bytes) if bytes == document.bytes => {
                    plan.unchanged += 1;
                    plan.present.insert(document.path.clone(), digest_of(&bytes));
                }
                Some(bytes) if !is_ours(&document.path, &bytes, &listed) => return Err(WriteError::Foreign { path: target }),
                Some(bytes) => {
                    let before = plan.will_change(&document.path, &bytes, &listed);
                    plan.puts.push(Put { document, before: Some(before) });
                }
                None => plan.puts.push(Put { document, before: None }),
            }
        }
        let current: BTreeSet<&str> = documents.iter().map(|document| document.path.as_str()).collect();
        for path in owner::stale(folder, &listed, &current) {
            let Some(bytes) = read(&folder.join(&path))? else { continue };
            let before = plan.will_change(&path, &bytes, &listed);
            plan.removals.push(Removal { path, before: Some(before) });
        }
        plan.edited.sort();
        plan.conflicts.sort();
        Ok(plan)
    }

    /// A plan of exactly these changes.
    pub fn of(folder: &Path, puts: &[&'a Document], removals: &[&String]) -> Result<Self, WriteError> {
        let digest_at = |path: &str| Ok(read(&target_of(folder, path)?)?.map(|bytes| digest_of(&bytes)));
        let mut plan = Self::default();
        for document in puts {
            plan.puts.push(Put { document, before: digest_at(&document.path)? });
        }
        for path in removals {
            if let Some(before) = digest_at(path)? {
                plan.removals.push(Removal { path: (*path).clone(), before: Some(before) });
            }
        }
        Ok(plan)
    }

    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.removals.is_empty()
    }

    /// Notes what is there before it changes; its digest.
    fn will_change(&mut self, path: &str, bytes: &[u8], listed: &BTreeMap<String, String>) -> String {
        let digest = digest_of(bytes);
        if has_conflict(bytes) {
            self.conflicts.push(path.to_owned());
        } else if listed.get(path).is_some_and(|written| *written != digest) && !bytes.is_empty() && !is_converted(bytes, &listed[path]) {
            self.edited.push(path.to_owned());
        }
        self.present.insert(path.to_owned(), digest.clone());
        digest
    }
}

/// What has to change in documents that lie elsewhere than on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Documents to write; `repo_contract.json` comes last.
    pub puts: Vec<Document>,
    /// Documents to remove, sorted.
    pub removals: Vec<String>,
    /// Which of them do not hold what was written.
    pub edited: Vec<String>,
    /// Files in the way that are not ours.
    pub foreign: Vec<String>,
}

/// Compares what is there, by path, with the documents that should be.
#[must_use]
pub fn changes(present: &BTreeMap<String, Vec<u8>>, documents: &[Document]) -> Changes {
    let listed = present.get(REPO_CONTRACT).map(|bytes| owner::listed_in(bytes)).unwrap_or_default();
    let mut changes = Changes::default();
    let mut plan = Plan::default();
    for document in documents {
        match present.get(&document.path) {
            Some(bytes) if *bytes == document.bytes => continue,
            Some(bytes) if !is_ours(&document.path, bytes, &listed) => changes.foreign.push(document.path.clone()),
            Some(bytes) => drop(plan.will_change(&document.path, bytes, &listed)),
            None => {}
        }
        changes.puts.push(document.clone());
    }
    let current: BTreeSet<&str> = documents.iter().map(|document| document.path.as_str()).collect();
    for (path, bytes) in present.iter().filter(|(path, _)| !current.contains(path.as_str())) {
        if (owner::is_derived(path) || listed.contains_key(path)) && is_ours(path, bytes, &listed) && !bytes.is_empty() {
            plan.will_change(path, bytes, &listed);
            changes.removals.push(path.clone());
        }
    }
    changes.edited = plan.edited;
    changes.edited.sort();
    changes
}

/// Whether bytes are those of the digest, but for line ends that git has changed.
fn is_converted(bytes: &[u8], digest: &str) -> bool {
    if memchr::memchr(b'\r', bytes).is_none() {
        return false;
    }
    let mut plain = bytes.to_vec();
    plain.retain(|byte| *byte != b'\r');
    digest_of(&plain) == digest
}

/// Whether git has left both sides of a merge in a file.
pub fn has_conflict(bytes: &[u8]) -> bool {
    let mut opened = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.starts_with(b"<<<<<<< ") {
            opened = true;
        } else if opened && line.starts_with(b">>>>>>> ") {
            return true;
        }
    }
    // A file cut short, or a mark somebody forgot: still nobody's document.
    opened
}

/// Where a document goes. A link in between could lead out of the output folder, so it is refused.
pub(super) fn target_of(folder: &Path, path: &str) -> Result<PathBuf, WriteError> {
    let mut target = folder.to_path_buf();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        target.push(part);
        match fs::symlink_metadata(&target) {
            Ok(found) if found.is_symlink() => return Err(WriteError::Foreign { path: target }),
            Ok(found) if found.is_dir() != parts.peek().is_some() => return Err(WriteError::Foreign { path: target }),
            _ => {}
        }
    }
    Ok(target)
}

fn read(target: &Path) -> Result<Option<Vec<u8>>, WriteError> {
    match fs::read(target) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(WriteError::io("cannot read what is there", target, source)),
    }
}

/// The folders between a document and the output folder, innermost first.
pub(super) fn parents_of(folder: &Path, path: &str) -> Vec<PathBuf> {
    Path::new(path).ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty()).map(|parent| folder.join(parent)).collect()
}
