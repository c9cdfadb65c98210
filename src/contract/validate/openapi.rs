//! What OpenAPI asks for and its JSON Schema cannot say.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{ERROR_CAP, Finding};
use crate::contract::model::Method;
use crate::contract::path::{names_of, shape_of};

/// Tells references into nothing, names that stand twice, paths that are the same, parameters that do not fit their path,
/// security schemes that are not there, and schemas that are none.
pub fn check(path: &str, document: &Value, meta: &Validator) -> Vec<Finding> {
    let mut findings = Vec::new();
    references(path, document, document, &mut String::new(), &mut findings);
    let empty = Map::new();
    let paths = document.get("paths").and_then(Value::as_object).unwrap_or(&empty);
    same_paths(path, paths, &mut findings);
    let mut ids = BTreeMap::new();
    for (template, item) in paths {
        for method in Method::ALL {
            let Some(operation) = item.get(method.key()) else { continue };
            let pointer = format!("/paths/{}/{}", escaped(template), method.key());
            if let Some(id) = operation.get("operationId").and_then(Value::as_str)
                && let Some(first) = ids.insert(id.to_string(), pointer.clone())
            {
                findings.push(Finding::new(path, &pointer, "operation-id-twice", format!("`{id}` also names `{first}`")));
            }
            parameters(path, &pointer, template, &[item, operation], &mut findings);
            schemes(path, &pointer, operation, document, &mut findings);
        }
    }
    findings.extend(schemas(path, document, meta));
    findings
}

/// A key as part of a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Reading bounds how deep a document is, so this ends.
fn references(path: &str, value: &Value, document: &Value, pointer: &mut String, findings: &mut Vec<Finding>) {
    let before = pointer.len();
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str)
                && let Some(target) = reference.strip_prefix('#')
                && document.pointer(target).is_none()
            {
                findings.push(Finding::new(path, pointer.clone(), "reference-dangling", format!("`{reference}` leads nowhere")));
            }
            for (key, value) in map {
                pointer.push('/');
                pointer.push_str(&escaped(key));
                references(path, value, document, pointer, findings);
                pointer.truncate(before);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                references(path, value, document, pointer, findings);
                pointer.truncate(before);
            }
        }
        _ => {}
    }
}

fn same_paths(path: &str, paths: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let mut shapes = BTreeMap::new();
    for template in paths.keys() {
        if let Some(first) = shapes.insert(shape_of(template), template) {
            let message = format!("`{template}` is the same path as `{first}` for OpenAPI");
            findings.push(Finding::new(path, format!("/paths/{}", escaped(template)), "path-twice", message));
        }
    }
}

/// The names in the template and the path parameters are the same, and no parameter stands twice in one place.
fn parameters(path: &str, pointer: &str, template: &str, holders: &[&Value], findings: &mut Vec<Finding>) {
    let mut declared = BTreeSet::new();
    for holder in holders {
        let mut seen = BTreeSet::new();
        for parameter in holder.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
            if text("name").is_empty() {
                continue;
            }
            if !seen.insert((text("in"), text("name"))) {
                let message = format!("the {} parameter `{}` stands twice", text("in"), text("name"));
                findings.push(Finding::new(path, pointer, "parameter-twice", message));
            }
            if text("in") == "path" {
                declared.insert(text("name").to_string());
            }
        }
    }
    let named: BTreeSet<String> = names_of(template).into_iter().map(String::from).collect();
    for name in named.difference(&declared) {
        findings.push(Finding::new(path, pointer, "path-parameter-missing", format!("`{name}` of the path has no parameter")));
    }
    for name in declared.difference(&named) {
        findings.push(Finding::new(path, pointer, "path-parameter-unused", format!("the path has no `{name}`")));
    }
}

fn schemes(path: &str, pointer: &str, operation: &Value, document: &Value, findings: &mut Vec<Finding>) {
    let known = document.pointer("/components/securitySchemes").and_then(Value::as_object);
    let requirements = operation.get("security").and_then(Value::as_array).into_iter().flatten();
    for name in requirements.filter_map(Value::as_object).flat_map(Map::keys) {
        if !known.is_some_and(|known| known.contains_key(name)) {
            findings.push(Finding::new(path, pointer, "security-scheme-missing", format!("there is no security scheme `{name}`")));
        }
    }
}

/// What checks JSON Schemas themselves.
pub fn meta_validator() -> Validator {
    let meta = json!({"$ref": "https://json-schema.org/draft/2020-12/schema"});
    jsonschema::validator_for(&meta).expect("the library holds the schema of schemas")
}

/// Components as JSON Schema 2020-12, all in one go.
fn schemas(path: &str, document: &Value, meta: &Validator) -> Vec<Finding> {
    let Some(components) = document.pointer("/components/schemas") else { return Vec::new() };
    let all = json!({"$defs": components});
    meta.iter_errors(&all)
        .take(ERROR_CAP)
        .map(|error| {
            let place = error.instance_path().to_string();
            let pointer = format!("/components/schemas{}", place.strip_prefix("/$defs").unwrap_or_default());
            Finding::new(path, pointer, "schema-invalid", error.masked().to_string())
        })
        .collect()
}
