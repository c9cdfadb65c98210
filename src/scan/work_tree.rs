//! The files on disk, joined with what git's index knows of them.

use super::bundles;
use super::error::ScanError;
use super::git::attributes::{ATTRIBUTES, Filtered};
use super::git::stat::Stat;
use super::git::{self, Around, Config, Entry, EntryKind, Environment, Listing, Repo, Trust};
use super::ignore_files::{self, IgnoreFiles};
use super::left_out::Reason;
use super::options::Options;
use super::rules::name_of;
use super::selection::Selection;
use super::tree::{Reader, SourceFile, Tree};
use super::walk::{self, Found, Walked};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Lists the files of `root` (canonical) on disk.
pub(super) fn list(root: &Path, options: &Options, selection: &Selection) -> Result<Tree, ScanError> {
    let mut problems = Vec::new();
    let repo = match git::open(root, Environment::Ignored) {
        Around::Nothing => None,
        Around::Broken(message) => {
            problems.push(git::unreadable("git-repository-not-read", &message, root));
            None
        }
        Around::Repo(repo) => Some(*repo),
    };
    if repo.as_ref().is_some_and(|repo| repo.top.is_none()) {
        return Err(ScanError::Bare { path: root.to_owned() });
    }
    let prefix = repo.as_ref().map_or_else(String::new, |repo| repo.info.prefix.clone());
    let top = repo.as_ref().map_or_else(|| Some(root.to_owned()), |repo| repo.top.clone());
    let (mut walked, indexed) = std::thread::scope(|scope| {
        let indexing = scope.spawn(move || repo.map(|repo| (repo.index(), repo)));
        let walked = walk::walk(root, selection, options.threads, &prefix);
        (walked, indexing.join().expect("reading the index does not panic"))
    });
    let mut files: Vec<SourceFile> = Vec::new();
    let mut has_tracked_store = false;
    let git = match indexed {
        Some((Ok(listing), repo)) => {
            has_tracked_store = listing.has_store();
            files = Join::new(root, &repo, &walked, &listing).join(&mut walked, listing, selection);
            Some(repo.info)
        }
        Some((Err(message), repo)) => {
            problems.push(git::unreadable("git-index-not-read", &message, root));
            Some(repo.info)
        }
        None => None,
    };
    walked.nested.iter().for_each(|path| walked.left_out.count_folder(Reason::NestedRepository, path));
    files.extend(walked.files.into_iter().map(|found| source_file(found, None)));
    files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    bundles::leave_out(&mut files, walked.outputs, &mut walked.left_out, selection.keep);
    problems.extend(walked.problems);
    let (keep, max_size) = (selection.keep, options.max_document_size.max(options.max_code_size));
    Ok(Tree {
        root: root.to_owned(),
        top,
        files,
        left_out: walked.left_out,
        problems,
        git,
        has_tracked_store,
        reader: Reader::Disk,
        keep,
        max_size,
    })
}

fn source_file(found: Found, blob: Option<crate::base::blob::BlobId>) -> SourceFile {
    SourceFile { path: found.path, kind: found.kind, size: found.stat.size, blob }
}

/// Joins what was walked with what is tracked.
struct Join<'a> {
    root: &'a Path,
    prefix: String,
    config: Config,
    filtered: Filtered,
    ignored: IgnoreFiles,
    written: Option<(i64, u32)>,
    /// Whether a folder is reached without following a symbolic link.
    real_folders: HashMap<String, bool>,
}

impl<'a> Join<'a> {
    fn new(root: &'a Path, repo: &Repo, walked: &Walked, listing: &Listing) -> Self {
        let top = repo.top.clone().unwrap_or_else(|| root.to_owned());
        let prefix = repo.info.prefix.clone();
        let mut special: BTreeSet<String> = walked.special.iter().map(|path| format!("{prefix}{path}")).collect();
        special.extend(listing.entries.iter().filter(|entry| is_special(&entry.path)).map(|entry| entry.path.clone()));
        for at in std::iter::once(0).chain(memchr::memchr_iter(b'/', prefix.as_bytes()).map(|at| at + 1)) {
            special.extend(ignore_files::NAMES.iter().chain([&ATTRIBUTES]).map(|name| format!("{}{name}", &prefix[..at])));
        }
        let mut ignored = IgnoreFiles::default();
        for path in special.iter().filter(|path| !path.ends_with(ATTRIBUTES)) {
            if let Ok(bytes) = std::fs::read(top.join(path)) {
                ignored.add(path, &bytes);
            }
        }
        let config = repo.config();
        let attributes: Vec<PathBuf> = special.iter().filter(|path| path.ends_with(ATTRIBUTES)).map(|path| top.join(path)).collect();
        let filtered = Filtered::new(&top, &repo.info.git_dir, &config, &attributes);
        Self { root, prefix, config, filtered, ignored, written: listing.written, real_folders: HashMap::new() }
    }

