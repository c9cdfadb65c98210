//! Names of bytes that git's index does not tell: as an earlier run read them, as long as a file's stat is the same.
//!
//! Git does not tell them where a filter or a conversion of line ends may apply, of files that it does not track, and without
//! a repository.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use rayon::prelude::*;

use crate::base::blob::BlobId;
use crate::scan::{SourceFile, Tree};
use crate::store::{Digest, Digester, Stamp, Store};

/// By path: the stat a file had, and the name of its bytes.
type Seen = BTreeMap<String, (Digest, Vec<u8>)>;

/// Names the bytes of those files of a tree that are wanted, and remembers by what stat.
pub fn name_blobs(tree: &mut Tree, store: Option<&Store>, is_wanted: impl Fn(&SourceFile) -> bool) {
    let Some(store) = store else { return tree.name_blobs(is_wanted) };
    let is_unnamed = |file: &SourceFile| file.blob.is_none() && is_wanted(file);
    let unnamed: Vec<usize> = (0..tree.files.len()).filter(|index| is_unnamed(&tree.files[*index])).collect();
    if unnamed.is_empty() {
        return;
    }
    let key = key_of(&tree.root);
    let seen: Seen = store.answer(key).unwrap_or_default();
    // Taken before anything is read: a later change shows in the stat.
    let stamp = |index: &usize| (*index, Stamp::of_file(&tree.root.join(&tree.files[*index].path)));
    let stamps: Vec<(usize, Option<Stamp>)> = unnamed.par_iter().map(stamp).collect();
    for (index, stamp) in &stamps {
        let file = &mut tree.files[*index];
        let known = seen.get(&file.path).filter(|(digest, _)| stamp.is_some_and(|stamp| stamp.digest == *digest));
        file.blob = known.and_then(|(_, blob)| BlobId::from_bytes(blob));
    }
    if stamps.iter().any(|(index, _)| tree.files[*index].blob.is_none()) {
        tree.name_blobs(&is_wanted);
        remember(tree, store, key, seen, stamps);
    }
}

/// Keeps what files are named that had settled when they were looked at, beside what is known of others that are still there.
fn remember(tree: &Tree, store: &Store, key: Digest, seen: Seen, stamps: Vec<(usize, Option<Stamp>)>) {
    let paths: HashSet<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
    let mut known: Seen =
        seen.iter().filter(|(path, _)| paths.contains(path.as_str())).map(|(path, one)| (path.clone(), one.clone())).collect();
    for (index, stamp) in stamps {
        let file = &tree.files[index];
        match (stamp.filter(Stamp::is_settled), file.blob) {
            (Some(stamp), Some(blob)) => known.insert(file.path.clone(), (stamp.digest, blob.as_bytes().to_vec())),
            _ => known.remove(&file.path),
        };
    }
    if known != seen {
        store.keep_answer(key, &known);
    }
}

/// A folder's own: several may share a store.
fn key_of(root: &Path) -> Digest {
    let mut digester = Digester::default();
    digester.text("names").bytes(root.as_os_str().as_encoded_bytes());
    digester.digest()
}
