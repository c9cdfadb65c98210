//! `events_contract.json`: what a feature sends and hears, as an AsyncAPI 3.0 document. What AsyncAPI has no place for stands under
//! `x-contract-agent`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::openapi::EXTENSION;
use crate::contract::model::FeatureContract;
use crate::contract::model::event::{Action, Event, Message};
use crate::contract::schema::{closure, component_ref, each_ref};
use crate::contract::settle::legal;

/// Stands near the top of every document, so that it is known as ours.
pub const EVENTS_MARK: &str = "\"x-written-by\": \"contract-agent\"";

/// Protocols whose bindings AsyncAPI knows, with the version written here.
const AMQP_BINDING: &str = "0.3.0";
const KAFKA_BINDING: &str = "0.5.0";

/// The document of a settled feature; `None` when it neither sends nor hears.
#[must_use]
pub fn document_of(feature: &FeatureContract) -> Option<Value> {
    if feature.events.is_empty() {
        return None;
    }
    let ids = Ids::of(&feature.events);
    let mut info = json!({"title": feature.name, "version": feature.version});
    if !feature.purpose.is_empty() {
        info["description"] = json!(feature.purpose);
    }
    let mut document =
        json!({"asyncapi": "3.0.0", "x-written-by": "contract-agent", "info": info, "defaultContentType": "application/json"});
    document["servers"] = servers(feature);
    document["channels"] = channels(feature, &ids);
    document["operations"] = operations(feature, &ids);
    document["components"] = components(feature, &ids);
    Some(document)
}

/// Keys of channels and messages, all different.
struct Ids<'a> {
    channels: BTreeMap<(&'a str, &'a str), String>,
    /// Protocol, address, message and payload → key under `components/messages`.
    messages: BTreeMap<(&'a str, &'a str, &'a str, String), String>,
}

impl<'a> Ids<'a> {
    fn of(events: &'a [Event]) -> Self {
        let mut ids = Self { channels: BTreeMap::new(), messages: BTreeMap::new() };
        let (mut taken, mut known) = (BTreeSet::new(), BTreeSet::new());
        // Messages that say something come first: those that say nothing are the same by their names.
        let mut messages: Vec<(&Event, &Message)> =
            events.iter().flat_map(|event| event.messages.iter().map(move |one| (event, one))).collect();
        messages.sort_by_key(|(_, message)| is_open(message));
        for event in events {
            let clean = legal(&event.channel).replace('.', "_");
            let key = (event.protocol.as_str(), event.channel.as_str());
            ids.channels.entry(key).or_insert_with(|| unique(&clean, &format!("{clean}_{}", event.protocol), &mut taken));
        }
        for (event, message) in messages {
            if ids.find(event, message).is_none() {
                let longer = format!("{}_{}", legal(&event.channel).replace('.', "_"), message.name);
                let name = unique(&message.name, &longer, &mut known);
                ids.messages.insert((&event.protocol, &event.channel, &message.name, text_of(message)), name);
            }
        }
        ids
    }

    fn channel(&self, event: &'a Event) -> &str {
        self.channels.get(&(event.protocol.as_str(), event.channel.as_str())).map_or("", String::as_str)
    }

    fn message(&self, event: &'a Event, message: &'a Message) -> &str {
        self.find(event, message).map_or("", String::as_str)
    }

    /// The key of a message; of one that says nothing the key of any of its name.
    fn find(&self, event: &'a Event, message: &'a Message) -> Option<&String> {
        let (protocol, channel, name) = (event.protocol.as_str(), event.channel.as_str(), message.name.as_str());
        if !is_open(message) {
            return self.messages.get(&(protocol, channel, name, text_of(message)));
        }
        let mut same = self.messages.range((protocol, channel, name, String::new())..);
        same.next().filter(|(key, _)| (key.0, key.1, key.2) == (protocol, channel, name)).map(|(_, id)| id)
    }
}

/// Whether a message says nothing of what travels.
fn is_open(message: &Message) -> bool {
    message.payload == json!({}) && message.headers.is_null()
}

fn text_of(message: &Message) -> String {
    format!("{}{}", message.payload, message.headers)
}

fn unique(wanted: &str, longer: &str, taken: &mut BTreeSet<String>) -> String {
    let candidates = [wanted.to_owned(), longer.to_owned()].into_iter().chain((2_usize..).map(|n| format!("{longer}_{n}")));
    let free = candidates.into_iter().find(|name| !taken.contains(name)).expect("fewer names than numbers");
    taken.insert(free.clone());
    free
}

/// One server for each protocol, at the host the code says, else at one that settings say.
fn servers(feature: &FeatureContract) -> Value {
    let protocols: BTreeSet<&str> = feature.events.iter().filter(|event| !event.is_internal).map(|event| event.protocol.as_str()).collect();
    let mut servers = Map::new();
    for protocol in protocols {
        let host = feature.brokers.iter().find(|broker| broker.protocol == protocol).map_or("{host}", |broker| broker.host.as_str());
        let host = if host.is_empty() { "{host}" } else { host };
        let mut server = json!({"host": host, "protocol": protocol});
        let variables: Map<String, Value> =
            names_in(host).map(|name| (name.to_owned(), json!({"description": "Set where the program runs."}))).collect();
        if !variables.is_empty() {
            server["variables"] = Value::Object(variables);
        }
        servers.insert(legal(protocol).replace('.', "_"), server);
    }
    Value::Object(servers)
}

