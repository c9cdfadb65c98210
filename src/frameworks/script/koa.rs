//! Koa: routers whose handlers are given one context, mounted through `router.routes()`.
//!
//! Read from `@koa/router` 12 to 14 (also as `koa-router`), Koa 2 and 3.

use crate::base::Name;
use crate::base::code::{CallId, Expr};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Mount, PathSyntax, PathText, Place, Route, Security, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Program, Site, Text};
use crate::frameworks::interpret;
use crate::frameworks::script::handler::answers::Answers;
use crate::frameworks::script::handler::layers::{self, Layering};
use crate::frameworks::script::handler::{Declared, Dialect, Handling, Part, Root, flat, guards, validators};
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, SCRIPT_VERBS, Said, Table};

/// Koa.
pub const FRAMEWORK: Framework = Framework {
    id: "script/koa",
    label: "Koa",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["koa", "@koa/router", "koa-router", "koa-tree-router", "koa-joi-router"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How routes are told.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Colon,
    owners: &[
        OwnerRule { makes: &["koa", "koa.default"], is_root: true, prefix: At::Nowhere },
        OwnerRule {
            makes: &["@koa/router", "@koa/router.default", "@koa/router.Router", "koa-router", "koa-router.default", "koa-joi-router"],
            is_root: false,
            prefix: At::Option(0, "prefix"),
        },
    ],
    owner_types: &["koa", "koa.default", "@koa/router", "koa-router"],
    chain: Chain::All,
    routes: &[RouteRule::Verbs { names: SCRIPT_VERBS, path: At::Position(0), handler: At::Last }],
    mounts: &[MountRule { name: "use", prefix: At::Position(0), child: At::From(0), replaces_prefix: false, takes_functions: false }],
    hooks: Hooks { route, owner: None, mount: Some(mount) },
};

/// How handlers read and answer.
const DIALECT: Dialect = Dialect {
    roots: &[Root::Context, Root::Next],
    parts: &[
        (Root::Context, &["query"], Part::Query),
        (Root::Context, &["request", "query"], Part::Query),
        (Root::Context, &["request", "body"], Part::Body),
        (Root::Context, &["req", "body"], Part::Body),
        (Root::Context, &["params"], Part::Params),
        (Root::Context, &["request", "params"], Part::Params),
        (Root::Context, &["headers"], Part::Headers),
        (Root::Context, &["header"], Part::Headers),
        (Root::Context, &["request", "headers"], Part::Headers),
        (Root::Context, &["request", "header"], Part::Headers),
        (Root::Context, &["file"], Part::File),
        (Root::Context, &["files"], Part::Files),
        (Root::Context, &["request", "files"], Part::Files),
    ],
    lookups: &[
        (Root::Context, &["get"], Part::Headers),
        (Root::Context, &["request", "get"], Part::Headers),
        (Root::Context, &["cookies", "get"], Part::Cookies),
        (Root::Context, &["request", "headers", "get"], Part::Headers),
        (Root::Context, &["request", "url", "searchParams", "get"], Part::Query),
        (Root::Context, &["request", "url", "searchParams", "getAll"], Part::Query),
    ],
    passes: &["json", "form", "formData", "text"],
    answers: Answers {
        responders: &[(Root::Context, &[]), (Root::Context, &["response"])],
        bodies: &[(Root::Context, &["body"]), (Root::Context, &["response", "body"])],
        statuses: &[(Root::Context, &["status"]), (Root::Context, &["response", "status"])],
        returned: false,
    },
};

/// Middleware of applications and routers.
const LAYERING: Layering = Layering { table: &TABLE, names: &["use"], has_paths: true };

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let (routes, mounts) = (findings.routes.len(), findings.mounts.len());
    interpret::read(&TABLE, program, file, findings);
    prefixes(program, file, findings);
    let before = (findings.mounts.len(), findings.routes.len());
    applications(program, file, findings);
    interpret::given(&TABLE, program, before, findings);
    layers::apply(&LAYERING, program, file, &mut findings.routes[routes..], &mut findings.mounts[mounts..]);
}

