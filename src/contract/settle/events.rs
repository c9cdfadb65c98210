//! Events in canonical form: one entry for each channel and direction of a feature, messages with names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{EVIDENCE_CAP, settle_gaps, sort_unique};
use crate::contract::model::FeatureContract;
use crate::contract::model::event::{Event, Message};

/// Joins what is said of one channel and direction, and sorts.
pub fn settle(feature: &mut FeatureContract) {
    let mut joined: BTreeMap<(String, String, _), Event> = BTreeMap::new();
    for event in std::mem::take(&mut feature.events) {
        match joined.entry((event.channel.clone(), event.protocol.clone(), event.action)) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(event);
            }
            std::collections::btree_map::Entry::Occupied(mut first) => join(first.get_mut(), event),
        }
    }
    feature.events = joined.into_values().collect();
    feature.events.iter_mut().for_each(settle_event);
    sort_unique(&mut feature.brokers);
}

fn join(first: &mut Event, event: Event) {
    first.is_internal &= event.is_internal;
    first.aliases.extend(event.aliases);
    first.messages.extend(event.messages);
    first.schedules.extend(event.schedules);
    first.counterparts.extend(event.counterparts);
    first.frameworks.extend(event.frameworks);
    first.evidence.extend(event.evidence);
    first.gaps.extend(event.gaps);
    first.confidence = first.confidence.max(event.confidence);
    // What code says is not a model's word because a model named another place that does the same.
    first.origin = first.origin.min(event.origin);
    if first.description.is_empty() {
        first.description = event.description;
    }
    for (key, value) in event.bindings {
        first.bindings.entry(key).or_insert(value);
    }
}

fn settle_event(event: &mut Event) {
    event.aliases.retain(|alias| *alias != event.channel && !alias.is_empty());
    for list in [&mut event.aliases, &mut event.schedules, &mut event.counterparts, &mut event.frameworks] {
        sort_unique(list);
    }
    sort_unique(&mut event.evidence);
    event.evidence.dedup_by(|a, b| a.is_same_place(b));
    event.evidence.truncate(EVIDENCE_CAP);
    settle_gaps(&mut event.gaps);
    settle_messages(event);
}

/// Messages of one name and payload are one; those that say nothing give way to those that do.
fn settle_messages(event: &mut Event) {
    let says = |message: &Message| message.payload != json!({}) && !message.payload.is_null();
    let named: BTreeSet<String> = event.messages.iter().filter(|message| says(message)).map(|message| message.name.clone()).collect();
    let has_any = !named.is_empty();
    event.messages.retain(|message| says(message) || !(named.contains(&message.name) || message.name.is_empty() && has_any));
    for message in &mut event.messages {
        if message.payload.is_null() {
            message.payload = json!({});
        }
        if message.name.is_empty() {
            message.name = name_of(&message.payload, &event.channel);
        }
    }
    event.messages.sort_by(|a, b| {
        (&a.name, a.payload.to_string(), a.headers.to_string()).cmp(&(&b.name, b.payload.to_string(), b.headers.to_string()))
    });
    event.messages.dedup();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for message in &mut event.messages {
        let clean = legal(&message.name);
        let unique = std::iter::once(clean.clone())
            .chain((2_usize..).map(|n| format!("{clean}_{n}")))
            .find(|name| !taken.contains(name))
            .expect("fewer messages than numbers");
        taken.insert(unique.clone());
        message.name = unique;
    }
}

/// The payload's type, else the channel.
fn name_of(payload: &Value, channel: &str) -> String {
    let component = payload.get("$ref").and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next());
    component.unwrap_or(channel).to_owned()
}

/// AsyncAPI takes `^[\w.-]+$` for the keys of messages and channels.
#[must_use]
pub fn legal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') {
            out.push(c);
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    let clean = out.trim_matches('_');
    if clean.is_empty() { "message".into() } else { clean.into() }
}

/// Calls with every schema of an event.
pub fn each_payload_mut(event: &mut Event, visit: &mut dyn FnMut(&mut Value)) {
    for message in &mut event.messages {
        visit(&mut message.payload);
        if !message.headers.is_null() {
            visit(&mut message.headers);
        }
    }
}
