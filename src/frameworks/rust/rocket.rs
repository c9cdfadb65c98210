//! Rocket, and rocket_okapi.
//!
//! `mount` names a prefix and a list of functions; methods, path and inputs stand in each function's macro. Catchers are left out on
//! purpose. Functions that nothing mounts count only where nothing at all is mounted.
//!
//! Read from Rocket 0.5.

use super::http::extract::{Extractor, Via, members_of, param_of};
use super::http::types::{Head, TypeAt};
use super::http::{self, macro_symbols, placeholders, respond};
use crate::base::Name;
use crate::base::code::{Call, CallId, CallKind, Expr, FuncId, Param, Type};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Location, Method, ParamFinding, PathSyntax, PathText, Place, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::members::without_null;
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text};
use crate::facts::shape::Shape;

/// Rocket.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/rocket",
    label: "Rocket, rocket_okapi",
    languages: &[Language::Rust],
    modules: &["rocket", "rocket_okapi"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How deep lists of routes may nest.
const MAX_DEPTH: u32 = 8;

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if http::is_test_file(program, file) {
        return;
    }
    let outline = &program.file(file).outline;
    for call in outline.calls.iter().filter(|call| call.method().is_some_and(|(_, name)| name == "mount")) {
        if http::is_test(program, file, call.scope) {
            continue;
        }
        let site = Site::of_call(file, call);
        let (Some(prefix), Some(routes)) = (call.positional(0), call.positional(1)) else { continue };
        let prefix = program.text(&site, prefix);
        let mut handlers = Vec::new();
        listed(program, &site, routes, &mut handlers, 0);
        for handler in handlers {
            serve(program, handler, &prefix, findings);
        }
    }
    if !mounts_something(program) {
        for id in (0u32..).zip(&outline.functions).filter(|(_, function)| !function.flags.is_test).map(|(id, _)| FuncId(id)) {
            serve(program, FuncRef { file, id }, &Text::default(), findings);
        }
    }
}

fn mounts_something(program: &dyn Program) -> bool {
    struct Mounts(bool);
    let mounts = program.answers().once(|| {
        Mounts((0..program.file_count()).map(FileId).any(|file| {
            let calls = &program.file(file).outline.calls;
            calls.iter().any(|call| call.method().is_some_and(|(_, name)| name == "mount") && call.args.len() == 2)
        }))
    });
    mounts.0
}

/// The functions in `routes![…]`, in lists of routes, in what functions return.
fn listed(program: &dyn Program, site: &Site, expr: &Expr, found: &mut Vec<FuncRef>, depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    match expr {
        Expr::List(items) => items.iter().for_each(|item| listed(program, site, item, found, depth + 1)),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            if call.kind == CallKind::Macro {
                let is_routes = call.callee.last_name().is_some_and(|name| {
                    matches!(
                        name.as_str(),
                        "routes" | "openapi_get_routes" | "openapi_routes" | "openapi_get_routes_spec" | "openapi_routes_spec"
                    )
                });
                if is_routes {
                    let functions = call.args.iter().filter_map(|arg| http::function_of(program, site, &arg.value));
                    found.extend(functions);
                } else {
                    call.args.iter().for_each(|arg| listed(program, site, &arg.value, found, depth + 1));
                }
                return;
            }
            let Meaning::Function(function, _) = program.callee(CallRef { file: site.file, id: *id }) else {
                if let Some((receiver, _)) = call.method() {
                    listed(program, site, receiver, found, depth + 1);
                    call.args.iter().for_each(|arg| listed(program, site, &arg.value, found, depth + 1));
                }
                return;
            };
            let facts = program.file(function.file);
            for index in facts.returns_of(function.id) {
                let value = &facts.outline.returns[*index as usize];
                let at = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: None };
                listed(program, &at, &value.value, found, depth + 1);
            }
        }
        Expr::Ref(_) | Expr::Member(..) => {
            if let Expr::Ref(name) = expr {
                appended(program, site, name, found, depth);
            }
            let meaning = program.resolve(site, expr);
            let value = match &meaning {
                Meaning::Value(value, at) => Some((*value, at)),
                // `let (routes, spec) = openapi_get_routes_spec![…];`
                Meaning::Attribute(of, _) => of.value(),
                _ => None,
            };
            if let Some((value, at)) = value
                && !matches!(value, Expr::Ref(_) | Expr::Member(..))
            {
                listed(program, at, value, found, depth + 1);
            }
        }
        _ => {}
    }
}

