//! Returned values: `Ok(Json(user))`, `(StatusCode::CREATED, Json(x)).into_response()`, `HttpResponse::Ok().json(x)`.

use super::respond::{self, Answer};
use super::statuses;
use super::types::TypeAt;
use crate::base::code::{Call, CallKind, Expr, Type};
use crate::facts::program::{CallRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;

/// How deep values may nest.
const MAX_DEPTH: u32 = 10;

/// What a function's returned values answer with.
#[must_use]
pub fn answers(program: &dyn Program, function: FuncRef, depth: u32) -> Vec<Answer> {
    let mut found = Vec::new();
    if depth > 4 {
        return found;
    }
    let facts = program.file(function.file);
    for index in facts.returns_of(function.id) {
        let value = &facts.outline.returns[*index as usize];
        let at = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: None };
        values(program, &at, &value.value, depth, &mut found);
    }
    found
}

fn push(found: &mut Vec<Answer>, answer: Answer) {
    if found.len() < 32 && !found.contains(&answer) {
        found.push(answer);
    }
}

/// Adds what an expression answers with.
fn values(program: &dyn Program, site: &Site, expr: &Expr, depth: u32, found: &mut Vec<Answer>) {
    if depth > MAX_DEPTH {
        return;
    }
    match expr {
        Expr::Cond(cond) => {
            values(program, site, &cond.yes, depth + 1, found);
            values(program, site, &cond.no, depth + 1, found);
        }
        Expr::List(parts) => tuple(program, site, parts, depth, found),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            called(program, CallRef { file: site.file, id: *id }, call, expr, depth, found);
        }
        Expr::Str(_) | Expr::Template(_) => push(found, Answer::of("text/plain", Shape::Text(None))),
        Expr::Ref(_) | Expr::Member(..) => {
            if let Some(status) = statuses::of(program, site, expr) {
                return push(found, Answer::empty(Some(status)));
            }
            match program.resolve(site, expr) {
                Meaning::Value(value, at) if !matches!(value, Expr::Ref(_) | Expr::Member(..)) => {
                    values(program, &at, value, depth + 1, found);
                }
                _ => typed(program, site, expr, depth, found),
            }
        }
        _ => {}
    }
}

/// What the static type of an expression answers with.
fn typed(program: &dyn Program, site: &Site, expr: &Expr, depth: u32, found: &mut Vec<Answer>) {
    if let Some((ty, at)) = program.type_of(site, expr)
        && let Some(answer) = respond::of_type(program, &TypeAt::new(ty, at), depth + 1)
    {
        push(found, answer);
    }
}

/// `(StatusCode::CREATED, [(header, value)], Json(x))`.
fn tuple(program: &dyn Program, site: &Site, parts: &[Expr], depth: u32, found: &mut Vec<Answer>) {
    let Some((last, before)) = parts.split_last() else { return };
    let status = before.iter().find_map(|part| statuses::of(program, site, part));
    let mut inner = Vec::new();
    values(program, site, last, depth + 1, &mut inner);
    if inner.is_empty() {
        return push(found, Answer { status, is_open: true, ..Answer::default() });
    }
    for answer in inner {
        push(found, Answer { status: status.or(answer.status), ..answer });
    }
}

fn called(program: &dyn Program, id: CallRef, call: &Call, expr: &Expr, depth: u32, found: &mut Vec<Answer>) {
    let at = Site::of_call(id.file, call);
    let first = call.positional(0);
    if let Expr::Ref(name) = &call.callee {
        match (name.as_str(), first) {
            ("Ok" | "Some" | "Box", Some(inner)) => return values(program, &at, inner, depth + 1, found),
            ("Err", Some(inner)) => return error(program, &at, inner, depth, found),
            _ => {}
        }
    }
    if call.kind == CallKind::Macro && call.callee.last_name().is_some_and(|name| name == "json") {
        let shape = first.map_or(Shape::Any, |value| program.shape_of_value(&at, value, Mode::Write));
        return push(found, Answer::of("application/json", shape));
    }
    let callee = program.callee(id);
    if let (true, Some(inner)) = (callee.is_any(&["builtins.Box.new", "std.boxed.Box.new"]), first) {
        return values(program, &at, inner, depth + 1, found);
    }
    if let Meaning::Outside(path) = &callee {
        if let (Some(wrap), Some(inner)) = (path.strip_prefix("warp.reply.with_"), first) {
            let status = call.positional(1).filter(|_| wrap == "status").and_then(|status| statuses::of(program, &at, status));
            let mut answers = Vec::new();
            values(program, &at, inner, depth + 1, &mut answers);
            let answer = answers.pop().unwrap_or_default();
            return push(found, Answer { status: status.or(answer.status), ..answer });
        }
        let shape = || first.map_or(Shape::Any, |value| program.shape_of_value(&at, value, Mode::Write));
        if let Some(answer) = respond::of_call(path, shape, first) {
            return push(found, answer);
        }
    }
    if let Some(function) = callee.function() {
        return of_function(program, function, depth, found);
    }
    if let Some((receiver, name)) = call.method() {
        method(program, &at, receiver, name, call, depth, found);
        return;
    }
    typed(program, &at, expr, depth, found);
}

