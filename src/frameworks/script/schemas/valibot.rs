//! valibot: functions alone; checks stand in a `pipe`.

use serde_json::Value;

use super::{Found, Library, Made, Walk, all_required, kept};
use crate::base::code::{Call, Expr, Type};
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::members::{all_of, any_of};
use crate::facts::program::{Meaning, Mode, Program, Site};
use crate::facts::shape::{Record, Shape};
use crate::frameworks::script::literals::{enum_values, keys_of, literal};

/// valibot.
pub const FRAMEWORK: Framework = Framework {
    id: "script/valibot",
    label: "Valibot",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["valibot"],
    tells: &[Tells::Types],
    read: None,
    types: Some(&Valibot),
};

struct Valibot;

impl TypeReader for Valibot {
    fn outside(&self, program: &dyn Program, path: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
        let of = |mode| args.first().map(|arg| program.shape_of_type(site, arg, mode));
        match self.symbol(path)? {
            "InferOutput" | "Output" => of(mode),
            "InferInput" | "Input" => of(Mode::Read),
            _ => None,
        }
    }

    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        if !program.file(site.file).language.is_script() {
            return None;
        }
        Walk::new(program, &Valibot, mode).call(site, *id).map(|found| found.shape)
    }
}

impl Library for Valibot {
    fn symbol<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix("valibot.").map(|rest| rest.strip_prefix("v.").unwrap_or(rest))
    }

    fn factory(&self, walk: &Walk, made: &Made, name: &str) -> Option<Found> {
        let members = || made.arg(0).map(|members| walk.members(&made.at, members)).unwrap_or_default();
        let keys = || made.arg(1).map(|keys| keys_of(walk.program, &made.at, keys)).unwrap_or_default();
        let record = || walk.record(&walk.shape(made, 0));
        Some(Found::new(match name {
            "object" => Shape::record(members()),
            "strictObject" => Shape::Record(Box::new(Record { members: members(), rest: Some(Shape::Never), doc: None })),
            "looseObject" | "objectWithRest" => Shape::Record(Box::new(Record { members: members(), rest: Some(Shape::Any), doc: None })),
            "string" => Shape::Text(None),
            "number" => Shape::Number,
            "bigint" => Shape::Int,
            "boolean" => Shape::Bool,
            "date" => Shape::format("date-time"),
            "file" | "blob" => Shape::format("binary"),
            "null_" | "null" | "undefined" | "undefined_" | "void" | "void_" => Shape::Null,
            "any" | "unknown" | "custom" | "lazy" => Shape::Any,
            "never" => Shape::Never,
            "array" => walk.shape(made, 0).list(),
            "set" => walk.shape(made, 0).list().with("uniqueItems", true),
            "tuple" => Shape::Tuple(walk.shapes(made, 0)),
            "record" | "map" => Shape::Map(Box::new(walk.shape(made, 1))),
            "union" => any_of(walk.shapes(made, 0)),
            "variant" => {
                let key = made.arg(0).and_then(|key| walk.program.text(&made.at, key).plain());
                Shape::OneOf(walk.shapes(made, 1), key.map(Into::into))
            }
            "intersect" => all_of(walk.shapes(made, 0)),
            "picklist" | "enum" | "enum_" => {
                let values = made.arg(0).map(|values| enum_values(walk.program, &made.at, values)).unwrap_or_default();
                if values.is_empty() { Shape::Text(None) } else { Shape::Enum(values) }
            }
            "literal" => walk.literal(made, 0).map_or(Shape::Any, |value| Shape::Enum(vec![value])),
            "nullable" | "nonOptional" | "nonNullable" | "nonNullish" | "optional" | "nullish" | "exactOptional" | "undefinedable" => {
                return wrapped(walk, made, name);
            }
            "partial" => all_required(record(), false),
            "required" => all_required(record(), true),
            "pick" | "omit" => kept(record(), &keys(), name == "pick"),
            "pipe" | "pipeAsync" => return piped(walk, made),
            "objectAsync" => Shape::record(members()),
            _ => return None,
        }))
    }
}

fn wrapped(walk: &Walk, made: &Made, name: &str) -> Option<Found> {
    let inner = made.arg(0).and_then(|expr| walk.schema(&made.at, expr))?;
    let default = walk.literal(made, 1);
    let has_default = made.arg(1).is_some();
    Some(match name {
        "nullable" => inner.map(Shape::or_null).with(Some("default"), default),
        "nullish" => {
            Found { optional: !has_default || walk.mode == Mode::Read, ..inner.map(Shape::or_null) }.with(Some("default"), default)
        }
        "optional" | "exactOptional" | "undefinedable" => {
            Found { optional: !has_default || walk.mode == Mode::Read, ..inner }.with(Some("default"), default)
        }
        _ => Found { shape: crate::facts::members::without_null(inner.shape), optional: false },
    })
}

/// `v.pipe(v.string(), v.email())`.
fn piped(walk: &Walk, made: &Made) -> Option<Found> {
    let mut found = made.arg(0).and_then(|expr| walk.schema(&made.at, expr))?;
    for arg in made.call.args.iter().skip(1) {
        let meaning = walk.program.resolve(&made.at, &arg.value);
        let Some((call, at)) = meaning.call() else { continue };
        let Meaning::Outside(path) = walk.program.callee(call) else { continue };
        let Some(name) = Valibot.symbol(&path) else { continue };
        let check = walk.program.call(call);
        if name == "transform" && walk.mode == Mode::Write {
            found.shape = Shape::Any;
        } else if let Some(next) = walk.schema(at, &arg.value) {
            found = if walk.mode == Mode::Write { next } else { found };
        } else {
            found = checked(walk, at, check, name, found);
        }
    }
    Some(found)
}

fn checked(walk: &Walk, at: &Site, check: &Call, name: &str, on: Found) -> Found {
    let value = || check.positional(0).and_then(|expr| literal(walk.program, at, expr));
    match name {
        "email" | "rfcEmail" => on.replaced(Shape::format("email")),
        "url" => on.replaced(Shape::format("uri")),
        "uuid" => on.replaced(Shape::format("uuid")),
        "isoDate" => on.replaced(Shape::format("date")),
        "isoDateTime" | "isoTimestamp" => on.replaced(Shape::format("date-time")),
        "integer" | "safeInteger" => on.replaced(Shape::Int),
        "minLength" | "nonEmpty" => {
            let keyword = on.sized("minLength", "minItems", "minimum");
            on.with(keyword, if name == "nonEmpty" { Some(1.into()) } else { value() })
        }
        "maxLength" => {
            let keyword = on.sized("maxLength", "maxItems", "maximum");
            on.with(keyword, value())
        }
        "minValue" => on.with(Some("minimum"), value().filter(Value::is_number)),
        "maxValue" => on.with(Some("maximum"), value().filter(Value::is_number)),
        "gtValue" => on.with(Some("exclusiveMinimum"), value().filter(Value::is_number)),
        "ltValue" => on.with(Some("exclusiveMaximum"), value().filter(Value::is_number)),
        "multipleOf" => on.with(Some("multipleOf"), value()),
        "description" | "title" => on.with(Some(name), value()),
        "regex" => match check.positional(0).map(|pattern| walk.program.resolve(at, pattern)) {
            Some(Meaning::Value(Expr::Regex(pattern), _)) => on.with(Some("pattern"), Some(Value::from(pattern.as_str()))),
            _ => on,
        },
        _ => on,
    }
}
