//! What one handler takes and gives: what it reads, what its decorators declare, what its docstring describes.

use serde_json::{Map, Value};

use super::{inputs, responses};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::finding::{Method, Route, Security};
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Program, Site};
use crate::frameworks::python::guards;
use crate::frameworks::python::literals::literal;
use crate::frameworks::python::requests::{self, Library, Part};
use crate::frameworks::specs;

/// Flask's and Quart's `request`.
const LIBRARY: Library = Library { part };

fn part(program: &dyn Program, meaning: &Meaning) -> Option<(Part, Vec<Name>)> {
    match meaning {
        Meaning::Outside(path) => {
            let mut rest = of_request(path)?.split('.');
            let part = match rest.next()? {
                "args" | "values" => Part::Query,
                "form" => Part::Form,
                "files" => Part::Files,
                "json" => Part::Json,
                "headers" => Part::Headers,
                "cookies" => Part::Cookies,
                "data" => Part::Bytes,
                _ => return None,
            };
            Some((part, rest.map(Name::from).collect()))
        }
        Meaning::Value(Expr::Call(id), at) => {
            let callee = program.callee(CallRef { file: at.file, id: *id });
            let part = match of_request(callee.outside()?)? {
                "get_json" => Part::Json,
                "get_data" => Part::Bytes,
                "args.to_dict" | "values.to_dict" => Part::Query,
                "form.to_dict" => Part::Form,
                _ => return None,
            };
            Some((part, Vec::new()))
        }
        _ => None,
    }
}

fn of_request(path: &str) -> Option<&str> {
    let modules =
        ["flask.request.", "quart.request.", "flask.globals.request.", "quart.globals.request.", "connexion.request.", "apiflask.request."];
    modules.iter().find_map(|module| path.strip_prefix(module))
}

/// A view that is a function: one route for each of its methods.
#[must_use]
pub fn function(program: &dyn Program, route: Route) -> Vec<Route> {
    let Some(handler) = route.handler else { return vec![route] };
    described(program, handler, None, route)
}

/// A method of a class.
#[must_use]
pub fn method(program: &dyn Program, class: ClassRef, route: Route) -> Vec<Route> {
    let Some(handler) = route.handler else { return vec![route] };
    described(program, handler, Some(class), route)
}

fn described(program: &dyn Program, handler: FuncRef, class: Option<ClassRef>, mut route: Route) -> Vec<Route> {
    let declared = program.function(handler);
    let taken = requests::taken(program, LIBRARY, handler);
    route.body = taken.body();
    route.params = taken.params;
    route.responses = responses::responses(program, handler);
    let site = program.around(handler);
    let mut decorators: Vec<(Expr, Site)> = declared.decorators.iter().map(|expr| (expr.clone(), site.clone())).collect();
    route.security = guards::security(program, handler);
    if let Some(class) = class {
        let around = program.around_class(class);
        decorators.extend(program.class(class).decorators.iter().map(|expr| (expr.clone(), around.clone())));
        if route.security == Security::Inherit {
            route.security = class_security(program, class, &declared.name);
        }
    }
    for (decorator, at) in &decorators {
        inputs::decorator(program, at, decorator, &mut route);
    }
    inputs::signature(program, handler, &mut route);
    prose(declared.doc.as_deref(), &mut route);
    let docs = documents(program, &decorators, declared.doc.as_deref());
    by_method(route, &docs)
}

/// `decorators = [login_required]`, `method_decorators = {"get": [login_required]}` of a view class.
fn class_security(program: &dyn Program, class: ClassRef, method: &str) -> Security {
    for name in ["decorators", "method_decorators"] {
        let Some((value, at)) = program.class_attribute(class, name) else { continue };
        let list = match value {
            Expr::Object(_) => {
                let entries = program.entries(&at, value).unwrap_or_default();
                let Some((_, list, _)) = entries.into_iter().find(|(key, ..)| key == method) else { continue };
                list
            }
            other => other,
        };
        if let Expr::List(items) = list {
            return guards::of_decorators(program, &at, items);
        }
    }
    let class_decorators = &program.class(class).decorators;
    guards::of_decorators(program, &program.around_class(class), class_decorators)
}

/// The first paragraph of a docstring is the summary.
fn prose(doc: Option<&str>, route: &mut Route) {
    let Some(text) = doc.map(specs::before_dashes).filter(|text| !text.is_empty()) else { return };
    let mut parts = text.splitn(2, "\n\n");
    let summary: Vec<&str> = parts.next().unwrap_or_default().split_whitespace().collect();
    route.summary.get_or_insert_with(|| summary.join(" ").trim_end_matches('.').into());
    if let Some(rest) = parts.next().map(str::trim).filter(|rest| !rest.is_empty() && route.description.is_none()) {
        route.description = Some(rest.into());
    }
}

/// Specifications of a handler: in its docstring, or given to flasgger's `@swag_from({…})`.
fn documents(program: &dyn Program, decorators: &[(Expr, Site)], doc: Option<&str>) -> Vec<Map<String, Value>> {
    let mut docs: Vec<Map<String, Value>> = doc.and_then(specs::behind_dashes).into_iter().collect();
    for (decorator, at) in decorators {
        let Expr::Call(id) = decorator else { continue };
        let call = program.file(at.file).outline.call(*id);
        if call.callee.last_name().is_some_and(|name| name == "swag_from")
            && let Some(Value::Object(map)) = call.positional(0).and_then(|spec| literal(program, at, spec))
        {
            docs.push(map);
        }
    }
    docs
}

/// One route for each method. What only some methods read is not told apart: those without a body get none.
fn by_method(route: Route, docs: &[Map<String, Value>]) -> Vec<Route> {
    let is_shared = route.methods.len() > 1;
    let mut found = Vec::new();
    for method in &route.methods {
        let mut one = Route { methods: vec![*method], ..route.clone() };
        let bodiless = matches!(method, Method::Get | Method::Head | Method::Options);
        if bodiless && (is_shared || one.body.as_ref().is_some_and(|body| !body.required)) {
            one.body = None;
        }
        for doc in docs {
            if let Some(operation) = specs::operation_for(doc, *method) {
                specs::enrich(&mut one, operation);
            }
        }
        found.push(one);
    }
    found
}
