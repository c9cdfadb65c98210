//! One form for all versions: AsyncAPI 3.0, what traits say merged into what they are of, schemas in JSON Schema 2020-12.
//! A document that is in it already stays as it is.

use serde_json::{Map, Value, json};

use super::refs::named;
use super::{schemas, second};

/// Where what only traits say of a message stands.
pub const OF_TRAITS: &str = "x-of-traits";
/// Which named trait says a member (or a header) of a message.
pub const FROM: &str = "x-from";
/// The version a document was written in.
pub const WRITTEN_IN: &str = "x-asyncapi";

/// A document in that form.
#[must_use]
pub fn form_of(document: &Value) -> Value {
    let mut form = document.clone();
    let is_second = document.get("asyncapi").and_then(Value::as_str).is_some_and(|version| version.starts_with('2'));
    if is_second {
        second::raise(&mut form);
    }
    let root = form.clone();
    let wins = if is_second { Wins::Trait } else { Wins::Target };
    each_operation(&mut form, &mut |operation| merge_traits(operation, &root, wins));
    each_message(&mut form, &mut |message| merge_traits(message, &root, wins));
    each_message(&mut form, &mut schemas::raise_message);
    schemas::raise_components(&mut form);
    form
}

/// Who is right when a trait and what it is of say the same thing differently.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wins {
    Trait,
    Target,
}

/// Visits the operations that stand in the document, components included.
fn each_operation(form: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    for path in ["/operations", "/components/operations"] {
        let operations = form.pointer_mut(path).and_then(Value::as_object_mut);
        operations.into_iter().flat_map(Map::values_mut).for_each(&mut *visit);
    }
}

/// Visits the messages that stand in the document, components and inline ones included.
fn each_message(form: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    for path in ["/channels", "/components/channels"] {
        let channels = form.pointer_mut(path).and_then(Value::as_object_mut);
        for channel in channels.into_iter().flat_map(Map::values_mut) {
            let messages = channel.get_mut("messages").and_then(Value::as_object_mut);
            messages.into_iter().flat_map(Map::values_mut).for_each(&mut *visit);
        }
    }
    let messages = form.pointer_mut("/components/messages").and_then(Value::as_object_mut);
    messages.into_iter().flat_map(Map::values_mut).for_each(&mut *visit);
    for path in ["/operations", "/components/operations"] {
        let operations = form.pointer_mut(path).and_then(Value::as_object_mut);
        for operation in operations.into_iter().flat_map(Map::values_mut) {
            for list in ["/messages", "/reply/messages"] {
                let messages = operation.pointer_mut(list).and_then(Value::as_array_mut);
                messages.into_iter().flatten().for_each(&mut *visit);
            }
            if let Some(channel) = operation.get_mut("channel") {
                let messages = channel.get_mut("messages").and_then(Value::as_object_mut);
                messages.into_iter().flat_map(Map::values_mut).for_each(&mut *visit);
            }
        }
    }
}

fn merge_traits(target: &mut Value, root: &Value, wins: Wins) {
    let Some(members) = target.as_object_mut() else { return };
    let Some(Value::Array(traits)) = members.remove("traits") else { return };
    let (mut said, mut from) = (Value::Object(Map::new()), Map::new());
    for one in &traits {
        // A trait may come with arguments behind it; the trait comes first.
        let one = one.as_array().and_then(|parts| parts.first()).unwrap_or(one);
        let (whole, name) = named(root, one);
        if let Some(name) = name {
            from.extend(parts_of(whole).map(|part| (part, Value::String(name.clone()))));
        }
        patch(&mut said, whole, 0);
    }
    let extensions: Map<String, Value> =
        said.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("x-")).map(|(k, v)| (k.clone(), v.clone())).collect();
    let own = Value::Object(std::mem::take(members));
    if wins == Wins::Target {
        parts_of(&own).for_each(|part| drop(from.remove(&part)));
    }
    let (mut below, above) = if wins == Wins::Target { (said, own) } else { (own, said) };
    patch(&mut below, &above, 0);
    *target = below;
    for (key, map) in [(OF_TRAITS, extensions), (FROM, from)] {
        if !map.is_empty() {
            target[key] = Value::Object(map);
        }
    }
}

/// The members of a trait or a message, headers one by one.
fn parts_of(said: &Value) -> impl Iterator<Item = String> {
    let members = said.as_object().into_iter().flat_map(Map::keys).filter(|key| *key != "headers").cloned();
    let headers = said.pointer("/headers/properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
    members.chain(headers.map(|name| format!("headers/{name}")))
}

/// JSON Merge Patch, without its power to delete.
fn patch(below: &mut Value, above: &Value, depth: usize) {
    let (Some(members), Value::Object(others)) = (below.as_object_mut(), above) else {
        *below = above.clone();
        return;
    };
    // Of a reference nothing is left when something else is put over it, and the reverse.
    let is_whole = depth > 50 || members.contains_key("$ref") != others.contains_key("$ref") && !members.is_empty();
    if is_whole {
        *below = join_of(below.take(), above.clone());
        return;
    }
    for (key, value) in others {
        match members.get_mut(key) {
            Some(known) => patch(known, value, depth + 1),
            None => drop(members.insert(key.clone(), value.clone())),
        }
    }
}

/// Two schemas (of headers), one of which is a reference: both hold.
fn join_of(below: Value, above: Value) -> Value {
    json!({"allOf": [below, above]})
}
