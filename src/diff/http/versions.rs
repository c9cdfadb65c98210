//! What the documents say of themselves: their version, the version of the language they are written in, rate limits for all.

use super::comparison::{Comparison, Scope, Values};
use super::document::version_of;
use super::promised;
use super::side::{Side, text};

/// Compares versions; what broke is known by now.
pub fn compare_versions(comparison: &mut Comparison<'_>) {
    let scope = Scope::of("API");
    let (before, after) = (comparison.before.root, comparison.after.root);
    promised::compare_rates(comparison, &scope, before, after);
    if let (Some(old), Some(new)) = (version_of(before), version_of(after))
        && minor_of(&old) != minor_of(&new)
    {
        comparison.tell(&scope, "description language", "http-spec-version-changed", Values::both(old, new));
    }
    if comparison.policy.versions {
        compare_own(comparison, &scope);
    }
}

/// `3.0` of `3.0.3`.
fn minor_of(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// A version that orders: three numbers, with or without a `v` before them.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    numbers: [u64; 3],
    /// A release comes after its candidates.
    is_release: bool,
}

fn of_document(side: Side<'_>) -> Option<(Version, &str)> {
    let written = text(side.root.get("info")?, "version")?;
    let plain = written.trim_start_matches('v').split('+').next()?;
    let (numbers, candidate) = plain.split_once('-').map_or((plain, None), |(numbers, candidate)| (numbers, Some(candidate)));
    let numbers: Vec<u64> = numbers.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    Some((Version { numbers: numbers.try_into().ok()?, is_release: candidate.is_none() }, written))
}

/// Before 1.0.0 a version promises nothing; one that does not order says nothing about breaks.
fn compare_own(comparison: &mut Comparison<'_>, scope: &Scope) {
    let (before, after) = (comparison.before, comparison.after);
    let (Some((old, was)), Some((new, is))) = (of_document(before), of_document(after)) else { return };
    let is_major = new.numbers[0] > old.numbers[0] || new.numbers[0] == 0;
    let rule = if new < old {
        "http-version-decreased"
    } else if !comparison.findings.breaks() || is_major {
        return;
    } else if new == old {
        "http-version-not-bumped"
    } else {
        "http-version-bump-too-small"
    };
    comparison.tell(scope, "version", rule, Values::both(was, is));
}
