//! One run at a time in one output folder: its work folder, the lock in it, and who holds it.
//!
//! The work folder is there only while a run changes something. It tells git to look away, so that nothing of an
//! interrupted run is ever committed.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::WriteError;

/// The work folder's name in the output folder.
const WORK: &str = ".contract-agent";
/// In the work folder: what the system locks.
const LOCK: &str = "lock";
/// In the work folder: who holds the lock. Not in the lock itself: some systems let nobody else read that.
const HOLDER: &str = "holder.json";
const IGNORE: &str = ".gitignore";
const PAUSE: Duration = Duration::from_millis(20);

/// The work folder of an output folder.
pub(super) fn work_folder(folder: &Path) -> PathBuf {
    folder.join(WORK)
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// The machine it runs on.
    pub host: String,
    /// Since when, in seconds since 1970.
    pub since: u64,
}

impl Holder {
    fn myself() -> Self {
        Self { pid: std::process::id(), host: host(), since: now() }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, host, since } = self;
        write!(f, "process {pid} on {host}, since {} ({} s)", utc(*since), now().saturating_sub(*since))
    }
}

/// Holds the lock; the work folder goes when it is dropped, and the system lets go of the lock even when the process dies.
pub(super) struct Lock {
    work: PathBuf,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while still locked; who waits for it finds that the path has gone and starts over.
        let _ = fs::remove_file(self.work.join(HOLDER));
        let _ = fs::remove_file(self.work.join(LOCK));
        let mut left = fs::read_dir(&self.work).into_iter().flatten().flatten().map(|entry| entry.file_name());
        if left.all(|name| name == IGNORE) {
            let _ = fs::remove_file(self.work.join(IGNORE));
            let _ = fs::remove_dir(&self.work);
        }
    }
}

/// Takes the lock of an output folder, waiting so long for another run.
pub(super) fn take(folder: &Path, wait: Duration) -> Result<Lock, WriteError> {
    let work = work_folder(folder);
    let path = work.join(LOCK);
    let started = Instant::now();
    loop {
        make_work_folder(&work)?;
        let file = match File::options().create(true).append(true).open(&path) {
            Ok(file) => file,
            // The other run has just ended, and its work folder went with it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && started.elapsed() <= wait => continue,
            Err(source) => return Err(WriteError::io("cannot write to the output folder", &path, source)),
        };
        match file.try_lock() {
            Ok(()) if is_at(&file, &path) => break sign(work, file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if started.elapsed() < wait => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(WriteError::Locked { holder: holder_in(&work), path }),
            // A file system without locks: better unlocked than not at all.
            Err(TryLockError::Error(_)) => break sign(work, file),
        }
    }
}

fn sign(work: PathBuf, file: File) -> Result<Lock, WriteError> {
    let text = serde_json::to_vec(&Holder::myself()).expect("a holder has text as keys");
    // Only what others are told rests on it.
    let _ = fs::write(work.join(HOLDER), text);
    Ok(Lock { work, _file: file })
}

fn holder_in(work: &Path) -> Option<Holder> {
    serde_json::from_slice(&fs::read(work.join(HOLDER)).ok()?).ok()
}

fn make_work_folder(work: &Path) -> Result<(), WriteError> {
    if fs::symlink_metadata(work).is_ok_and(|found| !found.is_dir()) {
        return Err(WriteError::Foreign { path: work.into() });
    }
    let made = fs::create_dir_all(work);
    made.map_err(|source| WriteError::io("cannot write to the output folder", work, source))?;
    let ignore = work.join(IGNORE);
    if !ignore.exists() {
        // Without it nothing is lost but silence in `git status` while the run lasts.
        let _ = fs::write(ignore, "*\n");
    }
    Ok(())
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

/// The machine's name, as far as files and variables tell it.
fn host() -> String {
    let from_file = ["/proc/sys/kernel/hostname", "/etc/hostname"].iter().find_map(|file| fs::read_to_string(file).ok());
    let variable = |name: &str| std::env::var(name).ok();
    let name = from_file.or_else(|| variable("HOSTNAME")).or_else(|| variable("COMPUTERNAME")).unwrap_or_default();
    Some(name.trim()).filter(|name| !name.is_empty()).unwrap_or("this machine").to_owned()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
}

/// A moment as people write it: `2026-11-20 16:23:11 UTC`.
#[must_use]
pub fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Year, month and day of a count of days since 1970, in the Gregorian calendar. Years are counted from March here, so that
/// the day a leap year adds is the last.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}
