//! The file of the audit log. It is only ever appended to, by one process at a time, and each entry is on the disk before a run goes on.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::llm::audit::{End, Entry, end_of};
use crate::llm::call::{Exchange, Witness};

const NAME: &str = "audit.jsonl";
/// So much of the file's end is read for the last entry; all of it when none is there.
const TAIL: u64 = 1 << 20;

/// The audit log of a repository.
#[derive(Clone, Debug)]
pub struct AuditFile {
    path: PathBuf,
}

impl AuditFile {
    /// The log of the repository whose top this is; `None` when a symbolic link stands there, which could lead anywhere.
    #[must_use]
    pub fn in_repository(top: &Path) -> Option<Self> {
        let folder = top.join(".contract-agent");
        let path = folder.join(NAME);
        let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        (!is_link(&folder) && !is_link(&path)).then_some(Self { path })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it holds; `None` when there is none yet.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn append(&self, exchange: &Exchange) -> io::Result<()> {
        let mut file = self.opened()?;
        // Another process may be writing; the system lets go of the lock when the file is closed.
        file.lock()?;
        let length = file.seek(SeekFrom::End(0))?;
        let (end, is_whole) = end_in(&mut file, length)?;
        let mut line = Entry::line(exchange, &end);
        if !is_whole {
            line.insert(0, '\n');
        }
        file.write_all(line.as_bytes())?;
        file.sync_all()
    }

    /// The file, made when it is not there, with its folder hidden from git.
    fn opened(&self) -> io::Result<File> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
            // Only where nothing is: not through a link that leads elsewhere.
            match File::options().write(true).create_new(true).open(folder.join(".gitignore")) {
                Ok(mut file) => file.write_all(b"*\n")?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        File::options().create(true).read(true).append(true).open(&self.path)
    }
}

/// The end of the chain, and whether the file ends with a whole line.
fn end_in(file: &mut File, length: u64) -> io::Result<(End, bool)> {
    let mut from = length.saturating_sub(TAIL);
    loop {
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let is_whole = tail.last().is_none_or(|byte| *byte == b'\n');
        match end_of(&tail) {
            Some(end) => return Ok((end, is_whole)),
            None if from == 0 => return Ok((End::default(), is_whole)),
            None => from = 0,
        }
    }
}

impl Witness for AuditFile {
    fn saw(&self, exchange: &Exchange) -> Result<(), String> {
        self.append(exchange).map_err(|error| format!("cannot write to `{}`: {error}", self.path.display()))
    }

    fn ready(&self) -> Result<(), String> {
        self.opened().map(drop).map_err(|error| format!("cannot write to `{}`: {error}", self.path.display()))
    }
}
