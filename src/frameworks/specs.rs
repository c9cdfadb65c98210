//! Specifications that programmers write into comments and docstrings: OpenAPI operations as YAML (apispec, flasgger, swagger-jsdoc).
//!
//! The operation is the code's; what stands here enriches it. References to schemas that stand elsewhere are not followed.

use serde_json::{Map, Value};

use crate::base::Name;
use crate::facts::finding::{BodyFinding, Location, Method, ParamFinding, ResponseFinding, Route, SchemeKind, SchemeUse, Security};
use crate::facts::shape::{Member, Record, Shape};

/// How deep schemas may nest.
const MAX_DEPTH: u32 = 32;

/// Texts longer than this are not read as YAML.
const MAX_TEXT: usize = 200_000;

/// The mapping that stands behind a line of dashes.
#[must_use]
pub fn behind_dashes(text: &str) -> Option<Map<String, Value>> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        offset += line.len();
        if line.trim() == "---" {
            return mapping(&text[offset..]);
        }
    }
    None
}

/// What stands before a line of dashes: prose.
#[must_use]
pub fn before_dashes(text: &str) -> &str {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.trim() == "---" {
            break;
        }
        offset += line.len();
    }
    text.get(..offset).unwrap_or(text).trim()
}

/// A YAML mapping.
#[must_use]
pub fn mapping(text: &str) -> Option<Map<String, Value>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    match serde_yaml::from_str::<Value>(text).ok()? {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

/// The operation that a mapping describes for a method: under the method's key, or the whole mapping when it has no such keys.
#[must_use]
pub fn operation_for(map: &Map<String, Value>, method: Method) -> Option<&Map<String, Value>> {
    let is_by_method = map.keys().any(|key| Method::of(key).is_some());
    if !is_by_method {
        return Some(map);
    }
    map.iter().find(|(key, _)| Method::of(key) == Some(method)).and_then(|(_, value)| value.as_object())
}

/// Adds what a described operation says to a route.
pub fn enrich(route: &mut Route, operation: &Map<String, Value>) {
    let text = |key: &str| operation.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(Name::from);
    route.summary = text("summary").or(route.summary.take());
    route.description = text("description").or(route.description.take());
    route.operation_id = text("operationId").or(route.operation_id.take());
    route.deprecated |= operation.get("deprecated").and_then(Value::as_bool).unwrap_or(false);
    for tag in operation.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !route.tags.iter().any(|known| known == tag) {
            route.tags.push(tag.into());
        }
    }
    parameters(route, operation);
    if let Some(body) = operation.get("requestBody").and_then(Value::as_object) {
        let required = body.get("required").and_then(Value::as_bool).unwrap_or(false);
        let doc = body.get("description").and_then(Value::as_str).map(Name::from);
        set_body(route, BodyFinding { required, contents: contents(body), doc });
    }
    responses(route, operation);
    security(route, operation);
}

fn parameters(route: &mut Route, operation: &Map<String, Value>) {
    let consumes = operation.get("consumes").and_then(Value::as_array).and_then(|media| media.first()).and_then(Value::as_str);
    let mut form = Vec::new();
    for said in operation.get("parameters").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
        let name = said.get("name").and_then(Value::as_str).unwrap_or_default();
        let required = said.get("required").and_then(Value::as_bool).unwrap_or(false);
        let doc = said.get("description").and_then(Value::as_str).map(|text| Name::from(text.trim()));
        let shape = said.get("schema").map_or_else(|| shape_at(&Value::Object(said.clone()), 0, false), shape);
        let location = match said.get("in").and_then(Value::as_str) {
            Some("path") => Location::Path,
            Some("query") => Location::Query,
            Some("header") => Location::Header,
            Some("cookie") => Location::Cookie,
            Some("body") => {
                let media = consumes.unwrap_or("application/json");
                set_body(route, BodyFinding { required, contents: vec![(media.into(), shape)], doc });
                continue;
            }
            Some("formData") if !name.is_empty() => {
                form.push(Member { name: name.into(), shape, required, doc, ..Member::default() });
                continue;
            }
            _ => continue,
        };
        if !name.is_empty() && name.len() < 200 {
            set_param(route, ParamFinding { name: name.into(), location, required, shape, doc, deprecated: false });
        }
    }
    if !form.is_empty() {
        let media = consumes.unwrap_or("application/x-www-form-urlencoded");
        set_body(route, BodyFinding { required: true, contents: vec![(media.into(), Shape::record(form))], doc: None });
    }
}