/// `routes.append(&mut users::routes())`, `routes.extend(…)` in the same function.
fn appended(program: &dyn Program, site: &Site, name: &str, found: &mut Vec<FuncRef>, depth: u32) {
    let outline = &program.file(site.file).outline;
    let around = outline.function_around(site.scope);
    for call in outline.calls.iter().filter(|call| outline.function_around(call.scope) == around) {
        let Some((Expr::Ref(receiver), method)) = call.method() else { continue };
        if receiver == name && matches!(method.as_str(), "append" | "extend" | "push" | "extend_from_slice") {
            let at = Site::of_call(site.file, call);
            call.args.iter().for_each(|arg| listed(program, &at, &arg.value, found, depth + 1));
        }
    }
}

/// What a macro says of its function.
struct Said<'p> {
    method: Method,
    path: Text,
    query: String,
    call: &'p Call,
}

fn said(program: &dyn Program, handler: FuncRef) -> Option<Said<'_>> {
    let outline = &program.file(handler.file).outline;
    outline.function(handler.id).decorators.iter().find_map(|decorator| match decorator {
        Expr::Call(id) => said_by(program, handler, *id, outline.call(*id)),
        _ => None,
    })
}

fn said_by<'p>(program: &'p dyn Program, handler: FuncRef, id: CallId, call: &'p Call) -> Option<Said<'p>> {
    let name = macro_symbols(program, handler.file, id)
        .into_iter()
        .find_map(|path| path.strip_prefix("rocket.").or_else(|| path.strip_prefix("builtins.")).map(Name::from))?;
    let site = program.around(handler);
    let first = call.positional(0);
    let (method, path) = if name == "route" {
        // `#[route(GET, uri = "/x")]`, `#[route("/x", method = GET)]`.
        let named = call.keyword("method").and_then(Expr::last_name).or_else(|| first.and_then(Expr::last_name))?;
        (Method::of(named)?, call.keyword("uri").or(first.filter(|first| first.as_str().is_some()))?)
    } else {
        (Method::of(&name)?, first.or_else(|| call.keyword("uri"))?)
    };
    let text = program.text(&site, path).plain()?;
    let (path, query) = text.split_once('?').unwrap_or((&text, ""));
    Some(Said { method, path: Text::known(path), query: query.to_owned(), call })
}

fn serve(program: &dyn Program, handler: FuncRef, prefix: &Text, findings: &mut Findings) {
    let Some(said) = said(program, handler) else { return };
    let function = program.function(handler);
    let whole = match prefix.plain() {
        Some(prefix) => Text::known(&format!("{}{}", prefix.trim_end_matches('/'), said.path.plain().unwrap_or_default())),
        None => prefix.clone().then(said.path.clone()),
    };
    let mut route = Route {
        framework: FRAMEWORK.id,
        methods: vec![said.method],
        path: PathText::new(whole, PathSyntax::Angle),
        place: Place { file: handler.file, symbol: function.name.clone(), line: function.at.line },
        handler: Some(handler),
        ..Route::default()
    };
    inputs(program, handler, &said, &mut route);
    route.responses = respond::responses(program, handler);
    http::documented(program, handler, &mut route);
    described(program, handler, &mut route);
    http::utoipa::apply(program, handler, &mut route);
    findings.routes.push(route);
}

/// `#[openapi(tag = "Users")]` of rocket_okapi.
fn described(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let function = program.file(handler.file).outline.function(handler.id);
    let attributes = super::attributes::Attributes::new(program, handler.file, &function.decorators);
    if let Some(tag) = attributes.text("openapi", "tag") {
        route.tags.push(tag.into());
    }
    if let Some(id) = attributes.text("openapi", "operation_id") {
        route.operation_id = Some(id.into());
    }
    route.hidden |= attributes.says("openapi", "skip");
}

