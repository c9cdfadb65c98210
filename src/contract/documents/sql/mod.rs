//! `schema_contract.sql`: the tables a feature owns, as DDL of their final state.
//!
//! The whole loads into an empty database; in a feature's own file, foreign keys to tables of other features are added at the end.
//! What no database could take (a default that calls a function nobody defines, a table outside the repository) stands in comments.

mod known;
mod names;
mod table;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::database::{ForeignKey, Table, TableKind};
use crate::contract::model::{Database, Dialect};
use names::{comment, name, qualified};
use types::Vocabulary;

/// Opens every SQL document.
pub const SQL_MARK: &str = "-- Written by contract-agent from the source code. Do not edit: the next run overwrites it.\n";

/// A table's schema and name.
type TableKey<'a> = (&'a str, &'a str);

/// The document of a feature's part of one database, or of a whole database; `None` when there is nothing that DDL could say.
#[must_use]
pub fn document_of(title: &str, database: &Database) -> Option<String> {
    let dialect = database.dialect;
    let has_ddl = database.tables.iter().any(|table| table.kind != TableKind::Collection) || !database.enums.is_empty();
    if dialect == Dialect::MongoDb || !has_ddl {
        return None;
    }
    let mut known = Vocabulary::of(database);
    let tables = body(database, &mut known);
    let mut text = format!("{SQL_MARK}-- Dialect: {}\n", dialect.label());
    if !title.is_empty() {
        text.push_str(&format!("-- {}\n", comment(title)));
    }
    text.push_str(&head(database, &known));
    text.push_str(&tables);
    Some(text)
}

/// Extensions, schemas and types.
fn head(database: &Database, known: &Vocabulary) -> String {
    let dialect = database.dialect;
    let mut text = String::new();
    if dialect != Dialect::PostgreSql {
        return text;
    }
    if !database.statements.is_empty() {
        text.push_str("\nSET check_function_bodies = off;\n");
    }
    let extensions: Vec<String> =
        known.extensions.iter().map(|extension| format!("CREATE EXTENSION IF NOT EXISTS {};\n", name(extension, dialect))).collect();
    let schemas: BTreeSet<&str> = database
        .tables
        .iter()
        .map(|table| table.schema.as_str())
        .chain(database.enums.iter().map(|ty| ty.schema.as_str()))
        .filter(|schema| !schema.is_empty())
        .collect();
    let schemas = schemas.into_iter().map(|schema| format!("CREATE SCHEMA IF NOT EXISTS {};\n", name(schema, dialect)));
    let enums = database.enums.iter().map(|ty| table::create_enum(&ty.schema, &ty.name, &ty.labels, dialect));
    let statements =
        database.statements.iter().map(|statement| format!("{};\n", without_owner(statement.sql.trim_end().trim_end_matches(';'))));
    for group in [extensions, schemas.collect(), enums.collect(), statements.collect()] {
        if !group.is_empty() {
            text.push('\n');
            text.extend(group);
        }
    }
    text
}

/// A sequence without the column that owns it: the sequence is made before the table.
fn without_owner(statement: &str) -> &str {
    let lower = statement.to_ascii_lowercase();
    let is_sequence = lower.trim_start().starts_with("create") && lower.contains("sequence");
    match lower.rfind(" owned by ").filter(|_| is_sequence) {
        Some(at) => statement.get(..at).unwrap_or(statement),
        None => statement,
    }
}

/// Tables in an order that loads, their indexes, late foreign keys, views.
fn body(database: &Database, known: &mut Vocabulary) -> String {
    let dialect = database.dialect;
    let tables: Vec<&Table> = database.tables.iter().filter(|table| table.kind == TableKind::Table).collect();
    let ordered = in_order(&tables);
    let mut done: BTreeSet<TableKey> = BTreeSet::new();
    let own: BTreeSet<TableKey> = tables.iter().map(|table| key_of(table)).collect();
    let (mut text, mut late, mut foreign) = (String::new(), String::new(), String::new());
    let mut taken = BTreeSet::new();
    for table in ordered {
        done.insert(key_of(table));
        let mut inline = Vec::new();
        let mut outside = String::new();
        for key in &table.foreign_keys {
            let target = (key.references.schema.as_str(), key.references.table.as_str());
            let is_usable = is_usable(key, table, &tables);
            if key.references.is_outside || !is_usable {
                let why = if key.references.is_outside { "the table is not in this repository" } else { "the columns are not a key there" };
                outside.push_str(&format!("-- {}: {why}\n", comment(&table::foreign_key(key, dialect))));
            } else if done.contains(&target) || dialect == Dialect::Sqlite {
                inline.push(key);
            } else if own.contains(&target) {
                late.push_str(&table::add_foreign_key(table, key, dialect));
            } else {
                foreign.push_str(&table::add_foreign_key(table, key, dialect));
            }
        }
        text.push_str(&format!("\n{}{outside}", table::create(table, &inline, known, dialect)));
        for index in &table.indexes {
            let is_taken = !index.name.is_empty() && !taken.insert((table.schema.as_str(), index.name.as_str()));
            text.push_str(&table::index(table, index, is_taken, known, dialect));
        }
    }
    for (heading, part) in [("", late), ("-- Foreign keys to tables of other features.\n", foreign)] {
        if !part.is_empty() {
            text.push_str(&format!("\n{heading}{part}"));
        }
    }
    text.push_str(&views(database, dialect));
    text
}

