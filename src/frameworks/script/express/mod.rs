//! Express, and routers with its interface.
//!
//! - [`declared`]: what type arguments and annotations say of a handler.
//!
//! Read from Express 4 and 5 (`expressjs.com/en/api.html`). Error handlers and `app.param` are left out on purpose.

mod declared;

use crate::base::code::{Call, Expr};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, PathSyntax, Route, Security, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Program, Site, Text};
use crate::frameworks::interpret;
use crate::frameworks::script::handler::answers::Answers;
use crate::frameworks::script::handler::layers::{self, Layering};
use crate::frameworks::script::handler::{Dialect, Handling, Part, Root, flat, guards, validators};
use crate::frameworks::script::tsoa;
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, SCRIPT_VERBS, Said, Table};

/// Express.
pub const FRAMEWORK: Framework = Framework {
    id: "script/express",
    label: "Express",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["express", "express-promise-router", "express-async-router", "@awaitjs/express", "router", "polka", "ultimate-express"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How routes are told.
pub const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Colon,
    owners: &[
        OwnerRule {
            makes: &["express", "express.default", "express.application", "polka", "ultimate-express"],
            is_root: true,
            prefix: At::Nowhere,
        },
        OwnerRule {
            makes: &[
                "express.Router",
                "express.default.Router",
                "ultimate-express.Router",
                "express-promise-router",
                "express-promise-router.default",
                "express-async-router.AsyncRouter",
                "@awaitjs/express.Router",
                "router",
            ],
            is_root: false,
            prefix: At::Nowhere,
        },
    ],
    owner_types: &[
        "express.Express",
        "express.Application",
        "express.Router",
        "express.IRouter",
        "express.core.Express",
        "express-serve-static-core.Express",
        "express-serve-static-core.Application",
        "express-serve-static-core.Router",
        "express-serve-static-core.IRouter",
    ],
    chain: Chain::All,
    routes: &[
        RouteRule::Verbs { names: SCRIPT_VERBS, path: At::Position(0), handler: At::Last },
        RouteRule::Chained { name: "route", path: At::Position(0), verbs: SCRIPT_VERBS },
    ],
    mounts: &[MountRule { name: "use", prefix: At::Position(0), child: At::From(0), replaces_prefix: false, takes_functions: false }],
    hooks: Hooks { route, owner: None, mount: Some(mount) },
};

/// How handlers read and answer.
pub const DIALECT: Dialect = Dialect {
    roots: &[Root::Request, Root::Response, Root::Next],
    parts: &[
        (Root::Request, &["query"], Part::Query),
        (Root::Request, &["body"], Part::Body),
        (Root::Request, &["params"], Part::Params),
        (Root::Request, &["headers"], Part::Headers),
        (Root::Request, &["cookies"], Part::Cookies),
        (Root::Request, &["signedCookies"], Part::Cookies),
        (Root::Request, &["file"], Part::File),
        (Root::Request, &["files"], Part::Files),
    ],
    lookups: &[(Root::Request, &["get"], Part::Headers), (Root::Request, &["header"], Part::Headers)],
    passes: &[],
    answers: Answers { responders: &[(Root::Response, &[])], bodies: &[], statuses: &[(Root::Response, &["statusCode"])], returned: false },
};

/// Middleware of applications and routers.
const LAYERING: Layering = Layering { table: &TABLE, names: &["use", "all"], has_paths: true };

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if tsoa::is_generated(program, file) {
        return;
    }
    let (routes, mounts) = (findings.routes.len(), findings.mounts.len());
    interpret::read(&TABLE, program, file, findings);
    layers::apply(&LAYERING, program, file, &mut findings.routes[routes..], &mut findings.mounts[mounts..]);
}

/// What middleware between a mount's prefix and its router says.
fn mount(program: &dyn Program, site: &Site, call: CallRef) -> Traits {
    let made = program.call(call);
    let guards =
        made.args.iter().flat_map(|arg| flat(program, site, &arg.value)).filter_map(|(expr, at)| guards::guard(program, &at, expr));
    let schemes: Vec<_> = guards.collect();
    Traits { security: if schemes.is_empty() { Security::Inherit } else { Security::Schemes(schemes) }, ..Traits::default() }
}

/// What a route's middleware and its handler say.
fn route(said: &Said, route: &mut Route) {
    let program = said.program;
    if route.path.text.plain().as_deref() == Some("/") {
        // Routing is not strict: a router's `/` is the prefix itself.
        route.path.text = Text::default();
    }
    let call: &Call = program.call(said.call);
    let has_path = !matches!(call.method(), Some((Expr::Call(id), _)) if is_route_call(program.file(said.call.file).outline.call(*id)));
    let takes_body = route.methods.iter().any(|method| !matches!(method, Method::Get | Method::Head | Method::Options));
    let args = call.args.iter().skip(usize::from(has_path)).flat_map(|arg| flat(program, &said.site, &arg.value));
    let layers: Vec<(&Expr, Site)> = args.collect();
    let mut handling = Handling::new(program, &DIALECT, &said.site);
    let mut schemes = Vec::new();
    let mut checked: std::collections::BTreeMap<Part, Vec<crate::facts::shape::Shape>> = std::collections::BTreeMap::new();
    for (layer, at) in layers.iter().take(layers.len().saturating_sub(1)) {
        match guards::guard(program, at, layer) {
            Some(scheme) => schemes.push(scheme),
            None => {
                for (part, shape) in validators::middleware(program, at, layer, takes_body) {
                    checked.entry(part).or_default().push(shape);
                }
                if let Some(function) = interpret::handler_function(program, at, layer) {
                    handling.enter(function);
                }
            }
        }
    }
    for (part, shapes) in checked {
        handling.validate(part, crate::facts::members::all_of(shapes));
    }
    if let Some(handler) = said.handler {
        handling.enter(handler);
    }
    handling.run();
    handling.fill(&declared::declared(said), route);
    if !schemes.is_empty() {
        route.security = Security::Schemes(schemes);
    }
    described(program, said, route);
}

fn is_route_call(call: &Call) -> bool {
    // `.route("/x").get(h).post(h)`: each link stands on the one before.
    call.method().is_some()
}

/// The handler's comment.
fn described(program: &dyn Program, said: &Said, route: &mut Route) {
    let doc = said.handler.and_then(|handler| program.function(handler).doc.clone());
    let Some(doc) = doc.filter(|doc| !doc.contains('@')) else { return };
    let text = doc.trim();
    let first = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    if !first.is_empty() && first.len() <= 160 {
        route.summary = Some(first.into());
    } else if !text.is_empty() {
        route.description = Some(text.into());
    }
}
