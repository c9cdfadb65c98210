//! Databases: tables, columns, keys, constraints, indexes, types, views, routines, rights, migrations.
//!
//! What is compared is the final state of both sides; migrations say what was renamed, and what running the new ones means.
//! Names of constraints and indexes are no promise: they are known by what they are over.

mod checks;
mod columns;
mod enums;
mod found;
mod indexes;
mod keys;
mod migrations;
mod objects;
mod renames;
mod routines;
mod tables;
mod text;
mod types;
mod views;

use super::change::Change;
use crate::contract::model::{Database, Dialect};
use found::Found;
pub use migrations::missing as missing_migrations;
use renames::Renames;

/// The changes from one state to the other.
#[must_use]
pub fn compare(before: &[Database], after: &[Database]) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, before, after) in paired(before, after) {
        let empty =
            |like: Option<&Database>| Database { dialect: like.map(|like| like.dialect).unwrap_or_default(), ..Database::default() };
        let (no_before, no_after) = (empty(after), empty(before));
        let (before, after) = (before.unwrap_or(&no_before), after.unwrap_or(&no_after));
        changes.extend(compare_one(name, before, after));
    }
    changes.sort();
    changes.dedup();
    changes
}

/// Databases of one name, with that name where there are several; the only ones of both sides are one, whatever they are called.
fn paired<'d>(before: &'d [Database], after: &'d [Database]) -> Vec<(&'d str, Option<&'d Database>, Option<&'d Database>)> {
    if let ([before], [after]) = (before, after) {
        return vec![("", Some(before), Some(after))];
    }
    let mut names: Vec<&str> = before.iter().chain(after).map(|database| database.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let of = |list: &'d [Database], name: &str| list.iter().find(|database| database.name == name);
    names.into_iter().map(|name| (name, of(before, name), of(after, name))).collect()
}

fn compare_one(name: &str, before: &Database, after: &Database) -> Vec<Change> {
    let mut found = Found::new(name, dialect_of(before, after));
    let renames = Renames::of(before, after);
    let translated;
    let before = if renames.is_empty() {
        before
    } else {
        translated = renames.translated(before, after);
        &translated
    };
    objects::compare(&mut found, before, after);
    enums::compare(&mut found, before, after, &renames);
    tables::compare(&mut found, before, after, &renames);
    routines::compare(&mut found, before, after);
    migrations::compare(&mut found, before, after);
    found.changes
}

/// PostgreSQL is what nothing says otherwise of: the other side may say more.
fn dialect_of(before: &Database, after: &Database) -> Dialect {
    if after.dialect == Dialect::PostgreSql { before.dialect } else { after.dialect }
}
