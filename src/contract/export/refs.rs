//! Components of several documents under one roof: those of one name and different content get their feature's slug in front.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Part;

/// Where components stand.
const COMPONENTS: &str = "#/components/";
/// Nobody writes documents this deep; a walk ends here.
const DEEPEST: usize = 300;

/// Gives contested components their own names, in the parts and in everything that refers to them.
pub fn set_apart(parts: &mut [Part]) {
    let mut contested = contested(parts);
    spread(parts, &mut contested);
    for part in parts {
        rename(part, &contested);
    }
}

/// `schemas/User`.
type Component = String;

/// All components of a document.
fn components(document: &Value) -> impl Iterator<Item = (Component, &Value)> {
    let sections = document.get("components").and_then(Value::as_object);
    sections.into_iter().flatten().flat_map(|(section, entries)| {
        entries.as_object().into_iter().flatten().map(move |(name, value)| (format!("{section}/{name}"), value))
    })
}

/// What stands for different things in different parts.
fn contested(parts: &[Part]) -> BTreeSet<Component> {
    let mut first: BTreeMap<Component, &Value> = BTreeMap::new();
    let mut contested = BTreeSet::new();
    for (name, value) in parts.iter().flat_map(|part| components(&part.document)) {
        if *first.entry(name.clone()).or_insert(value) != value {
            contested.insert(name);
        }
    }
    contested
}

/// What refers to something contested is contested itself: the same words mean something else in each part.
fn spread(parts: &[Part], contested: &mut BTreeSet<Component>) {
    let mut users: BTreeMap<Component, BTreeSet<Component>> = BTreeMap::new();
    for (name, value) in parts.iter().flat_map(|part| components(&part.document)) {
        each_reference(value, 0, &mut |target| {
            users.entry(target.to_owned()).or_default().insert(name.clone());
        });
    }
    let mut open: Vec<Component> = contested.iter().cloned().collect();
    while let Some(name) = open.pop() {
        for user in users.get(&name).into_iter().flatten() {
            if contested.insert(user.clone()) {
                open.push(user.clone());
            }
        }
    }
}

/// Calls with every component that a value refers to.
fn each_reference(value: &Value, depth: usize, visit: &mut dyn FnMut(&str)) {
    match value {
        _ if depth > DEEPEST => {}
        Value::String(text) => {
            if let Some(target) = text.strip_prefix(COMPONENTS) {
                visit(target);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_reference(item, depth + 1, visit)),
        Value::Object(map) => map.values().for_each(|item| each_reference(item, depth + 1, visit)),
        _ => {}
    }
}

fn rename(part: &mut Part, contested: &BTreeSet<Component>) {
    let slug = part.slug.clone();
    follow(&mut part.document, 0, &|target| contested.contains(target).then(|| qualified(&slug, target)));
    let Some(sections) = part.document.get_mut("components").and_then(Value::as_object_mut) else { return };
    for (section, entries) in sections {
        if let Value::Object(entries) = entries {
            let named = std::mem::take(entries);
            let renamed = named.into_iter().map(|(name, value)| match contested.contains(&format!("{section}/{name}")) {
                true => (format!("{slug}_{name}"), value),
                false => (name, value),
            });
            *entries = renamed.collect::<Map<String, Value>>();
        }
    }
}

/// `schemas/User` → `schemas/auth_User`.
fn qualified(slug: &str, target: &str) -> String {
    target.split_once('/').map_or_else(|| target.to_owned(), |(section, name)| format!("{section}/{slug}_{name}"))
}

fn follow(value: &mut Value, depth: usize, renamed: &dyn Fn(&str) -> Option<String>) {
    match value {
        _ if depth > DEEPEST => {}
        Value::String(text) => {
            if let Some(target) = text.strip_prefix(COMPONENTS).and_then(renamed) {
                *text = format!("{COMPONENTS}{target}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| follow(item, depth + 1, renamed)),
        Value::Object(map) => map.values_mut().for_each(|item| follow(item, depth + 1, renamed)),
        _ => {}
    }
}