/// What the code says of a parameter's being required stays; the rest is as described.
fn set_param(route: &mut Route, said: ParamFinding) {
    let same = |known: &&mut ParamFinding| known.name.eq_ignore_ascii_case(&said.name) && known.location == said.location;
    match route.params.iter_mut().find(same) {
        Some(known) => {
            known.doc = said.doc.or(known.doc.take());
            if !said.shape.is_any() && is_plain(&known.shape) {
                known.shape = said.shape;
            }
        }
        None => route.params.push(said),
    }
}

/// Whether nothing but "text" or nothing at all is known.
fn is_plain(shape: &Shape) -> bool {
    matches!(shape, Shape::Any | Shape::Text(None))
}

fn set_body(route: &mut Route, said: BodyFinding) {
    let knows_nothing = |shape: &Shape| match shape {
        Shape::Record(record) => record.members.is_empty(),
        Shape::Map(inner) => inner.is_any(),
        other => other.is_any(),
    };
    match &mut route.body {
        Some(known) => {
            known.doc = said.doc.or(known.doc.take());
            if said.contents.iter().any(|(_, shape)| !knows_nothing(shape)) || known.contents.iter().all(|(_, shape)| knows_nothing(shape))
            {
                known.contents = overlaid(std::mem::take(&mut known.contents), said.contents);
            }
        }
        None => route.body = Some(said),
    }
}

/// Members that the code reads and the description leaves out are kept.
fn overlaid(known: Vec<(Name, Shape)>, mut said: Vec<(Name, Shape)>) -> Vec<(Name, Shape)> {
    for (media, shape) in &mut said {
        let Shape::Record(record) = shape else { continue };
        let Some((_, Shape::Record(old))) = known.iter().find(|(other, _)| other == media) else { continue };
        let missing: Vec<Member> = old.members.iter().filter(|member| record.member(&member.name).is_none()).cloned().collect();
        record.members.extend(missing);
    }
    said
}

fn responses(route: &mut Route, operation: &Map<String, Value>) {
    let Some(said) = operation.get("responses").and_then(Value::as_object) else { return };
    // A success of which the code knows nothing is the one that is described.
    if said.keys().any(|status| status.starts_with('2')) {
        let knows_nothing = |known: &ResponseFinding| known.contents.iter().all(|(_, shape)| shape.is_any());
        route.responses.retain(|known| !known.status.starts_with('2') || !knows_nothing(known) || said.contains_key(known.status.as_str()));
    }
    for (status, response) in said {
        let status = status.trim().to_ascii_lowercase();
        let is_status = status == "default" || (status.len() == 3 && status.starts_with(|c: char| ('1'..='5').contains(&c)));
        let Some(response) = response.as_object().filter(|_| is_status) else { continue };
        let found = ResponseFinding {
            status: status.to_uppercase().replace("DEFAULT", "default").into(),
            doc: response.get("description").and_then(Value::as_str).map(|text| text.trim().into()),
            contents: contents(response),
            headers: Vec::new(),
        };
        match route.responses.iter_mut().find(|known| known.status == found.status) {
            Some(known) => {
                known.doc = found.doc.or(known.doc.take());
                if !found.contents.is_empty() && found.contents.iter().any(|(_, shape)| !shape.is_any()) {
                    known.contents = found.contents;
                }
            }
            None => route.responses.push(found),
        }
    }
}

/// Media types and schemas: `content` of OpenAPI 3, `schema` of 2.
fn contents(said: &Map<String, Value>) -> Vec<(Name, Shape)> {
    if let Some(content) = said.get("content").and_then(Value::as_object) {
        return content.iter().map(|(media, of)| (media.as_str().into(), of.get("schema").map_or(Shape::Any, shape))).collect();
    }
    match said.get("schema") {
        Some(schema) if schema.get("type").and_then(Value::as_str) == Some("file") => {
            vec![("application/octet-stream".into(), Shape::format("binary"))]
        }
        Some(schema) => vec![("application/json".into(), shape(schema))],
        None => Vec::new(),
    }
}

