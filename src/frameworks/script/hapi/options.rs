//! A route's options: `{ validate: { query, params, payload, headers }, response, tags, description, notes, pre, payload }`.

use crate::base::Name;
use crate::base::code::{Expr, Type};
use crate::facts::finding::{ResponseFinding, Route};
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::handler::{Declared, Part};
use crate::frameworks::script::literals::literal;
use crate::frameworks::script::schemas::joi;

/// Members of an object with where they are read.
pub type Entries<'p> = Vec<(Name, &'p Expr, Site)>;

/// The members of options, also of those that a function of the server returns.
pub fn entries<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Entries<'p> {
    if let Some(entries) = program.entries(site, expr) {
        return entries;
    }
    let Some(function) = program.produce(site, expr).function() else {
        return match program.produce(site, expr) {
            Meaning::Value(inner @ Expr::Object(_), at) => program.entries(&at, inner).unwrap_or_default(),
            _ => Vec::new(),
        };
    };
    let facts = program.file(function.file);
    let returned = facts.returns_of(function.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
    returned
        .filter(|value| !value.is_raise)
        .find_map(|value| program.entries(&Site { offset: value.at.offset, ..Site::of_scope(function.file, value.scope) }, &value.value))
        .unwrap_or_default()
}

/// Applies the options of a route.
pub fn apply(program: &dyn Program, options: &Entries, declared: &mut Declared, route: &mut Route) {
    for (key, value, at) in options {
        match key.as_str() {
            "validate" => validated(program, at, value, declared),
            "response" => answered(program, at, value, declared, route),
            "tags" => {
                let tags = texts(program, at, value).into_iter();
                // `api` asks documents to list the route.
                route.tags.extend(tags.filter(|tag| tag != "api"));
            }
            "description" => route.summary = texts(program, at, value).into_iter().next(),
            "notes" => route.description = Some(texts(program, at, value).join("\n").into()).filter(|text: &Name| !text.is_empty()),
            "id" => route.operation_id = texts(program, at, value).into_iter().next(),
            "plugins" => documented(program, at, value, route),
            _ => {}
        }
    }
}

/// A text, or those of a list.
fn texts(program: &dyn Program, site: &Site, value: &Expr) -> Vec<Name> {
    let text = |value: &Expr, at: &Site| program.text(at, value).plain().filter(|text| !text.is_empty()).map(Name::from);
    match program.items(site, value) {
        Some(items) => items.into_iter().filter_map(|(item, at)| text(item, &at)).collect(),
        None => text(value, site).into_iter().collect(),
    }
}

/// `validate: { query, params, payload, headers, state }`.
fn validated(program: &dyn Program, site: &Site, expr: &Expr, declared: &mut Declared) {
    for (key, value, at) in entries(program, site, expr) {
        let part = match key.as_str() {
            "query" => Part::Query,
            "params" | "path" => Part::Params,
            "payload" => Part::Body,
            "headers" => Part::Headers,
            "state" => Part::Cookies,
            _ => continue,
        };
        declared.add(part, joi::described(program, &at, value, Mode::Read));
    }
}

/// `response: { schema, status: { 200: schema, 404: schema } }`.
fn answered(program: &dyn Program, site: &Site, expr: &Expr, declared: &mut Declared, route: &mut Route) {
    for (key, value, at) in entries(program, site, expr) {
        match key.as_str() {
            "schema" => declared.response = Some(joi::described(program, &at, value, Mode::Write)).filter(|shape| !shape.is_any()),
            "status" => {
                for (status, value, at) in entries(program, &at, value) {
                    respond(route, &status, joi::described(program, &at, value, Mode::Write), None);
                }
            }
            _ => {}
        }
    }
}

fn respond(route: &mut Route, status: &str, shape: Shape, doc: Option<Name>) {
    if status.len() != 3 || !status.starts_with(|c: char| c.is_ascii_digit()) {
        return;
    }
    let mut response = if shape.is_any() { ResponseFinding::empty(status) } else { ResponseFinding::json(status, shape) };
    response.doc = doc;
    if !route.responses.iter().any(|known| known.status == response.status && !known.contents.is_empty()) {
        route.responses.retain(|known| known.status != response.status);
        route.responses.push(response);
    }
}

