//! Flask-RESTful and flask-restx: `reqparse` parsers, `api.model({…})`, `@api.expect`, `@api.marshal_with`, `@api.doc`.

use super::inputs;
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, Pattern};
use crate::facts::finding::{Location, ParamFinding, Route};
use crate::facts::program::{CallRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::literals::{literal, texts, truth};
use crate::frameworks::python::statuses::status_of;

/// How deep models may nest.
const MAX_DEPTH: u32 = 8;

/// What a decorator of an API or a namespace declares.
pub fn decorator(program: &dyn Program, site: &Site, made: &Call, name: &str, route: &mut Route) {
    match name {
        "expect" => {
            for arg in made.args.iter().filter(|arg| arg.name.is_none()) {
                expected(program, site, &arg.value, route);
            }
        }
        "marshal_with" | "marshal_list_with" => {
            let Some(model) = made.positional(0) else { return };
            let shape = self::model(program, site, model, Mode::Write);
            let is_list = name == "marshal_list_with" || truth(program, site, made.keyword("as_list")) == Some(true);
            let shape = if is_list { shape.list() } else { shape };
            let envelope = made.keyword("envelope").and_then(|expr| program.text(site, expr).plain());
            let shape = match envelope {
                Some(envelope) => Shape::record(vec![Member::required(envelope, shape)]),
                None => shape,
            };
            let status = made.keyword("code").and_then(|expr| status_of(program, site, expr)).unwrap_or(200);
            inputs::declare(route, status, Some(shape));
        }
        "response" => {
            let Some(status) = made.arg(0, "code").and_then(|expr| status_of(program, site, expr)) else { return };
            let shape =
                made.arg(2, "model").filter(|expr| **expr != Expr::Null).map(|model| self::model(program, site, model, Mode::Write));
            let is_known = route.responses.iter().any(|known| known.status == status.to_string().as_str());
            if shape.is_some() || !is_known {
                inputs::declare(route, status, shape);
            }
            let doc = made.arg(1, "description").and_then(|expr| program.text(site, expr).plain());
            if let Some(known) = route.responses.iter_mut().find(|known| known.status == status.to_string().as_str()) {
                known.doc = doc.map(Name::from).or(known.doc.take());
            }
        }
        "param" => param(program, site, made, route),
        "doc" => doc(program, site, made, route),
        "deprecated" => route.deprecated = true,
        "hide" => route.hidden = true,
        _ => {}
    }
}

/// `@api.param("limit", "How many.", _in="query")`.
fn param(program: &dyn Program, site: &Site, made: &Call, route: &mut Route) {
    let Some(name) = made.arg(0, "name").and_then(|expr| program.text(site, expr).plain()) else { return };
    let doc = made.arg(1, "description").and_then(|expr| program.text(site, expr).plain());
    let location = made.arg(2, "_in").and_then(|expr| program.text(site, expr).plain());
    let location = match location.as_deref() {
        Some("path") => Location::Path,
        Some("header") => Location::Header,
        Some("cookie") => Location::Cookie,
        None | Some("query") => Location::Query,
        _ => return,
    };
    let required = truth(program, site, made.keyword("required")) == Some(true);
    if !route.params.iter().any(|known| known.name == name) {
        let param =
            ParamFinding { name: name.into(), location, required, shape: Shape::Text(None), doc: doc.map(Name::from), deprecated: false };
        route.params.push(param);
    }
}

fn doc(program: &dyn Program, site: &Site, made: &Call, route: &mut Route) {
    let text = |key: &str| made.keyword(key).and_then(|expr| program.text(site, expr).plain()).map(Name::from);
    route.description = text("description").or(route.description.take());
    route.operation_id = text("id")
        .or_else(|| made.positional(0).and_then(|expr| program.text(site, expr).plain()).map(Name::from))
        .or(route.operation_id.take());
    route.deprecated |= truth(program, site, made.keyword("deprecated")) == Some(true);
    for (name, said, at) in made.keyword("params").and_then(|params| program.entries(site, params)).unwrap_or_default() {
        let value = literal(program, &at, said);
        let place = value.as_ref().and_then(|value| value.get("in")).and_then(|place| place.as_str().map(str::to_owned));
        let text = match &value {
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            Some(value) => value.get("description").and_then(|text| text.as_str().map(str::to_owned)),
            None => None,
        };
        let location = match place.as_deref() {
            Some("path") => Location::Path,
            Some("header") => Location::Header,
            Some("body" | "formData") => continue,
            _ => Location::Query,
        };
        if !route.params.iter().any(|known| known.name == name) {
            route.params.push(ParamFinding {
                name,
                location,
                shape: Shape::Text(None),
                doc: text.map(Name::from),
                ..ParamFinding::default()
            });
        }
    }
    if let Some(body) = made.keyword("body").or_else(|| made.keyword("parser")) {
        expected(program, site, body, route);
    }
    if let Some(shape) = made.keyword("model").map(|model| self::model(program, site, model, Mode::Write)) {
        inputs::declare(route, 200, Some(shape));
    }
}

/// A model is the body, a parser says its arguments one by one.
fn expected(program: &dyn Program, site: &Site, expr: &Expr, route: &mut Route) {
    if let Some(arguments) = parser(program, site, expr, 0) {
        let mut form = Vec::new();
        let mut json = Vec::new();
        for (argument, place) in arguments {
            let Member { name, shape, required, doc, .. } = argument.clone();
            let location = match place.as_str() {
                "form" | "files" => {
                    form.push(argument);
                    continue;
                }
                "json" => {
                    json.push(argument);
                    continue;
                }
                "headers" => Location::Header,
                "cookies" => Location::Cookie,
                "view_args" => continue,
                _ => Location::Query,
            };
            route.params.retain(|known| known.name != name || known.location != location);
            route.params.push(ParamFinding { name, location, required, shape, doc, deprecated: false });
        }
        if !json.is_empty() {
            inputs::body(route, "application/json", Shape::record(json));
        } else if !form.is_empty() {
            let has_files = form.iter().any(|member: &Member| member.shape == Shape::format("binary"));
            inputs::body(route, if has_files { "multipart/form-data" } else { "application/x-www-form-urlencoded" }, Shape::record(form));
        }
        return;
    }
    let shape = model(program, site, expr, Mode::Read);
    if !shape.is_any() {
        inputs::body(route, "application/json", shape);
    }
}

/// The arguments of a `RequestParser`, with where they stand; `None` when it is none.
#[must_use]
pub fn parser(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<Vec<(Member, String)>> {
    let meaning = program.resolve(site, expr);
    let (call, at) = meaning.call()?;
    let made = program.call(call);
    let mut found = match program.callee(call) {
        Meaning::Outside(path) if path.ends_with("reqparse.RequestParser") => Vec::new(),
        Meaning::Attribute(..) if depth < MAX_DEPTH => {
            let (receiver, name) = made.method()?;
            if !matches!(name.as_str(), "copy" | "parser") {
                return None;
            }
            let inside = at.moved(call.file, made.scope, made.at.offset);
            if name == "parser" { Vec::new() } else { parser(program, &inside, receiver, depth + 1)? }
        }
        _ => return None,
    };
    // `parser.add_argument(…)` on the name it is bound to.
    let outline = &program.file(call.file).outline;
    let bound = outline.assigns.iter().find(|assign| assign.value == Expr::Call(call.id))?;
    let Pattern::Name(name) = &bound.target else { return Some(found) };
    for added in &outline.calls {
        if let Some((Expr::Ref(of), method)) = added.method()
            && of == name
            && outline.is_within(added.scope, bound.scope)
        {
            let inside = Site::of_call(call.file, added);
            match method.as_str() {
                "add_argument" => {
                    found.retain(|(known, _)| added.positional(0).and_then(Expr::as_str) != Some(known.name.as_str()));
                    found.extend(argument(program, &inside, added));
                }
                "remove_argument" => found.retain(|(known, _)| added.positional(0).and_then(Expr::as_str) != Some(known.name.as_str())),
                _ => {}
            }
        }
    }
    Some(found)
}

fn argument(program: &dyn Program, site: &Site, made: &Call) -> Option<(Member, String)> {
    let name = made.arg(0, "name").and_then(|expr| program.text(site, expr).plain())?;
    let name = name.trim_start_matches('-');
    let kind = made.keyword("type").map(|expr| program.resolve(site, expr));
    let kind = kind.as_ref().and_then(|meaning| match meaning {
        Meaning::Value(Expr::Call(id), at) => program.callee(CallRef { file: at.file, id: *id }).outside().map(str::to_owned),
        other => other.outside().map(str::to_owned),
    });
    let mut shape = match kind.as_deref().map(|path| path.rsplit('.').next().unwrap_or(path)) {
        Some("int" | "positive" | "natural" | "int_range") => Shape::Int,
        Some("float") => Shape::Number,
        Some("bool" | "boolean") => Shape::Bool,
        Some("FileStorage") => Shape::format("binary"),
        Some("dict") => Shape::Map(Box::new(Shape::Any)),
        Some("list") => Shape::Any.list(),
        Some("date" | "date_from_iso8601") => Shape::format("date"),
        Some("datetime" | "datetime_from_iso8601" | "datetime_from_rfc822") => Shape::format("date-time"),
        Some("email") => Shape::format("email"),
        _ => Shape::Text(None),
    };
    let choices = made.keyword("choices").and_then(|expr| literal(program, site, expr));
    if let Some(serde_json::Value::Array(values)) = choices
        && !values.is_empty()
    {
        shape = Shape::Enum(values);
    }
    if matches!(made.keyword("action").and_then(Expr::as_str), Some("append" | "split")) {
        shape = shape.list();
    }
    if let Some(value) = made.keyword("default").and_then(|expr| literal(program, site, expr)).filter(|value| !value.is_null()) {
        shape = shape.with("default", value);
    }
    let is_file = shape == Shape::format("binary");
    let places = made.keyword("location").map(|expr| texts(program, site, expr)).unwrap_or_default();
    let place = places.first().map_or_else(|| if is_file { "files".to_owned() } else { "args".to_owned() }, Name::to_string);
    let doc = made.keyword("help").and_then(|expr| program.text(site, expr).plain()).map(Name::from);
    let required = truth(program, site, made.keyword("required")) == Some(true);
    Some((Member { name: name.into(), shape, required, doc, ..Member::default() }, place))
}

/// The shape of a model: `api.model("User", {…})`, a dict of fields, a list of one.
#[must_use]
pub fn model(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Shape {
    model_at(program, site, expr, mode, 0)
}

fn model_at(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode, depth: u32) -> Shape {
    if depth > MAX_DEPTH {
        return Shape::Any;
    }
    match expr {
        Expr::List(items) => return items.first().map_or(Shape::Any, |item| model_at(program, site, item, mode, depth + 1)).list(),
        Expr::Object(_) => return members(program, site, expr, mode, depth),
        _ => {}
    }
    match program.resolve(site, expr) {
        Meaning::Value(object @ Expr::Object(_), at) => members(program, &at, object, mode, depth),
        Meaning::Value(list @ Expr::List(_), at) => model_at(program, &at, list, mode, depth + 1),
        Meaning::Value(Expr::Call(id), at) => {
            let call = CallRef { file: at.file, id: *id };
            let made = program.call(call);
            let inside = at.moved(at.file, made.scope, made.at.offset);
            match made.callee.last_name().map(Name::as_str) {
                Some("model" | "Model" | "OrderedModel") => {
                    made.arg(1, "model").map_or(Shape::Any, |fields| model_at(program, &inside, fields, mode, depth + 1))
                }
                Some("inherit" | "clone" | "extend") => inherited(program, &inside, made, mode, depth),
                Some("schema_model") => match made.positional(1).and_then(|schema| literal(program, &inside, schema)) {
                    Some(schema) => crate::frameworks::specs::shape(&schema),
                    None => Shape::Any,
                },
                _ => Shape::Any,
            }
        }
        _ => Shape::Any,
    }
}

/// `api.inherit("Child", parent, {…})`.
fn inherited(program: &dyn Program, site: &Site, made: &Call, mode: Mode, depth: u32) -> Shape {
    let mut all: Vec<Member> = Vec::new();
    let receiver = made.method().map(|(receiver, _)| receiver);
    let parts = receiver.into_iter().chain(made.args.iter().filter(|arg| arg.name.is_none()).skip(1).map(|arg| &arg.value));
    for part in parts {
        if let Shape::Record(record) = model_at(program, site, part, mode, depth + 1) {
            all.retain(|member| record.member(&member.name).is_none());
            all.extend(record.members);
        }
    }
    if all.is_empty() { Shape::Any } else { Shape::record(all) }
}

fn members(program: &dyn Program, site: &Site, object: &Expr, mode: Mode, depth: u32) -> Shape {
    let entries = program.entries(site, object).unwrap_or_default();
    let found = entries.into_iter().filter_map(|(name, value, at)| {
        let (shape, said) = field(program, &at, value, mode, depth)?;
        let required = said.is_some_and(|made| truth(program, &at, made.keyword("required")) == Some(true));
        let read_only = said.is_some_and(|made| truth(program, &at, made.keyword("readonly")) == Some(true));
        let doc = said.and_then(|made| made.keyword("description")).and_then(|expr| program.text(&at, expr).plain());
        (!(read_only && mode == Mode::Read)).then(|| Member {
            name,
            shape,
            required,
            read_only,
            doc: doc.map(Name::from),
            ..Member::default()
        })
    });
    Shape::record(found.collect())
}

fn field<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr, mode: Mode, depth: u32) -> Option<(Shape, Option<&'p Call>)> {
    if depth > MAX_DEPTH {
        return None;
    }
    let meaning = program.resolve(site, expr);
    let (path, call) = match &meaning {
        Meaning::Outside(path) => (path.to_string(), None),
        Meaning::Value(Expr::Call(id), at) => {
            let call = CallRef { file: at.file, id: *id };
            let path = match program.callee(call) {
                Meaning::Outside(path) => path.to_string(),
                Meaning::Class(class) => program.outside_bases(class).first()?.to_string(),
                _ => return None,
            };
            (path, Some((program.file(at.file).outline.call(CallId(id.0)), at.clone())))
        }
        Meaning::Value(object @ Expr::Object(_), at) => return Some((members(program, at, object, mode, depth + 1), None)),
        Meaning::Class(class) => (program.outside_bases(*class).first()?.to_string(), None),
        _ => return None,
    };
    let kind =
        ["flask_restx.fields.", "flask_restplus.fields.", "flask_restful.fields."].iter().find_map(|prefix| path.strip_prefix(prefix))?;
    let first = |position: usize, key: &str| call.as_ref().and_then(|(made, at)| made.arg(position, key).map(|expr| (expr, at)));
    let shape = match kind {
        "String" | "FormattedString" | "ClassName" => Shape::Text(None),
        "Integer" => Shape::Int,
        "Float" | "Arbitrary" | "Fixed" | "Price" => Shape::Number,
        "Boolean" => Shape::Bool,
        "DateTime" => Shape::format("date-time"),
        "Date" => Shape::format("date"),
        "Url" => Shape::format("uri"),
        "List" => first(0, "cls_or_instance")
            .and_then(|(inner, at)| field(program, at, inner, mode, depth + 1))
            .map_or(Shape::Any, |(shape, _)| shape)
            .list(),
        "Nested" => first(0, "model").map_or(Shape::Any, |(inner, at)| model_at(program, at, inner, mode, depth + 1)),
        _ => Shape::Any,
    };
    let is_list = call.as_ref().is_some_and(|(made, at)| truth(program, at, made.keyword("as_list")) == Some(true));
    let shape = if is_list { shape.list() } else { shape };
    let choices = call.as_ref().and_then(|(made, at)| literal(program, at, made.keyword("enum")?));
    let shape = match choices {
        Some(serde_json::Value::Array(values)) if !values.is_empty() => Shape::Enum(values),
        _ => shape,
    };
    Some((shape, call.map(|(made, _)| made)))
}
