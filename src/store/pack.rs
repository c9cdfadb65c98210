//! One file with many entries. It is written once, entry after entry, and ends with an index of them.
//!
//! ```text
//! magic · entry bytes … · rows sorted by key · number of rows · digest of the rows · magic
//! ```

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::NamedTempFile;

use super::key::{Digest, Key};

const MAGIC: &[u8; 8] = b"capack1\n";
/// How files end that are not yet whole.
pub(super) const PART: &str = ".part";
/// Key, digest, offset, length.
const ROW: usize = 16 + 16 + 8 + 4;
/// Number of rows, digest of the rows, magic.
const END: usize = 8 + 16 + 8;

/// Where an entry lies in its pack, and its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub key: Key,
    pub digest: Digest,
    pub offset: u64,
    pub length: u32,
}

/// A pack that can be read.
pub(super) struct Pack {
    pub path: PathBuf,
    pub size: u64,
    file: File,
    /// The rows, as in the file.
    rows: Vec<u8>,
    /// Which entries this run has asked for.
    used: Box<[AtomicBool]>,
}

impl Pack {
    /// Opens a pack; `None` when it is none, or is cut.
    pub fn open(path: PathBuf) -> Option<Self> {
        let mut file = File::open(&path).ok()?;
        let size = file.metadata().ok()?.len();
        let mut magic = [0; MAGIC.len()];
        file.read_exact(&mut magic).ok()?;
        let mut end = [0; END];
        file.seek(SeekFrom::Start(size.checked_sub(END as u64)?)).ok()?;
        file.read_exact(&mut end).ok()?;
        let (count, rest) = end.split_first_chunk()?;
        let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
        if &magic != MAGIC || rest.get(16..) != Some(MAGIC.as_slice()) {
            return None;
        }
        let length = count.checked_mul(ROW)?;
        file.seek(SeekFrom::Start(size.checked_sub(END as u64)?.checked_sub(length as u64)?)).ok()?;
        let mut rows = vec![0; length];
        file.read_exact(&mut rows).ok()?;
        if Digest::of(&rows).as_bytes() != rest.get(..16)? {
            return None;
        }
        let used = (0..count).map(|_| AtomicBool::new(false)).collect();
        Some(Self { path, size, file, rows, used })
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.used.len()
    }

    /// The row at a position.
    pub fn row(&self, at: usize) -> Option<Row> {
        let row = self.rows.get(at * ROW..)?.get(..ROW)?;
        let (key, rest) = row.split_first_chunk()?;
        let (digest, rest) = rest.split_first_chunk()?;
        let (offset, length) = rest.split_first_chunk()?;
        let length = u32::from_le_bytes(*length.first_chunk()?);
        Some(Row { key: Key(*key), digest: Digest(*digest), offset: u64::from_le_bytes(*offset), length })
    }

    /// Where the row of a key stands.
    pub fn find(&self, key: Key) -> Option<usize> {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            match self.rows.get(middle * ROW..)?.get(..16)?.cmp(&key.0) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
                std::cmp::Ordering::Equal => {
                    self.used[middle].store(true, Ordering::Relaxed);
                    return Some(middle);
                }
            }
        }
        None
    }

    /// Whether this run has asked for an entry.
    pub fn is_used(&self, at: usize) -> bool {
        self.used.get(at).is_some_and(|used| used.load(Ordering::Relaxed))
    }

    /// The bytes of an entry; `None` when they are not what they were.
    pub fn read(&self, row: Row) -> Option<Vec<u8>> {
        if row.offset.checked_add(u64::from(row.length))? > self.size {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(row.length).ok()?];
        read_at(&self.file, row.offset, &mut bytes).ok()?;
        (Digest::of(&bytes) == row.digest).then_some(bytes)
    }
}

/// Reads at an offset; any number of threads may.
#[cfg(unix)]
fn read_at(file: &File, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

/// Reads at an offset; any number of threads may.
#[cfg(windows)]
fn read_at(file: &File, mut offset: u64, mut bytes: &mut [u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}

/// A file of the store that is being written beside its place, with the permissions any new file has.
pub(super) fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix("part-").suffix(PART).tempfile_in(folder)
}

/// A pack that is being written; nobody sees it before it is whole.
pub(super) struct Writer {
    file: BufWriter<NamedTempFile>,
    at: u64,
    rows: Vec<Row>,
}

impl Writer {
    /// Begins a pack in a folder.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 18, new_file(folder)?);
        file.write_all(MAGIC)?;
        Ok(Self { file, at: MAGIC.len() as u64, rows: Vec::new() })
    }

    /// Adds an entry.
    pub fn add(&mut self, key: Key, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.file.write_all(bytes)?;
        self.rows.push(Row { key, digest, offset: self.at, length });
        self.at += u64::from(length);
        Ok(())
    }

    /// Ends the pack and puts it where others find it.
    pub fn finish(mut self, folder: &Path) -> io::Result<PathBuf> {
        self.rows.sort_by_key(|row| row.key);
        self.rows.dedup_by_key(|row| row.key);
        let mut rows = Vec::with_capacity(self.rows.len() * ROW);
        for row in &self.rows {
            rows.extend_from_slice(&row.key.0);
            rows.extend_from_slice(&row.digest.0);
            rows.extend_from_slice(&row.offset.to_le_bytes());
            rows.extend_from_slice(&row.length.to_le_bytes());
        }
        let digest = Digest::of(&rows);
        self.file.write_all(&rows)?;
        self.file.write_all(&(self.rows.len() as u64).to_le_bytes())?;
        self.file.write_all(digest.as_bytes())?;
        self.file.write_all(MAGIC)?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let path = folder.join(format!("{}.pack", digest.hex()));
        file.persist(&path)?;
        Ok(path)
    }
}