    /// Takes the tracked files out of `walked`, adds those that git's ignore rules hid, and names their blobs.
    fn join(mut self, walked: &mut Walked, mut listing: Listing, selection: &Selection) -> Vec<SourceFile> {
        let prefix = std::mem::take(&mut self.prefix);
        listing.entries.retain(|entry| entry.path.starts_with(&prefix));
        listing.entries.sort_unstable_by(|left, right| left.path.cmp(&right.path));
        let mut files = Vec::with_capacity(walked.files.len());
        let mut found = std::mem::take(&mut walked.files).into_iter().peekable();
        for entry in &listing.entries {
            let path = &entry.path[prefix.len()..];
            while let Some(untracked) = found.next_if(|found| found.path.as_str() < path) {
                files.push(source_file(untracked, None));
            }
            if let Some(tracked) = found.next_if(|found| found.path == path) {
                let blob = if self.is_clean(&tracked, entry) { Some(entry.id) } else { None };
                files.push(source_file(tracked, blob));
            } else {
                files.extend(self.hidden(path, entry, walked, selection));
            }
        }
        files.extend(found.map(|untracked| source_file(untracked, None)));
        files
    }

    fn is_clean(&self, found: &Found, entry: &Entry) -> bool {
        let is_same = match &entry.trust {
            Trust::Stat(stat) => stat.is_clean(&found.stat, entry.id, self.written, &self.config),
            Trust::Clean => true,
            Trust::Never | Trust::Intended | Trust::NotCheckedOut => false,
        };
        is_same && matches!(entry.kind, EntryKind::File | EntryKind::Executable) && !self.filtered.has(&self.root.join(&found.path))
    }

    /// A tracked file the walk did not bring: it is in all the same, when it exists and only git's ignore rules hid it.
    fn hidden(&mut self, path: &str, entry: &Entry, walked: &mut Walked, selection: &Selection) -> Option<SourceFile> {
        if entry.kind == EntryKind::Submodule {
            if selection.folders(path).is_none() {
                walked.nested.retain(|nested| nested != path);
                walked.left_out.count_folder(Reason::Submodule, path);
            }
            return None;
        }
        // What the rules leave out the walk has counted.
        if selection.path(path).is_some() {
            return None;
        }
        let full = self.root.join(path);
        let Some(metadata) = full.symlink_metadata().ok().filter(std::fs::Metadata::is_file) else {
            if matches!(entry.trust, Trust::NotCheckedOut) {
                walked.left_out.count_file(Reason::NotCheckedOut, path);
            }
            return None;
        };
        if !self.is_real(path.rsplit_once('/').map_or("", |(above, _)| above)) {
            return None;
        }
        if self.ignored.has(&entry.path) {
            walked.left_out.count_file(Reason::Excluded, path);
            return None;
        }
        let stat = Stat::of(&metadata);
        let found = Found { path: path.to_owned(), kind: walk::kind_on_disk(path, &full, &stat), stat };
        if selection.is_too_large(found.kind, found.stat.size) {
            // Either the walk has counted it, or git's rules hide it.
            return None;
        }
        let blob = if self.is_clean(&found, entry) { Some(entry.id) } else { None };
        Some(source_file(found, blob))
    }

    /// Whether no part of the folder's path is a symbolic link.
    fn is_real(&mut self, folder: &str) -> bool {
        if folder.is_empty() {
            return true;
        }
        if let Some(is_real) = self.real_folders.get(folder) {
            return *is_real;
        }
        let is_folder = self.root.join(folder).symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        let is_real = is_folder && self.is_real(folder.rsplit_once('/').map_or("", |(above, _)| above));
        self.real_folders.insert(folder.to_owned(), is_real);
        is_real
    }
}

/// Whether a path names an attribute file or an ignore file of ours.
fn is_special(path: &str) -> bool {
    let name = name_of(path);
    name == ATTRIBUTES || ignore_files::is_ours(name)
}
