//! `CREATE` of everything: tables, views, types, sequences, functions, indexes.

use super::create_table::{read_create_table, read_virtual_table};
use super::cursor::Cursor;
use super::index::read_create_index;
use crate::base::Name;
use crate::facts::database::{Change, Column, EnumType, Table, TableKind};

/// What a statement came to.
pub enum Read {
    /// These changes.
    Changes(Vec<Change>),
    /// Nothing of the schema.
    Nothing,
    /// It cannot be read.
    Unread,
}

impl From<Option<Vec<Change>>> for Read {
    fn from(changes: Option<Vec<Change>>) -> Self {
        changes.map_or(Self::Unread, Self::Changes)
    }
}

impl From<Option<Change>> for Read {
    fn from(change: Option<Change>) -> Self {
        change.map_or(Self::Unread, |change| Self::Changes(vec![change]))
    }
}

/// Things of a database that no contract holds.
const ASIDE: &[&str] = &[
    "trigger",
    "policy",
    "rule",
    "role",
    "user",
    "publication",
    "subscription",
    "database",
    "event",
    "collation",
    "cast",
    "procedure",
    "proc",
    "text",
    "statistics",
    "server",
    "language",
    "access",
    "conversion",
    "operator",
    "transform",
    "tablespace",
    "group",
    "login",
    "constraint",
    "synonym",
    "xml",
    "partition",
    "default",
    "foreign",
    "package",
    "credential",
    "security",
    "resource",
    "certificate",
    "temp",
    "temporary",
    "keyspace",
    "settings",
    "profile",
    "row",
    "quota",
    "named",
    "service",
    "queue",
    "message",
    "contract",
];

/// Behind `CREATE`.
pub fn read_create(cursor: &mut Cursor<'_>) -> Read {
    let replaces = cursor.eat_all(&["or", "replace"]) || cursor.eat_all(&["or", "alter"]);
    while cursor.eat_any(&["global", "local", "unlogged", "recursive", "editionable", "noneditionable"]) {}
    skip_view_options(cursor);
    if cursor.is_any(&["temp", "temporary"]) {
        return Read::Nothing;
    }
    if cursor.eat_all(&["foreign", "table"]) || cursor.eat("table") {
        if cursor.is_symbol(b'#') {
            // A temporary table of T-SQL.
            return Read::Nothing;
        }
        return read_create_table(cursor).into();
    }
    if cursor.eat_all(&["virtual", "table"]) {
        return read_virtual_table(cursor).into();
    }
    if cursor.eat_all(&["materialized", "view"]) {
        return read_view(cursor, TableKind::MaterializedView, replaces).into();
    }
    if cursor.eat("view") {
        return read_view(cursor, TableKind::View, replaces).into();
    }
    if cursor.is_any(&["unique", "index", "fulltext", "spatial", "clustered", "nonclustered", "columnstore"]) {
        return read_create_index(cursor).into();
    }
    read_create_other(cursor)
}

fn read_create_other(cursor: &mut Cursor<'_>) -> Read {
    if cursor.eat("type") {
        return read_type(cursor);
    }
    if cursor.eat("domain") {
        let sql = cursor.whole();
        return cursor.object().map(|name| Change::CreateType { name, sql }).into();
    }
    if cursor.eat("sequence") {
        let sql = cursor.whole();
        cursor.eat_if_absent();
        return cursor.object().map(|name| Change::CreateSequence { name, sql }).into();
    }
    if cursor.is_any(&["function", "aggregate"]) {
        cursor.at += 1;
        cursor.eat_if_absent();
        let sql = cursor.whole();
        return cursor.object().map(|name| Change::CreateFunction { name, sql }).into();
    }
    if cursor.eat("extension") {
        cursor.eat_if_absent();
        return cursor.ident().map(Change::CreateExtension).into();
    }
    if cursor.eat("schema") {
        cursor.eat_if_absent();
        cursor.eat("authorization");
        return match cursor.ident() {
            Some(name) if name == "public" => Read::Nothing,
            name => name.map(Change::CreateSchema).into(),
        };
    }
    if cursor.is_any(ASIDE) { Read::Nothing } else { Read::Unread }
}

/// MySQL's `ALGORITHM = … DEFINER = … SQL SECURITY …` before `VIEW` and routines.
fn skip_view_options(cursor: &mut Cursor<'_>) {
    if !cursor.is_any(&["algorithm", "definer", "sql"]) {
        return;
    }
    while !cursor.is_end() && !cursor.is_any(&["view", "function", "procedure", "trigger", "event"]) {
        cursor.at += 1;
    }
}

fn read_view(cursor: &mut Cursor<'_>, kind: TableKind, replaces: bool) -> Option<Change> {
    let if_absent = cursor.eat_if_absent() && !replaces;
    let name = cursor.object()?;
    let mut columns = Vec::new();
    if cursor.eat("using") {
        cursor.at += 1;
    }
    if cursor.is_symbol(b'(') {
        let names = cursor.names()?;
        columns = names.into_iter().map(|name| Column { name, nullable: true, ..Column::default() }).collect();
    }
    while !cursor.is_end() && !cursor.is("as") {
        cursor.skip();
    }
    if !cursor.eat("as") {
        return None;
    }
    let start = cursor.at;
    let query = without_data(cursor, start);
    let table = Table { name, kind, columns, query: Some(query), ..Table::default() };
    Some(Change::CreateTable { table: Box::new(table), if_absent })
}

/// The query without `WITH NO DATA` or `WITH CHECK OPTION` behind it.
fn without_data(cursor: &Cursor<'_>, start: usize) -> Name {
    let text = cursor.text(start..cursor.len());
    let lower = text.to_ascii_lowercase();
    for tail in [" with no data", " with data", " with check option", " with local check option", " with cascaded check option"] {
        if lower.ends_with(tail) {
            return text.get(..text.len() - tail.len()).unwrap_or(&text).into();
        }
    }
    text
}

fn read_type(cursor: &mut Cursor<'_>) -> Read {
    let sql = cursor.whole();
    cursor.eat_if_absent();
    let Some(name) = cursor.object() else { return Read::Unread };
    if !cursor.eat_all(&["as", "enum"]) {
        // A shell type, a composite one, a range, T-SQL's alias.
        return Read::Changes(vec![Change::CreateType { name, sql }]);
    }
    let Some(inner) = cursor.group() else { return Read::Unread };
    let labels: Option<Vec<Name>> = cursor.split(inner).into_iter().map(|item| cursor.within(item).string()).collect();
    labels.map(|labels| Change::CreateEnum(EnumType { name, labels })).into()
}
