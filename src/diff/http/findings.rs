//! The changes found so far. A change of something shared is told once, with everything it reaches.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::change::{Change, Level, Location};

/// The changes found so far.
#[derive(Default)]
pub struct Findings {
    found: Vec<Change>,
    /// Where changes of one rule, place and value stand among those found.
    known: HashMap<u64, Vec<usize>>,
}

impl Findings {
    /// Adds a change, or lets one that is known reach further. It is told where it hurts most, and of such places where it is
    /// nearest.
    pub fn tell(&mut self, change: Change) {
        let hash = hash_of(&change);
        let same = self.known.entry(hash).or_default();
        let at = same.iter().find(|at| self.found.get(**at).is_some_and(|known| is_same(known, &change)));
        let Some(known) = at.and_then(|at| self.found.get_mut(*at)) else {
            same.push(self.found.len());
            self.found.push(change);
            return;
        };
        let mut other = if rank(&change) < rank(known) { std::mem::replace(known, change) } else { change };
        known.affects.append(&mut other.affects);
        reach(known, other.location.subject);
    }

    /// Whether something breaks.
    pub fn breaks(&self) -> bool {
        self.found.iter().any(|change| change.level == Level::Breaking)
    }

    /// All of them, sorted.
    pub fn into_changes(mut self) -> Vec<Change> {
        for change in &mut self.found {
            change.affects.sort();
            change.affects.dedup();
            change.affects.retain(|subject| *subject != change.location.subject);
        }
        self.found.sort();
        self.found
    }
}

fn rank(change: &Change) -> (Level, usize, &Location) {
    (change.level, change.location.path.split(['.', '[']).count(), &change.location)
}

fn reach(known: &mut Change, subject: String) {
    if known.affects.last() != Some(&subject) {
        known.affects.push(subject);
    }
}

/// Of the rule, the place and the values; a change of something shared is known by its place there.
fn hash_of(change: &Change) -> u64 {
    let mut hasher = DefaultHasher::new();
    change.rule.hash(&mut hasher);
    match &change.location.shared {
        Some(shared) => shared.hash(&mut hasher),
        None => change.location.hash(&mut hasher),
    }
    (&change.before, &change.after).hash(&mut hasher);
    hasher.finish()
}

fn is_same(one: &Change, other: &Change) -> bool {
    let is_same_place = match (&one.location.shared, &other.location.shared) {
        (Some(one), Some(other)) => one == other,
        _ => one.location == other.location,
    };
    is_same_place && one.rule == other.rule && one.before == other.before && one.after == other.after
}
