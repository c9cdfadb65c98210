//! One run at a time in one output folder.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::WriteError;

/// The lock's name in the output folder.
const LOCK: &str = ".contract-agent.lock";
/// A run writes for well under a second; a hook or an editor should wait for it, not fail.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// Holds the lock; the file goes when it is dropped, and the system lets go of the lock even when the process dies.
pub struct Lock {
    path: PathBuf,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while still locked; who waits for it finds that the path has gone and starts over.
        let _ = fs::remove_file(&self.path);
    }
}

/// Takes the lock of an output folder, waiting a few seconds for another run.
pub fn take(folder: &Path) -> Result<Lock, WriteError> {
    let path = folder.join(LOCK);
    for _ in 0..ATTEMPTS {
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|source| WriteError::io("cannot write to the output folder", &path, source))?;
        match file.try_lock() {
            Ok(()) if is_at(&file, &path) => return Ok(Lock { path, _file: file }),
            Ok(()) => continue,
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            // A file system without locks: better unlocked than not at all, renames are atomic anyway.
            Err(TryLockError::Error(_)) => return Ok(Lock { path, _file: file }),
        }
    }
    Err(WriteError::Locked { path })
}

/// Whether the path still leads to the file that was locked.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(locked), Ok(found)) = (file.metadata(), fs::metadata(path)) else { return false };
    (locked.dev(), locked.ino()) == (found.dev(), found.ino())
}

/// Whether the path still leads to the file that was locked. Windows does not let a name go while a file is open.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}
