//! restify, and routers of `restify-router`, which are applied to a server: `router.applyRoutes(server, "/prefix")`.
//!
//! Read from restify 11 (`restify.com/docs/server-api`).

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Mount, PathSyntax, PathText, Place, Route, Security, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Program, Site, Text};
use crate::frameworks::interpret::{self, handler_function, owners_of};
use crate::frameworks::script::express::DIALECT;
use crate::frameworks::script::handler::layers::{self, Layering};
use crate::frameworks::script::handler::{Declared, Handling, flat, guards};
use crate::frameworks::table::{At, Chain, Hooks, OwnerRule, RouteRule, SCRIPT_VERBS, Said, Table};

/// restify.
pub const FRAMEWORK: Framework = Framework {
    id: "script/restify",
    label: "restify",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["restify", "restify-router"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How routes are told.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Colon,
    owners: &[
        OwnerRule { makes: &["restify.createServer", "restify.default.createServer"], is_root: true, prefix: At::Nowhere },
        OwnerRule { makes: &["restify-router.Router"], is_root: false, prefix: At::Nowhere },
    ],
    owner_types: &["restify.Server", "restify-router.Router"],
    chain: Chain::No,
    routes: &[
        RouteRule::Verbs { names: SCRIPT_VERBS, path: At::Position(0), handler: At::Last },
        RouteRule::Verbs { names: &[("opts", &[Method::Options])], path: At::Position(0), handler: At::Last },
    ],
    mounts: &[],
    hooks: Hooks { route, owner: None, mount: None },
};

/// Middleware of servers.
const LAYERING: Layering = Layering { table: &TABLE, names: &["use", "pre"], has_paths: true };

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let (routes, mounts) = (findings.routes.len(), findings.mounts.len());
    interpret::read(&TABLE, program, file, findings);
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let call_ref = CallRef { file, id: CallId(id) };
        match call.method() {
            Some((receiver, name)) if name == "applyRoutes" => applied(program, call_ref, call, receiver, findings),
            Some((receiver, name)) if matches!(call.positional(0), Some(Expr::Object(_))) => {
                optioned(program, call_ref, call, (receiver, name), findings);
            }
            _ => {}
        }
    }
    layers::apply(&LAYERING, program, file, &mut findings.routes[routes..], &mut findings.mounts[mounts..]);
}

/// `router.applyRoutes(server, "/prefix")`, `router.add("/prefix", other)` is its like.
fn applied(program: &dyn Program, call_ref: CallRef, call: &Call, receiver: &Expr, findings: &mut Findings) {
    let site = Site::of_call(call_ref.file, call);
    let Some(server) = call.positional(0) else { return };
    let children = owners_of(&TABLE, program, &site, receiver);
    if children.is_empty() {
        return;
    }
    let prefix = call.positional(1).map(|prefix| program.text(&site, prefix)).unwrap_or_default();
    for parent in owners_of(&TABLE, program, &site, server) {
        findings.mounts.push(Mount {
            framework: FRAMEWORK.id,
            parent,
            children: children.clone(),
            prefix: PathText::new(prefix.clone(), TABLE.syntax),
            replaces_prefix: false,
            traits: Traits::default(),
            place: Place { file: call_ref.file, symbol: Name::default(), line: call.at.line },
        });
    }
}

/// `server.get({ path: "/info", version: "1.0.0" }, handler)`.
fn optioned(program: &dyn Program, call_ref: CallRef, call: &Call, (receiver, name): (&Expr, &str), findings: &mut Findings) {
    let Some((_, methods)) = SCRIPT_VERBS.iter().find(|(verb, _)| *verb == name) else { return };
    let site = Site::of_call(call_ref.file, call);
    let call = program.call(call_ref);
    let options = call.positional(0).and_then(|options| program.entries(&site, options)).unwrap_or_default();
    let Some((_, path, at)) = options.into_iter().find(|(key, ..)| key == "path" || key == "url") else { return };
    let text = program.text(&at, path);
    for owner in owners_of(&TABLE, program, &site, receiver) {
        let handler_expr = call.args.last().map(|arg| &arg.value);
        let handler = handler_expr.and_then(|expr| handler_function(program, &site, expr));
        let mut found = Route {
            framework: FRAMEWORK.id,
            owner: Some(owner),
            methods: methods.to_vec(),
            path: PathText::new(text.clone(), TABLE.syntax),
            handler,
            place: Place {
                file: call_ref.file,
                symbol: handler.map(|handler| program.function(handler).name.clone()).unwrap_or_default(),
                line: call.at.line,
            },
            ..Route::default()
        };
        route(&Said { program, site: site.clone(), call: call_ref, handler, handler_expr, object: None }, &mut found);
        findings.routes.push(found);
    }
}

/// What a route's middleware and its handler say.
fn route(said: &Said, route: &mut Route) {
    let program = said.program;
    if route.path.text.plain().as_deref() == Some("/") {
        route.path.text = Text::default();
    }
    let call = program.call(said.call);
    let layers: Vec<(&Expr, Site)> = call.args.iter().skip(1).flat_map(|arg| flat(program, &said.site, &arg.value)).collect();
    let before = layers.iter().take(layers.len().saturating_sub(1));
    let schemes: Vec<_> = before.filter_map(|(layer, at)| guards::guard(program, at, layer)).collect();
    let mut handling = Handling::new(program, &DIALECT, &said.site);
    if let Some(handler) = said.handler {
        handling.enter(handler);
    }
    handling.run();
    handling.fill(&Declared::default(), route);
    if !schemes.is_empty() {
        route.security = Security::Schemes(schemes);
    }
}
