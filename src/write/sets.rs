//! The last sets of documents, kept so that they can be brought back: contents by their digests, and one list per set.
//!
//! They lie in `.contract-agent/` at the top of the repository (beside the output folder when there is none), which tells
//! git to look away.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::WriteError;
use super::owner::is_inside;
use crate::contract::documents::{Document, REPO_CONTRACT, digest_of};

/// How many sets are kept of one output folder.
const KEPT: usize = 5;
/// How many bytes they may take together; the newest is kept whatever it takes.
const MOST_BYTES: u64 = 256 << 20;
const STATE: &str = ".contract-agent";
const OBJECTS: &str = "objects";

/// A kept set.
#[derive(Clone, Debug)]
pub struct KeptSet {
    /// When it was replaced.
    pub kept: Option<SystemTime>,
    /// Its documents, by path, with their digests.
    pub documents: BTreeMap<String, String>,
    list: PathBuf,
}

/// What a list holds.
#[derive(Serialize, Deserialize)]
struct List {
    documents: BTreeMap<String, String>,
}

/// Where the sets of one output folder are kept.
pub(super) struct Sets {
    state: PathBuf,
    folder: PathBuf,
}

impl Sets {
    /// The sets of an output folder, which must be there; `None` when there is no place for them.
    pub fn of(output: &Path) -> Option<Self> {
        let output = output.canonicalize().ok()?;
        let above = || output.ancestors().skip(1);
        let place = above().find(|folder| folder.join(".git").exists()).or_else(|| above().next())?;
        let inner: Vec<_> = output.strip_prefix(place).ok()?.iter().map(|part| part.to_string_lossy()).collect();
        let state = place.join(STATE);
        let name = digest_of(inner.join("/").as_bytes());
        let folder = state.join("sets").join(name.get(..16).unwrap_or(&name));
        Some(Self { state, folder })
    }

    /// Where they lie.
    pub fn place(&self) -> &Path {
        &self.folder
    }

    /// What is kept, newest first.
    pub fn all(&self) -> Vec<KeptSet> {
        let mut lists: Vec<(u64, PathBuf)> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.file_name().to_str()?.strip_suffix(".json")?.parse().ok()?, entry.path())))
            .collect();
        lists.sort_unstable_by(|left, right| right.cmp(left));
        lists.into_iter().filter_map(|(_, path)| read_list(path)).collect()
    }

    /// Keeps the documents that lie in the output folder now. What is kept already costs nothing.
    pub fn keep(&self, output: &Path, documents: &BTreeMap<String, String>) -> Result<(), WriteError> {
        let failed = |path: &Path, source| WriteError::io("cannot keep the contracts that are replaced", path, source);
        let all = self.all();
        if documents.is_empty() || all.first().is_some_and(|newest| newest.documents == *documents) {
            return Ok(());
        }
        let objects = self.folder.join(OBJECTS);
        fs::create_dir_all(&objects).map_err(|source| failed(&objects, source))?;
        hide(&self.state).map_err(|source| failed(&self.state, source))?;
        for (path, digest) in documents {
            let object = objects.join(digest);
            if !object.exists() {
                let part = objects.join("part");
                let copied =
                    fs::read(output.join(path)).and_then(|bytes| fs::write(&part, bytes)).and_then(|()| fs::rename(&part, &object));
                copied.map_err(|source| failed(&object, source))?;
            }
        }
        let next = all.first().and_then(|set| number_of(&set.list)).unwrap_or(0) + 1;
        let list = serde_json::to_vec(&List { documents: documents.clone() }).expect("a list has text as keys");
        let (path, part) = (self.folder.join(format!("{next}.json")), self.folder.join("part"));
        fs::write(&part, list).and_then(|()| fs::rename(&part, &path)).map_err(|source| failed(&path, source))?;
        self.forget(documents);
        Ok(())
    }

    /// Drops the oldest sets, and `newest` where it was kept before.
    fn forget(&self, newest: &BTreeMap<String, String>) {
        let objects = self.folder.join(OBJECTS);
        let size_of = |digest: &String| fs::metadata(objects.join(digest)).map_or(0, |found| found.len());
        let (mut kept, mut bytes, mut sets) = (BTreeSet::new(), 0, 0);
        for set in self.all() {
            let new: BTreeSet<String> = set.documents.values().filter(|digest| !kept.contains(*digest)).cloned().collect();
            let size: u64 = new.iter().map(size_of).sum();
            let is_again = set.documents == *newest;
            if sets > 0 && (sets == KEPT || is_again || bytes + size > MOST_BYTES) {
                // What cannot be removed is tried again next time.
                let _ = fs::remove_file(&set.list);
                continue;
            }
            sets += 1;
            bytes += size;
            kept.extend(new);
        }
        for entry in fs::read_dir(&objects).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_none_or(|name| !kept.contains(name)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The documents of the set of this number, the newest being 1; `repo_contract.json` comes last.
    pub fn documents(&self, number: usize) -> Result<Vec<Document>, WriteError> {
        let all = self.all();
        let set = number.checked_sub(1).and_then(|index| all.get(index));
        let set = set.ok_or_else(|| WriteError::NoSet { path: self.folder.clone(), kept: all.len() })?;
        let mut documents = Vec::with_capacity(set.documents.len());
        for (path, digest) in &set.documents {
            let object = self.folder.join(OBJECTS).join(digest);
            let bytes = fs::read(&object).map_err(|source| WriteError::io("cannot read a kept document", &object, source))?;
            if digest_of(&bytes) != *digest {
                return Err(WriteError::Damaged { path: object });
            }
            documents.push(Document { path: path.clone(), bytes });
        }
        documents.sort_by_key(|document| document.path == REPO_CONTRACT);
        Ok(documents)
    }
}

fn number_of(list: &Path) -> Option<u64> {
    list.file_stem()?.to_str()?.parse().ok()
}

/// A list as it was written; anybody may have edited it since.
fn read_list(path: PathBuf) -> Option<KeptSet> {
    let list: List = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
    let is_digest = |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_sound = list.documents.iter().all(|(path, digest)| is_inside(path) && is_digest(digest));
    let kept = fs::metadata(&path).and_then(|found| found.modified()).ok();
    is_sound.then_some(KeptSet { kept, documents: list.documents, list: path })
}

/// Tells git and backup programs that the folder is nobody's work.
fn hide(state: &Path) -> std::io::Result<()> {
    let ignore = state.join(".gitignore");
    if ignore.exists() { Ok(()) } else { fs::write(ignore, "*\n") }
}
