//! TypeBox, and Elysia's `t`: functions that make JSON Schema, options last.

use super::{Found, Library, Made, Walk, all_required, kept};
use crate::base::code::{Expr, Type};
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::members::{all_of, any_of};
use crate::facts::program::{Mode, Program, Site};
use crate::facts::shape::{Record, Shape};
use crate::frameworks::script::literals::{enum_values, keys_of, literal};

/// TypeBox.
pub const FRAMEWORK: Framework = Framework {
    id: "script/typebox",
    label: "TypeBox",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@sinclair/typebox", "typebox", "elysia"],
    tells: &[Tells::Types],
    read: None,
    types: Some(&TypeBox),
};

/// Options that JSON Schema knows.
const KEYWORDS: &[&str] = &[
    "default",
    "description",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "pattern",
    "title",
    "uniqueItems",
];

struct TypeBox;

impl TypeReader for TypeBox {
    fn outside(&self, program: &dyn Program, path: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
        let name = path.rsplit_once('.').filter(|(module, _)| matches!(*module, "@sinclair/typebox" | "typebox"))?.1;
        let is_static = matches!(name, "Static" | "StaticDecode" | "StaticEncode");
        is_static.then(|| args.first().map(|arg| program.shape_of_type(site, arg, mode))).flatten()
    }

    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        if !program.file(site.file).language.is_script() {
            return None;
        }
        Walk::new(program, &TypeBox, mode).call(site, *id).map(|found| found.shape)
    }
}

impl Library for TypeBox {
    fn symbol<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix("@sinclair/typebox.Type.")
            .or_else(|| path.strip_prefix("typebox.Type."))
            .or_else(|| path.strip_prefix("typebox."))
            .or_else(|| path.strip_prefix("elysia.t."))
    }

    fn factory(&self, walk: &Walk, made: &Made, name: &str) -> Option<Found> {
        let record = || walk.record(&walk.shape(made, 0));
        let keys = || made.arg(1).map(|keys| keys_of(walk.program, &made.at, keys)).unwrap_or_default();
        let (shape, options) = match name {
            "Object" => (Shape::record(made.arg(0).map(|members| walk.members(&made.at, members)).unwrap_or_default()), 1),
            "Partial" => (all_required(record(), false), 1),
            "Required" => (all_required(record(), true), 1),
            "Pick" | "Omit" => (kept(record(), &keys(), name == "Pick"), 2),
            "Array" => (walk.shape(made, 0).list(), 1),
            "Tuple" => (Shape::Tuple(walk.shapes(made, 0)), 1),
            "Record" => (Shape::Map(Box::new(walk.shape(made, 1))), 2),
            "Union" | "UnionEnum" if name == "Union" => (any_of(walk.shapes(made, 0)), 1),
            "Intersect" | "Composite" => (all_of(walk.shapes(made, 0)), 1),
            "Optional" => return Some(Found::optional(walk.shape(made, 0))),
            "Readonly" | "Awaited" | "Promise" | "Transform" => (walk.shape(made, 0), 1),
            "Nullable" | "MaybeEmpty" => (walk.shape(made, 0).or_null(), 1),
            "Enum" | "UnionEnum" => {
                let values = made.arg(0).map(|values| enum_values(walk.program, &made.at, values)).unwrap_or_default();
                (if values.is_empty() { Shape::Text(None) } else { Shape::Enum(values) }, 1)
            }
            "Literal" => (walk.literal(made, 0).map_or(Shape::Any, |value| Shape::Enum(vec![value])), 1),
            "Unsafe" => (made.call.type_args.first().map_or(Shape::Any, |ty| walk.program.shape_of_type(&made.at, ty, walk.mode)), 0),
            name => (plain(name)?, 0),
        };
        Some(Found::new(with_options(walk, made, made.arg(options), shape)))
    }
}

fn plain(name: &str) -> Option<Shape> {
    Some(match name {
        "String" | "TemplateLiteral" | "RegExp" => Shape::Text(None),
        "Number" | "Numeric" => Shape::Number,
        "Integer" | "BigInt" => Shape::Int,
        "Boolean" | "BooleanString" => Shape::Bool,
        "Null" | "Undefined" | "Void" => Shape::Null,
        "Date" => Shape::format("date-time"),
        "File" | "Uint8Array" => Shape::format("binary"),
        "Files" => Shape::format("binary").list(),
        "Any" | "Unknown" | "Ref" | "This" | "Recursive" => Shape::Any,
        "Never" => Shape::Never,
        _ => return None,
    })
}

fn with_options(walk: &Walk, made: &Made, options: Option<&Expr>, shape: Shape) -> Shape {
    let Some(entries) = options.and_then(|options| walk.program.entries(&made.at, options)) else { return shape };
    let mut shape = shape;
    for (name, value, at) in entries {
        let Some(value) = literal(walk.program, &at, value) else { continue };
        shape = match (name.as_str(), &shape) {
            ("format", Shape::Text(_)) => value.as_str().map_or(shape, Shape::format),
            ("additionalProperties", Shape::Record(record)) if value == false => {
                Shape::Record(Box::new(Record { rest: Some(Shape::Never), ..(**record).clone() }))
            }
            (name, _) if KEYWORDS.contains(&name) => shape.with(name, value),
            _ => shape,
        };
    }
    shape
}
