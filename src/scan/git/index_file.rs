//! The index as git writes it (versions 2 to 4 with SHA-1), read at once from its bytes. `None` wherever anything is unusual:
//! split and sparse indexes, other hashes, cut files. Then libgit2 or the git program reads it.

use super::stat::IndexStat;
use super::{Entry, EntryKind, Listing, Trust};
use crate::base::blob::BlobId;
use std::borrow::Cow;
use std::ops::Range;

/// The length of a SHA-1.
const HASH: usize = 20;
/// Where the entries begin.
const HEADER: usize = 12;
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

/// An index file whose entries and extensions have been walked once. It is replaced as a whole by whoever changes it, so all that
/// is read here is of one moment.
pub(super) struct IndexFile {
    bytes: Vec<u8>,
    written: (i64, u32),
    version: u32,
    count: usize,
    has_conflicts: bool,
    /// Where the trees are that git caches.
    trees: Option<Range<usize>>,
}

/// The entries of an index file, sorted by path.
pub(super) struct Rows<'a> {
    content: &'a [u8],
    version: u32,
    left: usize,
    at: usize,
    /// The path of the entry before, which version 4 needs.
    before: Cow<'a, [u8]>,
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        self.left = self.left.checked_sub(1)?;
        let (row, end) = row_at(self.content, self.at, self.version, &self.before)?;
        self.at = end;
        if self.version == 4 {
            self.before = row.path.clone();
        }
        Some(row)
    }
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

impl IndexFile {
    /// Of the bytes of an index file, and when it was written.
    pub fn of(bytes: Vec<u8>, written: (i64, u32)) -> Option<Self> {
        let version = number(&bytes, 4)?;
        if !bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) {
            return None;
        }
        let count = usize::try_from(number(&bytes, 8)?).ok()?;
        bytes.len().checked_sub(HASH)?;
        let mut index = Self { bytes, written, version, count, has_conflicts: false, trees: None };
        let mut rows = index.rows();
        let mut has_conflicts = false;
        for _ in 0..count {
            has_conflicts |= rows.next()?.stage != 0;
        }
        let trees = extensions(rows.content, rows.at)?;
        (index.has_conflicts, index.trees) = (has_conflicts, trees);
        Some(index)
    }

    /// The entries.
    pub fn rows(&self) -> Rows<'_> {
        Rows { content: self.content(), version: self.version, left: self.count, at: HEADER, before: Cow::Borrowed(b"") }
    }

    /// The tree of all entries, when git keeps it.
    pub fn root(&self) -> Option<CachedTree<'_>> {
        cached_tree(self.trees()?, 0).map(|(tree, _)| tree)
    }

    /// The id of that tree, when nothing has changed since it was read from or written to a commit.
    pub fn root_id(&self) -> Option<&[u8]> {
        tree_at(self.trees()?)?.0.id
    }

    /// The blobs of the first of these paths that has one, and which it is.
    pub fn first_of(&self, paths: &[String]) -> Option<(usize, BlobId)> {
        let last = paths.iter().map(String::as_bytes).max()?;
        let rows = self.rows().take_while(|row| *row.path <= *last).filter(|row| matches!(row.stage, 0 | 2) && !row.is_intended());
        let found = rows.filter_map(|row| {
            let at = paths.iter().position(|path| path.as_bytes() == &*row.path)?;
            Some((at, BlobId::from_bytes(row.id)?))
        });
        found.min_by_key(|(at, _)| *at)
    }

    /// Paths with unresolved conflicts; what is not UTF-8 as near as it can be shown.
    pub fn conflicts(&self) -> Vec<String> {
        if !self.has_conflicts {
            return Vec::new();
        }
        let sides = self.rows().filter(|row| row.stage != 0);
        let mut paths: Vec<String> = sides.map(|row| String::from_utf8_lossy(&row.path).into_owned()).collect();
        paths.dedup();
        paths
    }

    /// The entries, as the scan takes them.
    pub fn listing(&self) -> Listing {
        let mut listing = Listing { written: Some(self.written), conflicts: self.conflicts(), ..Listing::default() };
        listing.entries.reserve(self.count);
        for row in self.rows() {
            let Ok(path) = std::str::from_utf8(&row.path) else {
                listing.odd_names.push(String::from_utf8_lossy(&row.path).into_owned());
                continue;
            };
            // Of a conflict, our side stands for the file.
            if let (0 | 2, Some(kind), Some(id)) = (row.stage, EntryKind::of_mode(row.mode), BlobId::from_bytes(row.id)) {
                listing.entries.push(Entry { path: path.to_owned(), id, kind, trust: row.trust() });
            }
        }
        listing
    }

    /// All but the checksum at the end.
    fn content(&self) -> &[u8] {
        &self.bytes[..self.bytes.len() - HASH]
    }

    fn trees(&self) -> Option<&[u8]> {
        self.content().get(self.trees.clone()?)
    }
}

/// The big-endian number at an offset.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The entry at an offset, and where the next begins.
fn row_at<'a>(content: &'a [u8], at: usize, version: u32, before: &[u8]) -> Option<(Row<'a>, usize)> {
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
    let path = match before.get(..before.len().checked_sub(cut)?)? {
        [] => Cow::Borrowed(written),
        kept => Cow::Owned([kept, written].concat()),
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

/// Where the extension with the cached trees is; the outer `None` when there is one that must be understood and is not.
#[expect(clippy::option_option, reason = "the outer says whether the index can be read, the inner whether it caches trees")]
fn extensions(content: &[u8], mut at: usize) -> Option<Option<Range<usize>>> {
    let mut trees = None;
    while at < content.len() {
        let name = content.get(at..at + 4)?;
        let size = usize::try_from(number(content, at + 4)?).ok()?;
        let body = at + 8..(at + 8).checked_add(size)?;
        content.get(body.clone())?;
        at = body.end;
        if name == b"TREE" {
            trees = Some(body);
        } else if !name[0].is_ascii_uppercase() {
            return None;
        }
    }
    Some(trees)
}

/// A tree without those below it, how many they are, and what stands behind it.
fn tree_at(bytes: &[u8]) -> Option<(CachedTree<'_>, usize, &[u8])> {
    let (name, rest) = split(bytes, 0)?;
    let (entries, rest) = split(rest, b' ')?;
    let (trees, mut rest) = split(rest, b'\n')?;
    let count = std::str::from_utf8(trees).ok()?.parse().ok()?;
    let mut tree = CachedTree { name, ..CachedTree::default() };
    if !entries.starts_with(b"-") {
        tree.id = Some(rest.get(..HASH)?);
        rest = &rest[HASH..];
    }
    Some((tree, count, rest))
}

fn cached_tree(bytes: &[u8], depth: usize) -> Option<(CachedTree<'_>, &[u8])> {
    if depth > DEEPEST {
        return None;
    }
    let (mut tree, count, mut rest) = tree_at(bytes)?;
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
