//! The store's folder: how it says of itself that it can be made again, and what is removed from it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::calls;
use super::pack::PART;

/// The signature that tools for backup and search know (<https://bford.info/cachedir/>).
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# What contract-agent can work out again. It may be removed at any time.\n";
/// How many folders of other builds stay.
const OTHER_BUILDS: usize = 2;

/// The store's folder in a repository whose top this is; `None` when a symbolic link stands there, which could lead anywhere.
#[must_use]
pub fn folder_in(top: &Path) -> Option<PathBuf> {
    let own = top.join(".contract-agent");
    let folder = own.join("cache");
    let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    (!is_link(&own) && !is_link(&folder)).then_some(folder)
}

/// Makes the folder of a build, with what marks the store's folder as one that git and backups pass over.
pub(super) fn make(folder: &Path, build: &Path) -> io::Result<()> {
    if build.is_dir() {
        return Ok(());
    }
    make_in(folder, build)?;
    remove_old_builds(folder, build);
    Ok(())
}

/// Makes a folder in the store's.
pub(super) fn make_in(folder: &Path, inner: &Path) -> io::Result<()> {
    let is_new = !folder.is_dir();
    fs::create_dir_all(inner)?;
    if is_new {
        fs::write(folder.join("CACHEDIR.TAG"), TAG)?;
        fs::write(folder.join(".gitignore"), "*\n")?;
    }
    Ok(())
}

/// Whether a folder of this name holds what a build has stored.
fn is_build(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The folders of all builds, the one used last first.
fn builds(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && is_build(&entry.path()) {
            let used = entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            found.push((used, entry.path()));
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, path)| path).collect()
}

fn remove_old_builds(folder: &Path, build: &Path) {
    for old in builds(folder).into_iter().filter(|other| other != build).skip(OTHER_BUILDS) {
        // Another process may be at it too; what stays is removed next time.
        let _ = fs::remove_dir_all(old);
    }
}

/// Removes what processes that were killed an hour ago or earlier had begun to write.
pub(super) fn remove_parts(build: &Path) {
    const HOUR: Duration = Duration::from_secs(3600);
    for folder in [build.to_owned(), build.join("answers")] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_part = entry.file_name().to_string_lossy().ends_with(PART);
            let written = entry.metadata().and_then(|metadata| metadata.modified());
            if is_part && written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age > HOUR)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// What a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Builds that have stored something.
    pub builds: usize,
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What the store in this folder holds.
#[must_use]
pub fn contents(folder: &Path) -> Contents {
    let builds = builds(folder);
    let mut contents = Contents { builds: builds.len(), ..Contents::default() };
    let mut pending = builds;
    pending.push(folder.join(calls::NAME));
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => pending.push(entry.path()),
                Ok(metadata) => {
                    contents.files += 1;
                    contents.bytes += metadata.len();
                }
                Err(_) => {}
            }
        }
    }
    contents
}

/// Removes all that the store in this folder holds, and nothing else that lies there.
///
/// # Errors
/// When something could not be removed.
pub fn remove(folder: &Path) -> io::Result<()> {
    for build in builds(folder) {
        fs::remove_dir_all(build)?;
    }
    let calls = folder.join(calls::NAME);
    if calls.is_dir() {
        fs::remove_dir_all(calls)?;
    }
    for name in ["CACHEDIR.TAG", ".gitignore"] {
        let file = folder.join(name);
        let is_ours = fs::read_to_string(&file).is_ok_and(|text| text == TAG || text == "*\n");
        if is_ours {
            fs::remove_file(file)?;
        }
    }
    // Somebody's own file keeps the folder.
    let _ = fs::remove_dir(folder);
    Ok(())
}
