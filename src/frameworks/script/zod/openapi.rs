//! What is said about schemas for documents: descriptions, examples, names.

use serde_json::Value;

use super::{Walk, Zod};
use crate::base::code::{Call, Expr};
use crate::facts::program::{CallRef, Meaning, Site};
use crate::facts::shape::{Shape, TypeKey, TypeSource};
use crate::frameworks::script::literals::literal;

/// What JSON Schema and OpenAPI know of what is said.
const KEYWORDS: &[&str] = &[
    "description",
    "title",
    "example",
    "examples",
    "default",
    "format",
    "deprecated",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "readOnly",
    "writeOnly",
];

impl Walk<'_> {
    /// `describe(text)`, `meta({…})`, `openapi("Name", {…})`, `register(registry, {…})`.
    pub(super) fn described(self, at: &Site, made: &Call, name: &str, base: Zod, receiver: &Expr) -> Zod {
        if name == "describe" {
            let text = made.positional(0).and_then(|expr| self.program.text(at, expr).plain());
            return match text {
                Some(text) => base.map(|shape| shape.with("description", text)),
                None => base,
            };
        }
        let mut found = base;
        let mut title = None;
        for arg in &made.args {
            if let Some(text) = self.program.text(at, &arg.value).plain() {
                title = title.or(Some(text));
                continue;
            }
            for (key, value, site) in self.program.entries(at, &arg.value).unwrap_or_default() {
                match key.as_str() {
                    "id" | "ref" => title = title.or(self.program.text(&site, value).plain()),
                    "param" => {}
                    "type" => found = found.map(|shape| self.typed(shape, &site, value)),
                    keyword if KEYWORDS.contains(&keyword) => {
                        if let Some(value) = literal(self.program, &site, value) {
                            found = found.map(|shape| noted(shape, keyword, value));
                        }
                    }
                    _ => {}
                }
            }
        }
        match (title, receiver) {
            (Some(title), Expr::Call(id)) if at.env.is_none() => {
                Zod { shape: named(found.shape, CallRef { file: at.file, id: *id }, &title, self), ..found }
            }
            _ => found,
        }
    }

    /// `{ type: "string" }` beside a schema takes its place in documents.
    fn typed(self, shape: Shape, at: &Site, value: &Expr) -> Shape {
        match self.program.text(at, value).plain().as_deref() {
            Some("string") if !matches!(crate::facts::members::base(&shape), Shape::Text(_) | Shape::Enum(_)) => Shape::Text(None),
            Some("integer") => Shape::Int,
            Some("number") => Shape::Number,
            Some("boolean") => Shape::Bool,
            _ => shape,
        }
    }

    /// `registry.register("User", schema)` of a registry that makes documents: the schema, under that name.
    pub(super) fn registered(self, at: &Site, made: &Call, name: &str) -> Option<Zod> {
        if name != "register" {
            return None;
        }
        let title = self.program.text(at, made.positional(0)?).plain()?;
        let schema = made.positional(1)?;
        let found = self.schema(at, schema)?;
        let call = match schema {
            Expr::Call(id) if at.env.is_none() => CallRef { file: at.file, id: *id },
            schema => match self.program.resolve(at, schema) {
                Meaning::Value(Expr::Call(id), site) if site.env.is_none() => CallRef { file: site.file, id: *id },
                _ => return Some(found),
            },
        };
        Some(Zod { shape: named(found.shape, call, &title, self), ..found })
    }
}

/// A schema under a name of its own, when it is no simple one.
fn named(shape: Shape, call: CallRef, title: &str, walk: Walk) -> Shape {
    match &shape {
        Shape::Record(_) | Shape::Enum(_) | Shape::OneOf(..) | Shape::AnyOf(_) | Shape::AllOf(_) | Shape::Named(_) => {
            Shape::Named(Box::new(TypeKey { source: TypeSource::Call(call), name: title.into(), args: Vec::new(), mode: walk.mode }))
        }
        _ => shape,
    }
}

fn noted(shape: Shape, keyword: &str, value: Value) -> Shape {
    match keyword {
        "example" => shape.with("examples", Value::Array(vec![value])),
        "format" => match (&shape, value.as_str()) {
            (Shape::Text(None), Some(format)) => Shape::format(format),
            _ => shape.with(keyword, value),
        },
        _ => shape.with(keyword, value),
    }
}
