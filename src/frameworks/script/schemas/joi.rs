//! joi: members may be left out unless they are `required()`.

use serde_json::Value;

use super::{Found, Library, Made, Walk};
use crate::base::code::Expr;
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::members::{any_of, merge};
use crate::facts::program::{Meaning, Mode, Program, Site};
use crate::facts::shape::{Record, Shape};

/// joi.
pub const FRAMEWORK: Framework = Framework {
    id: "script/joi",
    label: "joi",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: MODULES,
    tells: &[Tells::Types],
    read: None,
    types: Some(&Joi),
};

const MODULES: &[&str] = &["joi", "@hapi/joi", "celebrate"];

struct Joi;

/// What a schema describes; an object of schemas counts as the schema of an object.
#[must_use]
pub fn described(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Shape {
    match program.resolve(site, expr) {
        Meaning::Value(object @ Expr::Object(_), at) => Shape::record(Walk::new(program, &Joi, mode).members(&at, object)),
        _ => program.shape_of_value(site, expr, mode),
    }
}

impl TypeReader for Joi {
    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        if !program.file(site.file).language.is_script() {
            return None;
        }
        Walk::new(program, &Joi, mode).call(site, *id).map(|found| found.shape)
    }
}

impl Library for Joi {
    fn symbol<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = MODULES.iter().find_map(|module| path.strip_prefix(module)?.strip_prefix('.'))?;
        match path.strip_prefix("celebrate.") {
            Some(rest) => rest.strip_prefix("Joi."),
            None => Some(rest.strip_prefix("default.").unwrap_or(rest)),
        }
    }

    fn factory(&self, walk: &Walk, made: &Made, name: &str) -> Option<Found> {
        Some(Found::optional(match name {
            "object" => Shape::record(made.arg(0).map(|members| walk.members(&made.at, members)).unwrap_or_default()),
            "string" => Shape::Text(None),
            "number" => Shape::Number,
            "boolean" | "bool" => Shape::Bool,
            "date" => Shape::format("date-time"),
            "binary" => Shape::format("binary"),
            "array" => Shape::Any.list(),
            "any" | "func" | "function" | "symbol" | "link" => Shape::Any,
            "valid" | "equal" => Shape::Enum(walk.literals(made)),
            "alternatives" | "alt" => any_of(schemas(walk, made)),
            _ => return None,
        }))
    }

    fn method(&self, walk: &Walk, made: &Made, name: &str, on: Found) -> Option<Found> {
        let pattern = || match made.arg(0).map(|arg| walk.program.resolve(&made.at, arg)) {
            Some(Meaning::Value(Expr::Regex(pattern), _)) => Some(Value::from(pattern.as_str())),
            _ => None,
        };
        Some(match name {
            "required" | "exist" => Found { optional: false, ..on },
            "optional" => Found { optional: true, ..on },
            "default" => {
                let default = walk.literal(made, 0);
                Found { optional: true, ..on }.with(Some("default"), default)
            }
            "keys" | "append" => {
                let mut record = walk.record(&on.shape);
                let members = made.arg(0).map(|members| walk.members(&made.at, members)).unwrap_or_default();
                merge(&mut record, Record { members, ..Record::default() });
                on.replaced(Shape::Record(Box::new(record)))
            }
            "items" | "ordered" => {
                let items = any_of(schemas(walk, made));
                on.replaced(items.list())
            }
            "try" => on.replaced(any_of(schemas(walk, made))),
            "valid" | "equal" | "only" if !made.call.args.is_empty() => {
                let values = walk.literals(made);
                if values.is_empty() { on } else { on.replaced(any_of([Shape::Enum(values)])) }
            }
            "allow" => {
                let values = walk.literals(made);
                if values.contains(&Value::Null) { on.map(Shape::or_null) } else { on }
            }
            "integer" => on.replaced(Shape::Int),
            "port" => on.replaced(Shape::Int),
            "email" => on.replaced(Shape::format("email")),
            "uri" => on.replaced(Shape::format("uri")),
            "guid" | "uuid" => on.replaced(Shape::format("uuid")),
            "isoDate" => on.replaced(Shape::format("date-time")),
            "hostname" => on.replaced(Shape::format("hostname")),
            "min" => {
                let keyword = on.sized("minLength", "minItems", "minimum");
                on.with(keyword, walk.number(made, 0))
            }
            "max" => {
                let keyword = on.sized("maxLength", "maxItems", "maximum");
                on.with(keyword, walk.number(made, 0))
            }
            "greater" => on.with(Some("exclusiveMinimum"), walk.number(made, 0)),
            "less" => on.with(Some("exclusiveMaximum"), walk.number(made, 0)),
            "positive" => on.with(Some("exclusiveMinimum"), Some(0.into())),
            "multiple" => on.with(Some("multipleOf"), walk.number(made, 0)),
            "pattern" | "regex" if matches!(on.shape, Shape::Record(_)) => on,
            "pattern" | "regex" | "matches" => on.with(Some("pattern"), pattern()),
            "description" => on.with(Some("description"), walk.literal(made, 0)),
            "forbidden" => Found::optional(Shape::Any),
            // Conditions and rules that say nothing of the form.
            _ => on,
        })
    }
}

fn schemas(walk: &Walk, made: &Made) -> Vec<Shape> {
    let mut shapes = Vec::new();
    for (position, arg) in made.call.args.iter().enumerate() {
        match &arg.value {
            Expr::List(_) => shapes.extend(walk.shapes(made, position)),
            _ => shapes.push(walk.shape(made, position)),
        }
    }
    shapes
}
