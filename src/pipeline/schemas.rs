//! SQL documents that are compared as they are: bytes of one file, or of a folder of them → the databases they make. No disk, no
//! program around them.

use std::collections::BTreeMap;

use crate::contract::model::Database;
use crate::contract::model::database::Statement;
use crate::facts::database::Dialect;
use crate::facts::document::SqlDocument;
use crate::features::database::whole;
use crate::formats::sql;
use crate::link::database;

/// What SQL documents make.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    /// The databases, everything that is made in them kept.
    pub databases: Vec<Database>,
    /// Statements that could not be read: file, line, first words. What they would change is not known.
    pub unread: Vec<(String, u32, String)>,
    /// Whether anything was read as a statement of a schema.
    pub has_schema: bool,
}

/// A document's path and its bytes.
pub type File = (String, Vec<u8>);

/// Reads both sides of a comparison: one document each, or the documents of a folder each (a dump, schema files, migrations of any
/// tool). A dialect that only one side tells holds for both.
#[must_use]
pub fn read_both(before: &[File], after: &[File]) -> (Schemas, Schemas) {
    let (own, other) = (dialect_of(before), dialect_of(after));
    let shared = match (own, other) {
        (Some(own), Some(other)) if own != other => None,
        (own, other) => own.or(other),
    };
    (read(before, shared), read(after, shared))
}

/// Reads the documents of one side.
#[must_use]
pub fn read(files: &[File], dialect: Option<Dialect>) -> Schemas {
    let mut documents: Vec<SqlDocument> = files.iter().map(|(path, bytes)| sql::read_as(path, bytes, dialect)).collect();
    documents.sort_by(|a, b| a.file.cmp(&b.file));
    let linked = database::of_documents(&documents);
    let mut databases: Vec<Database> = linked.iter().map(whole).collect();
    add_others(&mut databases, files, dialect);
    let mut unread: Vec<(String, u32, String)> =
        documents.iter().flat_map(|document| &document.unread).map(|(spot, words)| (spot.file.clone(), spot.line, words.clone())).collect();
    unread.sort();
    let has_schema =
        databases.iter().any(|database| !database.statements.is_empty()) || documents.iter().any(|document| !document.changes.is_empty());
    Schemas { databases, unread, has_schema }
}

/// The dialect that the documents of one side tell, when they agree.
fn dialect_of(files: &[File]) -> Option<Dialect> {
    let told = |(path, bytes): &File| sql::dialect_of_path(path).or_else(|| sql::dialect_of(&String::from_utf8_lossy(bytes)));
    let mut all: Vec<Dialect> = files.iter().filter_map(told).collect();
    all.sort_unstable();
    all.dedup();
    all.first().copied().filter(|_| all.len() == 1)
}

/// Triggers, rules, rights and the like, to the database whose migrations or statements stand in the same file, in their order.
fn add_others(databases: &mut Vec<Database>, files: &[File], dialect: Option<Dialect>) {
    let others: BTreeMap<&str, BTreeMap<String, String>> = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), sql::others_of(path, &String::from_utf8_lossy(bytes), dialect)))
        .filter(|(_, others)| !others.is_empty())
        .collect();
    if others.is_empty() {
        return;
    }
    if databases.is_empty() {
        databases.push(Database::default());
    }
    for (path, others) in others {
        let home = databases.iter().position(|database| database.evolution.iter().any(|run| run.evidence.file == path)).unwrap_or(0);
        let statements = others.into_iter().map(|(name, sql)| Statement { name, sql, ..Statement::default() });
        databases[home].statements.extend(statements);
    }
}
