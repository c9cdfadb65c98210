//! Contracts onto the disk: all or nothing, only what changed, and nothing of anybody else's.
//!
//! A run holds the lock file `.contract-agent.lock` in the output folder and removes it when it ends. It puts every changed
//! document beside its place as a temporary file, and only when all bytes are written renames them into place,
//! `repo_contract.json` last. When a rename fails, those before it are undone. When the process dies in between, the
//! digests in `repo_contract.json` do not fit, and the next run writes what is missing and clears what was left behind.

mod error;
mod lock;
mod owner;
mod stage;

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use error::WriteError;

use crate::contract::documents::Document;
use owner::{is_ours, listed};
use stage::Stage;

/// What a run did, as paths under the output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Written for the first time or with new bytes.
    pub changed: Vec<String>,
    /// Removed, because the contract no longer has them.
    pub removed: Vec<String>,
    /// How many were already as they should be; these are not touched.
    pub unchanged: usize,
}

/// Writes the documents of a contract into a folder, which is made when it is not there. Documents of an earlier run that
/// are no longer among them are removed; files of anybody else stay, and stop the run when they are in the way.
pub fn write(folder: &Path, documents: &[Document]) -> Result<Written, WriteError> {
    let new_folders = make_folder(folder)?;
    let result = lock::take(folder).and_then(|_lock| {
        stage::clear(folder);
        write_locked(folder, documents)
    });
    if result.is_err() {
        remove_empty(&new_folders);
    }
    result
}

fn write_locked(folder: &Path, documents: &[Document]) -> Result<Written, WriteError> {
    let before = listed(folder);
    let mut written = Written::default();
    let mut changed = Vec::new();
    for document in documents {
        let target = target_of(folder, &document.path)?;
        match read(&target)? {
            Some(bytes) if bytes == document.bytes => written.unchanged += 1,
            Some(bytes) if !is_ours(&document.path, &bytes, &before) => return Err(WriteError::Foreign { path: target }),
            _ => changed.push((document, target)),
        }
    }
    let current: BTreeSet<&str> = documents.iter().map(|document| document.path.as_str()).collect();
    let stale: Vec<String> = owner::stale(folder, &before, &current);
    let mut stage = Stage::default();
    for (document, target) in &changed {
        stage.put(target, &document.bytes)?;
    }
    for path in &stale {
        stage.remove(&folder.join(path));
    }
    stage.commit()?;
    remove_empty(&stale.iter().flat_map(|path| parents_of(folder, path)).collect::<Vec<_>>());
    written.changed = changed.into_iter().map(|(document, _)| document.path.clone()).collect();
    written.removed = stale;
    Ok(written)
}

/// Makes the output folder, and says which folders are new.
fn make_folder(folder: &Path) -> Result<Vec<PathBuf>, WriteError> {
    if fs::metadata(folder).is_ok_and(|found| !found.is_dir()) {
        return Err(WriteError::NotAFolder { path: folder.into() });
    }
    let new = folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).map(PathBuf::from).collect();
    fs::create_dir_all(folder).map_err(|source| WriteError::io("cannot make the output folder", folder, source))?;
    Ok(new)
}

/// Where a document goes. A link in between could lead out of the output folder, so it is refused.
fn target_of(folder: &Path, path: &str) -> Result<PathBuf, WriteError> {
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
fn parents_of(folder: &Path, path: &str) -> Vec<PathBuf> {
    Path::new(path).ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty()).map(|parent| folder.join(parent)).collect()
}

/// Removes the folders that are empty.
fn remove_empty(folders: &[PathBuf]) {
    for folder in folders {
        // A folder that is not empty stays, and one that cannot be removed does no harm.
        let _ = fs::remove_dir(folder);
    }
}
