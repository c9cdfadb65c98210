//! The index as git writes it (versions 2 to 4 with SHA-1), read at once from its bytes. `None` wherever anything is unusual:
//! split and sparse indexes, other hashes, cut files. Then libgit2 or the git program reads it.

use super::stat::IndexStat;
use super::{Entry, EntryKind, Listing, Trust};
use crate::base::blob::BlobId;
use std::borrow::Cow;

/// The length of a SHA-1.
const HASH: usize = 20;
/// Trees nested deeper than this are taken as not cached.
const DEEPEST: usize = 512;

/// One entry.
pub(super) struct Row<'a> {
    /// From the repository's top.
    pub path: Cow<'a, [u8]>,
    pub mode: u32,
    pub id: &'a [u8],
    /// 0, or the side of a conflict.
    pub stage: u16,
    flags: u16,
    stat: &'a [u8],
}

/// A tree that git remembers of entries which have not changed since they were read from or written to a commit.
#[derive(Default)]
pub(super) struct CachedTree<'a> {
    pub name: &'a [u8],
    /// Its id; `None` when something below has changed.
    pub id: Option<&'a [u8]>,
    pub below: Vec<CachedTree<'a>>,
}

/// What an index file holds.
pub(super) struct IndexFile<'a> {
    /// Sorted by path.
    pub rows: Vec<Row<'a>>,
    /// The tree of all entries, when git keeps it.
    pub root: Option<CachedTree<'a>>,
}

impl Row<'_> {
    /// Whether only the name is recorded, and no content yet.
    pub fn is_intended(&self) -> bool {
        self.flags & 0x2000 != 0
    }

    fn is_skipped(&self) -> bool {
        self.flags & 0x4000 != 0
    }

    fn trust(&self) -> Trust {
        if self.stage != 0 {
            Trust::Never
        } else if self.is_intended() {
            Trust::Intended
        } else if self.is_skipped() {
            Trust::NotCheckedOut
        } else {
            let word = |at: usize| number(self.stat, at * 4).unwrap_or(0);
            Trust::Stat(IndexStat { ctime: (word(0), word(1)), mtime: (word(2), word(3)), ino: word(5), size: word(9) })
        }
    }
}

impl<'a> IndexFile<'a> {
    /// Reads the bytes of an index file.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let version = number(bytes, 4)?;
        if !bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) {
            return None;
        }
        let count = usize::try_from(number(bytes, 8)?).ok()?;
        let content = bytes.get(..bytes.len().checked_sub(HASH)?)?;
        let mut rows: Vec<Row> = Vec::with_capacity(count.min(content.len() / 62));
        let mut at = 12;
        for _ in 0..count {
            let (row, end) = row_at(content, at, version, rows.last())?;
            rows.push(row);
            at = end;
        }
        let root = extensions(content, at)?;
        Some(Self { rows, root })
    }

    /// Paths with unresolved conflicts; what is not UTF-8 as near as it can be shown.
    pub fn conflicts(&self) -> Vec<String> {
        let sides = self.rows.iter().filter(|row| row.stage != 0);
        let mut paths: Vec<String> = sides.map(|row| String::from_utf8_lossy(&row.path).into_owned()).collect();
        paths.dedup();
        paths
    }

    /// The entries, as the scan takes them.
    pub fn listing(&self, written: (i64, u32)) -> Listing {
        let mut listing = Listing { written: Some(written), ..Listing::default() };
        listing.entries.reserve(self.rows.len());
        for row in &self.rows {
            let Ok(path) = std::str::from_utf8(&row.path) else {
                listing.odd_names.push(String::from_utf8_lossy(&row.path).into_owned());
                continue;
            };
            if row.stage != 0 {
                listing.conflicts.push(path.to_owned());
            }
            // Of a conflict, our side stands for the file.
            if let (0 | 2, Some(kind), Some(id)) = (row.stage, EntryKind::of_mode(row.mode), BlobId::from_bytes(row.id)) {
                listing.entries.push(Entry { path: path.to_owned(), id, kind, trust: row.trust() });
            }
        }
        listing.conflicts.dedup();
        listing
    }
}

/// The big-endian number at an offset.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The entry at an offset, and where the next begins.
fn row_at<'a>(content: &'a [u8], at: usize, version: u32, before: Option<&Row<'a>>) -> Option<(Row<'a>, usize)> {
    const STAT: usize = 40;
    let stat = content.get(at..at + STAT)?;
    let id = content.get(at + STAT..at + STAT + HASH)?;
    let mut name = at + STAT + HASH + 2;
    let short = u16::from_be_bytes(*content.get(name - 2..)?.first_chunk()?);
    let mut flags = 0;
    if short & 0x4000 != 0 {
        flags = u16::from_be_bytes(*content.get(name..)?.first_chunk()?);
        name += 2;
    }
    let mut cut = 0;
    if version == 4 {
        (cut, name) = varint(content, name)?;
    }
    let length = memchr::memchr(0, content.get(name..)?)?;
    let written = &content[name..name + length];
    let path = match before.filter(|_| version == 4) {
        None => Cow::Borrowed(written),
        Some(before) => {
            let kept = before.path.get(..before.path.len().checked_sub(cut)?)?;
            Cow::Owned([kept, written].concat())
        }
    };
    // Entries of the older versions are filled up to a multiple of eight, with at least one zero.
    let end = if version == 4 { name + length + 1 } else { at + ((name - at + length + 8) & !7) };
    let row = Row { path, mode: number(stat, 24)?, id, stage: (short >> 12) & 3, flags, stat };
    Some((row, end))
}

/// A number in git's variable-length form, and where it ends.
fn varint(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
    }
    Some((value, at + 1))
}

/// Walks the extensions; `None` when one of them must be understood and is not.
#[expect(clippy::option_option, reason = "the outer says whether the index can be read, the inner whether it caches trees")]
fn extensions(content: &[u8], mut at: usize) -> Option<Option<CachedTree<'_>>> {
    let mut root = None;
    while at < content.len() {
        let name = content.get(at..at + 4)?;
        let size = usize::try_from(number(content, at + 4)?).ok()?;
        let body = content.get(at + 8..)?.get(..size)?;
        if name == b"TREE" {
            root = cached_tree(body, 0).map(|(tree, _)| tree);
        } else if !name[0].is_ascii_uppercase() {
            return None;
        }
        at += 8 + size;
    }
    Some(root)
}

fn cached_tree(bytes: &[u8], depth: usize) -> Option<(CachedTree<'_>, &[u8])> {
    if depth > DEEPEST {
        return None;
    }
    let (name, rest) = split(bytes, 0)?;
    let (entries, rest) = split(rest, b' ')?;
    let (trees, mut rest) = split(rest, b'\n')?;
    let is_valid = !entries.starts_with(b"-");
    let count: usize = std::str::from_utf8(trees).ok()?.parse().ok()?;
    let mut tree = CachedTree { name, ..CachedTree::default() };
    if is_valid {
        tree.id = Some(rest.get(..HASH)?);
        rest = &rest[HASH..];
    }
    for _ in 0..count {
        let (child, behind) = cached_tree(rest, depth + 1)?;
        tree.below.push(child);
        rest = behind;
    }
    Some((tree, rest))
}

fn split(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(at, bytes)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}
