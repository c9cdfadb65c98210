//! Procedures as they travel over HTTP: what they take, what they give, who may call them.

use super::routers::{self, Place};
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::finding::{BodyFinding, Location, Method, ParamFinding, ResponseFinding, Route, SchemeKind, SchemeUse, Security};
use crate::facts::members::all_of;
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::script::functions::calls_in;

/// Routers within one another, and functions that middleware calls.
const MAX_DEPTH: u32 = 8;
/// How many procedures are told of one router.
const MAX_PROCEDURES: usize = 5_000;

/// A procedure with its path in the router: `users.byId`.
pub struct Procedure {
    /// The path, joined with dots.
    pub name: String,
    /// The call that ends it.
    pub place: Place,
    /// The router serializes with a transformer, which wraps what travels.
    is_wrapped: bool,
}

/// All procedures of a router.
#[must_use]
pub fn of(program: &dyn Program, router: &Place) -> Vec<Procedure> {
    let mut found = Vec::new();
    collect(program, router, "", is_wrapped(program, router), 0, &mut found);
    found
}

fn collect(program: &dyn Program, router: &Place, before: &str, is_wrapped: bool, depth: u32, found: &mut Vec<Procedure>) {
    if depth > MAX_DEPTH {
        return;
    }
    for (name, place) in routers::members(program, router, depth) {
        let name = if before.is_empty() { name.to_string() } else { format!("{before}.{name}") };
        let end = program.call(place.call).method().map(|(_, name)| name.as_str());
        if found.len() >= MAX_PROCEDURES {
            return;
        }
        if matches!(end, Some("query" | "mutation" | "subscription")) {
            found.push(Procedure { name, place, is_wrapped });
        } else {
            collect(program, &place, &name, is_wrapped, depth + 1, found);
        }
    }
}

/// Whether `initTRPC.create({ transformer })` made the router's builder.
fn is_wrapped(program: &dyn Program, router: &Place) -> bool {
    let Meaning::Attribute(of, _) = program.callee(router.call) else { return false };
    let Some((call, at)) = of.call().map(|(call, at)| (call, at.clone())) else { return false };
    let options = program.call(call).positional(0).and_then(|options| program.entries(&at, options)).unwrap_or_default();
    options.iter().any(|(name, ..)| name == "transformer")
}

/// The operation that a procedure is, without its path.
#[must_use]
pub fn described(program: &dyn Program, procedure: &Procedure) -> Option<Route> {
    let links = routers::links(program, &procedure.place);
    let (last, site) = links.first()?;
    let (_, kind) = last.method()?;
    let wrapped = |shape: Shape| if procedure.is_wrapped { Shape::record(vec![Member::required("json", shape)]) } else { shape };
    let (input, required) = input(program, &links);
    let mut route = Route {
        operation_id: Some(procedure.name.as_str().into()),
        handler: last.positional(0).and_then(|handler| program.resolve(site, handler).function()),
        security: security(program, &links),
        tags: procedure.name.rsplit_once('.').map(|(routers, _)| Name::from(routers)).into_iter().collect(),
        ..Route::default()
    };
    let input = input.map(wrapped);
    if kind == "mutation" {
        route.methods = vec![Method::Post];
        route.body = input.map(|shape| BodyFinding { required, ..BodyFinding::json(shape) });
    } else {
        route.methods = vec![Method::Get];
        // JSON in a query parameter.
        let shape = input.map(|shape| shape.with("contentMediaType", "application/json"));
        let param = |shape| ParamFinding { name: "input".into(), location: Location::Query, required, shape, ..ParamFinding::default() };
        route.params.extend(shape.map(param));
    }
    let output = routers::output(program, &procedure.place, Mode::Write);
    route.responses.push(match kind.as_str() {
        "subscription" => {
            ResponseFinding { contents: vec![("text/event-stream".into(), Shape::Text(None))], ..ResponseFinding::empty("200") }
        }
        _ => {
            let result = Shape::record(vec![Member::required("data", wrapped(output))]);
            ResponseFinding::json("200", Shape::record(vec![Member::required("result", result)]))
        }
    });
    Some(route)
}

