//! `#[utoipa::path(…)]`: what it says of a handler. The path that is served is the one of the mount; see [`path_of`] for mounts that
//! say none.
//!
//! Read from utoipa-gen 5.4.

use super::extract::{members_of, param_of};
use super::{placeholders, schemes, statuses};
use crate::base::Name;
use crate::base::code::{Arg, Call, CallKind, Expr, Type};
use crate::facts::finding::{BodyFinding, Location, Method, ParamFinding, PathSyntax, ResponseFinding, Route, SchemeUse, Security};
use crate::facts::members::without_null;
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site, Text};
use crate::facts::shape::Shape;
use crate::frameworks::rust::attributes::{Attributes, spelled};

/// The attribute of a handler.
#[must_use]
pub fn attribute(program: &dyn Program, handler: FuncRef) -> Option<&Call> {
    let file = program.file(handler.file);
    let decorators = &file.outline.function(handler.id).decorators;
    Attributes::new(program, handler.file, decorators).all("path").find(|call| {
        let is_spelled = matches!(&call.callee, Expr::Member(base, _) if base.last_name().is_some_and(|name| name == "utoipa"));
        call.kind == CallKind::Attribute && (is_spelled || matches!(call.callee, Expr::Ref(_)))
    })
}

/// Methods and path that the attribute gives.
#[must_use]
pub fn path_of(program: &dyn Program, handler: FuncRef) -> Option<(Vec<Method>, Text)> {
    let call = attribute(program, handler)?;
    let site = program.around(handler);
    let text = |key: &str| call.keyword(key).map(|expr| program.text(&site, expr));
    let path = text("path").unwrap_or_default();
    let path = match text("context_path") {
        Some(context) => context.then(path),
        None => path,
    };
    Some((methods(program, handler, call), path))
}

fn methods(program: &dyn Program, handler: FuncRef, call: &Call) -> Vec<Method> {
    let mut found: Vec<Method> = Vec::new();
    for arg in call.args.iter().filter(|arg| arg.name.is_none()) {
        match &arg.value {
            Expr::Ref(name) => found.extend(Method::of(name)),
            Expr::Call(id) => {
                let inner = program.file(handler.file).outline.call(*id);
                if inner.callee.last_name().is_some_and(|name| name == "method") {
                    found.extend(inner.args.iter().filter_map(|arg| arg.value.last_name()).filter_map(|name| Method::of(name)));
                }
            }
            _ => {}
        }
    }
    found
}

struct Reading<'p> {
    program: &'p dyn Program,
    handler: FuncRef,
    site: Site,
}

/// Adds what the attribute says to a route. It beats what the signature tells.
pub fn apply(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let Some(call) = attribute(program, handler) else { return };
    let reading = Reading { program, handler, site: program.around(handler) };
    reading.words(call, route);
    if let Some(params) = reading.nested(call, "params") {
        reading.params(params, route);
    }
    reading.body(call, route);
    if let Some(responses) = reading.nested(call, "responses") {
        let said: Vec<ResponseFinding> = responses.args.iter().flat_map(|arg| reading.response(arg)).collect();
        if !said.is_empty() {
            route.responses = said;
        }
    }
    if let Some(security) = reading.nested(call, "security") {
        reading.security(security, route);
    }
}

