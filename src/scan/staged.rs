//! What the next commit would change, told from git's index and the commit checked out alone: no file is looked at.

use super::bundles;
use super::error::ScanError;
use super::history::History;
use super::ignore_files;
use super::kind::{FileKind, kind_of};
use super::options::Options;
use super::rules::name_of;
use super::selection::Selection;
use std::path::Path;

/// What the next commit would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// Changed files that a scan of the index would bring, or that decide what it brings; and all in the output folder. Sorted by path
    /// from the analysed folder.
    pub files: Vec<StagedFile>,
    /// Other changed paths, from the repository's top, sorted.
    pub others: Vec<String>,
}

/// A changed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedFile {
    /// From the analysed folder.
    pub path: String,
    /// What it is to us, by its name alone.
    pub kind: FileKind,
    /// Whether it decides about other files, or lies in the output folder.
    pub is_special: bool,
}

/// What is staged in the repository around `path`, by git's own environment (`GIT_INDEX_FILE`, `GIT_DIR`) as in a hook.
///
/// # Errors
/// When there is no repository, or it cannot be read.
pub fn staged(path: &Path, options: &Options) -> Result<Staged, ScanError> {
    match History::open(path)? {
        Some(history) => history.staged(options),
        None => Err(ScanError::NoRepository { path: super::root_of(path)? }),
    }
}

impl History {
    /// What is staged for the next commit.
    ///
    /// # Errors
    /// When there is no work tree, or the index cannot be read.
    pub fn staged(&self, options: &Options) -> Result<Staged, ScanError> {
        let selection = Selection::new(options)?;
        let mut staged = Staged::default();
        for path in self.staged_paths()? {
            let path = String::from_utf8_lossy(&path).into_owned();
            match path.strip_prefix(self.prefix()).and_then(|below| file_of(below, options, &selection)) {
                Some(file) => staged.files.push(file),
                None => staged.others.push(path),
            }
        }
        Ok(staged)
    }
}

/// The file at a path from the analysed folder, unless a scan leaves it out.
fn file_of(path: &str, options: &Options, selection: &Selection) -> Option<StagedFile> {
    let name = name_of(path);
    let is_written = options.output.as_deref().is_some_and(|output| path.strip_prefix(output).is_some_and(|rest| rest.starts_with('/')));
    let is_special = is_written || ignore_files::is_ours(name) || bundles::is_mark(path);
    if !is_special && selection.path(path).is_some() {
        return None;
    }
    let kind = kind_of(path);
    // A file without an extension may have a first line that names a program.
    let may_be_code = kind != FileKind::Other || !name.contains('.');
    (is_special || may_be_code).then(|| StagedFile { path: path.to_owned(), kind, is_special })
}
