//! What `Field(gt=0, description="…")`, `Query(max_length=5)`, `constr(…)`, `annotated_types.Ge(1)` and `msgspec.Meta(…)` say of a value.

use serde_json::Value;

use super::literals::literal;
use crate::base::code::Call;
use crate::facts::members::base;
use crate::facts::program::{Program, Site};
use crate::facts::shape::Shape;

/// Keywords that bound a value, and what JSON Schema calls them.
const BOUNDS: &[(&str, &str)] = &[
    ("gt", "exclusiveMinimum"),
    ("ge", "minimum"),
    ("lt", "exclusiveMaximum"),
    ("le", "maximum"),
    ("multiple_of", "multipleOf"),
    ("pattern", "pattern"),
    ("regex", "pattern"),
];

/// Keywords of lengths: for texts, lists and objects.
const LENGTHS: &[(&str, [&str; 3])] = &[
    ("min_length", ["minLength", "minItems", "minProperties"]),
    ("max_length", ["maxLength", "maxItems", "maxProperties"]),
    ("min_items", ["minItems", "minItems", "minItems"]),
    ("max_items", ["maxItems", "maxItems", "maxItems"]),
];

/// Keywords that describe without bounding.
const WORDS: &[(&str, &str)] = &[("title", "title"), ("description", "description"), ("examples", "examples"), ("example", "example")];

/// Library symbols of which the first argument is one bound.
const SINGLE: &[(&str, &str)] = &[
    ("annotated_types.Gt", "gt"),
    ("annotated_types.Ge", "ge"),
    ("annotated_types.Lt", "lt"),
    ("annotated_types.Le", "le"),
    ("annotated_types.MinLen", "min_length"),
    ("annotated_types.MaxLen", "max_length"),
    ("annotated_types.MultipleOf", "multiple_of"),
];

/// The shape under the bounds that a call's keywords say.
#[must_use]
pub fn constrained(program: &dyn Program, site: &Site, call: &Call, shape: Shape) -> Shape {
    let mut shape = shape;
    for arg in &call.args {
        let Some(name) = arg.name.as_deref() else { continue };
        if let Some(value) = literal(program, site, &arg.value).filter(|value| !value.is_null()) {
            shape = bounded(shape, name, value);
        }
    }
    shape
}

/// The shape under what a piece of metadata says; unchanged when it says nothing of that kind.
#[must_use]
pub fn annotated(program: &dyn Program, site: &Site, path: &str, call: &Call, shape: Shape) -> Shape {
    let at = |position: usize| call.positional(position).and_then(|expr| literal(program, site, expr)).filter(|value| !value.is_null());
    if let Some((_, keyword)) = SINGLE.iter().find(|(symbol, _)| *symbol == path) {
        let value = at(0).or_else(|| call.args.first().and_then(|arg| literal(program, site, &arg.value)));
        return value.map_or(shape.clone(), |value| bounded(shape, keyword, value));
    }
    match path {
        "annotated_types.Len" => {
            let shape = at(0).map_or(shape.clone(), |value| bounded(shape, "min_length", value));
            let shape = at(1).map_or(shape.clone(), |value| bounded(shape, "max_length", value));
            constrained(program, site, call, shape)
        }
        _ if is_metadata(path) => constrained(program, site, call, shape),
        _ => shape,
    }
}

/// Whether the keywords of a library's metadata are bounds.
fn is_metadata(path: &str) -> bool {
    let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
    match name {
        "Field" => module.starts_with("pydantic") || module.starts_with("sqlmodel") || module.starts_with("ninja"),
        "StringConstraints" => module.starts_with("pydantic"),
        "Interval" => module == "annotated_types",
        "Meta" => module == "msgspec",
        "Parameter" | "Body" | "Dependency" if module.starts_with("litestar") => true,
        "Query" | "Path" | "Header" | "Cookie" | "Body" | "Form" | "File" => {
            ["fastapi", "ninja"].iter().any(|library| module == *library || module.starts_with(&format!("{library}.")))
        }
        _ => false,
    }
}

fn bounded(shape: Shape, keyword: &str, value: Value) -> Shape {
    if let Some((_, schema)) = WORDS.iter().find(|(name, _)| *name == keyword) {
        let fits = if *schema == "examples" { value.is_array() } else { *schema == "example" || value.is_string() };
        return if fits { shape.with(schema, value) } else { shape };
    }
    if let Some((_, schema)) = BOUNDS.iter().find(|(name, _)| *name == keyword) {
        let fits = if *schema == "pattern" { value.is_string() } else { value.is_number() };
        return if fits { on_value(shape, schema, value) } else { shape };
    }
    let Some((_, schemas)) = LENGTHS.iter().find(|(name, _)| *name == keyword) else { return shape };
    if !value.is_u64() {
        return shape;
    }
    let index = match base(main_part(&shape)) {
        Shape::List(_) | Shape::Tuple(_) => 1,
        Shape::Map(_) | Shape::Record(_) => 2,
        _ => 0,
    };
    on_value(shape, schemas[index], value)
}

/// What a union is of besides `null`.
fn main_part(shape: &Shape) -> &Shape {
    match shape {
        Shape::AnyOf(shapes) => shapes.iter().find(|shape| **shape != Shape::Null).unwrap_or(shape),
        Shape::Refined(inner, _) => main_part(inner),
        other => other,
    }
}

/// Bounds hold for the value itself, not for the `null` beside it.
fn on_value(shape: Shape, keyword: &str, value: Value) -> Shape {
    match shape {
        Shape::AnyOf(mut shapes) if shapes.iter().filter(|shape| **shape != Shape::Null).count() == 1 => {
            for part in &mut shapes {
                if *part != Shape::Null {
                    *part = std::mem::take(part).with(keyword, value.clone());
                }
            }
            Shape::AnyOf(shapes)
        }
        Shape::Refined(inner, keywords) if matches!(*inner, Shape::AnyOf(_)) => {
            Shape::Refined(Box::new(on_value(*inner, keyword, value)), keywords)
        }
        other => other.with(keyword, value),
    }
}
