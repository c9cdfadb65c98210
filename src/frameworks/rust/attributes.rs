//! Attributes: `#[serde(rename = "x", default)]`, `#[derive(…)]`, and the types that texts in them spell.

use serde_json::Value;

use crate::base::Name;
use crate::base::code::{Arg, Call, CallKind, Expr, Key, NamedType, Outline, Type};
use crate::facts::program::{FileId, Program, Site};

/// How deep literals and types may nest.
const MAX_DEPTH: u32 = 24;

/// The attributes of one declaration.
#[derive(Clone, Copy)]
pub struct Attributes<'p> {
    outline: &'p Outline,
    decorators: &'p [Expr],
}

impl<'p> Attributes<'p> {
    /// The attributes of something in a file.
    #[must_use]
    pub fn new(program: &'p dyn Program, file: FileId, decorators: &'p [Expr]) -> Self {
        Self { outline: &program.file(file).outline, decorators }
    }

    /// `#[name(…)]` and `#[name = …]`, in order. A derive's own attributes cannot be imported, so they are told by their name.
    pub fn all(self, name: &str) -> impl Iterator<Item = &'p Call> {
        self.decorators.iter().filter_map(move |decorator| match decorator {
            Expr::Call(id) => Some(self.outline.call(*id)).filter(|call| call.callee.last_name().is_some_and(|last| last == name)),
            _ => None,
        })
    }

    /// Whether `#[name]` stands there, with or without arguments.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.decorators.iter().any(|decorator| decorator.last_name().is_some_and(|last| last == name)) || self.all(name).next().is_some()
    }

    /// The members of all `#[name(…)]`.
    pub fn args(self, name: &str) -> impl Iterator<Item = &'p Arg> {
        self.all(name).flat_map(|call| call.args.iter())
    }

    /// Whether `#[name(key)]` or `#[name(key = …)]` is said.
    #[must_use]
    pub fn says(self, name: &str, key: &str) -> bool {
        self.args(name).any(|arg| match &arg.name {
            Some(named) => named == key,
            None => matches!(&arg.value, Expr::Ref(bare) if bare == key) || self.call_named(&arg.value, key).is_some(),
        })
    }

    /// `value` of `#[name(key = value)]`.
    #[must_use]
    pub fn value(self, name: &str, key: &str) -> Option<&'p Expr> {
        self.args(name).find(|arg| arg.name.as_deref() == Some(key)).map(|arg| &arg.value)
    }

    /// The text of `#[name(key = "…")]`.
    #[must_use]
    pub fn text(self, name: &str, key: &str) -> Option<&'p str> {
        self.value(name, key).and_then(Expr::as_str)
    }

    /// `key(…)` within `#[name(key(…))]`.
    #[must_use]
    pub fn nested(self, name: &str, key: &str) -> Option<&'p Call> {
        self.args(name).find_map(|arg| self.call_named(&arg.value, key))
    }

    /// The call an expression is, when it calls this name.
    #[must_use]
    pub fn call_named(self, expr: &Expr, name: &str) -> Option<&'p Call> {
        let Expr::Call(id) = expr else { return None };
        Some(self.outline.call(*id)).filter(|call| call.callee.last_name().is_some_and(|last| last == name))
    }

    /// Whether `#[derive(…)]` lists this name.
    #[must_use]
    pub fn derives(self, name: &str) -> bool {
        self.args("derive").any(|arg| arg.value.last_name().is_some_and(|last| last == name))
    }
}

/// The value of an expression, when all of it is literal: numbers, text, lists, `json!({…})`, constants, unit variants of no value are not.
#[must_use]
pub fn literal(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Value> {
    literal_at(program, site, expr, 0)
}

fn literal_at(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    match expr {
        Expr::Null => Some(Value::Null),
        Expr::Bool(value) => Some(Value::Bool(*value)),
        Expr::Int(value) => Some(Value::from(*value)),
        Expr::Float(text) => text.replace('_', "").parse().ok().and_then(serde_json::Number::from_f64).map(Value::Number),
        Expr::Str(text) => Some(Value::from(text.as_str())),
        Expr::List(items) => {
            items.iter().map(|item| literal_at(program, site, item, depth + 1)).collect::<Option<Vec<_>>>().map(Value::Array)
        }
        Expr::Object(entries) => {
            let mut object = serde_json::Map::new();
            for entry in entries {
                let Key::Name(key) = &entry.key else { return None };
                object.insert(key.to_string(), literal_at(program, site, &entry.value, depth + 1)?);
            }
            Some(Value::Object(object))
        }
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let is_json = call.kind == CallKind::Macro && call.callee.last_name().is_some_and(|name| name == "json");
            let is_copy = call.method().is_some_and(|(_, name)| matches!(name.as_str(), "to_string" | "to_owned" | "into"));
            match (is_json, is_copy) {
                (true, _) => literal_at(program, site, &call.args.first()?.value, depth + 1),
                (_, true) => literal_at(program, site, call.method()?.0, depth + 1),
                _ => program.text(site, expr).plain().map(Value::from),
            }
        }
        Expr::Ref(_) | Expr::Member(..) => {
            let meaning = program.resolve(site, expr);
            let (value, at) = meaning.value()?;
            let is_itself = matches!(value, Expr::Ref(_) | Expr::Member(..));
            if is_itself { None } else { literal_at(program, at, value, depth + 1) }
        }
        _ => None,
    }
}

/// The type that an attribute's value spells: `value_type = Vec<String>`, `from = "crate::Wire<T>"`.
#[must_use]
pub fn spelled(expr: &Expr) -> Type {
    match expr {
        Expr::Str(text) => parsed(text, 0).unwrap_or_default(),
        other => Type::spelled(other),
    }
}

/// A path as an expression: `a::b`.
#[must_use]
pub fn path(text: &str) -> Option<Expr> {
    let mut parts = text.split("::").map(str::trim);
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c == '_' || c.is_alphanumeric());
    let first = parts.next().filter(|part| is_name(part))?;
    let mut expr = Expr::Ref(first.into());
    for (depth, part) in parts.enumerate() {
        if depth > 32 || !is_name(part) {
            return None;
        }
        expr = Expr::Member(Box::new(expr), part.into());
    }
    Some(expr)
}

/// `a::B<C, D>`.
fn parsed(text: &str, depth: u32) -> Option<Type> {
    if depth > MAX_DEPTH {
        return None;
    }
    let text = text.trim();
    let Some((head, rest)) = text.split_once('<') else {
        return path(text).map(|path| Type::Named(Box::new(NamedType { path, args: Box::default() })));
    };
    let inner = rest.trim_end().strip_suffix('>')?;
    let mut args = Vec::new();
    let (mut open, mut start) = (0u32, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '<' | '(' | '[' => open += 1,
            '>' | ')' | ']' => open = open.saturating_sub(1),
            ',' if open == 0 => {
                args.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    args.push(&inner[start..]);
    let args = args.into_iter().filter(|arg| !arg.trim().starts_with('\'')).map(|arg| parsed(arg, depth + 1).unwrap_or_default()).collect();
    Some(Type::Named(Box::new(NamedType { path: path(head.trim_end_matches("::"))?, args })))
}

/// A literal as a JSON Schema keyword's value, under a name.
#[must_use]
pub fn keyword(program: &dyn Program, site: &Site, arg: &Arg) -> Option<(Name, Value)> {
    Some((arg.name.clone()?, literal(program, site, &arg.value)?))
}
