//! Sanic: applications, blueprints and groups of them, versions, method views.
//!
//! A version stands before every prefix whatever says it (`/v2/group/blueprint/route`), so paths are put together here. Read from
//! Sanic 23 to 25 (`sanic/blueprints.py`, `sanic/app.py`).

use crate::base::Name;
use crate::base::code::{Call, CallId, ClassId, Expr};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Origin, PathSyntax, PathText, Place, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::frameworks::interpret::{handler_function, methods_of, owners_of};
use crate::frameworks::python::answers::{Answers, Library, Made, Sent};
use crate::frameworks::python::bare::{self, Bare, Members};
use crate::frameworks::python::requests::{self, Part};
use crate::frameworks::python::statuses::status_of;
use crate::frameworks::table::{At, Chain, Hooks, OwnerRule, Table};

/// Sanic.
pub const FRAMEWORK: Framework = Framework {
    id: "python/sanic",
    label: "Sanic",
    languages: &[Language::Python],
    modules: &["sanic"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const APPS: &[&str] = &["sanic.Sanic", "sanic.app.Sanic"];
const BLUEPRINTS: &[&str] = &["sanic.Blueprint", "sanic.blueprints.Blueprint"];
const GROUPS: &[&str] = &["sanic.Blueprint.group", "sanic.blueprints.Blueprint.group", "sanic.BlueprintGroup"];

/// What routes hang on.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Angle,
    owners: &[
        OwnerRule { makes: APPS, is_root: true, prefix: At::Nowhere },
        OwnerRule { makes: BLUEPRINTS, is_root: false, prefix: At::Nowhere },
        OwnerRule { makes: GROUPS, is_root: false, prefix: At::Nowhere },
    ],
    owner_types: &[],
    chain: Chain::No,
    routes: &[],
    mounts: &[],
    hooks: Hooks { route: |_, _| {}, owner: None, mount: None },
};

const MEMBERS: Members = &[
    ("args", Part::Query),
    ("query_args", Part::Query),
    ("form", Part::Form),
    ("files", Part::Files),
    ("json", Part::Json),
    ("load_json", Part::Json),
    ("body", Part::Bytes),
    ("headers", Part::Headers),
    ("cookies", Part::Cookies),
];
const CALLS: Members = &[("get_args", Part::Query), ("get_form", Part::Form), ("load_json", Part::Json)];

const BARE: Bare = Bare {
    requests: requests::Library { part: |program, meaning| bare::part(program, meaning, MEMBERS, CALLS) },
    answers: Library { call: answer, value: |_, _, _| None, has_tuples: false, sends_values: false },
};

fn answer(answers: &Answers, made: &Made) -> Option<Vec<Sent>> {
    let (module, name) = made.path.rsplit_once('.')?;
    if !matches!(module, "sanic" | "sanic.response" | "sanic.response.convenience" | "sanic.response.types") {
        return None;
    }
    let status = made.call.arg(1, "status").and_then(|expr| status_of(answers.program, made.site, expr)).unwrap_or(200);
    Some(match name {
        "json" | "JSONResponse" => {
            vec![Sent::json(status, made.call.arg(0, "body").map(|body| answers.shape(made.site, body)).unwrap_or_default())]
        }
        "html" => vec![Sent::page(status)],
        "text" => vec![Sent { media: Some("text/plain"), ..Sent::page(status) }],
        "empty" => {
            vec![Sent::nothing(made.call.arg(0, "status").and_then(|expr| status_of(answers.program, made.site, expr)).unwrap_or(204))]
        }
        "redirect" => vec![Sent::nothing(302)],
        "raw" | "file" | "file_stream" | "ResponseStream" => vec![Sent::bytes(status)],
        _ => return None,
    })
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let mut reading = Reading { program, edges: None, findings };
    for (id, call) in (0u32..).zip(&outline.calls) {
        if let Some((receiver, name)) = call.method() {
            let decorated = || outline.functions.iter().position(|it| it.decorators.contains(&Expr::Call(CallId(id))));
            reading.call(file, call, receiver, name, &decorated);
        }
    }
    for (id, class) in (0u32..).zip(&outline.classes) {
        // class Users(HTTPMethodView, attach=app, uri="/users")
        let keyword = |name: &str| class.keywords.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        if let (Some(owner), Some(uri)) = (keyword("attach"), keyword("uri")) {
            let class_ref = ClassRef { file, id: ClassId(id) };
            let site = program.around_class(class_ref);
            let version = keyword("version").map(|version| program.text(&site, version));
            for (prefix, version) in reading.prefixes_of(&site, owner, version.as_ref()) {
                let path = whole(&prefix, version.as_ref(), program.text(&site, uri));
                reading.view(class_ref, &path, class.at.line);
            }
        }
    }
}

/// One thing registered on another.
struct Edge {
    child: CallRef,
    /// The group; none for an application.
    group: Option<CallRef>,
    prefix: Option<Text>,
    version: Option<Text>,
}

/// A prefix, and the version in force.
type Mounted = (Text, Option<Text>);

struct Reading<'p, 'f> {
    program: &'p dyn Program,
    edges: Option<Vec<Edge>>,
    findings: &'f mut Findings,
}

impl Reading<'_, '_> {
    fn call(&mut self, file: FileId, call: &Call, receiver: &Expr, name: &str, decorated: &dyn Fn() -> Option<usize>) {
        let default = match name {
            "route" | "add_route" | "static" => vec![Method::Get],
            _ => match Method::of(name) {
                Some(method) if name == name.to_lowercase() => vec![method],
                _ => return,
            },
        };
        let program = self.program;
        let site = Site::of_call(file, call);
        let is_added = name == "add_route";
        let Some(uri) = (if is_added { call.arg(1, "uri") } else { call.arg(0, "uri") }) else { return };
        let version = call.keyword("version").map(|version| program.text(&site, version));
        let places = self.prefixes_of(&site, receiver, version.as_ref());
        if places.is_empty() {
            return;
        }
        let said = call.keyword("methods").map(|expr| methods_of(program, &site, expr)).filter(|said| !said.is_empty());
        let handler = if is_added { call.arg(0, "handler") } else { None };
        let function = match decorated().and_then(|index| u32::try_from(index).ok()) {
            Some(index) => Some(FuncRef { file, id: crate::base::code::FuncId(index) }),
            None => handler.and_then(|expr| handler_function(program, &site, expr)),
        };
        for (prefix, version) in places {
            let tail = if name == "static" { Text::known("/<file:path>") } else { Text::default() };
            let path = whole(&prefix, version.as_ref(), program.text(&site, uri).then(tail));
            if let Some(view) = handler.and_then(|expr| view_class(program, &site, expr)) {
                self.view(view, &path, call.at.line);
                continue;
            }
            let mut route = Route {
                framework: FRAMEWORK.id,
                methods: said.clone().unwrap_or_else(|| default.clone()),
                path: path.clone(),
                place: Place { file, symbol: Name::default(), line: call.at.line },
                is_implied: name == "static",
                ..Route::default()
            };
            if let Some(function) = function {
                bare::describe(program, BARE, function, &mut route);
            }
            self.findings.routes.push(route);
        }
    }

    /// A class of which each method serves the verb it is named after.
    fn view(&mut self, class: ClassRef, path: &PathText, line: u32) {
        for function in self.program.methods(class) {
            let name = self.program.function(function).name.clone();
            let Some(method) = Method::of(&name).filter(|_| name == name.to_lowercase()) else { continue };
            let symbol = format!("{}.{name}", self.program.class(class).name).into();
            let mut route = Route {
                framework: FRAMEWORK.id,
                methods: vec![method],
                path: path.clone(),
                place: Place { file: function.file, symbol, line },
                ..Route::default()
            };
            bare::describe(self.program, BARE, function, &mut route);
            self.findings.routes.push(route);
        }
    }

    /// Where the receiver of a route is served.
    fn prefixes_of(&mut self, site: &Site, receiver: &Expr, version: Option<&Text>) -> Vec<Mounted> {
        let owners = owners_of(&TABLE, self.program, site, receiver);
        let mut found = Vec::new();
        for owner in owners {
            let Origin::Call(owner) = owner.origin else { continue };
            let places = if self.is_app(owner) { vec![(Text::default(), None)] } else { self.served(owner, 0) };
            found.extend(places.into_iter().map(|(prefix, own)| (prefix, version.cloned().or(own))));
        }
        found
    }

    fn is_app(&self, owner: CallRef) -> bool {
        match self.program.callee(owner) {
            Meaning::Class(class) => self.program.outside_bases(class).iter().any(|base| APPS.contains(&base.as_str())),
            callee => callee.is_any(APPS),
        }
    }

    /// Where a blueprint or group is served: its whole prefix and its version.
    fn served(&mut self, owner: CallRef, depth: u32) -> Vec<Mounted> {
        if depth > 8 {
            return Vec::new();
        }
        let call = self.program.call(owner);
        let site = Site::of_call(owner.file, call);
        let is_group = self.program.callee(owner).is_any(GROUPS);
        let own = if is_group { call.keyword("url_prefix") } else { call.arg(1, "url_prefix") };
        let own = own.filter(|expr| **expr != Expr::Null).map(|expr| self.program.text(&site, expr)).unwrap_or_default();
        let version = call.keyword("version").filter(|expr| **expr != Expr::Null).map(|expr| self.program.text(&site, expr));
        if self.edges.is_none() {
            self.edges = Some(edges(self.program));
        }
        let known = self.edges.as_deref().unwrap_or_default().iter().filter(|edge| edge.child == owner);
        let known: Vec<(Option<CallRef>, Option<Text>, Option<Text>)> =
            known.map(|edge| (edge.group, edge.prefix.clone(), edge.version.clone())).collect();
        let mut found = Vec::new();
        for (group, prefix, said) in known {
            match group {
                Some(group) => {
                    for (above, over) in self.served(group, depth + 1) {
                        found.push((above.then(Text::known("/")).then(own.clone()), version.clone().or(over)));
                    }
                }
                None if is_group => {
                    let above = prefix.unwrap_or_default().then(Text::known("/"));
                    found.push((above.then(own.clone()), version.clone().or(said)));
                }
                None => found.push((prefix.unwrap_or_else(|| own.clone()), version.clone().or(said))),
            }
        }
        found
    }
}

/// Everything that is registered on something.
fn edges(program: &dyn Program) -> Vec<Edge> {
    let mut edges = Vec::new();
    for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language == Language::Python) {
        for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
            let Some((receiver, name)) = call.method() else { continue };
            if !matches!(name.as_str(), "blueprint" | "group" | "append" | "insert") {
                continue;
            }
            let here = CallRef { file, id: CallId(id) };
            let site = Site::of_call(file, call);
            let text = |keyword: &str| call.keyword(keyword).map(|expr| program.text(&site, expr));
            let groups: Vec<Option<CallRef>> = if name == "group" {
                if !program.callee(here).is_any(GROUPS) {
                    continue;
                }
                vec![Some(here)]
            } else {
                calls(program, &site, receiver).into_iter().map(|owner| program.callee(owner).is_any(GROUPS).then_some(owner)).collect()
            };
            let listed = call.args.iter().filter(|arg| arg.name.is_none() || arg.name.as_deref() == Some("blueprint"));
            let children: Vec<CallRef> = listed.flat_map(|arg| children(program, &site, &arg.value)).collect();
            for group in groups {
                let prefix = if name == "group" { None } else { text("url_prefix") };
                let version = if name == "group" { None } else { text("version") };
                edges.extend(children.iter().map(|child| Edge { child: *child, group, prefix: prefix.clone(), version: version.clone() }));
            }
        }
    }
    edges
}

