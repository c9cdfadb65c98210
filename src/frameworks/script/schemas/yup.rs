//! yup: members may be left out unless they are `required()` or `defined()`.

use serde_json::Value;

use super::{Found, Library, Made, Walk, all_required, kept};
use crate::base::code::{Expr, Type};
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::members::{any_of, merge};
use crate::facts::program::{Meaning, Mode, Program, Site};
use crate::facts::shape::{Record, Shape};
use crate::frameworks::script::literals::keys_of;

/// yup.
pub const FRAMEWORK: Framework = Framework {
    id: "script/yup",
    label: "yup",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["yup"],
    tells: &[Tells::Types],
    read: None,
    types: Some(&Yup),
};

struct Yup;

impl TypeReader for Yup {
    fn outside(&self, program: &dyn Program, path: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
        let is_inferred = matches!(self.symbol(path)?, "InferType" | "Asserts");
        is_inferred.then(|| args.first().map(|arg| program.shape_of_type(site, arg, mode))).flatten()
    }

    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        if !program.file(site.file).language.is_script() {
            return None;
        }
        Walk::new(program, &Yup, mode).call(site, *id).map(|found| found.shape)
    }
}

impl Library for Yup {
    fn symbol<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix("yup.").map(|rest| rest.strip_prefix("default.").unwrap_or(rest))
    }

    fn factory(&self, walk: &Walk, made: &Made, name: &str) -> Option<Found> {
        Some(Found::optional(match name {
            "object" => Shape::record(made.arg(0).map(|members| walk.members(&made.at, members)).unwrap_or_default()),
            "string" => Shape::Text(None),
            "number" => Shape::Number,
            "boolean" | "bool" => Shape::Bool,
            "date" => Shape::format("date-time"),
            "array" => walk.shape(made, 0).list(),
            "tuple" => Shape::Tuple(walk.shapes(made, 0)),
            "mixed" | "lazy" | "ref" => Shape::Any,
            _ => return None,
        }))
    }

    fn method(&self, walk: &Walk, made: &Made, name: &str, on: Found) -> Option<Found> {
        let keys = || made.arg(0).map(|keys| keys_of(walk.program, &made.at, keys)).unwrap_or_default();
        Some(match name {
            "required" | "defined" => Found { optional: false, ..on },
            "optional" | "notRequired" => Found { optional: true, ..on },
            "nullable" => on.map(Shape::or_null),
            "default" => {
                let default = walk.literal(made, 0);
                Found { optional: walk.mode == Mode::Read, ..on }.with(Some("default"), default)
            }
            "shape" | "concat" => {
                let mut record = walk.record(&on.shape);
                let members = match made.arg(0) {
                    Some(other) if name == "concat" => walk.schema(&made.at, other).map(|found| walk.record(&found.shape).members),
                    members => members.map(|members| walk.members(&made.at, members)),
                };
                merge(&mut record, Record { members: members.unwrap_or_default(), ..Record::default() });
                on.replaced(Shape::Record(Box::new(record)))
            }
            "pick" | "omit" => {
                let record = walk.record(&on.shape);
                on.replaced(kept(record, &keys(), name == "pick"))
            }
            "partial" | "deepPartial" => {
                let record = walk.record(&on.shape);
                on.replaced(all_required(record, false))
            }
            "of" => {
                let item = walk.shape(made, 0);
                on.replaced(item.list())
            }
            "oneOf" => {
                let values = walk.literals(made);
                if values.is_empty() { on } else { on.replaced(any_of([Shape::Enum(values)])) }
            }
            "integer" => on.replaced(Shape::Int),
            "email" => on.replaced(Shape::format("email")),
            "url" => on.replaced(Shape::format("uri")),
            "uuid" => on.replaced(Shape::format("uuid")),
            "datetime" => on.replaced(Shape::format("date-time")),
            "min" => {
                let keyword = on.sized("minLength", "minItems", "minimum");
                on.with(keyword, walk.number(made, 0))
            }
            "max" => {
                let keyword = on.sized("maxLength", "maxItems", "maximum");
                on.with(keyword, walk.number(made, 0))
            }
            "moreThan" => on.with(Some("exclusiveMinimum"), walk.number(made, 0)),
            "lessThan" => on.with(Some("exclusiveMaximum"), walk.number(made, 0)),
            "positive" => on.with(Some("exclusiveMinimum"), Some(0.into())),
            "matches" => match made.arg(0).map(|arg| walk.program.resolve(&made.at, arg)) {
                Some(Meaning::Value(Expr::Regex(pattern), _)) => on.with(Some("pattern"), Some(Value::from(pattern.as_str()))),
                _ => on,
            },
            _ => on,
        })
    }
}
