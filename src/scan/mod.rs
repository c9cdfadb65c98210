//! Which files there are and their bytes: of the work tree, of git's index, or of any revision.
//!
//! Knows ignore rules, file kinds and blob ids. Knows nothing of what stands in the files, beyond whether they are text that
//! somebody wrote.

mod bundles;
mod content;
mod error;
mod git;
mod history;
mod ignore_files;
mod kind;
mod left_out;
mod options;
mod recorded;
mod rules;
mod selection;
mod staged;
mod tree;
mod walk;
mod work_tree;

pub use content::{Marks, is_binary, is_generated, is_lfs_pointer, is_minified, judge};
pub use error::ScanError;
pub use git::GitInfo;
pub use history::{Commit, History};
pub use kind::{DocumentKind, FileKind, kind_of, language_of_shebang};
pub use left_out::{Group, LeftOut, Reason};
pub use options::{Options, Source};
pub use staged::{Staged, StagedFile, staged};
pub use tree::{SourceFile, Tree};

use crate::base::blob::BlobId;
use git2::{ObjectType, Oid};
use selection::Selection;
use std::path::Path;

/// Lists the files of the folder at `path`.
///
/// The folder may lie anywhere in a repository, or in none; paths are told from the folder. What costs only part of the result is a
/// problem of the tree.
///
/// # Errors
/// When there is nothing to list: no such folder, no such revision, a repository that cannot be read.
pub fn scan(path: &Path, options: &Options) -> Result<Tree, ScanError> {
    let selection = Selection::new(options)?;
    let root = root_of(path)?;
    let mut tree = match options.source {
        Source::WorkTree => work_tree::list(&root, options, &selection),
        Source::Index | Source::Revision(_) => recorded::list(&root, options, &selection),
    }?;
    tree.left_out.forget(Reason::Output);
    Ok(tree)
}

/// The folder's canonical path, once it is known to be a folder that can be read.
fn root_of(path: &Path) -> Result<std::path::PathBuf, ScanError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => ScanError::NotFound { path: path.to_owned() },
        std::io::ErrorKind::NotADirectory => ScanError::NotAFolder { path: path.to_owned() },
        _ => ScanError::NotReadable { path: path.to_owned(), source },
    };
    let root = path.canonicalize().map_err(failed)?;
    if root.is_file() {
        return Err(ScanError::NotAFolder { path: path.to_owned() });
    }
    std::fs::read_dir(&root).map_err(failed)?;
    Ok(root)
}

/// The name git gives to these bytes (SHA-1).
///
/// # Panics
/// Never: hashing cannot fail, and the hash has 20 bytes.
#[must_use]
pub fn blob_id(bytes: &[u8]) -> BlobId {
    let id = Oid::hash_object(ObjectType::Blob, bytes).expect("hashing bytes in memory cannot fail");
    BlobId::from_bytes(id.as_bytes()).expect("a SHA-1 has 20 bytes")
}
