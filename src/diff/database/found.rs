//! What was found in one database, and how its places are told.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::model::database::{Column, Table};
use crate::contract::model::{Database, Dialect};
use crate::diff::change::{Change, Domain, Level, Location};

/// The changes of one database.
pub struct Found {
    /// The database's name, where there are several.
    database: String,
    /// What its SQL is written for.
    pub dialect: Dialect,
    /// The changes so far.
    pub changes: Vec<Change>,
}

/// Whom a change reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that read rows.
    Readers,
    /// Those that write rows.
    Writers,
    /// Both.
    All,
}

impl Found {
    /// Nothing yet.
    #[must_use]
    pub fn new(database: &str, dialect: Dialect) -> Self {
        Self { database: database.to_owned(), dialect, changes: Vec::new() }
    }

    /// How names are compared: PostgreSQL knows case, the others do not care.
    #[must_use]
    pub fn folded(&self, name: &str) -> String {
        if self.dialect == Dialect::PostgreSql { name.to_owned() } else { name.to_lowercase() }
    }

    /// A change at a place, to be completed and told.
    #[must_use]
    pub fn change(&self, rule: &str, subject: &str, part: impl Into<String>) -> Change {
        let subject = if self.database.is_empty() { subject.to_owned() } else { format!("{}/{subject}", self.database) };
        Change::new(rule, Domain::Db, Location { subject, part: part.into(), ..Location::default() })
    }

    /// Tells a change.
    pub fn tell(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Tells a change of something that was or is there, in words.
    pub fn tell_of(&mut self, rule: &str, subject: &str, part: impl Into<String>, before: Option<String>, after: Option<String>) {
        let change = self.change(rule, subject, part).with(before.map(Value::String), after.map(Value::String));
        self.changes.push(change);
    }
}

/// One table on both sides.
pub struct Both<'t> {
    /// As it was.
    pub before: &'t Table,
    /// As it is.
    pub after: &'t Table,
    /// How it is called now.
    pub subject: String,
}

impl Both<'_> {
    /// A change of a part of it, with whom it reaches.
    #[must_use]
    pub fn change(&self, found: &Found, rule: &str, part: impl Into<String>, reach: Reach) -> Change {
        let affects = users(self.before, reach).chain(users(self.after, reach)).collect::<BTreeSet<String>>();
        Change { affects: affects.into_iter().collect(), ..found.change(rule, &self.subject, part) }
    }

    /// The same, told at once in words.
    pub fn tell(&self, found: &mut Found, rule: &str, part: impl Into<String>, reach: Reach, words: (Option<String>, Option<String>)) {
        let change = self.change(found, rule, part, reach).with(words.0.map(Value::String), words.1.map(Value::String));
        found.tell(change);
    }

    /// The same, at a level of its own.
    pub fn tell_at(&self, found: &mut Found, level: Level, rule: &str, part: impl Into<String>, words: (Option<String>, Option<String>)) {
        let change = self.change(found, rule, part, Reach::All).at_level(level);
        found.tell(change.with(words.0.map(Value::String), words.1.map(Value::String)));
    }
}

/// The features that use a table.
fn users(table: &Table, reach: Reach) -> impl Iterator<Item = String> + '_ {
    let is_reached = move |reads: bool, writes: bool| match reach {
        Reach::Readers => reads,
        Reach::Writers => writes,
        Reach::All => true,
    };
    table.used_by.iter().filter(move |user| is_reached(user.reads, user.writes)).map(|user| user.feature.clone())
}

/// All that is hit when a table goes: the features that use it, and the tables that refer to it.
#[must_use]
pub fn dependents(database: &Database, table: &Table) -> Vec<String> {
    let refers = |other: &&Table| {
        (other.name != table.name || other.schema != table.schema)
            && other.foreign_keys.iter().any(|key| key.references.table == table.name && key.references.schema == table.schema)
    };
    let tables = database.tables.iter().filter(refers).map(name_of);
    let all: BTreeSet<String> = users(table, Reach::All).chain(tables).collect();
    all.into_iter().collect()
}

/// A table's name with its schema, as people write it.
#[must_use]
pub fn name_of(table: &Table) -> String {
    in_schema(&table.schema, &table.name)
}

/// A name with its schema, when that is not the default one.
#[must_use]
pub fn in_schema(schema: &str, name: &str) -> String {
    if schema.is_empty() { name.to_owned() } else { format!("{schema}.{name}") }
}

/// A column in words: `varchar(20) NOT NULL DEFAULT 'x'`.
#[must_use]
pub fn column_text(column: &Column) -> String {
    let mut words = vec![if column.ty.is_empty() { "?".to_owned() } else { column.ty.clone() }];
    if !column.nullable {
        words.push("NOT NULL".to_owned());
    }
    if let Some(default) = &column.default {
        words.push(format!("DEFAULT {default}"));
    }
    if let Some(generated) = &column.generated {
        words.push(if generated.starts_with("AUTO") { generated.clone() } else { format!("GENERATED {generated}") });
    }
    words.join(" ")
}

/// Columns in words: `(a, b)`.
#[must_use]
pub fn list(columns: &[String]) -> String {
    format!("({})", columns.join(", "))
}