fn key_of(table: &Table) -> TableKey<'_> {
    (table.schema.as_str(), table.name.as_str())
}

/// A foreign key needs a key or a unique index over just the columns it refers to; what is not here is believed.
fn is_usable(key: &ForeignKey, table: &Table, tables: &[&Table]) -> bool {
    let has = |column: &String| table.columns.iter().any(|each| each.name == *column);
    if !key.columns.iter().all(has) {
        return false;
    }
    let is_target = |other: &&&Table| other.name == key.references.table && other.schema == key.references.schema;
    let Some(target) = tables.iter().find(is_target) else { return true };
    let wanted: BTreeSet<&String> = key.references.columns.iter().collect();
    let is_wanted = |columns: &[String]| columns.len() == wanted.len() && columns.iter().all(|column| wanted.contains(column));
    match &target.primary_key {
        Some(primary) if wanted.is_empty() => primary.columns.len() == key.columns.len(),
        None if wanted.is_empty() => false,
        primary => {
            primary.iter().chain(&target.uniques).any(|unique| is_wanted(&unique.columns))
                || target.indexes.iter().any(|index| index.unique && index.condition.is_empty() && is_wanted(&index.columns))
        }
    }
}

/// Tables before those that refer to them, as far as there is such an order; by name otherwise.
fn in_order<'a>(tables: &[&'a Table]) -> Vec<&'a Table> {
    let by_key: BTreeMap<TableKey, &'a Table> = tables.iter().map(|table| (key_of(table), *table)).collect();
    let mut ordered = Vec::with_capacity(tables.len());
    let mut seen: BTreeSet<TableKey> = BTreeSet::new();
    for start in by_key.values() {
        // A depth-first walk without recursion: a table is placed when all it needs is.
        let mut open: Vec<(&Table, bool)> = vec![(start, false)];
        while let Some((table, is_ready)) = open.pop() {
            if is_ready {
                ordered.push(table);
                continue;
            }
            if !seen.insert(key_of(table)) {
                continue;
            }
            open.push((table, true));
            let needs = table.foreign_keys.iter().map(|key| (key.references.schema.as_str(), key.references.table.as_str()));
            let parent = table.options.strip_prefix("PARTITION OF ").and_then(|rest| rest.split_whitespace().next());
            let parent = parent.map(|parent| ("", parent.trim_matches('"')));
            let mut needed: Vec<&Table> =
                needs.chain(parent).filter(|key| !seen.contains(key)).filter_map(|key| by_key.get(&key).copied()).collect();
            needed.reverse();
            open.extend(needed.into_iter().map(|table| (table, false)));
        }
    }
    ordered
}

/// Views, those that others read from first.
fn views(database: &Database, dialect: Dialect) -> String {
    let mut open: Vec<&Table> =
        database.tables.iter().filter(|table| matches!(table.kind, TableKind::View | TableKind::MaterializedView)).collect();
    let mut text = String::new();
    while !open.is_empty() {
        let names: Vec<&str> = open.iter().map(|view| view.name.as_str()).collect();
        let reads = |view: &Table| names.iter().any(|name| *name != view.name && mentions(&view.query, name));
        let at = open.iter().position(|view| !reads(view)).unwrap_or(0);
        let view = open.remove(at);
        let what = if view.kind == TableKind::View { "VIEW" } else { "MATERIALIZED VIEW" };
        let written = qualified(&view.schema, &view.name, dialect);
        if view.query.is_empty() || types::has_hole(&view.query) {
            text.push_str(&format!("\n-- {what} {written}: its query is not known\n"));
        } else {
            // Columns without types are those that the statement itself lists.
            let is_list = !view.columns.is_empty() && view.columns.iter().all(|column| column.ty.is_empty());
            let columns: Vec<String> = view.columns.iter().filter(|_| is_list).map(|column| column.name.clone()).collect();
            let columns = if columns.is_empty() { String::new() } else { format!(" ({})", names::list(&columns, dialect)) };
            text.push_str(&format!("\nCREATE {what} {written}{columns} AS\n{};\n", view.query.trim().trim_end_matches(';')));
        }
    }
    text
}

/// Whether a word stands in a text.
fn mentions(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| !is_part(text[..at].chars().next_back()) && !is_part(text[at + word.len()..].chars().next()))
}
