//! Conditions: what must hold when something else does, and what must not hold.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Direction;
use super::judge::Judge;
use super::node::Part;
use super::shape::{Shape, is_empty};

impl<'a> Judge<'_, 'a> {
    /// `if`, `not`, and what depends on the presence of members.
    pub fn conditions(&mut self) {
        self.if_then_else();
        self.not();
        self.dependent_required();
        self.dependent_schemas();
    }

    fn if_then_else(&mut self) {
        let of = |shape: &Shape<'a>| -> Vec<[Option<Part<'a>>; 3]> {
            let under = |part: &Part<'a>, keyword: &str| part.value.get(keyword).map(|value| part.below(value, ""));
            let all = shape.all("if").map(|(part, _)| part);
            let acting = all.filter(|part| part.value.get("then").is_some() || part.value.get("else").is_some());
            acting.map(|part| [under(part, "if"), under(part, "then"), under(part, "else")]).collect()
        };
        let (mut before, mut after) = (of(&self.before), of(&self.after));
        after.retain(|new| match before.iter().position(|old| self.is_same_condition(old, new)) {
            Some(at) => {
                before.remove(at);
                false
            }
            None => true,
        });
        let spot = self.spot("if");
        for pair in 0..before.len().max(after.len()) {
            match (before.get(pair), after.get(pair)) {
                (Some(old), Some(new)) => self.condition(&old.clone(), &new.clone()),
                (None, _) => self.tell("if-then-else-added", spot.clone(), None, None),
                (_, None) => self.tell("if-then-else-removed", spot.clone(), None, None),
            }
        }
    }

    fn is_same_condition(&mut self, old: &[Option<Part<'a>>; 3], new: &[Option<Part<'a>>; 3]) -> bool {
        old.iter().zip(new).all(|(old, new)| match (old, new) {
            (Some(old), Some(new)) => self.trial(vec![old.clone()], vec![new.clone()]).is_none(),
            (None, None) => true,
            _ => false,
        })
    }

    /// The same `if`: what follows from it may be harmless.
    fn condition(&mut self, old: &[Option<Part<'a>>; 3], new: &[Option<Part<'a>>; 3]) {
        let one = |part: &Option<Part<'a>>| part.clone().into_iter().collect::<Vec<_>>();
        let same_if = self.trial(one(&old[0]), one(&new[0])).is_none();
        let harmless = same_if && self.is_harmless(one(&old[1]), one(&new[1])) && self.is_harmless(one(&old[2]), one(&new[2]));
        let spot = self.spot("if").info_if(harmless);
        self.tell("if-then-else-changed", spot, None, None);
    }

    fn not(&mut self) {
        let (before, after) = (self.before.below("not", ""), self.after.below("not", ""));
        let spot = self.spot("not");
        let rule = match (before.is_empty(), after.is_empty()) {
            (true, true) => return,
            (true, false) => "not-schema-added",
            (false, true) => "not-schema-removed",
            (false, false) => {
                if self.trial(before.clone(), after.clone()).is_none() {
                    return;
                }
                let harmless = self.is_harmless_reversed(before, after);
                return self.tell("not-schema-changed", spot.info_if(harmless), None, None);
            }
        };
        self.tell(rule, spot, None, None);
    }

    fn dependent_required(&mut self) {
        let (before, after) = (self.before.dependent_names(), self.after.dependent_names());
        let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        for name in names {
            let (old, new) = (before.get(name), after.get(name));
            let rule = match (old, new) {
                (None, Some(_)) => "dependent-required-added",
                (Some(_), None) => "dependent-required-removed",
                (Some(old), Some(new)) if old != new => "dependent-required-changed",
                _ => continue,
            };
            let harmless = match (self.frame.direction, old, new) {
                (Direction::Input, Some(old), Some(new)) => new.is_subset(old),
                (Direction::Output, Some(old), Some(new)) => old.is_subset(new),
                _ => false,
            };
            let text = |names: Option<&BTreeSet<&str>>| names.map(|names| names.iter().copied().collect::<Vec<_>>().into());
            let mut spot = self.spot("dependentRequired").info_if(harmless);
            spot.step = format!(".{name}");
            self.tell(rule, spot, text(old), text(new));
        }
    }

    fn dependent_schemas(&mut self) {
        let (mut before, mut after) = (self.before.dependent_schemas(), self.after.dependent_schemas());
        let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        for name in names {
            let rule = match (before.remove(name), after.remove(name)) {
                (Some(old), Some(new)) => {
                    self.below(old, new, "");
                    continue;
                }
                (None, _) => "dependent-schema-added",
                (_, None) => "dependent-schema-removed",
            };
            let mut spot = self.spot("dependentSchemas");
            spot.step = format!(".{name}");
            self.tell(rule, spot, None, None);
        }
    }
}

impl<'a> Shape<'a> {
    /// Members that must be there when another one is: `dependentRequired`, and lists in the older `dependencies`.
    fn dependent_names(&self) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (_, value) in self.all("dependentRequired").chain(self.all("dependencies")) {
            for (name, list) in value.as_object().into_iter().flatten() {
                let Some(list) = list.as_array().filter(|list| !list.is_empty()) else { continue };
                names.entry(name).or_default().extend(list.iter().filter_map(Value::as_str));
            }
        }
        names
    }

    /// Schemas that must hold when a member is there.
    fn dependent_schemas(&self) -> BTreeMap<&'a str, Vec<Part<'a>>> {
        let mut schemas = self.members("dependentSchemas");
        for (name, parts) in self.members("dependencies") {
            schemas.entry(name).or_default().extend(parts.into_iter().filter(|part| !part.value.is_array()));
        }
        schemas.retain(|_, parts| parts.iter().any(|part| !is_empty(part.value)));
        schemas
    }
}