/// A function of the program that makes the answer: its declared type, else what it returns.
fn of_function(program: &dyn Program, function: FuncRef, depth: u32, found: &mut Vec<Answer>) {
    let declared = program.function(function);
    if declared.returns != Type::Unknown
        && let Some(answer) = respond::of_type(program, &TypeAt::signed(program, function, &declared.returns), depth + 1)
        && !answer.is_open
    {
        return push(found, answer);
    }
    answers(program, function, depth + 1).into_iter().for_each(|answer| push(found, answer));
}

/// Only statuses count of an error.
fn error(program: &dyn Program, site: &Site, expr: &Expr, depth: u32, found: &mut Vec<Answer>) {
    let mut inner = Vec::new();
    values(program, site, expr, depth + 2, &mut inner);
    for answer in inner.into_iter().filter(|answer| answer.status.is_some_and(|status| status >= 400)) {
        push(found, answer);
    }
}

/// Methods of a response under construction.
fn method(program: &dyn Program, site: &Site, receiver: &Expr, name: &str, call: &Call, depth: u32, found: &mut Vec<Answer>) {
    let first = call.positional(0);
    match name {
        "into_response"
        | "into"
        | "map_err"
        | "unwrap"
        | "expect"
        | "boxed"
        | "respond_to"
        | "clone"
        | "finish"
        | "insert_header"
        | "append_header"
        | "header"
        | "cookie"
        | "take"
        | "content_type"
        | "with_header"
        | "map_into_boxed_body"
        | "or_else"
        | "set_cookie"
        | "with_content_type"
        | "await_response"
        | "customize"
        | "ok_or"
        | "ok_or_else" => {
            values(program, site, receiver, depth + 1, found);
        }
        "json" => {
            let shape = first.map_or(Shape::Any, |value| program.shape_of_value(site, value, Mode::Write));
            built(program, site, receiver, Some(("application/json", shape)), depth, found);
        }
        "body" | "streaming" | "message_body" => {
            let media = content_type(program, site, receiver, 0);
            let content = media.as_deref().map(|media| (media, if media.starts_with("text/") { Shape::Text(None) } else { Shape::Any }));
            built(program, site, receiver, content, depth, found);
        }
        "status" | "with_status" => {
            let mut inner = Vec::new();
            values(program, site, receiver, depth + 1, &mut inner);
            let status = first.and_then(|status| statuses::of(program, site, status));
            let answer = inner.pop().unwrap_or_default();
            push(found, Answer { status: status.or(answer.status), ..answer });
        }
        "map" | "and_then" => {
            if let Some(Expr::Func(id)) = first {
                answers(program, FuncRef { file: site.file, id: *id }, depth + 1).into_iter().for_each(|answer| push(found, answer));
            } else if let Some(to) = first
                && let Some(path) = program.resolve(site, to).outside()
                && respond::is_json(path.rsplit('.').next().unwrap_or_default())
            {
                let shape = program.shape_of_value(site, receiver, Mode::Write);
                push(found, Answer::of("application/json", shape));
            }
        }
        "builder" | "build" => {
            let status = first.and_then(|status| statuses::of(program, site, status));
            push(found, Answer { status, is_open: true, ..Answer::default() });
        }
        _ => {}
    }
}

/// A body given to a builder: its status stands further in.
fn built(program: &dyn Program, site: &Site, receiver: &Expr, content: Option<(&str, Shape)>, depth: u32, found: &mut Vec<Answer>) {
    let mut inner = Vec::new();
    values(program, site, receiver, depth + 1, &mut inner);
    let status = inner.iter().find_map(|answer| answer.status);
    push(found, Answer { status, content: content.map(|(media, shape)| (media.into(), shape)), ..Answer::default() });
}

/// `.content_type("text/html")` in a chain.
fn content_type(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<String> {
    let Expr::Call(id) = expr else { return None };
    if depth > MAX_DEPTH {
        return None;
    }
    let call = program.file(site.file).outline.call(*id);
    let (receiver, name) = call.method()?;
    if name == "content_type" {
        let text = program.text(site, call.positional(0)?).plain()?;
        return text.contains('/').then(|| text.split(';').next().unwrap_or_default().trim().to_owned());
    }
    content_type(program, site, receiver, depth + 1)
}
