//! Schemas of AsyncAPI (a superset of JSON Schema draft 7) and of OpenAPI 3.0, brought to JSON Schema 2020-12. Schemas in
//! other languages are left in their wrapper `{schemaFormat, schema}`.

use serde_json::{Map, Value, json};

use crate::contract::schema::{Step, step_of};

/// Deeper schemas stay as they are.
const DEEPEST: usize = 200;
/// Where a schema's language stands once its wrapper is taken off.
pub const FORMAT: &str = "x-schema-format";

/// The language of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    /// AsyncAPI's own, JSON Schema, OpenAPI 3.1.
    Json,
    /// OpenAPI 3.0 with its `nullable`.
    OpenApi,
    /// Avro, protocol buffers, RAML, …
    Other,
}

/// The schemas of a message.
pub fn raise_message(message: &mut Value) {
    for key in ["payload", "headers"] {
        if let Some(schema) = message.get_mut(key) {
            raise(schema);
        }
    }
}

/// The schemas of the components.
pub fn raise_components(form: &mut Value) {
    let schemas = form.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    schemas.into_iter().flat_map(Map::values_mut).for_each(raise);
}

/// A schema, or a schema in its wrapper.
fn raise(schema: &mut Value) {
    let format = schema.get("schemaFormat").and_then(Value::as_str).map(str::to_owned);
    let (Some(format), true) = (format, schema.get("schema").is_some()) else {
        return upgrade(schema, Language::Json, 0);
    };
    let language = language_of(&format);
    if language == Language::Other {
        return;
    }
    let mut inner = schema["schema"].take();
    upgrade(&mut inner, language, 0);
    if let Some(members) = inner.as_object_mut().filter(|_| language == Language::OpenApi) {
        members.insert(FORMAT.to_owned(), json!(format));
    }
    *schema = inner;
}

fn language_of(format: &str) -> Language {
    let name = format.to_ascii_lowercase();
    let is = |prefix: &str| name.starts_with(prefix);
    if is("application/vnd.oai.openapi") {
        return if name.contains("version=3.0") { Language::OpenApi } else { Language::Json };
    }
    if is("application/vnd.aai.asyncapi") || is("application/schema") { Language::Json } else { Language::Other }
}

fn upgrade(schema: &mut Value, language: Language, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let Some(members) = schema.as_object_mut() else { return };
    tuples(members);
    dependencies(members);
    bounds(members);
    if let Some(Value::String(name)) = members.get("discriminator") {
        let name = json!({"propertyName": name});
        members.insert("discriminator".to_owned(), name);
    }
    if language == Language::OpenApi {
        nullable(members);
    }
    for (keyword, value) in members.iter_mut() {
        let step = if keyword == "definitions" { Step::Map } else { step_of(keyword) };
        match (step, value) {
            (Step::Schema, value) => upgrade(value, language, depth + 1),
            (Step::List, Value::Array(items)) => items.iter_mut().for_each(|item| upgrade(item, language, depth + 1)),
            (Step::Map, Value::Object(map)) => map.values_mut().for_each(|value| upgrade(value, language, depth + 1)),
            _ => {}
        }
    }
}

/// `items: […]` is `prefixItems` today.
fn tuples(members: &mut Map<String, Value>) {
    if !members.get("items").is_some_and(Value::is_array) {
        return;
    }
    if let Some(items) = members.remove("items") {
        members.insert("prefixItems".to_owned(), items);
    }
    if let Some(rest) = members.remove("additionalItems") {
        members.insert("items".to_owned(), rest);
    }
}

/// `dependencies` is two keywords today.
fn dependencies(members: &mut Map<String, Value>) {
    let Some(Value::Object(all)) = members.remove("dependencies") else { return };
    for (name, needed) in all {
        let keyword = if needed.is_array() { "dependentRequired" } else { "dependentSchemas" };
        let map = members.entry(keyword).or_insert_with(|| json!({}));
        if let Some(map) = map.as_object_mut() {
            map.insert(name, needed);
        }
    }
}

/// `exclusiveMinimum: true` beside `minimum` is `exclusiveMinimum` with the bound today.
fn bounds(members: &mut Map<String, Value>) {
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        let Some(Value::Bool(is_exclusive)) = members.get(flag) else { continue };
        let moved = if *is_exclusive { members.remove(bound) } else { None };
        members.remove(flag);
        if let Some(value) = moved {
            members.insert(flag.to_owned(), value);
        }
    }
}

/// `nullable: true` is a further type today.
fn nullable(members: &mut Map<String, Value>) {
    if members.remove("nullable") != Some(Value::Bool(true)) {
        return;
    }
    if let Some(kind) = members.get("type").filter(|kind| kind.is_string()) {
        let kinds = json!([kind, "null"]);
        members.insert("type".to_owned(), kinds);
    }
    if let Some(Value::Array(values)) = members.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}
