//! TypeScript's primitives and the types of its standard library.

use super::Types;
use crate::base::code::Type;
use crate::facts::members::without_null;
use crate::facts::program::{Mode, Site};
use crate::facts::shape::Shape;

impl Types<'_> {
    /// A type of the language or its standard library by its dotted path; [`Shape::Any`] for what is not known.
    pub(super) fn script(&self, path: &str, args: &[Type], site: &Site, mode: Mode) -> Shape {
        let Some(name) = path.strip_prefix("builtins.").or_else(|| standard(path)) else { return Shape::Any };
        match name {
            "string" | "String" | "symbol" | "Uppercase" | "Lowercase" | "Capitalize" | "Uncapitalize" | "RegExp" => Shape::Text(None),
            "number" | "Number" => Shape::Number,
            "boolean" | "Boolean" => Shape::Bool,
            "bigint" | "BigInt" => Shape::Int,
            "null" | "undefined" | "void" => Shape::Null,
            "never" => Shape::Never,
            "object" | "Object" => Shape::Map(Box::new(Shape::Any)),
            "Date" => Shape::format("date-time"),
            "URL" => Shape::format("uri"),
            "Buffer"
            | "Blob"
            | "File"
            | "ReadableStream"
            | "Readable"
            | "Stream"
            | "Uint8Array"
            | "ArrayBuffer"
            | "NodeJS.ReadableStream"
            | "SharedArrayBuffer"
            | "DataView" => Shape::format("binary"),
            "Float32Array" | "Float64Array" | "Int32Array" | "Uint32Array" | "Int16Array" | "Uint16Array" => Shape::Number.list(),
            "Array" | "ReadonlyArray" | "Iterable" | "AsyncIterable" | "IterableIterator" | "Generator" | "AsyncGenerator"
            | "ArrayLike" => self.first(args, site, mode).list(),
            "Set" | "ReadonlySet" => self.first(args, site, mode).list().with("uniqueItems", true),
            "Map" | "ReadonlyMap" => Shape::Map(Box::new(self.nth(args, 1, site, mode))),
            "Record" => match args {
                [key, value] => self.map(site, key, value, mode),
                _ => Shape::Map(Box::new(Shape::Any)),
            },
            "Promise" | "PromiseLike" | "Awaited" | "Observable" | "Readonly" | "NoInfer" | "ThisType" => self.first(args, site, mode),
            "NonNullable" => without_null(self.first(args, site, mode)),
            "FormData" | "URLSearchParams" => Shape::Map(Box::new(Shape::Any)),
            _ => self.utility(name, args, site, mode),
        }
    }
}

/// Node's own types when they are imported, and the observable that stands for a promise.
fn standard(path: &str) -> Option<&str> {
    let (module, name) = path.rsplit_once('.')?;
    matches!(module.trim_start_matches("node:"), "buffer" | "stream" | "url" | "fs" | "stream/web" | "rxjs").then_some(name)
}
