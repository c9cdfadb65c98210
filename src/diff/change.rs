//! One change: which rule it falls under, how bad it is, and where it stands in the words of the contract.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalogue;

/// How much a change matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Somebody who relied on the promise is let down.
    Breaking,
    /// May hurt somebody.
    Warning,
    /// Hurts nobody.
    #[default]
    Info,
}

/// What kind of contract a change is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Domain {
    /// HTTP operations.
    #[default]
    Http,
    /// Channels and messages.
    Event,
    /// Tables and what belongs to them.
    Db,
    /// GraphQL types and operations.
    Graphql,
    /// gRPC services and protocol buffer types.
    Proto,
    /// What programs need to run.
    Infra,
    /// Features and what stands between them.
    Feature,
    /// The contracts themselves: drift, versions, acceptances.
    Meta,
}

/// Where a change stands, in the words of the contract: `POST /orders → 201 body.items[].price`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// What promises it: `POST /orders`, `orders` (a table), `order.created` (a channel), `User` (a type), `shop.v1.Order`.
    pub subject: String,
    /// Which part of it: `201 body`, `query parameter limit`, `column total`, `payload OrderCreated`; empty when it is all of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
    /// Where in the part's schema: `items[].price`; empty at its top.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The shared schema the change stands in, and where in it: `Order.items[].price`. Such a change is told once, however
    /// many operations it reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Its rule's id in the catalogue.
    pub rule: String,
    /// How bad it is, in its context.
    pub level: Level,
    /// What kind of contract it is about.
    pub contract: Domain,
    /// Where it stands.
    pub location: Location,
    /// What was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is there now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// What else the same change reaches: operations, channels, tables; sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affects: Vec<String>,
}

impl Change {
    /// A change under a rule, with the rule's own level.
    #[must_use]
    pub fn new(rule: impl Into<String>, contract: Domain, location: Location) -> Self {
        let rule = rule.into();
        let level = catalogue::rule(&rule).map(|rule| rule.level).unwrap_or_default();
        Self { rule, level, contract, location, before: None, after: None, affects: Vec::new() }
    }

    /// The same, at the level its context asks for.
    #[must_use]
    pub fn at_level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// The same, with what was there and what is there now.
    #[must_use]
    pub fn with(self, before: Option<Value>, after: Option<Value>) -> Self {
        Self { before, after, ..self }
    }

    /// What tells one change from another for good: twelve hexadecimal digits over rule, contract, place and new value. A
    /// change of a shared schema is known by its place there, whichever operation shows it first.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let place = match &self.location.shared {
            Some(shared) => format!("shared\0{shared}"),
            None => format!("{}\0{}\0{}", self.location.subject, self.location.part, self.location.path),
        };
        let after = self.after.as_ref().map(Value::to_string).unwrap_or_default();
        let text = format!("{}\0{:?}\0{place}\0{after}", self.rule, self.contract);
        blake3::hash(text.as_bytes()).to_hex()[..12].to_owned()
    }

    fn key(&self) -> (Level, Domain, &Location, &str) {
        (self.level, self.contract, &self.location, &self.rule)
    }

    fn texts(&self) -> (String, String) {
        let text = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
        (text(&self.before), text(&self.after))
    }
}

impl PartialOrd for Change {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The worst first, then by contract and place.
impl Ord for Change {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key()).then_with(|| self.texts().cmp(&other.texts()))
    }
}
