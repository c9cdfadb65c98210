//! Members of objects: there or not, required or not, for one direction only, deprecated.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Direction;
use super::judge::Judge;
use super::node::Part;
use super::objects::Extra;
use super::shape::Shape;
use super::types::brief;
use crate::diff::change::Level;

/// How many members may be gone and new for renames to be looked for.
const MAX_RENAMED: usize = 8;

type Members<'a> = BTreeMap<&'a str, Vec<Part<'a>>>;

/// The members of both sides, and what is required of them.
struct Both<'a> {
    before: Members<'a>,
    after: Members<'a>,
}

/// The names that were and are required.
struct Needs<'a> {
    before: BTreeSet<&'a str>,
    after: BTreeSet<&'a str>,
}

impl Needs<'_> {
    fn of(&self, name: &str) -> (bool, bool) {
        (self.before.contains(name), self.after.contains(name))
    }
}

impl<'a> Judge<'_, 'a> {
    /// All named members.
    pub fn properties(&mut self) {
        let mut both = Both { before: self.before.members("properties"), after: self.after.members("properties") };
        both.before.retain(|_, parts| !is_refused(parts));
        both.after.retain(|_, parts| !is_refused(parts));
        self.renamed(&mut both);
        let needs = Needs { before: self.before.required().into_keys().collect(), after: self.after.required().into_keys().collect() };
        let names: BTreeSet<&str> = both.before.keys().chain(both.after.keys()).copied().collect();
        for name in names {
            match (both.before.remove(name), both.after.remove(name)) {
                (Some(before), Some(after)) => self.kept((name, needs.of(name)), before, after),
                (Some(before), None) => self.removed((name, needs.of(name)), before),
                (None, Some(after)) => self.added((name, needs.of(name)), after),
                (None, None) => {}
            }
        }
        self.only_required(&needs);
    }

    /// Whether this direction does not use a member.
    fn is_muted(&self, shape: &Shape<'a>) -> bool {
        shape.says(match self.frame.direction {
            Direction::Input => "readOnly",
            Direction::Output => "writeOnly",
        })
    }

    fn kept(&mut self, (name, needs): (&str, (bool, bool)), before: Vec<Part<'a>>, after: Vec<Part<'a>>) {
        let shapes = (self.shape_before(&before), self.shape_after(&after));
        let muted = self.is_muted(&shapes.0) || self.is_muted(&shapes.1);
        self.requirement((name, needs), muted);
        self.marks((name, needs), (&shapes.0, &shapes.1), after.first());
        let frame = self.frame.below();
        self.child(before, after, format!(".{name}"), frame, muted);
    }

    /// Whether a member must be there.
    fn requirement(&mut self, (name, (was, is)): (&str, (bool, bool)), muted: bool) {
        if was == is {
            return;
        }
        let (rule, shape) = if is { ("property-became-required", &self.after) } else { ("property-became-optional", &self.before) };
        let part = shape.required_by(name);
        let spot = self.spot_at(part, format!(".{name}")).info_if(muted);
        self.tell(rule, spot, Some(requirement(was)), Some(requirement(is)));
    }

    /// `readOnly`, `writeOnly`, `deprecated`.
    fn marks(&mut self, (name, needs): (&str, (bool, bool)), (before, after): (&Shape<'a>, &Shape<'a>), part: Option<&Part<'a>>) {
        for (keyword, marked, unmarked) in [
            ("readOnly", "property-became-read-only", "property-became-not-read-only"),
            ("writeOnly", "property-became-write-only", "property-became-not-write-only"),
            ("deprecated", "property-deprecated", "property-undeprecated"),
        ] {
            let (was, is) = (before.says(keyword), after.says(keyword));
            if was == is {
                continue;
            }
            let spot = super::judge::Spot { home: part.and_then(|part| part.home.clone()), ..Default::default() };
            let needed = !is && keyword == "readOnly" && self.frame.direction == Direction::Input && needs == (true, true);
            let spot = if needed { spot.at(Level::Breaking) } else { spot };
            self.tell_member(if is { marked } else { unmarked }, name, spot);
        }
    }

    /// A change of a member's mark; its home is that of the member itself.
    fn tell_member(&mut self, rule: &str, name: &str, spot: super::judge::Spot) {
        let home = spot.home.map(|home| {
            let path = home.path.strip_suffix(&format!(".{name}")).unwrap_or(&home.path).to_owned();
            std::rc::Rc::new(super::node::Home { name: home.name.clone(), path })
        });
        let spot = super::judge::Spot { home, step: format!(".{name}"), level: spot.level };
        self.tell(rule, spot, None, None);
    }

    fn removed(&mut self, (name, needs): (&str, (bool, bool)), before: Vec<Part<'a>>) {
        let shape = self.shape_before(&before);
        let muted = self.is_muted(&shape);
        if let Some(described) = self.after.described(name) {
            self.requirement((name, needs), muted);
            let frame = self.frame.below();
            return self.child(before, described, format!(".{name}"), frame, muted);
        }
        let (required, still) = needs;
        let closed = self.after.is_closed();
        if still && !closed {
            self.requirement((name, needs), muted);
            return self.below(before, Vec::new(), format!(".{name}"));
        }
        let (rule, level) = match self.frame.direction {
            Direction::Input if closed => ("property-removed", Some(Level::Breaking)),
            Direction::Input if shape.says("deprecated") => ("property-removed", Some(Level::Info)),
            Direction::Input => ("property-removed", None),
            Direction::Output if required => ("required-property-removed", None),
            Direction::Output => ("optional-property-removed", None),
        };
        let mut spot = self.spot_of_member(before.first(), name);
        spot.level = level;
        self.tell(rule, spot.info_if(muted), Some(brief(&shape)), None);
    }

    fn added(&mut self, (name, needs): (&str, (bool, bool)), after: Vec<Part<'a>>) {
        let shape = self.shape_after(&after);
        let muted = self.is_muted(&shape);
        let (was, required) = needs;
        if let Some(described) = self.before.described(name) {
            self.requirement((name, needs), muted);
            let frame = self.frame.below();
            return self.child(described, after, format!(".{name}"), frame, muted);
        }
        if was {
            self.requirement((name, needs), muted);
            return self.below(Vec::new(), after, format!(".{name}"));
        }
        let refused = self.frame.direction == Direction::Output && self.before.is_closed();
        let mut spot = self.spot_of_member(after.first(), name);
        spot.level = refused.then_some(Level::Warning);
        let rule = if required { "required-property-added" } else { "optional-property-added" };
        self.tell(rule, spot.info_if(muted), None, Some(brief(&shape)));
    }

    /// A member where it is described; its part stands one step below.
    fn spot_of_member(&self, part: Option<&Part<'a>>, name: &str) -> super::judge::Spot {
        let step = format!(".{name}");
        let home = part.and_then(|part| part.home.as_ref()).map(|home| {
            let path = home.path.strip_suffix(&step).unwrap_or(&home.path).to_owned();
            std::rc::Rc::new(super::node::Home { name: home.name.clone(), path })
        });
        super::judge::Spot { step, home, level: None }
    }

    /// Names that are required and described nowhere.
    fn only_required(&mut self, needs: &Needs<'a>) {
        let described = |shape: &Shape<'a>, name: &str| {
            shape.all("properties").any(|(_, members)| members.get(name).is_some_and(|member| member != &Value::Bool(false)))
        };
        let (before, after) = (self.before.clone(), self.after.clone());
        for name in needs.before.symmetric_difference(&needs.after) {
            if !described(&before, name) && !described(&after, name) {
                self.requirement((name, needs.of(name)), false);
            }
        }
    }

    /// Members that have another name and are otherwise the same.
    fn renamed(&mut self, both: &mut Both<'a>) {
        let gone: Vec<&str> = both.before.keys().filter(|name| !both.after.contains_key(*name)).copied().collect();
        let mut new: Vec<&str> = both.after.keys().filter(|name| !both.before.contains_key(*name)).copied().collect();
        if gone.is_empty() || new.is_empty() || gone.len().max(new.len()) > MAX_RENAMED {
            return;
        }
        for old in gone {
            let Some(at) = new.iter().position(|name| self.is_renamed(both, old, name)) else { continue };
            let name = new.remove(at);
            let (Some(before), Some(after)) = (both.before.remove(old), both.after.remove(name)) else { continue };
            let shape = self.shape_before(&before);
            let spot = self.spot_of_member(after.first(), name).info_if(self.is_muted(&shape));
            self.tell("property-renamed", spot, Some(Value::from(old)), Some(Value::from(name)));
        }
    }

    fn is_renamed(&mut self, both: &Both<'a>, old: &str, new: &str) -> bool {
        let required = (self.before.required().contains_key(old), self.after.required().contains_key(new));
        if required.0 != required.1 || self.after.required().contains_key(old) {
            return false;
        }
        let (Some(before), Some(after)) = (both.before.get(old), both.after.get(new)) else { return false };
        let described = |parts: &[Part<'a>]| {
            parts.iter().find_map(|part| part.value.get("description").and_then(Value::as_str)).filter(|text| text.len() > 8)
        };
        let alike = fold(old) == fold(new) || described(before).is_some_and(|text| described(after) == Some(text));
        alike && self.trial(before.clone(), after.clone()).is_none()
    }
}

fn requirement(needed: bool) -> Value {
    Value::from(if needed { "required" } else { "optional" })
}

/// `user_name`, `userName` and `User-Name` are alike.
fn fold(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A member that must not be there.
fn is_refused(parts: &[Part<'_>]) -> bool {
    parts.iter().any(|part| part.value == &Value::Bool(false))
}

impl<'a> Shape<'a> {
    /// Whether members without a description are refused.
    pub fn is_closed(&self) -> bool {
        matches!(self.extra("additionalProperties"), Extra::Closed) || matches!(self.extra("unevaluatedProperties"), Extra::Closed)
    }

    /// What describes a member that is not named: patterns of names, or the schema of all other members.
    pub fn described(&self, name: &str) -> Option<Vec<Part<'a>>> {
        let patterns = self.members("patternProperties");
        let matching = patterns.into_iter().filter(|(pattern, _)| regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(name)));
        let parts: Vec<Part<'a>> = matching.flat_map(|(_, parts)| parts).collect();
        if !parts.is_empty() {
            return Some(parts);
        }
        match self.extra("additionalProperties") {
            Extra::Schema(parts) => Some(parts),
            Extra::Open | Extra::Closed => None,
        }
    }
}
