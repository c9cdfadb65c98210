//! The forms of answers, one small schema for each step: every property required, every object closed, what may be missing is
//! null. No form can say that something is to be removed or replaced.

use serde_json::{Map, Value, json};

use super::Step;
use crate::contract::model::Method;

/// The form of a step's answers.
#[must_use]
pub fn schema_of(step: Step) -> Value {
    match step {
        Step::RepositoryUnderstanding => understanding(),
        Step::Triage | Step::DeepDive | Step::Repair => triage(),
        Step::FeatureAnalysis => answers(vec![
            ("value", nullable("string")),
            ("summaries", list(object(vec![("operation", text()), ("value", text()), ("citation", citation())]))),
            ("citations", list(citation())),
        ]),
        Step::ApiValues | Step::EventValues | Step::ContractMerging => {
            answers(vec![("value", nullable("string")), ("citations", list(citation()))])
        }
        Step::ApiTypes | Step::SchemaTypes => answers(vec![("bodies", list(body()))]),
        Step::ApiExtraction => found("operations", operation()),
        Step::SchemaAnalysis => found("tables", table()),
        Step::EventFlow => found("channels", channel()),
    }
}

/// A schema in one line.
#[must_use]
pub fn compact(schema: &Value) -> String {
    schema.to_string()
}

fn object(properties: Vec<(&str, Value)>) -> Value {
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let required = json!(required);
    let properties: Map<String, Value> = properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn boolean() -> Value {
    json!({"type": "boolean"})
}

fn nullable(ty: &str) -> Value {
    json!({"type": [ty, "null"]})
}

fn one_of(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

fn citation() -> Value {
    object(vec![("file", text()), ("line", json!({"type": "integer"})), ("quote", text())])
}

/// A citation that may be missing.
fn citation_or_null() -> Value {
    let mut citation = citation();
    if let Some(citation) = citation.as_object_mut() {
        citation.insert("type".into(), json!(["object", "null"]));
    }
    citation
}

/// One entry for each question.
fn answers(mut own: Vec<(&str, Value)>) -> Value {
    own.insert(0, ("question", text()));
    own.extend([("evidence", text()), ("needs", list(text()))]);
    object(vec![("answers", list(object(own)))])
}

/// A list of what a file declares.
fn found(name: &str, item: Value) -> Value {
    object(vec![(name, list(item)), ("needs", list(text()))])
}

fn understanding() -> Value {
    object(vec![
        ("summary", nullable("string")),
        ("citations", list(citation())),
        ("libraries", list(object(vec![("name", text()), ("citation", citation())]))),
        ("prefixes", list(object(vec![("prefix", text()), ("citation", citation())]))),
        ("evidence", text()),
    ])
}

fn triage() -> Value {
    let file = vec![
        ("file", text()),
        ("operations", boolean()),
        ("mounts", boolean()),
        ("tables", boolean()),
        ("channels", boolean()),
        ("evidence", text()),
    ];
    object(vec![("files", list(object(file)))])
}

fn operation() -> Value {
    let methods: Vec<String> = Method::ALL.iter().map(Method::to_string).collect();
    let methods: Vec<&str> = methods.iter().map(String::as_str).collect();
    object(vec![
        ("method", one_of(&methods)),
        ("path", text()),
        ("parts", list(object(vec![("text", text()), ("citation", citation())]))),
        ("method_at", citation_or_null()),
        ("handler", text()),
        ("summary", text()),
        ("evidence", text()),
    ])
}

fn table() -> Value {
    let column =
        vec![("name", text()), ("type", nullable("string")), ("nullable", boolean()), ("key", boolean()), ("citation", citation())];
    object(vec![("name", text()), ("citation", citation()), ("columns", list(object(column))), ("evidence", text())])
}

/// What carries messages, as contracts call it.
pub const PROTOCOLS: [&str; 11] = ["kafka", "amqp", "nats", "redis", "sqs", "sns", "googlepubsub", "mqtt", "pulsar", "stomp", "jms"];

fn channel() -> Value {
    let mut protocols: Vec<Value> = PROTOCOLS.iter().map(|name| json!(name)).collect();
    protocols.push(Value::Null);
    object(vec![
        ("action", one_of(&["send", "receive"])),
        ("address", text()),
        ("protocol", json!({"type": ["string", "null"], "enum": protocols})),
        ("symbol", text()),
        ("citations", list(citation())),
        ("evidence", text()),
    ])
}

fn body() -> Value {
    let field = vec![
        ("path", text()),
        ("type", one_of(&["string", "integer", "number", "boolean", "object", "array", "any"])),
        ("format", nullable("string")),
        ("required", boolean()),
        ("nullable", boolean()),
        ("citation", citation()),
    ];
    object(vec![
        ("status", text()),
        ("root", one_of(&["object", "array", "string", "integer", "number", "boolean", "none"])),
        ("citation", citation()),
        ("fields", list(object(field))),
    ])
}
