//! Schemas, extensions, domains, composite types and sequences.

use std::collections::{BTreeMap, BTreeSet};

use super::columns;
use super::found::Found;
use super::text::{self, Piece};
use super::types::{Relation, SqlType, relation};
use crate::contract::model::Database;

/// What a kept statement makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Making {
    /// `CREATE SCHEMA`, `CREATE DATABASE`.
    Schema,
    /// `CREATE DOMAIN`.
    Domain,
    /// `CREATE TYPE`.
    Type,
    /// `CREATE SEQUENCE`.
    Sequence,
    /// `CREATE FUNCTION`, `CREATE PROCEDURE`, `CREATE AGGREGATE`.
    Routine,
    /// `CREATE TRIGGER`.
    Trigger,
    /// `CREATE POLICY`, `ALTER TABLE … ENABLE ROW LEVEL SECURITY`.
    Policy,
    /// `GRANT`.
    Grant,
    /// `ATTACH PARTITION`, `PARTITION OF`.
    Partition,
}

/// A kept statement, read as far as a comparison needs.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its name with its schema; of a trigger or a policy with its table.
    pub name: String,
    /// What follows the name, in pieces.
    pub rest: Vec<Piece>,
    /// The statement.
    pub sql: String,
}

/// The kept statements of a database that make this, by name; functions of one name stand one after the other.
#[must_use]
pub fn made(database: &Database, making: Making) -> BTreeMap<String, Vec<Made>> {
    let mut all: BTreeMap<String, Vec<Made>> = BTreeMap::new();
    for statement in database.statements.iter().filter(|statement| kind_of(&statement.sql) == Some(making)) {
        if let Some((_, own)) = read(&statement.name, &statement.sql) {
            all.entry(own.name.clone()).or_default().push(own);
        }
    }
    all
}

/// What a statement makes, by its beginning.
fn kind_of(sql: &str) -> Option<Making> {
    let end = (0..=sql.len().min(256)).rev().find(|end| sql.is_char_boundary(*end)).unwrap_or(0);
    read("", &sql[..end]).map(|(making, _)| making)
}

fn read(name: &str, sql: &str) -> Option<(Making, Made)> {
    let pieces = text::pieces(sql);
    let word = |at: usize| pieces.get(at).map(Piece::as_str).unwrap_or_default();
    let made = |name: String, at: usize| Made { name, rest: pieces.get(at..).unwrap_or_default().to_vec(), sql: sql.to_owned() };
    if word(0) == "grant" {
        return Some((Making::Grant, made(name.to_owned(), 1)));
    }
    if word(0) == "alter" {
        let making = if pieces.iter().any(|piece| piece.as_str() == "partition") { Making::Partition } else { Making::Policy };
        return Some((making, made(name.to_owned(), 1)));
    }
    // What stands between `CREATE` and the word for the thing: `OR REPLACE`, `DEFINER = …`, `CONSTRAINT`.
    let (at, making) = (1..pieces.len().min(16)).find_map(|at| Some((at, making_of(word(at))?)))?;
    if making == Making::Partition {
        return Some((making, made(name.to_owned(), 1)));
    }
    let mut at = at + 1;
    while matches!(word(at), "if" | "not" | "exists") {
        at += 1;
    }
    let mut parts = vec![word(at).to_owned()];
    while word(at + 1) == "." {
        at += 2;
        parts.push(word(at).to_owned());
    }
    parts.retain(|part| part != "public");
    let mut name = parts.join(".");
    if matches!(making, Making::Trigger | Making::Policy)
        && let Some(on) = (at..pieces.len()).find(|at| word(*at) == "on")
    {
        let table: Vec<&str> = (on + 1..pieces.len()).step_by(2).take_while(|at| *at == on + 1 || word(at - 1) == ".").map(word).collect();
        name = format!("{name} on {}", table.into_iter().filter(|part| *part != "public").collect::<Vec<_>>().join("."));
    }
    Some((making, made(name, at + 1)))
}

fn making_of(word: &str) -> Option<Making> {
    Some(match word {
        "schema" | "database" => Making::Schema,
        "domain" => Making::Domain,
        "type" => Making::Type,
        "sequence" => Making::Sequence,
        "function" | "procedure" | "proc" | "aggregate" => Making::Routine,
        "trigger" => Making::Trigger,
        "policy" => Making::Policy,
        "table" => Making::Partition,
        _ => return None,
    })
}

