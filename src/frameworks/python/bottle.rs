//! Bottle: applications, the default application of its module functions, applications mounted on one another.

use crate::base::Name;
use crate::base::code::Expr;
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, PathSyntax, PathText, Place, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::interpret::{self, handler_function, methods_of};
use crate::frameworks::python::answers::{Answers, Library, Made, Sent};
use crate::frameworks::python::bare::{self, Bare};
use crate::frameworks::python::requests::{self, Part};
use crate::frameworks::python::statuses::status_of;
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, Said, Table, VERBS};

/// Bottle.
pub const FRAMEWORK: Framework = Framework {
    id: "python/bottle",
    label: "Bottle",
    languages: &[Language::Python],
    modules: &["bottle"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How routes are told.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Angle,
    owners: &[OwnerRule { makes: &["bottle.Bottle", "bottle.default_app", "bottle.app"], is_root: true, prefix: At::Nowhere }],
    owner_types: &[],
    chain: Chain::No,
    routes: &[
        RouteRule::Verbs { names: VERBS, path: At::Arg(0, "path"), handler: At::Keyword("callback") },
        RouteRule::Named {
            name: "route",
            path: At::Arg(0, "path"),
            methods: At::Arg(1, "method"),
            default: &[Method::Get],
            handler: At::Arg(2, "callback"),
        },
    ],
    mounts: &[
        MountRule { name: "mount", prefix: At::Arg(0, "prefix"), child: At::Arg(1, "app"), replaces_prefix: false, takes_functions: false },
        MountRule { name: "merge", prefix: At::Nowhere, child: At::Arg(0, "routes"), replaces_prefix: false, takes_functions: false },
    ],
    hooks: Hooks { route, owner: None, mount: None },
};

const BARE: Bare = Bare {
    requests: requests::Library { part },
    answers: Library { call: answer, value: |_, _, _| None, has_tuples: false, sends_values: true },
};

fn part(_program: &dyn Program, meaning: &Meaning) -> Option<(Part, Vec<Name>)> {
    let mut rest = meaning.outside()?.strip_prefix("bottle.request.")?.split('.');
    let part = match rest.next()? {
        "query" | "GET" | "params" => Part::Query,
        "forms" | "POST" => Part::Form,
        "files" => Part::Files,
        "json" => Part::Json,
        "body" => Part::Bytes,
        "headers" => Part::Headers,
        "cookies" => Part::Cookies,
        _ => return None,
    };
    Some((part, rest.map(Name::from).collect()))
}

fn answer(answers: &Answers, made: &Made) -> Option<Vec<Sent>> {
    let name = made.path.strip_prefix("bottle.")?.rsplit('.').next()?;
    let status = |position: usize, key: &str| made.call.arg(position, key).and_then(|expr| status_of(answers.program, made.site, expr));
    Some(match name {
        "HTTPResponse" | "Response" => vec![Sent::json(status(1, "status").unwrap_or(200), crate::facts::shape::Shape::Any)],
        "template" | "jinja2_template" | "mako_template" => vec![Sent::page(200)],
        "static_file" => vec![Sent::bytes(200)],
        "redirect" => vec![Sent::nothing(status(1, "code").unwrap_or(302))],
        _ => return None,
    })
}

fn route(said: &Said, route: &mut Route) {
    match said.handler {
        Some(handler) => bare::describe(said.program, BARE, handler, route),
        None => route.methods.clear(),
    }
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    interpret::read(&TABLE, program, file, findings);
    let outline = &program.file(file).outline;
    for (id, function) in (0u32..).zip(&outline.functions) {
        let handler = FuncRef { file, id: crate::base::code::FuncId(id) };
        for decorator in &function.decorators {
            if let Expr::Call(call) = decorator {
                findings.routes.extend(on_default(program, CallRef { file, id: *call }, Some(handler)));
            }
        }
    }
    for (id, call) in (0u32..).zip(&outline.calls) {
        if call.keyword("callback").is_some() {
            findings.routes.extend(on_default(program, CallRef { file, id: crate::base::code::CallId(id) }, None));
        }
    }
}

/// `@route("/hello")`, `@post("/users")`: on the default application.
fn on_default(program: &dyn Program, call: CallRef, handler: Option<FuncRef>) -> Option<Route> {
    let callee = program.callee(call);
    let name = callee.outside()?.strip_prefix("bottle.")?;
    let made = program.call(call);
    let site = Site::of_call(call.file, made);
    let methods = match Method::of(name) {
        Some(method) => vec![method],
        None if name == "route" => made
            .arg(1, "method")
            .map(|methods| methods_of(program, &site, methods))
            .filter(|methods| !methods.is_empty())
            .unwrap_or_else(|| vec![Method::Get]),
        None => return None,
    };
    let handler = handler.or_else(|| handler_function(program, &site, made.keyword("callback")?))?;
    let path = made.arg(0, "path")?;
    let mut route = Route {
        framework: FRAMEWORK.id,
        methods,
        path: PathText::new(program.text(&site, path), TABLE.syntax),
        place: Place { file: call.file, symbol: program.function(handler).name.clone(), line: made.at.line },
        ..Route::default()
    };
    bare::describe(program, BARE, handler, &mut route);
    Some(route)
}
