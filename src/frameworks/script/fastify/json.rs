//! JSON Schema written as an object literal, and the schemas of libraries that stand in its place.

use serde_json::Value;

use super::options::Entries;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::code::{CallId, Expr};
use crate::facts::members::{all_of, any_of};
use crate::facts::program::{CallRef, FileId, Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::script::literals::literal;

/// How deep schemas nest.
const MAX_DEPTH: u32 = 24;

/// Keywords that are kept as they are.
const KEYWORDS: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "multipleOf",
    "default",
    "examples",
    "title",
    "description",
];

/// The shape of a schema.
#[must_use]
pub fn shape(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Shape {
    shape_at(program, site, expr, mode, 0)
}

fn shape_at(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode, depth: u32) -> Shape {
    if depth > MAX_DEPTH {
        return Shape::Any;
    }
    let Some((head, at)) = object(program, site, expr) else {
        return program.shape_of_value(site, expr, mode);
    };
    let entries = program.entries(&at, head).unwrap_or_default();
    let entry = |key: &str| entries.iter().rev().find(|(name, ..)| name == key);
    if let Some((_, reference, at)) = entry("$ref") {
        let name = program.text(at, reference).plain().unwrap_or_default();
        return referenced(program, &name, mode, depth);
    }
    const TELLING: &[&str] = &["type", "properties", "items", "enum", "const", "anyOf", "oneOf", "allOf", "additionalProperties"];
    if !entries.iter().any(|(key, ..)| TELLING.contains(&key.as_str())) {
        // Members written without `type` and `properties` around them.
        let members: Vec<Member> =
            entries.iter().map(|(name, value, at)| Member::optional(name.clone(), shape_at(program, at, value, mode, depth + 1))).collect();
        return if members.is_empty() { Shape::Any } else { Shape::record(members) };
    }
    let shape = told(program, &entries, mode, depth);
    KEYWORDS.iter().fold(shape, |shape, keyword| match entry(keyword).and_then(|(_, value, at)| literal(program, at, value)) {
        Some(value) => shape.with(keyword, value),
        None => shape,
    })
}

/// The object literal an expression is.
fn object<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<(&'p Expr, Site)> {
    match expr {
        Expr::Object(_) => Some((expr, site.clone())),
        Expr::Cast(pair) => object(program, site, &pair.0),
        _ => {
            let meaning = program.resolve(site, expr);
            let (value, at) = meaning.value()?;
            matches!(value, Expr::Object(_)).then(|| (value, at.clone()))
        }
    }
}

fn told(program: &dyn Program, entries: &Entries, mode: Mode, depth: u32) -> Shape {
    let entry = |key: &str| entries.iter().rev().find(|(name, ..)| name == key);
    let below = |value: &Expr, at: &Site| shape_at(program, at, value, mode, depth + 1);
    let listed = |key: &str| -> Option<Vec<Shape>> {
        let (_, list, at) = entry(key)?;
        Some(program.items(at, list)?.into_iter().map(|(item, at)| below(item, &at)).collect())
    };
    if let Some((_, value, at)) = entry("const") {
        return literal(program, at, value).map_or(Shape::Any, |value| Shape::Enum(vec![value]));
    }
    if let Some((_, values, at)) = entry("enum")
        && let Some(Value::Array(values)) = literal(program, at, values)
    {
        return Shape::Enum(values);
    }
    if let Some(shapes) = listed("anyOf").or_else(|| listed("oneOf")) {
        return any_of(shapes);
    }
    if let Some(shapes) = listed("allOf") {
        return all_of(shapes);
    }
    let kinds: Vec<String> = match entry("type").and_then(|(_, kind, at)| literal(program, at, kind)) {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect(),
        _ if entry("properties").is_some() => vec!["object".to_owned()],
        _ if entry("items").is_some() => vec!["array".to_owned()],
        _ => Vec::new(),
    };
    let is_nullable = entry("nullable").is_some_and(|(_, value, _)| **value == Expr::Bool(true));
    let shape = any_of(kinds.iter().map(|kind| match kind.as_str() {
        "string" => Shape::Text(entry("format").and_then(|(_, format, at)| program.text(at, format).plain()).map(Into::into)),
        "integer" => Shape::Int,
        "number" => Shape::Number,
        "boolean" => Shape::Bool,
        "null" => Shape::Null,
        "array" => entry("items").map_or(Shape::Any, |(_, items, at)| below(items, at)).list(),
        "object" => record(program, entries, mode, depth),
        _ => Shape::Any,
    }));
    match (kinds.is_empty(), is_nullable) {
        (true, _) => Shape::Any,
        (_, true) => shape.or_null(),
        _ => shape,
    }
}

fn record(program: &dyn Program, entries: &Entries, mode: Mode, depth: u32) -> Shape {
    let entry = |key: &str| entries.iter().rev().find(|(name, ..)| name == key);
    let required: Vec<String> = match entry("required").and_then(|(_, list, at)| literal(program, at, list)) {
        Some(Value::Array(names)) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    let properties = entry("properties").and_then(|(_, properties, at)| program.entries(at, properties)).unwrap_or_default();
    let members: Vec<Member> = properties
        .into_iter()
        .map(|(name, value, at)| {
            let required = required.iter().any(|known| name == *known);
            Member { required, ..Member::required(name, shape_at(program, &at, value, mode, depth + 1)) }
        })
        .collect();
    let rest = entry("additionalProperties").and_then(|(_, rest, at)| match rest {
        Expr::Bool(false) => Some(Shape::Never),
        Expr::Bool(true) => None,
        rest => Some(shape_at(program, at, rest, mode, depth + 1)),
    });
    match rest {
        Some(rest) if members.is_empty() && rest != Shape::Never => Shape::Map(Box::new(rest)),
        rest if members.is_empty() && rest.is_none() => Shape::Map(Box::new(Shape::Any)),
        rest => Shape::Record(Box::new(Record { members, rest, doc: None })),
    }
}

/// The schema that `addSchema({ $id: "user", … })` named.
fn referenced(program: &dyn Program, reference: &str, mode: Mode, depth: u32) -> Shape {
    let id = reference.split('#').next().unwrap_or_default();
    if id.is_empty() {
        return Shape::Any;
    }
    let added = Added::of(program);
    let Some(call) = added.0.get(id) else { return Shape::Any };
    let made = program.call(*call);
    let site = Site::of_call(call.file, made);
    made.positional(0).map_or(Shape::Any, |schema| shape_at(program, &site, schema, mode, depth + 4))
}

/// The calls of `addSchema` by the ids they name; the first of an id counts.
struct Added(BTreeMap<String, CallRef>);

impl Added {
    fn of(program: &dyn Program) -> Arc<Self> {
        program.answers().once(|| {
            let mut added = BTreeMap::new();
            for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language.is_script()) {
                for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
                    if call.callee.last_name().is_none_or(|name| name != "addSchema") {
                        continue;
                    }
                    let site = Site::of_call(file, call);
                    let entries = call.positional(0).and_then(|schema| program.entries(&site, schema)).unwrap_or_default();
                    let named = entries.iter().find(|(key, ..)| key == "$id").and_then(|(_, id, at)| program.text(at, id).plain());
                    if let Some(named) = named {
                        added.entry(named).or_insert(CallRef { file, id: CallId(id) });
                    }
                }
            }
            Self(added)
        })
    }
}
