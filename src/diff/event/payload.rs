//! What messages carry: payloads and headers, in the direction they travel.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::avro;
use super::form::FROM;
use super::refs::{reference_of, resolved};
use super::schemas::FORMAT;
use super::side::{Action, Side};
use super::told::{Told, text};
use crate::diff::Level;
use crate::diff::schema::{Comparer, Direction, Place, SchemaChange};

/// The language of schemas that say nothing else.
const JSON: &str = "JSON Schema";
/// Compositions nested deeper name no headers.
const DEEPEST: usize = 20;

/// A message before and after, and the ways it travels.
pub struct Content<'s, 'a> {
    /// The documents.
    pub sides: (&'s Side<'a>, &'s Side<'a>),
    /// The message.
    pub messages: (&'a Value, &'a Value),
    /// The channel's address.
    pub subject: &'s str,
    /// The message's name.
    pub label: &'s str,
    /// Which ways it goes.
    pub ways: &'s BTreeSet<Action>,
}

/// A schema and its language.
struct Spoken<'a> {
    language: String,
    schema: &'a Value,
}

/// Tells what differs of a message's payload and headers.
pub fn compare<'a>(told: &mut Told, content: &Content<'_, 'a>, comparer: &mut Comparer<'a>) {
    of_payload(told, content, comparer);
    let since = told.len();
    of_headers(told, content, comparer);
    let (old, new) = content.messages;
    told.share(since, |change| {
        let header = change.location.path.split(['.', '[']).next().unwrap_or_default();
        let origin = |message: &Value| message.get(FROM)?.get(format!("headers/{header}"))?.as_str().map(str::to_owned);
        let name = match (origin(old), origin(new)) {
            (Some(left), Some(right)) if left != right => return None,
            (left, right) => left.or(right)?,
        };
        Some(format!("{name}.headers.{}", change.location.path))
    });
}

fn of_payload<'a>(told: &mut Told, content: &Content<'_, 'a>, comparer: &mut Comparer<'a>) {
    let (old, new) = (spoken(content.sides.0, content.messages.0, "payload"), spoken(content.sides.1, content.messages.1, "payload"));
    let part = format!("payload {}", content.label);
    let place = (content.subject, part.as_str());
    let (old, new) = match (old, new) {
        (None, None) => return,
        (Some(old), None) => {
            told.differs("event-payload-schema-removed", place, Some(old.schema.clone()), None);
            return;
        }
        (None, Some(new)) => {
            let change = told.differs("event-payload-schema-added", place, None, Some(new.schema.clone()));
            if content.ways.contains(&Action::Receive) {
                change.level = Level::Warning;
            }
            return;
        }
        (Some(old), Some(new)) => (old, new),
    };
    if old.language != new.language {
        told.differs("event-message-schema-format-changed", place, text(Some(&old.language)), text(Some(&new.language)));
    } else if is_json(&old.language) {
        both_ways(told, content, comparer, (place, (old.schema, new.schema), Place::Payload), |_| true);
    } else if old.language.contains("avro") {
        for change in avro::compare(old.schema, new.schema, content.ways) {
            told.schema(place, change);
        }
    } else if old.schema != new.schema {
        // A language that is not read here: that it still fits cannot be shown.
        told.differs("event-message-schema-format-changed", place, Some(old.schema.clone()), Some(new.schema.clone()));
    }
}

/// Compares schemas each way they are used; what differs either way is told once, as it is worse.
fn both_ways<'a>(
    told: &mut Told,
    content: &Content<'_, 'a>,
    comparer: &mut Comparer<'a>,
    of: ((&str, &str), (&'a Value, &'a Value), Place),
    counts: impl Fn(&SchemaChange) -> bool,
) {
    let (place, (old, new), kind) = of;
    let mut found: Vec<(Direction, SchemaChange)> = Vec::new();
    for way in content.ways {
        let direction = if *way == Action::Send { Direction::Output } else { Direction::Input };
        let changes = comparer.compare(old, new, direction, kind).into_iter().filter(&counts);
        found.extend(changes.map(|change| (direction, change)));
    }
    let mut worst: HashMap<(String, Option<String>, String), (Level, Direction)> = HashMap::new();
    let key_of = |change: &SchemaChange| {
        let text = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
        (change.path.clone(), change.shared.clone(), format!("{}\0{}", text(&change.before), text(&change.after)))
    };
    if content.ways.len() > 1 {
        for (direction, change) in &found {
            let known = worst.entry(key_of(change)).or_insert((change.level, *direction));
            *known = (*known).min((change.level, *direction));
        }
    }
    for (direction, change) in found {
        let is_worst = content.ways.len() < 2 || worst.get(&key_of(&change)).is_none_or(|(_, worse)| *worse == direction);
        if is_worst {
            told.schema(place, change);
        }
    }
}

