//! Specifications as OpenAPI writes them: in comments and docstrings (apispec, flasgger, swagger-jsdoc), where they enrich an operation
//! that is the code's; and whole documents that a program takes for its router.
//!
//! - [`operations`]: what one operation says.
//! - [`known`]: what a route has already, beside what is described.
//! - [`schemas`]: described schemas as shapes.
//! - [`whole`]: documents: references, what holds for all operations.
//!
//! References are followed within a document; those to other files are not.

mod known;
mod operations;
mod schemas;
pub mod whole;

use serde_json::{Map, Value};

use crate::facts::finding::{Method, Route};
use crate::facts::shape::Shape;
use whole::Reader;

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
    Reader::default().operation(route, operation);
}

/// A described schema as a shape.
#[must_use]
pub fn shape(schema: &Value) -> Shape {
    Reader::default().shape(schema)
}
