//! One pair of schemas, judged by every family of rules.

use std::rc::Rc;

use serde_json::Value;

use super::graph::{Child, Frame, Graph, Side};
use super::node::{Home, Part, is_written_alike};
use super::shape::Shape;
use super::types::brief;
use crate::diff::catalogue;
use crate::diff::change::Level;

/// A change where it was found: in the pair itself, or one step below.
#[derive(Clone, Debug)]
pub struct Local {
    pub rule: String,
    pub level: Level,
    pub step: String,
    /// The named schema, and where in it.
    pub shared: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// Both values as one text.
    pub values: String,
    /// The number of what it tells of a named schema, the same wherever it is met; none outside of named schemas.
    pub identity: Option<usize>,
}

/// Where a change stands, and in which context.
#[derive(Clone, Debug, Default)]
pub struct Spot {
    pub step: String,
    pub home: Option<Rc<Home>>,
    /// A level of its own.
    pub level: Option<Level>,
}

impl Spot {
    /// The same, at a level.
    pub fn at(self, level: Level) -> Self {
        Self { level: Some(level), ..self }
    }

    /// The same, as information where this holds.
    pub fn info_if(self, harmless: bool) -> Self {
        if harmless { self.at(Level::Info) } else { self }
    }
}

/// Whether a verdict hurts nobody.
pub fn is_harmless(verdict: Option<Level>) -> bool {
    verdict.is_none_or(|level| level == Level::Info)
}

/// Judges one pair.
pub struct Judge<'g, 'a> {
    pub graph: &'g mut Graph<'a>,
    pub before: Rc<Shape<'a>>,
    pub after: Rc<Shape<'a>>,
    pub frame: Frame,
    changes: Vec<Local>,
    children: Vec<Child>,
}

impl<'g, 'a> Judge<'g, 'a> {
    pub fn new(graph: &'g mut Graph<'a>, shapes: (Rc<Shape<'a>>, Rc<Shape<'a>>), frame: Frame) -> Self {
        let (before, after) = shapes;
        Self { graph, before, after, frame, changes: Vec::new(), children: Vec::new() }
    }

    /// What changed in the pair itself, and the pairs below it. Of a `full` graph nothing more is looked at.
    pub fn judge(mut self, full: bool) -> (Vec<Local>, Vec<Child>) {
        let full = full || self.before.is_too_much || self.after.is_too_much;
        if full || self.before.unknown != self.after.unknown {
            self.opaque(full);
            return (self.changes, self.children);
        }
        self.annotations();
        self.defaults();
        self.discriminators();
        if self.alternatives() {
            return (self.changes, self.children);
        }
        if self.branches() {
            return (self.changes, self.children);
        }
        if self.types() {
            self.values();
            return (self.changes, self.children);
        }
        self.xml();
        self.values();
        self.limits();
        self.text();
        self.properties();
        self.objects();
        self.arrays();
        self.conditions();
        (self.changes, self.children)
    }

    /// What cannot be looked into: a reference out of the document, or one too many.
    fn opaque(&mut self, full: bool) {
        let same = full && self.before.parts.len() == self.after.parts.len();
        let mut parts = self.before.parts.iter().zip(&self.after.parts);
        if same && parts.all(|(before, after)| is_written_alike(before.value, after.value)) {
            return;
        }
        let name = |shape: &Shape<'a>| match shape.unknown.first() {
            Some(reference) => Value::String(reference.clone()),
            None => brief(shape),
        };
        let (before, after) = (name(&self.before), name(&self.after));
        let spot = self.spot("$ref");
        self.tell("type-changed", spot, Some(before), Some(after));
    }

    /// Where a keyword stands.
    pub fn spot(&self, keyword: &str) -> Spot {
        let of = |shape: &Shape<'a>| shape.first(keyword).map(|_| shape.home_of(keyword));
        let home = of(&self.after).or_else(|| of(&self.before)).unwrap_or_else(|| self.after.home());
        Spot { home, ..Spot::default() }
    }

    /// A member of a part.
    pub fn spot_at(&self, part: Option<&Part<'a>>, step: impl Into<String>) -> Spot {
        Spot { home: part.and_then(|part| part.home.clone()), step: step.into(), level: None }
    }

    /// A change under a rule of this direction.
    pub fn tell(&mut self, suffix: &str, spot: Spot, before: Option<Value>, after: Option<Value>) {
        self.tell_rule(format!("{}-{suffix}", self.frame.direction.prefix()), spot, before, after);
    }

    /// A change under a rule of any direction.
    pub fn tell_rule(&mut self, rule: String, spot: Spot, before: Option<Value>, after: Option<Value>) {
        let own = || catalogue::rule(&rule).map(|rule| rule.level);
        let level = spot.level.or_else(own).unwrap_or(Level::Breaking);
        let shared = spot.home.map(|home| home.text(&spot.step));
        let text = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
        let values = format!("{}\0{}", text(&before), text(&after));
        let identity = shared.as_ref().map(|shared| self.graph.identity(format!("{rule}\0{shared}\0{values}")));
        self.changes.push(Local { rule, level, step: spot.step, shared, before, after, values, identity });
    }

    /// Compares what stands below.
    pub fn below(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>, step: impl Into<String>) {
        let frame = self.frame.below();
        self.child(before, after, step.into(), frame, false);
    }

    /// Compares something below, in a frame.
    pub fn child(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>, step: String, frame: Frame, muted: bool) {
        let pair = self.graph.pair(before, after, frame);
        self.children.push(Child { step, pair, muted });
    }

    /// The worst that would be told of two schemas.
    pub fn trial(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>) -> Option<Level> {
        let frame = Frame { no_null: self.frame.no_null, ..self.frame.below() };
        self.graph.trial(before, after, frame)
    }

    /// Whether going from one schema to the other hurts nobody.
    pub fn is_harmless(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>) -> bool {
        is_harmless(self.trial(before, after))
    }

    /// Whether going from one schema to the other hurts nobody when the data flows the other way.
    pub fn is_harmless_reversed(&mut self, before: Vec<Part<'a>>, after: Vec<Part<'a>>) -> bool {
        let frame = Frame { direction: self.frame.direction.reversed(), ..self.frame.below() };
        is_harmless(self.graph.trial(before, after, frame))
    }

    /// A schema of the earlier document, merged.
    pub fn shape_before(&mut self, parts: &[Part<'a>]) -> Rc<Shape<'a>> {
        self.graph.shape(Side::Before, parts)
    }

    /// A schema of the later document, merged.
    pub fn shape_after(&mut self, parts: &[Part<'a>]) -> Rc<Shape<'a>> {
        self.graph.shape(Side::After, parts)
    }
}
