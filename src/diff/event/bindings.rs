//! Settings of brokers: what decides where messages go, in which order and how surely, and all the rest.

use serde_json::{Value, json};

use super::plain::meant;
use super::side::Side;
use super::told::{Told, text};

/// What the settings are of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A channel.
    Channel,
    /// An operation.
    Operation,
    /// A message.
    Message,
    /// A server.
    Server,
}

/// Names of topics, queues and exchanges.
const ADDRESSES: &[&str] = &[
    "/kafka/topic",
    "/amqp/queue/name",
    "/amqp/exchange/name",
    "/sqs/queue/name",
    "/sns/name",
    "/googlepubsub/topic",
    "/jms/destination",
    "/anypointmq/destination",
    "/ibmmq/topic/string",
    "/ibmmq/queue/objectName",
];

/// What decides the partition.
const KEYS: &[&str] = &["/kafka/key", "/googlepubsub/orderingKey"];

/// Settings that say how surely or in which order messages arrive, with a value that is sure and those that are less so.
const SURE: &[(&str, &str, &[&str])] = &[
    ("/amqp/ack", "true", &["false"]),
    ("/amqp/deliveryMode", "2", &["1"]),
    ("/mqtt/qos", "2", &["1", "0"]),
    ("/mqtt/qos", "1", &["0"]),
    ("/mqtt5/qos", "2", &["1", "0"]),
    ("/mqtt5/qos", "1", &["0"]),
    ("/sqs/queue/fifoQueue", "true", &["false", ""]),
    ("/sns/ordering/type", "\"FIFO\"", &["\"standard\"", ""]),
    ("/pulsar/persistence", "\"persistent\"", &["\"non-persistent\""]),
    ("/solace/destinations/0/deliveryMode", "\"persistent\"", &["\"direct\""]),
];

impl Of {
    fn rule(self) -> &'static str {
        match self {
            Self::Channel => "event-channel-binding-changed",
            Self::Operation => "event-operation-binding-changed",
            Self::Message => "event-message-binding-changed",
            Self::Server => "event-server-binding-changed",
        }
    }
}

/// The settings of two states of one thing.
pub fn compare(told: &mut Told, sides: (&Side<'_>, &Side<'_>), things: (&Value, &Value), of: Of, place: (&str, &str)) {
    partition_key(told, things, place);
    let mut before = bindings_of(sides.0, things.0);
    let mut after = bindings_of(sides.1, things.1);
    addresses(told, &mut before, &mut after, place);
    keys(told, &mut before, &mut after, place);
    guarantees(told, &mut before, &mut after, place);
    pruned(&mut before);
    pruned(&mut after);
    if before != after {
        told.differs(of.rule(), place, some(before), some(after));
    }
}

fn bindings_of(side: &Side<'_>, thing: &Value) -> Value {
    thing.get("bindings").map_or_else(|| json!({}), |bindings| meant(side.root, bindings))
}

/// The value, unless it says nothing.
fn some(value: Value) -> Option<Value> {
    Some(value).filter(|value| value.as_object().is_none_or(|members| !members.is_empty()))
}

/// Protocols of which nothing is said are left out.
fn pruned(bindings: &mut Value) {
    if let Some(members) = bindings.as_object_mut() {
        members.retain(|_, value| value.as_object().is_none_or(|members| !members.is_empty()));
    }
}

/// A key that the document names in words: `x-partition-key: customerId`.
fn partition_key(told: &mut Told, things: (&Value, &Value), place: (&str, &str)) {
    let key_of = |thing: &Value| thing.get("x-partition-key").and_then(Value::as_str).map(str::to_owned);
    if let (Some(before), after) = (key_of(things.0), key_of(things.1))
        && after.as_ref() != Some(&before)
    {
        told.differs("event-partition-key-changed", place, text(Some(&before)), text(after.as_deref()));
    }
}

/// Another topic, queue or exchange; where only one side names it, it may be the same.
fn addresses(told: &mut Told, before: &mut Value, after: &mut Value, place: (&str, &str)) {
    for pointer in ADDRESSES {
        let (old, new) = (before.pointer(pointer).cloned(), after.pointer(pointer).cloned());
        if let (Some(old), Some(new)) = (&old, &new)
            && old != new
        {
            told.differs("event-channel-address-changed", place, Some(old.clone()), Some(new.clone()));
        }
        let is_known = old.is_some() && new.is_some();
        for (side, value) in [(&mut *before, old), (&mut *after, new)] {
            // A channel's address says the same as its topic.
            if is_known || value.as_ref().and_then(Value::as_str) == Some(place.0) {
                take(side, pointer);
            }
        }
    }
}

/// A key that is gone or another one. A new one may have been there before, unsaid.
fn keys(told: &mut Told, before: &mut Value, after: &mut Value, place: (&str, &str)) {
    for pointer in KEYS {
        let (old, new) = (before.pointer(pointer).cloned(), after.pointer(pointer).cloned());
        if old.is_some() && old != new {
            take(before, pointer);
            take(after, pointer);
            told.differs("event-partition-key-changed", place, old, new);
        }
    }
}

fn guarantees(told: &mut Told, before: &mut Value, after: &mut Value, place: (&str, &str)) {
    for (pointer, sure, weaker) in SURE {
        let (old, new) = (before.pointer(pointer).cloned(), after.pointer(pointer).cloned());
        let said = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
        let is_weaker = said(&old) == *sure && weaker.contains(&said(&new).as_str());
        if is_weaker {
            take(before, pointer);
            take(after, pointer);
            told.differs("event-delivery-guarantee-weakened", place, old, new);
        }
    }
}

/// Takes away what a pointer leads to.
fn take(value: &mut Value, pointer: &str) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    if let Some(members) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
        members.remove(key);
    }
}
