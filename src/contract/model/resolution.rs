//! Answers to what the code alone does not tell: given by a model and grounded in the code, or by a person.
//!
//! Lines never stand in them: an edit above a handler must not change an answer.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Action, Confidence, Method, Origin};

/// The answer to one question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resolution {
    /// The id of the gap, or of the question when no contract lists it.
    pub gap: String,
    /// The gap's code: `route-path-unknown`. It decides which form the value has.
    pub code: String,
    /// What the gap is about: `GET /users/{id}`.
    pub subject: String,
    /// The question that was asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// Who answered: `model` or `human`. An answer of a person needs no evidence, and no model replaces it.
    #[serde(deserialize_with = "answering")]
    pub origin: Origin,
    /// The answer, in the form that its code asks for.
    pub value: Value,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
    /// How many models said the same; 0 for a person.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub votes: u8,
    /// Which models said so, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// The prompt and its version: `api_extraction@1`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prompt: String,
    /// What in the code says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Quote>,
    /// What a person wants to say about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A place in the code that an answer rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quote {
    /// Path from the repository's root.
    pub file: String,
    /// The declaration; empty when it is the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// One line as it stands there, secrets masked, at most 120 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub quote: String,
    /// BLAKE3 of the declaration's text, or of the file's when it names none. When the code no longer has it, the answer is stale.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
}

/// Who stands behind a part of the contract that the code alone does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// `model` or `human`.
    pub origin: Origin,
    /// How sure it is; low once the answer is stale.
    pub confidence: Confidence,
    /// The code it rests on has changed since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
}

/// What a file promises that no reader knows, or what a place does that no reader could follow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileFindings {
    /// HTTP operations it serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<FoundOperation>,
    /// Tables and collections it declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<FoundTable>,
    /// Channels it sends to or hears.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<FoundChannel>,
}

/// An HTTP operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundOperation {
    /// The method.
    pub method: Method,
    /// The whole path as it is served, parameters in braces: `/api/users/{id}`.
    pub path: String,
    /// The handler.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// One line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// JSON Schema of the request's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
    /// JSON Schema of the response by status; null when there is no body.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub responses: BTreeMap<String, Value>,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
    /// The path could not be composed from the code: kept here, and in no contract.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub candidate: bool,
}

/// A table or collection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundTable {
    /// Its name.
    pub name: String,
    /// The model that declares it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// Its columns in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<FoundColumn>,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundColumn {
    /// Its name.
    pub name: String,
    /// Its type in SQL.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether it may be null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// Whether it is the primary key or part of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub key: bool,
}

/// One end of a channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundChannel {
    /// Which way, seen from the file.
    pub action: Action,
    /// The channel's address.
    pub channel: String,
    /// How messages travel: `kafka`, `amqp`, `nats`.
    pub protocol: String,
    /// The function that sends or hears.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// JSON Schema of the payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
}

/// What a feature is for, and what its operations do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Described {
    /// One or two sentences.
    pub purpose: String,
    /// One line for operations that have none, by method and path: `GET /users`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub summaries: BTreeMap<String, String>,
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

fn answering<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Origin, D::Error> {
    match Origin::deserialize(deserializer)? {
        origin @ (Origin::Model | Origin::Human) => Ok(origin),
        other => Err(serde::de::Error::custom(format!("`{other:?}` does not answer: it is `model` or `human`").to_lowercase())),
    }
}