/// Schemas that only the earlier side has.
#[must_use]
pub fn gone_schemas<'d>(before: &'d Database, after: &Database) -> BTreeSet<&'d str> {
    let now = schemas(after);
    let said = made(before, Making::Schema);
    let names = before.tables.iter().map(|table| table.schema.as_str()).chain(before.enums.iter().map(|ty| ty.schema.as_str()));
    // A schema that nothing makes is gone only with all that is in it.
    names.filter(|name| !name.is_empty() && said.contains_key(*name) && !now.contains(*name)).collect()
}

fn schemas(database: &Database) -> BTreeSet<String> {
    let tables = database.tables.iter().map(|table| &table.schema).chain(database.enums.iter().map(|ty| &ty.schema));
    let said = made(database, Making::Schema);
    tables.filter(|name| !name.is_empty()).cloned().chain(said.into_keys()).collect()
}

/// The changes of schemas, extensions, types and sequences.
pub fn compare(found: &mut Found, before: &Database, after: &Database) {
    compare_schemas(found, before, after);
    let (old, new): (BTreeSet<&String>, BTreeSet<&String>) = (before.extensions.iter().collect(), after.extensions.iter().collect());
    for gone in old.difference(&new) {
        found.tell_of("db-extension-removed", gone, "extension", Some((*gone).clone()), None);
    }
    for came in new.difference(&old) {
        found.tell_of("db-extension-added", came, "extension", None, Some((*came).clone()));
    }
    compare_types(found, before, after);
    compare_sequences(found, before, after);
}

fn compare_schemas(found: &mut Found, before: &Database, after: &Database) {
    let (old, new) = (schemas(before), schemas(after));
    let (said_before, said_after) = (made(before, Making::Schema), made(after, Making::Schema));
    for gone in old.difference(&new).filter(|name| said_before.contains_key(*name)) {
        let own = before.tables.iter().filter(|table| table.schema == *gone).map(super::found::name_of);
        let mut affects: Vec<String> = own.collect();
        affects.sort();
        let change = found.change("db-schema-removed", gone, "").with(Some(gone.clone().into()), None);
        found.tell(crate::diff::change::Change { affects, ..change });
    }
    for came in new.difference(&old).filter(|name| said_after.contains_key(*name)) {
        found.tell_of("db-schema-added", came, "", None, Some(came.clone()));
    }
}

fn compare_types(found: &mut Found, before: &Database, after: &Database) {
    for making in [Making::Domain, Making::Type] {
        let (old, new) = (made(before, making), made(after, making));
        for (name, was) in &old {
            let Some(now) = new.get(name) else {
                if !after.enums.iter().any(|ty| ty.name == *name) {
                    found.tell_of("db-type-removed", name, "", was.first().map(|made| made.sql.clone()), None);
                }
                continue;
            };
            let (Some(was), Some(now)) = (was.last(), now.last()) else { continue };
            if making == Making::Domain { compare_domain(found, was, now) } else { compare_composite(found, was, now) }
        }
        for (name, now) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            found.tell_of("db-type-added", name, "", None, now.first().map(|made| made.sql.clone()));
        }
    }
}

/// A domain: its type, and the conditions on it.
struct Domain {
    ty: String,
    conditions: BTreeSet<String>,
}

fn domain(made: &Made) -> Domain {
    const ENDS: &[&str] = &["constraint", "check", "not", "null", "default", "collate"];
    let words: Vec<&str> = made.rest.iter().map(Piece::as_str).collect();
    let start = usize::from(words.first() == Some(&"as"));
    let end = (start..words.len()).find(|at| ENDS.contains(&words[*at])).unwrap_or(words.len());
    let mut conditions = BTreeSet::new();
    for at in end..words.len() {
        if words[at] == "not" && words.get(at + 1) == Some(&"null") {
            conditions.insert("not null".to_owned());
        }
        if words[at] == "check" && words.get(at + 1) == Some(&"(") {
            let mut depth = 0usize;
            let close = (at + 1..words.len()).find(|at| {
                depth = match words[*at] {
                    "(" => depth + 1,
                    ")" => depth.saturating_sub(1),
                    _ => depth,
                };
                depth == 0
            });
            conditions.insert(text::folded(&words[at + 2..close.unwrap_or(words.len())].join(" ")));
        }
    }
    Domain { ty: words[start.min(end)..end].join(" ").replace(" (", "(").replace("( ", "(").replace(" )", ")"), conditions }
}

fn compare_domain(found: &mut Found, was: &Made, now: &Made) {
    let (old, new) = (domain(was), domain(now));
    tell_type(found, &now.name, "type", &old.ty, &new.ty);
    for condition in new.conditions.difference(&old.conditions) {
        found.tell_of("db-domain-constraint-added", &now.name, "constraint", None, Some(condition.clone()));
    }
    for condition in old.conditions.difference(&new.conditions) {
        found.tell_of("db-check-removed", &now.name, "constraint", Some(condition.clone()), None);
    }
}

