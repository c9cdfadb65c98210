//! What one decorator says of a field.

use serde_json::Value;

use super::{LIBRARIES, options};
use crate::base::code::Expr;
use crate::facts::members::base;
use crate::facts::program::{Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::script::decorators::Decor;
use crate::frameworks::script::literals::{enum_values, literal};

/// Applies a decorator; `None` when the field is kept from the wire.
pub fn apply(program: &dyn Program, decor: &Decor, mode: Mode, member: &mut Member) -> Option<()> {
    let Some(name) = decor.of(LIBRARIES) else { return Some(()) };
    match name {
        "ApiHideProperty" => return None,
        "Exclude" if mode == Mode::Write && !is_set(program, decor, "toClassOnly") => return None,
        "Expose" => {
            if let Some((name, at)) = decor.option(program, 0, "name")
                && let Some(name) = program.text(&at, name).plain()
            {
                member.name = name.into();
            }
        }
        "ApiProperty" | "ApiPropertyOptional" | "ApiResponseProperty" => {
            if name == "ApiPropertyOptional" {
                member.required = false;
            }
            options::apply(program, &decor.site, decor.arg(0), mode, member);
        }
        "IsOptional" | "ValidateIf" | "Allow" => member.required &= name == "Allow",
        "Type" => typed(program, decor, mode, member),
        _ => validated(program, decor, name, member),
    }
    Some(())
}

fn is_set(program: &dyn Program, decor: &Decor, option: &str) -> bool {
    decor.option(program, 0, option).is_some_and(|(value, _)| *value == Expr::Bool(true))
}

/// `@Type(() => Address)`.
fn typed(program: &dyn Program, decor: &Decor, mode: Mode, member: &mut Member) {
    let is_list = matches!(base(&member.shape), Shape::List(_));
    let is_open = match base(&member.shape) {
        Shape::List(inner) => inner.is_any(),
        other => other.is_any(),
    };
    if !is_open {
        return;
    }
    let Some(shape) = decor.arg(0).map(|arg| type_thunk(program, &decor.site, arg, mode)).filter(|shape| !shape.is_any()) else { return };
    member.shape = if is_list { shape.list() } else { shape };
}

/// `() => User`, `User`, `[User]`, `() => [User]`, `String`.
#[must_use]
pub fn type_thunk(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Shape {
    match expr {
        Expr::Func(id) => {
            let facts = program.file(site.file);
            let returned = facts.returns_of(*id).first().and_then(|index| facts.outline.returns.get(*index as usize));
            returned.map_or(Shape::Any, |value| {
                let at = Site { scope: value.scope, ..site.clone() };
                type_thunk(program, &at, &value.value, mode)
            })
        }
        Expr::List(items) => items.first().map_or(Shape::Any, |item| type_thunk(program, site, item, mode)).list(),
        Expr::Str(name) => named(name),
        Expr::Null => Shape::Any,
        _ => match program.resolve(site, expr) {
            Meaning::Class(class) => program.shape_of_class(class, Vec::new(), mode),
            Meaning::Outside(path) => named(path.rsplit('.').next().unwrap_or_default()),
            Meaning::Value(inner @ (Expr::Func(_) | Expr::List(_) | Expr::Str(_)), at) if !std::ptr::eq(inner, expr) => {
                type_thunk(program, &at, inner, mode)
            }
            // `PartialType(X)`, a schema of another library.
            Meaning::Value(inner @ Expr::Call(_), at) => program.shape_of_value(&at, inner, mode),
            _ => Shape::Any,
        },
    }
}

/// A type by the name of its constructor, or of its JSON Schema type.
#[must_use]
pub fn named(name: &str) -> Shape {
    match name {
        "String" | "string" => Shape::Text(None),
        "Number" | "number" | "BigInt" => Shape::Number,
        "integer" => Shape::Int,
        "Boolean" | "boolean" => Shape::Bool,
        "Date" => Shape::format("date-time"),
        "Object" | "object" => Shape::Map(Box::new(Shape::Any)),
        "Array" | "array" => Shape::Any.list(),
        "Buffer" | "file" => Shape::format("binary"),
        _ => Shape::Any,
    }
}

/// A rule of class-validator; with `{ each: true }` it is about the elements.
fn validated(program: &dyn Program, decor: &Decor, name: &str, member: &mut Member) {
    let is_each = decor.args().iter().any(|arg| {
        matches!(arg, Expr::Object(_))
            && program
                .entries(&decor.site, arg)
                .unwrap_or_default()
                .iter()
                .any(|(key, value, _)| key == "each" && **value == Expr::Bool(true))
    });
    let shape = std::mem::take(&mut member.shape);
    member.shape = match (is_each, shape) {
        (true, Shape::List(inner)) => ruled(program, decor, name, *inner).list(),
        (true, Shape::Refined(inner, keywords)) if matches!(*inner, Shape::List(_)) => {
            let Shape::List(element) = *inner else { return };
            Shape::Refined(Box::new(ruled(program, decor, name, *element).list()), keywords)
        }
        (true, Shape::Any) => ruled(program, decor, name, Shape::Any).list(),
        (_, shape) => ruled(program, decor, name, shape),
    };
}

fn ruled(program: &dyn Program, decor: &Decor, name: &str, shape: Shape) -> Shape {
    let value = |position: usize| decor.arg(position).and_then(|arg| literal(program, &decor.site, arg)).filter(|value| !value.is_object());
    let with = |shape: Shape, keyword: &str, value: Option<Value>| match value {
        Some(value) => shape.with(keyword, value),
        None => shape,
    };
    match name {
        "IsString" => or(shape, Shape::Text(None)),
        "IsInt" => integer(shape),
        "IsNumber" | "IsDecimal" | "IsNumberString" => or(shape, Shape::Number),
        "IsBoolean" => or(shape, Shape::Bool),
        "IsArray" => or(shape, Shape::Any.list()),
        "IsObject" => or(shape, Shape::Map(Box::new(Shape::Any))),
        "IsDate" => or(shape, Shape::format("date-time")),
        "IsEmail" => formatted(shape, "email"),
        "IsUUID" => formatted(shape, "uuid"),
        "IsUrl" => formatted(shape, "uri"),
        "IsDateString" | "IsISO8601" | "IsRFC3339" => formatted(shape, "date-time"),
        "IsIP" => formatted(shape, "ipv4"),
        "IsEnum" | "IsIn" => enumerated(program, decor, shape),
        "Min" => with(shape, "minimum", value(0)),
        "Max" => with(shape, "maximum", value(0)),
        "IsPositive" => shape.with("exclusiveMinimum", 0),
        "IsNegative" => shape.with("exclusiveMaximum", 0),
        "MinLength" => with(shape, "minLength", value(0)),
        "MaxLength" => with(shape, "maxLength", value(0)),
        "Length" => with(with(shape, "minLength", value(0)), "maxLength", value(1)),
        "ArrayMinSize" => with(shape, "minItems", value(0)),
        "ArrayNotEmpty" => shape.with("minItems", 1),
        "ArrayMaxSize" => with(shape, "maxItems", value(0)),
        "ArrayUnique" => shape.with("uniqueItems", true),
        "Matches" => match decor.arg(0) {
            Some(Expr::Regex(pattern)) => shape.with("pattern", pattern.as_str()),
            _ => shape,
        },
        _ => shape,
    }
}

fn or(shape: Shape, known: Shape) -> Shape {
    if shape.is_any() { known } else { shape }
}

/// A number is told to be whole.
fn integer(shape: Shape) -> Shape {
    match shape {
        Shape::Any | Shape::Number => Shape::Int,
        Shape::Refined(inner, keywords) => Shape::Refined(Box::new(integer(*inner)), keywords),
        Shape::AnyOf(shapes) => Shape::AnyOf(shapes.into_iter().map(integer).collect()),
        other => other,
    }
}

fn formatted(shape: Shape, format: &str) -> Shape {
    match shape {
        Shape::Any | Shape::Text(None) => Shape::format(format),
        Shape::Refined(inner, keywords) => Shape::Refined(Box::new(formatted(*inner, format)), keywords),
        Shape::AnyOf(shapes) => Shape::AnyOf(shapes.into_iter().map(|shape| formatted(shape, format)).collect()),
        other => other,
    }
}

/// `@IsEnum(Role)`, `@IsIn(["a", "b"])`: a type that is told keeps its word.
fn enumerated(program: &dyn Program, decor: &Decor, shape: Shape) -> Shape {
    if !matches!(base(&shape), Shape::Any | Shape::Text(None) | Shape::Number) {
        return shape;
    }
    let values = decor.arg(0).map(|arg| enum_values(program, &decor.site, arg)).unwrap_or_default();
    if values.is_empty() { shape } else { Shape::Enum(values) }
}
