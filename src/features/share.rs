//! Which feature each served operation belongs to: the one that owns its handler's file. Where all handlers of a program
//! stand in one file, tags or paths tell them apart.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{key_of, title};
use crate::facts::program::FileId;
use crate::link::http::Served;

/// One file with at least this many operations may hold several features.
const LARGE: usize = 12;
/// Fewer parts are no parts.
const PARTS: usize = 3;

/// The file an operation's handler stands in.
pub(super) fn file_of(served: &Served) -> FileId {
    served.handler.map_or(served.place.file, |handler| handler.file)
}

/// For each large file that holds all operations of its feature, when that is all of a program (`is_whole`): the features
/// in it by name, and their operations' indices.
pub(super) fn parts(
    operations: &[Served],
    owners: &[usize],
    is_whole: impl Fn(usize) -> bool,
) -> BTreeMap<FileId, BTreeMap<String, Vec<usize>>> {
    let mut by_owner: BTreeMap<usize, BTreeMap<FileId, Vec<usize>>> = BTreeMap::new();
    for (index, served) in operations.iter().enumerate() {
        let file = file_of(served);
        if let Some(owner) = owners.get(file.index()).filter(|owner| is_whole(**owner)) {
            by_owner.entry(*owner).or_default().entry(file).or_default().push(index);
        }
    }
    let mut parts = BTreeMap::new();
    for files in by_owner.into_values() {
        let total: usize = files.values().map(Vec::len).sum();
        for (file, indices) in files {
            if indices.len() < LARGE || indices.len() * 10 < total * 9 {
                continue;
            }
            let named = by_name(operations, &indices);
            if named.len() >= PARTS && named.len() * 2 <= indices.len() {
                parts.insert(file, named);
            }
        }
    }
    parts
}

/// Operations by first tag, else by the first part of the path that tells them apart.
fn by_name(operations: &[Served], indices: &[usize]) -> BTreeMap<String, Vec<usize>> {
    let served = |index: &usize| operations.get(*index);
    let common = common_parts(&indices.iter().filter_map(served).map(|served| served.path.as_str()).collect::<Vec<_>>());
    let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut spelled: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for index in indices {
        let Some(served) = served(index) else { continue };
        let segment = served.path.split('/').filter(|part| !part.is_empty()).nth(common).filter(|part| !part.starts_with('{'));
        let Some(name) = served.tags.first().map(|tag| tag.as_str()).or(segment) else { continue };
        spelled.entry(key_of(name)).or_default().insert(title(name));
        named.entry(key_of(name)).or_default().push(*index);
    }
    named.retain(|_, indices| indices.len() >= 2);
    let spelling = |key: String| spelled.get(&key).and_then(|names| names.last().cloned()).unwrap_or(key);
    named.into_iter().filter(|(key, _)| !key.is_empty()).map(|(key, indices)| (spelling(key), indices)).collect()
}

/// How many parts at the start all paths have in common.
fn common_parts(paths: &[&str]) -> usize {
    let split = |path: &&str| -> Vec<String> { path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect() };
    let Some(first) = paths.first().map(split) else { return 0 };
    let is_same = |at: usize| paths.iter().all(|path| split(path).get(at) == first.get(at) && split(path).len() > at + 1);
    (0..first.len()).take_while(|at| is_same(*at)).count()
}
