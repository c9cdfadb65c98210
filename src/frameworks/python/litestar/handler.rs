//! What one handler takes and gives.

use super::{filters, transfer};
use crate::base::Name;
use crate::base::code::{Call, Expr, ParamKind, Type};
use crate::facts::finding::{BodyFinding, Location, Method, ParamFinding, ResponseFinding, Route};
use crate::facts::members::base;
use crate::facts::program::{ClassRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::annotations::{Annotation, library_call};
use crate::frameworks::python::constraints::annotated;
use crate::frameworks::python::fastapi::title;
use crate::frameworks::python::literals::{literal, texts, truth};
use crate::frameworks::python::statuses::status_of;

/// Parameters that the framework itself gives.
const RESERVED: &[&str] = &["request", "socket", "state", "headers", "cookies", "query", "body", "scope"];

/// How deep dependencies may nest.
const MAX_DEPTH: u32 = 12;

/// Fills in what the decorator and the handler say.
pub fn describe(program: &dyn Program, call: &Call, site: &Site, class: Option<ClassRef>, route: &mut Route) {
    let Some(handler) = route.handler else { return };
    let function = program.function(handler);
    let text = |keyword: &str| call.keyword(keyword).and_then(|expr| program.text(site, expr).plain()).map(Name::from);
    route.summary = text("summary").or_else(|| Some(title(&function.name).into()));
    route.description = text("description").or_else(|| function.doc.clone());
    route.operation_id = text("operation_id");
    route.tags = call.keyword("tags").map(|tags| texts(program, site, tags)).unwrap_or_default();
    route.deprecated = truth(program, site, call.keyword("deprecated")) == Some(true);
    route.hidden = truth(program, site, call.keyword("include_in_schema")) == Some(false);
    let mut taking = Taking { program, params: Vec::new(), filters: Vec::new(), body: None, depth: 0, dependencies: Vec::new() };
    taking.provided(call.keyword("dependencies").map(|expr| (expr, site.clone())));
    taking.provided(class.and_then(|class| program.class_attribute(class, "dependencies")));
    taking.function(handler);
    route.params = taking.params;
    route.body = taking.body;
    transfer::body(program, call, site, class, &mut route.body);
    route.responses = responses(program, call, site, class, route);
}

struct Taking<'p> {
    program: &'p dyn Program,
    params: Vec<ParamFinding>,
    /// What a parameter named `filters` stands for.
    filters: Vec<ParamFinding>,
    body: Option<BodyFinding>,
    dependencies: Vec<(Name, &'p Expr, Site)>,
    depth: u32,
}

impl<'p> Taking<'p> {
    /// `dependencies={"service": Provide(provide_service)}`; the nearest layer comes first.
    fn provided(&mut self, said: Option<(&'p Expr, Site)>) {
        let Some((expr, at)) = said else { return };
        self.dependencies.extend(self.program.entries(&at, expr).unwrap_or_default());
        self.filters.extend(filters::made(self.program, &at, expr));
    }

    fn function(&mut self, function: FuncRef) {
        if self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let declared = self.program.file(function.file).outline.function(function.id);
        let site = self.program.around(function);
        for param in &declared.params {
            let is_plain = matches!(param.kind, ParamKind::Normal | ParamKind::Keyword | ParamKind::Positional);
            if let Some(name) = param.name().filter(|name| is_plain && !RESERVED.contains(&name.as_str())) {
                self.param(&site, name, &param.ty, param.default.as_ref());
            }
        }
        self.depth -= 1;
    }

    fn param(&mut self, site: &Site, name: &Name, ty: &'p Type, default: Option<&'p Expr>) {
        let annotation = Annotation::new(self.program, site, ty);
        if name == "filters" && !self.filters.is_empty() {
            self.params.append(&mut self.filters);
            return;
        }
        if name == "data" && self.depth == 1 {
            return self.data(&annotation);
        }
        if let Some((_, provider, at)) = self.dependencies.iter().find(|(known, ..)| known == name).cloned() {
            return self.provider(&at, provider);
        }
        let marker = default.iter().map(|expr| (*expr, site.clone())).chain(annotation.metadata.iter().cloned());
        let marker = marker.filter_map(|(expr, at)| library_call(self.program, &at, expr)).find(|(path, ..)| path.starts_with("litestar."));
        let mut shape = annotation.shape(self.program, Mode::Read);
        let mut finding =
            ParamFinding { name: name.clone(), required: default.is_none() && !shape.is_nullable(), ..ParamFinding::default() };
        let mut value = default.filter(|_| !matches!(default, Some(Expr::Call(_)))).map(|expr| (expr, site.clone()));
        if let Some((path, call, at)) = &marker {
            if path.ends_with(".Dependency") {
                return;
            }
            let made = self.program.file(call.file).outline.call(call.id);
            shape = annotated(self.program, at, path, made, shape);
            let text = |keyword: &str| made.keyword(keyword).and_then(|expr| self.program.text(at, expr).plain()).map(Name::from);
            for (keyword, location) in [("query", Location::Query), ("header", Location::Header), ("cookie", Location::Cookie)] {
                if let Some(said) = text(keyword) {
                    (finding.name, finding.location) = (said, location);
                }
            }
            finding.doc = text("description");
            if let Some(said) = truth(self.program, at, made.keyword("required")) {
                finding.required = said;
            }
            value = value.or_else(|| made.keyword("default").map(|expr| (expr, at.clone())));
            finding.required &= value.is_none();
        }
        // A library's class of which nothing is known is something the application is given (`db_session: AsyncSession`).
        let is_given =
            shape.is_any() && marker.is_none() && annotation.head(self.program).outside().is_some_and(|path| !path.starts_with("typing"));
        if is_given || !is_parameter(self.program, &shape) {
            return;
        }
        if let Some(value) = value.and_then(|(expr, at)| literal(self.program, &at, expr)).filter(|value| !value.is_null()) {
            shape = shape.with("default", value);
        }
        finding.shape = shape;
        if !self.params.iter().any(|known| known.name == finding.name && known.location == finding.location) {
            self.params.push(finding);
        }
    }

    /// `Provide(f)`, `f`.
    fn provider(&mut self, at: &Site, provider: &'p Expr) {
        let target = match library_call(self.program, at, provider) {
            Some((path, call, _)) if path.ends_with(".Provide") => self.program.file(call.file).outline.call(call.id).arg(0, "dependency"),
            _ => Some(provider),
        };
        match target.map(|target| self.program.produce(at, target)) {
            Some(Meaning::Class(class)) => {
                self.program.method(class, "__init__").into_iter().for_each(|constructor| self.function(constructor));
            }
            Some(meaning) => meaning.function().into_iter().for_each(|function| self.function(function)),
            None => {}
        }
    }

    /// The parameter `data` is the body.
    fn data(&mut self, annotation: &Annotation<'p>) {
        let body = annotation.metadata.iter().filter_map(|(expr, at)| library_call(self.program, at, expr));
        let mut media: Name = "application/json".into();
        for (path, call, at) in body {
            let made = self.program.call(call);
            if path.ends_with(".Body")
                && let Some(said) = made.keyword("media_type")
            {
                media = media_type(self.program, &at, said).unwrap_or(media);
            }
        }
        let shape = annotation.shape(self.program, Mode::Read);
        self.body = Some(BodyFinding { required: !shape.is_nullable(), contents: vec![(media, shape)], doc: None });
    }
}

/// Whether a value of this shape may be a parameter: models and services are not.
fn is_parameter(program: &dyn Program, shape: &Shape) -> bool {
    match base(shape) {
        Shape::Named(key) => match program.expand(key) {
            Shape::Named(_) => false,
            other => !other.is_any() && is_parameter(program, &other),
        },
        Shape::AnyOf(shapes) => shapes.iter().any(|shape| *shape != Shape::Null && is_parameter(program, shape)),
        Shape::List(item) => is_parameter(program, item),
        Shape::Any | Shape::Text(_) | Shape::Int | Shape::Number | Shape::Bool | Shape::Enum(_) => true,
        _ => false,
    }
}

/// `RequestEncodingType.MULTI_PART`, `MediaType.HTML`, or text.
fn media_type(program: &dyn Program, at: &Site, said: &Expr) -> Option<Name> {
    let name = said.last_name().map(Name::as_str).unwrap_or_default();
    Some(match name {
        "MULTI_PART" => "multipart/form-data".into(),
        "URL_ENCODED" => "application/x-www-form-urlencoded".into(),
        "JSON" => "application/json".into(),
        "HTML" => "text/html".into(),
        "TEXT" => "text/plain".into(),
        "MESSAGEPACK" => "application/x-msgpack".into(),
        _ => program.text(at, said).plain().filter(|text| text.contains('/'))?.into(),
    })
}

fn responses(program: &dyn Program, call: &Call, site: &Site, class: Option<ClassRef>, route: &Route) -> Vec<ResponseFinding> {
    let Some(handler) = route.handler else { return Vec::new() };
    let method = route.methods.first().copied().unwrap_or(Method::Get);
    let status = call.keyword("status_code").and_then(|expr| status_of(program, site, expr));
    let status = status.unwrap_or(match method {
        Method::Post => 201,
        Method::Delete => 204,
        _ => 200,
    });
    let said = call.keyword("media_type").and_then(|expr| media_type(program, site, expr));
    let mut main = ResponseFinding::empty(&status.to_string());
    main.doc = call.keyword("response_description").and_then(|expr| program.text(site, expr).plain()).map(Name::from);
    if status != 204 && status != 304 {
        main.contents = content(program, handler, said);
        transfer::response(program, call, site, class, &mut main);
    }
    let mut all = vec![main];
    if !route.params.is_empty() || route.body.is_some() {
        let shape = Shape::record(vec![
            Member::required("status_code", Shape::Int),
            Member::required("detail", Shape::Text(None)),
            Member::optional("extra", Shape::Any),
        ]);
        all.push(ResponseFinding { doc: Some("Bad request syntax or unsupported method".into()), ..ResponseFinding::json("400", shape) });
    }
    all
}

/// The content that the return annotation tells.
fn content(program: &dyn Program, handler: FuncRef, said: Option<Name>) -> Vec<(Name, Shape)> {
    let function = program.function(handler);
    let site = program.around(handler);
    let annotation = Annotation::new(program, &site, &function.returns);
    let head = annotation.head(program);
    let class = head
        .outside()
        .filter(|path| path.starts_with("litestar.") || path.starts_with("starlite."))
        .and_then(|path| path.rsplit('.').next());
    let shape = match class {
        Some("Response") => annotation.to_type().args().first().map_or(Shape::Any, |arg| program.shape_of_type(&site, arg, Mode::Write)),
        Some("Template" | "HTMXTemplate") => return vec![(said.unwrap_or_else(|| "text/html".into()), Shape::Text(None))],
        Some("Redirect" | "File" | "Stream" | "ServerSentEvent") => return Vec::new(),
        Some("OffsetPagination" | "ClassicPagination" | "CursorPagination") => annotation.shape(program, Mode::Write),
        _ => match &function.returns {
            Type::Literal(Expr::Null) => return Vec::new(),
            Type::Unknown => Shape::Any,
            _ => annotation.shape(program, Mode::Write),
        },
    };
    let is_text = matches!(base(&shape), Shape::Text(None));
    vec![(said.unwrap_or_else(|| if is_text { "text/plain".into() } else { "application/json".into() }), shape)]
}
