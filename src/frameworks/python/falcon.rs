//! Falcon: `app.add_route("/things/{id}", Things(), suffix="item")`, resources with `on_get` and the like.

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, Pattern};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, OwnerKey, PathSyntax, PathText, Place, ResponseFinding, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text};
use crate::frameworks::interpret;
use crate::frameworks::python::answers::Library;
use crate::frameworks::python::bare::{self, Bare, Members};
use crate::frameworks::python::requests::{self, Part};
use crate::frameworks::python::statuses::status_of;
use crate::frameworks::table::{At, Chain, Hooks, OwnerRule, Table};

/// Falcon.
pub const FRAMEWORK: Framework = Framework {
    id: "python/falcon",
    label: "Falcon",
    languages: &[Language::Python],
    modules: &["falcon"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// What makes applications; routes are read here.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Curly,
    owners: &[OwnerRule { makes: &["falcon.App", "falcon.API", "falcon.asgi.App"], is_root: true, prefix: At::Nowhere }],
    owner_types: &["falcon.App", "falcon.API", "falcon.asgi.App"],
    chain: Chain::No,
    routes: &[],
    mounts: &[],
    hooks: Hooks { route: |_, _| {}, owner: None, mount: None },
};

const MEMBERS: Members = &[
    ("params", Part::Query),
    ("media", Part::Json),
    ("cookies", Part::Cookies),
    ("headers", Part::Headers),
    ("stream", Part::Bytes),
    ("bounded_stream", Part::Bytes),
];
const CALLS: Members = &[("get_media", Part::Json)];

const BARE: Bare = Bare {
    requests: requests::Library { part: |program, meaning| bare::part(program, meaning, MEMBERS, CALLS) },
    answers: Library { call: |_, _| None, value: |_, _, _| None, has_tuples: false, sends_values: false },
};

const VERBS: [(&str, Method); 6] = [
    ("get", Method::Get),
    ("post", Method::Post),
    ("put", Method::Put),
    ("patch", Method::Patch),
    ("delete", Method::Delete),
    ("head", Method::Head),
];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    interpret::read(&TABLE, program, file, findings);
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let Some((receiver, name)) = call.method() else { continue };
        if !matches!(name.as_str(), "add_route" | "add_static_route") {
            continue;
        }
        let site = Site::of_call(file, call);
        if interpret::owners_of(&TABLE, program, &site, receiver).is_empty() {
            continue;
        }
        let exprs: Vec<&Expr> = std::iter::once(receiver).chain(call.args.iter().map(|arg| &arg.value)).collect();
        for site in program.instances(&site, &exprs) {
            for owner in interpret::owners_of(&TABLE, program, &site, receiver) {
                let said = Saying { program, owner, site: site.clone(), call: CallRef { file, id: CallId(id) } };
                if name == "add_route" {
                    said.resource(call, findings);
                } else {
                    findings.routes.extend(said.files(call));
                }
            }
        }
    }
}

struct Saying<'p> {
    program: &'p dyn Program,
    owner: OwnerKey,
    site: Site,
    call: CallRef,
}

impl Saying<'_> {
    fn route(&self, text: Text, methods: Vec<Method>, symbol: Name, line: u32) -> Route {
        Route {
            framework: FRAMEWORK.id,
            owner: Some(self.owner.clone()),
            methods,
            path: PathText::new(text, TABLE.syntax),
            place: Place { file: self.call.file, symbol, line },
            ..Route::default()
        }
    }

    fn resource(&self, call: &Call, findings: &mut Findings) {
        let (Some(path), Some(resource)) = (call.arg(0, "uri_template"), call.arg(1, "resource")) else { return };
        let Some(class) = self.class(resource) else { return };
        let suffix = call.keyword("suffix").and_then(|suffix| self.program.text(&self.site, suffix).plain());
        let suffix = suffix.map(|suffix| format!("_{suffix}")).unwrap_or_default();
        for (verb, method) in VERBS {
            let Some(handler) = self.program.method(class, &format!("on_{verb}{suffix}")) else { continue };
            let function = self.program.function(handler);
            let symbol = format!("{}.{}", self.program.class(class).name, function.name);
            let mut route = self.route(self.program.text(&self.site, path), vec![method], symbol.into(), function.at.line);
            bare::describe(self.program, BARE, handler, &mut route);
            route.summary = None;
            if matches!(method, Method::Get | Method::Head) {
                route.body = None;
            }
            route.responses = responses(self.program, handler, route.responses);
            findings.routes.push(route);
        }
    }

    fn class(&self, resource: &Expr) -> Option<ClassRef> {
        match self.program.produce(&self.site, resource) {
            Meaning::Instance(class) => Some(class),
            Meaning::Value(Expr::Call(id), at) => self.program.callee(CallRef { file: at.file, id: *id }).class(),
            _ => None,
        }
    }

    /// `app.add_static_route("/assets", "./public")`.
    fn files(&self, call: &Call) -> Option<Route> {
        let prefix = self.program.text(&self.site, call.arg(0, "prefix")?).plain()?;
        let text = Text::known(&format!("{}/{{filename}}", prefix.trim_end_matches('/')));
        Some(Route { is_implied: true, ..self.route(text, vec![Method::Get], Name::default(), call.at.line) })
    }
}

/// What a responder puts on the response: `resp.media = …`, `resp.status = falcon.HTTP_201`.
fn responses(program: &dyn Program, handler: FuncRef, errors: Vec<ResponseFinding>) -> Vec<ResponseFinding> {
    let outline = &program.file(handler.file).outline;
    let declared = outline.function(handler.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let (mut status, mut response) = (200, ResponseFinding::default());
    for assign in outline.assigns.iter().filter(|assign| within(assign.at.offset)) {
        let Pattern::Place(Expr::Member(of, name)) = &assign.target else { continue };
        if !matches!(of.as_ref(), Expr::Ref(name) if matches!(name.as_str(), "resp" | "response" | "_resp")) {
            continue;
        }
        let at = Site { file: handler.file, scope: assign.scope, offset: assign.at.offset, env: None };
        match name.as_str() {
            "status" => status = status_of(program, &at, &assign.value).filter(|status| *status < 400).unwrap_or(status),
            "media" => response.contents = vec![("application/json".into(), program.shape_of_value(&at, &assign.value, Mode::Write))],
            "text" | "body" if response.contents.is_empty() => {
                response.contents = vec![("text/plain".into(), crate::facts::shape::Shape::Text(None))];
            }
            _ => {}
        }
    }
    response.status = status.to_string().into();
    std::iter::once(response).chain(errors.into_iter().filter(|error| !error.status.starts_with('2'))).collect()
}
