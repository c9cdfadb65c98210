//! Schemas in canonical form: keywords in one order, lists that are sets sorted, names OpenAPI allows, no reference into
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::events::each_payload_mut;
use crate::contract::model::{Evidence, FeatureContract, Gap, Operation};
use crate::contract::schema::{Step, component_ref, each_ref, each_ref_mut, step_of};

/// Deeper schemas than this say nothing more: recursion belongs into components.
const DEEPEST: usize = 32;

/// The order keywords are written in; the rest follows alphabetically.
const ORDER: [&str; 34] = [
    "$ref",
    "title",
    "description",
    "deprecated",
    "readOnly",
    "writeOnly",
    "type",
    "format",
    "enum",
    "const",
    "default",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "prefixItems",
    "items",
    "minProperties",
    "maxProperties",
    "required",
    "properties",
    "additionalProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "discriminator",
];

/// Settles the components of a feature and every schema of its operations.
pub fn settle(feature: &mut FeatureContract) {
    rename_components(feature);
    rename_schemes(feature);
    feature.schemas.values_mut().for_each(settle_schema);
    for scheme in feature.security_schemes.values_mut() {
        *scheme = literal(std::mem::take(scheme), 0);
    }
    for operation in &mut feature.http {
        each_schema_mut(operation, &mut settle_schema);
    }
    for event in &mut feature.events {
        each_payload_mut(event, &mut settle_schema);
    }
    define_missing(feature);
}

/// Calls with every schema of an operation.
pub fn each_schema_mut(operation: &mut Operation, visit: &mut dyn FnMut(&mut Value)) {
    operation.parameters.iter_mut().for_each(|parameter| visit(&mut parameter.schema));
    operation.request_body.iter_mut().flat_map(|body| body.content.values_mut()).for_each(&mut *visit);
    for response in operation.responses.values_mut() {
        response.headers.values_mut().for_each(|header| visit(&mut header.schema));
        response.content.values_mut().for_each(&mut *visit);
    }
}

fn settle_schema(schema: &mut Value) {
    *schema = canonical(std::mem::take(schema), 0);
}

/// A schema in canonical form; what is no schema says nothing.
fn canonical(schema: Value, depth: usize) -> Value {
    match schema {
        Value::Bool(_) => schema,
        Value::Object(map) if depth < DEEPEST => {
            let mut entries: Vec<(String, Value)> = map.into_iter().map(|(key, value)| canonical_entry(key, value, depth)).collect();
            entries.sort_by(|(a, _), (b, _)| (position_of(a), a).cmp(&(position_of(b), b)));
            Value::Object(entries.into_iter().collect())
        }
        _ => Value::Object(Map::new()),
    }
}

fn canonical_entry(key: String, value: Value, depth: usize) -> (String, Value) {
    let settled = match (step_of(&key), value) {
        (Step::Schema, value) => canonical(value, depth + 1),
        (Step::List, Value::Array(list)) => list.into_iter().map(|schema| canonical(schema, depth + 1)).collect(),
        (Step::Map, Value::Object(map)) => sorted(map.into_iter().map(|(name, schema)| (name, canonical(schema, depth + 1)))),
        (_, Value::Array(list)) if matches!(key.as_str(), "required" | "enum" | "type") => set_of(&key, list),
        (_, value) => literal(value, depth + 1),
    };
    (key, settled)
}

fn position_of(keyword: &str) -> usize {
    ORDER.iter().position(|known| *known == keyword).unwrap_or(ORDER.len())
}

fn sorted(entries: impl Iterator<Item = (String, Value)>) -> Value {
    let entries: BTreeMap<String, Value> = entries.collect();
    Value::Object(entries.into_iter().collect())
}

/// A list whose order means nothing: sorted, `null` last, one type alone without its list.
fn set_of(key: &str, list: Vec<Value>) -> Value {
    let mut list: Vec<Value> = list.into_iter().map(|value| literal(value, 0)).collect();
    let rank = |value: &Value| match value {
        Value::Null => 2,
        Value::String(text) if key == "type" && text == "null" => 2,
        Value::Number(_) => 0,
        _ => 1,
    };
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    list.sort_by(|a, b| rank(a).cmp(&rank(b)).then(number(a).total_cmp(&number(b))).then_with(|| a.to_string().cmp(&b.to_string())));
    list.dedup();
    if key == "type" && list.len() == 1 { list.remove(0) } else { Value::Array(list) }
}

