//! Settings, secrets, and services of others that features need.
//!
//! What the whole repository needs for the first time is told with its infrastructure; here is told which further feature needs it.

use std::collections::{BTreeMap, BTreeSet};

use super::{owners, told};
use crate::contract::documents::infrastructure::InfrastructureDocument;
use crate::contract::model::Evidence;
use crate::contract::model::infrastructure::{Infrastructure, Needed};
use crate::diff::Promises;
use crate::diff::change::Change;

/// One side: what is needed, and which files are whose.
struct Side<'p> {
    infrastructure: Infrastructure,
    owners: BTreeMap<&'p str, BTreeSet<&'p str>>,
}

impl<'p> Side<'p> {
    fn of(promises: &'p Promises) -> Self {
        let document = promises.infrastructure.clone().unwrap_or_default();
        let infrastructure = match serde_json::from_value::<InfrastructureDocument>(document.clone()) {
            Ok(document) => document.infrastructure,
            Err(_) => serde_json::from_value(document).unwrap_or_default(),
        };
        Self { infrastructure, owners: owners(&promises.features) }
    }

    fn features(&self, evidence: &[Evidence]) -> BTreeSet<&'p str> {
        evidence.iter().filter_map(|place| self.owners.get(place.file.as_str())).flatten().copied().collect()
    }

    /// Settings and secrets by name, with the features that read them.
    fn settings(&self) -> BTreeMap<&str, BTreeSet<&'p str>> {
        let variables = self.infrastructure.env_vars.iter().filter(|variable| variable.required);
        let variables = variables.map(|variable| (variable.name.as_str(), self.features(&variable.read_by)));
        let secrets = self.infrastructure.secrets.iter().map(|secret| (secret.name.as_str(), self.features(&secret.evidence)));
        let mut all: BTreeMap<&str, BTreeSet<&'p str>> = BTreeMap::new();
        for (name, features) in variables.chain(secrets) {
            all.entry(name).or_default().extend(features);
        }
        all
    }

    /// Outside services by name, with the features that call them; those that no feature is known to call are the repository's.
    fn services(&self) -> BTreeMap<&str, (BTreeSet<&'p str>, Option<&str>)> {
        let of = |needed: &Needed| match self.features(&needed.evidence) {
            features if features.is_empty() => BTreeSet::from([""]),
            features => features,
        };
        let all = self.infrastructure.external_hosts.iter().chain(&self.infrastructure.third_party);
        all.map(|needed| (needed.name.as_str(), (of(needed), needed.version.as_deref()))).collect()
    }
}

/// The changes of needs.
pub fn compare(before: &Promises, after: &Promises) -> Vec<Change> {
    let (old, new) = (Side::of(before), Side::of(after));
    let mut changes = Vec::new();
    let known = old.settings();
    for (name, features) in new.settings() {
        let Some(was) = known.get(name) else { continue };
        for feature in features.difference(was).filter(|feature| before.features.contains_key(**feature)) {
            changes.push(told("feature-config-dependency-added", feature, format!("setting {name}"), None, Some(name)));
        }
    }
    let (was, now) = (old.services(), new.services());
    for (name, (features, version)) in &now {
        let part = format!("service {name}");
        let (callers, other) = was.get(name).cloned().unwrap_or_default();
        for feature in features.difference(&callers).filter(|feature| !(feature.is_empty() && was.contains_key(name))) {
            changes.push(told("feature-external-dependency-added", feature, &*part, None, Some(name)));
        }
        if let (Some(was), Some(now)) = (other, version)
            && super::packages::major(was) != super::packages::major(now)
        {
            for feature in features {
                changes.push(told("feature-external-dependency-version-changed", feature, &*part, Some(was), Some(now)));
            }
        }
    }
    for (name, (features, _)) in &was {
        let callers = now.get(name).map(|(features, _)| features.clone()).unwrap_or_default();
        for feature in features.difference(&callers).filter(|feature| !(feature.is_empty() && now.contains_key(name))) {
            changes.push(told("feature-external-dependency-removed", feature, format!("service {name}"), Some(name), None));
        }
    }
    changes
}
