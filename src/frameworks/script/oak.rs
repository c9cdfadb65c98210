//! Oak, the middleware framework of Deno: routers whose handlers are given one context, mounted through `router.routes()`.
//!
//! Read from oak 10 to 17 (`jsr.io/@oak/oak/doc`). Redirects that a router makes itself (`router.redirect`) are left out on purpose.

use crate::base::code::{Expr, Pattern};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, PathSyntax, Route, SchemeKind, SchemeUse, Security, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site, Text};
use crate::frameworks::interpret;
use crate::frameworks::script::handler::answers::Answers;
use crate::frameworks::script::handler::layers::{self, Layering};
use crate::frameworks::script::handler::{Declared, Dialect, Handling, Part, Root, flat, guards, is_inside, validators};
use crate::frameworks::script::statuses;
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, Said, Table, VERBS};

/// Oak.
pub const FRAMEWORK: Framework = Framework {
    id: "script/oak",
    label: "oak",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@oak/oak", "oak", "@oakserver/oak"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const APPLICATIONS: &[&str] = &[
    "@oak/oak.Application",
    "@oak/oak/application.Application",
    "oak.Application",
    "oak/mod.ts.Application",
    "oak/application.ts.Application",
    "@oakserver/oak.Application",
];

const ROUTERS: &[&str] =
    &["@oak/oak.Router", "@oak/oak/router.Router", "oak.Router", "oak/mod.ts.Router", "oak/router.ts.Router", "@oakserver/oak.Router"];

/// How routes are told.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Colon,
    owners: &[
        OwnerRule { makes: APPLICATIONS, is_root: true, prefix: At::Nowhere },
        OwnerRule { makes: ROUTERS, is_root: false, prefix: At::Option(0, "prefix") },
    ],
    owner_types: &[
        "@oak/oak.Application",
        "@oak/oak.Router",
        "oak.Application",
        "oak.Router",
        "oak/mod.ts.Application",
        "oak/mod.ts.Router",
        "@oakserver/oak.Application",
        "@oakserver/oak.Router",
    ],
    // `router.routes()` and `router.allowedMethods()` stand for the router they are asked of.
    chain: Chain::All,
    routes: &[
        RouteRule::Verbs { names: VERBS, path: At::Position(0), handler: At::Last },
        RouteRule::Verbs { names: &[("all", &Method::COMMON)], path: At::Position(0), handler: At::Last },
        RouteRule::Named { name: "add", path: At::Position(1), methods: At::Position(0), default: &[], handler: At::Last },
    ],
    mounts: &[MountRule { name: "use", prefix: At::Position(0), child: At::From(0), replaces_prefix: false, takes_functions: false }],
    hooks: Hooks { route, owner: None, mount: Some(mount) },
};

/// How handlers read and answer.
const DIALECT: Dialect = Dialect {
    roots: &[Root::Context, Root::Next],
    parts: &[
        (Root::Context, &["request", "url", "searchParams"], Part::Query),
        (Root::Context, &["request", "body"], Part::Body),
        (Root::Context, &["request", "body", "value"], Part::Body),
        (Root::Context, &["params"], Part::Params),
        (Root::Context, &["request", "headers"], Part::Headers),
    ],
    lookups: &[
        (Root::Context, &["request", "url", "searchParams", "get"], Part::Query),
        (Root::Context, &["request", "url", "searchParams", "getAll"], Part::Query),
        (Root::Context, &["request", "url", "searchParams", "has"], Part::Query),
        (Root::Context, &["request", "headers", "get"], Part::Headers),
        (Root::Context, &["request", "headers", "has"], Part::Headers),
        (Root::Context, &["cookies", "get"], Part::Cookies),
    ],
    // `await ctx.request.body.json()`; before 13 `await ctx.request.body({ type: "json" }).value`.
    passes: &["json", "form", "formData"],
    answers: Answers {
        responders: &[],
        bodies: &[(Root::Context, &["response", "body"])],
        statuses: &[(Root::Context, &["response", "status"])],
        returned: false,
    },
};

