//! Linked databases → what each feature owns and uses of them.
//!
//! The feature that declares a table owns it; a table without a declaration belongs where the migration stands that creates it.

use std::collections::{BTreeMap, BTreeSet};

use super::place::Places;
use crate::base::Name;
use crate::contract::model::database::{
    Caution, Check, Column, EnumType, ForeignKey, Index, Key, Migration, Reference, Statement, Table, TableKind, TableUse, TableUser,
};
use crate::contract::model::{
    Confidence, Conflict, ConflictSide, Contract, Database, Dependency, DependencyKind, Dialect, Evidence, Gap, Origin,
};
use crate::facts::database::{self as found, Access, Generated, ObjectName};
use crate::facts::document::Spot;
use crate::link::database::{self as linked, Databases, LinkedTable};

/// Gives every table to the feature that owns it, and tells who uses it.
pub fn place(databases: &Databases, places: &Places, contract: &mut Contract) {
    for database in &databases.list {
        place_one(database, places, contract);
    }
    for (code, question, spot) in &databases.gaps {
        let subject = if spot.symbol.is_empty() { spot.file.as_str() } else { spot.symbol.as_str() };
        let gap = Gap::new(code, subject, question.clone(), evidence(spot));
        match places.owner(&spot.file).and_then(|owner| contract.features.get_mut(owner)) {
            Some(feature) => feature.gaps.push(gap),
            None => contract.repo.gaps.push(gap),
        }
    }
}

/// A whole database as one part: what a document by itself makes.
#[must_use]
pub fn whole(database: &linked::Database) -> Database {
    let known: BTreeSet<&ObjectName> = database.tables.iter().map(|table| &table.table.name).collect();
    Database {
        name: database.name.to_string(),
        dialect: dialect(database.dialect),
        tables: database.tables.iter().map(|table| table_of(table, &known, Vec::new())).collect(),
        enums: database.enums.iter().map(|(ty, spot)| enum_of(ty, spot)).collect(),
        extensions: database.extensions.iter().map(Name::to_string).collect(),
        statements: database.statements.iter().map(statement_of).collect(),
        uses: Vec::new(),
        evolution: database.evolution.iter().map(migration_of).collect(),
    }
}

fn statement_of((name, sql, spot): &(ObjectName, Name, Spot)) -> Statement {
    Statement { name: name.name.to_string(), sql: sql.to_string(), evidence: evidence(spot) }
}

fn migration_of(migration: &linked::Evolution) -> Migration {
    let caution = |(kind, words): &(Name, String)| Caution { kind: kind.to_string(), statement: words.clone() };
    Migration {
        id: migration.id.to_string(),
        changes: migration.changes.clone(),
        evidence: evidence(&migration.spot),
        cautions: migration.cautions.iter().map(caution).collect(),
    }
}

fn place_one(database: &linked::Database, places: &Places, contract: &mut Contract) {
    let owners: BTreeMap<&ObjectName, usize> =
        database.tables.iter().filter_map(|table| Some((&table.table.name, owner_of(table, places)?))).collect();
    let known: BTreeSet<&ObjectName> = database.tables.iter().map(|table| &table.table.name).collect();
    let slugs: Vec<String> = contract.features.iter().map(|feature| feature.slug.clone()).collect();
    let mut parts: BTreeMap<usize, Database> = BTreeMap::new();
    let mut needs: BTreeMap<(usize, usize), BTreeSet<Evidence>> = BTreeMap::new();
    let fresh = || Database { name: database.name.to_string(), dialect: dialect(database.dialect), ..Database::default() };
    for table in &database.tables {
        let Some(owner) = owners.get(&table.table.name).copied() else { continue };
        let users = users_of(table, places, &slugs);
        for (user, usage) in &users {
            if *user != owner {
                let shared = TableUse {
                    table: table.table.name.name.to_string(),
                    owner: slugs.get(owner).cloned().unwrap_or_default(),
                    reads: usage.reads,
                    writes: usage.writes,
                    evidence: usage.evidence.clone(),
                };
                needs.entry((*user, owner)).or_default().extend(usage.evidence.iter().cloned());
                parts.entry(*user).or_insert_with(fresh).uses.push(shared);
            }
        }
        conflicts(table, slugs.get(owner), contract);
        parts.entry(owner).or_insert_with(fresh).tables.push(table_of(table, &known, users.into_values().collect()));
    }
    let first = parts.keys().next().copied();
    for (ty, spot) in &database.enums {
        let Some(owner) = enum_owner(ty, &parts).or_else(|| places.owner(&spot.file)).or(first) else { continue };
        parts.entry(owner).or_insert_with(fresh).enums.push(enum_of(ty, spot));
    }
    for statement in &database.statements {
        let Some(owner) = places.owner(&statement.2.file).or(first) else { continue };
        parts.entry(owner).or_insert_with(fresh).statements.push(statement_of(statement));
    }
    for migration in &database.evolution {
        let Some(owner) = places.owner(&migration.spot.file).or(first) else { continue };
        parts.entry(owner).or_insert_with(fresh).evolution.push(migration_of(migration));
    }
    if let Some(part) = first.and_then(|first| parts.get_mut(&first)) {
        part.extensions = database.extensions.iter().map(Name::to_string).collect();
    }
    for ((user, owner), evidence) in needs {
        let on = slugs.get(owner).cloned().unwrap_or_default();
        let weight = u32::try_from(evidence.len()).unwrap_or(u32::MAX);
        if let Some(feature) = contract.features.get_mut(user) {
            feature.dependencies.push(Dependency { on, kind: DependencyKind::Data, weight, evidence: evidence.into_iter().collect() });
        }
    }
    for (owner, part) in parts {
        if let Some(feature) = contract.features.get_mut(owner) {
            feature.frameworks.extend(part.tables.iter().map(|table| table.framework.clone()).filter(|id| !id.is_empty()));
            feature.databases.push(part);
        }
    }
}

