//! Migrations: that those which ran stay as they are, in their order, and what running the new ones means.
//!
//! Only what a tool counts is a migration here: an id with a number in it. A schema file may change at will.

use std::collections::{BTreeMap, BTreeSet};

use super::found::Found;
use crate::contract::model::database::Migration;
use crate::contract::model::{Conflict, Database, Dialect};
use crate::diff::change::Change;

/// The changes of migrations. A side without any (a dump, a schema file) says nothing of them; where there were none, all are the first.
pub fn compare(found: &mut Found, before: &Database, after: &Database) {
    let (old, new) = (sequences(before), sequences(after));
    for (sequence, was) in &old {
        let now = new.get(sequence).map(Vec::as_slice).unwrap_or_default();
        if !after.evolution.is_empty() {
            compare_sequence(found, was, now);
        }
    }
}

/// Where models and migrations differ, as far as they did not before: conflicts of a repository's contract → changes.
#[must_use]
pub fn missing(before: &[Conflict], after: &[Conflict]) -> Vec<Change> {
    const CODE: &str = "table-model-and-migrations-differ";
    let known: BTreeSet<(&str, &str)> = before.iter().map(|conflict| (conflict.subject.as_str(), conflict.message.as_str())).collect();
    let is_new = |conflict: &&Conflict| conflict.code == CODE && !known.contains(&(conflict.subject.as_str(), conflict.message.as_str()));
    let found = Found::new("", Dialect::default());
    let told = |conflict: &Conflict| {
        let change = found.change("db-migration-missing", &conflict.subject, "");
        change.with(None, Some(conflict.message.clone().into()))
    };
    let mut changes: Vec<Change> = after.iter().filter(is_new).map(told).collect();
    changes.sort();
    changes.dedup();
    changes
}

/// Migrations by the folder they are counted in, in their order.
fn sequences(database: &Database) -> BTreeMap<&str, Vec<&Migration>> {
    let mut all: BTreeMap<&str, Vec<&Migration>> = BTreeMap::new();
    let is_counted = |run: &&Migration| run.id.contains(|c: char| c.is_ascii_digit()) && !run.id.ends_with(".sql");
    for run in database.evolution.iter().filter(is_counted) {
        let file = run.evidence.file.as_str();
        let end = file.rfind(run.id.as_str()).or_else(|| file.rfind('/')).unwrap_or(0);
        all.entry(file.get(..end).unwrap_or_default().trim_end_matches('/')).or_default().push(run);
    }
    all
}

fn compare_sequence(found: &mut Found, was: &[&Migration], now: &[&Migration]) {
    let of: BTreeMap<&str, &Migration> = now.iter().map(|run| (run.id.as_str(), *run)).collect();
    for run in was {
        let changed = match of.get(run.id.as_str()) {
            Some(now) if now.changes == run.changes => continue,
            Some(now) => Some(now.changes.join("; ")),
            None => None,
        };
        found.tell_of("db-migration-edited-after-release", &run.id, "migration", Some(run.changes.join("; ")), changed);
    }
    let known: BTreeSet<&str> = was.iter().map(|run| run.id.as_str()).collect();
    let last = was.iter().filter_map(|run| Some((counted(&run.id)?, run.id.clone()))).max();
    for run in now.iter().filter(|run| !known.contains(run.id.as_str())) {
        if let (Some(own), Some((number, id))) = (counted(&run.id), &last)
            && own < *number
        {
            found.tell_of("db-migration-out-of-order", &run.id, "migration", Some(id.clone()), Some(run.id.clone()));
        }
        for caution in &run.cautions {
            found.tell_of(&format!("db-migration-{}", caution.kind), &run.id, "step", None, Some(caution.statement.clone()));
        }
    }
}

/// The numbers that an id begins with, when it is ordered by them: `0002_x`, `V1_2__x`, `2024-01-02-x`.
fn counted(id: &str) -> Option<Vec<u128>> {
    let head = id.trim_start_matches(['V', 'v']).split("__").next().unwrap_or_default();
    let numbers: Vec<u128> = head.split(['_', '-', '.']).map_while(|part| part.parse().ok()).collect();
    (!numbers.is_empty()).then_some(numbers)
}