/// A value that is data: keys sorted, lists as they are.
fn literal(value: Value, depth: usize) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) if depth >= DEEPEST => Value::Null,
        Value::Object(map) => sorted(map.into_iter().map(|(key, value)| (key, literal(value, depth + 1)))),
        Value::Array(list) => list.into_iter().map(|value| literal(value, depth + 1)).collect(),
        value => value,
    }
}

/// OpenAPI allows `^[a-zA-Z0-9._-]+$` as a component's name.
fn legal(name: &str, taken: &BTreeSet<String>) -> String {
    let clean: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' }).collect();
    let clean = clean.trim_end_matches('_');
    let clean = if clean.is_empty() { "Unnamed" } else { clean };
    std::iter::once(clean.to_string())
        .chain((2_usize..).map(|n| format!("{clean}_{n}")))
        .find(|name| !taken.contains(name))
        .expect("fewer components than numbers")
}

/// New names for those that are not allowed.
fn new_names<'a>(names: impl Iterator<Item = &'a String> + Clone) -> BTreeMap<String, String> {
    let is_legal = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    let mut taken: BTreeSet<String> = names.clone().filter(|name| is_legal(name)).cloned().collect();
    let mut renamed = BTreeMap::new();
    for name in names.filter(|name| !is_legal(name)) {
        let new = legal(name, &taken);
        taken.insert(new.clone());
        renamed.insert(name.clone(), new);
    }
    renamed
}

fn rename_components(feature: &mut FeatureContract) {
    let renamed = new_names(feature.schemas.keys());
    let known: BTreeSet<String> = feature.schemas.keys().cloned().collect();
    let mut follow = |schema: &mut Value| {
        each_ref_mut(schema, &mut |reference| {
            let Some(name) = component_ref(reference, |name| known.contains(name)) else { return };
            *reference = format!("#/components/schemas/{}", renamed.get(&name).unwrap_or(&name));
        });
    };
    feature.schemas.values_mut().for_each(&mut follow);
    for operation in &mut feature.http {
        each_schema_mut(operation, &mut follow);
    }
    for event in &mut feature.events {
        each_payload_mut(event, &mut follow);
    }
    let schemas = std::mem::take(&mut feature.schemas);
    feature.schemas = schemas.into_iter().map(|(name, schema)| (renamed.get(&name).cloned().unwrap_or(name), schema)).collect();
}

fn rename_schemes(feature: &mut FeatureContract) {
    let renamed = new_names(feature.security_schemes.keys());
    let follow = |name: String| renamed.get(&name).cloned().unwrap_or(name);
    let schemes = std::mem::take(&mut feature.security_schemes);
    feature.security_schemes = schemes.into_iter().map(|(name, scheme)| (follow(name), scheme)).collect();
    for requirement in feature.http.iter_mut().flat_map(|operation| operation.security.iter_mut().flatten()) {
        *requirement = std::mem::take(requirement).into_iter().map(|(name, scopes)| (follow(name), scopes)).collect();
    }
}

/// A reference to a component nobody described becomes a component that says nothing, and a question.
fn define_missing(feature: &mut FeatureContract) {
    let mut missing: BTreeMap<String, Evidence> = BTreeMap::new();
    let mut note = |schema: &Value, evidence: &Evidence| {
        each_ref(schema, &mut |reference| {
            if let Some(name) = component_ref(reference, |_| true).filter(|name| !feature.schemas.contains_key(name)) {
                missing.entry(name).or_insert_with(|| evidence.clone());
            }
        });
    };
    for operation in &mut feature.http {
        let evidence = operation.evidence.clone();
        each_schema_mut(operation, &mut |schema| note(schema, &evidence));
    }
    for event in &mut feature.events {
        let evidence = event.evidence.first().cloned().unwrap_or_default();
        each_payload_mut(event, &mut |schema| note(schema, &evidence));
    }
    let sent = feature.events.iter().flat_map(|event| &event.evidence);
    let anywhere = feature.http.iter().map(|operation| &operation.evidence).chain(sent).next().cloned().unwrap_or_default();
    feature.schemas.values().for_each(|schema| note(schema, &anywhere));
    for (name, evidence) in missing {
        let question = format!("what does the type `{name}` look like?");
        feature.gaps.push(Gap::new("schema-unknown", name.clone(), question, evidence));
        feature.schemas.insert(name, json!({}));
    }
    rename_components(feature);
}
