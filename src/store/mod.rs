//! What an earlier run has worked out, on disk: facts of files by the name of their bytes, and whole answers by the digest of all they
//! follow from.
//!
//! It may vanish or be damaged at any time, and whoever asks works it out again: every entry carries its digest, and what does not fit is
//! taken as absent. Entries belong to one build of the program. Nothing is ever changed in place: a run writes new files and renames them
//! to where others find them, so any number of processes may share a store without a lock. Failing to write is no error.
//!
//! Knows nothing of what it keeps.

mod answers;
mod audit;
mod calls;
mod entry;
mod folder;
mod key;
mod pack;
mod packs;
mod stamp;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use audit::AuditFile;
pub use calls::Calls;
pub use folder::{Contents, contents, folder_in, remove};
pub use key::{Digest, Digester, Key};
pub use stamp::Stamp;

use answers::Answers;
pub use packs::Found;
use packs::Packs;

/// The build of the program that entries belong to.
pub const BUILD: &str = env!("CONTRACT_AGENT_BUILD");

/// How much a store may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of facts, beyond which those that the last run did not need go.
    pub facts: u64,
    /// Bytes of answers, beyond which the oldest go.
    pub answers: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { facts: 512 << 20, answers: 64 << 20 }
    }
}

/// A store for one build.
pub struct Store {
    packs: Packs,
    answers: Answers,
}

impl Store {
    /// The store in `folder`, which need not be there yet.
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        Self::open_for(folder, BUILD, Limits::default())
    }

    /// The store in `folder` for another build, or with other limits.
    #[must_use]
    pub fn open_for(folder: &Path, build: &str, limits: Limits) -> Self {
        let place = Place { folder: folder.to_owned(), build: folder.join(build) };
        Self { packs: Packs::open(place.clone(), limits.facts), answers: Answers::open(place, limits.answers) }
    }

    /// Where an entry lies, when there is one.
    #[must_use]
    pub fn find(&self, key: Key) -> Option<Found> {
        self.packs.find(key)
    }

    /// What an entry holds; `None` when it is damaged.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self, found: Found) -> Option<T> {
        entry::from_bytes(&self.packs.read(found)?)
    }

    /// Keeps an entry, and says what digest it has whether it could be kept or not.
    pub fn keep<T: Serialize>(&self, key: Key, value: &T) -> Option<Digest> {
        let bytes = entry::to_bytes(value)?;
        let digest = Digest::of(&bytes);
        self.packs.add(key, digest, &bytes);
        Some(digest)
    }

    /// Makes what was kept since the last time visible to later runs.
    pub fn save(&self) {
        self.packs.save();
    }

    /// An earlier answer.
    #[must_use]
    pub fn answer<T: DeserializeOwned>(&self, digest: Digest) -> Option<T> {
        postcard::from_bytes(&self.answers.read(digest)?).ok()
    }

    /// Keeps an answer for later runs, at once.
    pub fn keep_answer<T: Serialize>(&self, digest: Digest, value: &T) {
        if let Ok(bytes) = postcard::to_stdvec(value) {
            self.answers.write(digest, &bytes);
        }
    }
}

/// Where a store is.
#[derive(Clone)]
struct Place {
    /// The folder of all builds.
    folder: PathBuf,
    /// The folder of this build.
    build: PathBuf,
}
