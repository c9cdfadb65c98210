//! Schemas as services enforce them: only what they know, the rest in words; and answers back in the form that was meant.

use serde_json::{Map, Value, json};

/// How deep a schema or an answer may nest.
const DEEPEST: usize = 40;
/// How many parts a schema may have when its references are written out.
const MOST: usize = 4000;

/// What a service can be held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Every property is required, absence is `null`; no formats, no limits.
    Strict,
    /// Properties may be absent; some formats.
    OutputConfig,
}

/// Formats that `output_config` knows.
const FORMATS: [&str; 10] = ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];
/// Keywords that say nothing about values.
const SILENT: [&str; 8] = ["$schema", "$id", "$comment", "$defs", "definitions", "title", "default", "examples"];
/// Keywords that are translated.
const KNOWN: [&str; 13] = [
    "type",
    "enum",
    "const",
    "anyOf",
    "oneOf",
    "allOf",
    "$ref",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "description",
    "nullable",
];

/// The schema in a dialect; `None` when it cannot be said there.
pub(super) fn held_to(schema: &Value, dialect: Dialect) -> Option<Value> {
    let mut writer = Writer { root: schema, dialect, left: MOST };
    let held = writer.part(schema, 0)?;
    (held.get("type") == Some(&json!("object"))).then_some(held)
}

struct Writer<'s> {
    root: &'s Value,
    dialect: Dialect,
    left: usize,
}

impl Writer<'_> {
    fn part(&mut self, schema: &Value, depth: usize) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        if depth > DEEPEST {
            return None;
        }
        if is_free(schema) {
            return Some(described(json!({"type": "string"}), schema, "as JSON text"));
        }
        if let Some(target) = target(self.root, schema) {
            let mut part = self.part(target, depth + 1)?;
            if let Some(words) = schema.get("description") {
                part.as_object_mut()?.insert("description".to_owned(), words.clone());
            }
            return Some(part);
        }
        if let Some(choices) = choices(schema) {
            let parts: Option<Vec<Value>> = choices.iter().map(|choice| self.part(choice, depth + 1)).collect();
            return Some(described(json!({ "anyOf": parts? }), schema, ""));
        }
        if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
            let [one] = all.as_slice() else { return None };
            return self.part(one, depth + 1);
        }
        if let Some(values) = values(schema) {
            return Some(described(enumerated(&values), schema, ""));
        }
        match schema.get("type") {
            Some(Value::Array(types)) => self.union(schema, types, depth),
            Some(Value::String(name)) => self.typed(schema, name, depth),
            // Properties without a type are those of an object.
            _ if schema.get("properties").is_some() => self.typed(schema, "object", depth),
            _ => None,
        }
    }

    fn union(&mut self, schema: &Value, types: &[Value], depth: usize) -> Option<Value> {
        let mut parts = Vec::new();
        for name in types {
            parts.push(if name == "null" { json!({"type": "null"}) } else { self.typed(schema, name.as_str()?, depth + 1)? });
        }
        match parts.len() {
            1 => parts.pop(),
            _ => Some(json!({ "anyOf": parts })),
        }
    }

    fn typed(&mut self, schema: &Value, name: &str, depth: usize) -> Option<Value> {
        match name {
            "object" => self.object(schema, depth),
            "array" => {
                if schema.get("prefixItems").is_some() {
                    return None;
                }
                let items = self.part(schema.get("items").unwrap_or(&Value::Bool(true)), depth + 1)?;
                let mut array = json!({"type": "array", "items": items});
                if self.dialect == Dialect::OutputConfig
                    && let Some(least) = schema.get("minItems").filter(|least| least.as_u64().is_some_and(|least| least <= 1))
                {
                    array["minItems"] = least.clone();
                }
                Some(self.told(array, schema))
            }
            "string" => {
                let mut string = json!({"type": "string"});
                if let Some(format) = self.format_of(schema) {
                    string["format"] = format.clone();
                }
                Some(self.told(string, schema))
            }
            "integer" | "number" | "boolean" | "null" => Some(self.told(json!({ "type": name }), schema)),
            _ => None,
        }
    }

    fn format_of<'v>(&self, schema: &'v Value) -> Option<&'v Value> {
        let format = schema.get("format")?;
        let is_known = format.as_str().is_some_and(|format| FORMATS.contains(&format));
        (self.dialect == Dialect::OutputConfig && is_known).then_some(format)
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Option<Value> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let part = self.part(property, depth + 1)?;
            let is_required = requires(schema, name);
            if is_required || self.dialect == Dialect::Strict {
                required.push(json!(name));
            }
            let is_absent_null = self.dialect == Dialect::Strict && !is_required && !takes_null(&part);
            properties.insert(name.clone(), if is_absent_null { json!({"anyOf": [part, {"type": "null"}]}) } else { part });
        }
        let object = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
        Some(self.told(object, schema))
    }

    /// With its description, and in it whatever the dialect does not know.
    fn told(&self, part: Value, schema: &Value) -> Value {
        let kept = |key: &str| match key {
            "format" => self.format_of(schema).is_some(),
            "minItems" => part.get("minItems").is_some(),
            key => KNOWN.contains(&key) || SILENT.contains(&key),
        };
        let limits = schema.as_object().into_iter().flatten().filter(|(key, _)| !kept(key));
        let limits: Vec<String> = limits.map(|(key, value)| format!("{key}: {value}")).collect();
        described(part, schema, &limits.join(", "))
    }
}