fn children(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<CallRef> {
    let expr = if let Expr::Spread(inner) = expr { inner.as_ref() } else { expr };
    match program.items(site, expr) {
        Some(items) => items.iter().flat_map(|(item, at)| calls(program, at, item)).collect(),
        None => calls(program, site, expr),
    }
}

fn calls(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<CallRef> {
    let owners = owners_of(&TABLE, program, site, expr).into_iter();
    owners.filter_map(|owner| if let Origin::Call(call) = owner.origin { Some(call) } else { None }).collect()
}

/// `View.as_view()`.
fn view_class(program: &dyn Program, site: &Site, handler: &Expr) -> Option<ClassRef> {
    let Expr::Call(id) = handler else { return None };
    let (receiver, name) = program.file(site.file).outline.call(*id).method()?;
    if name != "as_view" {
        return None;
    }
    match program.resolve(site, receiver) {
        Meaning::Class(class) => Some(class),
        _ => None,
    }
}

/// `/v{version}` before the prefix before the route's own path.
fn whole(prefix: &Text, version: Option<&Text>, path: Text) -> PathText {
    let head = match version {
        Some(version) => Text::known("/v").then(version.clone()).then(Text::known("/")),
        None => Text::default(),
    };
    PathText::new(head.then(prefix.clone()).then(path), PathSyntax::Angle)
}
