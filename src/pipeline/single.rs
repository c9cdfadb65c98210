//! Single documents, by what they hold and not only by name, as promises that can be compared.

use std::fmt;

use serde_json::Value;

use super::promised;
use super::schemas::{self, File};
use crate::base::problem::Problem;
use crate::contract::documents::head::SCHEMA_PREFIX;
use crate::contract::validate;
use crate::diff::http::document;
use crate::diff::meta::Unread;
use crate::diff::promises::Promises;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// OpenAPI 3, Swagger 2.
    OpenApi,
    /// AsyncAPI 2 and 3.
    AsyncApi,
    /// SQL that makes a schema.
    Sql,
    /// A GraphQL schema.
    Graphql,
    /// Protocol buffers.
    Proto,
    /// One of our own infrastructure documents.
    Infrastructure,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenApi => "an OpenAPI document",
            Self::AsyncApi => "an AsyncAPI document",
            Self::Sql => "an SQL schema",
            Self::Graphql => "a GraphQL schema",
            Self::Proto => "protocol buffers",
            Self::Infrastructure => "an infrastructure document",
        })
    }
}

/// A document cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct Unreadable {
    /// The document.
    pub path: String,
    /// Why.
    pub message: String,
}

/// Documents larger than this are not read.
pub const LARGEST: usize = 128 << 20;

/// What kind of documents these are: one document, or the files of a folder, as paths and bytes.
///
/// # Errors
/// When they are no documents, or of several kinds: which, and why.
pub fn kind_of(files: &[File]) -> Result<Kind, Unreadable> {
    let unreadable = |path: &str, message: String| Unreadable { path: path.to_owned(), message };
    let Some((first, _)) = files.first() else { return Err(unreadable("", "there is nothing to read".into())) };
    if let Some((path, bytes)) = files.iter().find(|(_, bytes)| bytes.len() > LARGEST) {
        return Err(unreadable(path, format!("{} MiB are more than can be compared", bytes.len() >> 20)));
    }
    let mut kind = None;
    for (path, bytes) in files {
        let found = kind_of_one(path, bytes).map_err(|message| unreadable(path, message))?;
        if kind.is_some_and(|kind| kind != found) {
            return Err(unreadable(path, format!("it is {found}, beside other documents")));
        }
        kind = Some(found);
    }
    let kind = kind.unwrap_or(Kind::OpenApi);
    let stands_alone = matches!(kind, Kind::OpenApi | Kind::AsyncApi | Kind::Infrastructure | Kind::Graphql);
    if stands_alone && files.len() > 1 {
        return Err(unreadable(first, format!("{kind} stands alone; name the file")));
    }
    Ok(kind)
}

/// What both sides of a comparison promise, and what could not be read of them.
///
/// # Errors
/// When a document cannot be read: which, and why.
pub fn promises_of(kind: Kind, before: &[File], after: &[File]) -> Result<(Promises, Promises, Vec<Unread>), Unreadable> {
    if kind == Kind::Sql {
        let (old, new) = schemas::read_both(before, after);
        let unread = [(true, before, old.unread), (false, after, new.unread)].into_iter().flat_map(|(is_before, files, unread)| {
            unread.into_iter().map(move |(file, line, words)| {
                let note = format!("{file}:{line}: `{words}` could not be read; what it changes is not known");
                let own = files.iter().find(|(path, _)| path.ends_with(&file));
                let text = own.map_or_else(|| words.clone(), |(_, bytes)| statement_at(bytes, line));
                Unread { is_before, text, file, words, note }
            })
        });
        let promises = |databases| Promises { databases, ..Promises::default() };
        return Ok((promises(old.databases), promises(new.databases), unread.collect()));
    }
    if kind == Kind::Proto {
        let (old, new, problems) = promised::protos_of(before, after);
        let promises = |grpc| Promises { grpc, ..Promises::default() };
        let unread = problems.into_iter().map(|(is_before, problem)| told(if is_before { before } else { after }, is_before, problem));
        return Ok((promises(old), promises(new), unread.collect()));
    }
    let mut unread = Vec::new();
    let promises = (read(kind, before, true, &mut unread)?, read(kind, after, false, &mut unread)?);
    Ok((promises.0, promises.1, unread))
}

/// One side that is one document.
fn read(kind: Kind, files: &[File], is_before: bool, unread: &mut Vec<Unread>) -> Result<Promises, Unreadable> {
    let Some((path, bytes)) = files.first() else { return Ok(Promises::default()) };
    let value = || validate::read_any(path, bytes).map_err(|message| Unreadable { path: path.clone(), message });
    let mut promises = Promises::default();
    match kind {
        Kind::OpenApi => {
            let (document, missing) = openapi_of(path, bytes, files)?;
            promises.api = Some(document);
            unread.extend(missing.into_iter().map(|reference| Unread {
                is_before,
                file: path.clone(),
                note: format!("{path}: `{reference}` was not found; what it says is not compared"),
                words: reference.clone(),
                text: reference,
            }));
        }
        Kind::AsyncApi => promises.events = Some(value()?),
        Kind::Infrastructure => promises.infrastructure = Some(value()?),
        Kind::Graphql => {
            let (contract, problem) = promised::graphql_of(path, bytes);
            promises.graphql = contract;
            unread.extend(problem.map(|problem| told(files, is_before, problem)));
        }
        Kind::Sql | Kind::Proto => {
            let message = format!("{kind} cannot be compared by itself");
            return Err(Unreadable { path: path.clone(), message });
        }
    }
    Ok(promises)
}