fn tell_type(found: &mut Found, subject: &str, part: &str, was: &str, now: &str) {
    let rule = match relation(&SqlType::of(was, found.dialect), &SqlType::of(now, found.dialect), found.dialect) {
        Relation::Same => return,
        Relation::Widened => "db-column-type-widened",
        Relation::Narrowed => "db-column-type-narrowed",
        Relation::Changed => "db-column-type-changed",
    };
    found.tell_of(rule, subject, part, Some(was.to_owned()), Some(now.to_owned()));
}

/// `AS (a integer, b text)`: its members are columns of what uses it.
fn compare_composite(found: &mut Found, was: &Made, now: &Made) {
    let (Some(old), Some(new)) = (members(was), members(now)) else {
        if text::folded(&was.sql) != text::folded(&now.sql) {
            found.tell_of("db-column-type-changed", &now.name, "", Some(was.sql.clone()), Some(now.sql.clone()));
        }
        return;
    };
    for (name, ty) in &old {
        match new.get(name) {
            None => found.tell_of("db-column-removed", &now.name, columns::part(name), Some(ty.clone()), None),
            Some(other) => tell_type(found, &now.name, &columns::part(name), ty, other),
        }
    }
    for (name, ty) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        found.tell_of("db-column-added", &now.name, columns::part(name), None, Some(ty.clone()));
    }
}

fn members(made: &Made) -> Option<BTreeMap<String, String>> {
    let words: Vec<&str> = made.rest.iter().map(Piece::as_str).collect();
    let inner = words.strip_prefix(&["as", "("])?;
    let mut depth = 1usize;
    let (mut parts, mut part) = (BTreeMap::new(), Vec::new());
    let mut take = |part: &mut Vec<&str>| {
        if let Some((name, ty)) = part.split_first() {
            parts.insert((*name).to_owned(), ty.join(" ").replace(" (", "(").replace("( ", "(").replace(" )", ")"));
        }
        part.clear();
    };
    for word in inner {
        match *word {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 1 => {
                take(&mut part);
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        part.push(word);
    }
    take(&mut part);
    Some(parts)
}

/// How a sequence counts: what stands for itself, defaults left out.
fn counting(made: &Made) -> BTreeMap<String, String> {
    let words: Vec<&str> = made.rest.iter().map(Piece::as_str).collect();
    let mut found = BTreeMap::new();
    let mut at = 0;
    while at < words.len() {
        let next = |ahead: usize| words.get(at + ahead).copied().unwrap_or_default();
        let number = |ahead: usize| {
            if next(ahead) == "-" { (format!("-{}", next(ahead + 1)), ahead + 2) } else { (next(ahead).to_owned(), ahead + 1) }
        };
        let step = match words[at] {
            "as" => {
                found.insert("AS".into(), SqlType::of(next(1), crate::contract::model::Dialect::PostgreSql).base);
                2
            }
            "increment" | "minvalue" | "maxvalue" => {
                let (value, step) = number(1 + usize::from(next(1) == "by"));
                found.insert(words[at].to_uppercase(), value);
                step
            }
            "no" => 2,
            "cycle" => {
                found.insert("CYCLE".into(), String::new());
                1
            }
            _ => 1,
        };
        at += step;
    }
    found.retain(|key, value| !matches!((key.as_str(), value.as_str()), ("INCREMENT", "1") | ("AS", "bigint")));
    found
}

fn compare_sequences(found: &mut Found, before: &Database, after: &Database) {
    let (old, new) = (made(before, Making::Sequence), made(after, Making::Sequence));
    let counts = |database: &Database, name: &str| {
        let bare = name.rsplit('.').next().unwrap_or(name);
        let mut defaults = database.tables.iter().flat_map(|table| &table.columns).filter_map(|column| column.default.as_deref());
        defaults.any(|default| default.contains("nextval") && default.contains(bare))
    };
    for (name, was) in &old {
        let words = was.last().map(|made| made.sql.clone());
        match new.get(name).and_then(|all| all.last()) {
            Some(now) => {
                if was.last().map(counting) != Some(counting(now)) {
                    found.tell_of("db-sequence-changed", name, "sequence", words, Some(now.sql.clone()));
                }
            }
            // One that counts for a column goes with the column, or with its default.
            None if counts(before, name) && !counts(after, name) => {}
            None => found.tell_of("db-sequence-changed", name, "sequence", words, None),
        }
    }
}
