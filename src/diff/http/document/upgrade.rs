//! OpenAPI 3.0 → 3.1: schemas in the words of JSON Schema 2020-12.
//!
//! Words of 3.0 that stand in a document of 3.1 are read as they were meant: a reader of the data cannot know that they say
//! nothing there.

use serde_json::{Map, Value, json};

use super::spot::{Kind, Spot};

/// Nobody writes documents this deep; what stands below is kept as it is.
const DEEPEST: usize = 220;

/// How a document is to be read.
#[derive(Clone, Copy)]
pub struct Reading {
    /// Whether what stands beside a `$ref` counts.
    pub siblings: bool,
}

/// The document in the words of 3.1.
#[must_use]
pub fn upgraded(value: &Value, reading: Reading) -> Value {
    walk(value, Spot::One(Kind::Document), reading, 0)
}

fn walk(value: &Value, spot: Spot, reading: Reading, depth: usize) -> Value {
    if depth > DEEPEST || spot.is(Kind::Plain) {
        return value.clone();
    }
    match value {
        Value::Array(items) => Value::Array(items.iter().map(|item| walk(item, spot.entry(), reading, depth + 1)).collect()),
        Value::Object(members) => {
            if let (false, Some(reference), Spot::One(kind)) = (reading.siblings, reference_of(members), spot)
                && kind != Kind::PathItem
            {
                return json!({"$ref": reference});
            }
            let inner = members.iter().map(|(key, inner)| (key.clone(), walk(inner, spot.under(key), reading, depth + 1)));
            let out: Map<String, Value> = inner.collect();
            if spot.is(Kind::Schema) { Value::Object(modern(out)) } else { Value::Object(out) }
        }
        other => other.clone(),
    }
}

/// Where an object refers to.
pub fn reference_of(members: &Map<String, Value>) -> Option<&str> {
    members.get("$ref")?.as_str()
}

/// A schema without the words that JSON Schema does not know.
fn modern(mut schema: Map<String, Value>) -> Map<String, Value> {
    limit(&mut schema, "minimum", "exclusiveMinimum");
    limit(&mut schema, "maximum", "exclusiveMaximum");
    if let Some(example) = schema.remove("example") {
        schema.entry("examples").or_insert_with(|| json!([example]));
    }
    if let Some(Value::String(name)) = schema.get("discriminator") {
        let by_name = json!({"propertyName": name});
        schema.insert("discriminator".into(), by_name);
    }
    if schema.get("type") == Some(&json!("file")) {
        schema.insert("type".into(), json!("string"));
        schema.insert("format".into(), json!("binary"));
    }
    let said = ["nullable", "x-nullable"].map(|key| schema.remove(key));
    if said.iter().flatten().any(|value| value == &Value::Bool(true)) { nullable(schema) } else { schema }
}

/// `exclusiveMinimum: true` makes the minimum an exclusive one.
fn limit(schema: &mut Map<String, Value>, inclusive: &str, exclusive: &str) {
    let Some(is_exclusive) = schema.get(exclusive).and_then(Value::as_bool) else { return };
    schema.remove(exclusive);
    if is_exclusive && let Some(bound) = schema.remove(inclusive) {
        schema.insert(exclusive.into(), bound);
    }
}

/// The schema, with null as a further value.
fn nullable(mut schema: Map<String, Value>) -> Map<String, Value> {
    let null = json!("null");
    match schema.get_mut("type") {
        Some(Value::Array(types)) => {
            if !types.contains(&null) {
                types.push(null);
            }
        }
        Some(kind) => *kind = Value::Array(vec![kind.take(), null]),
        None => {
            let composed = ["$ref", "allOf", "anyOf", "oneOf", "enum", "const"].iter().any(|key| schema.contains_key(*key));
            return if composed { null_beside(schema) } else { schema };
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    schema
}

/// Null as an alternative to a schema that names no type; what says nothing about values stays outside.
fn null_beside(schema: Map<String, Value>) -> Map<String, Value> {
    if let [(key, Value::Array(values))] = schema.iter().collect::<Vec<_>>()[..]
        && key == "enum"
    {
        let values: Vec<Value> = values.iter().cloned().chain((!values.contains(&Value::Null)).then_some(Value::Null)).collect();
        return Map::from_iter([("enum".to_owned(), Value::Array(values))]);
    }
    let words = ["title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples", "externalDocs"];
    let (mut outer, inner): (Map<String, Value>, Map<String, Value>) =
        schema.into_iter().partition(|(key, _)| words.contains(&key.as_str()) || key.starts_with("x-"));
    outer.insert("anyOf".into(), json!([inner, {"type": "null"}]));
    outer
}
