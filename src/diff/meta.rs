//! What the contracts say of themselves: files that could not be read since. Where code is not understood, silence proves nothing.
//!
//! Stale and missing contracts and decisions about changes are told by those who read them.

use std::collections::BTreeSet;

use super::Promises;
use super::change::{Change, Domain, Location};

/// Problems of features that were not there before.
#[must_use]
pub fn compare(before: &Promises, after: &Promises) -> Vec<Change> {
    let problems = |promises: &Promises| -> BTreeSet<(String, String)> {
        let all = promises.features.values().flat_map(|feature| &feature.problems);
        all.map(|problem| (problem.file.clone(), problem.message.clone())).collect()
    };
    let known = problems(before);
    let told = |(file, message): (String, String)| {
        let location = Location { subject: file, ..Location::default() };
        Change::new("meta-extraction-incomplete", Domain::Meta, location).with(None, Some(message.into()))
    };
    problems(after).into_iter().filter(|problem| !known.contains(problem)).map(told).collect()
}
