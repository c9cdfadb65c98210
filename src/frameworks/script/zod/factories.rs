//! zod's functions that make schemas.

use serde_json::Value;

use super::{Walk, Zod};
use crate::base::code::{Call, Expr};
use crate::facts::members::{all_of, any_of};
use crate::facts::program::{Meaning, Mode, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::literals::{enum_values, literal};

/// The JSON Schema format of a check of text, by its name.
pub(super) fn format_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "email" => "email",
        "url" | "httpUrl" => "uri",
        "uuid" | "guid" | "uuidv4" | "uuidv6" | "uuidv7" => "uuid",
        "datetime" | "iso.datetime" => "date-time",
        "date" | "iso.date" => "date",
        "time" | "iso.time" => "time",
        "duration" | "iso.duration" => "duration",
        "ip" | "ipv4" => "ipv4",
        "ipv6" => "ipv6",
        "cidr" | "cidrv4" => "cidrv4",
        "cidrv6" => "cidrv6",
        "hostname" => "hostname",
        "base64" => "byte",
        "base64url" => "base64url",
        "cuid" => "cuid",
        "cuid2" => "cuid2",
        "ulid" => "ulid",
        "xid" => "xid",
        "ksuid" => "ksuid",
        "nanoid" => "nanoid",
        "jwt" => "jwt",
        "emoji" => "emoji",
        "e164" => "e164",
        _ => return None,
    })
}

