//! Tables of others that features read and write.

use std::collections::{BTreeMap, BTreeSet};

use super::told;
use crate::contract::documents::feature::FeatureDocument;
use crate::contract::model::Database;
use crate::contract::model::database::TableUse;
use crate::diff::Promises;
use crate::diff::change::Change;

/// What a feature uses, by database and table.
fn uses(feature: &FeatureDocument) -> BTreeMap<(&str, &str), &TableUse> {
    let all = feature
        .databases
        .iter()
        .flat_map(|database| database.uses.iter().map(|used| ((database.name.as_str(), used.table.as_str()), used)));
    all.collect()
}

fn tables(databases: &[Database]) -> BTreeSet<&str> {
    databases.iter().flat_map(|database| &database.tables).map(|table| table.name.as_str()).collect()
}

/// The changes of uses.
pub fn compare(before: &Promises, after: &Promises) -> Vec<Change> {
    let (old, new) = (tables(&before.databases), tables(&after.databases));
    let mut changes = Vec::new();
    for (slug, feature) in &after.features {
        let known = before.features.get(slug).map(uses).unwrap_or_default();
        for ((database, table), used) in uses(feature) {
            let part = format!("table {table}");
            if old.contains(table) && !new.contains(table) {
                changes.push(told("feature-table-dependency-broken", slug, part, Some(table), None));
                continue;
            }
            let was = known.get(&(database, table));
            if used.writes && !was.is_some_and(|was| was.writes) {
                changes.push(told("feature-table-write-added", slug, &*part, None, Some(table)));
            }
            if used.reads && !was.is_some_and(|was| was.reads) && before.features.contains_key(slug) {
                changes.push(told("feature-table-read-added", slug, part, None, Some(table)));
            }
        }
    }
    changes
}
