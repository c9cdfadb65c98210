//! The changes told so far, and pairing what two lists have in common.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::diff::change::{Change, Domain, Location};

/// The changes told so far.
#[derive(Default)]
pub struct Told {
    /// In the order they were found.
    pub changes: Vec<Change>,
}

impl Told {
    /// Tells that something came or went, or differs.
    pub fn tell(&mut self, rule: &str, subject: impl Into<String>, part: impl Into<String>) -> &mut Change {
        let location = Location { subject: subject.into(), part: part.into(), ..Location::default() };
        self.changes.push(Change::new(rule, Domain::Infra, location));
        self.changes.last_mut().expect("one was just added")
    }

    /// Tells what was there and what is.
    pub fn differs(&mut self, rule: &str, place: (&str, &str), before: Option<&str>, after: Option<&str>) -> &mut Change {
        let change = self.tell(rule, place.0, place.1);
        (change.before, change.after) = (value(before), value(after));
        change
    }

    /// All of them, sorted.
    pub fn finished(mut self) -> Vec<Change> {
        self.changes.sort();
        self.changes.dedup();
        self.changes
    }
}

fn value(text: Option<&str>) -> Option<Value> {
    text.map(|text| json!(text))
}

/// Two lists side by side.
pub struct Sides<'a, T> {
    /// What both have.
    pub both: Vec<(&'a T, &'a T)>,
    /// What only the earlier one has.
    pub gone: Vec<&'a T>,
    /// What only the later one has.
    pub new: Vec<&'a T>,
}

impl<'a, T: PartialEq> Sides<'a, T> {
    /// Items of one key belong together: those that are equal first, the others in their order.
    pub fn of<K: Ord>(before: &'a [T], after: &'a [T], key: impl Fn(&T) -> K) -> Self {
        let mut left: BTreeMap<K, Vec<&T>> = BTreeMap::new();
        for item in after {
            left.entry(key(item)).or_default().push(item);
        }
        let mut sides = Self { both: Vec::new(), gone: Vec::new(), new: Vec::new() };
        let mut open = Vec::new();
        for item in before {
            let others = left.entry(key(item)).or_default();
            match others.iter().position(|other| *other == item) {
                Some(at) => sides.both.push((item, others.remove(at))),
                None => open.push(item),
            }
        }
        for item in open {
            let others = left.entry(key(item)).or_default();
            if others.is_empty() {
                sides.gone.push(item);
            } else {
                sides.both.push((item, others.remove(0)));
            }
        }
        sides.new.extend(left.into_values().flatten());
        sides
    }

    /// Pairs off what is left where another key is the same; only where there is one candidate on each side.
    pub fn pair_by<K: Ord>(&mut self, key: impl Fn(&T) -> Option<K>) -> Vec<(&'a T, &'a T)> {
        let count = |items: &[&'a T]| {
            let mut counted: BTreeMap<K, Vec<&'a T>> = BTreeMap::new();
            for item in items {
                if let Some(key) = key(item) {
                    counted.entry(key).or_default().push(*item);
                }
            }
            counted
        };
        let (left, mut right) = (count(&self.gone), count(&self.new));
        let mut pairs = Vec::new();
        for (key, gone) in left {
            if let ([old], Some([new])) = (gone.as_slice(), right.remove(&key).as_deref()) {
                pairs.push((*old, *new));
            }
        }
        self.gone.retain(|item| !pairs.iter().any(|(old, _)| std::ptr::eq(*old, *item)));
        self.new.retain(|item| !pairs.iter().any(|(_, new)| std::ptr::eq(*new, *item)));
        pairs
    }
}