/// With the description of a schema and some more words.
fn described(mut part: Value, schema: &Value, more: &str) -> Value {
    let words = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let words = match (words, more) {
        ("", more) => more.to_owned(),
        (words, "") => words.to_owned(),
        (words, more) => format!("{words} ({more})"),
    };
    if let (false, Some(part)) = (words.is_empty(), part.as_object_mut()) {
        part.insert("description".to_owned(), Value::String(words));
    }
    part
}

fn enumerated(values: &[Value]) -> Value {
    let name = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let mut types: Vec<&str> = values.iter().map(name).collect();
    types.sort_unstable();
    types.dedup();
    match types.as_slice() {
        [one] => json!({"type": one, "enum": values}),
        _ => json!({ "enum": values }),
    }
}

/// The values of `enum` or `const`.
fn values(schema: &Value) -> Option<Vec<Value>> {
    match schema.get("const") {
        Some(value) => Some(vec![value.clone()]),
        None => schema.get("enum")?.as_array().cloned(),
    }
}

/// The alternatives.
fn choices(schema: &Value) -> Option<&Vec<Value>> {
    schema.get("anyOf").or_else(|| schema.get("oneOf"))?.as_array()
}

/// Where a reference leads.
fn target<'s>(root: &'s Value, schema: &Value) -> Option<&'s Value> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    root.pointer(pointer)
}

fn requires(schema: &Value, name: &str) -> bool {
    schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|required| required == name))
}

/// Whether anything may stand there, or an object whose properties are not known: neither can be enforced, so it travels as text.
fn is_free(schema: &Value) -> bool {
    let Some(schema) = schema.as_object() else { return true };
    let has = |key: &str| schema.contains_key(key);
    let is_open = schema.get("type") == Some(&json!("object")) || !has("type");
    let says_more = ["properties", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"].into_iter().any(has);
    // An object that has no properties and may have no others is an empty one.
    is_open && !says_more && schema.get("additionalProperties") != Some(&Value::Bool(false))
}

fn takes_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().any(is_null),
        Some(kind) => is_null(kind),
        None => {
            choices(schema).is_some_and(|choices| choices.iter().any(takes_null))
                || values(schema).is_some_and(|values| values.contains(&Value::Null))
        }
    }
}

/// An answer in the form that the schema means: what is `null` only because it is absent goes, JSON in text becomes JSON.
pub(super) fn restored(root: &Value, value: Value) -> Value {
    back(root, root, value, 0)
}

fn back(root: &Value, schema: &Value, value: Value, depth: usize) -> Value {
    if depth > DEEPEST {
        return value;
    }
    if let Some(target) = target(root, schema) {
        return back(root, target, value, depth + 1);
    }
    if is_free(schema) {
        return match &value {
            Value::String(text) => match serde_json::from_str::<Value>(text) {
                Ok(inner) if inner.is_object() || inner.is_array() => inner,
                _ => value,
            },
            _ => value,
        };
    }
    if let Some(choices) = choices(schema) {
        let candidates = choices.iter().map(|choice| (choice, back(root, choice, value.clone(), depth + 1)));
        let fitting = candidates.into_iter().find(|(choice, candidate)| fits(root, choice, candidate));
        return fitting.map_or(value, |(_, candidate)| candidate);
    }
    match value {
        Value::Object(object) => {
            let mut kept = Map::new();
            for (name, value) in object {
                let Some(property) = schema.pointer("/properties").and_then(|properties| properties.get(&name)) else {
                    kept.insert(name, value);
                    continue;
                };
                let is_absent = value.is_null() && !requires(schema, &name) && !fits(root, property, &Value::Null);
                if !is_absent {
                    kept.insert(name, back(root, property, value, depth + 1));
                }
            }
            Value::Object(kept)
        }
        Value::Array(items) => match schema.get("items") {
            Some(each) => items.into_iter().map(|item| back(root, each, item, depth + 1)).collect(),
            None => Value::Array(items),
        },
        other => other,
    }
}

