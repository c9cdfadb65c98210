//! The features' parts of a database as one, and its DDL.

use std::collections::{BTreeMap, BTreeSet};

use super::{ExportError, Exported};
use crate::contract::documents::feature::FeatureDocument;
use crate::contract::documents::sql;
use crate::contract::model::database::Database;

/// One database of all features. Without a name: all databases of the dialect that most tables are in; of tables with one name
/// that of the largest database stands.
pub fn merge(title: &str, features: Vec<FeatureDocument>, wanted: Option<&str>) -> Result<Exported, ExportError> {
    let whole = databases(features);
    let known = || whole.iter().map(|database| format!("`{}`", database.name)).collect::<Vec<_>>().join(", ");
    let chosen: Vec<&Database> = match wanted {
        Some(name) => {
            let found: Vec<&Database> = whole.iter().filter(|database| database.name == name).collect();
            if found.is_empty() {
                return Err(ExportError::NoDatabase { wanted: name.to_owned(), known: known() });
            }
            found
        }
        None => whole.iter().filter(|database| Some(database.dialect) == whole.first().map(|first| first.dialect)).collect(),
    };
    let mut notes: Vec<String> = Vec::new();
    for database in whole.iter().filter(|database| wanted.is_none() && !chosen.iter().any(|chosen| chosen.name == database.name)) {
        notes.push(format!(
            "the database `{}` is written for {}; `--database {}` prints it",
            database.name,
            database.dialect.label(),
            database.name
        ));
    }
    let joined = joined(&chosen, &mut notes);
    Ok(Exported { bytes: sql::document_of(title, &joined).unwrap_or_default().into_bytes(), notes })
}

/// Parts of one name together; the largest database first.
pub(super) fn databases(features: Vec<FeatureDocument>) -> Vec<Database> {
    let mut by_name: BTreeMap<String, Database> = BTreeMap::new();
    for part in features.into_iter().flat_map(|feature| feature.databases) {
        let whole = by_name.entry(part.name.clone()).or_insert_with(|| Database {
            name: part.name.clone(),
            dialect: part.dialect,
            ..Database::default()
        });
        whole.tables.extend(part.tables);
        whole.enums.extend(part.enums);
        whole.extensions.extend(part.extensions);
        whole.statements.extend(part.statements);
        whole.evolution.extend(part.evolution);
    }
    let mut list: Vec<Database> = by_name.into_values().collect();
    list.sort_by(|a, b| (b.tables.len(), &a.name).cmp(&(a.tables.len(), &b.name)));
    list
}

fn joined(databases: &[&Database], notes: &mut Vec<String>) -> Database {
    let mut whole = Database { dialect: databases.first().map(|first| first.dialect).unwrap_or_default(), ..Database::default() };
    let (mut tables, mut types, mut made) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for database in databases {
        for table in &database.tables {
            if tables.insert((table.schema.clone(), table.name.clone())) {
                whole.tables.push(table.clone());
            } else {
                notes.push(format!("table {} of database `{}`: another database has one of that name", table.name, database.name));
            }
        }
        whole.enums.extend(database.enums.iter().filter(|ty| types.insert((ty.schema.clone(), ty.name.clone()))).cloned());
        whole.extensions.extend(database.extensions.iter().cloned());
        whole.statements.extend(database.statements.iter().filter(|statement| made.insert(statement.sql.clone())).cloned());
    }
    whole.tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    whole.enums.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    whole
}
