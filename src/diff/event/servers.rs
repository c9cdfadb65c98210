//! Brokers: where they are, how one speaks with them, what is needed to connect.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::bindings::{self, Of};
use super::plain::{differing, meant, wording};
use super::side::{Side, entries};
use super::told::{Told, text};

/// The servers of two documents; tells which keys only one of them has, and which key became which.
#[derive(Default)]
pub struct Servers {
    /// Keys of before → keys of after.
    pairs: BTreeMap<String, String>,
    /// Keys there are after alone.
    added: BTreeSet<String>,
}

impl Servers {
    /// What the keys of before are called after, without those that are gone.
    pub fn kept(&self, keys: &BTreeSet<String>) -> BTreeSet<String> {
        keys.iter().filter_map(|key| self.pairs.get(key).cloned()).collect()
    }

    /// Keys of after, without those that are new.
    pub fn known(&self, keys: BTreeSet<String>) -> BTreeSet<String> {
        keys.into_iter().filter(|key| !self.added.contains(key)).collect()
    }
}

/// Compares the servers.
pub fn compare(told: &mut Told, before: &Side<'_>, after: &Side<'_>) -> Servers {
    let old: BTreeMap<&str, &Value> = entries(before.root, before.root.get("servers")).collect();
    let mut new: BTreeMap<&str, &Value> = entries(after.root, after.root.get("servers")).collect();
    let mut servers = Servers::default();
    let mut gone = Vec::new();
    for (key, server) in &old {
        match new.remove(key) {
            Some(other) => {
                servers.pairs.insert((*key).to_owned(), (*key).to_owned());
                one(told, (before, after), (server, other), key);
            }
            None => gone.push((*key, *server)),
        }
    }
    for (key, server) in gone {
        // The key is nothing that anybody connects to.
        let same = new.iter().find(|(_, other)| whereabouts(server) == whereabouts(other)).map(|(key, other)| (*key, *other));
        if let Some((other, value)) = same {
            new.remove(other);
            servers.pairs.insert(key.to_owned(), other.to_owned());
            one(told, (before, after), (server, value), key);
        } else {
            told.differs("event-server-removed", (&format!("server {key}"), ""), Some(json!(address_of(server))), None);
        }
    }
    for (key, server) in new {
        servers.added.insert(key.to_owned());
        told.differs("event-server-added", (&format!("server {key}"), ""), None, Some(json!(address_of(server))));
    }
    servers
}

fn whereabouts(server: &Value) -> (String, Option<&str>) {
    (address_of(server), server.get("protocol").and_then(Value::as_str))
}

fn address_of(server: &Value) -> String {
    let part = |key: &str| server.get(key).and_then(Value::as_str).unwrap_or_default();
    format!("{}{}", part("host"), part("pathname").trim_end_matches('/'))
}

fn one(told: &mut Told, sides: (&Side<'_>, &Side<'_>), servers: (&Value, &Value), key: &str) {
    let subject = format!("server {key}");
    let (before, after) = servers;
    if address_of(before) != address_of(after) {
        told.differs("event-server-address-changed", (&subject, ""), Some(json!(address_of(before))), Some(json!(address_of(after))));
    }
    let protocol = |server: &Value| {
        let part = |key: &str| server.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_lowercase));
        [part("protocol"), part("protocolVersion")].into_iter().flatten().collect::<Vec<String>>().join(" ")
    };
    if protocol(before) != protocol(after) {
        told.differs("event-server-protocol-changed", (&subject, ""), text(Some(&protocol(before))), text(Some(&protocol(after))));
    }
    variables(told, sides, servers, &subject);
    security(told, sides, servers, (&subject, "security"), "event-server-security-changed");
    bindings::compare(told, sides, servers, Of::Server, (&subject, "bindings"));
    if let Some((old, new)) = differing(&wording(sides.0.root, before), &wording(sides.1.root, after)) {
        told.differs("event-description-changed", (&subject, ""), Some(old), Some(new));
    }
}

fn variables(told: &mut Told, sides: (&Side<'_>, &Side<'_>), servers: (&Value, &Value), subject: &str) {
    let read = |side: &Side<'_>, server: &Value| -> BTreeMap<String, Value> {
        entries(side.root, server.get("variables")).map(|(name, variable)| (name.to_owned(), meant(side.root, variable))).collect()
    };
    let (old, new) = (read(sides.0, servers.0), read(sides.1, servers.1));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (old, new) = (old.get(name), new.get(name));
        // A variable that nothing is said of is told by the address alone.
        if old.or(new).is_some() && old != new && !(is_empty(old) && is_empty(new)) {
            let part = format!("variable {name}");
            told.differs("event-server-variable-changed", (subject, &part), old.cloned(), new.cloned());
        }
    }
}

fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.as_object().is_some_and(serde_json::Map::is_empty))
}

/// What is needed to connect; the order of the ways in says nothing.
pub fn security(told: &mut Told, sides: (&Side<'_>, &Side<'_>), things: (&Value, &Value), place: (&str, &str), rule: &str) {
    let read = |side: &Side<'_>, thing: &Value| thing.get("security").map_or_else(|| json!([]), |security| meant(side.root, security));
    let (old, new) = (read(sides.0, things.0), read(sides.1, things.1));
    if old != new {
        told.differs(rule, place, Some(old), Some(new));
    }
}
