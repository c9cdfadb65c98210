//! Several OpenAPI documents as one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Part, refs};
use crate::contract::path::{names_of, renamed, shape_of};

/// One document, and what could not stand in it.
pub struct Merged {
    pub document: Value,
    pub notes: Vec<String>,
}

/// The parts under one title. Two handlers of one route cannot both stand in it: the first feature's does.
pub fn merge(title: &str, parts: &[Part]) -> Merged {
    let mut parts: Vec<Part> = parts.iter().map(|part| Part { slug: part.slug.clone(), document: part.document.clone() }).collect();
    set_schemes_apart(&mut parts);
    refs::set_apart(&mut parts);
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut templates: BTreeMap<String, String> = BTreeMap::new();
    let mut components: Map<String, Value> = Map::new();
    let (mut tags, mut ids, mut notes) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for part in &mut parts {
        tags.extend(names_in(&part.document, "tags"));
        for (path, item) in taken(&mut part.document, "paths") {
            let template = templates.entry(shape_of(&path)).or_insert_with(|| path.clone()).clone();
            let item = under(item, &path, &template);
            let all = paths.entry(template.clone()).or_default();
            for (method, mut operation) in item {
                if all.contains_key(&method) {
                    notes.push(format!("{} {template} of feature {}: another feature serves it too", method.to_uppercase(), part.slug));
                    continue;
                }
                make_unique(&mut operation, &part.slug, &mut ids);
                all.insert(method, operation);
            }
        }
        for (section, entries) in taken(&mut part.document, "components") {
            let all = components.entry(section).or_insert_with(|| Value::Object(Map::new()));
            if let (Value::Object(all), Value::Object(entries)) = (all, entries) {
                all.extend(entries);
            }
        }
    }
    components.values_mut().filter_map(Value::as_object_mut).for_each(Map::sort_keys);
    components.sort_keys();
    let mut document = json!({"openapi": "3.1.0", "info": {"title": title, "version": "0.1.0"}, "servers": [{"url": "/"}]});
    if !tags.is_empty() {
        document["tags"] = tags.into_iter().map(|tag: String| json!({"name": tag})).collect();
    }
    document["paths"] = json!(paths);
    if !components.is_empty() {
        document["components"] = Value::Object(components);
    }
    Merged { document, notes }
}

fn taken(document: &mut Value, key: &str) -> Map<String, Value> {
    match document.get_mut(key).map(Value::take) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn names_in(document: &Value, key: &str) -> Vec<String> {
    let list = document.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|entry| entry.get("name")?.as_str().map(str::to_owned)).collect()
}

/// OpenAPI takes `/a/{x}` and `/a/{y}` for one path: the item's parameters get the template's names.
fn under(item: Value, path: &str, template: &str) -> Map<String, Value> {
    let Value::Object(mut item) = item else { return Map::new() };
    if path != template {
        let names: Vec<String> = names_of(template).into_iter().map(String::from).collect();
        debug_assert_eq!(renamed(path, &names), template);
        let by_name: BTreeMap<&str, &String> = names_of(path).into_iter().zip(&names).collect();
        for parameter in item.values_mut().filter_map(|operation| operation.get_mut("parameters")?.as_array_mut()).flatten() {
            let is_path = parameter.get("in").and_then(Value::as_str) == Some("path");
            let other = parameter.get("name").and_then(Value::as_str).and_then(|name| by_name.get(name)).map(|name| (*name).clone());
            if let (true, Some(name)) = (is_path, other) {
                parameter["name"] = json!(name);
            }
        }
    }
    item
}

fn make_unique(operation: &mut Value, slug: &str, ids: &mut BTreeSet<String>) {
    let Some(id) = operation.get("operationId").and_then(Value::as_str).map(str::to_owned) else { return };
    let unique = std::iter::once(id.clone())
        .chain(std::iter::once(format!("{slug}_{id}")))
        .chain((2_usize..).map(|n| format!("{slug}_{id}_{n}")))
        .find(|candidate| !ids.contains(candidate))
        .expect("fewer operations than numbers");
    if unique != id {
        operation["operationId"] = json!(unique);
    }
    ids.insert(unique);
}

/// Security schemes are referred to by name alone.
fn set_schemes_apart(parts: &mut [Part]) {
    let schemes =
        |part: &Part| part.document.pointer("/components/securitySchemes").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut first: BTreeMap<String, Value> = BTreeMap::new();
    let mut contested = BTreeSet::new();
    for (name, value) in parts.iter().flat_map(schemes) {
        if *first.entry(name.clone()).or_insert_with(|| value.clone()) != value {
            contested.insert(name);
        }
    }
    for part in parts.iter_mut().filter(|_| !contested.is_empty()) {
        let slug = part.slug.clone();
        let rename = |map: &mut Map<String, Value>| {
            let named = std::mem::take(map);
            *map = named
                .into_iter()
                .map(|(name, value)| (if contested.contains(&name) { format!("{slug}_{name}") } else { name }, value))
                .collect();
        };
        if let Some(Value::Object(schemes)) = part.document.pointer_mut("/components/securitySchemes") {
            rename(schemes);
        }
        let paths = part.document.get_mut("paths").and_then(Value::as_object_mut);
        let operations =
            paths.into_iter().flat_map(|paths| paths.values_mut()).filter_map(Value::as_object_mut).flat_map(|item| item.values_mut());
        for requirement in operations.filter_map(|operation| operation.get_mut("security")?.as_array_mut()).flatten() {
            if let Value::Object(requirement) = requirement {
                rename(requirement);
            }
        }
    }
}