fn inputs(program: &dyn Program, handler: FuncRef, said: &Said, route: &mut Route) {
    let function = program.file(handler.file).outline.function(handler.id);
    let in_path = placeholders(&said.path.plain().unwrap_or_default(), PathSyntax::Angle);
    let in_query: Vec<&str> = said.query.split('&').filter(|part| !part.is_empty()).collect();
    let data = said.call.keyword("data").and_then(Expr::as_str).map(|text| text.trim_matches(['<', '>']).to_owned());
    let mut extractor = Extractor::new(program, Vec::new(), false);
    for param in function.params.iter().filter(|param| param.ty != Type::Unknown) {
        let Some(name) = param.name() else { continue };
        let at = TypeAt::signed(program, handler, &param.ty);
        let asked = in_query.iter().find(|part| part.trim_matches(['<', '>', '.']) == name.as_str());
        if in_path.contains(name) {
            let shape = without_null(at.shape(program, Mode::Read));
            extractor.add(ParamFinding { name: name.clone(), location: Location::Path, required: true, shape, ..ParamFinding::default() });
        } else if let Some(part) = asked {
            query(program, &at, param, part.contains(".."), &mut extractor);
        } else if data.as_deref() == Some(name.as_str()) {
            body(program, &at, &mut extractor, 0);
        } else {
            extractor.param(&at, None, false, 0);
        }
    }
    // `?hello` and `?kind=big` must stand there as they are.
    for part in in_query.iter().filter(|part| !part.starts_with('<')) {
        let name = part.split('=').next().unwrap_or(part);
        extractor.add(ParamFinding { name: name.into(), required: true, shape: Shape::Text(None), ..ParamFinding::default() });
    }
    route.params = extractor.taken.params;
    route.body = extractor.taken.body;
    route.security.add(extractor.taken.security);
}

/// `?<page>&<filter..>`: a value, or the fields of a form.
fn query<'p>(program: &'p dyn Program, at: &TypeAt<'p>, param: &Param, is_spread: bool, extractor: &mut Extractor<'p>) {
    let shape = at.shape(program, Mode::Read);
    let is_optional = shape.is_nullable() || param.ty.last_name().is_some_and(|name| matches!(name.as_str(), "Option" | "Result" | "Vec"));
    let shape = without_null(shape);
    let members = members_of(program, &shape, 0);
    if members.is_empty() || !is_spread {
        let name = param.name().cloned().unwrap_or_default();
        extractor.add(ParamFinding { name, required: !is_optional, shape, ..ParamFinding::default() });
        return;
    }
    for member in members {
        extractor.add(param_of(member, Location::Query, is_optional));
    }
}

/// `data = "<body>"`: through its guard, `Json<T>`, `Form<T>`; anything else is raw.
fn body<'p>(program: &'p dyn Program, at: &TypeAt<'p>, extractor: &mut Extractor<'p>, depth: u32) {
    let head = at.head(program);
    let Some((_, name)) = head.ends() else { return extractor.param(at, None, false, depth) };
    match (name, &head) {
        ("Form" | "LenientForm" | "Strict" | "Contextual", Head::Outside(_, args)) if !args.is_empty() => {
            if matches!(args[0].head(program).ends(), Some((_, "Strict" | "Contextual" | "Form"))) && depth < MAX_DEPTH {
                return body(program, &args[0], extractor, depth + 1);
            }
            let shape = args[0].shape(program, Mode::Read);
            let media = if has_file(program, &shape) { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
            extractor.via(Via::Body(media), &args[0], false);
        }
        ("Option" | "Result", Head::Outside(_, args)) if !args.is_empty() && depth < MAX_DEPTH => {
            body(program, &args[0], extractor, depth + 1);
            if let Some(body) = &mut extractor.taken.body {
                body.required = false;
            }
        }
        ("str", _) => extractor.body("text/plain", Shape::Text(None), false),
        _ => extractor.param(at, None, false, depth),
    }
}

fn has_file(program: &dyn Program, shape: &Shape) -> bool {
    members_of(program, shape, 0).iter().any(|member| matches!(&member.shape, Shape::Text(Some(format)) if format == "binary"))
}
