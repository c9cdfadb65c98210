//! FastAPI and Starlette.
//!
//! - [`depend`]: what a handler and its dependencies take, and which security schemes they ask for.
//! - [`inputs`]: where one parameter stands: path, query, header, cookie, body.
//! - [`body`]: the request body that several fields make.
//! - [`raises`]: errors as statuses.
//! - [`responses`]: what comes back.
//! - [`taken`]: all of it together.
//! - [`schemes`]: what `fastapi.security` offers.
//! - [`routing`]: tables of `Route(…)` and `Mount(…)`.
//!
//! Read from FastAPI 0.115 to 0.163 (`fastapi/dependencies/utils.py`, `fastapi/openapi/utils.py`). `root_path`, exception handlers and
//! WebSocket routes are left out on purpose.

mod body;
mod depend;
mod inputs;
mod raises;
mod responses;
mod routing;
mod schemes;
mod taken;

use crate::base::code::{Call, Expr};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Mount, Origin, OwnerKey, PathSyntax, PathText, Route, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, TextPart};
use crate::frameworks::interpret;
use crate::frameworks::python::literals::{texts, truth};
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, Said, Table, VERBS};
pub use depend::Collector;
pub use taken::Taken;

/// FastAPI and Starlette.
pub const FRAMEWORK: Framework = Framework {
    id: "python/fastapi",
    label: "FastAPI, Starlette",
    languages: &[Language::Python],
    modules: &["fastapi", "starlette", "fastapi_utils", "fastapi_restful"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How routes are told.
pub(super) const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Curly,
    owners: &[
        OwnerRule { makes: &["fastapi.FastAPI", "fastapi.applications.FastAPI"], is_root: true, prefix: At::Nowhere },
        OwnerRule { makes: &["starlette.applications.Starlette"], is_root: true, prefix: At::Nowhere },
        OwnerRule {
            makes: &[
                "fastapi.APIRouter",
                "fastapi.routing.APIRouter",
                "fastapi.router.APIRouter",
                "fastapi_utils.inferring_router.InferringRouter",
                "fastapi_restful.inferring_router.InferringRouter",
            ],
            is_root: false,
            prefix: At::Keyword("prefix"),
        },
        OwnerRule { makes: &["starlette.routing.Router"], is_root: false, prefix: At::Nowhere },
    ],
    owner_types: &["fastapi.FastAPI", "fastapi.APIRouter", "fastapi.routing.APIRouter", "starlette.applications.Starlette"],
    chain: Chain::No,
    routes: &[
        RouteRule::Verbs { names: VERBS, path: At::Arg(0, "path"), handler: At::Nowhere },
        RouteRule::Verbs { names: &[("trace", &[Method::Trace])], path: At::Arg(0, "path"), handler: At::Nowhere },
        RouteRule::Named {
            name: "api_route",
            path: At::Arg(0, "path"),
            methods: At::Keyword("methods"),
            default: &[Method::Get],
            handler: At::Nowhere,
        },
        RouteRule::Named {
            name: "route",
            path: At::Arg(0, "path"),
            methods: At::Arg(1, "methods"),
            default: &[Method::Get],
            handler: At::Nowhere,
        },
        RouteRule::Named {
            name: "add_api_route",
            path: At::Arg(0, "path"),
            methods: At::Keyword("methods"),
            default: &[Method::Get],
            handler: At::Arg(1, "endpoint"),
        },
        RouteRule::Named {
            name: "add_route",
            path: At::Arg(0, "path"),
            methods: At::Arg(2, "methods"),
            default: &[Method::Get],
            handler: At::Arg(1, "route"),
        },
    ],
    mounts: &[
        MountRule {
            name: "include_router",
            prefix: At::Keyword("prefix"),
            child: At::Arg(0, "router"),
            replaces_prefix: false,
            takes_functions: false,
        },
        MountRule { name: "mount", prefix: At::Arg(0, "path"), child: At::Arg(1, "app"), replaces_prefix: false, takes_functions: false },
    ],
    hooks: Hooks { route, owner: Some(shared), mount: Some(shared) },
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let before = findings.owners.len();
    interpret::read(&TABLE, program, file, findings);
    lifespans(program, before, findings);
    routing::read(program, file, findings);
    findings.routes.retain(|route| !is_callback(route));
}

/// `@receipts.post("{$callback_url}/paid")` tells what others serve: the caller of an operation.
fn is_callback(route: &Route) -> bool {
    let starts = route.path.text.0.first();
    route.framework == FRAMEWORK.id && matches!(starts, Some(TextPart::Known(text)) if text.trim_start_matches('/').starts_with("{$"))
}

/// `FastAPI(lifespan=lifespan)`: the function is given the application, and may hang routers on it.
fn lifespans(program: &dyn Program, from: usize, findings: &mut Findings) {
    for owner in findings.owners.get(from..).unwrap_or_default() {
        let Origin::Call(made) = owner.key.origin else { continue };
        let call = program.call(made);
        let Some(lifespan) = call.keyword("lifespan") else { continue };
        let site = Site { env: owner.key.env.clone(), ..Site::of_call(made.file, call) };
        findings.mounts.extend(program.produce(&site, lifespan).function().map(|function| Mount {
            framework: FRAMEWORK.id,
            parent: owner.key.clone(),
            children: vec![OwnerKey::from(function)],
            prefix: PathText::default(),
            replaces_prefix: false,
            traits: Traits::default(),
            place: owner.place.clone(),
        }));
    }
}

/// What the keywords of an owner, of `include_router` or of `mount` say for all routes below.
fn shared(program: &dyn Program, site: &Site, call: CallRef) -> Traits {
    let made = program.call(call);
    let mut traits = Traits {
        tags: made.keyword("tags").map(|tags| texts(program, site, tags)).unwrap_or_default(),
        deprecated: truth(program, site, made.keyword("deprecated")) == Some(true),
        hidden: truth(program, site, made.keyword("include_in_schema")) == Some(false),
        responses: made.keyword("responses").map(|said| responses::additional(program, site, said)).unwrap_or_default(),
        is_apart: made.method().is_some_and(|(_, name)| name == "mount"),
        ..Traits::default()
    };
    let mut collector = Collector::new(program);
    collector.listed(site, made.keyword("dependencies"));
    // What a router's own class gives to `super().__init__(…)`.
    if let Meaning::Class(class) = program.callee(call)
        && let Some((base, at)) = raises::given_to_base(program, class)
    {
        collector.listed(&at, base.keyword("dependencies"));
        traits.tags.extend(base.keyword("tags").map(|tags| texts(program, &at, tags)).unwrap_or_default());
    }
    let taken = collector.finish();
    if taken.takes_something() {
        traits.responses.push(responses::invalid());
    }
    traits.security = taken.security();
    traits.params = taken.params;
    traits
}

/// What a route's call and its handler say.
fn route(said: &Said, route: &mut Route) {
    let program = said.program;
    let call: &Call = program.call(said.call);
    let site = &said.site;
    let handler = said.handler.or_else(|| called_with(said));
    route.handler = handler;
    let name = call.method().map(|(_, name)| name.as_str()).unwrap_or_default();
    if matches!(name, "route" | "add_route") {
        // Starlette's own: the handler is given the request, and no document is made of it.
        if let Some(handler) = handler {
            routing::described(program, handler, route);
        } else if let Some(expr) = said.handler_expr {
            routing::endpoint_methods(program, site, expr, route);
        }
        return;
    }
    keywords(program, site, call, route);
    let mut collector = Collector::new(program);
    collector.listed(site, call.keyword("dependencies"));
    if let Some(handler) = handler {
        route.place.symbol = program.function(handler).name.clone();
        collector.view(handler);
        collector.function(handler, None);
        described(program, handler, route);
    }
    let statuses = collector.raised();
    let taken = collector.finish();
    route.responses = responses::responses(program, site, call, handler);
    if taken.takes_something() && !route.responses.iter().any(|known| known.status == "422") {
        route.responses.push(responses::invalid());
    }
    responses::raised(&statuses, &mut route.responses);
    route.body = body::body(&taken.fields);
    route.security = taken.security();
    route.params = taken.params;
}

/// `router.get("/path")(handler)`.
fn called_with(said: &Said) -> Option<FuncRef> {
    let outline = &said.program.file(said.call.file).outline;
    let outer = outline.calls.iter().find(|call| call.callee == Expr::Call(said.call.id))?;
    said.program.resolve(&Site::of_call(said.call.file, outer), outer.positional(0)?).function()
}

fn keywords(program: &dyn Program, site: &Site, call: &Call, route: &mut Route) {
    let text = |keyword: &str| call.keyword(keyword).and_then(|expr| program.text(site, expr).plain()).filter(|text| !text.is_empty());
    route.tags = call.keyword("tags").map(|tags| texts(program, site, tags)).unwrap_or_default();
    route.summary = text("summary").map(Into::into);
    route.description = text("description").map(Into::into);
    route.operation_id = text("operation_id").map(Into::into);
    route.deprecated = truth(program, site, call.keyword("deprecated")) == Some(true);
    route.hidden = truth(program, site, call.keyword("include_in_schema")) == Some(false);
}

/// Summary and description as the handler's name and docstring give them.
fn described(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let function = program.function(handler);
    if route.summary.is_none() && !function.name.is_empty() {
        route.summary = Some(title(&function.name).into());
    }
    if route.description.is_none() {
        // What stands behind a form feed is not for the document.
        let doc = function.doc.as_ref().map(|doc| doc.split('\u{c}').next().unwrap_or_default().trim());
        route.description = doc.filter(|doc| !doc.is_empty()).map(Into::into);
    }
}

/// The request body of what was collected.
#[must_use]
pub fn body_of(taken: &Taken) -> Option<crate::facts::finding::BodyFinding> {
    body::body(&taken.fields)
}

/// `read_user_me` → `Read User Me`.
#[must_use]
pub fn title(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut begins = true;
    for c in name.chars() {
        let c = if c == '_' { ' ' } else { c };
        if begins {
            text.extend(c.to_uppercase())
        } else {
            text.extend(c.to_lowercase())
        }
        begins = !c.is_alphabetic();
    }
    text
}
