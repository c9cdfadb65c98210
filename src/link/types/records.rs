//! The members of shapes.

use serde_json::Value;

use super::Types;
use crate::base::Name;
use crate::facts::members::merge;
use crate::facts::shape::{Member, Record, Shape};

const MAX_DEPTH: u32 = 24;

impl Types<'_> {
    /// The members of a shape that is an object after expanding names, intersections and refinements; `null` beside it is let go.
    pub(super) fn record_of(&self, shape: &Shape, depth: u32) -> Option<Record> {
        if depth > MAX_DEPTH {
            return None;
        }
        match shape {
            Shape::Record(record) => Some((**record).clone()),
            Shape::Named(key) => match self.program.expand(key) {
                Shape::Named(same) if same == *key => None,
                other => self.record_of(&other, depth + 1),
            },
            Shape::Refined(inner, _) => self.record_of(inner, depth + 1),
            Shape::AllOf(shapes) => {
                let mut records = shapes.iter().filter_map(|shape| self.record_of(shape, depth + 1));
                let mut all = records.next()?;
                records.for_each(|record| merge(&mut all, record));
                Some(all)
            }
            Shape::AnyOf(shapes) => {
                let mut others = shapes.iter().filter(|shape| **shape != Shape::Null);
                let only = others.next()?;
                if others.next().is_some() { None } else { self.record_of(only, depth + 1) }
            }
            Shape::Schema(schema) => record_of_schema(schema),
            _ => None,
        }
    }
}

fn record_of_schema(schema: &Value) -> Option<Record> {
    let properties = schema.get("properties")?.as_object()?;
    let required: Vec<&str> = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let members = properties
        .iter()
        .map(|(name, value)| Member {
            name: Name::new(name),
            shape: Shape::Schema(Box::new(value.clone())),
            required: required.contains(&name.as_str()),
            ..Member::default()
        })
        .collect();
    Some(Record { members, ..Record::default() })
}
