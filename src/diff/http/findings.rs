//! The changes found so far. A change of something shared is told once, with everything it reaches.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::change::{Change, Level, Location};

/// The changes found so far.
#[derive(Default)]
pub struct Findings {
    found: Vec<Found>,
    /// Where changes of one rule, place and value stand among those found.
    known: HashMap<u64, Vec<usize>>,
    /// What changes reach, numbered.
    subjects: Vec<String>,
    numbers: HashMap<String, usize>,
}

/// A change, how many steps its path has, and by number what else it reaches.
struct Found {
    change: Change,
    depth: usize,
    affects: Vec<usize>,
}

/// How near a change is met: the worst first, then the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near<'n> {
    /// How bad it is there.
    pub level: Level,
    /// How many steps its path has.
    pub depth: usize,
    /// `POST /orders`.
    pub subject: &'n str,
    /// `201 body`.
    pub part: &'n str,
}

impl Findings {
    /// Adds a change, or lets one that is known reach further. It is told where it hurts most, and of such places where it is
    /// nearest. Gives its number.
    pub fn tell(&mut self, mut change: Change) -> usize {
        let hash = hash_of(&change);
        let same = self.known.entry(hash).or_default();
        let known = same.iter().copied().find(|at| self.found.get(*at).is_some_and(|known| is_same(&known.change, &change)));
        let reached: Vec<String> = std::mem::take(&mut change.affects);
        let reached: Vec<usize> = reached.into_iter().map(|subject| number(&mut self.subjects, &mut self.numbers, subject)).collect();
        let depth = steps_of(&change.location.path);
        let Some(at) = known else {
            same.push(self.found.len());
            self.found.push(Found { change, depth, affects: reached });
            return self.found.len() - 1;
        };
        if let Some(known) = self.found.get_mut(at) {
            known.affects.extend(reached);
        }
        let Location { subject, part, path, .. } = change.location;
        self.reach(at, &Near { level: change.level, depth, subject: &subject, part: &part }, || path);
        at
    }

    /// Lets a known change reach further, to a part of a subject.
    pub fn reach(&mut self, at: usize, near: &Near<'_>, path: impl FnOnce() -> String) {
        let Some(known) = self.found.get_mut(at) else { return };
        let location = &mut known.change.location;
        let other = if location.subject == near.subject { None } else { Some(near.subject.to_owned()) };
        let was = Near { level: known.change.level, depth: known.depth, subject: &location.subject, part: &location.part };
        let order = near.cmp(&was);
        let path = if order == Ordering::Greater { None } else { Some(path()) };
        let other = match path.filter(|path| order == Ordering::Less || *path < location.path) {
            None => other,
            Some(path) => {
                near.part.clone_into(&mut location.part);
                location.path = path;
                (known.change.level, known.depth) = (near.level, near.depth);
                other.map(|subject| std::mem::replace(&mut location.subject, subject))
            }
        };
        if let Some(other) = other {
            known.affects.push(number(&mut self.subjects, &mut self.numbers, other));
        }
    }

    /// Whether something breaks.
    pub fn breaks(&self) -> bool {
        self.found.iter().any(|found| found.change.level == Level::Breaking)
    }

    /// All of them, sorted.
    pub fn into_changes(self) -> Vec<Change> {
        let mut order: Vec<usize> = (0..self.subjects.len()).collect();
        order.sort_by_key(|at| &self.subjects[*at]);
        let mut ranks = vec![0; order.len()];
        order.iter().enumerate().for_each(|(rank, at)| ranks[*at] = rank);
        let changes = self.found.into_iter().map(|found| {
            let mut reached: Vec<usize> = found.affects.into_iter().map(|at| ranks[at]).collect();
            reached.sort_unstable();
            reached.dedup();
            let reached = reached.into_iter().map(|rank| &self.subjects[order[rank]]);
            let affects = reached.filter(|subject| **subject != found.change.location.subject).cloned().collect();
            Change { affects, ..found.change }
        });
        let mut changes: Vec<Change> = changes.collect();
        changes.sort();
        changes
    }
}

fn number(subjects: &mut Vec<String>, numbers: &mut HashMap<String, usize>, subject: String) -> usize {
    if let Some(known) = numbers.get(&subject) {
        return *known;
    }
    numbers.insert(subject.clone(), subjects.len());
    subjects.push(subject);
    subjects.len() - 1
}

/// How many steps a path has.
pub fn steps_of(path: &str) -> usize {
    path.bytes().filter(|byte| matches!(byte, b'.' | b'[')).count()
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
