//! Which paths are analysed: the built-in rules and the user's globs together.

use super::error::ScanError;
use super::kind::FileKind;
use super::left_out::Reason;
use super::options::Options;
use super::rules::{self, name_of};
use crate::base::kept::KeptSet;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// What decides about a path.
pub(super) struct Selection {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
    output: Option<String>,
    pub keep: KeptSet,
    max_code_size: u64,
    max_document_size: u64,
}

/// A path that is left out, by itself or with the folder it lies in.
pub(super) enum Verdict<'a> {
    File(Reason),
    Folder(Reason, &'a str),
}

impl Selection {
    pub fn new(options: &Options) -> Result<Self, ScanError> {
        Ok(Self {
            include: globs(&options.include)?,
            exclude: globs(&options.exclude)?,
            output: options.output.clone(),
            keep: options.keep,
            max_code_size: options.max_code_size,
            max_document_size: options.max_document_size.max(options.max_code_size),
        })
    }

    /// Why the folder is left out, its parents being in.
    pub fn folder(&self, path: &str) -> Option<Reason> {
        if self.output.as_deref() == Some(path) {
            return Some(Reason::Output);
        }
        if self.exclude.as_ref().is_some_and(|globs| globs.is_match(path)) {
            return Some(Reason::Excluded);
        }
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        rules::folder(above, name).and_then(|reason| reason.unless(self.keep))
    }

    /// Why the file is left out, its folders being in.
    pub fn file(&self, path: &str) -> Option<Reason> {
        if self.exclude.as_ref().is_some_and(|globs| globs.is_match(path)) {
            return Some(Reason::Excluded);
        }
        if self.include.as_ref().is_some_and(|globs| !globs.is_match(path)) {
            return Some(Reason::NotIncluded);
        }
        let name = name_of(path);
        rules::file(name).and_then(|reason| reason.unless(self.keep))
    }

    /// Why the file at `path` is left out, by any of its folders or by itself.
    pub fn path<'a>(&self, path: &'a str) -> Option<Verdict<'a>> {
        let above = path.rsplit_once('/').and_then(|(above, _)| self.folders(above));
        above.map(|(reason, folder)| Verdict::Folder(reason, folder)).or_else(|| self.file(path).map(Verdict::File))
    }

    /// The outermost folder of `path`, itself a folder's, that is left out, and why.
    pub fn folders<'a>(&self, path: &'a str) -> Option<(Reason, &'a str)> {
        let ends = memchr::memchr_iter(b'/', path.as_bytes()).chain([path.len()]);
        ends.map(|end| &path[..end]).find_map(|folder| self.folder(folder).map(|reason| (reason, folder)))
    }

    /// Whether a file of this kind has too many bytes to be read.
    pub fn is_too_large(&self, kind: FileKind, size: u64) -> bool {
        match kind {
            FileKind::Code(_) => size > self.max_code_size,
            FileKind::Document(_) => size > self.max_document_size,
            FileKind::Other => false,
        }
    }
}

/// One set of all globs, `None` when there are none. As in ignore files, a glob without a slash matches at any depth, and one that
/// names a folder means all that lies in it.
fn globs(patterns: &[String]) -> Result<Option<GlobSet>, ScanError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let failed = |error: &globset::Error| ScanError::Glob { pattern: pattern.clone(), message: error.kind().to_string() };
        let rooted = pattern.trim_start_matches("./").trim_end_matches('/');
        let rooted = match rooted.strip_prefix('/') {
            Some(rooted) => rooted.to_owned(),
            None if rooted.contains('/') => rooted.to_owned(),
            None => format!("**/{rooted}"),
        };
        for glob in [format!("{rooted}/**"), rooted] {
            set.add(GlobBuilder::new(&glob).literal_separator(true).build().map_err(|error| failed(&error))?);
        }
    }
    let built = set.build().map_err(|error| ScanError::Glob { pattern: patterns.join(", "), message: error.to_string() })?;
    Ok(Some(built))
}
