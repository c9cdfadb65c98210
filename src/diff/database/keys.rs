//! Primary keys, unique constraints, foreign keys: known by their columns, whatever they are called.

use std::collections::{BTreeMap, BTreeSet};

use super::found::{Both, Found, Reach, in_schema, list};
use crate::contract::model::Dialect;
use crate::contract::model::database::{ForeignKey, Table};

/// The changes of keys. What goes with a column (`lost`) or with the table it refers to (`gone`) is told there.
pub fn compare(found: &mut Found, both: &Both<'_>, lost: &BTreeSet<String>, gone: &BTreeSet<String>) {
    compare_primary(found, both, lost);
    compare_uniques(found, both, lost);
    compare_foreign(found, both, lost, gone);
}

fn folded(found: &Found, columns: &[String]) -> Vec<String> {
    columns.iter().map(|column| found.folded(column)).collect()
}

fn sorted(found: &Found, columns: &[String]) -> Vec<String> {
    let mut columns = folded(found, columns);
    columns.sort_unstable();
    columns
}

fn compare_primary(found: &mut Found, both: &Both<'_>, lost: &BTreeSet<String>) {
    let (was, now) = (both.before.primary_key.as_ref(), both.after.primary_key.as_ref());
    let words = (was.map(|key| list(&key.columns)), now.map(|key| list(&key.columns)));
    match (was, now) {
        (None, Some(_)) => both.tell(found, "db-primary-key-added", "primary key", Reach::Writers, words),
        (Some(was), None) if !folded(found, &was.columns).iter().all(|column| lost.contains(column)) => {
            both.tell(found, "db-primary-key-removed", "primary key", Reach::All, words);
        }
        (Some(was), Some(now)) if sorted(found, &was.columns) != sorted(found, &now.columns) => {
            both.tell(found, "db-primary-key-changed", "primary key", Reach::All, words);
        }
        _ => {}
    }
}

/// What a unique constraint or a plain unique index is over.
type Distinct = (Vec<String>, bool);

/// What has to be distinct by constraints, and by indexes.
fn distinct(found: &Found, table: &Table) -> (BTreeSet<Distinct>, BTreeSet<Distinct>) {
    let is_strict = |options: &str| options.contains("NULLS NOT DISTINCT");
    let keys = table.uniques.iter().map(|key| (sorted(found, &key.columns), is_strict(&key.options))).collect();
    let plain = table.indexes.iter().filter(|index| index.unique && index.condition.is_empty());
    let indexes = plain.map(|index| (sorted(found, &index.columns), is_strict(&index.options))).collect();
    (keys, indexes)
}

fn compare_uniques(found: &mut Found, both: &Both<'_>, lost: &BTreeSet<String>) {
    let (old_keys, old_indexes) = distinct(found, both.before);
    let (new_keys, new_indexes) = distinct(found, both.after);
    let primary = |table: &Table| table.primary_key.as_ref().map(|key| (sorted(found, &key.columns), false));
    let (old_primary, new_primary) = (primary(both.before), primary(both.after));
    for key in &old_keys {
        let is_kept = new_keys.contains(key) || new_indexes.contains(key) || new_primary.as_ref() == Some(key);
        if !is_kept && !key.0.iter().any(|column| lost.contains(column)) {
            both.tell(found, "db-unique-removed", format!("unique {}", list(&key.0)), Reach::All, (Some(list(&key.0)), None));
        }
    }
    for key in &new_keys {
        if !old_keys.contains(key) && !old_indexes.contains(key) && old_primary.as_ref() != Some(key) {
            both.tell(found, "db-unique-added", format!("unique {}", list(&key.0)), Reach::Writers, (None, Some(list(&key.0))));
        }
    }
}

/// A foreign key without its name and what it does.
type Link = (Vec<String>, String, Vec<String>);

fn links<'t>(found: &Found, table: &'t Table) -> BTreeMap<Link, &'t ForeignKey> {
    let key = |key: &ForeignKey| {
        let target = found.folded(&in_schema(&key.references.schema, &key.references.table));
        (folded(found, &key.columns), target, folded(found, &key.references.columns))
    };
    table.foreign_keys.iter().map(|own| (key(own), own)).collect()
}

fn compare_foreign(found: &mut Found, both: &Both<'_>, lost: &BTreeSet<String>, gone: &BTreeSet<String>) {
    let (old, new) = (links(found, both.before), links(found, both.after));
    // A key that does not say its target's columns means the primary key.
    let counterpart = |link: &Link, among: &BTreeMap<Link, &ForeignKey>| {
        among
            .keys()
            .find(|(columns, target, keys)| {
                *columns == link.0 && *target == link.1 && (*keys == link.2 || keys.is_empty() || link.2.is_empty())
            })
            .cloned()
    };
    for (link, key) in &old {
        match counterpart(link, &new) {
            Some(now) => compare_actions(found, both, key, new[&now]),
            None if link.0.iter().any(|column| lost.contains(column)) || gone.contains(&target(key)) => {}
            None => both.tell(found, "db-foreign-key-removed", part(key), Reach::Readers, (Some(words(key)), None)),
        }
    }
    for (link, key) in &new {
        if counterpart(link, &old).is_none() {
            both.tell(found, "db-foreign-key-added", part(key), Reach::Writers, (None, Some(words(key))));
        }
    }
}

fn target(key: &ForeignKey) -> String {
    in_schema(&key.references.schema, &key.references.table)
}

fn part(key: &ForeignKey) -> String {
    format!("foreign key {}", list(&key.columns))
}

fn words(key: &ForeignKey) -> String {
    let columns = if key.references.columns.is_empty() { String::new() } else { list(&key.references.columns) };
    format!("{} REFERENCES {}{columns}{}", list(&key.columns), target(key), doing(key))
}

fn doing(key: &ForeignKey) -> String {
    let delete = key.on_delete.as_ref().map(|action| format!(" ON DELETE {action}")).unwrap_or_default();
    let update = key.on_update.as_ref().map(|action| format!(" ON UPDATE {action}")).unwrap_or_default();
    let options = if key.options.is_empty() { String::new() } else { format!(" {}", key.options) };
    format!("{delete}{update}{options}")
}

fn compare_actions(found: &mut Found, both: &Both<'_>, was: &ForeignKey, now: &ForeignKey) {
    let is_mysql = found.dialect == Dialect::MySql;
    let plain = |action: &Option<String>| match action.as_deref().unwrap_or("NO ACTION").to_uppercase().as_str() {
        // MySQL does the same for both.
        "RESTRICT" if is_mysql => "NO ACTION".to_owned(),
        other => other.to_owned(),
    };
    let doings = |key: &ForeignKey| (plain(&key.on_delete), plain(&key.on_update), key.options.to_uppercase());
    if doings(was) != doings(now) {
        let word = |key: &ForeignKey| Some(doing(key).trim().to_owned()).filter(|text| !text.is_empty()).or(Some("NO ACTION".into()));
        both.tell(found, "db-foreign-key-action-changed", part(now), Reach::Writers, (word(was), word(now)));
    }
}
