//! Whether anything in a folder has changed, told from the stat of its files alone.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::key::{Digest, Digester};

/// The state of a folder at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Names the state: another state has another digest, as long as the stamp is settled.
    pub digest: Digest,
    newest: SystemTime,
    taken: SystemTime,
}

impl Stamp {
    /// The stamp of all that lies below a folder, which need not be there. `None` when a stat does not tell it all: there is a symbolic
    /// link, or something cannot be read.
    #[must_use]
    pub fn of(folder: &Path) -> Option<Self> {
        let taken = SystemTime::now();
        let mut newest = SystemTime::UNIX_EPOCH;
        let mut digester = Digester::default();
        let mut pending: Vec<PathBuf> = if folder.symlink_metadata().is_ok() { vec![folder.to_owned()] } else { Vec::new() };
        while let Some(folder) = pending.pop() {
            let mut entries = fs::read_dir(&folder).ok()?.collect::<Result<Vec<_>, _>>().ok()?;
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let metadata = entry.metadata().ok()?;
                digester.bytes(entry.file_name().as_encoded_bytes());
                if metadata.is_dir() {
                    digester.text("folder");
                    pending.push(entry.path());
                } else if metadata.is_file() {
                    newest = newest.max(add(&mut digester, &metadata)?);
                } else {
                    return None;
                }
            }
            digester.text("end");
        }
        Some(Self { digest: digester.digest(), newest, taken })
    }

    /// The stamp of one file; `None` when there is none, or when it is a symbolic link.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        let taken = SystemTime::now();
        let metadata = path.symlink_metadata().ok().filter(Metadata::is_file)?;
        let mut digester = Digester::default();
        let newest = add(&mut digester, &metadata)?;
        Some(Self { digest: digester.digest(), newest, taken })
    }

    /// Whether a later change of any file must show in its stat: none had changed just before the stamp was taken, within the
    /// resolution of the file system's clock.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        const RESOLUTION: Duration = Duration::from_millis(50);
        self.newest.checked_add(RESOLUTION).is_some_and(|newest| newest < self.taken)
    }
}

/// Adds a file's stat; when it was last changed.
#[cfg(unix)]
fn add(digester: &mut Digester, metadata: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt;
    let fields = [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()];
    fields.iter().for_each(|field| {
        digester.bytes(&field.to_le_bytes());
    });
    [metadata.len(), metadata.ino(), u64::from(metadata.mode())].iter().for_each(|field| {
        digester.bytes(&field.to_le_bytes());
    });
    let changed = Duration::new(u64::try_from(metadata.ctime()).ok()?, u32::try_from(metadata.ctime_nsec()).ok()?);
    Some(metadata.modified().ok()?.max(SystemTime::UNIX_EPOCH.checked_add(changed)?))
}

/// Adds a file's stat; when it was last changed.
#[cfg(not(unix))]
fn add(digester: &mut Digester, metadata: &Metadata) -> Option<SystemTime> {
    let modified = metadata.modified().ok()?;
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    digester.bytes(&since.as_nanos().to_le_bytes()).bytes(&metadata.len().to_le_bytes());
    Some(modified)
}
