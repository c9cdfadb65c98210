//! What comes back: `response_model`, return annotations, `status_code`, `response_class`, `responses={…}`, raised errors.

use crate::base::Name;
use crate::base::code::{Call, Expr, Key, Type};
use crate::facts::finding::ResponseFinding;
use crate::facts::members::any_of;
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::annotations::Annotation;
use crate::frameworks::python::statuses::status_of;

/// What a response class sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sends {
    Json,
    Html,
    Text,
    /// Bytes of a kind that the class does not tell.
    Bytes,
    Redirect,
}

/// The responses of a route.
#[must_use]
pub fn responses(program: &dyn Program, site: &Site, call: &Call, handler: Option<FuncRef>) -> Vec<ResponseFinding> {
    let class = call.keyword("response_class").and_then(|expr| sends(program, &program.resolve(site, expr)));
    // A declared model says more than the response it is sent in.
    let has_model = call.keyword("response_model").is_some_and(|model| *model != Expr::Null);
    let returned = handler.filter(|_| !has_model).and_then(|handler| returned_class(program, handler));
    let sent = class.or(returned).unwrap_or(Sends::Json);
    let said = call.keyword("status_code").and_then(|expr| status_of(program, site, expr));
    let status = said.unwrap_or(if class == Some(Sends::Redirect) { 307 } else { 200 });
    let main = ResponseFinding {
        status: status.to_string().into(),
        doc: call.keyword("response_description").and_then(|expr| program.text(site, expr).plain()).map(Name::from),
        contents: if matches!(status, 100..200 | 204 | 205 | 304) {
            Vec::new()
        } else {
            contents(sent, || model(program, site, call, handler, returned.is_some()))
        },
        headers: Vec::new(),
    };
    let mut all = vec![main];
    for response in call.keyword("responses").map(|said| additional(program, site, said)).unwrap_or_default() {
        match all.iter_mut().find(|known| known.status == response.status) {
            Some(known) => overlay(known, response),
            None => all.push(response),
        }
    }
    all
}

/// What `responses={200: {…}}` says of the main response is added to it.
fn overlay(known: &mut ResponseFinding, said: ResponseFinding) {
    known.doc = said.doc.or(known.doc.take());
    for (media, shape) in said.contents {
        match known.contents.iter_mut().find(|(other, _)| *other == media) {
            Some((_, old)) if old.is_any() || !shape.is_any() => *old = shape,
            Some(_) => {}
            None => known.contents.push((media, shape)),
        }
    }
}

fn contents(sent: Sends, model: impl FnOnce() -> Shape) -> Vec<(Name, Shape)> {
    match sent {
        Sends::Json => vec![("application/json".into(), model())],
        Sends::Html => vec![("text/html".into(), Shape::Text(None))],
        Sends::Text => vec![("text/plain".into(), Shape::Text(None))],
        Sends::Bytes | Sends::Redirect => Vec::new(),
    }
}

/// The class that the handler is annotated to return, when it is a response.
fn returned_class(program: &dyn Program, handler: FuncRef) -> Option<Sends> {
    let site = program.around(handler);
    let annotation = Annotation::new(program, &site, &program.function(handler).returns);
    sends(program, &annotation.head(program))
}

/// What a class of responses sends.
fn sends(program: &dyn Program, meaning: &Meaning) -> Option<Sends> {
    match meaning {
        Meaning::Outside(path) => library(path),
        Meaning::Class(class) => {
            if let Some((value, at)) = program.class_attribute(*class, "media_type")
                && program.outside_bases(*class).iter().any(|base| library(base).is_some())
            {
                return Some(match program.text(&at, value).plain()?.as_str() {
                    "text/html" => Sends::Html,
                    "text/plain" => Sends::Text,
                    text if text.contains("json") => Sends::Json,
                    _ => Sends::Bytes,
                });
            }
            program.outside_bases(*class).iter().find_map(|base| library(base))
        }
        _ => None,
    }
}

fn library(path: &str) -> Option<Sends> {
    let (module, name) = path.rsplit_once('.')?;
    if !matches!(module.split('.').next(), Some("fastapi" | "starlette" | "sse_starlette" | "fastapi_responses")) {
        return None;
    }
    Some(match name {
        "JSONResponse" | "ORJSONResponse" | "UJSONResponse" => Sends::Json,
        "HTMLResponse" | "_TemplateResponse" => Sends::Html,
        "PlainTextResponse" => Sends::Text,
        "RedirectResponse" => Sends::Redirect,
        "Response" | "StreamingResponse" | "FileResponse" | "EventSourceResponse" => Sends::Bytes,
        _ => return None,
    })
}

/// The model of the main response: as declared, as annotated, else as the returned values tell.
fn model(program: &dyn Program, site: &Site, call: &Call, handler: Option<FuncRef>, returns_response: bool) -> Shape {
    if let Some(model) = call.keyword("response_model") {
        let is_off = *model == Expr::Null;
        return if is_off { Shape::Any } else { program.shape_of_type(site, &Type::spelled(model), Mode::Write) };
    }
    let Some(handler) = handler else { return Shape::Any };
    let function = program.function(handler);
    match &function.returns {
        Type::Literal(Expr::Null) => Shape::Any,
        ty if *ty != Type::Unknown && !returns_response => program.shape_of_type(&program.around(handler), ty, Mode::Write),
        _ => told_by_values(program, handler),
    }
}

/// What the returned values are.
fn told_by_values(program: &dyn Program, handler: FuncRef) -> Shape {
    let facts = program.file(handler.file);
    let mut shapes = Vec::new();
    for index in facts.returns_of(handler.id) {
        let value = &facts.outline.returns[*index as usize];
        if value.is_raise || value.value == Expr::Null {
            continue;
        }
        let at = Site { file: handler.file, scope: value.scope, offset: value.at.offset, env: None };
        shapes.extend(shape_of_returned(program, &at, &value.value));
    }
    if shapes.is_empty() || shapes.iter().any(Shape::is_any) { Shape::Any } else { any_of(shapes) }
}

