//! Starlette's tables of `Route("/", home)` and `Mount("/api", …)`, and endpoints that are classes.

use super::{FRAMEWORK, TABLE};
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::finding::{Findings, Method, Mount, OwnerKey, PathText, Place, Route};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::interpret::{handler_function, methods_of, owners_of};
use crate::frameworks::python::answers::{Answers, Library, Made, Sent};
use crate::frameworks::python::bare::{self, Bare, Members};
use crate::frameworks::python::requests::{self, Part};
use crate::frameworks::python::statuses::status_of;

/// How deep mounts may nest.
const MAX_DEPTH: u32 = 16;

/// Reads the tables that applications and routers of this file are given.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let call_ref = CallRef { file, id: CallId(id) };
        let Some(routes) = call.keyword("routes") else { continue };
        let is_owner = match program.callee(call_ref) {
            Meaning::Outside(path) => TABLE.owners.iter().any(|rule| rule.makes.contains(&path.as_str())),
            Meaning::Class(class) => {
                let bases = program.outside_bases(class);
                TABLE.owners.iter().any(|rule| bases.iter().any(|base| rule.makes.contains(&base.as_str())))
            }
            _ => false,
        };
        if is_owner {
            let mut reading = Reading { program, owner: OwnerKey::from(call_ref), findings };
            reading.table(&Site::of_call(file, call), routes, &PathText::default(), 0);
        }
    }
}

struct Reading<'p, 'f> {
    program: &'p dyn Program,
    owner: OwnerKey,
    findings: &'f mut Findings,
}

impl Reading<'_, '_> {
    fn table(&mut self, site: &Site, routes: &Expr, prefix: &PathText, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        for (item, at) in self.program.items(site, routes).unwrap_or_default() {
            let meaning = self.program.produce(&at, item);
            let Some((call, at)) = meaning.call() else { continue };
            let Meaning::Outside(path) = self.program.callee(call) else { continue };
            let made = self.program.call(call);
            match path.as_str() {
                "starlette.routing.Route" | "fastapi.routing.APIRoute" => self.route(made, call, at, prefix),
                "starlette.routing.Mount" => self.mount(made, call, at, prefix, depth),
                "starlette.routing.Host" => {
                    if let Some(app) = made.arg(1, "app") {
                        self.mounted(made, call, at, app, prefix.clone());
                    }
                }
                _ => {}
            }
        }
    }

    fn route(&mut self, made: &Call, call: CallRef, at: &Site, prefix: &PathText) {
        let Some(path) = made.arg(0, "path") else { return };
        let Some(endpoint) = made.arg(1, "endpoint") else { return };
        let text = prefix.text.clone().then(self.program.text(at, path));
        let handler = handler_function(self.program, at, endpoint);
        let methods = made.keyword("methods").map(|expr| methods_of(self.program, at, expr)).unwrap_or_default();
        let mut route = Route {
            framework: FRAMEWORK.id,
            owner: Some(self.owner.clone()),
            methods: if methods.is_empty() { vec![Method::Get] } else { methods },
            path: PathText::new(text, TABLE.syntax),
            handler,
            place: place(call, made, endpoint.last_name().cloned().unwrap_or_default()),
            ..Route::default()
        };
        match handler {
            Some(handler) => described(self.program, handler, &mut route),
            None if made.keyword("methods").is_none() => endpoint_methods(self.program, at, endpoint, &mut route),
            None => {}
        }
        self.findings.routes.push(route);
    }

    fn mount(&mut self, made: &Call, call: CallRef, at: &Site, prefix: &PathText, depth: u32) {
        let path = made.arg(0, "path").map(|path| self.program.text(at, path)).unwrap_or_default();
        let prefix = PathText::new(prefix.text.clone().then(path), TABLE.syntax);
        if let Some(routes) = made.keyword("routes") {
            self.table(at, routes, &prefix, depth + 1);
        } else if let Some(app) = made.arg(1, "app") {
            self.mounted(made, call, at, app, prefix);
        }
    }

    fn mounted(&mut self, made: &Call, call: CallRef, at: &Site, app: &Expr, prefix: PathText) {
        let children = owners_of(&TABLE, self.program, at, app);
        if !children.is_empty() {
            self.findings.mounts.push(Mount {
                framework: FRAMEWORK.id,
                parent: self.owner.clone(),
                children,
                prefix,
                replaces_prefix: false,
                traits: crate::facts::finding::Traits { is_apart: true, ..Default::default() },
                place: place(call, made, Name::default()),
            });
        }
    }
}

fn place(call: CallRef, made: &Call, symbol: Name) -> Place {
    Place { file: call.file, symbol, line: made.at.line }
}

/// The methods of an endpoint that is a class: `class Home(HTTPEndpoint): async def get(self, request)`.
pub fn endpoint_methods(program: &dyn Program, site: &Site, endpoint: &Expr, route: &mut Route) {
    let Meaning::Class(class) = program.resolve(site, endpoint) else { return };
    let methods = class_methods(program, class);
    route.place.symbol = program.class(class).name.clone();
    if !methods.is_empty() {
        route.methods = methods;
    }
}

fn class_methods(program: &dyn Program, class: ClassRef) -> Vec<Method> {
    let named = program.methods(class).into_iter().filter_map(|method| {
        let name = &program.function(method).name;
        Method::of(name).filter(|_| *name == name.to_lowercase())
    });
    let mut methods: Vec<Method> = named.collect();
    methods.sort();
    methods.dedup();
    methods
}

const MEMBERS: Members = &[("query_params", Part::Query), ("headers", Part::Headers), ("cookies", Part::Cookies)];
const CALLS: Members = &[("json", Part::Json), ("form", Part::Form), ("body", Part::Bytes)];

const BARE: Bare = Bare {
    requests: requests::Library { part: |program, meaning| bare::part(program, meaning, MEMBERS, CALLS) },
    answers: Library { call: answer, value: |_, _, _| None, has_tuples: false, sends_values: false },
};

fn answer(answers: &Answers, made: &Made) -> Option<Vec<Sent>> {
    let (module, name) = made.path.rsplit_once('.')?;
    if !matches!(module, "starlette.responses" | "fastapi.responses" | "fastapi" | "starlette.templating") {
        return None;
    }
    let status = made.call.arg(1, "status_code").and_then(|expr| status_of(answers.program, made.site, expr)).unwrap_or(200);
    Some(match name {
        "JSONResponse" | "ORJSONResponse" | "UJSONResponse" => {
            vec![Sent::json(status, made.call.arg(0, "content").map(|content| answers.shape(made.site, content)).unwrap_or_default())]
        }
        "HTMLResponse" | "TemplateResponse" => vec![Sent::page(status)],
        "PlainTextResponse" => vec![Sent { media: Some("text/plain"), ..Sent::page(status) }],
        "RedirectResponse" => vec![Sent::nothing(307)],
        "Response" if made.call.arg(0, "content").is_none() => vec![Sent::nothing(status)],
        "Response" | "StreamingResponse" | "FileResponse" => vec![Sent::bytes(status)],
        _ => return None,
    })
}

/// What a handler that is given the bare request reads and answers.
pub fn described(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    route.place.symbol = program.function(handler).name.clone();
    bare::describe(program, BARE, handler, route);
}
