//! Whole answers, each in a file of its own: the digest of the rest, then the rest.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use super::Place;
use super::folder;
use super::key::Digest;
use super::pack::new_file;

/// How many answers stay at most.
const MANY: usize = 64;
/// An answer larger than this is not kept.
const LARGEST: u64 = 256 << 20;

pub(super) struct Answers {
    place: Place,
    limit: u64,
}

impl Answers {
    pub fn open(place: Place, limit: u64) -> Self {
        Self { place, limit }
    }

    fn folder(&self) -> PathBuf {
        self.place.build.join("answers")
    }

    pub fn read(&self, digest: Digest) -> Option<Vec<u8>> {
        let path = self.folder().join(digest.hex());
        if path.metadata().ok()?.len() > LARGEST {
            return None;
        }
        let bytes = fs::read(path).ok()?;
        let (told, rest) = bytes.split_at_checked(16)?;
        (Digest::of(rest).as_bytes() == told).then(|| rest.to_vec())
    }

    pub fn write(&self, digest: Digest, bytes: &[u8]) {
        if let Err(error) = self.try_write(digest, bytes) {
            tracing::debug!(%error, "an answer was not stored");
        }
    }

    fn try_write(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        folder::make(&self.place.folder, &self.place.build)?;
        let folder = self.folder();
        fs::create_dir_all(&folder)?;
        let mut file = new_file(&folder)?;
        file.write_all(Digest::of(bytes).as_bytes())?;
        file.write_all(bytes)?;
        file.persist(folder.join(digest.hex()))?;
        self.tidy();
        Ok(())
    }

    /// Removes the oldest, when there are too many or they hold too much.
    fn tidy(&self) {
        let mut all: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(self.folder()).into_iter().flatten().flatten() {
            if let Ok(metadata) = entry.metadata() {
                all.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len(), entry.path()));
            }
        }
        all.sort_by(|one, other| other.cmp(one));
        let mut total = 0_u64;
        for (place, (_, size, path)) in all.into_iter().enumerate() {
            total = total.saturating_add(size);
            // The newest stays however large it is.
            if place > 0 && (place >= MANY || total > self.limit) {
                let _ = fs::remove_file(path);
            }
        }
    }
}
