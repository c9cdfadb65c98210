//! What a feature sends and hears: one entry for each channel and direction, close to what AsyncAPI 3.0 can say.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Confidence, Evidence, Gap, Origin};

/// One feature's end of a channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Which way.
    pub action: Action,
    /// The channel's address; parts that are not known as `{name}`.
    pub channel: String,
    /// How messages travel: `kafka`, `amqp`, `internal`.
    pub protocol: String,
    /// What the channel is: `topic`, `queue`, `exchange`, `job`, `signal`.
    pub kind: String,
    /// Messages never leave the process.
    pub is_internal: bool,
    /// Other names of the channel.
    pub aliases: Vec<String>,
    /// What the broker is told besides: `queue`, `exchange`, `routingKey`, `groupId`.
    pub bindings: BTreeMap<String, String>,
    /// What is sent or heard.
    pub messages: Vec<Message>,
    /// When it runs by itself.
    pub schedules: Vec<String>,
    /// Documentation.
    pub description: String,
    /// The slugs of the features at the other end.
    pub counterparts: Vec<String>,
    /// Framework ids.
    pub frameworks: Vec<String>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where the code stands; settling keeps the first ten.
    pub evidence: Vec<Evidence>,
    /// What could not be told of it.
    pub gaps: Vec<Gap>,
}

/// Which way messages go, seen from the feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It sends.
    #[default]
    Send,
    /// It hears.
    Receive,
}

impl Action {
    /// AsyncAPI's word.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Receive => "receive",
        }
    }
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its name; empty asks settling for one.
    pub name: String,
    /// JSON Schema of its payload; `{}` is anything.
    pub payload: Value,
    /// JSON Schema of its headers; null when nothing is said.
    pub headers: Value,
}

/// A broker that a feature connects to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Broker {
    /// How it speaks.
    pub protocol: String,
    /// Its host; parts that settings say as `{name}`.
    pub host: String,
    /// Where it is said.
    pub evidence: Evidence,
}