/// The names between braces.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

fn channels<'a>(feature: &'a FeatureContract, ids: &Ids<'a>) -> Value {
    let mut channels = Map::new();
    for event in &feature.events {
        let channel = channels.entry(ids.channel(event)).or_insert_with(|| channel_of(event));
        let messages = &mut channel["messages"];
        for message in &event.messages {
            let key = ids.message(event, message);
            messages[key] = json!({"$ref": format!("#/components/messages/{key}")});
        }
    }
    channels.sort_keys();
    Value::Object(channels)
}

fn channel_of(event: &Event) -> Value {
    let mut channel = json!({"address": event.channel, "messages": {}});
    let parameters: Map<String, Value> = names_in(&event.channel).map(|name| (legal(name), json!({}))).collect();
    if !parameters.is_empty() {
        channel["parameters"] = Value::Object(parameters);
    }
    if event.is_internal {
        channel["x-internal"] = json!(true);
    } else {
        channel["servers"] = json!([{"$ref": format!("#/servers/{}", legal(&event.protocol).replace('.', "_"))}]);
    }
    if let Some(bindings) = bindings_of(event) {
        channel["bindings"] = bindings;
    }
    channel["x-protocol"] = json!(event.protocol);
    let mut ours = json!({"kind": event.kind});
    if !event.aliases.is_empty() {
        ours["aliases"] = json!(event.aliases);
    }
    if !event.bindings.is_empty() {
        ours["bindings"] = json!(event.bindings);
    }
    channel[EXTENSION] = ours;
    channel
}

/// What AsyncAPI's own bindings can say of a channel.
fn bindings_of(event: &Event) -> Option<Value> {
    match event.protocol.as_str() {
        "kafka" => Some(json!({"kafka": {"topic": event.channel, "bindingVersion": KAFKA_BINDING}})),
        "amqp" => {
            let exchange = event.bindings.get("exchange").filter(|name| !name.is_empty());
            let binding = match exchange {
                Some(exchange) => json!({"is": "routingKey", "exchange": {"name": exchange}, "bindingVersion": AMQP_BINDING}),
                None => json!({"is": "queue", "queue": {"name": event.channel}, "bindingVersion": AMQP_BINDING}),
            };
            Some(json!({"amqp": binding}))
        }
        _ => None,
    }
}

fn operations<'a>(feature: &'a FeatureContract, ids: &Ids<'a>) -> Value {
    let mut operations = Map::new();
    let mut taken = BTreeSet::new();
    for event in &feature.events {
        let channel = ids.channel(event);
        let messages: Vec<Value> = event
            .messages
            .iter()
            .map(|message| json!({"$ref": format!("#/channels/{channel}/messages/{}", ids.message(event, message))}))
            .collect();
        let mut operation = json!({"action": event.action.key(), "channel": {"$ref": format!("#/channels/{channel}")}});
        if !event.description.is_empty() {
            operation["description"] = json!(event.description);
        }
        if !messages.is_empty() {
            operation["messages"] = json!(messages);
        }
        if let (Some(group), "kafka") = (event.bindings.get("groupId"), event.protocol.as_str()) {
            operation["bindings"] = json!({"kafka": {"groupId": {"type": "string", "enum": [group]}, "bindingVersion": KAFKA_BINDING}});
        }
        operation[EXTENSION] = extension_of(event);
        let verb = if event.action == Action::Send { "send" } else { "receive" };
        operations.insert(unique(&format!("{verb}_{channel}"), &format!("{verb}_{channel}_{}", event.protocol), &mut taken), operation);
    }
    operations.sort_keys();
    Value::Object(operations)
}

fn extension_of(event: &Event) -> Value {
    let mut ours = json!({
        "evidence": event.evidence,
        "frameworks": event.frameworks,
        "origin": event.origin,
        "confidence": event.confidence,
    });
    for (key, list) in [("schedules", &event.schedules), ("counterparts", &event.counterparts)] {
        if !list.is_empty() {
            ours[key] = json!(list);
        }
    }
    ours
}

fn components<'a>(feature: &'a FeatureContract, ids: &Ids<'a>) -> Value {
    let mut messages = Map::new();
    let mut roots = BTreeSet::new();
    for event in &feature.events {
        for message in &event.messages {
            let mut written = json!({"name": message.name, "payload": message.payload});
            if !message.headers.is_null() {
                written["headers"] = message.headers.clone();
            }
            for schema in [&message.payload, &message.headers] {
                each_ref(schema, &mut |reference| roots.extend(component_ref(reference, |name| feature.schemas.contains_key(name))));
            }
            let key = ids.message(event, message);
            if !is_open(message) || !messages.contains_key(key) {
                messages.insert(key.to_owned(), written);
            }
        }
    }
    messages.sort_keys();
    let reached = closure(&feature.schemas, roots);
    let schemas: Map<String, Value> =
        feature.schemas.iter().filter(|(name, _)| reached.contains(*name)).map(|(name, schema)| (name.clone(), schema.clone())).collect();
    let mut components = json!({"messages": messages});
    if !schemas.is_empty() {
        components["schemas"] = Value::Object(schemas);
    }
    components
}
