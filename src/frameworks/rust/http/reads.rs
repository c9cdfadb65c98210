//! What handlers read from a request object: `req.param("id")`, `req.query::<Page>()`, `req.body_json::<User>()`, `req.header("x")`.

use super::extract::{members_of, param_of};
use super::types::TypeAt;
use crate::base::code::{Call, Expr, ParamKind, Pattern, Type};
use crate::facts::finding::{BodyFinding, Location, ParamFinding, ResponseFinding, Route};
use crate::facts::members::without_null;
use crate::facts::program::{FuncRef, Mode, Program, Site};
use crate::facts::shape::Shape;

/// Type names of request objects.
const REQUESTS: &[&str] = &["Request", "HttpRequest", "State", "HeaderMap", "Headers", "CookieJar", "Cookies"];

/// Adds what the handler reads from its request, and what it renders to its response.
pub fn describe(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let outline = &program.file(handler.file).outline;
    let function = outline.function(handler.id);
    let requests: Vec<&str> = function
        .params
        .iter()
        .filter(|param| param.kind != ParamKind::Receiver)
        .filter(|param| param.ty == Type::Unknown || param.ty.last_name().is_some_and(|name| REQUESTS.contains(&name.as_str())))
        .filter_map(|param| param.name().map(|name| name.as_str()))
        .collect();
    for call in outline.calls.iter().filter(|call| outline.is_within(call.scope, function.inner)) {
        let Some((receiver, name)) = call.method() else { continue };
        let site = Site::of_call(handler.file, call);
        if root(outline, receiver, 0).is_some_and(|root| requests.contains(&root)) {
            read(program, &site, receiver, name, call, route);
        }
        if name == "render" {
            rendered(program, &site, call, route);
        }
    }
}

/// The name a chain begins with.
fn root<'o>(outline: &'o crate::base::code::Outline, expr: &'o Expr, depth: u32) -> Option<&'o str> {
    if depth > 16 {
        return None;
    }
    match expr {
        Expr::Ref(name) => Some(name),
        Expr::Member(base, _) => root(outline, base, depth + 1),
        Expr::Call(id) => outline.call(*id).method().and_then(|(receiver, _)| root(outline, receiver, depth + 1)),
        _ => None,
    }
}

fn read(program: &dyn Program, site: &Site, receiver: &Expr, name: &str, call: &Call, route: &mut Route) {
    let text = || call.positional(0).and_then(|expr| program.text(site, expr).plain()).filter(|text| !text.is_empty());
    let is_single = call.args.len() == 1;
    match name {
        "header" | "headers_get" if is_single => add(route, text(), Location::Header, Shape::Text(None), false),
        "get" if is_single && is_headers(program, site, receiver) => add(route, text(), Location::Header, Shape::Text(None), false),
        "cookie" if is_single => add(route, text(), Location::Cookie, Shape::Text(None), false),
        "param" | "try_param" if is_single => {
            let shape = call.type_args.first().map_or(Shape::Text(None), |ty| program.shape_of_type(site, ty, Mode::Read));
            add(route, text(), Location::Path, shape, true);
        }
        "query" | "try_query" if is_single => {
            let shape = call.type_args.first().map_or(Shape::Text(None), |ty| program.shape_of_type(site, ty, Mode::Read));
            add(route, text(), Location::Query, shape, false);
        }
        "query" | "parse_queries" | "params" => {
            if let Some(shape) = read_as(program, site, call) {
                for member in members_of(program, &shape, 0) {
                    super::add_param(route, param_of(member, Location::Query, false));
                }
            }
        }
        "body_json" | "parse_json" | "take_body_json" | "json" => body(program, site, call, "application/json", route),
        "parse_body" => body(program, site, call, "application/json", route),
        "body_form" | "parse_form" => body(program, site, call, "application/x-www-form-urlencoded", route),
        "form" | "file" if is_single => {
            let body = route.body.get_or_insert_with(|| BodyFinding {
                required: true,
                contents: vec![("multipart/form-data".into(), Shape::Map(Box::new(Shape::Any)))],
                doc: None,
            });
            body.required = true;
        }
        "extract" => extracted(program, site, call, route),
        _ => {}
    }
}

/// `req.headers().get("x")`.
fn is_headers(program: &dyn Program, site: &Site, receiver: &Expr) -> bool {
    match receiver {
        Expr::Call(id) => program.file(site.file).outline.call(*id).method().is_some_and(|(_, name)| name == "headers"),
        Expr::Ref(name) => name == "headers",
        _ => false,
    }
}

fn add(route: &mut Route, name: Option<String>, location: Location, shape: Shape, required: bool) {
    let Some(name) = name else { return };
    if location == Location::Header && matches!(name.to_ascii_lowercase().as_str(), "content-type" | "accept" | "host" | "user-agent") {
        return;
    }
    super::add_param(route, ParamFinding { name: name.into(), location, required, shape: without_null(shape), ..ParamFinding::default() });
}

/// The type that a value is read as: written at the call, or on the variable that takes it.
fn read_as(program: &dyn Program, site: &Site, call: &Call) -> Option<Shape> {
    let ty = read_type(program, site, call)?;
    let shape = program.shape_of_type(site, ty, Mode::Read);
    (!shape.is_any()).then_some(shape)
}

fn read_type<'p>(program: &'p dyn Program, site: &Site, call: &'p Call) -> Option<&'p Type> {
    if let Some(ty) = call.type_args.first().filter(|ty| **ty != Type::Unknown) {
        return Some(ty);
    }
    let outline = &program.file(site.file).outline;
    let assign = outline.assigns.iter().find(|assign| match &assign.value {
        Expr::Call(id) => std::ptr::eq(outline.call(*id), call),
        _ => false,
    })?;
    (assign.ty != Type::Unknown && matches!(assign.target, Pattern::Name(_) | Pattern::Object(_))).then_some(&assign.ty)
}

fn body(program: &dyn Program, site: &Site, call: &Call, media: &str, route: &mut Route) {
    if route.body.is_some() {
        return;
    }
    let shape = read_as(program, site, call).unwrap_or_default();
    route.body = Some(BodyFinding { required: true, contents: vec![(media.into(), shape)], doc: None });
}

/// `let body: JsonBody<User> = req.extract().await?`.
fn extracted(program: &dyn Program, site: &Site, call: &Call, route: &mut Route) {
    let Some(ty) = read_type(program, site, call) else { return };
    let mut extractor = super::extract::Extractor::new(program, Vec::new(), false);
    extractor.param(&TypeAt::new(ty, site.clone()), None, false, 0);
    extractor.taken.params.into_iter().for_each(|param| super::add_param(route, param));
    if route.body.is_none() {
        route.body = extractor.taken.body;
    }
}

/// `res.render(Json(user))`.
fn rendered(program: &dyn Program, site: &Site, call: &Call, route: &mut Route) {
    let Some(Expr::Call(id)) = call.positional(0) else { return };
    let made = program.file(site.file).outline.call(*id);
    let is_json = made.callee.last_name().is_some_and(|name| super::respond::is_json(name));
    let Some(value) = made.positional(0).filter(|_| is_json) else { return };
    let shape = program.shape_of_value(site, value, Mode::Write);
    match route.responses.iter_mut().find(|known| known.status == "200") {
        Some(known) if known.contents.is_empty() => known.contents.push(("application/json".into(), shape)),
        Some(_) => {}
        None => route.responses.push(ResponseFinding::json("200", shape)),
    }
}
