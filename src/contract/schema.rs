//! Walking JSON Schemas: which keyword holds schemas, and where a schema refers to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Where components stand in an OpenAPI document.
pub const COMPONENTS: &str = "#/components/schemas/";

/// Nobody writes schemas this deep; a walk ends here.
const DEEPEST: usize = 200;

/// What a keyword's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One schema.
    Schema,
    /// A list of schemas.
    List,
    /// Schemas by name.
    Map,
    /// Data.
    Data,
}

/// What a keyword's value is.
#[must_use]
pub fn step_of(keyword: &str) -> Step {
    match keyword {
        "items"
        | "additionalProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => Step::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Step::List,
        "properties" | "patternProperties" | "$defs" | "dependentSchemas" => Step::Map,
        _ => Step::Data,
    }
}

/// The component a reference names, with `~1`, `~0` and percent signs undone when it is not known as it stands.
#[must_use]
pub fn component_ref(reference: &str, is_known: impl Fn(&str) -> bool) -> Option<String> {
    let name = reference.strip_prefix(COMPONENTS)?;
    if is_known(name) {
        return Some(name.into());
    }
    Some(undone(name).replace("~1", "/").replace("~0", "~"))
}

fn undone(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        if let (b'%', Some(high), Some(low)) = (*first, digit(0), digit(1)) {
            bytes.push(high * 16 + low);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.into())
}

/// Calls with every reference of a schema, those of a discriminator's mapping included.
pub fn each_ref(schema: &Value, visit: &mut dyn FnMut(&str)) {
    walk(schema, 0, visit);
}

fn walk(schema: &Value, depth: usize, visit: &mut dyn FnMut(&str)) {
    let Value::Object(map) = schema else { return };
    if depth > DEEPEST {
        return;
    }
    for (key, value) in map {
        match (step_of(key), value) {
            (Step::Schema, value) => walk(value, depth + 1, visit),
            (Step::List, Value::Array(list)) => list.iter().for_each(|schema| walk(schema, depth + 1, visit)),
            (Step::Map, Value::Object(map)) => map.values().for_each(|schema| walk(schema, depth + 1, visit)),
            (_, Value::String(reference)) if key == "$ref" => visit(reference),
            (_, Value::Object(discriminator)) if key == "discriminator" => {
                let mapping = discriminator.get("mapping").and_then(Value::as_object);
                mapping.into_iter().flat_map(|mapping| mapping.values()).filter_map(Value::as_str).for_each(&mut *visit);
            }
            _ => {}
        }
    }
}

/// Calls with every reference of a schema, to change it.
pub fn each_ref_mut(schema: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    walk_mut(schema, 0, visit);
}

fn walk_mut(schema: &mut Value, depth: usize, visit: &mut dyn FnMut(&mut String)) {
    let Value::Object(map) = schema else { return };
    if depth > DEEPEST {
        return;
    }
    for (key, value) in map {
        match (step_of(key), value) {
            (Step::Schema, value) => walk_mut(value, depth + 1, visit),
            (Step::List, Value::Array(list)) => list.iter_mut().for_each(|schema| walk_mut(schema, depth + 1, visit)),
            (Step::Map, Value::Object(map)) => map.values_mut().for_each(|schema| walk_mut(schema, depth + 1, visit)),
            (_, Value::String(reference)) if key == "$ref" => visit(reference),
            (_, Value::Object(discriminator)) if key == "discriminator" => {
                let mapping = discriminator.get_mut("mapping").and_then(Value::as_object_mut);
                for value in mapping.into_iter().flat_map(|mapping| mapping.values_mut()) {
                    if let Value::String(reference) = value {
                        visit(reference);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The components that can be reached from some references.
#[must_use]
pub fn closure(schemas: &BTreeMap<String, Value>, roots: BTreeSet<String>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<String> = roots.into_iter().collect();
    while let Some(name) = open.pop() {
        let Some(schema) = schemas.get(&name) else { continue };
        if reached.insert(name) {
            each_ref(schema, &mut |reference| open.extend(component_ref(reference, |name| schemas.contains_key(name))));
        }
    }
    reached
}
