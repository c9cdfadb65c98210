//! Elysia: chained routes whose third argument says schemas, plugins, groups.
//!
//! Guards and macros (`.guard({…})`, `.macro`, `.derive`) are not read.

use std::collections::BTreeSet;

use crate::base::Name;
use crate::base::code::Expr;
use crate::base::language::Language;
use crate::facts::finding::{
    BodyFinding, Findings, Location, Method, Origin, OwnerKey, ParamFinding, PathSyntax, ResponseFinding, Route, Security, Traits,
};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Mode, Program, Site, Text};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::interpret;
use crate::frameworks::script::handler::{Declared, Handling};
use crate::frameworks::script::{functions, guards, web};
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, Said, Table};

/// Elysia.
pub const FRAMEWORK: Framework = Framework {
    id: "script/elysia",
    label: "Elysia",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["elysia"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const MAKERS: &[&str] = &["elysia.Elysia", "elysia"];

const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Colon,
    owners: &[OwnerRule { makes: MAKERS, is_root: true, prefix: At::Option(0, "prefix") }],
    owner_types: MAKERS,
    chain: Chain::All,
    routes: &[RouteRule::Verbs {
        names: &[
            ("get", &[Method::Get]),
            ("post", &[Method::Post]),
            ("put", &[Method::Put]),
            ("patch", &[Method::Patch]),
            ("delete", &[Method::Delete]),
            ("all", &Method::COMMON),
        ],
        path: At::Position(0),
        handler: At::Position(1),
    }],
    mounts: &[
        MountRule { name: "use", prefix: At::Nowhere, child: At::Position(0), replaces_prefix: false, takes_functions: false },
        MountRule { name: "group", prefix: At::Position(0), child: At::Last, replaces_prefix: false, takes_functions: true },
    ],
    hooks: Hooks { route, owner: None, mount: Some(mount) },
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let mut found = Findings::default();
    interpret::read(&TABLE, program, file, &mut found);
    // A function is given an application only by `group`, said of one: parameters of others are none.
    let mut groups: BTreeSet<Origin> = BTreeSet::new();
    let is_known =
        |owner: &OwnerKey, groups: &BTreeSet<Origin>| !matches!(owner.origin, Origin::Function(_)) || groups.contains(&owner.origin);
    loop {
        let before = groups.len();
        let known = found.mounts.iter().filter(|mount| is_known(&mount.parent, &groups));
        let children: Vec<Origin> = known.flat_map(|mount| mount.children.iter().map(|child| child.origin)).collect();
        groups.extend(children);
        if groups.len() == before {
            break;
        }
    }
    found.mounts.retain(|mount| is_known(&mount.parent, &groups));
    found.routes.retain(|route| route.owner.as_ref().is_some_and(|owner| is_known(owner, &groups)));
    findings.append(found);
}

/// What the object between a group's prefix and its function says for all in it.
fn mount(program: &dyn Program, site: &Site, call: CallRef) -> Traits {
    let made = program.call(call);
    let mut traits = Traits::default();
    if made.args.len() == 3
        && let Some(options) = made.positional(1)
    {
        traits.tags = tags(program, site, options);
    }
    traits
}

fn route(said: &Said, route: &mut Route) {
    let program = said.program;
    if route.path.text.plain().as_deref() == Some("/") {
        route.path.text = Text::default();
    }
    let made = program.call(said.call);
    if let Some(options) = made.positional(2) {
        described(program, &said.site, options, route);
    }
    let Some(handler) = said.handler else { return };
    let mut handling = Handling::new(program, &web::EVENT, &said.site);
    handling.enter(handler);
    handling.run();
    handling.fill(&Declared::default(), route);
    if route.methods.iter().all(|method| *method == Method::Get) {
        route.body = None;
    }
    if route.responses.is_empty() {
        let shape = functions::result(program, handler, &said.site.env, Mode::Write);
        let media = if matches!(shape, Shape::Text(_)) { "text/plain" } else { "application/json" };
        route.responses.push(ResponseFinding { status: "200".into(), contents: vec![(media.into(), shape)], ..ResponseFinding::default() });
    }
    if !guards::is_login(&route.path)
        && let Some(scheme) = guards::in_handler(program, handler)
    {
        route.security = Security::Schemes(vec![scheme]);
    }
}

/// `{ body, query, params, headers, cookie, response, detail }`.
fn described(program: &dyn Program, site: &Site, options: &Expr, route: &mut Route) {
    for (key, value, at) in program.entries(site, options).unwrap_or_default() {
        let location = match key.as_str() {
            "query" => Location::Query,
            "params" => Location::Path,
            "headers" => Location::Header,
            "cookie" => Location::Cookie,
            "body" => {
                let shape = program.shape_of_value(&at, value, Mode::Read);
                route.body = Some(BodyFinding::json(shape));
                continue;
            }
            "response" => {
                answers(program, &at, value, route);
                continue;
            }
            "detail" => {
                detail(program, &at, value, route);
                continue;
            }
            _ => continue,
        };
        let shape = program.shape_of_value(&at, value, Mode::Read);
        route.params.extend(program.record(&shape).into_iter().flat_map(|record| record.members).map(|member| param(location, member)));
    }
    route.tags.extend(tags(program, site, options));
}

fn param(location: Location, member: Member) -> ParamFinding {
    let required = member.required || location == Location::Path;
    ParamFinding { name: member.name, location, required, shape: member.shape, doc: member.doc, deprecated: member.deprecated }
}

/// A schema, or schemas by status.
fn answers(program: &dyn Program, site: &Site, value: &Expr, route: &mut Route) {
    let mut add = |status: Name, shape: Shape| route.responses.push(ResponseFinding::json(&status, shape));
    match program.entries(site, value) {
        Some(entries) => {
            entries.into_iter().for_each(|(status, schema, at)| add(status, program.shape_of_value(&at, schema, Mode::Write)));
        }
        None => add("200".into(), program.shape_of_value(site, value, Mode::Write)),
    }
}

fn detail(program: &dyn Program, site: &Site, value: &Expr, route: &mut Route) {
    for (key, value, at) in program.entries(site, value).unwrap_or_default() {
        let text = || program.text(&at, value).plain().map(Name::from);
        match key.as_str() {
            "summary" => route.summary = text(),
            "description" => route.description = text(),
            "operationId" => route.operation_id = text(),
            "deprecated" => route.deprecated |= matches!(value, Expr::Bool(true)),
            "hide" => route.hidden |= matches!(value, Expr::Bool(true)),
            "tags" => {
                let items = program.items(&at, value).unwrap_or_default();
                route.tags.extend(items.iter().filter_map(|(tag, at)| program.text(at, tag).plain()).map(Name::from));
            }
            _ => {}
        }
    }
}

/// `tags: […]` of options.
fn tags(program: &dyn Program, site: &Site, options: &Expr) -> Vec<Name> {
    let entries = program.entries(site, options).unwrap_or_default();
    let Some((_, listed, at)) = entries.into_iter().find(|(key, ..)| key == "tags") else { return Vec::new() };
    let items = program.items(&at, listed).unwrap_or_default();
    items.iter().filter_map(|(tag, at)| program.text(at, tag).plain()).map(Name::from).collect()
}
