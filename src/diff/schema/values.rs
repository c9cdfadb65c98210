//! Listed values, fixed values and defaults.

use std::collections::HashSet;

use serde_json::Value;

use super::Direction;
use super::Place;
use super::judge::Judge;
use super::shape::Shape;
use crate::diff::change::Level;

/// The values a schema lists, null left out.
struct Listed<'a> {
    values: Vec<&'a Value>,
    /// It is written as one fixed value.
    fixed: bool,
}

impl<'a> Listed<'a> {
    fn of(shape: &Shape<'a>) -> Option<Self> {
        let mut listed: Option<Self> = None;
        for part in &shape.parts {
            let (values, fixed): (Vec<&Value>, bool) = match (part.value.get("const"), part.value.get("enum")) {
                (Some(value), _) => (vec![value], true),
                (None, Some(Value::Array(values))) => (values.iter().collect(), false),
                _ => continue,
            };
            listed = Some(match listed {
                None => Self { values, fixed },
                Some(known) => {
                    Self { values: known.values.into_iter().filter(|value| values.contains(value)).collect(), fixed: known.fixed || fixed }
                }
            });
        }
        let mut listed = listed?;
        let only_null = !listed.values.is_empty() && listed.values.iter().all(|value| value.is_null());
        listed.values.retain(|value| !value.is_null());
        let all_booleans =
            listed.values.len() == 2 && listed.values.iter().all(|value| value.is_boolean()) && listed.values[0] != listed.values[1];
        let open = only_null || all_booleans;
        (!open).then_some(listed)
    }

    /// Whether all its values are among those of another list.
    fn is_within(&self, other: &Self) -> bool {
        let known: HashSet<String> = other.values.iter().filter_map(|value| scalar(value)).collect();
        self.values.iter().all(|value| match scalar(value) {
            Some(text) => known.contains(&text),
            None => other.values.iter().any(|known| same(known, value)),
        })
    }

    fn text(&self) -> Value {
        match (&*self.values, self.fixed) {
            ([value], true) => (*value).clone(),
            (values, _) => Value::Array(values.iter().map(|value| (*value).clone()).collect()),
        }
    }
}

/// Whether two values are the same; 1 and 1.0 are.
fn same(one: &Value, other: &Value) -> bool {
    one == other || (one.is_number() && other.is_number() && one.as_f64() == other.as_f64())
}

/// A value that holds no others, as a text that is the same for the same values.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string())),
        Value::Array(_) | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}

impl<'a> Judge<'_, 'a> {
    /// Listed and fixed values.
    pub fn values(&mut self) {
        let (before, after) = (Listed::of(&self.before), Listed::of(&self.after));
        let keyword = if self.after.first("enum").is_some() || self.before.first("enum").is_some() { "enum" } else { "const" };
        let spot = self.spot(keyword);
        match (before, after) {
            (None, Some(after)) => {
                let rule = if after.fixed { "const-added" } else { "became-enum" };
                self.tell(rule, spot, None, Some(after.text()));
            }
            (Some(before), None) => {
                let rule = if before.fixed { "const-removed" } else { "enum-lifted" };
                self.tell(rule, spot, Some(before.text()), None);
            }
            (Some(before), Some(after)) => self.lists(&before, &after, spot),
            (None, None) => {}
        }
        self.extensible();
    }

    fn lists(&mut self, before: &Listed<'a>, after: &Listed<'a>, spot: super::judge::Spot) {
        let (removed, added) = (!before.is_within(after), !after.is_within(before));
        let values = || (Some(before.text()), Some(after.text()));
        if before.fixed && after.fixed {
            if removed || added {
                self.tell("const-changed", spot, values().0, values().1);
            }
            return;
        }
        if removed {
            self.tell("enum-value-removed", spot.clone(), values().0, values().1);
        }
        if added {
            let open = self.after.first("x-extensible-enum").is_some() && self.frame.direction == Direction::Output;
            self.tell("enum-value-added", spot.info_if(open), values().0, values().1);
        }
    }

    /// Lists that say they may grow: `x-extensible-enum`.
    fn extensible(&mut self) {
        let of = |shape: &Shape<'a>| shape.first("x-extensible-enum").and_then(Value::as_array);
        let (Some(before), Some(after)) = (of(&self.before), of(&self.after)) else { return };
        let spot = self.spot("x-extensible-enum");
        let values = || (Some(Value::Array(before.clone())), Some(Value::Array(after.clone())));
        if before.iter().any(|value| !after.contains(value)) {
            let rule = match self.frame.direction {
                Direction::Input => "extensible-enum-value-removed",
                Direction::Output => "enum-value-removed",
            };
            self.tell(rule, spot.clone(), values().0, values().1);
        }
        if after.iter().any(|value| !before.contains(value)) {
            self.tell("enum-value-added", spot.at(Level::Info), values().0, values().1);
        }
    }

    /// The value that a missing one stands for.
    pub fn defaults(&mut self) {
        let (before, after) = (self.before.first("default"), self.after.first("default"));
        let rule = match (before, after) {
            (None, Some(_)) => "default-added",
            (Some(_), None) => "default-removed",
            (Some(before), Some(after)) if !same(before, after) => "default-changed",
            _ => return,
        };
        let spot = self.spot("default");
        let parameter = self.frame.top && self.frame.place == Place::Parameter && self.frame.direction == Direction::Input;
        let spot = if parameter { spot.at(Level::Breaking) } else { spot };
        self.tell(rule, spot, before.cloned(), after.cloned());
    }
}
