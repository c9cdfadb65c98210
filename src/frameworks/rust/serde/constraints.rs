//! What attributes say of a value beyond its type, as JSON Schema keywords.

use serde_json::Value;

use crate::base::Name;
use crate::base::code::{Arg, Call, Expr};
use crate::facts::members::base;
use crate::facts::program::{Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::rust::attributes::{Attributes, keyword, literal};

/// The shape of a field with everything its attributes say.
#[must_use]
pub fn constrained(program: &dyn Program, site: &Site, attributes: Attributes, shape: Shape) -> Shape {
    let mut shape = described(program, site, attributes, shape);
    for name in ["validate", "garde", "schemars"] {
        for arg in attributes.args(name) {
            shape = validated(program, site, attributes, arg, shape);
        }
    }
    shape
}

/// `#[schema(minimum = 1, example = "x", format = DateTime)]`, `#[param(…)]`, `#[schemars(description = "…")]`.
#[must_use]
pub fn described(program: &dyn Program, site: &Site, attributes: Attributes, shape: Shape) -> Shape {
    let mut shape = shape;
    for name in ["schema", "param", "schemars"] {
        for arg in attributes.args(name) {
            if arg.name.as_deref() == Some("nullable") || matches!(&arg.value, Expr::Ref(bare) if bare == "nullable") {
                shape = if arg.value == Expr::Bool(false) { shape } else { shape.or_null() };
                continue;
            }
            if arg.name.as_deref() == Some("format") {
                shape = formatted(&arg.value, shape);
                continue;
            }
            let Some((key, value)) = keyword(program, site, arg) else { continue };
            if let Some(key) = schema_keyword(&key) {
                shape = shape.with(key, value);
            }
        }
    }
    shape
}

fn schema_keyword(key: &str) -> Option<&'static str> {
    Some(match key {
        "description" => "description",
        "title" => "title",
        "default" => "default",
        "minimum" => "minimum",
        "maximum" => "maximum",
        "exclusive_minimum" => "exclusiveMinimum",
        "exclusive_maximum" => "exclusiveMaximum",
        "multiple_of" => "multipleOf",
        "min_length" => "minLength",
        "max_length" => "maxLength",
        "min_items" => "minItems",
        "max_items" => "maxItems",
        "pattern" => "pattern",
        _ => return None,
    })
}

/// `format = "uuid"`, `format = DateTime`, `format = Binary`.
fn formatted(said: &Expr, shape: Shape) -> Shape {
    let name: Option<Name> = match (said, said.last_name()) {
        (Expr::Str(text), _) => Some(text.clone()),
        (_, Some(name)) => Some(match name.as_str() {
            "DateTime" => "date-time".into(),
            other => other.to_lowercase().into(),
        }),
        _ => None,
    };
    let Some(name) = name else { return shape };
    match base(&shape) {
        Shape::Text(_) => replaced(shape, Shape::Text(Some(name))),
        Shape::Int | Shape::Number => shape.with("format", name.as_str()),
        _ => shape,
    }
}

/// The shape with its innermost part replaced, keywords kept.
fn replaced(shape: Shape, by: Shape) -> Shape {
    match shape {
        Shape::Refined(inner, keywords) => Shape::Refined(Box::new(replaced(*inner, by)), keywords),
        _ => by,
    }
}

/// `length(min = 1, max = 9)`, `range(min = 1)`, `email`, `url`, `regex(…)`, `inner(…)` aside.
fn validated(program: &dyn Program, site: &Site, attributes: Attributes, arg: &Arg, shape: Shape) -> Shape {
    let name = match (&arg.name, &arg.value) {
        (Some(name), _) => name.clone(),
        (None, Expr::Ref(name)) => name.clone(),
        (None, _) => ["length", "range", "email", "url", "regex", "pattern", "ip", "inner"]
            .into_iter()
            .find(|name| attributes.call_named(&arg.value, name).is_some())
            .map_or_else(Name::default, Name::from),
    };
    let call = attributes.call_named(&arg.value, &name);
    on_value(shape, &|shape| match name.as_str() {
        "email" => replaced_text(shape, "email"),
        "url" => replaced_text(shape, "uri"),
        "ip" => replaced_text(shape, "ip"),
        "length" => call.map_or(shape.clone(), |call| measured(program, site, call, shape)),
        "range" => call.map_or(shape.clone(), |call| ranged(program, site, call, shape)),
        "pattern" | "regex" => {
            let said =
                call.and_then(|call| call.arg(0, "pattern").or_else(|| call.keyword("path"))).or(arg.name.as_ref().map(|_| &arg.value));
            match said.and_then(|expr| pattern(program, site, expr)) {
                Some(pattern) => shape.with("pattern", pattern),
                None => shape,
            }
        }
        _ => shape,
    })
}

/// A pattern as text, or as `Regex::new("…")` in a static.
fn pattern(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Value> {
    literal(program, site, expr).filter(Value::is_string)
}

/// Constraints hold for the value, not for its absence.
fn on_value(shape: Shape, change: &dyn Fn(Shape) -> Shape) -> Shape {
    match shape {
        Shape::AnyOf(shapes) => {
            Shape::AnyOf(shapes.into_iter().map(|shape| if shape == Shape::Null { shape } else { change(shape) }).collect())
        }
        other => change(other),
    }
}

fn replaced_text(shape: Shape, format: &str) -> Shape {
    if matches!(base(&shape), Shape::Text(_)) { replaced(shape, Shape::format(format)) } else { shape }
}

fn measured(program: &dyn Program, site: &Site, call: &Call, shape: Shape) -> Shape {
    let (least, most) = match base(&shape) {
        Shape::Text(_) => ("minLength", "maxLength"),
        Shape::List(_) => ("minItems", "maxItems"),
        Shape::Map(_) => ("minProperties", "maxProperties"),
        _ => return shape,
    };
    let number = |key: &str| call.keyword(key).and_then(|expr| literal(program, site, expr)).filter(Value::is_number);
    let mut shape = shape;
    if let Some(value) = number("min").or_else(|| number("equal")) {
        shape = shape.with(least, value);
    }
    if let Some(value) = number("max").or_else(|| number("equal")) {
        shape = shape.with(most, value);
    }
    shape
}

fn ranged(program: &dyn Program, site: &Site, call: &Call, shape: Shape) -> Shape {
    if !matches!(base(&shape), Shape::Int | Shape::Number) {
        return shape;
    }
    let keys = [("min", "minimum"), ("max", "maximum"), ("exclusive_min", "exclusiveMinimum"), ("exclusive_max", "exclusiveMaximum")];
    keys.into_iter().fold(shape, |shape, (key, keyword)| {
        match call.keyword(key).and_then(|expr| literal(program, site, expr)).filter(Value::is_number) {
            Some(value) => shape.with(keyword, value),
            None => shape,
        }
    })
}
