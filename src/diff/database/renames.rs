//! What migrations rename: tables, columns, labels. Without a migration that says so, another name is something else.

use std::collections::{BTreeMap, BTreeSet};

use super::found::in_schema;
use super::text;
use crate::contract::model::Database;
use crate::contract::model::database::{ForeignKey, Table};

/// Old names by new ones.
#[derive(Debug, Default)]
pub struct Renames {
    tables: BTreeMap<String, String>,
    /// By the table's new name and the column's.
    columns: BTreeMap<(String, String), String>,
    /// By the type and the label.
    labels: BTreeMap<(String, String), String>,
}

impl Renames {
    /// What the migrations say that only the later side has.
    #[must_use]
    pub fn of(before: &Database, after: &Database) -> Self {
        let known: BTreeSet<(&str, &str)> =
            before.evolution.iter().flat_map(|run| run.changes.iter().map(|words| (run.id.as_str(), words.as_str()))).collect();
        let mut renames = Self::default();
        for run in &after.evolution {
            for words in run.changes.iter().filter(|words| !known.contains(&(run.id.as_str(), words.as_str()))) {
                renames.read(words);
            }
        }
        renames.keep_true(before, after);
        renames
    }

    /// Whether nothing was renamed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty() && self.labels.is_empty()
    }

    /// The name that a table had.
    #[must_use]
    pub fn table(&self, now: &str) -> Option<&str> {
        self.tables.get(now).map(String::as_str)
    }

    /// The name that a column had.
    #[must_use]
    pub fn column(&self, table: &str, now: &str) -> Option<&str> {
        self.columns.get(&(table.to_owned(), now.to_owned())).map(String::as_str)
    }

    /// The name that a label had.
    #[must_use]
    pub fn label(&self, ty: &str, now: &str) -> Option<&str> {
        self.labels.get(&(ty.to_owned(), now.to_owned())).map(String::as_str)
    }

    /// `rename table a to b`, `move a to schema s`, `rename column a.b to c`, `rename label a.b to c`.
    fn read(&mut self, words: &str) {
        if let Some((from, to)) = words.strip_prefix("rename table ").and_then(|rest| rest.rsplit_once(" to ")) {
            self.move_table(from, to.to_owned());
        } else if let Some((from, schema)) = words.strip_prefix("move ").and_then(|rest| rest.rsplit_once(" to schema ")) {
            let name = from.rsplit_once('.').map_or(from, |(_, name)| name);
            self.move_table(from, in_schema(if schema == "public" { "" } else { schema }, name));
        } else if let Some((from, to)) = words.strip_prefix("rename column ").and_then(|rest| rest.rsplit_once(" to "))
            && let Some((table, column)) = from.rsplit_once('.')
        {
            let old = self.columns.remove(&(table.to_owned(), column.to_owned())).unwrap_or_else(|| column.to_owned());
            self.columns.insert((table.to_owned(), to.to_owned()), old);
        } else if let Some((from, to)) = words.strip_prefix("rename label ").and_then(|rest| rest.rsplit_once(" to "))
            && let Some((ty, label)) = from.split_once('.')
        {
            let old = self.labels.remove(&(ty.to_owned(), label.to_owned())).unwrap_or_else(|| label.to_owned());
            self.labels.insert((ty.to_owned(), to.to_owned()), old);
        }
    }

    fn move_table(&mut self, from: &str, to: String) {
        let old = self.tables.remove(from).unwrap_or_else(|| from.to_owned());
        let columns = std::mem::take(&mut self.columns);
        let moved = |table: String| if table == from { to.clone() } else { table };
        self.columns = columns.into_iter().map(|((table, column), old)| ((moved(table), column), old)).collect();
        self.tables.insert(to, old);
    }

    /// Keeps what both sides bear out: the old name is gone, the new one is new.
    fn keep_true(&mut self, before: &Database, after: &Database) {
        let tables = |database: &Database| -> BTreeMap<String, BTreeSet<String>> {
            let columns = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect();
            database.tables.iter().map(|table| (in_schema(&table.schema, &table.name), columns(table))).collect()
        };
        let (old, new) = (tables(before), tables(after));
        let is_true =
            |now: &String, was: &String| old.contains_key(was) && !new.contains_key(was) && new.contains_key(now) && !old.contains_key(now);
        self.tables.retain(|now, was| is_true(now, was));
        let known = self.tables.clone();
        self.columns.retain(|(table, now), was| {
            let (Some(old), Some(new)) = (old.get(known.get(table).unwrap_or(table)), new.get(table)) else { return false };
            old.contains(was) && !new.contains(was) && new.contains(now) && !old.contains(now)
        });
        let labels = |database: &Database| -> BTreeMap<String, Vec<String>> {
            database.enums.iter().map(|ty| (in_schema(&ty.schema, &ty.name), ty.labels.clone())).collect()
        };
        let (old, new) = (labels(before), labels(after));
        self.labels.retain(|(ty, now), was| {
            let (Some(old), Some(new)) = (old.get(ty), new.get(ty)) else { return false };
            old.contains(was) && !new.contains(was) && new.contains(now) && !old.contains(now)
        });
    }

    /// The earlier side with its columns, keys and references under their new names; tables keep theirs.
    #[must_use]
    pub fn translated(&self, before: &Database, after: &Database) -> Database {
        let mut database = before.clone();
        let now_of: BTreeMap<&str, &str> = self.tables.iter().map(|(now, was)| (was.as_str(), now.as_str())).collect();
        for table in &mut database.tables {
            let was = in_schema(&table.schema, &table.name);
            let now = now_of.get(was.as_str()).map_or(was.clone(), |now| (*now).to_owned());
            self.rename_columns(table, &now);
            for key in &mut table.foreign_keys {
                self.rename_target(key, &now_of, after);
            }
        }
        database
    }

    fn rename_columns(&self, table: &mut Table, now: &str) {
        let own: Vec<(&str, &str)> =
            self.columns.iter().filter(|((of, _), _)| of == now).map(|((_, now), was)| (was.as_str(), now.as_str())).collect();
        if own.is_empty() {
            return;
        }
        let rename = |name: &mut String| {
            if let Some((_, now)) = own.iter().find(|(was, _)| was == name) {
                *name = (*now).to_owned();
            }
        };
        table.columns.iter_mut().for_each(|column| rename(&mut column.name));
        table.primary_key.iter_mut().chain(&mut table.uniques).for_each(|key| key.columns.iter_mut().for_each(rename));
        table.foreign_keys.iter_mut().for_each(|key| key.columns.iter_mut().for_each(rename));
        for index in &mut table.indexes {
            index.columns.iter_mut().chain(&mut index.include).for_each(rename);
            index.condition = renamed(&index.condition, &own);
        }
        for check in &mut table.checks {
            check.condition = renamed(&check.condition, &own);
        }
    }

    fn rename_target(&self, key: &mut ForeignKey, now_of: &BTreeMap<&str, &str>, after: &Database) {
        let was = in_schema(&key.references.schema, &key.references.table);
        let now = now_of.get(was.as_str()).map_or(was.clone(), |now| (*now).to_owned());
        for column in &mut key.references.columns {
            let renamed = self.columns.iter().find(|((table, _), was)| *table == now && *was == column);
            if let Some(((_, now), _)) = renamed {
                column.clone_from(now);
            }
        }
        if let Some(table) = after.tables.iter().find(|table| now != was && in_schema(&table.schema, &table.name) == now) {
            key.references.table.clone_from(&table.name);
            key.references.schema.clone_from(&table.schema);
        }
    }
}

/// A condition with columns under their new names.
fn renamed(condition: &str, own: &[(&str, &str)]) -> String {
    if !own.iter().any(|(was, _)| text::names(condition, was)) {
        return condition.to_owned();
    }
    let spelled = |piece: &text::Piece| match piece {
        text::Piece::Word(word) => own.iter().find(|(was, _)| was == word).map_or(word.as_str(), |(_, now)| now).to_owned(),
        other => other.as_str().to_owned(),
    };
    text::pieces(condition).iter().map(spelled).collect::<Vec<_>>().join(" ")
}
