//! What features ask of each other over HTTP.

use std::collections::BTreeSet;

use super::told;
use crate::contract::model::DependencyKind;
use crate::diff::Promises;
use crate::diff::change::Change;

/// Which feature calls which.
fn calls(promises: &Promises) -> BTreeSet<(&str, &str)> {
    let edges = promises.relationships.edges.iter().filter(|edge| edge.kind == DependencyKind::Http);
    edges.map(|edge| (edge.from.as_str(), edge.to.as_str())).collect()
}

/// Whether a feature answers HTTP requests.
fn serves(promises: &Promises, slug: &str) -> bool {
    promises
        .features
        .get(slug)
        .and_then(|feature| feature.http.as_ref())
        .is_some_and(|http| !(http.operations.is_empty() && http.hidden.is_empty()))
}

/// The changes of calls.
pub fn compare(before: &Promises, after: &Promises) -> Vec<Change> {
    let (old, new) = (calls(before), calls(after));
    let mut changes = Vec::new();
    for (from, to) in &new {
        let part = format!("calls of {to}");
        if !serves(after, to) && serves(before, to) {
            changes.push(told("feature-endpoint-dependency-broken", from, part, Some(to), None));
        } else if !old.contains(&(*from, *to)) && before.features.contains_key(*from) {
            changes.push(told("feature-endpoint-dependency-added", from, part, None, Some(to)));
        }
    }
    changes
}
