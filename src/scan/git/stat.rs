//! Whether a file on disk is still the one the index speaks of, told from its stat alone, as git tells it.

use super::Config;
use crate::base::blob::BlobId;
use std::fs::Metadata;

/// The stat of a file on disk.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::scan) struct Stat {
    pub mtime: (i64, u32),
    pub ctime: (i64, u32),
    pub ino: u64,
    pub size: u64,
    pub is_executable: bool,
}

impl Stat {
    /// From the file system's answer.
    #[cfg(unix)]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanos = |value: i64| u32::try_from(value).unwrap_or(0);
        Self {
            mtime: (metadata.mtime(), nanos(metadata.mtime_nsec())),
            ctime: (metadata.ctime(), nanos(metadata.ctime_nsec())),
            ino: metadata.ino(),
            size: metadata.len(),
            is_executable: metadata.mode() & 0o111 != 0,
        }
    }

    /// From the file system's answer.
    #[cfg(not(unix))]
    pub fn of(metadata: &Metadata) -> Self {
        let since = metadata.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let mtime = since.map_or((0, 0), |since| (i64::try_from(since.as_secs()).unwrap_or(0), since.subsec_nanos()));
        Self { mtime, size: metadata.len(), ..Self::default() }
    }
}

/// The stat an index entry remembers. Seconds, inode and size are cut to 32 bits there; 0 means unknown.
pub(in crate::scan) struct IndexStat {
    pub mtime: (u32, u32),
    pub ctime: (u32, u32),
    pub ino: u32,
    pub size: u32,
}

impl IndexStat {
    /// Whether the file on disk has not changed since the entry was made. `written` is when the index was.
    pub fn is_clean(&self, disk: &Stat, id: BlobId, written: Option<(i64, u32)>, config: &Config) -> bool {
        let Some(written) = written else { return false };
        let is_same_time = |index: (u32, u32), disk: (i64, u32)| {
            index.0 == low(disk.0) && (config.minimal_stat || index.1 == 0 || disk.1 == 0 || index.1 == disk.1)
        };
        let is_same_inode = config.minimal_stat || self.ino == 0 || disk.ino == 0 || self.ino == low(disk.ino);
        let skips_ctime = config.minimal_stat || config.ignores_ctime || self.ctime.0 == 0 || disk.ctime.0 == 0;
        self.size == low(disk.size)
            && is_same_inode
            && is_same_time(self.mtime, disk.mtime)
            && (skips_ctime || is_same_time(self.ctime, disk.ctime))
            && !self.is_racy(written)
            && !self.is_smudged(id)
    }

    /// Written in the same moment as the index, so a later write may carry the same time.
    fn is_racy(&self, written: (i64, u32)) -> bool {
        let (seconds, nanos) = (i64::from(self.mtime.0), self.mtime.1);
        seconds > written.0 || (seconds == written.0 && (nanos == 0 || written.1 == 0 || nanos >= written.1))
    }

    /// Git sets the size of an entry it does not trust to 0.
    fn is_smudged(&self, id: BlobId) -> bool {
        const EMPTY_SHA1: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
        self.size == 0 && BlobId::from_hex(EMPTY_SHA1) != Some(id)
    }
}

/// The low 32 bits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the index keeps only the low 32 bits")]
fn low(value: impl Into<i128>) -> u32 {
    value.into() as u32
}