/// Middleware of applications and routers.
const LAYERING: Layering = Layering { table: &TABLE, names: &["use"], has_paths: true };

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let (routes, mounts) = (findings.routes.len(), findings.mounts.len());
    interpret::read(&TABLE, program, file, findings);
    layers::apply(&LAYERING, program, file, &mut findings.routes[routes..], &mut findings.mounts[mounts..]);
}

/// What middleware between a mount's prefix and its router says.
fn mount(program: &dyn Program, site: &Site, call: CallRef) -> Traits {
    let layers = program.call(call).args.iter().flat_map(|arg| flat(program, site, &arg.value));
    let schemes: Vec<_> = layers.filter_map(|(expr, at)| guard(program, &at, expr)).collect();
    Traits { security: if schemes.is_empty() { Security::Inherit } else { Security::Schemes(schemes) }, ..Traits::default() }
}

/// What a route's middleware and its handler say.
fn route(said: &Said, route: &mut Route) {
    let program = said.program;
    let call = program.call(said.call);
    let first = usize::from(call.method().is_some_and(|(_, name)| name == "add"));
    // `router.get("name", "/path", handler)`: a route may be named.
    let is_named = call.args.len() > first + 2 && matches!(call.positional(first + 1), Some(Expr::Str(path)) if path.starts_with('/'));
    if is_named && let Some(path) = call.positional(first + 1) {
        route.path.text = program.text(&said.site, path);
    }
    if route.path.text.plain().as_deref() == Some("/") {
        // Routing is not strict: a router's `/` is the prefix itself.
        route.path.text = Text::default();
    }
    let takes_body = route.methods.iter().any(|method| !matches!(method, Method::Get | Method::Head | Method::Options));
    let args = call.args.iter().skip(first + 1 + usize::from(is_named)).flat_map(|arg| flat(program, &said.site, &arg.value));
    let layers: Vec<(&Expr, Site)> = args.collect();
    let mut handling = Handling::new(program, &DIALECT, &said.site);
    let mut schemes = Vec::new();
    for (layer, at) in layers.iter().take(layers.len().saturating_sub(1)) {
        if let Some(scheme) = guard(program, at, layer) {
            schemes.push(scheme);
            continue;
        }
        for (part, shape) in validators::middleware(program, at, layer, takes_body) {
            handling.validate(part, shape);
        }
        if let Some(function) = interpret::handler_function(program, at, layer) {
            handling.enter(function);
        }
    }
    if let Some(handler) = said.handler {
        handling.enter(handler);
    }
    handling.run();
    handling.fill(&Declared::default(), route);
    if !takes_body {
        route.body = None;
    }
    if !schemes.is_empty() {
        route.security = Security::Schemes(schemes);
    }
}

/// Middleware that asks for a login; it may refuse by setting the status: `ctx.response.status = 401`.
fn guard(program: &dyn Program, site: &Site, layer: &Expr) -> Option<SchemeUse> {
    guards::guard(program, site, layer).or_else(|| {
        let function = interpret::handler_function(program, site, layer)?;
        let refuses = statuses_set(program, function).into_iter().any(|status| matches!(status, 401 | 403));
        let name = guards::spelled(program, site, layer);
        (refuses && !name.is_empty()).then(|| SchemeUse { name: name.into(), kind: SchemeKind::Guard, scopes: Vec::new() })
    })
}

/// The statuses that a function sets: `ctx.response.status = 201`, `response.status = Status.Created`.
fn statuses_set(program: &dyn Program, function: FuncRef) -> Vec<u16> {
    let declared = program.function(function);
    let assigns = program.file(function.file).outline.assigns.iter().filter(|assign| is_inside(declared, assign.at));
    let set = assigns.filter_map(|assign| {
        let Pattern::Place(Expr::Member(of, name)) = &assign.target else { return None };
        let is_status = name == "status" && of.last_name().is_some_and(|of| matches!(of.as_str(), "response" | "res"));
        let site = Site::of_scope(function.file, assign.scope);
        is_status.then(|| statuses::of(program, &site, &assign.value)).flatten()
    });
    set.collect()
}
