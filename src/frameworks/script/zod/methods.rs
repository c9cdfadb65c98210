//! Methods of schemas: checks, wrappers, transformations.

use serde_json::Value;

use super::factories::format_of;
use super::{Walk, Zod};
use crate::base::code::{Call, Expr};
use crate::facts::members::{all_of, any_of, base as under, without_null};
use crate::facts::program::{Mode, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::literals::{enum_values, literal};

impl Walk<'_> {
    /// The schema that `base.name(…)` makes.
    pub(super) fn method(self, at: &Site, made: &Call, name: &str, base: Zod, receiver: &Expr) -> Option<Zod> {
        if let Some(found) = self.object_method(at, made, name, &base) {
            return Some(found);
        }
        let arg = made.positional(0);
        let other = || arg.and_then(|expr| self.schema(at, expr));
        Some(match name {
            "optional" | "exactOptional" => Zod { optional: true, ..base },
            "nullish" => Zod { shape: base.shape.or_null(), optional: true },
            "nullable" => base.map(Shape::or_null),
            "default" | "prefault" | "catch" => self.defaulted(at, arg, base, name),
            "unwrap" | "nonoptional" | "removeDefault" | "innerType" | "sourceType" => {
                Zod { shape: if name == "unwrap" { without_null(base.shape) } else { base.shape }, optional: false }
            }
            "array" => Zod::new(base.shape.list()),
            "or" => {
                let other = other()?;
                Zod { shape: any_of([base.shape, other.shape]), optional: base.optional || other.optional }
            }
            "and" => Zod::new(all_of([base.shape, other()?.shape])),
            "pipe" => match (self.mode, other()) {
                (Mode::Write, Some(other)) => other,
                (_, Some(other)) if base.shape.is_any() => other,
                _ => base,
            },
            "transform" | "to" => self.transformed(at, arg?, base),
            "openapi" | "meta" | "describe" | "register" => self.described(at, made, name, base, receiver),
            "exclude" | "extract" => {
                let chosen = enum_values(self.program, at, arg?);
                base.map(|shape| self.chosen(shape, &chosen, name == "extract"))
            }
            "rest" | "check" | "refine" | "superRefine" | "refinement" | "brand" | "readonly" | "trim" | "toLowerCase" | "toUpperCase"
            | "normalize" | "slugify" | "overwrite" | "pipeThrough" | "clone" | "with" | "apply" | "includes" | "finite" | "safe"
            | "lowercase" | "uppercase" | "promise" | "implement" | "unique" => base,
            _ => self.checked(at, arg, base, name)?,
        })
    }

    fn defaulted(self, at: &Site, value: Option<&Expr>, base: Zod, name: &str) -> Zod {
        let optional = self.mode == Mode::Read;
        let default = value.and_then(|value| literal(self.program, at, value)).filter(|_| name != "catch");
        match default {
            Some(default) => Zod { shape: base.shape.with("default", default), optional },
            None => Zod { optional, ..base },
        }
    }

    /// Reading, a transformation takes what its base takes; writing, it gives what the function returns.
    fn transformed(self, at: &Site, function: &Expr, base: Zod) -> Zod {
        if self.mode == Mode::Read {
            return base;
        }
        let Some(function) = self.program.resolve(at, function).function() else { return Zod { shape: Shape::Any, ..base } };
        let facts = self.program.file(function.file);
        let shapes: Vec<Shape> = facts
            .returns_of(function.id)
            .iter()
            .filter_map(|index| facts.outline.returns.get(*index as usize))
            .filter(|returned| !returned.is_raise)
            .map(|returned| {
                let inside = Site { file: function.file, scope: returned.scope, offset: returned.at.offset, env: at.env.clone() };
                self.program.shape_of_value(&inside, &returned.value, self.mode)
            })
            .collect();
        let shape = if shapes.is_empty() { Shape::Any } else { any_of(shapes) };
        Zod { shape, optional: false }
    }

    fn chosen(self, shape: Shape, chosen: &[Value], keeps: bool) -> Shape {
        let opened = match &shape {
            Shape::Named(key) => self.program.expand(key),
            other => other.clone(),
        };
        match opened {
            Shape::Enum(values) => Shape::Enum(values.into_iter().filter(|value| chosen.contains(value) == keeps).collect()),
            _ => shape,
        }
    }

    /// Checks that JSON Schema has words for.
    fn checked(self, at: &Site, arg: Option<&Expr>, base: Zod, name: &str) -> Option<Zod> {
        let number = || arg.and_then(|expr| literal(self.program, at, expr)).filter(Value::is_number);
        let keyword = |keyword: Option<&str>, value: Option<Value>, base: Zod| match (keyword, value) {
            (Some(keyword), Some(value)) => base.map(|shape| refined(shape, keyword, value)),
            _ => base,
        };
        let kind = under(&base.shape).clone();
        let sized = |text, list, number| match &kind {
            Shape::Text(None) => Some(text),
            Shape::List(_) => Some(list),
            Shape::Int | Shape::Number => Some(number),
            _ => None,
        };
        Some(match name {
            "min" | "minLength" | "gte" => keyword(sized("minLength", "minItems", "minimum"), number(), base),
            "max" | "maxLength" | "lte" => keyword(sized("maxLength", "maxItems", "maximum"), number(), base),
            "gt" => keyword(Some("exclusiveMinimum"), number(), base),
            "lt" => keyword(Some("exclusiveMaximum"), number(), base),
            "positive" => keyword(Some("exclusiveMinimum"), Some(0.into()), base),
            "negative" => keyword(Some("exclusiveMaximum"), Some(0.into()), base),
            "nonnegative" => keyword(Some("minimum"), Some(0.into()), base),
            "nonpositive" => keyword(Some("maximum"), Some(0.into()), base),
            "multipleOf" | "step" => keyword(Some("multipleOf"), number(), base),
            "nonempty" => keyword(sized("minLength", "minItems", "minimum"), Some(1.into()), base),
            "length" | "size" => {
                let least = keyword(sized("minLength", "minItems", "minimum"), number(), base);
                keyword(sized("maxLength", "maxItems", "maximum"), number(), least)
            }
            "int" => base.map(|shape| replaced(shape, Shape::Int)),
            "regex" => match arg.map(|arg| self.program.resolve(at, arg)).as_ref().and_then(|meaning| meaning.value()) {
                Some((Expr::Regex(pattern), _)) => base.map(|shape| refined(shape, "pattern", Value::from(pattern.as_str()))),
                _ => base,
            },
            "startsWith" | "endsWith" => base,
            name => {
                let format = Shape::format(format_of(name)?);
                base.map(|shape| replaced(shape, format))
            }
        })
    }
}

/// A keyword on a shape that may also be `null`: on what is not.
fn refined(shape: Shape, keyword: &str, value: Value) -> Shape {
    shape.with(keyword, value)
}

/// Another shape under the same refinements.
fn replaced(shape: Shape, by: Shape) -> Shape {
    match shape {
        Shape::Refined(_, keywords) => Shape::Refined(Box::new(by), keywords),
        _ => by,
    }
}
