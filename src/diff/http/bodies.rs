//! Request bodies, and the content of bodies in general: media types, their schemas, their encoding.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::schema::{Direction, Place, SchemaChange};
use super::comparison::{Comparison, Scope, Values};
use super::media::{Media, Relation};
use super::side::{Operation, flag, members};

/// Compares the request bodies of two operations.
pub fn compare_requests<'a>(comparison: &mut Comparison<'a>, scope: &Scope, before: &Operation<'a>, after: &Operation<'a>) {
    let old = comparison.before.member(before.node, "requestBody");
    let new = comparison.after.member(after.node, "requestBody");
    let part = "request body";
    match (old, new) {
        (None, None) => {}
        (None, Some(new)) => {
            let is_required = flag(new.value, "required");
            let rule = if is_required { "http-request-body-required-added" } else { "http-request-body-optional-added" };
            comparison.tell(scope, part, rule, Values::new(names_of(new.value)));
        }
        (Some(old), None) => comparison.tell(scope, part, "http-request-body-removed", Values::gone(names_of(old.value))),
        (Some(old), Some(new)) => {
            let scope = &scope.in_component(old.shared, new.shared, part);
            match (flag(old.value, "required"), flag(new.value, "required")) {
                (false, true) => comparison.tell(scope, part, "http-request-body-became-required", Values::both(false, true)),
                (true, false) => comparison.tell(scope, part, "http-request-body-became-optional", Values::both(true, false)),
                _ => {}
            }
            compare_request_content(comparison, scope, old.value, new.value);
        }
    }
}

/// The formats of a body.
fn names_of(body: &Value) -> Value {
    members(body.get("content")).map(|(name, _)| json!(name)).collect()
}

/// Media types by name, with what is said of them.
pub type Contents<'a> = Vec<(&'a str, &'a Value)>;

/// The media types of a body, in order.
pub fn contents_of<'a>(comparison: &Comparison<'a>, body: &'a Value, is_before: bool) -> Contents<'a> {
    let side = if is_before { comparison.before } else { comparison.after };
    members(body.get("content")).map(|(name, media)| (name.as_str(), side.meant(media).value)).collect()
}

/// What was accepted has to be accepted still, under this name or in a range.
fn compare_request_content<'a>(comparison: &mut Comparison<'a>, scope: &Scope, before: &'a Value, after: &'a Value) {
    let old = contents_of(comparison, before, true);
    let new = contents_of(comparison, after, false);
    let mut pairs = Vec::new();
    let mut met = Vec::new();
    for (name, media) in &old {
        let wanted = Media::of(name);
        let relation = |candidate: &str| wanted.relation(&Media::of(candidate), *name == candidate);
        let rank = |candidate: &str| match relation(candidate) {
            Relation::Same => Some(0),
            Relation::Renamed if Media::of(candidate).covers(&wanted) => Some(1),
            Relation::Widened if Media::of(candidate).is_range() => Some(2),
            _ => None,
        };
        let found = new.iter().filter_map(|(candidate, media)| Some((rank(candidate)?, *candidate, *media))).min_by_key(|(rank, ..)| *rank);
        match found {
            Some((_, candidate, other)) => {
                if relation(candidate) != Relation::Widened {
                    met.push(candidate);
                }
                pairs.push((*name, *media, other));
            }
            None => comparison.tell(scope, "request body", "http-request-media-type-removed", Values::gone(*name)),
        }
    }
    for (name, _) in new.iter().filter(|(name, _)| {
        !met.contains(name) && !old.iter().any(|(old, _)| Media::of(old).covers(&Media::of(name)) && Media::of(old).is_range())
    }) {
        comparison.tell(scope, "request body", "http-request-media-type-added", Values::new(*name));
    }
    let bodies = Bodies {
        part: "request body",
        direction: scope.flow.of_requests(),
        schema_added: "http-request-media-type-schema-added",
        schema_removed: "http-request-media-type-schema-removed",
    };
    compare_media(comparison, scope, &bodies, &pairs);
}