/// Whether a value fits a part of a schema.
fn fits(root: &Value, part: &Value, value: &Value) -> bool {
    let mut schema = part.clone();
    let Some(object) = schema.as_object_mut() else { return schema != Value::Bool(false) };
    for key in ["$defs", "definitions"] {
        if let Some(defs) = root.get(key) {
            object.entry(key).or_insert_with(|| defs.clone());
        }
    }
    jsonschema::validator_for(&schema).is_ok_and(|validator| validator.is_valid(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &Value, dialect: Dialect, expected: &Value) {
        assert_eq!(held_to(schema, dialect).as_ref(), Some(expected));
    }

    #[test]
    fn strict_requires_all_and_says_absence_as_null() {
        let schema = json!({
            "type": "object",
            "properties": {
                "path": {"type": "string", "pattern": "^/", "description": "where"},
                "limit": {"type": "integer", "minimum": 1, "format": "int32"},
            },
            "required": ["path"],
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "where (pattern: \"^/\")"},
                "limit": {"anyOf": [{"type": "integer", "description": "minimum: 1, format: \"int32\""}, {"type": "null"}]},
            },
            "required": ["path", "limit"],
            "additionalProperties": false,
        });
        check(&schema, Dialect::Strict, &expected);
    }

    #[test]
    fn output_config_keeps_absence_and_known_formats() {
        let schema = json!({
            "type": "object",
            "properties": {
                "at": {"type": "string", "format": "date-time"},
                "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1, "maxItems": 3},
            },
            "required": ["at"],
            "additionalProperties": true,
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "at": {"type": "string", "format": "date-time"},
                "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "minItems": 1, "description": "maxItems: 3"},
            },
            "required": ["at"],
            "additionalProperties": false,
        });
        check(&schema, Dialect::OutputConfig, &expected);
    }

    #[test]
    fn references_are_written_out_and_cycles_cannot_be_said() {
        let pet = json!({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "additionalProperties": false});
        let schema = json!({
            "$defs": {"Pet": pet.clone()},
            "type": "object",
            "properties": {"pet": {"$ref": "#/$defs/Pet", "description": "whose"}},
            "required": ["pet"],
        });
        let mut shown = pet;
        shown["description"] = json!("whose");
        let expected = json!({"type": "object", "properties": {"pet": shown}, "required": ["pet"], "additionalProperties": false});
        check(&schema, Dialect::Strict, &expected);
        let cycle = json!({
            "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "also": {"$ref": "#/$defs/Node"}}}},
            "$ref": "#/$defs/Node",
        });
        assert_eq!(held_to(&cycle, Dialect::Strict), None);
        assert_eq!(held_to(&json!({"$ref": "#"}), Dialect::Strict), None);
        assert_eq!(held_to(&json!({"type": "string"}), Dialect::Strict), None);
        assert_eq!(held_to(&json!({"anyOf": [{"type": "object", "properties": {"a": {"type": "null"}}}]}), Dialect::Strict), None);
    }

    #[test]
    fn what_is_open_travels_as_text_and_comes_back() {
        let schema = json!({
            "type": "object",
            "properties": {
                "schema": {"type": "object"},
                "note": {"type": "string"},
                "kind": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"of": {"type": "string"}, "in": {"type": "string"}}}]},
            },
            "required": ["schema"],
        });
        let held = held_to(&schema, Dialect::Strict).expect("it is there");
        assert_eq!(held["properties"]["schema"], json!({"type": "string", "description": "as JSON text"}));
        let said = json!({"schema": "{\"type\": \"string\"}", "note": null, "kind": {"of": "x", "in": null}});
        assert_eq!(restored(&schema, said), json!({"schema": {"type": "string"}, "kind": {"of": "x"}}));
        let odd = json!({"schema": "no json", "note": 5, "other": null});
        assert_eq!(restored(&schema, odd.clone()), odd);
    }
}
