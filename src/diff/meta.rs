//! What the contracts say of themselves: files that could not be read since. Where code is not understood, silence proves nothing.
//!
//! Stale and missing contracts and decisions about changes are told by those who read them.

use std::collections::{BTreeMap, BTreeSet};

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

/// A part of a single document that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Whether it stands in the earlier document.
    pub is_before: bool,
    /// The document.
    pub file: String,
    /// Its first words, or what is wrong with it.
    pub words: String,
    /// All it says, as far as anybody can tell where it ends.
    pub text: String,
    /// All of that for people, with its line.
    pub note: String,
}

/// What could not be read, as changes. What both sides say alike changes nothing. Where the earlier document says what the later
/// does not, nobody can tell whether a promise was broken.
#[must_use]
pub fn unread(all: &[Unread]) -> Vec<Change> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for one in all {
        let count = counts.entry(&one.text).or_default();
        *(if one.is_before { &mut count.0 } else { &mut count.1 }) += 1;
    }
    let differs = |one: &&Unread| {
        counts.get(one.text.as_str()).is_some_and(|(before, after)| if one.is_before { before > after } else { after > before })
    };
    let told = |one: &Unread| {
        let location = Location { subject: one.file.clone(), part: one.words.clone(), ..Location::default() };
        let rule = if one.is_before { "meta-contract-unreadable" } else { "meta-extraction-incomplete" };
        let words = Some(one.words.clone().into());
        let (before, after) = if one.is_before { (words, None) } else { (None, words) };
        Change::new(rule, Domain::Meta, location).with(before, after)
    };
    let mut changes: Vec<Change> = all.iter().filter(differs).map(told).collect();
    changes.sort();
    changes.dedup();
    changes
}

#[cfg(test)]
mod tests {
    use super::{Unread, unread};
    use crate::diff::change::Level;

    fn of(is_before: bool, words: &str) -> Unread {
        Unread { is_before, file: "schema.sql".into(), words: "CREATE".into(), text: words.into(), note: String::new() }
    }

    #[test]
    fn what_only_the_earlier_side_says_unreadably_may_break() {
        let same = [of(true, "CREATE X a"), of(false, "CREATE X a")];
        assert_eq!(unread(&same), []);
        let levels = |all: &[Unread]| -> Vec<Level> { unread(all).into_iter().map(|change| change.level).collect() };
        assert_eq!(levels(&[of(true, "CREATE X a")]), [Level::Breaking]);
        assert_eq!(levels(&[of(false, "CREATE X a")]), [Level::Warning]);
        assert_eq!(levels(&[of(true, "CREATE X a"), of(false, "CREATE X b")]), [Level::Breaking, Level::Warning]);
        assert_eq!(levels(&[of(true, "CREATE X a"), of(true, "CREATE X a"), of(false, "CREATE X a")]), [Level::Breaking]);
    }
}
