//! Hono: applications, base paths, mounted applications, validators, middleware that asks for a login.

mod answers;
mod context;
mod documented;
mod inputs;
mod uses;
mod values;

pub use context::{Variable, variable};

use crate::base::Name;
use crate::base::code::Expr;
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, OwnerKey, PathSyntax, PathText, Route, Security};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, FuncRef, Meaning, Program, Site, Text};
use crate::frameworks::interpret;
use crate::frameworks::script::guards;
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, Said, Table};

/// Hono.
pub const FRAMEWORK: Framework = Framework {
    id: "script/hono",
    label: "Hono",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["hono", "@hono/zod-openapi", "hono-openapi"],
    tells: &[Tells::Http, Tells::Types],
    read: Some(read),
    types: Some(&values::Reader),
};

/// What makes applications.
const MAKERS: &[&str] = &[
    "hono.Hono",
    "hono/tiny.Hono",
    "hono/quick.Hono",
    "hono/hono-base.HonoBase",
    "@hono/zod-openapi.OpenAPIHono",
    "hono/factory.createFactory.createApp",
];

const TABLE: Table = Table {
    id: "script/hono",
    syntax: PathSyntax::Colon,
    owners: &[OwnerRule { makes: MAKERS, is_root: true, prefix: At::Nowhere }],
    owner_types: MAKERS,
    chain: Chain::Under(&["basePath"]),
    routes: &[
        RouteRule::Verbs {
            names: &[
                ("get", &[Method::Get]),
                ("post", &[Method::Post]),
                ("put", &[Method::Put]),
                ("patch", &[Method::Patch]),
                ("delete", &[Method::Delete]),
                ("options", &[Method::Options]),
                ("all", &Method::COMMON),
            ],
            path: At::Position(0),
            handler: At::Last,
        },
        RouteRule::Named { name: "on", path: At::Position(1), methods: At::Position(0), default: &[], handler: At::Last },
    ],
    mounts: &[
        MountRule { name: "route", prefix: At::Position(0), child: At::Position(1), replaces_prefix: false, takes_functions: false },
        MountRule { name: "mount", prefix: At::Position(0), child: At::Position(1), replaces_prefix: false, takes_functions: false },
    ],
    hooks: Hooks { route, owner: None, mount: None },
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let (routes, mounts) = (findings.routes.len(), findings.mounts.len());
    interpret::read(&TABLE, program, file, findings);
    documented::read(program, file, findings);
    if findings.routes.len() > routes || findings.mounts.len() > mounts {
        uses::apply(program, file, &mut findings.routes[routes..], &mut findings.mounts[mounts..]);
    }
}

/// The functions that answer: the last argument, or all that a list spreads (`...factory.createHandlers(validate, answer)`).
fn handlers(said: &Said) -> Vec<FuncRef> {
    let program = said.program;
    if let Some(handler) = said.handler {
        return vec![handler];
    }
    let Some(expr) = said.handler_expr else { return Vec::new() };
    let inner = if let Expr::Spread(inner) = expr { inner } else { expr };
    let Some((call, at)) = program.produce(&said.site, inner).call().map(|(call, at)| (call, at.clone())) else { return Vec::new() };
    program.call(call).args.iter().rev().find_map(|arg| program.resolve(&at, &arg.value).function()).into_iter().collect()
}

fn route(said: &Said, route: &mut Route) {
    let program = said.program;
    let made = program.call(said.call);
    let name = made.method().map(|(_, name)| name.as_str()).unwrap_or_default();
    let first = if name == "on" { 2 } else { 1 };
    let layers: Vec<(&Expr, Site)> = made.args.iter().skip(first).flat_map(|arg| listed(program, &said.site, &arg.value)).collect();
    let mut schemes = Vec::new();
    for (index, (expr, at)) in layers.iter().enumerate() {
        inputs::validated(program, at, expr, route);
        documented::describe_route(program, at, expr, route);
        if index + 1 < layers.len() {
            schemes.extend(guards::guard(program, at, expr));
        }
    }
    unslash(&mut route.path);
    if let Some(library) = layers.last().and_then(|(expr, at)| made_by_library(program, at, expr)) {
        // Files are no operations; pages that show the document are none of its own.
        if library.ends_with(".serveStatic") {
            route.methods.clear();
        }
        route.hidden |= SHOWS_DOCUMENT.iter().any(|known| library.starts_with(known));
    }
    for handler in handlers(said) {
        route.handler = route.handler.or(Some(handler));
        inputs::read(program, &said.site, handler, route);
        if route.responses.is_empty() {
            answers::read(program, &said.site, handler, route);
        }
        if schemes.is_empty() && !guards::is_login(&route.path) {
            schemes.extend(guards::in_handler(program, handler));
        }
    }
    if !schemes.is_empty() {
        route.security = Security::Schemes(schemes);
    }
}

/// Libraries whose handlers show the document.
const SHOWS_DOCUMENT: &[&str] = &["@hono/swagger-ui.", "@scalar/hono-api-reference.", "hono-openapi.openAPI"];

/// The library function that makes a handler.
fn made_by_library(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    let meaning = program.resolve(site, expr);
    let (call, _) = meaning.call()?;
    if let Meaning::Outside(path) = program.callee(call) { Some(path) } else { None }
}

/// An application's `/` is the path it is mounted at.
fn unslash(path: &mut PathText) {
    if path.text.plain().as_deref() == Some("/") {
        path.text = Text::default();
    }
}

/// An argument, or the arguments that a list or a call of `createHandlers` spreads in its place.
fn listed<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Vec<(&'p Expr, Site)> {
    match expr {
        Expr::Spread(inner) => match program.items(site, inner) {
            Some(items) => items,
            None => match program.produce(site, inner).call() {
                Some((call, at)) => program.call(call).args.iter().map(|arg| (&arg.value, at.clone())).collect(),
                None => Vec::new(),
            },
        },
        Expr::List(items) => items.iter().map(|item| (item, site.clone())).collect(),
        _ => vec![(expr, site.clone())],
    }
}

/// The applications of Hono's that an expression denotes.
#[must_use]
pub fn applications(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<OwnerKey> {
    interpret::owners_of(&TABLE, program, site, expr)
}
