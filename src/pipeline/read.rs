//! What one file comes to, read by the reader of its kind. A reader that panics costs that file.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::interfaces::{self, Interface};
use crate::base::language::Language;
use crate::base::problem::Problem;
use crate::facts::document::{ApiDocument, EventDocument, SqlDocument};
use crate::facts::infrastructure::Source;
use crate::formats::{self, asyncapi, openapi, prisma, sql};
use crate::link::system::LinkedFile;
use crate::outline::Trouble;
use crate::scan::{DocumentKind, FileKind, Reason};

/// What one file came to.
pub(super) enum Read {
    Code(Box<LinkedFile>, Option<Problem>),
    Manifest(String, String),
    Document(ApiDocument),
    Interface(Box<Interface>, Option<Problem>),
    Sql(Box<SqlDocument>),
    Infrastructure(Box<Source>),
    Prisma(prisma::Source),
    Events(Box<EventDocument>),
    LeftOut(Reason, String),
    Failed(Problem),
    Skipped,
}

/// How a file is read.
#[derive(Clone, Copy)]
pub(super) enum Reader {
    Code(Language),
    Document(DocumentKind),
}

/// The reader of a file; `None` when nothing in it is read.
pub(super) fn reader_of(path: &str, kind: FileKind) -> Option<Reader> {
    match kind {
        FileKind::Code(language) => Some(Reader::Code(language)),
        FileKind::Document(kind) if is_read(path, kind) => Some(Reader::Document(kind)),
        FileKind::Document(_) | FileKind::Other => None,
    }
}

fn is_read(path: &str, kind: DocumentKind) -> bool {
    let has_own = matches!(kind, DocumentKind::Sql | DocumentKind::Prisma);
    has_own || is_manifest(kind, path) || interfaces::is_interface(kind) || may_tell(kind)
}

/// Reads a document.
pub(super) fn document(path: &str, kind: DocumentKind, bytes: &[u8]) -> Read {
    match kind {
        kind if is_manifest(kind, path) => Read::Manifest(path.to_owned(), String::from_utf8_lossy(bytes).into_owned()),
        DocumentKind::Sql => read_sql(path, bytes),
        kind if interfaces::is_interface(kind) => read_interface(kind, path, bytes),
        DocumentKind::Prisma => guarded(path, || Read::Prisma(prisma::read(path, bytes))),
        kind => guarded(path, || document_one(path, FileKind::Document(kind), bytes)),
    }
}

/// Documents that say how modules and packages lie.
fn is_manifest(kind: DocumentKind, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match kind {
        DocumentKind::PackageJson | DocumentKind::TsConfig | DocumentKind::CargoToml | DocumentKind::PyProject => true,
        DocumentKind::Requirements => true,
        DocumentKind::Markdown => name.eq_ignore_ascii_case("readme.md"),
        _ => matches!(name, "pnpm-workspace.yaml" | "lerna.json" | "nx.json" | "deno.json" | "deno.jsonc" | "setup.cfg" | "project.json"),
    }
}

fn read_interface(kind: DocumentKind, path: &str, bytes: &[u8]) -> Read {
    guarded(path, || {
        let (interface, problem) = interfaces::read(kind, path, bytes);
        Read::Interface(Box::new(interface), problem)
    })
}

/// Documents that have readers.
fn may_tell(kind: DocumentKind) -> bool {
    !matches!(
        kind,
        DocumentKind::Markdown
            | DocumentKind::CodeOwners
            | DocumentKind::Requirements
            | DocumentKind::Pipfile
            | DocumentKind::GraphQl
            | DocumentKind::Proto
            | DocumentKind::Prisma
            | DocumentKind::Sql
    )
}

fn document_one(path: &str, kind: FileKind, bytes: &[u8]) -> Read {
    let may_be_api = matches!(kind, FileKind::Document(DocumentKind::Yaml | DocumentKind::Json)) && openapi::may_be_document(bytes);
    if let Some(read) = may_be_api.then(|| openapi::read(path, bytes)).flatten() {
        return match read {
            Ok(document) => Read::Document(document),
            Err(problem) => Read::Failed(problem),
        };
    }
    let may_be_events = matches!(kind, FileKind::Document(DocumentKind::Yaml | DocumentKind::Json)) && asyncapi::may_be_document(bytes);
    if let Some(read) = may_be_events.then(|| asyncapi::read(path, bytes)).flatten() {
        return match read {
            Ok(document) => Read::Events(Box::new(document)),
            Err(problem) => Read::Failed(problem),
        };
    }
    match formats::infrastructure::format_of(path, bytes) {
        Some(format) => Read::Infrastructure(Box::new(formats::infrastructure::read(path, format, bytes))),
        None => Read::Skipped,
    }
}

fn read_sql(path: &str, bytes: &[u8]) -> Read {
    guarded(path, || Read::Sql(Box::new(sql::read(path, bytes))))
}

/// What reading a file gives; a reader that panics costs that file.
pub(super) fn guarded(path: &str, read: impl FnOnce() -> Read) -> Read {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Read::Failed(
            Problem::of_file(path, "file-reader-panicked", "the reader of this file failed; the file is left out")
                .with_help("please report it with the file; `exclude` in contract-agent.toml leaves the file out"),
        )
    })
}

pub(super) fn trouble_with(path: &str, trouble: Trouble) -> Problem {
    match trouble {
        Trouble::TimedOut => Problem::of_file(path, "file-parse-timeout", "parsing took too long; the file is left out")
            .with_help("`exclude` in contract-agent.toml leaves it out without a warning"),
        Trouble::TooLarge => Problem::of_file(path, "file-too-large", "more bytes than can be read; the file is left out"),
        Trouble::NotUtf8 => Problem::of_file(path, "file-not-utf8", "not UTF-8; unreadable bytes were replaced"),
    }
}
