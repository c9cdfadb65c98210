//! The repository as libgit2 reads it.

use super::stat::IndexStat;
use super::{Config, Entry, EntryKind, GitInfo, Listing, Trust, remote_name};
use crate::base::blob::BlobId;
use git2::{Error, ErrorCode, IndexEntry, IndexEntryExtendedFlag, ObjectType, Oid, Repository};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Opens the repository around `root` with the index that git's environment names, if that is the environment's repository. The path
/// is that index's.
pub(super) fn open_with_environment(root: &Path) -> Result<(Repository, Option<PathBuf>), Error> {
    let discovered = Repository::discover(root);
    if !["GIT_DIR", "GIT_INDEX_FILE"].iter().any(|name| std::env::var_os(name).is_some()) {
        return discovered.map(|repository| (repository, None));
    }
    let Ok(named) = Repository::open_from_env() else { return discovered.map(|repository| (repository, None)) };
    let is_same = match &discovered {
        Ok(discovered) => discovered.path().canonicalize().ok() == named.path().canonicalize().ok(),
        Err(_) => named.workdir().and_then(|top| top.canonicalize().ok()).is_some_and(|top| root.starts_with(top)),
    };
    if is_same {
        Ok((named, std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from)))
    } else {
        discovered.map(|repository| (repository, None))
    }
}

pub(super) fn info(repository: &Repository) -> GitInfo {
    let head = repository.head().and_then(|head| head.peel_to_commit()).map(|commit| commit.id().to_string());
    let remote = repository.find_remote("origin").ok().and_then(|remote| remote_name(&String::from_utf8_lossy(remote.url_bytes())));
    GitInfo { head: head.ok(), remote, prefix: String::new(), git_dir: repository.path().to_owned(), is_shallow: repository.is_shallow() }
}

pub(super) fn config(repository: &Repository) -> Config {
    let Ok(config) = repository.config().and_then(|mut config| config.snapshot()) else {
        return Config { converts_line_ends: true, ..Config::default() };
    };
    let line_ends = config.get_string("core.autocrlf").unwrap_or_default().to_ascii_lowercase();
    Config {
        converts_line_ends: !matches!(line_ends.as_str(), "" | "false" | "no" | "off" | "0"),
        ignores_ctime: config.get_bool("core.trustctime").is_ok_and(|trusts| !trusts),
        minimal_stat: config.get_string("core.checkstat").is_ok_and(|value| value.eq_ignore_ascii_case("minimal")),
        attributes_file: config.get_path("core.attributesfile").ok(),
    }
}

pub(super) fn index(repository: &Repository) -> Result<Listing, Error> {
    let mut index = repository.index()?;
    // Read its time first, then read it again if it has changed: so the time is never later than the content.
    let metadata = index.path().and_then(|path| std::fs::metadata(path).ok());
    index.read(false)?;
    let mut listing = Listing { written: metadata.map(|metadata| super::stat::Stat::of(&metadata).mtime), ..Listing::default() };
    listing.entries.reserve(index.len());
    for entry in index.iter() {
        add(&mut listing, entry);
    }
    listing.conflicts.dedup();
    Ok(listing)
}

fn add(listing: &mut Listing, entry: IndexEntry) {
    let stage = (entry.flags >> 12) & 3;
    let extended = IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended);
    let path = match String::from_utf8(entry.path) {
        Ok(path) => path,
        Err(error) => return listing.odd_names.push(String::from_utf8_lossy(error.as_bytes()).into_owned()),
    };
    if stage != 0 {
        listing.conflicts.push(path.clone());
    }
    // Of a conflict, our side stands for the file.
    let (0 | 2, Some(kind), Some(id)) = (stage, EntryKind::of_mode(entry.mode), BlobId::from_bytes(entry.id.as_bytes())) else { return };
    let trust = if stage != 0 {
        Trust::Never
    } else if extended.is_intent_to_add() {
        Trust::Intended
    } else if extended.is_skip_worktree() {
        Trust::NotCheckedOut
    } else {
        let time = |time: git2::IndexTime| (time.seconds().cast_unsigned(), time.nanoseconds());
        Trust::Stat(IndexStat { mtime: time(entry.mtime), ctime: time(entry.ctime), ino: entry.ino, size: entry.file_size })
    };
    listing.entries.push(Entry { path, id, kind, trust });
}

/// Folders nested deeper than git itself allows by default are not entered.
const DEEPEST: usize = 2048;

pub(super) fn revision(repository: &Repository, revision: &str) -> Result<Option<Listing>, Error> {
    let tree = match repository.revparse_single(revision).and_then(|object| object.peel_to_tree()) {
        Ok(tree) => tree,
        Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Ambiguous | ErrorCode::Peel) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut listing = Listing::default();
    let mut pending = vec![(String::new(), tree.id(), 0)];
    while let Some((above, id, depth)) = pending.pop() {
        for entry in &repository.find_tree(id)? {
            let (Ok(name), Some(id)) = (entry.name(), BlobId::from_bytes(entry.id().as_bytes())) else {
                listing.odd_names.push(format!("{above}{}", String::from_utf8_lossy(entry.name_bytes())));
                continue;
            };
            let path = format!("{above}{name}");
            match u32::try_from(entry.filemode()).ok().and_then(EntryKind::of_mode) {
                Some(kind) => listing.entries.push(Entry { path, id, kind, trust: Trust::Never }),
                None if entry.kind() == Some(ObjectType::Tree) && depth < DEEPEST => pending.push((path + "/", entry.id(), depth + 1)),
                None => {}
            }
        }
    }
    Ok(Some(listing))
}

pub(super) fn names(repository: &Repository) -> Vec<String> {
    let Ok(references) = repository.references() else { return Vec::new() };
    references.filter_map(|reference| reference.ok()?.shorthand().ok().map(str::to_owned)).collect()
}

pub(super) fn read(repository: &Repository, id: BlobId) -> Result<Vec<u8>, String> {
    let blob = Oid::from_bytes(id.as_bytes()).and_then(|oid| repository.find_blob(oid).map(|blob| blob.content().to_vec()));
    blob.map_err(|error| error.message().to_owned())
}

/// Asks for sizes on every core; libgit2's handles are opened once per piece of work.
pub(super) fn sizes(git_dir: &Path, ids: &[BlobId]) -> Result<Vec<u64>, String> {
    const PIECE: usize = 4096;
    let pieces: Result<Vec<Vec<u64>>, Error> = ids
        .par_chunks(PIECE)
        .map(|ids| {
            let repository = Repository::open(git_dir)?;
            let objects = repository.odb()?;
            let size = |id: &BlobId| match Oid::from_bytes(id.as_bytes()).and_then(|oid| objects.read_header(oid)) {
                Ok((size, ObjectType::Blob)) => size as u64,
                _ => 0,
            };
            Ok(ids.iter().map(size).collect())
        })
        .collect();
    pieces.map(|pieces| pieces.concat()).map_err(|error| error.message().to_owned())
}