fn owner_of(table: &LinkedTable, places: &Places) -> Option<usize> {
    table.declared.first().or(table.migrated.first()).and_then(|spot| places.owner(&spot.file))
}

/// The feature whose table has a column of the type.
fn enum_owner(ty: &found::EnumType, parts: &BTreeMap<usize, Database>) -> Option<usize> {
    let is_of = |column: &Column| column.ty.trim_end_matches("[]").trim_matches('"').rsplit('.').next() == Some(ty.name.name.as_str());
    parts.iter().find(|(_, part)| part.tables.iter().any(|table| table.columns.iter().any(is_of))).map(|(owner, _)| *owner)
}

fn users_of(table: &LinkedTable, places: &Places, slugs: &[String]) -> BTreeMap<usize, TableUser> {
    let mut users: BTreeMap<usize, TableUser> = BTreeMap::new();
    for (access, spot) in &table.uses {
        let Some(feature) = places.owner(&spot.file) else { continue };
        let user = users.entry(feature).or_default();
        user.feature = slugs.get(feature).cloned().unwrap_or_default();
        match access {
            Access::Read => user.reads = true,
            Access::Write => user.writes = true,
        }
        user.evidence.push(evidence(spot));
    }
    users
}

fn conflicts(table: &LinkedTable, owner: Option<&String>, contract: &mut Contract) {
    let feature = owner.cloned().unwrap_or_default();
    let migration = table.migrated.last().map(evidence);
    for (message, spot) in &table.conflicts {
        let side = |evidence: Evidence| ConflictSide { feature: feature.clone(), evidence };
        contract.repo.conflicts.push(Conflict {
            code: "table-model-and-migrations-differ".into(),
            subject: table.table.name.name.to_string(),
            message: message.clone(),
            sides: std::iter::once(evidence(spot)).chain(migration.clone()).map(side).collect(),
            chosen: None,
        });
    }
}

fn evidence(spot: &Spot) -> Evidence {
    Evidence::new(spot.file.as_str(), spot.symbol.as_str(), spot.line)
}

fn text(name: Option<&Name>) -> String {
    name.map(Name::to_string).unwrap_or_default()
}

fn texts(names: &[Name]) -> Vec<String> {
    names.iter().map(Name::to_string).collect()
}

fn dialect(dialect: found::Dialect) -> Dialect {
    match dialect {
        found::Dialect::Postgres => Dialect::PostgreSql,
        found::Dialect::MySql => Dialect::MySql,
        found::Dialect::Sqlite => Dialect::Sqlite,
        found::Dialect::SqlServer => Dialect::SqlServer,
        found::Dialect::Mongo => Dialect::MongoDb,
    }
}

