//! The changes told so far. What several places share is told once, with all it reaches.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;

use crate::diff::change::{Change, Domain, Location};
use crate::diff::schema::SchemaChange;

/// Rule and place of a change in a shared schema, what was there and what is.
type Key = (String, String, String);

/// The changes told so far.
#[derive(Default)]
pub struct Told {
    changes: Vec<Change>,
    /// Where changes of shared schemas stand among them.
    shared: HashMap<Key, usize>,
    /// What everything that is told now reaches.
    reached: Vec<String>,
}

impl Told {
    /// Tells a change; what it was and is may be added to what comes back.
    pub fn tell(&mut self, rule: &str, subject: impl Into<String>, part: impl Into<String>) -> &mut Change {
        let location = Location { subject: subject.into(), part: part.into(), ..Location::default() };
        self.add(Change::new(rule, Domain::Event, location))
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
        let SchemaChange { rule, level, path, shared, before, after } = change;
        let location = Location { subject: place.0.to_owned(), part: place.1.to_owned(), path, shared };
        let change = Change::new(rule, Domain::Event, location).at_level(level).with(before, after);
        let Some(shared) = change.location.shared.clone() else {
            self.add(change);
            return;
        };
        match self.shared.entry((change.rule.clone(), shared, values_of(&change))) {
            Entry::Occupied(known) => join(&mut self.changes[*known.get()], change, &self.reached),
            Entry::Vacant(slot) => {
                slot.insert(self.changes.len());
                self.add(change);
            }
        }
    }

    fn add(&mut self, change: Change) -> &mut Change {
        self.changes.push(Change { affects: self.reached.clone(), ..change });
        self.changes.last_mut().expect("one was just added")
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// What is told from now on reaches these places.
    pub fn reaching(&mut self, places: &[&str]) {
        self.reached = places.iter().map(|place| (*place).to_owned()).collect();
    }

    /// Tells of all changes since a count in what shared piece they stand, where they stand in one.
    pub fn share(&mut self, since: usize, name_of: impl Fn(&Change) -> Option<String>) {
        for change in self.changes[since..].iter_mut().filter(|change| change.location.shared.is_none()) {
            change.location.shared = name_of(change);
        }
    }

    /// All of them, sorted; those of one shared piece are one.
    pub fn finished(self) -> Vec<Change> {
        let mut shared: HashMap<Key, usize> = HashMap::new();
        let mut changes: Vec<Change> = Vec::new();
        for change in self.changes {
            if let Some(name) = change.location.shared.clone() {
                match shared.entry((change.rule.clone(), name, values_of(&change))) {
                    Entry::Occupied(known) => {
                        join(&mut changes[*known.get()], change, &[]);
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

fn values_of(change: &Change) -> String {
    let text = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    format!("{}\0{}", text(&change.before), text(&change.after))
}

/// Adds what a further place tells of the same change: as bad as it is anywhere, told where it stands first.
fn join(known: &mut Change, change: Change, reached: &[String]) {
    known.level = known.level.min(change.level);
    known.affects.extend(change.affects);
    known.affects.extend_from_slice(reached);
    known.affects.push(change.location.subject.clone());
    if change.location < known.location {
        let before = std::mem::replace(&mut known.location, change.location);
        known.affects.push(before.subject);
    }
}

/// A text as a value.
pub fn text(text: Option<&str>) -> Option<Value> {
    text.map(|text| Value::String(text.to_owned()))
}
