//! Tables: which are there, which went, came, moved or have another name; what both sides have is compared in its parts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::found::{Both, Found, Reach, dependents, name_of};
use super::renames::Renames;
use super::{checks, columns, indexes, keys, text, views};
use crate::contract::model::Database;
use crate::contract::model::database::{Table, TableKind};
use crate::diff::change::Change;

/// The changes of tables and views.
pub fn compare(found: &mut Found, before: &Database, after: &Database, renames: &Renames) {
    let pairs = paired(found, before, after, renames);
    let gone_schemas = super::objects::gone_schemas(before, after);
    for table in before.tables.iter().filter(|table| !pairs.iter().any(|(was, _)| std::ptr::eq(*was, *table))) {
        // What goes with its schema is told there.
        if !gone_schemas.contains(table.schema.as_str()) {
            let rule = if is_view(table) { "db-view-removed" } else { "db-table-removed" };
            let change = found.change(rule, &name_of(table), "").with(Some(Value::String(words(table))), None);
            found.tell(Change { affects: dependents(before, table), ..change });
        }
    }
    for table in after.tables.iter().filter(|table| !pairs.iter().any(|(_, now)| std::ptr::eq(*now, *table))) {
        let rule = if is_view(table) { "db-view-added" } else { "db-table-added" };
        found.tell_of(rule, &name_of(table), "", None, Some(words(table)));
    }
    let gone: BTreeSet<String> = gone_tables(before, &pairs);
    for (was, now) in pairs {
        let both = Both { before: was, after: now, subject: name_of(now) };
        tell_name(found, &both);
        if is_view(now) {
            views::compare(found, &both);
        } else {
            compare_table(found, &both, renames, &gone);
        }
    }
}

fn compare_table(found: &mut Found, both: &Both<'_>, renames: &Renames, gone: &BTreeSet<String>) {
    let lost = columns::compare(found, both, renames);
    keys::compare(found, both, &lost, gone);
    checks::compare(found, both, &lost);
    indexes::compare(found, both, &lost);
    let (was, now) = (partition(both.before), partition(both.after));
    if was != now {
        let words = (Some(was).filter(|text| !text.is_empty()), Some(now).filter(|text| !text.is_empty()));
        both.tell(found, "db-partition-changed", "partitioning", Reach::Writers, words);
    }
    tell_comment(found, both);
}

/// Another comment of the table or view.
pub fn tell_comment(found: &mut Found, both: &Both<'_>) {
    let (was, now) = (&both.before.description, &both.after.description);
    if was != now {
        let word = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        found.tell_of("db-comment-changed", &both.subject, "comment", word(was), word(now));
    }
}

/// How a table is split, as SQL.
fn partition(table: &Table) -> String {
    let folded = text::folded(&table.options);
    folded.find("partition by").map_or(String::new(), |at| folded[at..].to_owned())
}

fn is_view(table: &Table) -> bool {
    matches!(table.kind, TableKind::View | TableKind::MaterializedView)
}

/// A table in words: its columns.
fn words(table: &Table) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    if columns.is_empty() { name_of(table) } else { format!("{} ({})", name_of(table), columns.join(", ")) }
}

fn tell_name(found: &mut Found, both: &Both<'_>) {
    let (was, now) = (name_of(both.before), name_of(both.after));
    if found.folded(&was) == found.folded(&now) {
        return;
    }
    let rule = if both.before.schema == both.after.schema { "db-table-renamed" } else { "db-table-moved" };
    both.tell(found, rule, "", Reach::All, (Some(was), Some(now)));
}

/// Names of tables that are no longer there.
fn gone_tables(before: &Database, pairs: &[(&Table, &Table)]) -> BTreeSet<String> {
    let is_gone = |table: &&Table| !pairs.iter().any(|(was, _)| std::ptr::eq(*was, *table));
    before.tables.iter().filter(is_gone).map(name_of).collect()
}

/// The tables that both sides have: by name, by a migration that renames them, or by name in another schema.
fn paired<'d>(found: &Found, before: &'d Database, after: &'d Database, renames: &Renames) -> Vec<(&'d Table, &'d Table)> {
    let key = |name: &str, table: &Table| (found.folded(name), is_view(table));
    let old: BTreeMap<(String, bool), &Table> = before.tables.iter().map(|table| (key(&name_of(table), table), table)).collect();
    let new: BTreeMap<(String, bool), &Table> = after.tables.iter().map(|table| (key(&name_of(table), table), table)).collect();
    let mut pairs = Vec::new();
    let mut open: Vec<&Table> = Vec::new();
    let mut used: BTreeSet<(String, bool)> = BTreeSet::new();
    for (own, now) in &new {
        let was = renames.table(&name_of(now)).map(|was| key(was, now));
        match old.get_key_value(own).or_else(|| was.as_ref().and_then(|was| old.get_key_value(was))) {
            Some((own, was)) => {
                used.insert(own.clone());
                pairs.push((*was, *now));
            }
            None => open.push(now),
        }
    }
    let mut left: BTreeMap<String, Vec<&Table>> = BTreeMap::new();
    for (own, was) in old.iter().filter(|(own, _)| !used.contains(*own)) {
        left.entry(format!("{}{}", found.folded(&was.name), own.1)).or_default().push(was);
    }
    let mut came: BTreeMap<String, Vec<&Table>> = BTreeMap::new();
    for now in open {
        came.entry(format!("{}{}", found.folded(&now.name), is_view(now))).or_default().push(now);
    }
    for (name, now) in came {
        if let (Some([was]), [now]) = (left.get(&name).map(Vec::as_slice), now.as_slice())
            && is_alike(was, now)
        {
            pairs.push((was, now));
        }
    }
    pairs
}

/// Whether two tables share most of their columns.
fn is_alike(was: &Table, now: &Table) -> bool {
    let shared = was.columns.iter().filter(|column| now.columns.iter().any(|other| other.name == column.name)).count();
    shared * 2 >= was.columns.len().max(now.columns.len()) && shared > 0
}