/// What `.input(schema)` asks for, all of several; whether it must be given.
fn input(program: &dyn Program, links: &[(&Call, Site)]) -> (Option<Shape>, bool) {
    let schemas = links.iter().rev().filter(|(link, _)| link.method().is_some_and(|(_, name)| name == "input"));
    let shapes: Vec<Shape> =
        schemas.filter_map(|(link, site)| Some(program.shape_of_value(site, link.positional(0)?, Mode::Read))).collect();
    if shapes.is_empty() {
        return (None, false);
    }
    let optional = links.iter().any(|(link, site)| may_be_left_out(program, link, site));
    let shape = if shapes.len() == 1 { shapes.into_iter().next().unwrap_or_default() } else { all_of(shapes) };
    (Some(shape), !optional)
}

/// `.input(z.object({…}).optional())`.
fn may_be_left_out(program: &dyn Program, link: &Call, site: &Site) -> bool {
    let is_input = link.method().is_some_and(|(_, name)| name == "input");
    let Some(schema) = link.positional(0).filter(|_| is_input) else { return false };
    let meaning = program.resolve(site, schema);
    let last = meaning.call().and_then(|(call, _)| program.call(call).callee.last_name());
    last.is_some_and(|name| matches!(name.as_str(), "optional" | "nullish" | "default" | "void"))
}

/// Middleware of the chain that throws `UNAUTHORIZED`; where none does, `FORBIDDEN`.
fn security(program: &dyn Program, links: &[(&Call, Site)]) -> Security {
    match asked(program, links, "UNAUTHORIZED") {
        Security::Inherit => asked(program, links, "FORBIDDEN"),
        security => security,
    }
}

fn asked(program: &dyn Program, links: &[(&Call, Site)], code: &str) -> Security {
    let uses = links.iter().filter(|(link, _)| link.method().is_some_and(|(_, name)| matches!(name.as_str(), "use" | "unstable_concat")));
    let refusing = |(link, site): &(&Call, Site)| {
        let middleware = link.positional(0)?;
        let function = program.resolve(site, middleware).function().or_else(|| made(program, site, middleware))?;
        refuses(program, function, code, 0).then(|| middleware.last_name().cloned())
    };
    let mut schemes: Vec<SchemeUse> = Vec::new();
    for name in uses.filter_map(refusing) {
        let name = name.unwrap_or_else(|| "session".into());
        if !schemes.iter().any(|known| known.name == name) {
            schemes.push(SchemeUse { name, kind: SchemeKind::Guard, scopes: Vec::new() });
        }
    }
    if schemes.is_empty() { Security::Inherit } else { Security::Schemes(schemes) }
}

/// `t.middleware(({ ctx, next }) => …)`, also behind a name.
fn made(program: &dyn Program, site: &Site, middleware: &Expr) -> Option<FuncRef> {
    let meaning = program.produce(site, middleware);
    let (call, at) = meaning.call()?;
    program.call(call).args.iter().find_map(|arg| program.resolve(at, &arg.value).function())
}

fn refuses(program: &dyn Program, function: FuncRef, code: &str, depth: u32) -> bool {
    calls_in(program, function).any(|(call, made)| {
        let site = Site::of_call(call.file, made);
        if made.callee.last_name().is_some_and(|name| name.ends_with("TRPCError")) {
            let options = made.positional(0).and_then(|options| program.entries(&site, options)).unwrap_or_default();
            return options.iter().any(|(key, value, at)| key == "code" && program.text(at, value).plain().as_deref() == Some(code));
        }
        let called = program.callee(call).function().filter(|called| depth < 2 && *called != function);
        called.is_some_and(|called| refuses(program, called, code, depth + 1))
    })
}
