//! Which paths the index changes against the commit checked out. Trees that git remembers as unchanged are not entered.

use super::index_file::{CachedTree, IndexFile, Row};
use git2::{ErrorCode, ObjectType, Oid, Repository, Tree};
use std::collections::BTreeMap;

/// Folders nested deeper than this are not entered.
const DEEPEST: usize = 512;

/// The changed paths from the repository's top; `None` when something could not be read.
pub(super) fn changed(repository: &Repository, index: &IndexFile) -> Option<Vec<Vec<u8>>> {
    let head = match repository.head() {
        Ok(head) => Some(head.peel_to_tree().ok()?),
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => None,
        Err(_) => return None,
    };
    if let (Some(cached), Some(head)) = (index.root_id(), &head)
        && cached == head.id().as_bytes()
    {
        return Some(Vec::new());
    }
    let mut changed = Changed { repository, paths: Vec::new() };
    let rows: Vec<Row> = index.rows().collect();
    changed.compare(&rows, b"", index.root().as_ref(), head.as_ref(), 0)?;
    changed.paths.sort_unstable();
    changed.paths.dedup();
    Some(changed.paths)
}

struct Changed<'r> {
    repository: &'r Repository,
    paths: Vec<Vec<u8>>,
}

impl Changed<'_> {
    /// Compares the entries of one folder (`above` ends with a slash, or is empty) with the tree it was.
    fn compare(&mut self, rows: &[Row], above: &[u8], cached: Option<&CachedTree>, before: Option<&Tree>, depth: usize) -> Option<()> {
        if let (Some(cached), Some(before)) = (cached.and_then(|cached| cached.id), before)
            && cached == before.id().as_bytes()
        {
            return Some(());
        }
        if depth > DEEPEST {
            return None;
        }
        // A file and a folder of one name are two things: one takes the other's place.
        let mut gone: BTreeMap<(Vec<u8>, bool), (i32, Oid)> = BTreeMap::new();
        for entry in before.into_iter().flatten() {
            let is_folder = is_tree(entry.filemode_raw());
            gone.insert((entry.name_bytes().to_owned(), is_folder), (entry.filemode_raw(), entry.id()));
        }
        let mut at = 0;
        while let Some(row) = rows.get(at) {
            let below = row.path.get(above.len()..)?;
            let Some(end) = memchr::memchr(b'/', below) else {
                let was = gone.remove(&(below.to_owned(), false));
                self.file(row, was);
                at += 1;
                continue;
            };
            let (name, folder) = (&below[..end], &row.path[..=above.len() + end]);
            let count = rows[at..].partition_point(|row| row.path.starts_with(folder));
            let was = gone.remove(&(name.to_owned(), true)).map(|(_, id)| self.repository.find_tree(id)).transpose().ok()?;
            let cached = cached.and_then(|cached| cached.below.iter().find(|child| child.name == name));
            self.compare(&rows[at..at + count.max(1)], folder, cached, was.as_ref(), depth + 1)?;
            at += count.max(1);
        }
        for ((name, _), (mode, id)) in gone {
            self.removed([above, &name].concat(), mode, id, depth)?;
        }
        Some(())
    }

    fn file(&mut self, row: &Row, was: Option<(i32, Oid)>) {
        let is_same = was.is_some_and(|(mode, id)| id.as_bytes() == row.id && i64::from(mode) == i64::from(row.mode));
        let is_only_a_name = row.is_intended() && was.is_none();
        if row.stage != 0 || !(is_same || is_only_a_name) {
            self.paths.push(row.path.clone().into_owned());
        }
    }

    /// Everything that was at a path.
    fn removed(&mut self, path: Vec<u8>, mode: i32, id: Oid, depth: usize) -> Option<()> {
        if !is_tree(mode) {
            self.paths.push(path);
            return Some(());
        }
        if depth > DEEPEST {
            return None;
        }
        for entry in &self.repository.find_tree(id).ok()? {
            let is_folder = entry.kind() == Some(ObjectType::Tree);
            let below = [&path, b"/".as_slice(), entry.name_bytes()].concat();
            self.removed(below, if is_folder { 0o040_000 } else { 0o100_644 }, entry.id(), depth + 1)?;
        }
        Some(())
    }
}

fn is_tree(mode: i32) -> bool {
    mode & 0o170_000 == 0o040_000
}
