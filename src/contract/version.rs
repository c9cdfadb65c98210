//! Versions of features: kept while the promise stays, raised by the level of its change.

use super::documents::repo::RepoDocument;
use super::model::Contract;

/// How far a change raises a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bump {
    /// Nobody who relies on the promise can tell.
    Patch,
    /// Something new; what was promised still holds.
    Minor,
    /// Something that was promised no longer holds.
    Major,
}

impl Contract {
    /// Takes the versions of an earlier run over where the promise is still the same. Where it is not, the version of the base
    /// (else of the earlier run) is raised as `bump_of` says of the feature's slug. A feature that is new keeps the version it
    /// has. To be called on a settled contract, before its documents are made.
    pub fn carry_versions(&mut self, previous: Option<&RepoDocument>, base: Option<&RepoDocument>, bump_of: impl Fn(&str) -> Bump) {
        for feature in &mut self.features {
            let entry = |repo: Option<&RepoDocument>| {
                let entry = repo.and_then(|repo| repo.features.iter().find(|entry| entry.slug == feature.slug));
                entry.map(|entry| (entry.version.clone(), entry.fingerprint == feature.fingerprint))
            };
            let (earlier, at_base) = (entry(previous), entry(base));
            feature.version = match (earlier, at_base) {
                (Some((version, true)), _) | (_, Some((version, true))) => version,
                (_, Some((version, false))) | (Some((version, false)), None) => raised(&version, bump_of(&feature.slug)),
                (None, None) => continue,
            };
        }
    }
}

/// The next version. While the first number is 0 a break raises the second, as package managers read it. What is no version
/// starts anew at 0.1.0.
#[must_use]
pub fn raised(version: &str, bump: Bump) -> String {
    let numbers: Option<Vec<u64>> =
        version.split(['-', '+']).next().map(|core| core.split('.').map_while(|part| part.parse().ok()).collect());
    let Some(&[major, minor, patch]) = numbers.as_deref() else { return "0.1.0".into() };
    let next = |number: u64| number.saturating_add(1);
    match bump {
        Bump::Major if major > 0 => format!("{}.0.0", next(major)),
        Bump::Major => format!("0.{}.0", next(minor)),
        Bump::Minor if major > 0 => format!("{major}.{}.0", next(minor)),
        Bump::Minor | Bump::Patch => format!("{major}.{minor}.{}", next(patch)),
    }
}
