//! Described schemas as shapes.

use serde_json::{Map, Value};

use super::whole::Reader;
use crate::base::Name;
use crate::facts::members::{all_of, any_of};
use crate::facts::shape::{Member, Record, Shape};

/// How deep schemas may nest.
const MAX_DEPTH: u32 = 32;

/// Keywords that are kept as they are.
const KEYWORDS: &[&str] = &["title", "description", "default", "minimum", "maximum", "minLength", "maxLength", "pattern", "example"];

impl Reader<'_> {
    /// A described schema as a shape.
    #[must_use]
    pub fn shape(&self, schema: &Value) -> Shape {
        self.shape_at(schema, 0, true)
    }

    /// The schema that a parameter of Swagger 2 is.
    pub(super) fn shape_of_parameter(&self, said: &Map<String, Value>) -> Shape {
        self.shape_of(said, 0, false)
    }

    fn shape_at(&self, schema: &Value, depth: u32, describes: bool) -> Shape {
        match schema {
            Value::Object(map) if depth < MAX_DEPTH => self.shape_of(map, depth, describes),
            _ => Shape::Any,
        }
    }

    fn shape_of(&self, map: &Map<String, Value>, depth: u32, describes: bool) -> Shape {
        if let Some(pointer) = map.get("$ref").and_then(Value::as_str) {
            return self.named(pointer);
        }
        let all = |key: &str| map.get(key).and_then(Value::as_array);
        let shapes = |all: &[Value]| all.iter().map(|one| self.shape_at(one, depth + 1, true)).collect::<Vec<_>>();
        let base = if let Some(all) = all("allOf") {
            all_of(shapes(all))
        } else if let Some(any) = all("anyOf").or_else(|| all("oneOf")) {
            any_of(shapes(any))
        } else {
            self.plain(map, depth)
        };
        let mut shape = base;
        for key in KEYWORDS {
            let fits = |value: &&Value| match *key {
                "minimum" | "maximum" => value.is_number(),
                "minLength" | "maxLength" => value.is_u64(),
                "title" | "description" | "pattern" => value.is_string(),
                _ => !value.is_null(),
            };
            if let Some(value) = map.get(*key).filter(fits).filter(|_| describes || !matches!(*key, "description" | "title")) {
                shape = shape.with(key, value.clone());
            }
        }
        let is_nullable = ["nullable", "x-nullable"].iter().any(|key| map.get(*key).and_then(Value::as_bool) == Some(true));
        if is_nullable { shape.or_null() } else { shape }
    }

    fn plain(&self, map: &Map<String, Value>, depth: u32) -> Shape {
        if let Some(values) = map.get("enum").and_then(Value::as_array).filter(|values| !values.is_empty()) {
            return Shape::Enum(values.clone());
        }
        match map.get("type") {
            Some(Value::Array(types)) => any_of(types.iter().map(|one| self.typed(map, one.as_str(), depth)).collect::<Vec<_>>()),
            one => self.typed(map, one.and_then(Value::as_str), depth),
        }
    }

    /// A schema taken to be of one type.
    fn typed(&self, map: &Map<String, Value>, one: Option<&str>, depth: u32) -> Shape {
        let items = || map.get("items").map_or(Shape::Any, |items| self.shape_at(items, depth + 1, true)).list();
        match one {
            Some("string") => Shape::Text(map.get("format").and_then(Value::as_str).map(Name::from)),
            Some("file") => Shape::format("binary"),
            Some("integer") => Shape::Int,
            Some("number") => Shape::Number,
            Some("boolean") => Shape::Bool,
            Some("null") => Shape::Null,
            Some("array") => items(),
            Some("object") | None if map.contains_key("properties") => self.record(map, depth),
            None if map.contains_key("items") => items(),
            Some("object") => match map.get("additionalProperties") {
                Some(value @ Value::Object(_)) => Shape::Map(Box::new(self.shape_at(value, depth + 1, true))),
                _ => Shape::Map(Box::new(Shape::Any)),
            },
            _ => Shape::Any,
        }
    }

    fn record(&self, map: &Map<String, Value>, depth: u32) -> Shape {
        let required: Vec<&str> = map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let said = |schema: &Value, key: &str| schema.get(key).and_then(Value::as_bool).unwrap_or(false);
        let members = map.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, schema)| Member {
            name: name.as_str().into(),
            shape: self.shape_at(schema, depth + 1, false),
            required: required.contains(&name.as_str()) || said(schema, "required"),
            doc: schema.get("description").and_then(Value::as_str).map(|text| text.trim().into()),
            read_only: said(schema, "readOnly"),
            write_only: said(schema, "writeOnly"),
            deprecated: said(schema, "deprecated"),
        });
        let rest = map.get("additionalProperties").filter(|value| value.is_object());
        let rest = rest.map(|value| self.shape_at(value, depth + 1, true));
        Shape::Record(Box::new(Record { members: members.collect(), rest, doc: None }))
    }
}