/// What follows a place that cannot be read may be lost with it: all of the file counts.
fn told(files: &[File], is_before: bool, problem: Problem) -> Unread {
    let note = format!("{}:{}: {}", problem.file, problem.line, problem.message);
    let own = files.iter().find(|(path, _)| *path == problem.file);
    let text = own.map_or_else(|| note.clone(), |(_, bytes)| blake3::hash(bytes).to_hex().to_string());
    Unread { is_before, text, file: problem.file, words: problem.message, note }
}

/// The statement that begins on a line, up to a line with its end.
fn statement_at(bytes: &[u8], line: u32) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut words = Vec::new();
    for line in text.lines().skip((line as usize).saturating_sub(1)) {
        words.extend(line.split_whitespace());
        if line.contains(';') {
            break;
        }
    }
    words.join(" ")
}

/// An OpenAPI document with what it refers to in the other files, and the references that lead to none of them.
fn openapi_of(path: &str, bytes: &[u8], files: &[File]) -> Result<(Value, Vec<String>), Unreadable> {
    let mut beside = |wanted: &str| {
        let wanted = in_folder_of(path, wanted);
        files.iter().find(|(file, _)| *file == wanted).map(|(_, bytes)| bytes.clone())
    };
    let read = document::read(bytes, &mut beside).map_err(|error| Unreadable { path: path.to_owned(), message: error.to_string() })?;
    Ok((read.value, read.missing))
}

/// The files that an OpenAPI document refers to, directly or through one another, as `read` gives them by their paths.
pub fn referred(path: &str, bytes: &[u8], read: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Vec<File> {
    let text = String::from_utf8_lossy(bytes);
    let is_local = |behind: &str| behind.trim_start_matches(['"', '\'', ':', ' ', '\t', '\r', '\n']).starts_with('#');
    if text.split("$ref").skip(1).all(is_local) {
        return Vec::new();
    }
    let mut found: Vec<File> = Vec::new();
    let mut beside = |wanted: &str| {
        let wanted = in_folder_of(path, wanted);
        let bytes = read(&wanted).filter(|bytes| bytes.len() <= LARGEST)?;
        found.push((wanted, bytes.clone()));
        Some(bytes)
    };
    // What cannot be read is told when it is compared.
    let _ = document::read(bytes, &mut beside);
    found
}

/// A path seen from a document's folder, as seen from where the document's own path begins.
fn in_folder_of(document: &str, path: &str) -> String {
    document.rsplit_once('/').map_or_else(|| path.to_owned(), |(folder, _)| format!("{folder}/{path}"))
}

/// What a document is: by its first keys, else by its name, else by its first words.
fn kind_of_one(path: &str, bytes: &[u8]) -> Result<Kind, String> {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "sql" | "ddl" => return Ok(Kind::Sql),
        "graphql" | "graphqls" | "gql" => return Ok(Kind::Graphql),
        "proto" => return Ok(Kind::Proto),
        _ => {}
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err("it is not UTF-8".into());
    }
    let text = String::from_utf8_lossy(bytes);
    if let Some(kind) = kind_of_words(&text) {
        return Ok(kind);
    }
    let value = validate::read_any(path, bytes)?;
    if ["openapi", "swagger"].iter().any(|key| value.get(key).is_some()) {
        Ok(Kind::OpenApi)
    } else if value.get("asyncapi").is_some() {
        Ok(Kind::AsyncApi)
    } else if value
        .get("$schema")
        .and_then(Value::as_str)
        .is_some_and(|schema| schema.starts_with(&format!("{SCHEMA_PREFIX}infrastructure")))
    {
        Ok(Kind::Infrastructure)
    } else {
        Err("it is no OpenAPI, AsyncAPI, SQL, GraphQL or proto document".into())
    }
}

/// Languages that are neither JSON nor YAML give themselves away by how a line begins.
fn kind_of_words(text: &str) -> Option<Kind> {
    let mut lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty()).take(400);
    lines.find_map(|line| {
        let upper: String = line.chars().take(24).collect::<String>().to_ascii_uppercase();
        if ["CREATE TABLE ", "CREATE TYPE ", "ALTER TABLE ", "CREATE SCHEMA "].iter().any(|start| upper.starts_with(start)) {
            Some(Kind::Sql)
        } else if line.starts_with("syntax = \"proto") || line.starts_with("syntax=\"proto") || line.starts_with("edition = \"") {
            Some(Kind::Proto)
        } else if ["type ", "interface ", "input ", "enum ", "union ", "schema ", "extend type "]
            .iter()
            .any(|start| line.starts_with(start))
            && line.trim_end().ends_with('{')
        {
            Some(Kind::Graphql)
        } else {
            None
        }
    })
}
