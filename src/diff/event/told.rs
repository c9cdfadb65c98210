//! The changes told so far. What several places share is told once, with all it reaches.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::Value;

use crate::diff::change::{Change, Domain, Location};
use crate::diff::schema::SchemaChange;

/// The changes told so far.
#[derive(Default)]
pub struct Told {
    changes: Vec<Change>,
}

impl Told {
    /// Tells a change; what it was and is may be added to what comes back.
    pub fn tell(&mut self, rule: &str, subject: impl Into<String>, part: impl Into<String>) -> &mut Change {
        let location = Location { subject: subject.into(), part: part.into(), ..Location::default() };
        self.changes.push(Change::new(rule, Domain::Event, location));
        self.changes.last_mut().expect("one was just added")
    }

    /// Tells a change of something at a place (subject, part) that was or is there.
    pub fn differs(&mut self, rule: &str, place: (&str, &str), before: Option<Value>, after: Option<Value>) -> &mut Change {
        let change = self.tell(rule, place.0, place.1);
        change.before = before;
        change.after = after;
        change
    }

    /// Tells a change of a schema that stands at a place.
    pub fn schema(&mut self, place: (&str, &str), change: SchemaChange) {
        let told = self.differs(&change.rule, place, change.before, change.after);
        told.level = change.level;
        told.location.path = change.path;
        told.location.shared = change.shared;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Tells of all changes since a count which further places they reach; the first is where they are told.
    pub fn reach(&mut self, since: usize, places: &[&str]) {
        let Some((first, rest)) = places.split_first() else { return };
        for change in &mut self.changes[since..] {
            change.affects.extend(rest.iter().filter(|place| *place != first).map(|place| (*place).to_owned()));
        }
    }

    /// Tells of all changes since a count in what shared piece they stand, where they stand in one.
    pub fn share(&mut self, since: usize, name_of: impl Fn(&Change) -> Option<String>) {
        for change in self.changes[since..].iter_mut().filter(|change| change.location.shared.is_none()) {
            change.location.shared = name_of(change);
        }
    }

    /// All of them, sorted; those of one shared piece are one.
    pub fn finished(mut self) -> Vec<Change> {
        self.changes.sort();
        let mut shared: BTreeMap<(String, Option<String>, String), usize> = BTreeMap::new();
        let mut changes: Vec<Change> = Vec::new();
        for change in self.changes {
            if change.location.shared.is_some() {
                let values = format!("{:?}{:?}", change.before, change.after);
                match shared.entry((change.rule.clone(), change.location.shared.clone(), values)) {
                    Entry::Occupied(known) => {
                        let known = &mut changes[*known.get()];
                        known.level = known.level.min(change.level);
                        known.affects.push(change.location.subject);
                        known.affects.extend(change.affects);
                        continue;
                    }
                    Entry::Vacant(slot) => drop(slot.insert(changes.len())),
                }
            }
            changes.push(change);
        }
        for change in &mut changes {
            change.affects.sort();
            change.affects.dedup();
            change.affects.retain(|place| *place != change.location.subject);
        }
        changes.sort();
        changes.dedup();
        changes
    }
}

/// A text as a value.
pub fn text(text: Option<&str>) -> Option<Value> {
    text.map(|text| Value::String(text.to_owned()))
}
