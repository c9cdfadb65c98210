//! Branches of `allOf`. They are merged, so a change within one is told where it stands; here are branches that come and go.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::Direction;
use super::judge::{Judge, Spot};
use super::node::{Part, is_written_alike};
use super::shape::{Branch, Shape, is_empty};
use crate::diff::change::Level;

/// Branches that one side has and the other one has not.
struct Unmatched<'a> {
    named: BTreeMap<Rc<str>, Part<'a>>,
    /// How many without a name say something.
    inline: usize,
    /// How many say nothing about values.
    silent: usize,
}

impl<'a> Unmatched<'a> {
    fn of(one: &Shape<'a>, other: &Shape<'a>) -> Self {
        let known: HashSet<&Rc<str>> =
            other.branches.iter().filter_map(|branch| branch.name.as_ref()).chain(other.homes.iter().map(|home| &home.name)).collect();
        let mut named = BTreeMap::new();
        let mut inline: Vec<&Branch<'a>> = Vec::new();
        for branch in &one.branches {
            match &branch.name {
                Some(name) if known.contains(name) => {}
                Some(name) => drop(named.insert(name.clone(), branch.part.clone())),
                None => inline.push(branch),
            }
        }
        let mut rest: Vec<&Value> = other.branches.iter().filter(|branch| branch.name.is_none()).map(|branch| branch.part.value).collect();
        inline.retain(|branch| {
            match rest
                .iter()
                .position(|value| is_written_alike(value, branch.part.value) || (is_empty(value) && is_empty(branch.part.value)))
            {
                Some(at) => {
                    rest.remove(at);
                    false
                }
                None => true,
            }
        });
        let silent = inline.iter().filter(|branch| is_empty(branch.part.value)).count();
        Self { named, inline: inline.len() - silent, silent }
    }
}

impl<'a> Judge<'_, 'a> {
    /// Branches that come and go. True when everything else is compared without them.
    pub fn branches(&mut self) -> bool {
        let (before, after) = (self.before.clone(), self.after.clone());
        if before.branches.is_empty() || after.branches.is_empty() {
            return false;
        }
        let (gone, new) = (Unmatched::of(&before, &after), Unmatched::of(&after, &before));
        if gone.silent != new.silent {
            let spot = Spot { home: after.home(), ..Spot::default() };
            self.tell("all-of-branch-annotation-only", spot, None, None);
        }
        let list = |named: &BTreeMap<Rc<str>, Part<'a>>| named.keys().map(|name| Value::from(&**name)).collect::<Vec<_>>();
        let spot = self.spot("allOf");
        match (gone.named.len(), new.named.len()) {
            (0, 1..) if gone.inline == 0 => {
                for name in list(&new.named) {
                    self.tell("all-of-branch-added", spot.clone(), None, Some(name));
                }
                self.without(None, Some(&new.named))
            }
            (1.., 0) if new.inline == 0 && self.is_same_merged() => {
                for name in list(&gone.named) {
                    self.tell("all-of-branch-removed", spot.clone(), Some(name), None);
                }
                false
            }
            (1, 1) => self.replaced(&gone.named, &new.named, spot),
            _ => false,
        }
    }

    fn replaced(&mut self, gone: &BTreeMap<Rc<str>, Part<'a>>, new: &BTreeMap<Rc<str>, Part<'a>>, spot: Spot) -> bool {
        let (Some((old_name, old)), Some((new_name, part))) = (gone.first_key_value(), new.first_key_value()) else { return false };
        let names = (Value::from(&**old_name), Value::from(&**new_name));
        let Some(level) = self.trial(vec![old.clone()], vec![part.clone()]) else { return false };
        // What readers lose is told member by member.
        if self.frame.direction == Direction::Output && !self.is_same_merged() {
            return false;
        }
        self.tell("all-of-branch-changed", spot.info_if(level == Level::Info), Some(names.0), Some(names.1));
        self.without(Some(gone), Some(new))
    }

    /// Whether both sides say the same when all branches are merged.
    fn is_same_merged(&mut self) -> bool {
        let flat = |shape: &Shape<'a>| shape.parts.iter().map(|part| Part { flat: true, ..part.clone() }).collect::<Vec<_>>();
        let (before, after) = (flat(&self.before), flat(&self.after));
        self.trial(before, after).is_none()
    }

    /// Compares what is left without some branches.
    fn without(&mut self, gone: Option<&BTreeMap<Rc<str>, Part<'a>>>, new: Option<&BTreeMap<Rc<str>, Part<'a>>>) -> bool {
        let (before, after) = (self.before.clone(), self.after.clone());
        let drop = |judge: &mut Self, shape: &Shape<'a>, branches: Option<&BTreeMap<Rc<str>, Part<'a>>>, is_before: bool| {
            let mut dropped = HashSet::new();
            let mut kept = HashSet::new();
            for branch in &shape.branches {
                let part = std::slice::from_ref(&branch.part);
                let inner = if is_before { judge.shape_before(part) } else { judge.shape_after(part) };
                let is_dropped = branches.is_some_and(|branches| branch.name.as_ref().is_some_and(|name| branches.contains_key(name)));
                let set = if is_dropped { &mut dropped } else { &mut kept };
                set.extend(inner.parts.iter().map(|part| std::ptr::from_ref(part.value)));
            }
            let left = shape
                .parts
                .iter()
                .filter(|part| !dropped.contains(&std::ptr::from_ref(part.value)) || kept.contains(&std::ptr::from_ref(part.value)));
            left.map(|part| Part { flat: true, ..part.clone() }).collect::<Vec<_>>()
        };
        let (before, after) = (drop(self, &before, gone, true), drop(self, &after, new, false));
        if before.is_empty() || after.is_empty() {
            return true;
        }
        let frame = self.frame;
        self.child(before, after, String::new(), frame, false);
        true
    }
}
