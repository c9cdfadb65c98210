//! Schemas and security schemes that were missing. Each that is put in says itself who stands behind it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Given;
use crate::contract::documents::openapi::EXTENSION;
use crate::contract::model::event::Message;
use crate::contract::model::{Content, FeatureContract, Gap};
use crate::contract::resolutions::questions::is_empty;
use crate::contract::schema::{component_ref, each_ref};

/// What most bodies are.
const JSON: &str = "application/json";

/// Adds the responses of an operation that nothing told.
pub(super) fn responses(
    feature: &mut FeatureContract,
    index: usize,
    responses: &BTreeMap<String, Value>,
    given: &Given,
) -> Result<(), String> {
    responses.values().try_for_each(|schema| known_refs(feature, schema))?;
    let known = &mut feature.http[index].responses;
    // Code that says with which status it succeeds says it of all its successes.
    let succeeds = |status: &str| status.starts_with('2');
    let has_success = known.keys().any(|status| succeeds(status));
    let mut added = 0;
    for (status, schema) in responses {
        if !known.contains_key(status) && has_success && succeeds(status) {
            continue;
        }
        let response = known.entry(status.clone()).or_default();
        if response.content.values().all(is_empty) && !schema.is_null() {
            response.content = content_of(schema, &response.content, given);
        }
        added += 1;
    }
    if added > 0 { Ok(()) } else { Err("the code tells other statuses".into()) }
}

/// Adds what an operation takes.
pub(super) fn request(feature: &mut FeatureContract, index: usize, schema: &Value, given: &Given) -> Result<(), String> {
    known_refs(feature, schema)?;
    let Some(body) = &mut feature.http[index].request_body else { return Err("the operation takes no body".into()) };
    body.content = content_of(schema, &body.content, given);
    Ok(())
}

/// Adds what travels on a channel.
pub(super) fn payload(feature: &mut FeatureContract, index: usize, schema: &Value, given: &Given) -> Result<(), String> {
    known_refs(feature, schema)?;
    let messages = &mut feature.events[index].messages;
    if messages.is_empty() {
        messages.push(Message::default());
    }
    messages.iter_mut().filter(|message| is_empty(&message.payload)).for_each(|message| message.payload = marked(schema, given));
    Ok(())
}

/// Adds what a type looks like.
pub(super) fn component(feature: &mut FeatureContract, gap: &Gap, schema: &Value, given: &Given) -> Result<(), String> {
    known_refs(feature, schema)?;
    match feature.schemas.get_mut(&gap.subject).filter(|known| is_empty(known)) {
        Some(known) => *known = marked(schema, given),
        None => return Err(format!("the type `{}` is told by the code", gap.subject)),
    }
    Ok(())
}

/// Adds how a security scheme works.
pub(super) fn scheme(feature: &mut FeatureContract, gap: &Gap, scheme: Value, given: &Given) -> Result<(), String> {
    let known = feature.security_schemes.get_mut(&gap.subject).ok_or_else(|| format!("there is no scheme `{}`", gap.subject))?;
    *known = marked(&scheme, given);
    Ok(())
}

/// A body, under the media types that are known of it.
fn content_of(schema: &Value, known: &Content, given: &Given) -> Content {
    let mut schema = schema.clone();
    let told = schema.get("contentMediaType").and_then(Value::as_str).filter(|media| media.contains('/')).map(str::to_owned);
    if let (Some(_), Some(map)) = (&told, schema.as_object_mut()) {
        map.remove("contentMediaType");
    }
    let media: Vec<String> = if known.is_empty() { vec![told.unwrap_or_else(|| JSON.to_owned())] } else { known.keys().cloned().collect() };
    media.into_iter().map(|media| (media, marked(&schema, given))).collect()
}

/// A schema that says who stands behind it. Beside a reference that would be said of the type.
fn marked(schema: &Value, given: &Given) -> Value {
    let mut map = match schema {
        Value::Object(map) if map.contains_key("$ref") => Map::from_iter([("allOf".to_owned(), json!([schema]))]),
        Value::Object(map) => map.clone(),
        other => Map::from_iter([("allOf".to_owned(), json!([other]))]),
    };
    map.insert(EXTENSION.to_owned(), json!(given.by));
    Value::Object(map)
}

/// References lead to types that the feature has.
fn known_refs(feature: &FeatureContract, schema: &Value) -> Result<(), String> {
    let mut unknown = None;
    each_ref(schema, &mut |reference| {
        if component_ref(reference, |name| feature.schemas.contains_key(name)).is_none_or(|name| !feature.schemas.contains_key(&name)) {
            unknown.get_or_insert_with(|| reference.to_owned());
        }
    });
    unknown.map_or(Ok(()), |reference| Err(format!("`{reference}` leads to no type of the feature")))
}
