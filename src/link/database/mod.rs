//! Models, migrations and SQL files of the whole program, joined to the tables that there finally are.
//!
//! Migrations are the state, replayed in their tool's own order; what only a model or only a statement says counts too; where they
//! disagree, the migrations hold and the difference is a conflict.

mod compare;
mod documents;
mod files;
mod gather;
pub mod keys;
mod merge;
mod model;
mod named;
mod order;
mod replay;
mod replay_keys;
mod replay_types;
mod state;
mod telling;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::base::Name;
use crate::facts::database::{Access, Dialect, EnumType, ForeignKey, Generated, ObjectName, Table};
use crate::facts::document::{SchemaDocument, Spot, SqlDocument};
use crate::facts::finding::{Findings, Place};
use crate::facts::program::Program;

pub use documents::{Taken, of_documents};
use merge::Group;
use model::Declared;
use state::{Held, Making, State, Statement};

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
    /// What running it brings with it: what it is, and the statement's first words.
    pub cautions: Vec<(Name, String)>,
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
pub fn join(program: &dyn Program, findings: &Findings, sql: &[SqlDocument], schemas: &[SchemaDocument]) -> Databases {
    let mut gathered = gather::gather(program, findings, sql);
    let spoken = spoken_dialect(findings, schemas);
    for unit in &mut gathered.units {
        unit.dialect = schema_above(&unit.sequence, schemas).or(unit.dialect).or(spoken);
    }
    let groups = merge::merged(std::mem::take(&mut gathered.units));
    let unread: Vec<bool> = groups.iter().map(Group::has_unread).collect();
    let mut list: Vec<Database> = groups.into_iter().map(database_of).collect();
    let mut declared: Vec<Declared> = findings.tables.iter().map(|found| Declared::of_finding(program, found)).collect();
    declared.extend(schemas.iter().flat_map(Declared::of_document));
    for own in declared.iter_mut().filter(|own| findings.mirrors.contains(&own.framework.as_str())) {
        own.is_mirror = true;
    }
    gathered.questions.extend(model::declare(&mut list, declared, &unread));
    for found in &findings.uses {
        add_use(&mut list, &found.table, found.access, spot_of(program, &found.place));
    }
    for at in gathered.aside {
        for (table, access) in &sql[at].uses {
            add_use(&mut list, table, *access, Spot { file: sql[at].file.clone(), ..Spot::default() });
        }
    }
    let mut gaps = gathered.questions;
    gaps.sort();
    gaps.dedup();
    list.retain(|database| !database.tables.is_empty() || !database.enums.is_empty());
    list.iter_mut().for_each(settle);
    list.sort_by(|a, b| a.name.cmp(&b.name));
    if let [only] = list.as_mut_slice() {
        only.name = Name::default();
    }
    Databases { list, gaps }
}

/// The dialect that all models and documents which say one agree on.
fn spoken_dialect(findings: &Findings, schemas: &[SchemaDocument]) -> Option<Dialect> {
    let models = findings.tables.iter().filter_map(|found| found.dialect);
    let all: BTreeSet<Dialect> =
        models.chain(schemas.iter().filter_map(|schema| schema.dialect)).filter(|dialect| *dialect != Dialect::Mongo).collect();
    all.first().copied().filter(|_| all.len() == 1)
}

/// The dialect that the schema documents name which migrations lie below: `prisma/schema.prisma` over `prisma/migrations`.
fn schema_above(sequence: &str, schemas: &[SchemaDocument]) -> Option<Dialect> {
    let home = sequence.rsplit_once('/').map_or("", |(home, _)| home);
    let is_above = |schema: &&SchemaDocument| {
        let folder = schema.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder == home || (!home.is_empty() && folder.strip_prefix(home).is_some_and(|rest| rest.starts_with('/')))
    };
    let mut told = schemas.iter().filter(is_above).filter_map(|schema| schema.dialect);
    let first = told.next()?;
    told.all(|other| other == first).then_some(first)
}

/// How many folders two paths share from the root.
fn nearness(a: &str, b: &str) -> usize {
    let folder = b.rsplit_once('/').map_or("", |(folder, _)| folder);
    a.split(['/', '#']).zip(folder.split('/')).take_while(|(a, b)| a == b).count()
}

fn add_use(list: &mut [Database], table: &ObjectName, access: Access, spot: Spot) {
    // A client that knows models only says the model's name.
    let is_model = |other: &LinkedTable| table.schema.is_none() && !other.model.is_empty() && other.model == table.name;
    let holds = |database: &Database| {
        let named = database.tables.iter().position(|other| state::is_same(&other.table.name, table));
        named.or_else(|| database.tables.iter().position(is_model))
    };
    let near = |at: usize, list: &[Database]| (nearness(&list[at].name, &spot.file), std::cmp::Reverse(at));
    let home = (0..list.len()).filter(|at| holds(&list[*at]).is_some()).max_by_key(|at| near(*at, list));
    if let Some(home) = home
        && let Some(at) = holds(&list[home])
    {
        list[home].tables[at].uses.push((access, spot));
    }
}

fn database_of(group: Group) -> Database {
    let Group { name, state, evolution, beside, .. } = group;
    let dialect = state.dialect;
    let mut database = Database { name, dialect, evolution, ..Database::default() };
    take_in(&mut database, state, false);
    for state in beside {
        take_in(&mut database, state, true);
    }
    database
}

