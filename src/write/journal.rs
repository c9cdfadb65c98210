//! What a run is about to change, written down before it changes anything: whoever finds it there finishes the change, or
//! takes it back when it cannot be finished.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::owner::is_inside;
use super::{WriteError, plan, remove_empty};
use crate::contract::documents::{REPO_CONTRACT, digest_of};

const JOURNAL: &str = "journal.json";
/// Folders with the new bytes and with second names of the old files, numbered as the steps are.
const NEW: &str = "new";
const OLD: &str = "old";

/// Changes that belong together, in order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Journal {
    steps: Vec<Step>,
}

/// One file's change.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    /// Under the output folder.
    path: String,
    /// Digest of what is there now, `None` when nothing is.
    before: Option<String>,
    /// Digest of what shall be there, `None` when nothing shall.
    after: Option<String>,
}

/// Whether what is there is looked at before it is changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// The run that made the plan goes on: it has looked.
    Planned,
    /// A later run goes on: somebody may have changed files since.
    Again,
}

/// Whether a journal waits in the work folder.
pub(super) fn waits(work: &Path) -> bool {
    work.join(JOURNAL).exists()
}

/// Removes what a run left in the work folder.
pub(super) fn clear(work: &Path) {
    // What cannot be removed does no harm without a journal.
    let _ = fs::remove_file(work.join(JOURNAL));
    let _ = fs::remove_file(part(work));
    let _ = fs::remove_dir_all(work.join(NEW));
    let _ = fs::remove_dir_all(work.join(OLD));
}

fn part(work: &Path) -> PathBuf {
    work.join("journal.part")
}

/// Makes a plan's changes as one: with an error nothing has changed.
pub(super) fn carry_out(folder: &Path, work: &Path, plan: &plan::Plan) -> Result<(), WriteError> {
    clear(work);
    let result = stage(folder, work, plan).and_then(|journal| {
        journal.save(work)?;
        journal.forward(folder, work, Look::Planned).inspect_err(|_| {
            // When this fails too, the journal stays for the next run.
            let _ = journal.back(folder, work);
        })
    });
    if result.is_ok() || !waits(work) || is_untouched(folder, work) {
        clear(work);
    }
    result
}

/// Finishes what an interrupted run began.
pub(super) fn finish(folder: &Path, work: &Path) -> Result<(), WriteError> {
    let Some(journal) = read(work) else {
        clear(work);
        return Ok(());
    };
    if journal.is_overtaken(folder) {
        clear(work);
        return Ok(());
    }
    tracing::info!(steps = journal.steps.len(), "finishing an interrupted run");
    if let Err(error) = journal.forward(folder, work, Look::Again)
        && journal.back(folder, work).is_err()
    {
        return Err(WriteError::Unsettled { path: error.place().into(), source: Box::new(error) });
    }
    clear(work);
    Ok(())
}

fn read(work: &Path) -> Option<Journal> {
    let journal: Journal = serde_json::from_slice(&fs::read(work.join(JOURNAL)).ok()?).ok()?;
    Some(journal).filter(|journal| journal.steps.iter().all(|step| is_inside(&step.path)))
}

/// Whether every file is as it was before the journal's changes.
fn is_untouched(folder: &Path, work: &Path) -> bool {
    read(work).is_none_or(|journal| journal.steps.iter().all(|step| digest_at(&folder.join(&step.path)) == step.before))
}

/// Writes new bytes and second names of old files into the work folder. Nothing has changed when it fails.
fn stage(folder: &Path, work: &Path, plan: &plan::Plan) -> Result<Journal, WriteError> {
    /// More files than these are not synced one by one: that would take longer than the whole run. After a power cut the
    /// digests tell what the disk has lost, and the sources are still there.
    const SYNCED: usize = 64;
    for name in [NEW, OLD] {
        let path = work.join(name);
        fs::create_dir_all(&path).map_err(|source| WriteError::io("cannot write to the output folder", &path, source))?;
    }
    let is_synced = plan.puts.len() <= SYNCED && plan.puts.iter().any(|put| put.before.is_some());
    let mut journal = Journal::default();
    for removal in &plan.removals {
        let step = Step { path: removal.path.clone(), before: removal.before.clone(), after: None };
        journal.push(step, folder, work)?;
    }
    for put in &plan.puts {
        let target = folder.join(&put.document.path);
        let new = work.join(NEW).join(journal.steps.len().to_string());
        let written = write_as(&target, &new, &put.document.bytes).and_then(|file| if is_synced { file.sync_data() } else { Ok(()) });
        written.map_err(|source| WriteError::io("cannot write", &target, source))?;
        let step = Step { path: put.document.path.clone(), before: put.before.clone(), after: Some(digest_of(&put.document.bytes)) };
        journal.push(step, folder, work)?;
    }
    Ok(journal)
}

