//! Which events a function tells apart: `if event["type"] == "invoice.paid"`, `switch (event.type) { case "invoice.paid": … }`.

use std::collections::BTreeSet;

use super::known;
use crate::base::Name;
use crate::base::code::{CallId, Expr, Op};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program, Site};

/// Members that name an event.
const MEMBERS: &[&str] = &["type", "event_type", "eventType", "event", "event_name", "eventName", "object_kind", "topic", "type_"];
/// Variables that hold an event's name.
const VARIABLES: &[&str] = &[
    "event",
    "eventName",
    "eventType",
    "event_name",
    "event_type",
    "evt_type",
    "githubEvent",
    "github_event",
    "topic",
    "type",
    "webhookEvent",
    "webhook_event",
];
/// Conditions nest so deep, at most.
const DEEPEST: u32 = 24;
/// No function tells more events apart.
const MOST: usize = 128;
/// Functions that a handler hands the event on to.
const HANDED_ON: usize = 64;

/// The names of events that a function tells apart, and the functions it calls. What those tell apart may be something else: there only
/// names of several parts count.
#[must_use]
pub fn events(program: &dyn Program, function: FuncRef) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    within(program, function, &mut found);
    let mut below = BTreeSet::new();
    for called in called_by(program, function).into_iter().take(HANDED_ON) {
        within(program, called, &mut below);
    }
    found.extend(below.into_iter().filter(|name| name.contains(['.', '_', ':', '/'])));
    found
}

/// The functions of the program that a function calls.
fn called_by(program: &dyn Program, function: FuncRef) -> BTreeSet<FuncRef> {
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let calls = (0u32..).zip(&outline.calls).filter(|(_, call)| (declared.at.offset..declared.end).contains(&call.at.offset));
    let called = calls.filter_map(|(id, _)| program.callee(CallRef { file: function.file, id: CallId(id) }).function());
    called.filter(|called| *called != function).collect()
}

fn within(program: &dyn Program, function: FuncRef, found: &mut BTreeSet<Name>) {
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let is_inside = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    for test in outline.tests.iter().filter(|test| is_inside(test.at.offset)) {
        let site = Site { file: function.file, scope: test.scope, offset: test.at.offset, env: None };
        compared(program, &site, &test.expr, 0, found);
    }
    for call in outline.calls.iter().filter(|call| is_inside(call.at.offset)) {
        let site = Site::of_call(function.file, call);
        // `EVENTS.includes(event.type)`, `HANDLERS.get(event["type"])`.
        let Some((known, method)) = call.method() else { continue };
        let asked = call.positional(0).is_some_and(|asked| names_event(program, &site, asked, 0));
        if asked && matches!(method.as_str(), "includes" | "has" | "contains" | "get") {
            listed(program, &site, known, found);
        }
    }
    for read in outline.reads.iter().filter(|read| is_inside(read.at.offset)) {
        let site = Site { file: function.file, scope: read.scope, offset: read.at.offset, env: None };
        // `HANDLERS[event.type]`
        if let Expr::Index(pair) = &read.expr
            && !matches!(pair.1, Expr::Str(_) | Expr::Int(_))
            && names_event(program, &site, &pair.1, 0)
        {
            listed(program, &site, &pair.0, found);
        }
    }
}

/// The texts that a condition compares an event's name with.
fn compared(program: &dyn Program, site: &Site, expr: &Expr, depth: u32, found: &mut BTreeSet<Name>) {
    let Expr::Binary(binary) = expr else { return };
    if depth > DEEPEST {
        return;
    }
    match binary.op {
        Op::And | Op::Or => {
            compared(program, site, &binary.left, depth + 1, found);
            compared(program, site, &binary.right, depth + 1, found);
        }
        Op::Eq | Op::Ne => {
            let pairs = [(&binary.left, &binary.right), (&binary.right, &binary.left)];
            let told = pairs.into_iter().filter(|(subject, _)| names_event(program, site, subject, 0));
            for (_, value) in told {
                match value {
                    Expr::List(items) => items.iter().for_each(|item| name(program, site, item, found)),
                    Expr::Binary(either) if either.op == Op::BitOr => {
                        name(program, site, &either.left, found);
                        name(program, site, &either.right, found);
                    }
                    one => name(program, site, one, found),
                }
            }
        }
        Op::In if names_event(program, site, &binary.left, 0) => listed(program, site, &binary.right, found),
        _ => {}
    }
}

/// The texts of a list, or the keys of a map.
fn listed(program: &dyn Program, site: &Site, expr: &Expr, found: &mut BTreeSet<Name>) {
    if let Some(items) = program.items(site, expr) {
        return items.iter().take(MOST).for_each(|(item, at)| name(program, at, item, found));
    }
    // `new Set(["invoice.paid"])`
    if let Some((call, at)) = program.resolve(site, expr).call() {
        let made = program.call(call);
        let items = made.positional(0).and_then(|list| program.items(at, list)).unwrap_or_default();
        return items.iter().take(MOST).for_each(|(item, at)| name(program, at, item, found));
    }
    let entries = program.entries(site, expr).unwrap_or_default();
    found.extend(entries.into_iter().take(MOST).map(|(key, ..)| key).filter(|key| is_event(key)));
}

fn name(program: &dyn Program, site: &Site, expr: &Expr, found: &mut BTreeSet<Name>) {
    let Some(text) = program.text(site, expr).plain().filter(|text| is_event(text)) else { return };
    if found.len() < MOST {
        found.insert(text.into());
    }
}

/// Whether a text can be an event's name.
fn is_event(text: &str) -> bool {
    let is_media = ["application/", "audio/", "image/", "multipart/", "text/", "video/"].iter().any(|media| text.starts_with(media));
    (2..=80).contains(&text.len()) && !is_media && !text.starts_with('/') && !text.contains([' ', '\n', '\t', '<', '{', '%', '"', '\''])
}

/// Whether an expression is an event's name: `event.type`, `payload["event_type"]`, `request.headers["X-GitHub-Event"]`.
fn names_event(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> bool {
    if depth > 6 {
        return false;
    }
    match expr {
        Expr::Ref(variable) => {
            VARIABLES.contains(&variable.as_str())
                || matches!(program.resolve(site, expr), Meaning::Value(value @ (Expr::Call(_) | Expr::Index(_)), ref at) if header_of(program, at, value))
        }
        Expr::Member(_, member) => MEMBERS.contains(&member.as_str()),
        Expr::Index(pair) => pair.1.as_str().is_some_and(|key| MEMBERS.contains(&key) || known::is_event_header(key)),
        Expr::Cast(pair) => names_event(program, site, &pair.0, depth + 1),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let asks = call.positional(0).and_then(Expr::as_str);
            let is_told = asks.is_some_and(|key| MEMBERS.contains(&key) || known::is_event_header(key));
            is_told || call.method().is_some_and(|(receiver, _)| call.args.is_empty() && names_event(program, site, receiver, depth + 1))
        }
        _ => false,
    }
}

/// Whether a value is read from a header that names the event.
fn header_of(program: &dyn Program, site: &Site, value: &Expr) -> bool {
    match value {
        Expr::Index(pair) => pair.1.as_str().is_some_and(known::is_event_header),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            call.args.iter().filter_map(|arg| arg.value.as_str()).any(known::is_event_header)
        }
        _ => false,
    }
}
