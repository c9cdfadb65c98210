//! Keywords that a schema cannot carry: values of the wrong kind, and defaults that the schema itself would refuse. They come from
//! code that computes them, and would make tools refuse the whole document.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::events::each_payload_mut;
use super::schemas::each_schema_mut;
use crate::contract::model::FeatureContract;
use crate::contract::schema::{Step, step_of};

/// References are followed this far, schemas looked into this deep.
const DEEPEST: usize = 32;

/// Drops what does not fit from all schemas of a feature.
pub fn settle(feature: &mut FeatureContract) {
    let components = feature.schemas.clone();
    feature.schemas.values_mut().for_each(|schema| drop_misfits(schema, &components, 0));
    for operation in &mut feature.http {
        each_schema_mut(operation, &mut |schema| drop_misfits(schema, &components, 0));
    }
    for event in &mut feature.events {
        each_payload_mut(event, &mut |schema| drop_misfits(schema, &components, 0));
    }
}

fn drop_misfits(schema: &mut Value, components: &BTreeMap<String, Value>, depth: usize) {
    let Value::Object(map) = schema else { return };
    if depth > DEEPEST {
        return;
    }
    map.retain(|keyword, value| is_of_its_kind(keyword, value));
    if let Some(Value::String(pattern)) = map.get("pattern") {
        match portable(pattern) {
            Some(portable) => map.insert("pattern".into(), Value::String(portable)),
            // Not lost: tools that know the dialect may still read it.
            None => map.remove("pattern").and_then(|pattern| map.insert("x-pattern".into(), pattern)),
        };
    }
    if let Some(default) = map.get("default")
        && !fits(default, map, components, 0)
    {
        map.remove("default");
    }
    for (keyword, value) in map.iter_mut() {
        match (step_of(keyword), value) {
            (Step::Schema, schema) => drop_misfits(schema, components, depth + 1),
            (Step::List, Value::Array(list)) => list.iter_mut().for_each(|schema| drop_misfits(schema, components, depth + 1)),
            (Step::Map, Value::Object(schemas)) => schemas.values_mut().for_each(|schema| drop_misfits(schema, components, depth + 1)),
            _ => {}
        }
    }
}

fn is_of_its_kind(keyword: &str, value: &Value) -> bool {
    match keyword {
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        "multipleOf" => value.as_f64().is_some_and(|number| number > 0.0),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => value.as_u64().is_some(),
        "title" | "description" | "format" | "pattern" | "$ref" | "contentEncoding" | "contentMediaType" => value.is_string(),
        "deprecated" | "readOnly" | "writeOnly" | "uniqueItems" => value.is_boolean(),
        "examples" | "enum" => value.is_array(),
        "required" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
        _ => true,
    }
}

/// A pattern in the part of regular expressions that all readers share: groups without names, anchors of one kind, characters by
/// `\\uXXXX`. `None` when it needs more, as classes of Unicode properties do.
fn portable(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let tail = &rest[c.len_utf8()..];
        rest = match (c, tail.chars().next()) {
            ('\\', Some('p' | 'P')) => return None,
            ('\\', Some('A')) => taken(&mut out, "^", &tail[1..]),
            ('\\', Some('Z' | 'z')) => taken(&mut out, "$", &tail[1..]),
            ('\\', Some('u')) if tail.starts_with("u{") => {
                let (digits, after) = tail[2..].split_once('}')?;
                let code = u16::from_str_radix(digits, 16).ok()?;
                taken(&mut out, &format!("\\u{code:04x}"), after)
            }
            ('\\', Some(escaped)) => {
                out.push(c);
                out.push(escaped);
                &tail[escaped.len_utf8()..]
            }
            ('(', Some('?')) => match group_name(&tail[1..]) {
                Some(after) => taken(&mut out, "(", after),
                None => taken(&mut out, "(", tail),
            },
            _ => {
                out.push(c);
                tail
            }
        };
    }
    Some(out)
}

fn taken<'a>(out: &mut String, text: &str, rest: &'a str) -> &'a str {
    out.push_str(text);
    rest
}

/// What follows `<name>` or `P<name>`; lookbehinds have no name.
fn group_name(text: &str) -> Option<&str> {
    let named = text.strip_prefix('P').unwrap_or(text).strip_prefix('<')?;
    if named.starts_with(['=', '!']) { None } else { named.split_once('>').map(|(_, after)| after) }
}

/// Whether a schema would take a value, as far as its plain keywords tell.
fn fits(value: &Value, schema: &Map<String, Value>, components: &BTreeMap<String, Value>, depth: usize) -> bool {
    if depth > DEEPEST {
        return true;
    }
    let inner = |schema: &Value| schema.as_object().is_none_or(|schema| fits(value, schema, components, depth + 1));
    let all = |keyword: &str| schema.get(keyword).and_then(Value::as_array).is_none_or(|schemas| schemas.iter().all(inner));
    let some = |keyword: &str| schema.get(keyword).and_then(Value::as_array).is_none_or(|schemas| schemas.iter().any(inner));
    let target =
        schema.get("$ref").and_then(Value::as_str).and_then(|reference| components.get(reference.strip_prefix("#/components/schemas/")?));
    is_of_type(value, schema.get("type"))
        && schema.get("enum").and_then(Value::as_array).is_none_or(|values| values.contains(value))
        && schema.get("const").is_none_or(|constant| constant == value)
        && is_within(value, schema)
        && target.is_none_or(inner)
        && all("allOf")
        && some("anyOf")
        && some("oneOf")
}

fn is_of_type(value: &Value, types: Option<&Value>) -> bool {
    let is = |name: &str| match name {
        "string" => value.is_string(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    };
    match types {
        Some(Value::String(name)) => is(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// Numbers and lengths against their bounds.
fn is_within(value: &Value, schema: &Map<String, Value>) -> bool {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let between =
        |number: f64, low: &str, high: &str| bound(low).is_none_or(|low| number >= low) && bound(high).is_none_or(|high| number <= high);
    match value {
        Value::Number(number) => number.as_f64().is_none_or(|number| {
            between(number, "minimum", "maximum")
                && bound("exclusiveMinimum").is_none_or(|low| number > low)
                && bound("exclusiveMaximum").is_none_or(|high| number < high)
        }),
        #[expect(clippy::cast_precision_loss, reason = "texts are not that long")]
        Value::String(text) => between(text.chars().count() as f64, "minLength", "maxLength"),
        #[expect(clippy::cast_precision_loss, reason = "lists are not that long")]
        Value::Array(items) => between(items.len() as f64, "minItems", "maxItems"),
        _ => true,
    }
}
