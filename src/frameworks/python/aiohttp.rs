//! aiohttp's server: `app.router.add_get(…)`, `app.add_routes([web.get(…)])`, `RouteTableDef`, class views, sub-applications.

use crate::base::Name;
use crate::base::code::{Call, CallId, ClassId, Expr, FuncId};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Mount, OwnerKey, PathSyntax, PathText, Place, Route, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{ClassRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::facts::shape::Shape;
use crate::frameworks::interpret::{self, handler_function, owners_of};
use crate::frameworks::python::answers::{Answers, Library, Made, Sent, of_media};
use crate::frameworks::python::bare::{self, Bare, Members};
use crate::frameworks::python::requests::{self, Part};
use crate::frameworks::python::statuses::status_of;
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, Table};

/// aiohttp.
pub const FRAMEWORK: Framework = Framework {
    id: "python/aiohttp",
    label: "aiohttp",
    languages: &[Language::Python],
    modules: &["aiohttp"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// What routes hang on.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Curly,
    owners: &[
        OwnerRule { makes: &["aiohttp.web.Application"], is_root: true, prefix: At::Nowhere },
        OwnerRule { makes: &["aiohttp.web.RouteTableDef"], is_root: false, prefix: At::Nowhere },
    ],
    owner_types: &["aiohttp.web.Application"],
    chain: Chain::Through(&["router"]),
    routes: &[],
    mounts: &[MountRule {
        name: "add_subapp",
        prefix: At::Arg(0, "prefix"),
        child: At::Arg(1, "subapp"),
        replaces_prefix: false,
        takes_functions: false,
    }],
    hooks: Hooks { route: |_, _| {}, owner: None, mount: None },
};

const MEMBERS: Members = &[("query", Part::Query), ("headers", Part::Headers), ("cookies", Part::Cookies)];
const CALLS: Members = &[("json", Part::Json), ("post", Part::Form), ("text", Part::Bytes), ("read", Part::Bytes)];

const BARE: Bare = Bare {
    requests: requests::Library { part: |program, meaning| bare::part(program, meaning, MEMBERS, CALLS) },
    answers: Library { call: answer, value: |_, _, _| None, has_tuples: false, sends_values: false },
};

fn answer(answers: &Answers, made: &Made) -> Option<Vec<Sent>> {
    let name = made.path.strip_prefix("aiohttp.web.").or_else(|| made.path.strip_prefix("aiohttp_jinja2."))?;
    let keyword = |key: &str| made.call.keyword(key);
    let status = keyword("status").and_then(|expr| status_of(answers.program, made.site, expr)).unwrap_or(200);
    Some(match name {
        "json_response" => {
            vec![Sent::json(status, made.call.arg(0, "data").map(|data| answers.shape(made.site, data)).unwrap_or_default())]
        }
        "Response" => match keyword("content_type").and_then(|expr| answers.program.text(made.site, expr).plain()) {
            Some(media) => vec![of_media(status, &media)],
            None if keyword("text").is_some() => vec![Sent { status, media: Some("text/plain"), shape: Shape::Text(None) }],
            None if keyword("body").is_some() => vec![Sent::bytes(status)],
            None => vec![Sent::nothing(status)],
        },
        "FileResponse" | "StreamResponse" => vec![Sent::bytes(status)],
        "render_template" => vec![Sent::page(status)],
        _ => return None,
    })
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    interpret::read(&TABLE, program, file, findings);
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let Some((receiver, name)) = call.method() else { continue };
        let decorator = Expr::Call(CallId(id));
        let mut reading = Reading { program, file, findings };
        match name.as_str() {
            "add_routes" => reading.listed(call, receiver),
            _ if name.starts_with("add_") => reading.added(call, receiver, name),
            _ => {
                let method = if name == "view" { None } else { Method::of(name) };
                if name != "view" && name != "route" && method.is_none() {
                    continue;
                }
                let function = outline.functions.iter().position(|it| it.decorators.contains(&decorator));
                let class = outline.classes.iter().position(|it| it.decorators.contains(&decorator));
                let target = match (function, class) {
                    (Some(index), _) => u32::try_from(index).ok().map(|index| Target::Function(FuncRef { file, id: FuncId(index) })),
                    (_, Some(index)) => u32::try_from(index).ok().map(|index| Target::Class(ClassRef { file, id: ClassId(index) })),
                    _ => continue,
                };
                let Some(target) = target else { continue };
                let site = Site::of_call(file, call);
                let position = usize::from(name == "route");
                let said = if name == "route" { methods_at(program, &site, call, 0) } else { method.into_iter().collect() };
                let owners = owners_of(&TABLE, program, &site, receiver);
                reading.route(&site, &owners, said, call.arg(position, "path"), &target, call.at.line);
            }
        }
    }
}

/// What serves a route.
enum Target {
    Function(FuncRef),
    Class(ClassRef),
}

struct Reading<'p, 'f> {
    program: &'p dyn Program,
    file: FileId,
    findings: &'f mut Findings,
}

