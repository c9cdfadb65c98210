//! SQL documents by themselves, without a program around them: everything they make, in their own order.

use std::collections::BTreeSet;

use super::gather::{Unit, documents};
use super::merge::{Group, merged};
use super::order::Run;
use super::{Database, database_of, linked, settle, words};
use crate::base::Name;
use crate::facts::database::ObjectName;
use crate::facts::document::{Spot, SqlDocument};

/// How documents are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// One document, read from its beginning to its end, whatever its name is.
    Alone,
    /// The documents of a folder: migrations in their tool's order without those that only take back, schema files.
    Together,
}

/// The databases that documents make.
///
/// Other than a program's databases they keep all functions, schemas and tables of migration tools.
#[must_use]
pub fn of_documents(sql: &[SqlDocument], taken: Taken) -> Vec<Database> {
    let units = match taken {
        Taken::Alone => sql.iter().map(whole).collect(),
        Taken::Together => documents(sql),
    };
    let mut list: Vec<Database> = merged(units).into_iter().map(kept_whole).collect();
    list.iter_mut().for_each(settle);
    list.sort_by(|a, b| a.name.cmp(&b.name));
    if let [only] = list.as_mut_slice() {
        only.name = Name::default();
    }
    list
}

/// A document as one run without a name.
fn whole(document: &SqlDocument) -> Unit {
    let spot = Spot { file: document.file.clone(), ..Spot::default() };
    let run = Run { framework: "document/sql".into(), dialect: document.dialect, steps: document.changes.clone(), spot, ..Run::default() };
    Unit { runs: vec![run], dialect: document.dialect, is_schema: true, has_unread: !document.unread.is_empty(), ..Unit::default() }
}

/// A group's database with everything that was made.
fn kept_whole(group: Group) -> Database {
    let state = group.state.clone();
    let mut database = database_of(group);
    let known: BTreeSet<ObjectName> = database.tables.iter().map(|table| table.table.name.clone()).collect();
    database.tables.extend(state.tables().filter(|held| !known.contains(&held.table.name)).map(linked));
    let schemas = state.schemas.iter().map(|schema| {
        let name = ObjectName::new(schema.clone());
        (name, Name::from(format!("CREATE SCHEMA {}", words::spelled(schema))), Spot::default())
    });
    let made = state.statements.iter().map(|made| (made.name.clone(), made.sql.clone(), made.spot.clone()));
    database.statements = made.chain(schemas).collect();
    database
}
