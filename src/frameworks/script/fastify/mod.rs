//! Fastify.
//!
//! - [`options`]: what a route's options say: schemas, hooks, tags.
//! - [`json`]: JSON Schema written as object literals.
//! - [`autoload`]: plugins that are loaded from a folder.
//!
//! Read from Fastify 4 and 5 (`fastify.dev/docs/latest/Reference`). Constraints and `decorateRequest` are left out on purpose.

mod autoload;
mod json;
mod options;

use crate::base::code::Expr;
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, PathSyntax, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program, Text};
use crate::frameworks::interpret::{self, handler_function};
use crate::frameworks::script::handler::answers::Answers;
use crate::frameworks::script::handler::layers::{self, Layering};
use crate::frameworks::script::handler::{Dialect, Handling, Part, Root};
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, SCRIPT_VERBS, Said, Table};

/// Fastify.
pub const FRAMEWORK: Framework = Framework {
    id: "script/fastify",
    label: "Fastify",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["fastify", "fastify-plugin"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How routes are told.
/// How routes are told.
pub const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Colon,
    owners: &[OwnerRule {
        makes: &["fastify", "fastify.default", "fastify.fastify", "fastify.default.fastify"],
        is_root: true,
        prefix: At::Nowhere,
    }],
    owner_types: &["fastify.FastifyInstance", "fastify.default.FastifyInstance", "fastify.FastifyTypeBoxInstance"],
    chain: Chain::All,
    routes: &[
        RouteRule::Verbs { names: SCRIPT_VERBS, path: At::Position(0), handler: At::Last },
        RouteRule::Object { name: "route", method: "method", path: &["url", "path"], handler: &["handler"] },
    ],
    mounts: &[MountRule {
        name: "register",
        prefix: At::Option(1, "prefix"),
        child: At::Position(0),
        replaces_prefix: false,
        takes_functions: true,
    }],
    hooks: Hooks { route, owner: None, mount: None },
};

/// How handlers read and answer.
const DIALECT: Dialect = Dialect {
    roots: &[Root::Request, Root::Response],
    parts: &[
        (Root::Request, &["query"], Part::Query),
        (Root::Request, &["body"], Part::Body),
        (Root::Request, &["params"], Part::Params),
        (Root::Request, &["headers"], Part::Headers),
        (Root::Request, &["cookies"], Part::Cookies),
    ],
    lookups: &[],
    passes: &[],
    answers: Answers { responders: &[(Root::Response, &[])], bodies: &[], statuses: &[(Root::Response, &["statusCode"])], returned: true },
};

/// Hooks of an instance.
const LAYERING: Layering = Layering { table: &TABLE, names: &["addHook"], has_paths: false };

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let (routes, mounts) = (findings.routes.len(), findings.mounts.len());
    interpret::read(&TABLE, program, file, findings);
    autoload::read(program, file, findings);
    layers::apply(&LAYERING, program, file, &mut findings.routes[routes..], &mut findings.mounts[mounts..]);
}

/// What a route's options and its handler say.
fn route(said: &Said, route: &mut Route) {
    let program = said.program;
    if route.path.text.plain().as_deref() == Some("/") {
        // A plugin's `/` is its prefix itself.
        route.path.text = Text::default();
    }
    let call = program.call(said.call);
    let options = match &said.object {
        Some((object, at)) => program.entries(at, object),
        None => {
            call.positional(1).filter(|options| !matches!(options, Expr::Func(_))).and_then(|options| program.entries(&said.site, options))
        }
    };
    let options = options.unwrap_or_default();
    let entry = |key: &str| options.iter().rev().find(|(name, ..)| name == key);
    if said.object.is_some()
        && let Some((_, methods, at)) = entry("methods")
    {
        route.methods = interpret::methods_of(program, at, methods);
    }
    let handler = entry("handler").and_then(|(_, handler, at)| handler_function(program, at, handler)).or(said.handler);
    route.handler = handler;
    let mut declared = options::typed(program, &said.site, &call.type_args, handler);
    options::apply(program, &options, &mut declared, route);
    let mut handling = Handling::new(program, &DIALECT, &said.site);
    if let Some(handler) = handler {
        handling.enter(handler);
    }
    handling.run();
    handling.fill(&declared, route);
    if route.methods.iter().all(|method| matches!(method, Method::Get | Method::Head)) {
        route.body = None;
    }
}
