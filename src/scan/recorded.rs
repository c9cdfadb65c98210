//! The files of the index or of a revision: git holds their bytes, and no disk is looked at.

use super::bundles::{self, Outputs};
use super::error::ScanError;
use super::git::{self, Around, Entry, EntryKind, Environment, Listing, Objects, Repo, Trust};
use super::ignore_files::{self, IgnoreFiles};
use super::kind::{self, FileKind, kind_of};
use super::left_out::{LeftOut, Reason};
use super::options::{Options, Source};
use super::rules::name_of;
use super::selection::{Selection, Verdict};
use super::tree::{Reader, SourceFile, Tree};
use crate::base::nearest::nearest;
use crate::base::problem::Problem;
use std::path::Path;

/// Lists the files below `root` (canonical) in the index or a revision.
pub(super) fn list(root: &Path, options: &Options, selection: &Selection) -> Result<Tree, ScanError> {
    let environment = if options.source == Source::Index { Environment::Honoured } else { Environment::Ignored };
    let failed = |message| ScanError::Repository { path: root.to_owned(), message };
    let repo = match git::open(root, environment) {
        Around::Nothing => return Err(ScanError::NoRepository { path: root.to_owned() }),
        Around::Broken(message) => return Err(failed(message)),
        Around::Repo(repo) => *repo,
    };
    let (listing, source_name) = match &options.source {
        Source::Revision(revision) => {
            let listing = repo.revision(revision).map_err(failed)?;
            (listing.ok_or_else(|| no_revision(revision, &repo, root))?, format!("`{revision}`"))
        }
        _ if repo.top.is_none() => return Err(ScanError::Bare { path: root.to_owned() }),
        _ => (repo.index().map_err(failed)?, "the index".to_owned()),
    };
    let prefix = &repo.info.prefix;
    if !prefix.is_empty() && !listing.entries.iter().any(|entry| entry.path.starts_with(prefix.as_str())) {
        return Err(ScanError::NoFolderInSource { folder: prefix.clone(), source_name });
    }
    let objects = repo.objects();
    let mut tree = Tree {
        root: root.to_owned(),
        top: repo.top.clone(),
        files: Vec::new(),
        left_out: LeftOut::default(),
        problems: conflicts(&listing),
        git: Some(repo.info.clone()),
        has_tracked_store: listing.has_store(),
        reader: Reader::Disk,
        keep: selection.keep,
        max_size: options.max_document_size.max(options.max_code_size),
    };
    fill(&mut tree, &listing, &objects, selection).map_err(failed)?;
    tree.reader = Reader::Objects(objects);
    Ok(tree)
}

pub(super) fn no_revision(revision: &str, repo: &Repo, root: &Path) -> ScanError {
    let names = repo.names();
    let on_remote = names.iter().find(|name| name.rsplit_once('/').is_some_and(|(_, last)| last == revision));
    let near = on_remote.map(String::as_str).or_else(|| nearest(revision, names.iter().map(String::as_str))).map(str::to_owned);
    ScanError::NoRevision { revision: revision.to_owned(), path: root.to_owned(), nearest: near, is_shallow: repo.info.is_shallow }
}

fn conflicts(listing: &Listing) -> Vec<Problem> {
    let problem = |path: &String| {
        Problem::of_file(path, "git-conflict-not-resolved", "the index holds a conflict; our side was read")
            .with_help("resolve it and `git add` the file")
    };
    listing.conflicts.iter().map(problem).collect()
}

/// A file that is in, its size not yet known.
struct Candidate {
    file: SourceFile,
    needs_shebang: bool,
}

fn fill(tree: &mut Tree, listing: &Listing, objects: &Objects, selection: &Selection) -> Result<(), String> {
    let prefix = tree.git.as_ref().map_or_else(String::new, |git| git.prefix.clone());
    let ignored = ignored(listing, objects);
    let mut outputs = Outputs::new();
    let mut candidates = Vec::new();
    for entry in &listing.entries {
        let Some(path) = entry.path.strip_prefix(prefix.as_str()) else { continue };
        bundles::note(&mut outputs, path);
        candidates.extend(candidate(path, entry, &ignored, selection, &mut tree.left_out));
    }
    for name in &listing.odd_names {
        if let Some(path) = name.strip_prefix(prefix.as_str()) {
            tree.left_out.count_file(Reason::OddName, path);
        }
    }
    let measured: Vec<usize> =
        (0..candidates.len()).filter(|at| candidates[*at].needs_shebang || candidates[*at].file.kind != FileKind::Other).collect();
    let ids: Vec<_> = measured.iter().filter_map(|at| candidates[*at].file.blob).collect();
    for (at, size) in measured.into_iter().zip(objects.sizes(&ids)?) {
        candidates[at].file.size = size;
    }
    for Candidate { mut file, needs_shebang } in candidates {
        if needs_shebang && file.size <= tree.max_size {
            let head = file.blob.and_then(|id| objects.read(id).ok()).unwrap_or_default();
            file.kind = kind::language_of_shebang(&head).map_or(file.kind, FileKind::Code);
        }
        if selection.is_too_large(file.kind, file.size) {
            tree.left_out.count_file(Reason::TooLarge, &file.path);
        } else {
            tree.files.push(file);
        }
    }
    tree.files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    tree.problems
        .iter_mut()
        .for_each(|problem| problem.file = problem.file.strip_prefix(prefix.as_str()).unwrap_or(&problem.file).to_owned());
    bundles::leave_out(&mut tree.files, outputs, &mut tree.left_out, selection.keep);
    Ok(())
}

/// The ignore files of the same source: those of the disk may differ.
fn ignored(listing: &Listing, objects: &Objects) -> IgnoreFiles {
    let mut ignored = IgnoreFiles::default();
    for entry in listing.entries.iter().filter(|entry| ignore_files::is_ours(name_of(&entry.path))) {
        if let Ok(bytes) = objects.read(entry.id) {
            ignored.add(&entry.path, &bytes);
        }
    }
    ignored
}

fn candidate(path: &str, entry: &Entry, ignored: &IgnoreFiles, selection: &Selection, left_out: &mut LeftOut) -> Option<Candidate> {
    if entry.kind == EntryKind::Submodule {
        let (reason, folder) = selection.folders(path).unwrap_or((Reason::Submodule, path));
        left_out.count_folder(reason, folder);
        return None;
    }
    match selection.path(path) {
        Some(Verdict::Folder(reason, folder)) => left_out.count_folder(reason, folder),
        _ if ignored.has(&entry.path) => left_out.count_file(Reason::Excluded, path),
        _ if entry.kind == EntryKind::Symlink => left_out.count_file(Reason::Symlink, path),
        Some(Verdict::File(reason)) => left_out.count_file(reason, path),
        None if matches!(entry.trust, Trust::Intended) => {}
        None => {
            let kind = kind_of(path);
            let needs_shebang = kind::needs_shebang(path, kind, entry.kind == EntryKind::Executable);
            return Some(Candidate { file: SourceFile { path: path.to_owned(), kind, size: 0, blob: Some(entry.id) }, needs_shebang });
        }
    }
    None
}