fn security(route: &mut Route, operation: &Map<String, Value>) {
    let Some(said) = operation.get("security").and_then(Value::as_array) else { return };
    let scheme = |(name, scopes): (&String, &Value)| SchemeUse {
        name: name.as_str().into(),
        kind: SchemeKind::Guard,
        scopes: scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(Name::from).collect(),
    };
    let alternatives: Vec<Vec<SchemeUse>> =
        said.iter().filter_map(Value::as_object).map(|schemes| schemes.iter().map(scheme).collect()).collect();
    if alternatives.iter().any(|schemes| !schemes.is_empty()) && route.security == Security::Inherit {
        route.security = Security::any_of(alternatives);
    }
}

/// A described schema as a shape.
#[must_use]
pub fn shape(schema: &Value) -> Shape {
    shape_at(schema, 0, true)
}

fn shape_at(schema: &Value, depth: u32, describes: bool) -> Shape {
    let Some(map) = schema.as_object().filter(|_| depth < MAX_DEPTH) else { return Shape::Any };
    let alternatives = |key: &str| map.get(key).and_then(Value::as_array).map(|all| all.iter().map(|one| shape_at(one, depth + 1, true)));
    let base = if let Some(all) = alternatives("allOf") {
        crate::facts::members::all_of(all)
    } else if let Some(any) = alternatives("anyOf").or_else(|| alternatives("oneOf")) {
        crate::facts::members::any_of(any)
    } else {
        plain(map, depth)
    };
    let mut shape = base;
    for key in ["title", "description", "default", "minimum", "maximum", "minLength", "maxLength", "pattern", "example"] {
        let fits = |value: &&Value| match key {
            "minimum" | "maximum" => value.is_number(),
            "minLength" | "maxLength" => value.is_u64(),
            "title" | "description" | "pattern" => value.is_string(),
            _ => !value.is_null(),
        };
        if let Some(value) = map.get(key).filter(fits).filter(|_| describes || !matches!(key, "description" | "title")) {
            shape = shape.with(key, value.clone());
        }
    }
    let is_nullable = ["nullable", "x-nullable"].iter().any(|key| map.get(*key).and_then(Value::as_bool) == Some(true));
    if is_nullable { shape.or_null() } else { shape }
}

fn plain(map: &Map<String, Value>, depth: u32) -> Shape {
    if let Some(values) = map.get("enum").and_then(Value::as_array).filter(|values| !values.is_empty()) {
        return Shape::Enum(values.clone());
    }
    let format = map.get("format").and_then(Value::as_str);
    match map.get("type").and_then(Value::as_str) {
        Some("string") => Shape::Text(format.map(Name::from)),
        Some("file") => Shape::format("binary"),
        Some("integer") => Shape::Int,
        Some("number") => Shape::Number,
        Some("boolean") => Shape::Bool,
        Some("null") => Shape::Null,
        Some("array") => map.get("items").map_or(Shape::Any, |items| shape_at(items, depth + 1, true)).list(),
        Some("object") | None if map.contains_key("properties") => object(map, depth),
        None if map.contains_key("items") => map.get("items").map_or(Shape::Any, |items| shape_at(items, depth + 1, true)).list(),
        Some("object") => match map.get("additionalProperties") {
            Some(value @ Value::Object(_)) => Shape::Map(Box::new(shape_at(value, depth + 1, true))),
            _ => Shape::Map(Box::new(Shape::Any)),
        },
        _ => Shape::Any,
    }
}

fn object(map: &Map<String, Value>, depth: u32) -> Shape {
    let required: Vec<&str> = map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let said = |schema: &Value, key: &str| schema.get(key).and_then(Value::as_bool).unwrap_or(false);
    let members = map.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, schema)| Member {
        name: name.as_str().into(),
        shape: shape_at(schema, depth + 1, false),
        required: required.contains(&name.as_str()) || said(schema, "required"),
        doc: schema.get("description").and_then(Value::as_str).map(|text| text.trim().into()),
        read_only: said(schema, "readOnly"),
        write_only: said(schema, "writeOnly"),
        deprecated: said(schema, "deprecated"),
    });
    let rest = map.get("additionalProperties").filter(|value| value.is_object()).map(|value| shape_at(value, depth + 1, true));
    Shape::Record(Box::new(Record { members: members.collect(), rest, doc: None }))
}