/// Bodies of one direction, and the rules for schemas that come and go.
pub struct Bodies<'p> {
    /// `201 body`.
    pub part: &'p str,
    /// Which way they travel.
    pub direction: Direction,
    /// The rule of a schema where there was none.
    pub schema_added: &'static str,
    /// The rule of a schema that is gone.
    pub schema_removed: &'static str,
}

/// A media type's name, and what both sides say of it.
pub type Pair<'a> = (&'a str, &'a Value, &'a Value);

/// Compares what is said of media types that belong together. What changed alike in all of them is told once.
pub fn compare_media<'a>(comparison: &mut Comparison<'a>, scope: &Scope, bodies: &Bodies<'_>, pairs: &[Pair<'a>]) {
    let part = bodies.part;
    let mut schemas: Vec<Pair<'a>> = Vec::new();
    for (name, before, after) in pairs {
        let schema = |media: &'a Value| media.get("schema").or_else(|| media.get("itemSchema")).filter(|schema| !schema.is_null());
        match (schema(before), schema(after)) {
            (Some(before), Some(after)) => schemas.push((name, before, after)),
            (None, Some(_)) => comparison.tell(scope, part, bodies.schema_added, Values::new(*name)),
            (Some(_), None) => comparison.tell(scope, part, bodies.schema_removed, Values::gone(*name)),
            (None, None) => {}
        }
        compare_encoding(comparison, scope, part, before, after);
    }
    let Some((_, before, after)) = schemas.first().copied() else { return };
    if schemas.iter().all(|(_, old, new)| (*old, *new) == (before, after)) {
        let place = if schemas.iter().all(|(name, ..)| is_text(name)) { Place::Text } else { Place::Body };
        return comparison.tell_schemas(scope, part, (before, after), (bodies.direction, place));
    }
    compare_different(comparison, scope, bodies, &schemas);
}

/// Whether the values of a media type travel as text.
fn is_text(media: &str) -> bool {
    let plain = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(plain.as_str(), "application/x-www-form-urlencoded" | "multipart/form-data" | "text/plain")
}

/// Compares schemas of media types that have one each.
fn compare_different<'a>(comparison: &mut Comparison<'a>, scope: &Scope, bodies: &Bodies<'_>, schemas: &[Pair<'a>]) {
    let part = bodies.part;
    let mut changes: BTreeMap<String, (SchemaChange, BTreeSet<&str>)> = BTreeMap::new();
    for (name, before, after) in schemas {
        let place = if is_text(name) { Place::Text } else { Place::Body };
        for change in comparison.schema_changes((before, after), bodies.direction, place) {
            let key = format!("{}\0{}\0{:?}\0{:?}", change.path, change.rule, change.before, change.after);
            changes.entry(key).or_insert_with(|| (change, BTreeSet::new())).1.insert(name);
        }
    }
    for (change, names) in changes.into_values() {
        if names.len() == schemas.len() {
            comparison.tell_schema(scope, part, change);
        } else {
            for name in names {
                comparison.tell_schema(scope, &format!("{part} {name}"), change.clone());
            }
        }
    }
}

fn compare_encoding(comparison: &mut Comparison<'_>, scope: &Scope, part: &str, before: &Value, after: &Value) {
    let of = |media: &Value, name: &str| media.get("encoding").and_then(|all| all.get(name)).cloned();
    let names = members(before.get("encoding")).chain(members(after.get("encoding"))).map(|(name, _)| name.clone());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    for name in names {
        let plain = |encoding: Option<Value>| {
            let words = ["contentType", "style", "explode", "allowReserved"];
            let encoding = encoding.unwrap_or_default();
            words.into_iter().filter_map(|word| Some((word.to_owned(), encoding.get(word)?.clone()))).collect::<serde_json::Map<_, _>>()
        };
        let (old, new) = (plain(of(before, &name)), plain(of(after, &name)));
        if old != new {
            comparison.tell(scope, &format!("{part} field {name}"), "http-encoding-changed", Values::both(old, new));
        }
    }
}
