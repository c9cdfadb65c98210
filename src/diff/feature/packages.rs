//! Packages from outside.

use std::collections::BTreeMap;

use super::{shared, told};
use crate::contract::documents::feature::FeatureDocument;
use crate::diff::Promises;
use crate::diff::change::Change;

fn packages(feature: &FeatureDocument) -> BTreeMap<&str, Option<&str>> {
    feature.packages.iter().map(|package| (package.name.as_str(), package.version.as_deref())).collect()
}

/// The changes of packages, feature by feature.
pub fn compare(before: &Promises, after: &Promises) -> Vec<Change> {
    let mut changes = Vec::new();
    for (slug, was, now) in shared(before, after) {
        let (old, new) = (packages(was), packages(now));
        let part = |name: &str| format!("package {name}");
        for (name, version) in &new {
            match old.get(name) {
                None => changes.push(told("feature-package-dependency-added", slug, part(name), None, Some(version.unwrap_or(name)))),
                Some(was) if is_other_major(*was, *version) => {
                    changes.push(told("feature-package-dependency-major-changed", slug, part(name), *was, *version));
                }
                Some(_) => {}
            }
        }
        for (name, version) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
            changes.push(told("feature-package-dependency-removed", slug, part(name), Some(version.unwrap_or(name)), None));
        }
    }
    changes
}

fn is_other_major(was: Option<&str>, now: Option<&str>) -> bool {
    match (was.and_then(major), now.and_then(major)) {
        (Some(was), Some(now)) => was != now,
        _ => false,
    }
}

/// The number that counts in a version or a range: `2` of `^2.1`, `0.3` of `~0.3.1`; `None` when there is none.
#[must_use]
pub fn major(version: &str) -> Option<String> {
    let start = version.find(|c: char| c.is_ascii_digit())?;
    let mut numbers = version[start..].split(|c: char| !c.is_ascii_digit());
    let first = numbers.next()?;
    if first != "0" {
        return Some(first.to_owned());
    }
    Some(format!("0.{}", numbers.next().filter(|minor| !minor.is_empty()).unwrap_or("0")))
}