/// A new file with the permissions of the one it will replace.
fn write_as(target: &Path, new: &Path, bytes: &[u8]) -> std::io::Result<File> {
    let mut file = File::create(new)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    if let Ok(found) = fs::metadata(target) {
        file.set_permissions(found.permissions())?;
    }
    Ok(file)
}

fn digest_at(path: &Path) -> Option<String> {
    fs::read(path).ok().map(|bytes| digest_of(&bytes))
}

impl Journal {
    /// Adds a step, with a second name for the file that it changes: a link, or a copy where there are no links.
    fn push(&mut self, step: Step, folder: &Path, work: &Path) -> Result<(), WriteError> {
        if step.before.is_some() {
            let (target, old) = (folder.join(&step.path), work.join(OLD).join(self.steps.len().to_string()));
            let named = fs::hard_link(&target, &old).or_else(|_| fs::copy(&target, &old).map(drop));
            named.map_err(|source| WriteError::io("cannot write", &target, source))?;
        }
        self.steps.push(step);
        Ok(())
    }

    /// From here on the changes happen, whatever happens to this process.
    fn save(&self, work: &Path) -> Result<(), WriteError> {
        let bytes = serde_json::to_vec(self).expect("a journal has text as keys");
        let (part, journal) = (part(work), work.join(JOURNAL));
        let written = File::create(&part).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_data()
        });
        let saved = written.and_then(|()| fs::rename(&part, &journal));
        saved.map_err(|source| WriteError::io("cannot write to the output folder", &journal, source))
    }

    /// Whether somebody has since put another set in place: `git checkout` changes `repo_contract.json` with the rest.
    fn is_overtaken(&self, folder: &Path) -> bool {
        let Some(step) = self.steps.iter().find(|step| step.path == REPO_CONTRACT) else { return false };
        let found = digest_at(&folder.join(&step.path));
        found != step.before && found != step.after
    }

    fn forward(&self, folder: &Path, work: &Path, look: Look) -> Result<(), WriteError> {
        for (number, step) in self.steps.iter().enumerate() {
            step.forward(folder, &work.join(NEW).join(number.to_string()), look)?;
        }
        remove_empty(&self.left_by(|step| step.after.is_none(), folder));
        Ok(())
    }

    fn back(&self, folder: &Path, work: &Path) -> Result<(), WriteError> {
        for (number, step) in self.steps.iter().enumerate().rev() {
            step.back(folder, &work.join(OLD).join(number.to_string()))?;
        }
        remove_empty(&self.left_by(|step| step.before.is_none(), folder));
        Ok(())
    }

    /// The folders that may be empty when these steps are done, innermost first.
    fn left_by(&self, is_among: impl Fn(&Step) -> bool, folder: &Path) -> Vec<PathBuf> {
        self.steps.iter().filter(|step| is_among(step)).flat_map(|step| plan::parents_of(folder, &step.path)).collect()
    }
}

impl Step {
    fn forward(&self, folder: &Path, new: &Path, look: Look) -> Result<(), WriteError> {
        let target = plan::target_of(folder, &self.path)?;
        if look == Look::Again {
            let found = digest_at(&target);
            if found == self.after || found != self.before {
                return Ok(());
            }
            if self.after.is_some() && digest_at(new) != self.after {
                return Err(WriteError::Damaged { path: new.into() });
            }
        }
        if self.after.is_none() {
            return match fs::remove_file(&target) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(WriteError::io("cannot remove", &target, error)),
                _ => Ok(()),
            };
        }
        put(new, &target)
    }

    fn back(&self, folder: &Path, old: &Path) -> Result<(), WriteError> {
        let target = plan::target_of(folder, &self.path)?;
        if digest_at(&target) == self.before {
            return Ok(());
        }
        match &self.before {
            Some(_) => put(old, &target),
            None => fs::remove_file(&target).map_err(|source| WriteError::io("cannot remove", &target, source)),
        }
    }
}

fn put(from: &Path, target: &Path) -> Result<(), WriteError> {
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|source| WriteError::io("cannot make a folder", folder, source))?;
    fs::rename(from, target).map_err(|source| WriteError::io("cannot write", target, source))
}
