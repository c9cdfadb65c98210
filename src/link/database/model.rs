//! Tables as models declare them, put beside what the migrations made.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::differences;
use super::order::Question;
use super::{Database, LinkedTable, nearness, spot_of};
use crate::base::Name;
use crate::facts::database::{Dialect, EnumType, Table, TableFinding};
use crate::facts::document::{SchemaDocument, Spot};
use crate::facts::program::Program;

/// A declared table, from code or from a document.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The framework's id, or `document/prisma`.
    pub framework: Name,
    /// The table.
    pub table: Table,
    /// Enumerated types its columns use.
    pub enums: Vec<EnumType>,
    /// The dialect, when something says it.
    pub dialect: Option<Dialect>,
    /// The model's name.
    pub model: Name,
    /// The sequence it belongs to, when it is known.
    pub sequence: Name,
    /// Made by the library.
    pub is_implied: bool,
    /// It is the state, whatever migrations say.
    pub is_state: bool,
    /// Told by a document.
    pub is_document: bool,
    /// Written after the database, which migrations make.
    pub is_mirror: bool,
    /// Where.
    pub spot: Spot,
}

impl Declared {
    /// A model of the program.
    #[must_use]
    pub fn of_finding(program: &dyn Program, found: &TableFinding) -> Self {
        Self {
            framework: found.framework.into(),
            table: found.table.clone(),
            enums: found.enums.clone(),
            dialect: found.dialect,
            model: found.model.clone(),
            sequence: found.sequence.clone(),
            is_implied: found.is_implied,
            is_state: found.is_state,
            is_document: false,
            is_mirror: false,
            spot: spot_of(program, &found.place),
        }
    }

    /// The tables of a schema document; its types come with the first one.
    #[must_use]
    pub fn of_document(document: &SchemaDocument) -> Vec<Self> {
        let mut enums = document.enums.clone();
        let declared = |(table, model, spot): &(Table, Name, Spot)| Self {
            framework: document.format.into(),
            table: table.clone(),
            enums: std::mem::take(&mut enums),
            dialect: document.dialect,
            model: model.clone(),
            sequence: Name::default(),
            is_implied: model.is_empty(),
            is_state: false,
            is_document: true,
            is_mirror: false,
            spot: spot.clone(),
        };
        document.tables.iter().map(declared).collect()
    }
}

/// Puts models where they belong; those of no database are one of their own, or one for each part of the repository where the same
/// table is declared in several.
pub fn declare(list: &mut Vec<Database>, declared: Vec<Declared>, unread: &[bool]) -> Vec<Question> {
    let mut questions = Vec::new();
    let names: Vec<BTreeSet<String>> =
        list.iter().map(|database| database.tables.iter().map(|known| folded(&known.table)).collect()).collect();
    let mut counts: BTreeMap<(Name, usize), usize> = BTreeMap::new();
    for own in &declared {
        for (at, _) in names.iter().enumerate().filter(|(_, names)| names.contains(&folded(&own.table))) {
            *counts.entry((own.framework.clone(), at)).or_default() += 1;
        }
    }
    let homes: Vec<Option<usize>> = declared.iter().map(|own| home_of(own, list, &names, &counts)).collect();
    let homeless = declared.iter().zip(&homes).filter(|(_, home)| home.is_none()).map(|(own, _)| own);
    let apart = parts_apart(homeless);
    for (own, home) in declared.into_iter().zip(homes) {
        let is_made = home.is_none_or(|at| names[at].contains(&folded(&own.table)));
        let home = home.unwrap_or_else(|| made_home(list, &own, &apart));
        let has_unread = unread.get(home).copied().unwrap_or_default();
        let has_neighbours = counts.contains_key(&(own.framework.clone(), home));
        if own.is_mirror && !is_made && has_neighbours && !has_unread {
            questions.push(unmade(&own));
        } else {
            put(&mut list[home], own, has_unread);
        }
    }
    questions
}

fn unmade(own: &Declared) -> Question {
    let question = format!("`{}` is declared, and no migration makes it; is it a table of the database?", own.table.name.name);
    let symbol = if own.spot.symbol.is_empty() { own.table.name.name.clone() } else { own.spot.symbol.clone() };
    ("table-without-migration".into(), question, Spot { symbol, ..own.spot.clone() })
}

fn folded(table: &Table) -> String {
    table.name.name.to_lowercase()
}

/// The database of models that none of the others has.
fn made_home(list: &mut Vec<Database>, own: &Declared, apart: &BTreeSet<String>) -> usize {
    let is_mongo = own.dialect == Some(Dialect::Mongo);
    let part = part_of(&own.spot.file);
    let name = match own.sequence.is_empty() {
        false => own.sequence.clone(),
        true if apart.contains(&part) => part.into(),
        true if is_mongo => "mongodb".into(),
        true => Name::default(),
    };
    let is_own = |database: &Database| database.name == name && (database.dialect == Dialect::Mongo) == is_mongo;
    list.iter().position(is_own).unwrap_or_else(|| {
        list.push(Database { name, dialect: own.dialect.unwrap_or_default(), ..Database::default() });
        list.len() - 1
    })
}

