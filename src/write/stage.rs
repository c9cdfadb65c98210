//! Changes of files that happen together: all bytes are written before the first file changes, and what was changed is
//! undone when a later change fails.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use super::WriteError;

/// How the names of temporary files begin and end.
const PREFIX: &str = ".contract-agent-";
const SUFFIX: &str = ".tmp";

/// Changes that wait for their commit. Dropping it leaves everything as it was.
#[derive(Default)]
pub struct Stage {
    puts: Vec<Put>,
    removes: Vec<PathBuf>,
    new_folders: Vec<PathBuf>,
}

struct Put {
    target: PathBuf,
    new: TempPath,
    /// The file that was there, under a second name.
    old: Option<TempPath>,
}

/// How to take one change back.
enum Undo {
    Delete(PathBuf),
    Restore(TempPath, PathBuf),
}

impl Stage {
    /// Prepares new bytes for a file; its folder is made when it is not there.
    pub fn put(&mut self, target: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        let folder = target.parent().unwrap_or(Path::new("."));
        self.make_folders(folder).map_err(|source| WriteError::io("cannot make a folder", folder, source))?;
        let cannot_write = |source| WriteError::io("cannot write", target, source);
        let new = temporary(folder, target, bytes).map_err(cannot_write)?;
        let old = if target.exists() { Some(second_name(folder, target).map_err(cannot_write)?) } else { None };
        self.puts.push(Put { target: target.into(), new, old });
        Ok(())
    }

    /// Prepares the removal of a file.
    pub fn remove(&mut self, target: &Path) {
        self.removes.push(target.into());
    }

    fn make_folders(&mut self, folder: &Path) -> io::Result<()> {
        let new: Vec<PathBuf> = folder.ancestors().take_while(|path| !path.exists()).map(PathBuf::from).collect();
        fs::create_dir_all(folder)?;
        self.new_folders.splice(0..0, new);
        Ok(())
    }

    /// Makes all changes; the last file put is the last to change.
    pub fn commit(mut self) -> Result<(), WriteError> {
        let mut done = Vec::new();
        let last = self.puts.pop();
        let result = self.change_all(last, &mut done);
        if result.is_err() {
            for undo in done.into_iter().rev() {
                undo.run();
            }
        } else {
            self.new_folders.clear();
        }
        result
    }

    fn change_all(&mut self, last: Option<Put>, done: &mut Vec<Undo>) -> Result<(), WriteError> {
        for put in self.puts.drain(..) {
            done.push(put.run()?);
        }
        for target in self.removes.drain(..) {
            let cannot_remove = |source| WriteError::io("cannot remove", &target, source);
            let folder = target.parent().unwrap_or(Path::new("."));
            let old = second_name(folder, &target).map_err(cannot_remove)?;
            fs::remove_file(&target).map_err(cannot_remove)?;
            done.push(Undo::Restore(old, target));
        }
        if let Some(put) = last {
            // Thousands of files synced one by one would take longer than the whole run. After a power cut the digests in
            // this one tell what the disk has lost of the others.
            let synced = File::open(&put.new).and_then(|file| file.sync_data());
            synced.map_err(|source| WriteError::io("cannot write", &put.target, source))?;
            done.push(put.run()?);
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.puts.clear();
        for folder in &self.new_folders {
            // Only folders that are still empty go.
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Put {
    fn run(self) -> Result<Undo, WriteError> {
        let Self { target, new, old } = self;
        new.persist(&target).map_err(|error| WriteError::io("cannot write", &target, error.error))?;
        Ok(match old {
            Some(old) => Undo::Restore(old, target),
            None => Undo::Delete(target),
        })
    }
}

impl Undo {
    fn run(self) {
        // Nothing more can be done when this fails too; the digests tell the next run.
        match self {
            Self::Delete(target) => drop(fs::remove_file(target)),
            Self::Restore(old, target) => drop(old.persist(target)),
        }
    }
}

/// A temporary file with the bytes.
fn temporary(folder: &Path, target: &Path, bytes: &[u8]) -> io::Result<TempPath> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    let permissions = fs::metadata(target).map(|found| found.permissions()).ok().or_else(usual_permissions);
    if let Some(permissions) = permissions.filter(|_| cfg!(unix)) {
        builder.permissions(permissions);
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    Ok(file.into_temp_path())
}

/// What other programs give their files; the system takes away what the user's mask says.
#[cfg(unix)]
fn usual_permissions() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn usual_permissions() -> Option<Permissions> {
    None
}

/// A second name for a file, so that it is not lost when the first gets other bytes; a copy where the file system has no
/// second names.
fn second_name(folder: &Path, target: &Path) -> io::Result<TempPath> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    let named = builder.make_in(folder, |path| fs::hard_link(target, path));
    let named = named.or_else(|_| builder.make_in(folder, |path| fs::copy(target, path).map(drop)))?;
    Ok(named.into_temp_path())
}

/// Removes temporary files that a run left behind when it died.
pub fn clear(folder: &Path) {
    let features = folder.join(crate::contract::documents::FEATURES);
    let inner = fs::read_dir(&features).into_iter().flatten().flatten().map(|entry| entry.path());
    for folder in [folder.to_path_buf(), features.clone()].into_iter().chain(inner) {
        let is_link = fs::symlink_metadata(&folder).is_ok_and(|found| found.is_symlink());
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten().filter(|_| !is_link) {
            if is_temporary(&entry.file_name()) {
                // What cannot be removed does no harm.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn is_temporary(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_fails_takes_back_those_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["changed", "removed", "last"] {
            fs::write(path(name), "old").unwrap();
        }
        let mut stage = Stage::default();
        for name in ["changed", "new", "deep/new", "last"] {
            stage.put(&path(name), b"new").unwrap();
        }
        stage.remove(&path("removed"));
        // A folder that is not empty cannot be replaced by a file.
        fs::remove_file(path("last")).unwrap();
        fs::create_dir_all(path("last/in-the-way")).unwrap();

        let error = stage.commit().unwrap_err();

        assert_eq!(error.place(), path("last"));
        assert_eq!(fs::read_to_string(path("changed")).unwrap(), "old");
        assert_eq!(fs::read_to_string(path("removed")).unwrap(), "old");
        assert!(!path("new").exists() && !path("deep").exists());
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left.len(), 3, "no temporary file stays: {left:?}");
    }
}
