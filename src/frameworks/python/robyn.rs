//! Robyn: applications and sub-routers, `:id` in paths.

use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, PathSyntax, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::interpret;
use crate::frameworks::python::answers::{Answers, Library, Made, Sent};
use crate::frameworks::python::bare::{self, Bare, Members};
use crate::frameworks::python::requests::{self, Part};
use crate::frameworks::python::statuses::status_of;
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, Said, Table, VERBS};

/// Robyn.
pub const FRAMEWORK: Framework = Framework {
    id: "python/robyn",
    label: "Robyn",
    languages: &[Language::Python],
    modules: &["robyn"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How routes are told.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Colon,
    owners: &[
        OwnerRule { makes: &["robyn.Robyn"], is_root: true, prefix: At::Nowhere },
        OwnerRule { makes: &["robyn.SubRouter", "robyn.router.SubRouter"], is_root: false, prefix: At::Arg(1, "prefix") },
    ],
    owner_types: &[],
    chain: Chain::No,
    routes: &[
        RouteRule::Verbs { names: VERBS, path: At::Arg(0, "endpoint"), handler: At::Nowhere },
        RouteRule::Named {
            name: "add_route",
            path: At::Arg(1, "endpoint"),
            methods: At::Arg(0, "route_type"),
            default: &[Method::Get],
            handler: At::Arg(2, "handler"),
        },
    ],
    mounts: &[MountRule {
        name: "include_router",
        prefix: At::Nowhere,
        child: At::Arg(0, "router"),
        replaces_prefix: false,
        takes_functions: false,
    }],
    hooks: Hooks { route, owner: None, mount: None },
};

const MEMBERS: Members =
    &[("query_params", Part::Query), ("form_data", Part::Form), ("files", Part::Files), ("body", Part::Bytes), ("headers", Part::Headers)];
const CALLS: Members = &[("json", Part::Json)];

const BARE: Bare = Bare {
    requests: requests::Library { part: |program, meaning| bare::part(program, meaning, MEMBERS, CALLS) },
    answers: Library { call: answer, value: |_, _, _| None, has_tuples: true, sends_values: true },
};

fn answer(answers: &Answers, made: &Made) -> Option<Vec<Sent>> {
    let name = made.path.strip_prefix("robyn.")?.rsplit('.').next()?;
    let status = made.call.arg(0, "status_code").and_then(|expr| status_of(answers.program, made.site, expr)).unwrap_or(200);
    Some(match name {
        "jsonify" => vec![Sent::json(200, made.call.positional(0).map(|body| answers.shape(made.site, body)).unwrap_or_default())],
        "Response" => vec![Sent::json(status, crate::facts::shape::Shape::Any)],
        "html" | "serve_html" => vec![Sent::page(200)],
        "serve_file" => vec![Sent::bytes(200)],
        _ => return None,
    })
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    interpret::read(&TABLE, program, file, findings);
}

fn route(said: &Said, route: &mut Route) {
    if let Some(handler) = said.handler {
        bare::describe(said.program, BARE, handler, route);
    }
}
