//! Answers of handlers that give a `Response`: `Response.json(value, { status })`, `new Response(text)`, helpers of libraries,
//! also through functions of the program.

use crate::base::Name;
use crate::base::code::{Call, CallKind, Expr, Key};
use crate::facts::finding::{ResponseFinding, Route};
use crate::facts::members::any_of;
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::functions::calls_in;
use crate::frameworks::script::handler::answers::error_status;
use crate::frameworks::script::statuses;

type Content = Option<(&'static str, Shape)>;

/// Functions that answer with JSON: value, then options or a status.
const JSON: &[&str] = &[
    "builtins.Response.json",
    "next/server.NextResponse.json",
    "next/server.js.NextResponse.json",
    "@sveltejs/kit.json",
    "@remix-run/node.json",
    "@remix-run/cloudflare.json",
    "@remix-run/server-runtime.json",
    "@remix-run/deno.json",
    "@remix-run/node.data",
    "@remix-run/react.data",
    "react-router.data",
    "react-router.json",
    "@tanstack/react-start.json",
    "@tanstack/start.json",
];

/// Functions that throw or answer an error: the status first.
const ERRORS: &[&str] = &["@sveltejs/kit.error", "@sveltejs/kit.fail"];

/// Reads what a handler answers.
pub fn read(program: &dyn Program, site: &Site, handler: FuncRef, route: &mut Route) {
    let declared = program.function(handler);
    let outline = &program.file(handler.file).outline;
    for returned in outline.returns.iter().filter(|value| declared.at.offset <= value.at.offset && value.at.offset < declared.end) {
        let at = Site { file: handler.file, scope: returned.scope, offset: returned.at.offset, env: site.env.clone() };
        if returned.is_raise {
            if let Some(status) = error_status(program, &at, &returned.value) {
                add(route, status, None);
            }
            continue;
        }
        for meaning in program.produce_all(&at, &returned.value) {
            let Some((call, at)) = meaning.call() else { continue };
            if let Some((status, content)) = answer(program, at, program.call(call), &program.callee(call)) {
                add(route, status, content);
            }
        }
    }
    for (call, made) in calls_in(program, handler) {
        if let Meaning::Outside(path) = program.callee(call)
            && ERRORS.contains(&path.as_str())
            && let Some(status) = made.positional(0).and_then(|status| statuses::of(program, &Site::of_call(call.file, made), status))
        {
            add(route, status, None);
        }
    }
    route.responses.sort_by(|a, b| a.status.cmp(&b.status));
}

/// The answer that a call makes.
fn answer(program: &dyn Program, site: &Site, made: &Call, callee: &Meaning) -> Option<(u16, Content)> {
    let path = callee.outside()?;
    let at = site.moved(site.file, made.scope, made.at.offset);
    let said = || made.positional(1).and_then(|options| status_in(program, &at, options));
    if JSON.contains(&path) {
        let shape = made.positional(0).map_or(Shape::Any, |value| program.shape_of_value(&at, value, Mode::Write));
        return Some((said().unwrap_or(200), Some(("application/json", shape))));
    }
    let name = path.rsplit('.').next().unwrap_or_default();
    match (path, name) {
        (_, "redirect" | "permanentRedirect") if path.contains("Response") || path.contains('/') => {
            let status = made.args.iter().find_map(|arg| status_in(program, &at, &arg.value));
            Some((status.unwrap_or(307), None))
        }
        ("builtins.Response" | "next/server.NextResponse", _) if made.kind == CallKind::New => {
            Some((said().unwrap_or(200), made.positional(0).and_then(|body| content(program, &at, body, made.positional(1)))))
        }
        _ => None,
    }
}

/// The body of `new Response(body, options)`.
fn content(program: &dyn Program, at: &Site, body: &Expr, options: Option<&Expr>) -> Content {
    if matches!(body, Expr::Null) {
        return None;
    }
    if let Expr::Call(id) = body {
        let made = program.file(at.file).outline.call(*id);
        let is_json =
            matches!(&made.callee, Expr::Member(of, name) if name == "stringify" && matches!(&**of, Expr::Ref(of) if of == "JSON"));
        if is_json {
            return Some((
                "application/json",
                made.positional(0).map_or(Shape::Any, |value| program.shape_of_value(at, value, Mode::Write)),
            ));
        }
    }
    let media = options.and_then(|options| media_in(program, at, options)).unwrap_or_default();
    Some(match media.as_str() {
        "" | "text/plain" => ("text/plain", Shape::Text(None)),
        "text/html" => ("text/html", Shape::Text(None)),
        "application/json" => ("application/json", Shape::Any),
        "application/xml" | "text/xml" => ("application/xml", Shape::Text(None)),
        "text/csv" => ("text/csv", Shape::Text(None)),
        "text/event-stream" => ("text/event-stream", Shape::Text(None)),
        _ => ("application/octet-stream", Shape::format("binary")),
    })
}

/// The content type among the headers of options.
fn media_in(program: &dyn Program, at: &Site, options: &Expr) -> Option<String> {
    let entries = program.entries(at, options)?;
    let (_, headers, at) = entries.into_iter().find(|(key, ..)| key == "headers")?;
    let (_, media, at) = program.entries(&at, headers)?.into_iter().find(|(key, ..)| key.eq_ignore_ascii_case("content-type"))?;
    let text = program.text(&at, media).plain()?;
    Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The status in options: a number, or `{ status: 201 }`.
fn status_in(program: &dyn Program, at: &Site, options: &Expr) -> Option<u16> {
    match options {
        Expr::Object(entries) => entries.iter().find_map(|entry| match &entry.key {
            Key::Name(name) if name == "status" => statuses::of(program, at, &entry.value),
            _ => None,
        }),
        Expr::Str(_) | Expr::Template(_) | Expr::Call(_) => None,
        other => match program.resolve(at, other) {
            Meaning::Value(object @ Expr::Object(_), at) => status_in(program, &at, object),
            _ => statuses::of(program, at, other),
        },
    }
}

/// Several answers of one status are any of them.
pub fn add(route: &mut Route, status: u16, content: Content) {
    let status = Name::from(status.to_string());
    let position = match route.responses.iter().position(|known| known.status == status) {
        Some(position) => position,
        None => {
            route.responses.push(ResponseFinding::empty(&status));
            route.responses.len() - 1
        }
    };
    let Some((media, shape)) = content else { return };
    let known = &mut route.responses[position].contents;
    match known.iter_mut().find(|(name, _)| name == media) {
        Some((_, old)) if old.is_any() => *old = shape,
        Some((_, old)) if !shape.is_any() => *old = any_of([std::mem::take(old), shape]),
        Some(_) => {}
        None => known.push((media.into(), shape)),
    }
}
