//! Several AsyncAPI documents as one: a channel that several features use stands once, with the messages of all of them.

use serde_json::{Map, Value, json};

use super::{Part, refs};

/// The parts under one title.
pub fn merge(title: &str, parts: Vec<Part>) -> Value {
    let mut parts = parts;
    refs::set_apart(&mut parts);
    let (mut servers, mut channels, mut operations, mut components) = (Map::new(), Map::new(), Map::new(), Map::new());
    for mut part in parts {
        for (name, server) in taken(&mut part.document, "servers") {
            let is_better = servers.get(&name).is_none_or(|known| is_open(known) && !is_open(&server));
            if is_better {
                servers.insert(name, server);
            }
        }
        let mut moves = Vec::new();
        for (key, channel) in taken(&mut part.document, "channels") {
            let is_same =
                |known: &Value| known.get("address") == channel.get("address") && known.get("x-protocol") == channel.get("x-protocol");
            let place = if channels.get(&key).is_none_or(is_same) { key.clone() } else { format!("{}_{key}", part.slug) };
            let messages = join(channels.entry(place.clone()).or_insert_with(|| json!({})), channel, &part.slug);
            moves.push((key, place, messages));
        }
        for (key, mut operation) in taken(&mut part.document, "operations") {
            for (from, to, messages) in &moves {
                follow(&mut operation, from, to, messages);
            }
            let free = if operations.contains_key(&key) { format!("{}_{key}", part.slug) } else { key };
            operations.insert(free, operation);
        }
        for (section, entries) in taken(&mut part.document, "components") {
            let all = components.entry(section).or_insert_with(|| json!({}));
            if let (Value::Object(all), Value::Object(entries)) = (all, entries) {
                all.extend(entries);
            }
        }
    }
    for map in [&mut servers, &mut channels, &mut operations, &mut components] {
        map.sort_keys();
    }
    components.values_mut().filter_map(Value::as_object_mut).for_each(Map::sort_keys);
    json!({
        "asyncapi": "3.0.0",
        "x-written-by": "contract-agent",
        "info": {"title": title, "version": "0.1.0"},
        "defaultContentType": "application/json",
        "servers": servers,
        "channels": channels,
        "operations": operations,
        "components": components,
    })
}

fn taken(document: &mut Value, key: &str) -> Map<String, Value> {
    match document.get_mut(key).map(Value::take) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Whether a server's host is said by settings.
fn is_open(server: &Value) -> bool {
    server.get("host").and_then(Value::as_str).is_none_or(|host| host.contains('{'))
}

/// Adds a channel to what other features said of it; tells which of its messages got another key.
fn join(known: &mut Value, mut channel: Value, slug: &str) -> Vec<(String, String)> {
    let messages = taken(&mut channel, "messages");
    if known.get("address").is_none() {
        channel["messages"] = json!({});
        *known = channel;
    }
    let mut moved = Vec::new();
    for (key, message) in messages {
        let all = &mut known["messages"];
        let place = match all.get(&key) {
            Some(other) if *other != message => format!("{slug}_{key}"),
            _ => key.clone(),
        };
        all[&place] = message;
        moved.push((key, place));
    }
    if let Some(messages) = known["messages"].as_object_mut() {
        messages.sort_keys();
    }
    moved
}

/// References of an operation to a channel that moved.
fn follow(operation: &mut Value, from: &str, to: &str, messages: &[(String, String)]) {
    let channel = format!("#/channels/{from}");
    if operation.pointer("/channel/$ref").and_then(Value::as_str) != Some(&channel) {
        return;
    }
    operation["channel"]["$ref"] = json!(format!("#/channels/{to}"));
    for reference in operation.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten() {
        let key = reference.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next()).unwrap_or_default().to_owned();
        let place = messages.iter().find(|(old, _)| *old == key).map_or(&key, |(_, new)| new);
        reference["$ref"] = json!(format!("#/channels/{to}/messages/{place}"));
    }
}
