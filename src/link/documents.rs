//! Committed API documents beside the operations that the code serves: what both have, and what only one has.

use std::collections::{BTreeMap, BTreeSet};

use super::http::Http;
use super::modules::PackageId;
use super::system::System;
use crate::facts::document::{ApiDocument, DocumentOperation};
use crate::facts::finding::Method;

/// A document and how far the code agrees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// How many operations both have.
    pub matched: usize,
    /// What stands before the document's paths in the code, when the document leaves it out.
    pub prefix: String,
    /// Operations that the code was not seen to serve: method and path.
    pub only_in_document: Vec<(Method, String)>,
    /// Operations of the same package that the document does not tell.
    pub only_in_code: Vec<(Method, String)>,
}

/// Method and path with nameless parameters.
type Key = (Method, String);

/// Compares one document with all operations.
#[must_use]
pub fn compare(document: &ApiDocument, http: &Http, system: &System) -> Compared {
    let served: BTreeMap<Key, usize> =
        http.operations.iter().enumerate().map(|(index, operation)| ((operation.method, nameless(&operation.path)), index)).collect();
    let told: Vec<(Key, &DocumentOperation)> =
        document.operations.iter().map(|operation| ((operation.method, nameless(&operation.path)), operation)).collect();
    let prefix = best_prefix(&told, &served);
    let with_prefix = |(method, path): &Key| (*method, format!("{prefix}{path}"));
    let matched: BTreeSet<Key> = told.iter().map(|(key, _)| with_prefix(key)).filter(|key| served.contains_key(key)).collect();
    let mut only_in_document: Vec<(Method, String)> = told
        .iter()
        .filter(|(key, _)| !matched.contains(&with_prefix(key)))
        .map(|(_, operation)| (operation.method, operation.path.clone()))
        .collect();
    only_in_document.sort();
    only_in_document.dedup();
    let only_in_code = untold(http, system, &served, &matched);
    Compared { matched: matched.len(), prefix, only_in_document, only_in_code }
}

/// The path with `{}` for each parameter, without a slash at the end.
fn nameless(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                out.push_str("{}");
            }
            '}' => inside = false,
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    if out.len() > 1 && out.ends_with('/') {
        out.pop();
    }
    out
}

/// The prefix under which most of the document is served; none when that matches as much.
fn best_prefix(told: &[(Key, &DocumentOperation)], served: &BTreeMap<Key, usize>) -> String {
    let plain = told.iter().filter(|(key, _)| served.contains_key(key)).count();
    let mut votes: BTreeMap<String, usize> = BTreeMap::new();
    for ((method, path), _) in told.iter().take(200) {
        for (of, full) in served.keys() {
            if of == method
                && path.len() > 1
                && let Some(prefix) = full.strip_suffix(path.as_str())
                && !prefix.is_empty()
            {
                *votes.entry(prefix.to_owned()).or_default() += 1;
            }
        }
    }
    let best = votes.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    best.filter(|(_, count)| *count > plain).map(|(prefix, _)| prefix).unwrap_or_default()
}

/// What the packages of the matched operations serve besides. A document that hardly matches tells of something else.
fn untold(http: &Http, system: &System, served: &BTreeMap<Key, usize>, matched: &BTreeSet<Key>) -> Vec<(Method, String)> {
    let package = |index: usize| -> (Option<PackageId>, &'static str) {
        let operation = &http.operations[index];
        (system.modules().package_of(operation.place.file), operation.framework)
    };
    let packages: BTreeSet<_> = matched.iter().filter_map(|key| served.get(key)).map(|index| package(*index)).collect();
    let mut untold: Vec<(Method, String)> = served
        .iter()
        .filter(|(key, index)| !matched.contains(*key) && packages.contains(&package(**index)))
        .map(|((method, _), index)| (*method, http.operations[*index].path.clone()))
        .collect();
    untold.sort();
    untold
}