/// A returned value; of a JSON response its content. Other responses tell nothing of the model.
fn shape_of_returned(program: &dyn Program, at: &Site, value: &Expr) -> Option<Shape> {
    let meaning = program.resolve(at, value);
    let Some((call, _)) = meaning.call() else { return Some(program.shape_of_value(at, value, Mode::Write)) };
    let made = program.call(call);
    let site = Site::of_call(call.file, made);
    match sends(program, &program.callee(call)) {
        Some(Sends::Json) => {
            let is_error = made.arg(1, "status_code").and_then(|expr| status_of(program, &site, expr)).is_some_and(|status| status >= 300);
            if is_error { None } else { made.arg(0, "content").map(|content| program.shape_of_value(&site, content, Mode::Write)) }
        }
        Some(_) => None,
        None => Some(program.shape_of_value(at, value, Mode::Write)),
    }
}

/// `responses={404: {"model": Message, "description": "…"}}`.
#[must_use]
pub fn additional(program: &dyn Program, site: &Site, said: &Expr) -> Vec<ResponseFinding> {
    let mut found = Vec::new();
    additional_into(program, site, said, 0, &mut found);
    if found.is_empty()
        && let Expr::Call(id) = said
    {
        // `responses=errors([404, 409])`: how the dict is put together is not known, but for which statuses.
        let call = program.file(site.file).outline.call(*id);
        for arg in &call.args {
            for (item, at) in program.items(site, &arg.value).unwrap_or_default() {
                let keyed = program.entries(&at, item).unwrap_or_default().into_iter().find(|(name, ..)| name == "status_code");
                let status = keyed.and_then(|(_, value, at)| status_of(program, &at, value)).or_else(|| status_of(program, &at, item));
                found.extend(status.map(|status| ResponseFinding::empty(&status.to_string())));
            }
        }
    }
    found
}

fn additional_into(program: &dyn Program, site: &Site, said: &Expr, depth: u32, found: &mut Vec<ResponseFinding>) {
    if depth > 8 {
        return;
    }
    let meaning = program.produce(site, said);
    let Some((value, at)) = meaning.value() else { return };
    match value {
        Expr::Object(entries) => {
            for entry in entries.iter() {
                let status = match &entry.key {
                    Key::Name(name) => Some(name.to_string()),
                    Key::Computed(key) => status_of(program, at, key).map(|status| status.to_string()),
                    Key::Spread => {
                        additional_into(program, at, &entry.value, depth + 1, found);
                        continue;
                    }
                };
                if let Some(status) = status.filter(|status| is_status(status)) {
                    let response = response(program, at, &status, &entry.value);
                    found.retain(|known| known.status != response.status);
                    found.push(response);
                }
            }
        }
        Expr::Binary(binary) => {
            additional_into(program, at, &binary.left, depth + 1, found);
            additional_into(program, at, &binary.right, depth + 1, found);
        }
        _ => {}
    }
}

fn is_status(text: &str) -> bool {
    text == "default" || (text.len() == 3 && text.starts_with(|c: char| ('1'..='5').contains(&c)))
}

fn response(program: &dyn Program, site: &Site, status: &str, said: &Expr) -> ResponseFinding {
    let mut response = ResponseFinding::empty(status);
    let entries = program.entries(site, said).unwrap_or_default();
    let find = |key: &str| entries.iter().rev().find(|(name, ..)| name == key).map(|(_, expr, at)| (*expr, at));
    response.doc = find("description").and_then(|(expr, at)| program.text(at, expr).plain()).map(Name::from);
    if let Some((model, at)) = find("model")
        && *model != Expr::Null
    {
        response.contents.push(("application/json".into(), program.shape_of_type(at, &Type::spelled(model), Mode::Write)));
    }
    if let Some((content, at)) = find("content") {
        for (media, value, at) in program.entries(at, content).unwrap_or_default() {
            if !response.contents.iter().any(|(known, _)| *known == media) {
                let schema = program.entries(&at, value).unwrap_or_default().into_iter().find(|(name, ..)| name == "schema");
                let schema = schema.and_then(|(_, expr, at)| crate::frameworks::python::literals::literal(program, &at, expr));
                let has_refs = |schema: &serde_json::Value| schema.to_string().contains("\"$ref\"");
                let shape = schema.filter(|schema| !has_refs(schema)).map_or(Shape::Any, |schema| Shape::Schema(Box::new(schema)));
                response.contents.push((media, shape));
            }
        }
    }
    response
}

/// The answer to input that does not fit: `HTTPValidationError`.
#[must_use]
pub fn invalid() -> ResponseFinding {
    let error = Shape::record(vec![
        Member::required("loc", Shape::AnyOf(vec![Shape::Text(None), Shape::Int]).list()),
        Member::required("msg", Shape::Text(None)),
        Member::required("type", Shape::Text(None)),
    ]);
    let shape = Shape::record(vec![Member::optional("detail", error.list())]);
    ResponseFinding { doc: Some("Validation Error".into()), ..ResponseFinding::json("422", shape) }
}

/// Adds the errors that are raised.
pub fn raised(statuses: &[u16], responses: &mut Vec<ResponseFinding>) {
    for status in statuses.iter().filter(|status| **status >= 400) {
        let status = status.to_string();
        if !responses.iter().any(|known| known.status == status.as_str()) {
            responses.push(ResponseFinding::json(&status, Shape::record(vec![Member::required("detail", Shape::Any)])));
        }
    }
}
