//! What one view takes and gives, and whom it lets in.

use super::views::View;
use crate::base::code::Expr;
use crate::facts::finding::{Method, ResponseFinding, Route, SchemeKind, SchemeUse};
use crate::facts::importers::Importers;
use crate::facts::program::{FuncRef, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::interpret::methods_of;
use crate::frameworks::python::answers::{Answers, Library, Made, Sent, dumped, of_media};
use crate::frameworks::python::bare::{self, Bare, Members};
use crate::frameworks::python::requests::{self, Part};
use crate::frameworks::python::statuses::{named_error, status_of};

const MEMBERS: Members = &[
    ("GET", Part::Query),
    ("params", Part::Query),
    ("POST", Part::Form),
    ("json_body", Part::Json),
    ("json", Part::Json),
    ("body", Part::Bytes),
    ("headers", Part::Headers),
    ("cookies", Part::Cookies),
];

/// A view whose renderer writes JSON.
pub const JSON: Bare = bare(true);
/// A view whose renderer fills in a page, or that answers by itself.
const OTHER: Bare = bare(false);

const fn bare(sends_values: bool) -> Bare {
    Bare {
        requests: requests::Library { part: |program, meaning| bare::part(program, meaning, MEMBERS, &[]) },
        answers: Library { call: answer, value: |_, _, _| None, has_tuples: false, sends_values },
    }
}

/// Permissions that everybody has.
const OPEN: &[&str] = &["__no_permission_required__", "pyramid.security.NO_PERMISSION_REQUIRED"];

fn answer(answers: &Answers, made: &Made) -> Option<Vec<Sent>> {
    let keyword = |key: &str| made.call.keyword(key);
    let name = made.path.rsplit('.').next()?;
    if made.path.starts_with("pyramid.httpexceptions.") || made.path.starts_with("webob.exc.") {
        return named_error(name).filter(|status| *status < 400).map(|status| vec![Sent::nothing(status)]).or_else(|| Some(Vec::new()));
    }
    let is_response = made.path.starts_with("pyramid.response.") || made.path == "webob.Response";
    if !is_response && !made.path.starts_with("pyramid.renderers.") {
        return None;
    }
    let status = keyword("status").or_else(|| keyword("status_code")).and_then(|expr| status_of(answers.program, made.site, expr));
    let status = status.unwrap_or(200);
    let body = keyword("json_body").or_else(|| keyword("json"));
    Some(match name {
        "render_to_response" | "render" => vec![Sent::page(200)],
        "FileResponse" | "FileIter" => vec![Sent::bytes(status)],
        _ => match (body, keyword("content_type").and_then(|media| answers.program.text(made.site, media).plain())) {
            (Some(body), _) => vec![Sent::json(status, answers.shape(made.site, body))],
            (None, Some(media)) if media.contains("json") => {
                let shape = made.call.arg(0, "body").and_then(|body| dumped(answers.program, made.site, body));
                vec![Sent::json(status, shape.unwrap_or_default())]
            }
            (None, Some(media)) => vec![of_media(status, &media)],
            (None, None) if matches!(status, 204 | 304) || made.call.args.is_empty() => vec![Sent::nothing(status)],
            (None, None) => vec![Sent::page(status)],
        },
    })
}

/// The methods a view serves of those its route lets through. Where neither says any, it is read, and written to when it takes a body.
#[must_use]
pub fn methods(program: &dyn Program, view: &View, of_route: &[Method]) -> Vec<Method> {
    if let Some((methods, site)) = view.keyword("request_method").filter(|(value, _)| **value != Expr::Null) {
        return methods_of(program, site, methods);
    }
    if !of_route.is_empty() {
        return of_route.to_vec();
    }
    let body = requests::taken(program, JSON.requests, view.handler).body();
    if body.is_some() { vec![Method::Get, Method::Post] } else { vec![Method::Get] }
}

/// Fills in a route.
pub fn view(program: &dyn Program, view: &View, route: &mut Route) {
    let renderer = view.text(program, "renderer");
    let is_json = match renderer.as_deref() {
        Some(renderer) => matches!(renderer, "json" | "jsonp" | "simplejson"),
        None => view.is_wrapped,
    };
    let is_page =
        renderer.as_deref().is_some_and(|renderer| [".jinja2", ".mako", ".mak", ".pt", ".html"].iter().any(|end| renderer.ends_with(end)));
    route.place.symbol = Default::default();
    bare::describe(program, if is_json { JSON } else { OTHER }, view.handler, route);
    if let Some(class) = program.function(view.handler).class {
        let class = &program.file(view.handler.file).outline.class(class).name;
        route.place.symbol = format!("{class}.{}", route.place.symbol).into();
    }
    if is_page && !route.responses.iter().any(|known| known.status.starts_with('2')) {
        let page = ResponseFinding { contents: vec![("text/html".into(), Shape::Text(None))], ..ResponseFinding::empty("200") };
        route.responses.insert(0, page);
    }
    route.is_implied = view.keyword("request_method").is_none();
    if matches!(route.methods.as_slice(), [Method::Get | Method::Head]) {
        route.body = None;
    }
    route.security.add(asked(program, view).into_iter().collect());
}

/// What a view's configuration asks for.
fn asked(program: &dyn Program, view: &View) -> Option<SchemeUse> {
    let guard = |name: &str| SchemeUse { name: name.into(), kind: SchemeKind::Guard, scopes: Vec::new() };
    if let Some((permission, site)) = view.keyword("permission").filter(|(value, _)| **value != Expr::Null) {
        let is_open = program.resolve(site, permission).is_any(OPEN);
        let name = program.text(site, permission).plain().or_else(|| permission.last_name().map(ToString::to_string))?;
        return (!is_open && !OPEN.contains(&name.as_str()) && !is_everybodys(program, &name)).then(|| guard(&name));
    }
    let is_asked = |key: &str| view.keyword(key).is_some_and(|(value, _)| *value != Expr::Bool(false) && *value != Expr::Null);
    ["is_authenticated", "effective_principals"].iter().any(|key| is_asked(key)).then(|| guard("authenticated"))
}

/// Whether an access list gives a permission to everybody: `(Allow, Everyone, "view")`.
fn is_everybodys(program: &dyn Program, permission: &str) -> bool {
    const MODULES: &[&str] = &["pyramid.security", "pyramid.authorization"];
    let importers = Importers::of(program);
    let lists = importers
        .importing("pyramid")
        .iter()
        .copied()
        .filter(|file| program.file(*file).outline.imports.iter().any(|import| MODULES.contains(&import.module.as_str())));
    let mut stack: Vec<(&Expr, Site)> = Vec::new();
    for file in lists {
        let outline = &program.file(file).outline;
        stack.extend(outline.assigns.iter().map(|assign| (&assign.value, Site::of_scope(file, assign.scope))));
        stack.extend(outline.returns.iter().map(|returned| (&returned.value, Site::of_scope(file, returned.scope))));
    }
    while let Some((expr, site)) = stack.pop() {
        let Expr::List(items) = expr else { continue };
        if let [_, who, what] = &**items
            && program.resolve(&site, who).is_any(&["pyramid.security.Everyone", "pyramid.authorization.Everyone"])
        {
            let names = crate::frameworks::python::literals::texts(program, &site, what);
            if names.iter().any(|name| name == permission) {
                return true;
            }
        }
        stack.extend(items.iter().filter(|item| matches!(item, Expr::List(_))).map(|item| (item, site.clone())));
    }
    false
}

/// The function that serves, as a view of Cornice.
pub fn service(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let symbol = route.place.symbol.clone();
    bare::describe(program, JSON, handler, route);
    if !symbol.is_empty() {
        route.place.symbol = symbol;
    }
}
