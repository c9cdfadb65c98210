//! All packs of a build as one: the newest answer first, new entries into a pack of their own, small packs merged, old entries dropped.

use std::fs;
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use super::Place;
use super::folder;
use super::key::{Digest, Key};
use super::pack::{Pack, Row, Writer};

/// So many small packs are merged into one.
const MANY: usize = 8;

/// Where an entry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The digest of what it holds.
    pub digest: Digest,
    pack: usize,
    row: Row,
}

pub(super) struct Packs {
    place: Place,
    limit: u64,
    /// What was there when it was first asked for, newest first.
    packs: OnceLock<Vec<Pack>>,
    new: Mutex<New>,
}

/// What this run adds.
enum New {
    Nothing,
    Pack(Box<Writer>),
    /// The folder cannot be written to.
    Impossible,
}

impl Packs {
    pub fn open(place: Place, limit: u64) -> Self {
        Self { place, limit, packs: OnceLock::new(), new: Mutex::new(New::Nothing) }
    }

    fn packs(&self) -> &[Pack] {
        self.packs.get_or_init(|| {
            let mut found = Vec::new();
            for entry in fs::read_dir(&self.place.build).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.extension().is_some_and(|extension| extension == "pack") {
                    let written = entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
                    found.push((written, path));
                }
            }
            found.sort_by(|one, other| other.cmp(one));
            found.into_iter().filter_map(|(_, path)| Pack::open(path)).collect()
        })
    }

    pub fn find(&self, key: Key) -> Option<Found> {
        let found = |(pack, held): (usize, &Pack)| {
            let row = held.find(key).and_then(|at| held.row(at))?;
            Some(Found { digest: row.digest, pack, row })
        };
        self.packs().iter().enumerate().find_map(found)
    }

    pub fn read(&self, found: Found) -> Option<Vec<u8>> {
        self.packs().get(found.pack)?.read(found.row)
    }

    pub fn add(&self, key: Key, digest: Digest, bytes: &[u8]) {
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*new, New::Nothing) {
            let begun = folder::make(&self.place.folder, &self.place.build).and_then(|()| Writer::begin(&self.place.build));
            *new = begun.map_or(New::Impossible, |writer| New::Pack(Box::new(writer)));
        }
        if let New::Pack(writer) = &mut *new
            && writer.add(key, digest, bytes).is_err()
        {
            *new = New::Impossible;
        }
    }

    pub fn save(&self) {
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        let New::Pack(writer) = std::mem::replace(&mut *new, New::Nothing) else { return };
        let saved = writer.finish(&self.place.build).and_then(|_| self.tidy());
        if let Err(error) = saved {
            tracing::debug!(%error, "the store was not written");
        }
    }

    /// Merges what has become many, and drops what has become much.
    fn tidy(&self) -> io::Result<()> {
        folder::remove_parts(&self.place.build);
        let packs = self.packs();
        let total: u64 = packs.iter().map(|pack| pack.size).sum();
        let used: u64 = packs.iter().flat_map(|pack| (0..pack.len()).filter(|at| pack.is_used(*at)).map(|at| size_of(pack, at))).sum();
        if total > self.limit.max(used.saturating_mul(2)) {
            return self.merge(packs.iter().collect(), self.limit / 2);
        }
        let largest = packs.iter().map(|pack| pack.size).max().unwrap_or(0);
        let small: Vec<&Pack> = packs.iter().filter(|pack| pack.size <= largest / 4).collect();
        if small.len() >= MANY { self.merge(small, u64::MAX) } else { Ok(()) }
    }

    /// Writes the entries of these packs as one, those this run has asked for before others and the newer before the older, until the
    /// others come to so many bytes; then removes the packs.
    fn merge(&self, packs: Vec<&Pack>, limit: u64) -> io::Result<()> {
        let mut writer = Writer::begin(&self.place.build)?;
        let mut kept = std::collections::BTreeSet::new();
        let mut others = 0;
        for wanted in [true, false] {
            for pack in &packs {
                for at in (0..pack.len()).filter(|at| pack.is_used(*at) == wanted) {
                    let Some(row) = pack.row(at) else { continue };
                    others += if wanted { 0 } else { u64::from(row.length) };
                    if others > limit || !kept.insert(row.key) {
                        continue;
                    }
                    if let Some(bytes) = pack.read(row) {
                        writer.add(row.key, row.digest, &bytes)?;
                    }
                }
            }
        }
        let path = writer.finish(&self.place.build)?;
        for pack in packs.iter().filter(|pack| pack.path != path) {
            // Another process may have removed it; one that still reads it keeps it open.
            let _ = fs::remove_file(&pack.path);
        }
        Ok(())
    }
}

fn size_of(pack: &Pack, at: usize) -> u64 {
    pack.row(at).map_or(0, |row| u64::from(row.length))
}
