//! The options of `@ApiProperty` and its kin: a schema object with the types of the language in it.

use serde_json::Value;

pub use super::rules::{named, type_thunk};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::members::any_of;
use crate::facts::program::{Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::script::literals::{enum_values, literal};

type Entries<'p> = Vec<(Name, &'p Expr, Site)>;

fn entry<'a, 'p>(entries: &'a Entries<'p>, key: &str) -> Option<(&'p Expr, &'a Site)> {
    entries.iter().rev().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at))
}

fn flag(program: &dyn Program, entries: &Entries, key: &str) -> Option<bool> {
    let (value, at) = entry(entries, key)?;
    literal(program, at, value)?.as_bool()
}

/// Applies options to a member.
pub fn apply(program: &dyn Program, site: &Site, options: Option<&Expr>, mode: Mode, member: &mut Member) {
    let Some(options) = options else { return };
    let Some(entries) = program.entries(site, options) else { return };
    if let Some(name) = entry(&entries, "name").and_then(|(name, at)| program.text(at, name).plain()) {
        member.name = name.into();
    }
    if let Some(is_required) = flag(program, &entries, "required") {
        member.required = is_required;
    }
    if let Some(doc) = entry(&entries, "description").and_then(|(doc, at)| program.text(at, doc).plain()) {
        member.doc = Some(doc.into());
    }
    member.deprecated |= flag(program, &entries, "deprecated") == Some(true);
    member.read_only |= flag(program, &entries, "readOnly") == Some(true);
    member.write_only |= flag(program, &entries, "writeOnly") == Some(true);
    let said = shape_in(program, &entries, mode);
    // A class's own type says more than `type: String` or `type: 'object'` repeats.
    let is_plain = matches!(said, Shape::Any | Shape::Map(_));
    if !is_plain || member.shape.is_any() {
        member.shape = said;
    }
    member.shape = refined(program, &entries, std::mem::take(&mut member.shape));
    if flag(program, &entries, "nullable") == Some(true) {
        member.shape = std::mem::take(&mut member.shape).or_null();
    }
}

/// The shape that `type`, `enum`, `isArray`, `items`, `oneOf`, `additionalProperties`, `properties` say.
#[must_use]
pub fn shape_in(program: &dyn Program, entries: &Entries, mode: Mode) -> Shape {
    let mut shape = Shape::Any;
    if let Some((ty, at)) = entry(entries, "type") {
        shape = type_thunk(program, at, ty, mode);
    }
    if let Some((format, at)) = entry(entries, "format")
        && matches!(shape, Shape::Any | Shape::Text(_))
        && let Some(format) = program.text(at, format).plain()
    {
        shape = Shape::format(&format);
    }
    if let Some((values, at)) = entry(entries, "enum") {
        let values = match values {
            Expr::Func(_) => Vec::new(),
            values => enum_values(program, at, values),
        };
        if !values.is_empty() {
            shape = Shape::Enum(values);
        }
    }
    if let Some((items, at)) = entry(entries, "items") {
        let inner = schema(program, at, items, mode);
        shape = inner.list();
    }
    if let Some((properties, at)) = entry(entries, "properties")
        && let Some(properties) = program.entries(at, properties)
    {
        let members = properties.into_iter().map(|(name, value, at)| Member::optional(name, schema(program, &at, value, mode)));
        shape = Shape::record(members.collect());
    }
    if let Some((rest, at)) = entry(entries, "additionalProperties")
        && matches!(shape, Shape::Any | Shape::Map(_))
    {
        shape = Shape::Map(Box::new(schema(program, at, rest, mode)));
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some((parts, at)) = entry(entries, key)
            && let Some(items) = program.items(at, parts)
        {
            let shapes = items.into_iter().map(|(item, at)| schema(program, &at, item, mode));
            shape = if key == "allOf" { crate::facts::members::all_of(shapes) } else { any_of(shapes) };
        }
    }
    if flag(program, entries, "isArray") == Some(true) && !matches!(shape, Shape::List(_)) {
        shape = shape.list();
    }
    shape
}

/// A schema object written in a decorator: `{ type: 'array', items: { $ref: getSchemaPath(User) } }`.
#[must_use]
pub fn schema(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Shape {
    if let Expr::Object(_) = expr
        && let Some(entries) = program.entries(site, expr)
    {
        if let Some((Expr::Call(id), at)) = entry(&entries, "$ref") {
            let call = program.file(at.file).outline.call(*id);
            return call.positional(0).map_or(Shape::Any, |class| type_thunk(program, at, class, mode));
        }
        return refined(program, &entries, shape_in(program, &entries, mode));
    }
    Shape::Any
}

/// Keywords that stand in the options as they stand in JSON Schema.
fn refined(program: &dyn Program, entries: &Entries, mut shape: Shape) -> Shape {
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
        "example",
        "examples",
        "title",
    ];
    for keyword in KEYWORDS {
        let Some((value, at)) = entry(entries, keyword) else { continue };
        let Some(value) = literal(program, at, value).filter(|value| !matches!(value, Value::Null)) else { continue };
        shape = match *keyword {
            "example" => shape.with("examples", Value::Array(vec![value])),
            "examples" if !value.is_array() => shape,
            keyword => shape.with(keyword, value),
        };
    }
    shape
}