fn table_of(linked: &LinkedTable, known: &BTreeSet<&ObjectName>, used_by: Vec<TableUser>) -> Table {
    let table = &linked.table;
    let has_unknown = table.columns.iter().any(|column| column.ty.is_empty());
    Table {
        name: table.name.name.to_string(),
        schema: text(table.name.schema.as_ref()),
        kind: match table.kind {
            found::TableKind::Table => TableKind::Table,
            found::TableKind::View => TableKind::View,
            found::TableKind::MaterializedView => TableKind::MaterializedView,
            found::TableKind::Collection => TableKind::Collection,
        },
        columns: table.columns.iter().map(column_of).collect(),
        primary_key: table.primary_key.as_ref().map(key_of),
        uniques: table.uniques.iter().map(key_of).collect(),
        foreign_keys: table.foreign_keys.iter().map(|key| foreign_key_of(key, known)).collect(),
        checks: table
            .checks
            .iter()
            .map(|check| Check { name: text(check.name.as_ref()), condition: check.condition.to_string(), is_whole: check.is_whole })
            .collect(),
        indexes: table.indexes.iter().map(index_of).collect(),
        query: text(table.query.as_ref()),
        options: text(table.options.as_ref()),
        description: text(table.doc.as_ref()),
        model: linked.model.to_string(),
        framework: linked.framework.to_string(),
        origin: if linked.is_document { Origin::Document } else { Origin::Code },
        confidence: if has_unknown { Confidence::Low } else { Confidence::High },
        evidence: linked.declared.first().or(linked.migrated.first()).map(evidence).unwrap_or_default(),
        migrated_by: linked.migrated.iter().map(evidence).collect(),
        used_by,
    }
}

fn column_of(column: &found::Column) -> Column {
    Column {
        name: column.name.to_string(),
        ty: column.ty.to_string(),
        nullable: column.nullable,
        default: column.default.as_ref().map(Name::to_string),
        generated: column.generated.as_ref().map(generated),
        collation: text(column.collation.as_ref()),
        description: text(column.doc.as_ref()),
    }
}

fn generated(generated: &Generated) -> String {
    match generated {
        Generated::IdentityByDefault => "BY DEFAULT AS IDENTITY".into(),
        Generated::IdentityAlways => "ALWAYS AS IDENTITY".into(),
        Generated::AutoIncrement => "AUTO_INCREMENT".into(),
        Generated::Stored(expression) => format!("ALWAYS AS ({expression}) STORED"),
        Generated::Virtual(expression) => format!("ALWAYS AS ({expression}) VIRTUAL"),
    }
}

/// What is said besides, with spaces between.
fn options(nulls_not_distinct: bool, deferrable: Option<&Name>) -> String {
    let nulls = nulls_not_distinct.then_some("NULLS NOT DISTINCT");
    nulls.into_iter().chain(deferrable.map(Name::as_str)).collect::<Vec<_>>().join(" ")
}

fn key_of(key: &found::Key) -> Key {
    Key { name: text(key.name.as_ref()), columns: texts(&key.columns), options: options(key.nulls_not_distinct, key.deferrable.as_ref()) }
}

fn foreign_key_of(key: &found::ForeignKey, known: &BTreeSet<&ObjectName>) -> ForeignKey {
    ForeignKey {
        name: text(key.name.as_ref()),
        columns: texts(&key.columns),
        references: Reference {
            table: key.target.name.to_string(),
            schema: text(key.target.schema.as_ref()),
            columns: texts(&key.target_columns),
            is_outside: !known.contains(&key.target),
        },
        on_delete: key.on_delete.map(|action| action.sql().to_owned()),
        on_update: key.on_update.map(|action| action.sql().to_owned()),
        options: text(key.deferrable.as_ref()),
    }
}

fn index_of(index: &found::Index) -> Index {
    let has_options = index.parts.iter().any(|part| part.options.is_some());
    let written = |part: &found::IndexPart| {
        let is_wrapped = part.text.starts_with('(') && part.text.ends_with(')');
        if part.is_expression && !is_wrapped { format!("({})", part.text) } else { part.text.to_string() }
    };
    Index {
        name: text(index.name.as_ref()),
        columns: index.parts.iter().map(written).collect(),
        column_options: if has_options { index.parts.iter().map(|part| text(part.options.as_ref())).collect() } else { Vec::new() },
        unique: index.unique,
        method: text(index.method.as_ref()),
        include: texts(&index.include),
        condition: text(index.condition.as_ref()),
        options: options(index.nulls_not_distinct, None),
    }
}

fn enum_of(ty: &found::EnumType, spot: &Spot) -> EnumType {
    EnumType { name: ty.name.name.to_string(), schema: text(ty.name.schema.as_ref()), labels: texts(&ty.labels), evidence: evidence(spot) }
}
