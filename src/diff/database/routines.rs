//! Functions and procedures, triggers, row-level rules, rights, partitions.

use super::found::Found;
use super::objects::{Made, Making, made};
use super::text::{self, Piece};
use crate::contract::model::Database;

/// The changes of everything that databases do by themselves, and of who may do what.
pub fn compare(found: &mut Found, before: &Database, after: &Database) {
    compare_routines(found, before, after);
    compare_texts(found, before, after, Making::Trigger, "db-trigger-changed");
    compare_texts(found, before, after, Making::Policy, "db-policy-changed");
    compare_texts(found, before, after, Making::Partition, "db-partition-changed");
    tell_lost_partitions(found, before, after);
    let (old, new) = (made(before, Making::Grant), made(after, Making::Grant));
    for (name, was) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        found.tell_of("db-grant-removed", name, "right", was.first().map(|made| made.sql.clone()), None);
    }
    for (name, now) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        found.tell_of("db-grant-added", name, "right", None, now.first().map(|made| made.sql.clone()));
    }
}

/// What appears, goes or differs as a whole.
fn compare_texts(found: &mut Found, before: &Database, after: &Database, making: Making, rule: &str) {
    let (old, new) = (made(before, making), made(after, making));
    let gone_tables = |name: &str, database: &Database| {
        let table = name.rsplit_once(" on ").map_or(name, |(_, table)| table);
        !database.tables.iter().any(|other| super::found::name_of(other) == table)
    };
    for (name, was) in &old {
        let (words, plain) = (was.last().map(|made| made.sql.clone()), was.last().map(|made| text::folded(&made.sql)));
        match new.get(name).and_then(|all| all.last()) {
            Some(now) if Some(text::folded(&now.sql)) == plain => {}
            Some(now) => found.tell_of(rule, name, "", words, Some(now.sql.clone())),
            // It goes with its table, or is told with its rows.
            None if gone_tables(name, after) || (making == Making::Partition && is_lost(name, after)) => {}
            None => found.tell_of(rule, name, "", words, None),
        }
    }
    for (name, now) in new.iter().filter(|(name, _)| !old.contains_key(*name) && !gone_tables(name, before)) {
        found.tell_of(rule, name, "", None, now.last().map(|made| made.sql.clone()));
    }
}

/// Whether a partition (`partition p1 on p`) is no table by itself either.
fn is_lost(name: &str, database: &Database) -> bool {
    let own = name.trim_start_matches("partition ").split(" on ").next().unwrap_or_default();
    !database.tables.iter().any(|table| super::found::name_of(table) == own)
}

/// Partitions that are gone with their rows, while their table stays.
fn tell_lost_partitions(found: &mut Found, before: &Database, after: &Database) {
    let (old, new) = (made(before, Making::Partition), made(after, Making::Partition));
    for name in old.keys().filter(|name| !new.contains_key(*name) && is_lost(name, after)) {
        let Some((own, parent)) = name.trim_start_matches("partition ").split_once(" on ") else { continue };
        let is_moved = new.keys().any(|other| other.starts_with(&format!("partition {own} on ")));
        if !is_moved && after.tables.iter().any(|table| super::found::name_of(table) == parent) {
            found.tell_of("db-table-removed", own, "", Some(name.clone()), None);
        }
    }
}

/// A function's outside and inside.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    /// Its parameters, each without its default; and whether it has one.
    takes: Vec<(String, bool)>,
    returns: String,
    body: String,
}

/// Words that end a function's result type.
const BEHIND_RETURNS: &[&str] = &[
    "language",
    "as",
    "immutable",
    "stable",
    "volatile",
    "strict",
    "security",
    "cost",
    "rows",
    "parallel",
    "begin",
    "return",
    "deterministic",
    "not",
    "reads",
    "modifies",
    "contains",
    "sql",
    "no",
    "called",
    "set",
    "window",
    "leakproof",
    "comment",
    "support",
    "external",
];

fn signature(made: &Made) -> Signature {
    let words: Vec<&str> = made.rest.iter().map(Piece::as_str).collect();
    let mut takes: Vec<Vec<&str>> = Vec::new();
    let (mut depth, mut at) = (0usize, 0);
    for (index, word) in words.iter().enumerate() {
        at = index + 1;
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 1 => {
                takes.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if *word != "(" || depth > 1 {
            match takes.last_mut() {
                Some(part) => part.push(word),
                None => takes.push(vec![word]),
            }
        }
    }
    let without_default = |part: &Vec<&str>| {
        let end = part.iter().position(|word| matches!(*word, "default" | "="));
        (part[..end.unwrap_or(part.len())].join(" "), end.is_some())
    };
    let rest = words.get(at..).unwrap_or_default();
    let (returns, body) = match rest.split_first() {
        Some((&"returns", rest)) => {
            let end = rest.iter().position(|word| BEHIND_RETURNS.contains(word)).unwrap_or(rest.len());
            (rest[..end].join(" "), rest[end..].join(" "))
        }
        _ => (String::new(), rest.join(" ")),
    };
    Signature { takes: takes.iter().filter(|part| !part.is_empty()).map(without_default).collect(), returns, body }
}

impl Signature {
    /// Whether calls of `was` find this.
    fn serves(&self, was: &Self) -> bool {
        let is_prefix =
            was.takes.len() <= self.takes.len() && was.takes.iter().zip(&self.takes).all(|(was, now)| was.0 == now.0 && (now.1 || !was.1));
        is_prefix && self.takes[was.takes.len()..].iter().all(|(_, has_default)| *has_default) && self.returns == was.returns
    }
}

fn compare_routines(found: &mut Found, before: &Database, after: &Database) {
    let (old, new) = (made(before, Making::Routine), made(after, Making::Routine));
    for (name, was) in &old {
        let now: Vec<(&Made, Signature)> = new.get(name).into_iter().flatten().map(|made| (made, signature(made))).collect();
        if now.is_empty() {
            found.tell_of("db-function-removed", name, "function", was.first().map(|made| made.sql.clone()), None);
            continue;
        }
        for own in was {
            let old = signature(own);
            let best = now.iter().find(|(_, new)| *new == old).or_else(|| now.iter().find(|(_, new)| new.serves(&old)));
            match best {
                Some((_, new)) if *new == old => {}
                Some((made, _)) => {
                    found.tell_of("db-function-body-changed", name, "function", Some(own.sql.clone()), Some(made.sql.clone()));
                }
                None => {
                    let text = |own: &Signature| {
                        let takes: Vec<&str> = own.takes.iter().map(|(text, _)| text.as_str()).collect();
                        format!("({}) returns {}", takes.join(", "), own.returns)
                    };
                    let words = now.first().map(|(_, new)| text(new));
                    found.tell_of("db-function-signature-changed", name, "function", Some(text(&old)), words);
                }
            }
        }
    }
}
