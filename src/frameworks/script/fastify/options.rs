//! A route's options: `{ schema: { querystring, body, response }, preHandler, config }`, and its type arguments.

use super::json;
use crate::base::Name;
use crate::base::code::{Expr, Type};
use crate::facts::finding::{ResponseFinding, Route, SchemeKind, SchemeUse, Security};
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::handler::{Declared, Part, flat, guards};
use crate::frameworks::script::literals::literal;

/// Members of an object with where they are read.
pub type Entries<'p> = Vec<(Name, &'p Expr, Site)>;

/// Hooks of a route that may refuse.
const HOOKS: &[&str] = &["onRequest", "preParsing", "preValidation", "preHandler", "beforeHandler"];

/// Applies the options of a route.
pub fn apply(program: &dyn Program, options: &Entries, declared: &mut Declared, route: &mut Route) {
    let mut schemes: Vec<SchemeUse> = Vec::new();
    for (key, value, at) in options {
        match key.as_str() {
            "schema" => schema(program, at, value, declared, route),
            hook if HOOKS.contains(&hook) => {
                let layers = flat(program, at, value);
                schemes.extend(layers.into_iter().filter_map(|(layer, at)| guards::guard(program, &at, layer)));
            }
            _ => {}
        }
    }
    if !schemes.is_empty() {
        route.security = Security::Schemes(schemes);
    }
}

fn schema(program: &dyn Program, site: &Site, expr: &Expr, declared: &mut Declared, route: &mut Route) {
    let entries = program.entries(site, expr).unwrap_or_default();
    let text = |value: &Expr, at: &Site| program.text(at, value).plain().filter(|text| !text.is_empty()).map(Name::from);
    for (key, value, at) in &entries {
        let part = match key.as_str() {
            "querystring" | "query" => Part::Query,
            "params" => Part::Params,
            "body" => Part::Body,
            "headers" => Part::Headers,
            "response" => {
                responses(program, at, value, route);
                continue;
            }
            "tags" => {
                let tags = program.items(at, value).unwrap_or_default();
                route.tags.extend(tags.into_iter().filter_map(|(tag, at)| text(tag, &at)));
                continue;
            }
            "summary" => {
                route.summary = text(value, at);
                continue;
            }
            "description" => {
                route.description = text(value, at);
                continue;
            }
            "operationId" => {
                route.operation_id = text(value, at);
                continue;
            }
            "deprecated" | "hide" => {
                let is_set = literal(program, at, value).and_then(|value| value.as_bool()) == Some(true);
                if key == "hide" {
                    route.hidden |= is_set
                } else {
                    route.deprecated |= is_set
                }
                continue;
            }
            "security" => {
                security(program, at, value, route);
                continue;
            }
            _ => continue,
        };
        let shape = json::shape(program, at, value, Mode::Read);
        if !shape.is_any() {
            declared.parts.insert(part, shape);
        }
    }
}

/// `response: { 200: schema, "4xx": schema }`.
fn responses(program: &dyn Program, site: &Site, expr: &Expr, route: &mut Route) {
    for (status, value, at) in program.entries(site, expr).unwrap_or_default() {
        let status = status.to_uppercase();
        if status != "DEFAULT" && !status.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let shape = json::shape(program, &at, value, Mode::Write);
        let status = if status == "DEFAULT" { "default".to_owned() } else { status };
        let mut response = if shape == Shape::Null { ResponseFinding::empty(&status) } else { ResponseFinding::json(&status, shape) };
        let described = program.entries(&at, value).unwrap_or_default();
        let doc = described.iter().find(|(key, ..)| key == "description").and_then(|(_, doc, at)| program.text(at, doc).plain());
        response.doc = doc.map(Name::from);
        route.responses.push(response);
    }
}

/// `security: [{ bearerAuth: [] }]`: any of these.
fn security(program: &dyn Program, site: &Site, expr: &Expr, route: &mut Route) {
    let Some(items) = program.items(site, expr) else { return };
    let scheme = |name: Name| SchemeUse { kind: SchemeKind::by_name(&name), name, scopes: Vec::new() };
    let alternatives = items.into_iter().map(|(item, at)| {
        let named = program.entries(&at, item).unwrap_or_default();
        named.into_iter().map(|(name, ..)| scheme(name)).collect()
    });
    route.security = Security::any_of(alternatives);
}

/// `app.get<{ Querystring: Q; Body: B; Reply: R }>(…)`, `(request: FastifyRequest<{ Body: B }>)`.
pub fn typed(program: &dyn Program, site: &Site, args: &[Type], handler: Option<FuncRef>) -> Declared {
    let mut declared = Declared::default();
    if let Some(ty) = args.first() {
        generic(program, site, ty, &mut declared);
    }
    if let Some(handler) = handler {
        let inside = program.inside(handler);
        if let Some(param) = program.function(handler).params.first()
            && let Meaning::Outside(path) = program.resolve_type(&inside, &param.ty)
            && path.ends_with(".FastifyRequest")
            && let Some(ty) = param.ty.args().first()
        {
            generic(program, &inside, ty, &mut declared);
        }
    }
    declared
}

fn generic(program: &dyn Program, site: &Site, ty: &Type, declared: &mut Declared) {
    let read = program.record(&program.shape_of_type(site, ty, Mode::Read)).unwrap_or_default();
    for member in read.members {
        let part = match member.name.as_str() {
            "Querystring" => Part::Query,
            "Params" => Part::Params,
            "Body" => Part::Body,
            "Headers" => Part::Headers,
            _ => continue,
        };
        declared.add(part, member.shape);
    }
    let written = program.record(&program.shape_of_type(site, ty, Mode::Write)).unwrap_or_default();
    let Some(reply) = written.members.into_iter().find(|member| member.name == "Reply") else { return };
    // `Reply: { 200: Ok; "4xx": Failure }` or the body itself.
    let by_status = program.record(&reply.shape).unwrap_or_default().members;
    let is_by_status = !by_status.is_empty() && by_status.iter().all(|member| member.name.starts_with(|c: char| c.is_ascii_digit()));
    let body = if is_by_status {
        by_status.into_iter().find(|member| member.name.starts_with('2')).map(|member| member.shape)
    } else {
        Some(reply.shape)
    };
    declared.response = body.filter(|shape| !shape.is_any());
}
