//! Which features there are, where their code went, and the circles between them.

use std::collections::{BTreeMap, BTreeSet};

use super::{change, owners, told};
use crate::diff::Promises;
use crate::diff::change::Change;

/// The changes of the features themselves.
pub fn compare(before: &Promises, after: &Promises) -> Vec<Change> {
    let mut changes = presence(before, after);
    changes.extend(cycles(before, after));
    changes
}

fn presence(before: &Promises, after: &Promises) -> Vec<Change> {
    let mut changes = Vec::new();
    let (old, new) = (owners(&before.features), owners(&after.features));
    // Old features by the new ones that hold most of their files, and the other way round.
    for (slug, feature) in before.features.iter().filter(|(slug, _)| !after.features.contains_key(*slug)) {
        match most(&feature.files, &new) {
            Some(to) => changes.push(told("feature-split-or-merged", slug, "", Some(slug), Some(&to))),
            None => changes.push(told("feature-removed", slug, "", Some(&feature.name), None)),
        }
    }
    for (slug, feature) in after.features.iter().filter(|(slug, _)| !before.features.contains_key(*slug)) {
        match most(&feature.files, &old) {
            // Where the old one is gone too, it says so.
            Some(from) if from.split(", ").any(|from| after.features.contains_key(from)) => {
                changes.push(told("feature-split-or-merged", slug, "", Some(&from), Some(slug)));
            }
            Some(_) => {}
            None => changes.push(told("feature-added", slug, "", None, Some(&feature.name))),
        }
    }
    changes
}

/// The features that hold at least half of these files, by name.
fn most(files: &[String], owners: &BTreeMap<&str, BTreeSet<&str>>) -> Option<String> {
    let mut slugs: BTreeSet<&str> = BTreeSet::new();
    let mut held = 0usize;
    for of in files.iter().filter_map(|file| owners.get(file.as_str())) {
        held += 1;
        slugs.extend(of);
    }
    (held * 2 >= files.len() && held > 0).then(|| slugs.into_iter().collect::<Vec<_>>().join(", "))
}

/// Circles, and features that came into one.
fn cycles(before: &Promises, after: &Promises) -> Vec<Change> {
    let known: Vec<BTreeSet<&String>> = before.relationships.cycles.iter().map(|cycle| cycle.iter().collect()).collect();
    let is_new = |cycle: &&Vec<String>| !known.iter().any(|known| cycle.iter().all(|slug| known.contains(slug)));
    let told = |cycle: &Vec<String>| {
        let subject = cycle.join(", ");
        let change = change("feature-cycle-added", &subject, "").with(None, Some(subject.clone().into()));
        Change { affects: cycle.clone(), ..change }
    };
    after.relationships.cycles.iter().filter(is_new).map(told).collect()
}
