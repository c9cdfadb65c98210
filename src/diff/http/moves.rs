//! Operations that are served at another address now: one by one, or all of them under another prefix.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::comparison::{Comparison, Scope, Shared, Values};
use super::document::spot::{Kind, Spot};
use super::matching::{Matched, may_go};
use super::side::{Operation, text};
use crate::contract::path::shape_of;

/// What is written deeper than this does not tell operations apart.
const DEEPEST: usize = 64;

/// Finds the counterparts of operations that disappeared, and tells of them.
pub fn moved<'a>(comparison: &mut Comparison<'a>, removed: Vec<Operation<'a>>, added: Vec<Operation<'a>>, is_all: bool) -> Matched<'a> {
    let mut matched = Matched { pairs: Vec::new(), removed, added };
    if is_all {
        under_other_prefix(comparison, &mut matched);
    }
    let mut wanted: Vec<Operation<'a>> = Vec::new();
    let mut kept: Vec<Operation<'a>> = Vec::new();
    for operation in std::mem::take(&mut matched.removed) {
        if may_go(comparison, &operation) { kept.push(operation) } else { wanted.push(operation) }
    }
    let twins = twins(&wanted, &matched.added);
    for (at, operation) in wanted.into_iter().enumerate() {
        let Some(other) = twins.get(&at).and_then(|other| matched.added.get(*other)).copied() else {
            kept.push(operation);
            continue;
        };
        comparison.tell(&Scope::of(operation.subject()), "", "http-endpoint-moved", Values::both(operation.subject(), other.subject()));
        matched.pairs.push((operation, other));
    }
    let mut at = 0..;
    matched.added.retain(|_| at.next().is_some_and(|at| !twins.values().any(|other| *other == at)));
    matched.removed = kept;
    matched
}

/// All operations of the earlier document under another prefix: one change.
fn under_other_prefix(comparison: &mut Comparison<'_>, matched: &mut Matched<'_>) {
    let Some(first) = matched.removed.first().filter(|_| matched.removed.len() > 1) else { return };
    let candidates: Vec<(String, String)> = matched
        .added
        .iter()
        .filter(|other| other.method == first.method)
        .filter_map(|other| prefixes(&first.shape(), &other.shape()))
        .collect();
    let target = |operation: &Operation<'_>, (old, new): &(String, String)| {
        let wanted = format!("{new}{}", operation.shape().strip_prefix(old.as_str())?);
        matched.added.iter().find(|other| other.method == operation.method && other.shape() == wanted).copied()
    };
    let fits = |prefixes: &(String, String)| matched.removed.iter().all(|operation| target(operation, prefixes).is_some());
    let Some(prefixes) = candidates.into_iter().find(fits) else { return };
    let mut pairs = Vec::new();
    for operation in &matched.removed {
        let Some(other) = target(operation, &prefixes) else { continue };
        let scope = Scope::of(operation.subject()).within_shared(Shared::new("base path", "base path"));
        comparison.tell(&scope, "base path", "http-base-path-changed", Values::both(prefixes.0.as_str(), prefixes.1.as_str()));
        pairs.push((*operation, other));
    }
    matched.added.retain(|operation| !pairs.iter().any(|(_, other)| (other.method, other.path) == (operation.method, operation.path)));
    matched.removed.clear();
    matched.pairs.extend(pairs);
}

/// What stands before the end that two paths have in common, when there is such an end.
fn prefixes(old: &str, new: &str) -> Option<(String, String)> {
    let old: Vec<&str> = old.split('/').collect();
    let new: Vec<&str> = new.split('/').collect();
    let common = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other).count();
    // The empty text before the first slash is no part of the path.
    let common = common.min(old.len() - 1).min(new.len() - 1);
    let before = |parts: &[&str]| parts[..parts.len() - common].join("/");
    (common > 0).then(|| (before(&old), before(&new)))
}

/// Counterparts by index: the same operation id, or the same unmistakable promise, in no more than one candidate.
fn twins(removed: &[Operation<'_>], added: &[Operation<'_>]) -> BTreeMap<usize, usize> {
    let mut twins = BTreeMap::new();
    let keys: [fn(&Operation<'_>) -> Option<String>; 3] = [by_id, by_promise, by_path];
    for key in keys {
        let (old, new) = (unique(removed, key), unique(added, key));
        for (key, at) in old {
            let Some(other) = new.get(&key) else { continue };
            if !twins.contains_key(&at) && !twins.values().any(|known| known == other) {
                twins.insert(at, *other);
            }
        }
    }
    twins
}

/// The operations that alone have their key.
fn unique(operations: &[Operation<'_>], key: fn(&Operation<'_>) -> Option<String>) -> BTreeMap<String, usize> {
    let mut found: BTreeMap<String, Option<usize>> = BTreeMap::new();
    for (at, key) in operations.iter().enumerate().filter_map(|(at, operation)| Some((at, key(operation)?))) {
        found.entry(key).and_modify(|known| *known = None).or_insert(Some(at));
    }
    found.into_iter().filter_map(|(key, at)| Some((key, at?))).collect()
}

fn by_id(operation: &Operation<'_>) -> Option<String> {
    text(operation.node, "operationId").map(str::to_owned)
}

/// Method and promise, when the promise says enough to be known again.
fn by_promise(operation: &Operation<'_>) -> Option<String> {
    let promise = promise_of(operation);
    let says_enough = promise.to_string().contains("\"schema\"") || promise.to_string().contains("\"$ref\"");
    says_enough.then(|| format!("{} {promise}", operation.method))
}

/// Path and promise: another method.
fn by_path(operation: &Operation<'_>) -> Option<String> {
    Some(format!("{} {}", shape_of(operation.path), promise_of(operation)))
}

/// What an operation takes and gives, without wording and without names of the path's parameters.
fn promise_of(operation: &Operation<'_>) -> Value {
    let mut out = Map::new();
    for key in ["requestBody", "responses"] {
        out.extend(operation.node.get(key).map(|value| {
            let spot = Spot::One(Kind::Operation).under(key);
            (key.to_owned(), without_wording(value, spot, 0))
        }));
    }
    let owners = [operation.item, operation.node].into_iter();
    let parameters = owners.filter_map(|owner| owner.get("parameters")?.as_array()).flatten();
    let mut parameters: Vec<String> = parameters
        .filter(|parameter| text(parameter, "in") != Some("path"))
        .map(|parameter| without_wording(parameter, Spot::One(Kind::Parameter), 0).to_string())
        .collect();
    parameters.sort();
    out.insert("parameters".into(), json!(parameters));
    out.sort_keys();
    Value::Object(out)
}

fn without_wording(value: &Value, spot: Spot, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    match value {
        Value::Object(members) => {
            let is_map = matches!(spot, Spot::Each(_));
            let kept =
                members.iter().filter(|(key, _)| is_map || !matches!(key.as_str(), "description" | "summary" | "example" | "examples"));
            let mut out: Map<String, Value> =
                kept.map(|(key, value)| (key.clone(), without_wording(value, spot.under(key), depth + 1))).collect();
            out.sort_keys();
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| without_wording(item, spot.entry(), depth + 1)).collect()),
        other => other.clone(),
    }
}