/// A schema without its wrapper; none when it says nothing.
fn spoken<'a>(side: &Side<'a>, message: &'a Value, key: &str) -> Option<Spoken<'a>> {
    let said = message.get(key)?;
    let whole = resolved(side.root, said);
    let wrapped = whole.get("schemaFormat").and_then(Value::as_str).zip(whole.get("schema"));
    if let Some((format, schema)) = wrapped {
        return Some(Spoken { language: plain(format), schema });
    }
    let language = whole.get(FORMAT).and_then(Value::as_str).map_or_else(|| JSON.to_owned(), plain);
    let is_elsewhere = whole.is_null() && reference_of(said).is_some();
    let says = match whole {
        Value::Object(members) => {
            members.keys().any(|key| !matches!(key.as_str(), "description" | "title" | "examples") && !key.starts_with("x-"))
        }
        Value::Bool(anything) => !anything,
        _ => is_elsewhere,
    };
    says.then_some(Spoken { language, schema: said })
}

/// A format without what only says how it is written down.
fn plain(format: &str) -> String {
    let lower = format.to_ascii_lowercase().replace(' ', "");
    lower.replace("+json", "").replace("+yaml", "")
}

fn is_json(language: &str) -> bool {
    language == JSON || language.starts_with("application/vnd.oai.openapi")
}

/// Whether a message's payload is Avro.
pub fn is_avro(side: &Side<'_>, message: &Value) -> bool {
    spoken_is(side, message, "avro")
}

fn spoken_is(side: &Side<'_>, message: &Value, word: &str) -> bool {
    let whole = message.get("payload").map(|payload| resolved(side.root, payload));
    whole.and_then(|whole| whole.get("schemaFormat")).and_then(Value::as_str).is_some_and(|format| format.contains(word))
}

/// Headers by name, and which of them must be there.
#[derive(Default)]
struct Headers<'a> {
    by_name: BTreeMap<&'a str, &'a Value>,
    required: BTreeSet<&'a str>,
}

impl<'a> Headers<'a> {
    fn of(side: &Side<'a>, message: &'a Value) -> Self {
        let mut headers = Self::default();
        if let Some(schema) = message.get("headers") {
            headers.add(side, schema, 0);
        }
        headers
    }

    fn add(&mut self, side: &Side<'a>, schema: &'a Value, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let schema = resolved(side.root, schema);
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::iter);
        self.by_name.extend(properties.map(|(name, value)| (name.as_str(), value)));
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        self.required.extend(required.filter_map(Value::as_str));
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.add(side, part, depth + 1);
        }
    }
}

fn of_headers<'a>(told: &mut Told, content: &Content<'_, 'a>, comparer: &mut Comparer<'a>) {
    let (old, new) = (Headers::of(content.sides.0, content.messages.0), Headers::of(content.sides.1, content.messages.1));
    let part = format!("headers {}", content.label);
    let place = (content.subject, part.as_str());
    for (name, schema) in old.by_name.iter().filter(|(name, _)| !new.by_name.contains_key(*name)) {
        let change = told.differs("event-message-header-removed", place, Some((*schema).clone()), None);
        (*name).clone_into(&mut change.location.path);
    }
    for (name, schema) in new.by_name.iter().filter(|(name, _)| !old.by_name.contains_key(*name)) {
        let change = told.differs("event-message-header-added", place, None, Some((*schema).clone()));
        (*name).clone_into(&mut change.location.path);
        if new.required.contains(name) && content.ways.contains(&Action::Receive) {
            change.level = Level::Breaking;
        }
    }
    let schemas = content.messages.0.get("headers").zip(content.messages.1.get("headers"));
    let Some(schemas) = schemas else { return };
    let is_told = |path: &str| {
        let first = |name: &&&str| path.strip_prefix(**name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        let gone = old.by_name.keys().filter(|name| !new.by_name.contains_key(*name));
        let come = new.by_name.keys().filter(|name| !old.by_name.contains_key(*name));
        gone.chain(come).any(|name| first(&name))
    };
    both_ways(told, content, comparer, (place, schemas, Place::Header), |change| !is_told(&change.path));
}
