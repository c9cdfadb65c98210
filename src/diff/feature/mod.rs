//! Features: what there is, what each needs of others and of the outside, and how they hang together.
//!
//! A feature that is new brings its dependencies with it: only those are told that may hurt somebody else.

mod dependencies;
mod events;
mod needs;
mod packages;
mod structure;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Promises;
use super::change::{Change, Domain, Location};
use crate::contract::documents::feature::FeatureDocument;

/// The changes from one state to the other.
#[must_use]
pub fn compare(before: &Promises, after: &Promises) -> Vec<Change> {
    let mut changes = structure::compare(before, after);
    changes.extend(dependencies::compare(before, after));
    changes.extend(tables::compare(before, after));
    changes.extend(events::compare(before, after));
    changes.extend(needs::compare(before, after));
    changes.extend(packages::compare(before, after));
    changes.sort();
    changes.dedup();
    changes
}

/// A change of a part of a feature.
fn change(rule: &str, feature: &str, part: impl Into<String>) -> Change {
    Change::new(rule, Domain::Feature, Location { subject: feature.to_owned(), part: part.into(), ..Location::default() })
}

/// The same, from one word to another.
fn told(rule: &str, feature: &str, part: impl Into<String>, before: Option<&str>, after: Option<&str>) -> Change {
    change(rule, feature, part).with(before.map(Value::from), after.map(Value::from))
}

/// The features of both sides.
fn shared<'p>(before: &'p Promises, after: &'p Promises) -> impl Iterator<Item = (&'p String, &'p FeatureDocument, &'p FeatureDocument)> {
    after.features.iter().filter_map(|(slug, now)| Some((slug, before.features.get(slug)?, now)))
}

/// Which features a file belongs to.
fn owners(features: &BTreeMap<String, FeatureDocument>) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (slug, feature) in features {
        for file in &feature.files {
            owners.entry(file).or_default().insert(slug);
        }
    }
    owners
}

#[cfg(test)]
mod tests;