impl<'p> Reading<'p> {
    fn call_of(&self, expr: &'p Expr) -> Option<&'p Call> {
        match expr {
            Expr::Call(id) => Some(self.program.file(self.handler.file).outline.call(*id)),
            _ => None,
        }
    }

    fn nested(&self, call: &'p Call, name: &str) -> Option<&'p Call> {
        call.args.iter().filter_map(|arg| self.call_of(&arg.value)).find(|call| call.callee.last_name().is_some_and(|last| last == name))
    }

    fn text(&self, expr: &Expr) -> Option<Name> {
        self.program.text(&self.site, expr).plain().filter(|text| !text.is_empty()).map(Name::from)
    }

    fn words(&self, call: &'p Call, route: &mut Route) {
        let text = |key: &str| call.keyword(key).and_then(|expr| self.text(expr));
        if let Some(tag) = text("tag") {
            route.tags = vec![tag];
        }
        if let Some(Expr::List(tags)) = call.keyword("tags") {
            for tag in tags.iter().filter_map(|tag| self.text(tag)) {
                if !route.tags.contains(&tag) {
                    route.tags.push(tag);
                }
            }
        }
        route.operation_id = text("operation_id")
            .or(route.operation_id.take())
            .or_else(|| Some(self.program.function(self.handler).name.clone()).filter(|name| !name.is_empty()));
        route.summary = text("summary").or(route.summary.take());
        route.description = text("description").or(route.description.take());
        route.deprecated |= call.args.iter().any(|arg| match (&arg.name, &arg.value) {
            (None, Expr::Ref(name)) => name == "deprecated",
            (Some(name), value) => name == "deprecated" && *value != Expr::Bool(false),
            _ => false,
        });
    }

    /// `params(("id" = Uuid, Path, description = "…"), Filter)`.
    fn params(&self, call: &'p Call, route: &mut Route) {
        for arg in &call.args {
            match &arg.value {
                Expr::Args(members) => {
                    if let Some(param) = self.inline_param(members) {
                        replace(route, param);
                    }
                }
                other => self.struct_params(other, route),
            }
        }
    }

    fn inline_param(&self, members: &'p [Arg]) -> Option<ParamFinding> {
        let first = members.first()?;
        let (name, shape) = match (&first.name, &first.value) {
            (Some(name), value) => (name.clone(), self.shape(value, Mode::Read)),
            (None, Expr::Str(name)) => (name.clone(), Shape::Text(None)),
            _ => return None,
        };
        let location = members.iter().skip(1).find_map(|arg| match arg.value.last_name().filter(|_| arg.name.is_none())?.as_str() {
            "Path" => Some(Location::Path),
            "Query" => Some(Location::Query),
            "Header" => Some(Location::Header),
            "Cookie" => Some(Location::Cookie),
            _ => None,
        });
        let location = location.unwrap_or(Location::Path);
        let is_flagged =
            |flag: &str| members.iter().any(|arg| arg.name.is_none() && arg.value.last_name().is_some_and(|name| name == flag));
        let doc = members.iter().find(|arg| arg.name.as_deref() == Some("description")).and_then(|arg| self.text(&arg.value));
        Some(ParamFinding {
            name,
            location,
            required: location == Location::Path || !shape.is_nullable(),
            shape: without_null(shape),
            doc,
            deprecated: is_flagged("deprecated"),
        })
    }

    /// A struct that derives `IntoParams`.
    fn struct_params(&self, expr: &'p Expr, route: &mut Route) {
        let ty = match expr {
            Expr::Type(ty) => (**ty).clone(),
            other => Type::spelled(other),
        };
        let shape = self.program.shape_of_type(&self.site, &ty, Mode::Read);
        let class = match self.program.resolve_type(&self.site, &ty) {
            Meaning::Class(class) => Some(class),
            _ => None,
        };
        let said = class.and_then(|class| {
            let attributes = Attributes::new(self.program, class.file, &self.program.class(class).decorators);
            match attributes.value("into_params", "parameter_in")?.last_name()?.as_str() {
                "Path" => Some(Location::Path),
                "Header" => Some(Location::Header),
                "Cookie" => Some(Location::Cookie),
                _ => Some(Location::Query),
            }
        });
        let mut in_path = placeholders(&route.path.text.plain().unwrap_or_default(), route.path.syntax);
        if let Some((_, path)) = path_of(self.program, self.handler) {
            in_path.extend(placeholders(&path.plain().unwrap_or_default(), PathSyntax::Curly));
        }
        for member in members_of(self.program, &shape, 0) {
            let location = said.unwrap_or(if in_path.contains(&member.name) { Location::Path } else { Location::Query });
            replace(route, param_of(member, location, false));
        }
    }

    /// `request_body = T`, `request_body(content = T, content_type = "…", description = "…")`.
    fn body(&self, call: &'p Call, route: &mut Route) {
        if let Some(content) = call.keyword("request_body") {
            let shape = self.shape(content, Mode::Read);
            let media = route.body.as_ref().and_then(|body| body.contents.first()).map(|(media, _)| media.clone());
            let media = media
                .filter(|media| media.starts_with("application/x-www") || media.starts_with("multipart/") || media.starts_with("text/"));
            let media = media.unwrap_or_else(|| media_of(&shape));
            route.body = Some(BodyFinding { required: !shape.is_nullable(), contents: vec![(media, without_null(shape))], doc: None });
        }
        let Some(said) = self.nested(call, "request_body") else { return };
        let contents = self.contents(said, Mode::Read);
        let required = !contents.iter().any(|(_, shape)| shape.is_nullable());
        let doc = said.keyword("description").and_then(|expr| self.text(expr));
        if !contents.is_empty() {
            let contents = contents.into_iter().map(|(media, shape)| (media, without_null(shape))).collect();
            route.body = Some(BodyFinding { required, contents, doc });
        } else if let Some(body) = &mut route.body {
            body.doc = doc;
        }
    }

    /// `content = T, content_type = "…"`, `content((A = "…"), (B = "…"))`, `body(…)` likewise.
    fn contents(&self, call: &'p Call, mode: Mode) -> Vec<(Name, Shape)> {
        if let Some(content) = call
            .keyword("content")
            .or_else(|| call.positional(0).filter(|expr| matches!(expr, Expr::Ref(_) | Expr::Type(_) | Expr::Member(..))))
        {
            return self.typed(content, call.keyword("content_type"), mode);
        }
        let Some(listed) = self.nested(call, "content") else { return Vec::new() };
        listed.args.iter().filter_map(|arg| self.listed_content(arg, mode)).collect()
    }

    fn listed_content(&self, arg: &'p Arg, mode: Mode) -> Option<(Name, Shape)> {
        let Expr::Args(members) = &arg.value else { return None };
        let first = members.first()?;
        match (&first.name, &first.value) {
            (Some(name), value) => Some((self.text(value)?, self.program.shape_of_type(&self.site, &Type::named(name), mode))),
            (None, value) => {
                let shape = self.shape(value, mode);
                Some((media_of(&shape), shape))
            }
        }
    }

    fn typed(&self, content: &'p Expr, media: Option<&'p Expr>, mode: Mode) -> Vec<(Name, Shape)> {
        let shape = self.shape(content, mode);
        let media: Vec<Name> = match media {
            Some(Expr::List(items)) => items.iter().filter_map(|item| self.text(item)).collect(),
            Some(one) => self.text(one).into_iter().collect(),
            None => vec![media_of(&shape)],
        };
        media.into_iter().map(|media| (media, shape.clone())).collect()
    }

    /// A type in an attribute: `inline(T)` is `T`.
    fn shape(&self, expr: &'p Expr, mode: Mode) -> Shape {
        if let Some(call) = self.call_of(expr) {
            return match (call.callee.last_name().map(Name::as_str), call.positional(0)) {
                (Some("inline"), Some(inner)) => self.shape(inner, mode),
                _ => Shape::Any,
            };
        }
        match expr {
            Expr::List(items) => items.first().map_or(Shape::Any, |item| self.shape(item, mode)).list(),
            other => self.program.shape_of_type(&self.site, &spelled(other), mode),
        }
    }

    /// `(status = 200, description = "…", body = T)`, or an enum that derives `IntoResponses`.
    fn response(&self, arg: &'p Arg) -> Vec<ResponseFinding> {
        let Expr::Args(members) = &arg.value else { return self.listed_responses(&arg.value) };
        let member = |key: &str| members.iter().find(|arg| arg.name.as_deref() == Some(key)).map(|arg| &arg.value);
        let status = member("status").and_then(|status| self.status(status)).unwrap_or_else(|| "default".into());
        let mut response = ResponseFinding::empty(&status);
        response.doc = member("description").and_then(|expr| self.text(expr));
        if let Some(body) = member("body") {
            response.contents = self.typed(body, member("content_type"), Mode::Write);
        } else if let Some(media) = member("content_type").and_then(|media| self.text(media)) {
            response.contents = vec![(media, Shape::Any)];
        }
        for call in members.iter().filter_map(|arg| self.call_of(&arg.value)) {
            match call.callee.last_name().map(Name::as_str) {
                Some("content") => response.contents = call.args.iter().filter_map(|arg| self.listed_content(arg, Mode::Write)).collect(),
                Some("headers") => response.headers = self.headers(call),
                _ => {}
            }
        }
        vec![response]
    }

    fn headers(&self, call: &'p Call) -> Vec<(Name, Shape)> {
        let headers = call.args.iter().filter_map(|arg| match &arg.value {
            Expr::Args(members) => members.first(),
            _ => None,
        });
        headers
            .filter_map(|first| match (&first.name, &first.value) {
                (Some(name), value) => Some((name.clone(), self.shape(value, Mode::Write))),
                (None, Expr::Str(name)) => Some((name.clone(), Shape::Text(None))),
                _ => None,
            })
            .collect()
    }

    fn status(&self, expr: &Expr) -> Option<Name> {
        match expr {
            Expr::Str(text) => Some(text.clone()),
            Expr::Ref(name) => statuses::named(name).map(|status| status.to_string().into()),
            other => statuses::of(self.program, &self.site, other)
                .or_else(|| other.last_name().and_then(|name| statuses::named(name)))
                .map(|status| status.to_string().into()),
        }
    }

    /// Variants of an enum with `#[response(status = 200)]`.
    fn listed_responses(&self, expr: &Expr) -> Vec<ResponseFinding> {
        let ty = Type::spelled(expr);
        let Meaning::Class(class) = self.program.resolve_type(&self.site, &ty) else { return Vec::new() };
        let declared = self.program.class(class);
        let site = self.program.inside_class(class);
        let of = |decorators: &[Expr], shape: Option<Shape>, doc: &Option<Name>| {
            let attributes = Attributes::new(self.program, class.file, decorators);
            let status = self.status(attributes.value("response", "status")?)?;
            let contents = shape.map(|shape| (media_of(&shape), shape)).into_iter().collect();
            let said = attributes.text("response", "description").map(Name::from);
            Some(ResponseFinding { status, doc: said.or_else(|| doc.clone()), contents, headers: Vec::new() })
        };
        if declared.variants.is_empty() {
            let shape = self.program.shape_of_class(class, Vec::new(), Mode::Write);
            return of(&declared.decorators, Some(shape), &declared.doc).into_iter().collect();
        }
        let variants = declared.variants.iter().filter_map(|variant| {
            let shape = variant.fields.first().map(|field| self.program.shape_of_type(&site, &field.ty, Mode::Write));
            of(&variant.decorators, shape, &variant.doc)
        });
        variants.collect()
    }

    /// `security(("api_key" = []), ("cookie" = []))`: any of them; `()` asks for nothing.
    fn security(&self, call: &'p Call, route: &mut Route) {
        let scheme = |member: &'p Arg| {
            let name = member.name.clone()?;
            let scopes = match &member.value {
                Expr::List(items) => items.iter().filter_map(|item| self.text(item)).collect(),
                _ => Vec::new(),
            };
            Some(SchemeUse { kind: schemes::kind_of(self.program, &name), name, scopes })
        };
        let alternatives = call.args.iter().map(|arg| match &arg.value {
            Expr::Args(members) => members.iter().filter_map(scheme).collect(),
            _ => Vec::new(),
        });
        if !call.args.is_empty() {
            route.security = Security::any_of(alternatives);
        }
    }
}

/// Puts a parameter in the place of one that the signature told.
fn replace(route: &mut Route, param: ParamFinding) {
    match route.params.iter_mut().find(|known| known.name == param.name && known.location == param.location) {
        Some(known) => {
            let shape = if param.shape.is_any() { known.shape.clone() } else { param.shape.clone() };
            *known = ParamFinding { shape, doc: param.doc.clone().or_else(|| known.doc.clone()), ..param };
        }
        None => route.params.push(param),
    }
}

/// The media type that utoipa gives a type.
fn media_of(shape: &Shape) -> Name {
    match crate::facts::members::base(shape) {
        Shape::Text(_) | Shape::Int | Shape::Number | Shape::Bool => "text/plain".into(),
        Shape::List(inner) if **inner == Shape::Int => "application/octet-stream".into(),
        _ => "application/json".into(),
    }
}