/// Parts of the repository that declare a table of the same name each.
fn parts_apart<'d>(declared: impl Iterator<Item = &'d Declared>) -> BTreeSet<String> {
    let mut parts: BTreeMap<(Name, String), BTreeSet<String>> = BTreeMap::new();
    for own in declared.filter(|own| own.sequence.is_empty()) {
        parts.entry((own.framework.clone(), folded(&own.table))).or_default().insert(part_of(&own.spot.file));
    }
    parts.into_values().filter(|parts| parts.len() > 1).flatten().collect()
}

/// The part of a repository that a file lies in: `services/orders`, `backend`.
fn part_of(file: &str) -> String {
    const SHELVES: &[&str] = &["apps", "packages", "services", "libs", "crates", "projects", "microservices"];
    let mut folders = file.split('/');
    let first = folders.next().unwrap_or_default();
    match folders.next() {
        Some(second) if SHELVES.contains(&first) && folders.next().is_some() => format!("{first}/{second}"),
        Some(_) => first.to_owned(),
        None => String::new(),
    }
}

/// Which database a declared table belongs to: the one of its sequence, the nearest one that has the table, the one that has most
/// of its framework's. `None`: none of them.
fn home_of(own: &Declared, list: &[Database], names: &[BTreeSet<String>], counts: &BTreeMap<(Name, usize), usize>) -> Option<usize> {
    let fits = |at: &usize| is_compatible(own.dialect, list[*at].dialect);
    if !own.sequence.is_empty()
        && let Some(at) = (0..list.len()).filter(fits).find(|at| list[*at].name == own.sequence)
    {
        return Some(at);
    }
    let near = |at: usize| nearness(&list[at].name, &own.spot.file);
    let name = folded(&own.table);
    let holding = (0..list.len()).filter(fits).filter(|at| names[*at].contains(&name));
    if let Some(at) = holding.max_by_key(|at| (near(*at), std::cmp::Reverse(*at))) {
        return Some(at);
    }
    let count = |at: usize| counts.get(&(own.framework.clone(), at)).copied().unwrap_or_default();
    let best = (0..list.len()).filter(fits).max_by_key(|at| (count(*at), near(*at), std::cmp::Reverse(*at)))?;
    (count(best) > 0 || list.len() == 1).then_some(best)
}

/// Whether a model of a dialect can stand in a database of another; nothing said fits all but collections.
fn is_compatible(model: Option<Dialect>, database: Dialect) -> bool {
    (model == Some(Dialect::Mongo)) == (database == Dialect::Mongo)
}

/// Whether two tables are one.
#[must_use]
pub fn is_same_table(a: &Table, b: &Table) -> bool {
    super::state::is_same(&a.name, &b.name)
}

/// Puts a declared table into its database.
fn put(database: &mut Database, declared: Declared, has_unread: bool) {
    for ty in &declared.enums {
        if !database.enums.iter().any(|(other, _)| other.name == ty.name) {
            database.enums.push((ty.clone(), declared.spot.clone()));
        }
    }
    let dialect = database.dialect;
    let Some(known) = database.tables.iter_mut().find(|known| is_same_table(&known.table, &declared.table)) else {
        database.tables.push(LinkedTable {
            table: declared.table,
            framework: declared.framework,
            model: declared.model,
            declared: vec![declared.spot],
            is_document: declared.is_document,
            is_implied: declared.is_implied,
            ..LinkedTable::default()
        });
        return;
    };
    let is_first = known.declared.is_empty();
    if known.model.is_empty() {
        known.model = declared.model;
    }
    known.declared.push(declared.spot.clone());
    known.is_implied &= declared.is_implied;
    if declared.is_state && is_first {
        known.framework = declared.framework;
        known.table = declared.table;
        return;
    }
    if known.migrated.is_empty() {
        // Two models of one table: what the first does not say counts too.
        add_missing(&mut known.table, &declared.table);
        return;
    }
    fill(&mut known.table, &declared.table);
    if !declared.is_implied && known.table.kind == declared.table.kind {
        let found = differences(&declared.table, &known.table, dialect);
        known.conflicts.extend(found.into_iter().map(|words| (words, declared.spot.clone())));
    }
    if has_unread {
        add_missing(&mut known.table, &declared.table);
    }
}

/// What the migrations leave open: types, the columns of a view, documentation.
fn fill(state: &mut Table, model: &Table) {
    if state.columns.is_empty() {
        state.columns.clone_from(&model.columns);
    }
    state.doc = state.doc.take().or_else(|| model.doc.clone());
    for column in &mut state.columns {
        let Some(own) = model.columns.iter().find(|own| own.name == column.name) else { continue };
        column.doc = column.doc.take().or_else(|| own.doc.clone());
        if column.ty.is_empty() {
            column.ty = own.ty.clone();
        }
    }
}

fn add_missing(state: &mut Table, model: &Table) {
    for column in &model.columns {
        if super::replay::position(state, &column.name).is_none() {
            state.columns.push(column.clone());
        }
    }
    for key in &model.foreign_keys {
        if !state.foreign_keys.iter().any(|own| own.columns == key.columns) {
            state.foreign_keys.push(key.clone());
        }
    }
    state.primary_key = state.primary_key.take().or_else(|| model.primary_key.clone());
}
