//! JSON Schemas, in the direction the data flows: what is accepted may only widen, what is emitted may only narrow.
//!
//! Two schemas make a pair. A pair is judged on its own (`judge`): references are followed, `allOf` is merged, null is taken
//! out of alternatives (`shape`). What lies below it becomes further pairs (`graph`); each pair is judged once, so cycles end
//! and a change of a shared schema costs one comparison however many places use it.

mod alternatives;
mod annotations;
mod arrays;
mod branches;
pub mod components;
mod conditions;
mod discriminators;
mod graph;
mod judge;
mod limits;
mod node;
mod objects;
mod properties;
mod shape;
mod text;
pub mod told;
mod types;
mod values;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::change::Level;
use graph::Graph;
use node::Part;
use told::Told;

/// Which way data flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The application accepts it: bodies and parameters of requests, messages it receives.
    Input,
    /// The application emits it: bodies and headers of responses, messages it sends.
    Output,
}

impl Direction {
    /// How rules of this direction begin.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }

    /// The other way.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Input => Self::Output,
            Self::Output => Self::Input,
        }
    }
}

/// What kind of place a schema describes; some rules judge by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A body of a request or response.
    #[default]
    Body,
    /// A parameter.
    Parameter,
    /// A header of a response or message.
    Header,
    /// The payload of a message.
    Payload,
    /// A body whose values travel as text: fields of a form, plain text.
    Text,
}

impl Place {
    /// Whether values travel as text here, so that every number is a text as well.
    fn is_text(self) -> bool {
        matches!(self, Self::Parameter | Self::Header | Self::Text)
    }
}

/// One change of a schema.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaChange {
    /// The rule's id.
    pub rule: String,
    /// How bad it is, in its context.
    pub level: Level,
    /// Where under the compared schema: `items[].price`.
    pub path: String,
    /// The named schema it stands in, and where in it: `Order.items[].price`.
    pub shared: Option<String>,
    /// What was there.
    pub before: Option<Value>,
    /// What is there now.
    pub after: Option<Value>,
}

impl SchemaChange {
    /// By path, then by rule.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let values = |change: &Self| (change.before.as_ref().map(Value::to_string), change.after.as_ref().map(Value::to_string));
        let quick = self.path.cmp(&other.path).then_with(|| self.rule.cmp(&other.rule));
        quick.then_with(|| (&self.shared, self.level).cmp(&(&other.shared, other.level))).then_with(|| values(self).cmp(&values(other)))
    }
}

/// Compares schemas of two documents; each pair of them once.
pub struct Comparer<'a> {
    graph: Graph<'a>,
}

impl<'a> Comparer<'a> {
    /// Of two whole documents, in which references are looked up.
    #[must_use]
    pub fn new(before: &'a Value, after: &'a Value) -> Self {
        Self { graph: Graph::new(before, after) }
    }

    /// The changes from one schema to another, sorted by path and rule. Both are OpenAPI 3.1 (JSON Schema 2020-12); older
    /// documents are brought there first.
    pub fn compare(&mut self, before: &'a Value, after: &'a Value, direction: Direction, place: Place) -> Vec<SchemaChange> {
        let told = self.told(before, after, direction, place);
        let mut changes: Vec<SchemaChange> = told.all().map(|met| told.written(&met)).collect();
        changes.sort_by(SchemaChange::order);
        changes.dedup();
        changes
    }

    /// The same in no order, not written out: of schemas that many places share, most was told elsewhere.
    pub fn told(&mut self, before: &'a Value, after: &'a Value, direction: Direction, place: Place) -> Told<'_> {
        self.graph.changes(Part::new(before), Part::new(after), direction, place)
    }
}
