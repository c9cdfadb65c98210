//! Text folded across files: literals, templates, joins, constants, settings with their defaults, enum members.
//!
//! What stays unknown stays a hole with the words people wrote.

use super::names::{MAX_STEPS, follow};
use super::system::System;
use super::values;
use crate::base::code::{Call, CallKind, Expr, Op, Piece};
use crate::base::language::Language;
use crate::facts::program::{ClassRef, FuncRef, Meaning, Mode, Program, Site, Text, TextPart};
use crate::facts::shape::Shape;

/// Folds an expression to text.
pub(super) fn fold(system: &System, site: &Site, expr: &Expr, steps: u32) -> Text {
    if steps > MAX_STEPS {
        return Text::hole(&spell(expr));
    }
    match expr {
        Expr::Str(text) => Text::known(text),
        Expr::Int(number) => Text::known(&number.to_string()),
        Expr::Regex(text) => Text::known(text),
        Expr::Template(pieces) => pieces.iter().fold(Text::default(), |text, piece| match piece {
            Piece::Text(known) => text.then(Text::known(known)),
            Piece::Expr(inner) => text.then(fold(system, site, inner, steps + 1)),
        }),
        Expr::Binary(binary) if binary.op == Op::Add => {
            fold(system, site, &binary.left, steps + 1).then(fold(system, site, &binary.right, steps + 1))
        }
        Expr::Binary(binary) if matches!(binary.op, Op::Or | Op::Coalesce) => {
            let left = fold(system, site, &binary.left, steps + 1);
            if left.plain().is_some() { left } else { fold(system, site, &binary.right, steps + 1) }
        }
        Expr::Cond(cond) => {
            let yes = fold(system, site, &cond.yes, steps + 1);
            if yes.plain().is_some() { yes } else { fold(system, site, &cond.no, steps + 1) }
        }
        Expr::Cast(pair) => fold(system, site, &pair.0, steps + 1),
        Expr::Call(id) => {
            let call = system.file(site.file).outline.call(*id);
            of_call(system, site, call, expr, steps)
        }
        _ => {
            let meaning = follow(system, site, expr, steps + 1);
            let default = of_schema(system, &meaning, steps);
            let text = default.unwrap_or_else(|| of_meaning(system, expr, meaning, steps));
            match text.0.as_slice() {
                [TextPart::Hole(_)] => of_struct(system, site, expr, steps).unwrap_or(text),
                _ => text,
            }
        }
    }
}

fn of_meaning(system: &System, expr: &Expr, meaning: Meaning, steps: u32) -> Text {
    match meaning {
        Meaning::Value(inner, _) if std::ptr::eq(inner, expr) => Text::hole(&spell(expr)),
        Meaning::Value(inner, at) => {
            let text = fold(system, &at, inner, steps + 2);
            if matches!(text.0.as_slice(), [TextPart::Hole(_)]) {
                return Text::hole(&spell(expr));
            }
            if text.plain().is_some() || matches!(inner, Expr::Template(_) | Expr::Binary(_) | Expr::Call(_)) {
                text
            } else {
                Text::hole(&spell(expr))
            }
        }
        Meaning::Outside(path) => match path.strip_prefix("builtins.str:") {
            Some(key) => Text::known(key),
            None => Text::hole(&spell(expr)),
        },
        Meaning::Function(function, Some(_)) if system.file(function.file).outline.function(function.id).flags.is_accessor => {
            of_accessor(system, function, steps).unwrap_or_else(|| Text::hole(&spell(expr)))
        }
        Meaning::Param(function, position) => {
            let declared = system.file(function.file).outline.function(function.id);
            match declared.params.get(position as usize).and_then(|param| param.default.as_ref()) {
                Some(default) => fold(system, &Site::of_scope(function.file, declared.scope), default, steps + 2),
                None => Text::hole(&spell(expr)),
            }
        }
        _ => Text::hole(&spell(expr)),
    }
}