impl Reading<'_, '_> {
    /// `add_get(path, handler)`, `add_route(method, path, handler)`, `add_view(path, View)`.
    fn added(&mut self, call: &Call, receiver: &Expr, name: &str) {
        let (said, first) = match name {
            "add_route" => (None, 1),
            "add_view" => (Some(Vec::new()), 0),
            _ => match name.strip_prefix("add_").and_then(Method::of) {
                Some(method) => (Some(vec![method]), 0),
                None => return,
            },
        };
        let site = Site::of_call(self.file, call);
        let owners = owners_of(&TABLE, self.program, &site, receiver);
        let said = said.unwrap_or_else(|| methods_at(self.program, &site, call, 0));
        let Some(target) = call.arg(first + 1, "handler").and_then(|expr| self.target(&site, expr)) else { return };
        self.route(&site, &owners, said, call.arg(first, "path"), &target, call.at.line);
    }

    /// `add_routes([web.get("/", index), …])`, `add_routes(routes)`.
    fn listed(&mut self, call: &Call, receiver: &Expr) {
        let site = Site::of_call(self.file, call);
        let owners = owners_of(&TABLE, self.program, &site, receiver);
        let Some(list) = call.arg(0, "routes").filter(|_| !owners.is_empty()) else { return };
        let tables = owners_of(&TABLE, self.program, &site, list);
        if !tables.is_empty() {
            return self.mounted(&owners, tables, call.at.line);
        }
        for (item, at) in self.program.items(&site, list).unwrap_or_default() {
            if let Expr::Spread(inner) = item {
                let tables = owners_of(&TABLE, self.program, &at, inner);
                self.mounted(&owners, tables, call.at.line);
                continue;
            }
            let meaning = self.program.produce(&at, item);
            let Some((made, at)) = meaning.call() else { continue };
            let Meaning::Outside(path) = self.program.callee(made) else { continue };
            let Some(name) = path.strip_prefix("aiohttp.web.") else { continue };
            let made = self.program.call(made);
            let (said, first) = match name {
                "route" => (methods_at(self.program, at, made, 0), 1),
                "view" => (Vec::new(), 0),
                _ => match Method::of(name) {
                    Some(method) => (vec![method], 0),
                    None => continue,
                },
            };
            let Some(target) = made.arg(first + 1, "handler").and_then(|expr| self.target(at, expr)) else { continue };
            self.route(at, &owners, said, made.arg(first, "path"), &target, made.at.line);
        }
    }

    fn mounted(&mut self, owners: &[OwnerKey], children: Vec<OwnerKey>, line: u32) {
        for parent in owners {
            self.findings.mounts.push(Mount {
                framework: FRAMEWORK.id,
                parent: parent.clone(),
                children: children.clone(),
                prefix: PathText::default(),
                replaces_prefix: false,
                traits: Traits::default(),
                place: Place { file: self.file, symbol: Name::default(), line },
            });
        }
    }

    fn target(&self, site: &Site, expr: &Expr) -> Option<Target> {
        match self.program.resolve(site, expr) {
            Meaning::Class(class) => Some(Target::Class(class)),
            _ => handler_function(self.program, site, expr).map(Target::Function),
        }
    }

    fn route(&mut self, site: &Site, owners: &[OwnerKey], said: Vec<Method>, path: Option<&Expr>, target: &Target, line: u32) {
        let Some(path) = path else { return };
        let text: Text = self.program.text(site, path);
        let handlers: Vec<(Vec<Method>, FuncRef, Name)> = match target {
            Target::Function(function) => vec![(said, *function, Name::default())],
            Target::Class(class) => {
                let methods = self.program.methods(*class).into_iter().filter_map(|method| {
                    let name = &self.program.function(method).name;
                    let verb = Method::of(name).filter(|_| *name == name.to_lowercase())?;
                    Some((vec![verb], method, format!("{}.{name}", self.program.class(*class).name).into()))
                });
                methods.collect()
            }
        };
        for owner in owners {
            for (methods, handler, symbol) in &handlers {
                let mut route = Route {
                    framework: FRAMEWORK.id,
                    owner: Some(owner.clone()),
                    methods: methods.clone(),
                    path: PathText::new(text.clone(), PathSyntax::Curly),
                    place: Place { file: self.file, symbol: symbol.clone(), line },
                    ..Route::default()
                };
                bare::describe(self.program, BARE, *handler, &mut route);
                self.findings.routes.push(route);
            }
        }
    }
}

/// The method a text names; `*` is every one.
fn methods_at(program: &dyn Program, site: &Site, call: &Call, position: usize) -> Vec<Method> {
    let text = call.arg(position, "method").and_then(|expr| program.text(site, expr).plain());
    match text.as_deref() {
        Some("*") => Method::COMMON.to_vec(),
        Some(name) => Method::of(name).into_iter().collect(),
        None => Vec::new(),
    }
}
