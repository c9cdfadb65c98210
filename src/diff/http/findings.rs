//! The changes found so far. A change of something shared is told once, with everything it reaches.

use std::collections::BTreeMap;

use super::super::change::{Change, Level};

/// What tells two findings apart: rule, place, what was there, what is there.
type Key = (String, String, String, String);

/// The changes found so far.
#[derive(Default)]
pub struct Findings {
    found: BTreeMap<Key, Change>,
}

impl Findings {
    /// Adds a change, or lets one that is known reach further. Where it hurts most it is told.
    pub fn tell(&mut self, change: Change) {
        let text = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
        let place = match &change.location.shared {
            Some(shared) => format!("\0{shared}"),
            None => format!("{}\0{}\0{}", change.location.subject, change.location.part, change.location.path),
        };
        let key = (change.rule.clone(), place, text(&change.before), text(&change.after));
        match self.found.get_mut(&key) {
            None => drop(self.found.insert(key, change)),
            Some(known) => {
                let is_worse = (change.level, &change.location) < (known.level, &known.location);
                let mut other = if is_worse { std::mem::replace(known, change) } else { change };
                known.affects.append(&mut other.affects);
                known.affects.push(other.location.subject);
            }
        }
    }

    /// Whether something breaks.
    pub fn breaks(&self) -> bool {
        self.found.values().any(|change| change.level == Level::Breaking)
    }

    /// All of them, sorted.
    pub fn into_changes(self) -> Vec<Change> {
        let mut changes: Vec<Change> = self.found.into_values().collect();
        for change in &mut changes {
            change.affects.sort();
            change.affects.dedup();
            change.affects.retain(|subject| *subject != change.location.subject);
        }
        changes.sort();
        changes
    }
}
