//! Contracts onto the disk: all or nothing, only what changed, and nothing of anybody else's.
//!
//! A run that changes something works in `.contract-agent/` in the output folder, which holds the lock and goes when the run
//! ends. All new bytes are written there first, then a journal of what is about to change; only then are files renamed into
//! place, `repo_contract.json` last. When a rename fails, those before it are undone. When the process dies in between,
//! whoever comes next finds the journal and finishes what it says ([`settle`]).
//!
//! Documents whose digest is not the one in `repo_contract.json` were edited by hand. They stop the run, unless whoever asks
//! wants them overwritten; then they are kept with the set that is replaced ([`restore`]).

mod error;
mod journal;
mod lock;
mod owner;
mod plan;
mod sets;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::WriteError;
pub use lock::{Holder, utc};
pub use owner::is_derived;
pub use plan::{Changes, changes, has_conflict};
pub use sets::KeptSet;

use crate::contract::documents::Document;
use plan::Plan;
use sets::Sets;

/// How long a run waits for another one, when nobody says: writing takes well under a second, but there may be many.
pub const WAIT: Duration = Duration::from_secs(30);

/// What a run did, as paths under the output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Written for the first time or with new bytes.
    pub changed: Vec<String>,
    /// Removed, because the contract no longer has them.
    pub removed: Vec<String>,
    /// How many were already as they should be; these are not touched.
    pub unchanged: usize,
    /// Which of the changed and removed ones were edited by hand; as they were they are kept for [`restore`].
    pub edited: Vec<String>,
    /// Which of the changed and removed ones held a merge conflict.
    pub conflicts: Vec<String>,
}

/// What becomes of documents that were edited by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edits {
    /// They stop the run.
    #[default]
    Refused,
    /// They are kept aside and overwritten.
    Overwritten,
}

/// How to write.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long to wait for another run.
    pub wait: Duration,
    /// What becomes of documents that were edited by hand.
    pub edits: Edits,
}

impl Default for Options {
    fn default() -> Self {
        Self { wait: WAIT, edits: Edits::default() }
    }
}

/// Writes the documents of a contract into a folder, which is made when it is not there. Documents of an earlier run that
/// are no longer among them are removed; files of anybody else stay, and stop the run when they are in the way.
/// Documents that were edited by hand stop it too.
///
/// # Errors
/// When something stands against it; then nothing has changed.
pub fn write(folder: &Path, documents: &[Document]) -> Result<Written, WriteError> {
    write_with(folder, documents, Options::default())
}

/// As [`write`], in the way that is asked for.
///
/// # Errors
/// When something stands against it; then nothing has changed.
pub fn write_with(folder: &Path, documents: &[Document], options: Options) -> Result<Written, WriteError> {
    if fs::metadata(folder).is_ok_and(|found| !found.is_dir()) {
        return Err(WriteError::NotAFolder { path: folder.into() });
    }
    // Nothing to do needs no lock, and no right to write.
    if !lock::work_folder(folder).exists() {
        let plan = Plan::new(folder, documents)?;
        if plan.is_empty() {
            return Ok(told(&plan));
        }
    }
    let new_folders = make_folder(folder)?;
    let result = write_locked(folder, documents, options);
    if result.is_err() {
        remove_empty(&new_folders);
    }
    result
}

fn write_locked(folder: &Path, documents: &[Document], options: Options) -> Result<Written, WriteError> {
    let _lock = lock::take(folder, options.wait)?;
    let work = lock::work_folder(folder);
    journal::finish(folder, &work)?;
    let plan = Plan::new(folder, documents)?;
    if plan.is_empty() {
        return Ok(told(&plan));
    }
    if options.edits == Edits::Refused
        && let Some(first) = plan.edited.first()
    {
        return Err(WriteError::Edited { path: folder.join(first), documents: plan.edited });
    }
    let kept = Sets::of(folder).map_or(Ok(()), |sets| sets.keep(folder, &plan.present));
    match kept {
        // What a run has written it can write again; an edit would be lost.
        Err(error) if plan.edited.is_empty() => tracing::warn!(%error, place = %error.place().display(), "the replaced set is not kept"),
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    journal::carry_out(folder, &work, &plan)?;
    Ok(told(&plan))
}

/// Makes exactly these changes, as one; whoever asks has judged them.
///
/// # Errors
/// When something stands against it; then nothing has changed.
pub fn replace(folder: &Path, puts: &[&Document], removals: &[&String], wait: Duration) -> Result<(), WriteError> {
    if puts.is_empty() && removals.is_empty() {
        return Ok(());
    }
    let new_folders = make_folder(folder)?;
    let replaced = lock::take(folder, wait).and_then(|_lock| {
        let work = lock::work_folder(folder);
        journal::finish(folder, &work)?;
        journal::carry_out(folder, &work, &Plan::of(folder, puts, removals)?)
    });
    if replaced.is_err() {
        remove_empty(&new_folders);
    }
    replaced
}

fn told(plan: &Plan) -> Written {
    Written {
        changed: plan.puts.iter().map(|put| put.document.path.clone()).collect(),
        removed: plan.removals.iter().map(|removal| removal.path.clone()).collect(),
        unchanged: plan.unchanged,
        edited: plan.edited.clone(),
        conflicts: plan.conflicts.clone(),
    }
}

/// Puts right what a run that died has left half written. Whoever reads contracts calls this first; it costs next to
/// nothing when there is nothing to do.
///
/// # Errors
/// When it cannot be put right, or a run that is still writing does not end in time.
pub fn settle(folder: &Path, wait: Duration) -> Result<(), WriteError> {
    let work = lock::work_folder(folder);
    if !journal::waits(&work) {
        return Ok(());
    }
    let _lock = lock::take(folder, wait)?;
    journal::finish(folder, &work)
}

/// Whether a run is changing the documents of a folder at this moment, or died while it did.
#[must_use]
pub fn is_unsettled(folder: &Path) -> bool {
    journal::waits(&lock::work_folder(folder))
}

/// The sets that can be brought back, newest first.
#[must_use]
pub fn kept(folder: &Path) -> Vec<KeptSet> {
    Sets::of(folder).map(|sets| sets.all()).unwrap_or_default()
}

/// Brings the set of this number back, 1 being the newest. What is there now is kept as the newest set.
///
/// # Errors
/// When there is no such set, or it cannot be written; then nothing has changed.
pub fn restore(folder: &Path, number: usize, wait: Duration) -> Result<Written, WriteError> {
    settle(folder, wait)?;
    let none = || WriteError::NoSet { path: folder.into(), kept: 0 };
    let sets = Sets::of(folder).ok_or_else(none)?;
    let documents = sets.documents(number)?;
    tracing::debug!(place = %sets.place().display(), documents = documents.len(), "restoring");
    write_with(folder, &documents, Options { wait, edits: Edits::Overwritten })
}

/// Makes the output folder, and says which folders are new.
fn make_folder(folder: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let new = folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).map(PathBuf::from).collect();
    fs::create_dir_all(folder).map_err(|source| WriteError::io("cannot make the output folder", folder, source))?;
    Ok(new)
}

/// Removes the folders that are empty.
fn remove_empty(folders: &[PathBuf]) {
    for folder in folders {
        // A folder that is not empty stays, and one that cannot be removed does no harm.
        let _ = fs::remove_dir(folder);
    }
}
