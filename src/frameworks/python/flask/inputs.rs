//! Decorators that declare inputs and outputs: webargs, flask-smorest, APIFlask, flask-apispec, flask-restx, flask-pydantic; and
//! signatures that do (flask-openapi3, flask-pydantic).

use super::restx;
use crate::base::Name;
use crate::base::code::{Call, Expr, Type};
use crate::facts::finding::{BodyFinding, Location, Method, ParamFinding, ResponseFinding, Route, SchemeKind, SchemeUse, Security};
use crate::facts::program::{CallRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::literals::{texts, truth};
use crate::frameworks::python::statuses::status_of;
use crate::frameworks::python::{marshmallow, pydantic};

/// What one decorator declares.
pub fn decorator(program: &dyn Program, site: &Site, expr: &Expr, route: &mut Route) {
    let Expr::Call(id) = expr else { return };
    let call = CallRef { file: site.file, id: *id };
    let made = program.call(call);
    let Some(library) = library_of(program, call) else { return };
    let name = made.callee.last_name().map_or("", |name| name.as_str());
    let location = made.keyword("location").and_then(|expr| program.text(site, expr).plain());
    match (library.as_str(), name) {
        ("webargs" | "flask_apispec" | "flask_smorest" | "apiflask", "use_kwargs" | "use_args" | "arguments" | "input" | "query_args") => {
            let Some(schema) = made.positional(0).or_else(|| made.keyword("argmap")).or_else(|| made.keyword("schema")) else { return };
            let bodiless = route.methods.iter().all(|method| matches!(method, Method::Get | Method::Head | Method::Delete));
            let default = if bodiless { "query" } else { "json" };
            let location = location.or_else(|| older_location(program, site, made)).unwrap_or_else(|| default.to_owned());
            arguments(program, site, schema, &location, route);
        }
        ("flask_smorest", "response" | "alt_response") => {
            let status = made.arg(0, "status_code").and_then(|expr| status_of(program, site, expr)).unwrap_or(200);
            output(program, site, made.arg(1, "schema"), status, route);
        }
        ("apiflask", "output") => {
            let status = made.keyword("status_code").or_else(|| made.positional(1)).and_then(|expr| status_of(program, site, expr));
            output(program, site, made.positional(0), status.unwrap_or(200), route);
        }
        ("flask_apispec", "marshal_with") => {
            let status = made.arg(1, "code").and_then(|expr| status_of(program, site, expr)).unwrap_or(200);
            output(program, site, made.positional(0), status, route);
        }
        ("apiflask", "doc") => described(program, site, made, route),
        ("apiflask", "auth_required") => {
            let name: Name = made.positional(0).and_then(Expr::last_name).cloned().unwrap_or_else(|| "auth".into());
            route.security = Security::Schemes(vec![SchemeUse { name, kind: SchemeKind::Bearer, scopes: Vec::new() }]);
        }
        ("flask_restx" | "flask_restplus" | "flask_restful", _) => restx::decorator(program, site, made, name, route),
        ("flask_openapi3", _) => described(program, site, made, route),
        _ => {}
    }
}

/// The library a decorator is of: by its own path, or by what made the object whose method it is.
fn library_of(program: &dyn Program, call: CallRef) -> Option<String> {
    let made = program.call(call);
    let root = |path: &str| path.split('.').next().unwrap_or(path).to_owned();
    match program.callee(call) {
        Meaning::Outside(path) => Some(root(&path)),
        Meaning::Attribute(of, _) => match of.as_ref() {
            Meaning::Instance(class) => program.outside_bases(*class).first().map(|base| root(base)),
            _ => {
                let (maker, _) = of.call()?;
                match program.callee(maker) {
                    Meaning::Outside(path) => Some(root(&path)),
                    Meaning::Class(class) => program.outside_bases(class).first().map(|base| root(base)),
                    // `ns = api.namespace("users")`
                    Meaning::Attribute(inner, name) if name == "namespace" => {
                        let (api, _) = inner.call()?;
                        program.callee(api).outside().map(root)
                    }
                    _ => None,
                }
            }
        },
        Meaning::Param(..) | Meaning::Unknown => made.callee.last_name().and(None),
        _ => None,
    }
}

/// `locations=("query",)` of older webargs.
fn older_location(program: &dyn Program, site: &Site, made: &Call) -> Option<String> {
    texts(program, site, made.keyword("locations")?).first().map(Name::to_string)
}

fn arguments(program: &dyn Program, site: &Site, schema: &Expr, location: &str, route: &mut Route) {
    let dict = marshmallow::dict_members(program, site, schema, Mode::Read);
    let shape = match dict {
        Some(members) => Shape::record(members),
        None => marshmallow::schema_at(program, site, schema, Mode::Read)
            .unwrap_or_else(|| program.shape_of_type(site, &Type::spelled(schema), Mode::Read)),
    };
    match location {
        "query" | "querystring" => params(program, &shape, Location::Query, route),
        "headers" | "header" => params(program, &shape, Location::Header, route),
        "cookies" | "cookie" => params(program, &shape, Location::Cookie, route),
        "form" => body(route, "application/x-www-form-urlencoded", shape),
        "files" | "form_and_files" => body(route, "multipart/form-data", shape),
        "path" | "view_args" => params(program, &shape, Location::Path, route),
        _ => body(route, "application/json", shape),
    }
}

/// The members of a shape as parameters.
pub fn params(program: &dyn Program, shape: &Shape, location: Location, route: &mut Route) {
    for member in program.record(shape).map(|record| record.members).unwrap_or_default() {
        let Member { name, shape, required, doc, deprecated, .. } = member;
        route.params.retain(|known| known.name != name || known.location != location);
        route.params.push(ParamFinding { name, location, required, shape, doc, deprecated });
    }
}

/// A declared body takes the place of what was guessed from reads. Several forms are one.
pub fn body(route: &mut Route, media: &str, shape: Shape) {
    let declared: Vec<(Name, Shape)> = match route.body.take() {
        Some(old) if media == "multipart/form-data" => match old.contents.into_iter().find(|(_, old)| matches!(old, Shape::Record(_))) {
            Some((_, old)) => vec![(media.into(), crate::facts::members::all_of([old, shape]))],
            None => vec![(media.into(), shape)],
        },
        _ => vec![(media.into(), shape)],
    };
    route.body = Some(BodyFinding { required: true, contents: declared, doc: None });
}

/// A declared response takes the place of what returned values tell.
pub fn output(program: &dyn Program, site: &Site, schema: Option<&Expr>, status: u16, route: &mut Route) {
    let shape = match schema {
        None | Some(Expr::Null) => None,
        Some(schema) => Some(
            marshmallow::schema_at(program, site, schema, Mode::Write)
                .or_else(|| marshmallow::dict_members(program, site, schema, Mode::Write).map(Shape::record))
                .unwrap_or_else(|| program.shape_of_type(site, &Type::spelled(schema), Mode::Write)),
        ),
    };
    declare(route, status, shape);
}

/// Puts a declared response in its place; other successes were guesses.
pub fn declare(route: &mut Route, status: u16, shape: Option<Shape>) {
    let text = status.to_string();
    if status < 300 {
        route.responses.retain(|known| !known.status.starts_with('2'));
    }
    route.responses.retain(|known| known.status != text.as_str());
    route.responses.push(match shape {
        Some(shape) => ResponseFinding::json(&text, shape),
        None => ResponseFinding::empty(&text),
    });
}

fn described(program: &dyn Program, site: &Site, made: &Call, route: &mut Route) {
    let text = |key: &str| made.keyword(key).and_then(|expr| program.text(site, expr).plain()).map(Name::from);
    route.summary = text("summary").or(route.summary.take());
    route.description = text("description").or(route.description.take());
    route.operation_id = text("operation_id").or(route.operation_id.take());
    route.deprecated |= truth(program, site, made.keyword("deprecated")) == Some(true);
    route.hidden |= truth(program, site, made.keyword("hide")) == Some(true);
    for tag in made.keyword("tags").map(|tags| texts(program, site, tags)).unwrap_or_default() {
        route.tags.push(tag);
    }
    for (status, model) in made
        .keyword("responses")
        .and_then(|said| program.entries(site, said))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(status, model, at)| Some((status.parse::<u16>().ok()?, (model, at))))
    {
        let (model, at) = model;
        if matches!(program.resolve(&at, model), Meaning::Class(_)) {
            output(program, &at, Some(model), status, route);
        }
    }
}

/// Parameters of a view named `query`, `body`, `form`, … that are models: flask-openapi3 and flask-pydantic.
pub fn signature(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let declared = program.function(handler);
    let site = program.around(handler);
    for param in &declared.params {
        let (Some(name), Meaning::Class(class)) = (param.name(), program.resolve_type(&site, &param.ty)) else { continue };
        if !pydantic::is_model(program, class) {
            continue;
        }
        let shape = program.shape_of_class(class, Vec::new(), Mode::Read);
        match name.as_str() {
            "query" => params(program, &shape, Location::Query, route),
            "header" => params(program, &shape, Location::Header, route),
            "cookie" => params(program, &shape, Location::Cookie, route),
            "path" => params(program, &shape, Location::Path, route),
            "body" | "json" => body(route, "application/json", shape),
            "form" => body(route, "multipart/form-data", shape),
            _ => {}
        }
    }
}