/// `app.use(mount("/api", api))` of `koa-mount`.
fn applications(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        if call.method().is_none_or(|(_, name)| name != "use") {
            continue;
        }
        let call_ref = CallRef { file, id: CallId(id) };
        interpret::owners_at(&TABLE, program, call_ref, |parent, site| {
            for arg in &call.args {
                let meaning = program.produce(&site, &arg.value);
                let Some((made, at)) = meaning.call().filter(|(made, _)| program.callee(*made).is_any(&["koa-mount", "koa-mount.default"]))
                else {
                    continue;
                };
                let mounted = program.call(made);
                let (prefix, app) = match (mounted.positional(0), mounted.positional(1)) {
                    (Some(prefix), Some(app)) => (program.text(at, prefix), app),
                    (Some(app), None) => (Text::default(), app),
                    (None, _) => continue,
                };
                let mut children = interpret::owners_of(&TABLE, program, at, app);
                children.retain(|child| *child != parent);
                findings.mounts.extend((!children.is_empty()).then(|| Mount {
                    framework: FRAMEWORK.id,
                    parent: parent.clone(),
                    children,
                    prefix: PathText::new(prefix, PathSyntax::Colon),
                    replaces_prefix: false,
                    traits: Traits::default(),
                    place: Place { file, symbol: Name::default(), line: call.at.line },
                }));
            }
        });
    }
}

/// `router.prefix("/users")` after the router was made.
fn prefixes(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for call in &program.file(file).outline.calls {
        let Some((receiver, name)) = call.method() else { continue };
        if name != "prefix" || call.args.len() != 1 {
            continue;
        }
        let site = Site::of_call(file, call);
        let Some(prefix) = call.positional(0).map(|prefix| program.text(&site, prefix)) else { continue };
        for key in interpret::owners_of(&TABLE, program, &site, receiver) {
            for owner in findings.owners.iter_mut().filter(|owner| owner.key.origin == key.origin && owner.framework == FRAMEWORK.id) {
                owner.prefix.text = prefix.clone().then(std::mem::take(&mut owner.prefix.text));
            }
        }
    }
}

/// What middleware between a mount's prefix and its router says.
fn mount(program: &dyn Program, site: &Site, call: CallRef) -> Traits {
    let made = program.call(call);
    let layers = made.args.iter().flat_map(|arg| flat(program, site, &arg.value));
    let schemes: Vec<_> = layers.filter_map(|(expr, at)| guards::guard(program, &at, expr)).collect();
    Traits { security: if schemes.is_empty() { Security::Inherit } else { Security::Schemes(schemes) }, ..Traits::default() }
}

/// What a route's middleware and its handler say.
fn route(said: &Said, route: &mut Route) {
    let program = said.program;
    if route.path.text.plain().as_deref() == Some("/") {
        route.path.text = Text::default();
    }
    let call = program.call(said.call);
    let takes_body = route.methods.iter().any(|method| !matches!(method, Method::Get | Method::Head | Method::Options));
    // `router.get("name", "/path", handler)`: a route may be named.
    let is_named = call.args.len() > 2 && matches!(call.positional(1), Some(Expr::Str(path)) if path.starts_with('/'));
    if is_named && let Some(path) = call.positional(1) {
        route.path.text = program.text(&said.site, path);
    }
    let args = call.args.iter().skip(1 + usize::from(is_named)).flat_map(|arg| flat(program, &said.site, &arg.value));
    let layers: Vec<(&Expr, Site)> = args.collect();
    let mut handling = Handling::new(program, &DIALECT, &said.site);
    let mut schemes = Vec::new();
    for (layer, at) in layers.iter().take(layers.len().saturating_sub(1)) {
        if let Some(scheme) = guards::guard(program, at, layer) {
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