/// What a property or getter returns: the first text that is known whole.
fn of_accessor(system: &System, function: FuncRef, steps: u32) -> Option<Text> {
    let facts = system.file(function.file);
    let returned = facts.returns_of(function.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
    let mut texts = returned.filter(|returned| !returned.is_raise).map(|returned| {
        let at = Site { offset: returned.at.offset, ..Site::of_scope(function.file, returned.scope) };
        fold(system, &at, &returned.value, steps + 4)
    });
    texts.find(|text| text.plain().is_some())
}

/// Methods that leave text as it is, as far as paths and names go.
const KEEPS: &[&str] = &[
    "to_string",
    "to_owned",
    "into",
    "as_str",
    "as_ref",
    "clone",
    "toString",
    "encode",
    "decode",
    "unwrap",
    "expect",
    "format_map",
    "trim",
];

/// Functions and methods that read the environment: the position of the default.
const ENVIRONMENT: &[(&str, usize)] =
    &[("os.getenv", 1), ("os.environ.get", 1), ("os.environ.setdefault", 1), ("decouple.config", 1), ("environs.env.str", 1)];

fn of_call(system: &System, site: &Site, call: &Call, expr: &Expr, steps: u32) -> Text {
    let here = Site { scope: call.scope, offset: call.at.offset, ..site.clone() };
    if let Some((receiver, method)) = call.method() {
        let on = |found: &dyn Fn(&str) -> String| fold(system, &here, receiver, steps + 1).plain().map(|text| Text::known(&found(&text)));
        let given = call.positional(0).and_then(|arg| fold(system, &here, arg, steps + 1).plain());
        let folded = match method.as_str() {
            name if KEEPS.contains(&name) => Some(fold(system, &here, receiver, steps + 1)),
            "lower" | "toLowerCase" | "to_lowercase" => on(&|text| text.to_lowercase()),
            "upper" | "toUpperCase" | "to_uppercase" => on(&|text| text.to_uppercase()),
            "strip" => on(&|text| strip(text, given.as_deref(), true, true)),
            "lstrip" => on(&|text| strip(text, given.as_deref(), true, false)),
            "rstrip" => on(&|text| strip(text, given.as_deref(), false, true)),
            // Rust: what stands in for a variable that is not set.
            "unwrap_or" | "unwrap_or_else" => Some(instead(system, &here, receiver, call, steps)),
            "concat" if matches!(receiver, Expr::List(_)) && call.args.is_empty() => joined_by(system, &here, receiver, "", steps),
            "concat" => Some(
                call.args
                    .iter()
                    .fold(fold(system, &here, receiver, steps + 1), |text, arg| text.then(fold(system, &here, &arg.value, steps + 1))),
            ),
            "join" => joined(system, &here, receiver, call, steps),
            _ => None,
        };
        if let Some(text) = folded {
            return text;
        }
    }
    let callee = follow(system, &here, &call.callee, steps + 1);
    if let Some(path) = callee.outside() {
        return of_library(system, &here, call, path, expr, steps);
    }
    if let Expr::Call(id) = expr
        && let Some(meaning) = values::enter_once(system, site, *id, steps + 1)
    {
        let text = of_meaning(system, expr, meaning, steps + 4);
        return if matches!(text.0.as_slice(), [TextPart::Hole(_)]) { Text::hole(&format!("{}()", spell(&call.callee))) } else { text };
    }
    Text::hole(&format!("{}()", spell(&call.callee)))
}

/// `value.unwrap_or("x")`, `value.unwrap_or_else(|_| "x".into())`: the value when it is known, else what stands in for it.
fn instead(system: &System, here: &Site, receiver: &Expr, call: &Call, steps: u32) -> Text {
    let value = fold(system, here, receiver, steps + 1);
    if value.plain().is_some() {
        return value;
    }
    let given = call.positional(0).map(|other| match other {
        Expr::Func(id) => {
            let facts = system.file(here.file);
            let returned = facts.returns_of(*id).iter().find_map(|index| facts.outline.returns.get(*index as usize));
            returned.map_or_else(Text::default, |returned| {
                let at = Site { scope: returned.scope, offset: returned.at.offset, ..here.clone() };
                fold(system, &at, &returned.value, steps + 2)
            })
        }
        other => fold(system, here, other, steps + 1),
    });
    given.filter(|text| text.plain().is_some_and(|text| !text.is_empty())).unwrap_or(value)
}

/// A member of what a schema parsed, when the schema gives it a default.
fn of_schema(system: &System, meaning: &Meaning, steps: u32) -> Option<Text> {
    let Meaning::Attribute(of, name) = meaning else { return None };
    let Meaning::Value(value @ Expr::Call(_), at) = &**of else { return None };
    if steps > MAX_STEPS / 2 || system.file(at.file).language == Language::Rust {
        return None;
    }
    let shape = system.shape_of_value(at, value, Mode::Write);
    let member = system.record(&shape)?.members.into_iter().find(|member| member.name == *name)?;
    match member.shape {
        Shape::Refined(_, keywords) => keywords.get("default").and_then(|value| value.as_str()).map(Text::known),
        _ => None,
    }
}

/// A field of a Rust struct whose literals all give it one value.
fn of_struct(system: &System, site: &Site, expr: &Expr, steps: u32) -> Option<Text> {
    let Expr::Member(receiver, name) = expr else { return None };
    if steps > MAX_STEPS / 2 || system.file(site.file).language != Language::Rust {
        return None;
    }
    of_literals(system, system.class_of(site, receiver)?, name, steps)
}

/// What the literals of a struct in its own file give a field, when they agree.
fn of_literals(system: &System, class: ClassRef, field: &str, steps: u32) -> Option<Text> {
    let name = &system.file(class.file).outline.class(class.id).name;
    let mut found: Option<Text> = None;
    for call in system.file(class.file).outline.calls.iter().filter(|call| call.kind == CallKind::Struct) {
        if !call.callee.last_name().is_some_and(|last| last == name || last == "Self") {
            continue;
        }
        let Some(value) = call.keyword(field) else { continue };
        let at = Site::of_call(class.file, call);
        if call.callee.last_name().is_some_and(|last| last == "Self")
            && system.class_of(&at, &Expr::Ref("Self".into())).is_some_and(|own| own != class)
        {
            continue;
        }
        let text = fold(system, &at, value, steps + 4);
        if found.as_ref().is_some_and(|known| *known != text) {
            return None;
        }
        found = Some(text);
    }
    found.filter(|text| text.0.iter().any(|part| matches!(part, TextPart::Known(_))))
}

fn of_library(system: &System, here: &Site, call: &Call, path: &str, expr: &Expr, steps: u32) -> Text {
    let first = call.positional(0);
    if let Some((_, position)) = ENVIRONMENT.iter().find(|(name, _)| *name == path) {
        return call.arg(*position, "default").map_or_else(|| Text::hole(&spell(expr)), |default| fold(system, here, default, steps + 1));
    }
    match path {
        "builtins.str"
        | "builtins.String"
        | "builtins.String.from"
        | "pathlib.Path"
        | "pathlib.PurePosixPath"
        | "sqlalchemy.text"
        | "django.utils.translation.gettext_lazy" => {
            first.map_or_else(|| Text::hole(&spell(expr)), |inner| fold(system, here, inner, steps + 1))
        }
        // A field of settings with options: its default.
        "pydantic.Field" | "pydantic.fields.Field" | "attr.ib" | "attrs.field" | "dataclasses.field" | "msgspec.field" => {
            let default = call.keyword("default").or(first.filter(|_| path.starts_with("pydantic")));
            default.map_or_else(|| Text::hole(&spell(expr)), |inner| fold(system, here, inner, steps + 1))
        }
        "path.join" | "path.posix.join" | "os.path.join" | "posixpath.join" => {
            let parts: Vec<Text> = call.args.iter().map(|arg| fold(system, here, &arg.value, steps + 1)).collect();
            parts
                .into_iter()
                .enumerate()
                .fold(Text::default(), |text, (index, part)| if index == 0 { part } else { text.then(Text::known("/")).then(part) })
        }
        _ => Text::hole(&spell(expr)),
    }
}

fn strip(text: &str, chars: Option<&str>, left: bool, right: bool) -> String {
    let drop = |c: char| chars.map_or(c.is_whitespace(), |chars| chars.contains(c));
    let text = if left { text.trim_start_matches(drop) } else { text };
    (if right { text.trim_end_matches(drop) } else { text }).to_owned()
}

/// `"/".join([a, b])`, `[a, b].join("/")`.
fn joined(system: &System, here: &Site, receiver: &Expr, call: &Call, steps: u32) -> Option<Text> {
    let arg = call.positional(0)?;
    let (list, separator) = match fold(system, here, receiver, steps + 1).plain() {
        Some(separator) => (arg, separator),
        None => (receiver, fold(system, here, arg, steps + 1).plain()?),
    };
    joined_by(system, here, list, &separator, steps)
}

/// The items of a list with a separator between them.
fn joined_by(system: &System, here: &Site, list: &Expr, separator: &str, steps: u32) -> Option<Text> {
    let items = values::items(system, here, list, steps + 1)?;
    let mut text = Text::default();
    for (index, (item, at)) in items.into_iter().enumerate() {
        if index > 0 {
            text = text.then(Text::known(separator));
        }
        text = text.then(fold(system, &at, item, steps + 1));
    }
    Some(text)
}

/// An expression as people would write it, shortened.
pub(super) fn spell(expr: &Expr) -> String {
    match expr {
        Expr::Ref(name) => name.to_string(),
        Expr::Member(base, name) => format!("{}.{name}", spell(base)),
        Expr::Index(pair) => format!("{}[{}]", spell(&pair.0), spell(&pair.1)),
        Expr::Str(text) => text.to_string(),
        _ => "…".to_owned(),
    }
}