/// Takes the tables and types of a state into a database; what is there already stays.
fn take_in(database: &mut Database, state: State, is_beside: bool) {
    let statements = kept(&state);
    for held in state.tables().filter(|held| !is_bookkeeping(&held.table.name.name)) {
        let linked = linked(held);
        match database.tables.iter_mut().find(|other| model::is_same_table(&other.table, &held.table)) {
            Some(known) => {
                let spot = held.spots.first().cloned().unwrap_or_default();
                let found = compare::differences(&held.table, &known.table, database.dialect);
                if known.table.kind == held.table.kind && !known.table.columns.is_empty() && !held.table.columns.is_empty() {
                    known.conflicts.extend(found.into_iter().map(|words| (words.replace("in the model", "in the file"), spot.clone())));
                }
                known.declared.push(spot);
            }
            None if is_beside => database.tables.push(LinkedTable { declared: linked.migrated, migrated: Vec::new(), ..linked }),
            None => database.tables.push(linked),
        }
    }
    for (ty, spot) in state.enums {
        if !database.enums.iter().any(|(other, _)| other.name == ty.name) {
            database.enums.push((ty, spot));
        }
    }
    database.extensions.extend(state.extensions);
    for statement in statements {
        if !database.statements.iter().any(|(name, sql, _)| *name == statement.name && *sql == statement.sql) {
            database.statements.push((statement.name, statement.sql, statement.spot));
        }
    }
}

/// Tables in which migration tools keep what they have run.
fn is_bookkeeping(name: &str) -> bool {
    const TABLES: &[&str] = &[
        "aerich",
        "alembic_version",
        "ar_internal_metadata",
        "databasechangelog",
        "databasechangeloglock",
        "flyway_schema_history",
        "goose_db_version",
        "knex_migrations_lock",
        "kysely_migration",
        "kysely_migration_lock",
        "pgmigrations",
        "refinery_schema_history",
        "schema_migrations_lock",
        "schema_version",
        "sequelizemeta",
        "typeorm_metadata",
    ];
    let name = name.to_lowercase();
    TABLES.contains(&name.as_str()) || name == "migrations" || name.ends_with("_migrations")
}

fn linked(held: &Held) -> LinkedTable {
    LinkedTable {
        table: held.table.clone(),
        framework: held.framework.clone(),
        migrated: held.spots.clone(),
        is_document: held.framework.starts_with("document/"),
        ..LinkedTable::default()
    }
}

/// The statements that stay: types, sequences, and the functions that tables call; types first.
fn kept(state: &State) -> Vec<Statement> {
    let mut functions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, statement) in state.statements.iter().enumerate().filter(|(_, statement)| statement.making == Making::Function) {
        functions.entry(statement.name.name.to_lowercase()).or_default().push(at);
    }
    let mut calls: BTreeSet<usize> = BTreeSet::new();
    let mut texts: Vec<Name> =
        if functions.is_empty() { Vec::new() } else { state.tables().flat_map(|held| expressions(&held.table)).collect() };
    while let Some(text) = texts.pop() {
        // What a kept function calls is kept too.
        for at in words::all_names(&text).filter_map(|name| functions.remove(&name)).flatten() {
            calls.insert(at);
            texts.push(state.statements[at].sql.clone());
        }
    }
    let is_kept = |(at, statement): &(usize, &Statement)| statement.making != Making::Function || calls.contains(at);
    let mut kept: Vec<Statement> = state.statements.iter().enumerate().filter(is_kept).map(|(_, statement)| statement.clone()).collect();
    kept.sort_by_key(|statement| statement.making);
    kept
}

/// Everything of a table that may call a function.
fn expressions(table: &Table) -> Vec<Name> {
    let mut texts: Vec<Name> = Vec::new();
    for column in &table.columns {
        texts.extend(column.default.clone());
        if let Some(Generated::Stored(text) | Generated::Virtual(text)) = &column.generated {
            texts.push(text.clone());
        }
    }
    texts.extend(table.checks.iter().map(|check| check.condition.clone()));
    for index in &table.indexes {
        texts.extend(index.parts.iter().filter(|part| part.is_expression).map(|part| part.text.clone()));
        texts.extend(index.condition.clone());
    }
    texts.extend(table.query.clone());
    texts
}

/// Foreign keys that name no columns refer to the primary key.
fn name_targets(database: &mut Database) {
    let keys: BTreeMap<ObjectName, Vec<Name>> = database
        .tables
        .iter()
        .filter_map(|linked| Some((linked.table.name.clone(), linked.table.primary_key.as_ref()?.columns.clone())))
        .collect();
    for key in database.tables.iter_mut().flat_map(|linked| &mut linked.table.foreign_keys) {
        if key.target_columns.is_empty()
            && let Some(columns) = keys.get(&key.target).filter(|columns| columns.len() == key.columns.len())
        {
            key.target_columns.clone_from(columns);
        }
    }
}

/// Two keys that ask for the same promise no more than one.
fn without_twins(keys: &mut Vec<ForeignKey>) {
    let mut seen = BTreeSet::new();
    keys.retain(|key| seen.insert((key.columns.clone(), key.target.clone(), key.target_columns.clone(), key.on_delete, key.on_update)));
}

/// Sorts and tidies what leaves.
fn settle(database: &mut Database) {
    name_targets(database);
    database.tables.sort_by(|a, b| a.table.name.cmp(&b.table.name));
    for table in &mut database.tables {
        without_twins(&mut table.table.foreign_keys);
        table.uses.sort();
        table.uses.dedup();
        table.conflicts.sort();
        table.conflicts.dedup();
        let mut seen = BTreeSet::new();
        table.declared.retain(|spot| seen.insert(spot.clone()));
    }
    database.enums.sort();
    database.enums.dedup_by(|b, a| a.0.name == b.0.name);
    database.extensions.sort();
    database.extensions.dedup();
}

/// A place in code as a spot.
#[must_use]
pub fn spot_of(program: &dyn Program, place: &Place) -> Spot {
    Spot { file: program.path(place.file).to_owned(), symbol: place.symbol.clone(), line: place.line }
}
