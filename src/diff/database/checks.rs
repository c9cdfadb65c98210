//! Check and exclusion constraints: known by their condition, else by their name.

use std::collections::BTreeSet;

use super::found::{Both, Found, Reach};
use super::text;
use crate::contract::model::database::{Check, Table};

/// The changes of checks. What goes with a column is told there.
pub fn compare(found: &mut Found, both: &Both<'_>, lost: &BTreeSet<String>) {
    let (mut old, mut new) = (plain(both.before), plain(both.after));
    let shared: BTreeSet<(bool, String)> =
        old.iter().map(|(key, _)| key.clone()).filter(|key| new.iter().any(|(other, _)| other == key)).collect();
    old.retain(|(key, _)| !shared.contains(key));
    new.retain(|(key, _)| !shared.contains(key));
    old.retain(|(_, was)| {
        let at = new.iter().position(|(_, now)| !was.name.is_empty() && was.name == now.name && was.is_whole == now.is_whole);
        let Some(at) = at else { return true };
        let (_, now) = new.remove(at);
        let rule = if was.is_whole { "db-exclusion-changed" } else { "db-check-changed" };
        both.tell(found, rule, part(now), Reach::Writers, (Some(was.condition.clone()), Some(now.condition.clone())));
        false
    });
    for (_, was) in old {
        if !lost.iter().any(|column| text::names(&was.condition, column)) {
            let rule = if was.is_whole { "db-exclusion-changed" } else { "db-check-removed" };
            both.tell(found, rule, part(was), Reach::Readers, (Some(was.condition.clone()), None));
        }
    }
    for (_, now) in new {
        let rule = if now.is_whole { "db-exclusion-changed" } else { "db-check-added" };
        both.tell(found, rule, part(now), Reach::Writers, (None, Some(now.condition.clone())));
    }
}

fn plain(table: &Table) -> Vec<((bool, String), &Check)> {
    table.checks.iter().map(|check| ((check.is_whole, text::folded(&check.condition)), check)).collect()
}

fn part(check: &Check) -> String {
    let what = if check.is_whole { "exclusion" } else { "check" };
    if check.name.is_empty() { what.to_owned() } else { format!("{what} {}", check.name) }
}
