//! Models, migrations and SQL files of the whole program, joined to the tables that there finally are.
//!
//! Migrations are the state, replayed in their tool's own order; what only a model or only a statement says counts too; where they
//! disagree, the migrations hold and the difference is a conflict.

pub mod keys;

use crate::base::Name;
use crate::facts::database::{Access, Dialect, EnumType, ObjectName, Table};
use crate::facts::document::{SchemaDocument, Spot, SqlDocument};
use crate::facts::finding::{Findings, Place};
use crate::facts::program::Program;

/// All databases of a program.
#[derive(Clone, Debug, Default)]
pub struct Databases {
    /// One for each that models or migrations speak of, by name.
    pub list: Vec<Database>,
    /// What could not be read or told: a code, the question, where.
    pub gaps: Vec<(Name, String, Spot)>,
}

/// One database in its final state.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// What keeps it apart from the repository's other ones: a folder; empty when there is one.
    pub name: Name,
    /// The dialect its SQL is written in.
    pub dialect: Dialect,
    /// Its tables, views and collections, by name.
    pub tables: Vec<LinkedTable>,
    /// Its enumerated types, by name.
    pub enums: Vec<(EnumType, Spot)>,
    /// Extensions it loads, schemas it creates; sorted.
    pub extensions: Vec<Name>,
    /// Domains, composite types, sequences and functions, as whole statements in an order that loads.
    pub statements: Vec<(ObjectName, Name, Spot)>,
    /// Its migrations in order: id, what they did in words (`create table users`), where.
    pub evolution: Vec<Evolution>,
}

/// One migration in the life of a database.
#[derive(Clone, Debug, Default)]
pub struct Evolution {
    /// The framework's id, or `document/sql`.
    pub framework: Name,
    /// Its id in its tool.
    pub id: Name,
    /// What it changed: `create table users`, `add column users.email`.
    pub changes: Vec<String>,
    /// Where.
    pub spot: Spot,
}

/// A table with all that is known of it.
#[derive(Clone, Debug, Default)]
pub struct LinkedTable {
    /// Its final state.
    pub table: Table,
    /// The framework's id that says so first, or `document/sql`.
    pub framework: Name,
    /// The model's name; empty when there is none.
    pub model: Name,
    /// Where models declare it.
    pub declared: Vec<Spot>,
    /// Where migrations create and change it, in order.
    pub migrated: Vec<Spot>,
    /// Code that uses it.
    pub uses: Vec<(Access, Spot)>,
    /// Read from a document rather than from code.
    pub is_document: bool,
    /// Made by a library rather than by a declaration.
    pub is_implied: bool,
    /// Where models and migrations differ, in words, each with the model's place: `column email: varchar(255) in the model, text in
    /// the migrations`.
    pub conflicts: Vec<(String, Spot)>,
}

/// Joins what was found to the databases there are.
#[must_use]
pub fn join(program: &dyn Program, findings: &Findings, _sql: &[SqlDocument], _schemas: &[SchemaDocument]) -> Databases {
    let mut database = Database::default();
    for found in &findings.tables {
        database.tables.push(LinkedTable {
            table: found.table.clone(),
            framework: found.framework.into(),
            model: found.model.clone(),
            declared: vec![spot_of(program, &found.place)],
            is_implied: found.is_implied,
            ..LinkedTable::default()
        });
        database.enums.extend(found.enums.iter().map(|ty| (ty.clone(), spot_of(program, &found.place))));
    }
    database.tables.sort_by(|a, b| a.table.name.cmp(&b.table.name));
    database.tables.dedup_by(|b, a| a.table.name == b.table.name);
    database.enums.sort();
    database.enums.dedup_by(|b, a| a.0.name == b.0.name);
    let list = if database.tables.is_empty() { Vec::new() } else { vec![database] };
    Databases { list, gaps: Vec::new() }
}

/// A place in code as a spot.
#[must_use]
pub fn spot_of(program: &dyn Program, place: &Place) -> Spot {
    Spot { file: program.path(place.file).to_owned(), symbol: place.symbol.clone(), line: place.line }
}