/// `plugins: { "hapi-swagger": { responses, id, deprecated } }`.
fn documented(program: &dyn Program, site: &Site, expr: &Expr, route: &mut Route) {
    let swagger = entries(program, site, expr).into_iter().filter(|(name, ..)| name == "hapi-swagger");
    for (key, value, at) in swagger.flat_map(|(_, value, at)| entries(program, &at, value)) {
        match key.as_str() {
            "responses" => {
                for (status, value, at) in entries(program, &at, value) {
                    let said = entries(program, &at, value);
                    let entry = |key: &str| said.iter().find(|(name, ..)| name == key);
                    let shape = entry("schema").map(|(_, schema, at)| joi::described(program, at, schema, Mode::Write));
                    let doc = entry("description").and_then(|(_, doc, at)| program.text(at, doc).plain()).map(Name::from);
                    respond(route, &status, shape.unwrap_or_default(), doc);
                }
            }
            "id" => route.operation_id = texts(program, &at, value).into_iter().next(),
            "deprecated" => route.deprecated = literal(program, &at, value).and_then(|value| value.as_bool()) == Some(true),
            _ => {}
        }
    }
}

/// Functions that run before the handler: `pre: [{ method: load, assign: "item" }, [check]]`.
pub fn steps<'p>(program: &'p dyn Program, options: &Entries<'p>) -> Vec<(&'p Expr, Site)> {
    let pre = options.iter().filter(|(name, ..)| name == "pre");
    let steps = pre.flat_map(|(_, steps, at)| super::objects(program, at, steps, 0));
    let method = |(step, at): (&'p Expr, Site)| match program.entries(&at, step) {
        Some(entries) => entries.into_iter().find(|(name, ..)| name == "method").map(|(_, method, at)| (method, at)),
        None => Some((step, at)),
    };
    steps.filter_map(method).collect()
}

/// `payload: { allow: "multipart/form-data" }`: the body's media type.
pub fn sent_as(program: &dyn Program, options: &Entries, route: &mut Route) {
    let Some(body) = &mut route.body else { return };
    let payload = options.iter().filter(|(name, ..)| name == "payload").flat_map(|(_, value, at)| entries(program, at, value));
    for (key, value, at) in payload {
        let medias = if key == "allow" { texts(program, &at, value) } else { Vec::new() };
        if let (false, Some((_, shape))) = (medias.is_empty(), body.contents.first().cloned()) {
            body.contents = medias.into_iter().map(|media| (media, shape.clone())).collect();
        }
    }
}

/// `server.route<{ Payload: P; Query: Q }>(…)`, `(request: Request<{ Payload: P }>)`, `(request: CreateRequest)` with a `payload` of its own.
pub fn typed(program: &dyn Program, site: &Site, args: &[Type], handler: Option<FuncRef>, declared: &mut Declared) {
    if let Some(ty) = args.first() {
        generic(program, site, ty, declared);
    }
    let Some(handler) = handler else { return };
    let inside = program.inside(handler);
    let Some(param) = program.function(handler).params.first() else { return };
    if let Some(ty) = param.ty.args().first() {
        generic(program, &inside, ty, declared);
    }
    if param.ty != Type::Unknown {
        generic(program, &inside, &param.ty, declared);
    }
}

fn generic(program: &dyn Program, site: &Site, ty: &Type, declared: &mut Declared) {
    let read = program.record(&program.shape_of_type(site, ty, Mode::Read)).unwrap_or_default();
    for member in read.members {
        let part = match member.name.as_str() {
            "Query" | "query" => Part::Query,
            "Params" | "params" => Part::Params,
            "Payload" | "payload" => Part::Body,
            "Headers" => Part::Headers,
            _ => continue,
        };
        declared.add(part, member.shape);
    }
}