impl Walk<'_> {
    /// The schema that `z.name(…)` makes.
    pub(super) fn factory(self, at: &Site, made: &Call, name: &str) -> Option<Zod> {
        if let Some(shape) = self.plain(name) {
            return Some(Zod::new(shape));
        }
        let arg = |position| made.positional(position);
        let of = |position| arg(position).and_then(|expr| self.schema(at, expr));
        let inner = |position| of(position).map_or(Shape::Any, |found| found.shape);
        Some(match name {
            "object" | "strictObject" | "looseObject" | "interface" => Zod::new(self.object(at, arg(0), name)),
            "array" => Zod::new(inner(0).list()),
            "set" => Zod::new(inner(0).list().with("uniqueItems", true)),
            "tuple" => Zod::new(self.tuple(at, arg(0)?)),
            "record" | "partialRecord" | "looseRecord" | "map" => Zod::new(self.map_of(name, inner(0), of(1))),
            "union" | "xor" => self.union(at, arg(0)?),
            "discriminatedUnion" => Zod::new(self.discriminated(at, arg(0)?, arg(1)?)),
            "intersection" => Zod::new(all_of([inner(0), inner(1)])),
            "literal" => Zod::new(self.literals(at, arg(0)?)),
            "enum" | "nativeEnum" => Zod::new(self.enumeration(at, arg(0)?)),
            "optional" | "_default" => Zod::optional(inner(0)),
            "nullable" => of(0)?.map(Shape::or_null),
            "nullish" => Zod::optional(inner(0).or_null()),
            "lazy" => self.lazy(at, arg(0)?)?,
            "preprocess" => of(1)?,
            "pipe" | "codec" => if self.mode == Mode::Write { of(1) } else { of(0) }?,
            "promise" | "effect" | "readonly" | "clone" => of(0)?,
            "custom" => Zod::new(made.type_args.first().map_or(Shape::Any, |ty| self.program.shape_of_type(at, ty, self.mode))),
            "instanceof" => Zod::new(self.instance(at, arg(0)?)),
            "fromJSONSchema" => Zod::new(Shape::Any),
            _ => return None,
        })
    }

    /// Factories that take no schemas.
    fn plain(self, name: &str) -> Option<Shape> {
        Some(match name {
            "string" | "coerce.string" | "templateLiteral" | "stringFormat" | "hex" => Shape::Text(None),
            "number" | "coerce.number" | "float32" | "float64" | "nan" => Shape::Number,
            "int" | "int32" | "uint32" | "int64" | "uint64" | "bigint" | "coerce.bigint" => Shape::Int,
            "boolean" | "coerce.boolean" => Shape::Bool,
            "stringbool" if self.mode == Mode::Read => Shape::Text(None),
            "stringbool" => Shape::Bool,
            "date" | "coerce.date" => Shape::format("date-time"),
            "any" | "unknown" | "json" | "function" => Shape::Any,
            "undefined" | "void" | "null" => Shape::Null,
            "never" => Shape::Never,
            "symbol" => Shape::Text(None),
            "file" => Shape::format("binary"),
            name => Shape::format(format_of(name)?),
        })
    }

    fn tuple(self, at: &Site, items: &Expr) -> Shape {
        let items = self.program.items(at, items).unwrap_or_default();
        Shape::Tuple(items.iter().map(|(item, at)| self.schema(at, item).map_or(Shape::Any, |found| found.shape)).collect())
    }

    /// `z.record(value)`, `z.record(key, value)`: of named members when the keys are literals.
    fn map_of(self, name: &str, first: Shape, second: Option<Zod>) -> Shape {
        let Some(value) = second else { return Shape::Map(Box::new(first)) };
        match first {
            Shape::Enum(keys) if name != "map" && keys.iter().all(Value::is_string) => Shape::record(
                keys.iter()
                    .filter_map(Value::as_str)
                    .map(|key| Zod { shape: value.shape.clone(), optional: name == "partialRecord" || value.optional }.member(key))
                    .collect(),
            ),
            _ => Shape::Map(Box::new(value.shape)),
        }
    }

    fn union(self, at: &Site, options: &Expr) -> Zod {
        let options = self.program.items(at, options).unwrap_or_default();
        let found: Vec<Zod> = options.iter().filter_map(|(option, at)| self.schema(at, option)).collect();
        let optional = found.iter().any(|option| option.optional);
        if found.len() < options.len() {
            return Zod { shape: Shape::Any, optional };
        }
        // `undefined` is no value on the wire.
        Zod { shape: any_of(found.into_iter().map(|option| option.shape)), optional }
    }

    fn discriminated(self, at: &Site, key: &Expr, options: &Expr) -> Shape {
        let key = self.program.text(at, key).plain();
        let options = self.program.items(at, options).unwrap_or_default();
        let shapes: Vec<Shape> = options.iter().filter_map(|(option, at)| self.schema(at, option)).map(|found| found.shape).collect();
        match shapes.len() {
            0 => Shape::Any,
            _ => Shape::OneOf(shapes, key.map(Into::into)),
        }
    }

    fn literals(self, at: &Site, expr: &Expr) -> Shape {
        match literal(self.program, at, expr) {
            Some(Value::Null) => Shape::Null,
            Some(Value::Array(values)) => any_of([Shape::Enum(values)]),
            Some(value) => Shape::Enum(vec![value]),
            None => Shape::Any,
        }
    }

    fn enumeration(self, at: &Site, expr: &Expr) -> Shape {
        let values = enum_values(self.program, at, expr);
        if values.is_empty() { Shape::Text(None) } else { Shape::Enum(values) }
    }

    fn lazy(self, at: &Site, getter: &Expr) -> Option<Zod> {
        self.got(at, getter, |walk, at, returned| walk.schema(at, returned))
    }

    /// What is asked of the schema that the function in `z.lazy(…)` returns.
    pub(super) fn got<T>(self, at: &Site, getter: &Expr, ask: impl FnOnce(Self, &Site, &Expr) -> Option<T>) -> Option<T> {
        let function = self.program.resolve(at, getter).function()?;
        let facts = self.program.file(function.file);
        let index = facts.returns_of(function.id).first()?;
        let returned = facts.outline.returns.get(*index as usize)?;
        let inside = Site { env: at.env.clone(), ..Site::of_scope(function.file, returned.scope) };
        ask(self, &inside, &returned.value)
    }

    fn instance(self, at: &Site, class: &Expr) -> Shape {
        match self.program.resolve(at, class) {
            Meaning::Class(class) => self.program.shape_of_class(class, Vec::new(), self.mode),
            Meaning::Outside(path) => match path.rsplit('.').next().unwrap_or_default() {
                "File" | "Blob" | "Buffer" | "Uint8Array" | "ArrayBuffer" | "ReadableStream" => Shape::format("binary"),
                "Date" => Shape::format("date-time"),
                "URL" => Shape::format("uri"),
                _ => Shape::Any,
            },
            _ => Shape::Any,
        }
    }
}
