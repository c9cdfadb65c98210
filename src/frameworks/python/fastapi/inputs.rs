//! Where one parameter stands: path, query, header, cookie, body; and what its marker says of it.

use super::body::{BodyField, Media};
use super::depend::{Collector, scopes_of};
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::finding::{Location, ParamFinding};
use crate::facts::members::base;
use crate::facts::program::{Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::annotations::{Annotation, Spelling, inside_call, library_call};
use crate::frameworks::python::constraints::{annotated, constrained};
use crate::frameworks::python::literals::{literal, truth};
use crate::frameworks::python::pydantic::is_ellipsis;

/// What a default or a piece of metadata says a parameter is.
#[derive(Clone, Debug)]
pub enum Marker<'p> {
    /// `Depends(target)`, `Security(target, scopes=[…])`.
    Depends {
        /// What it depends on.
        target: Option<&'p Expr>,
        /// Scopes asked for.
        scopes: Vec<Name>,
        /// Where that is read.
        site: Site,
    },
    /// `Query(…)`, `Path(…)`, `Header(…)`, `Cookie(…)`.
    Param(Location, (&'p Call, Site)),
    /// `Body(…)`, `Form(…)`, `File(…)`.
    Body(Media, (&'p Call, Site)),
}

/// The marker an expression is, also under a name or made by a function of the program.
#[must_use]
pub fn marker<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<Marker<'p>> {
    if !matches!(expr, Expr::Call(_) | Expr::Ref(_) | Expr::Member(..)) {
        return None;
    }
    let meaning = program.produce(site, expr);
    // `Query(alias=name) if … else Query(…)`: either says where it stands.
    if let Meaning::Value(Expr::Cond(cond), at) = &meaning {
        let of = |branch: &'p Expr| matches!(branch, Expr::Call(_)).then(|| marker(program, at, branch)).flatten();
        return of(&cond.yes).or_else(|| of(&cond.no));
    }
    let (call, at) = meaning.call()?;
    let Meaning::Outside(path) = program.callee(call) else { return None };
    let (module, name) = path.rsplit_once('.')?;
    if !matches!(module.split('.').next(), Some("fastapi" | "fastapi_filter" | "ninja")) {
        return None;
    }
    let made = program.file(call.file).outline.call(call.id);
    let inside = inside_call(made, at);
    if let Some(marker) = placed(name, made, inside.clone()) {
        return Some(marker);
    }
    Some(match name {
        "Depends" | "Security" | "FilterDepends" => {
            let scopes = scopes_of(program, &inside, made.arg(1, "scopes").filter(|_| name == "Security"));
            Marker::Depends { target: made.arg(0, "dependency"), scopes, site: inside }
        }
        _ => return None,
    })
}

/// The marker of a name: `Query`, `Body`, ….
fn placed<'p>(name: &str, made: &'p Call, inside: Site) -> Option<Marker<'p>> {
    Some(match name {
        "Query" => Marker::Param(Location::Query, (made, inside)),
        "Path" => Marker::Param(Location::Path, (made, inside)),
        "Header" => Marker::Param(Location::Header, (made, inside)),
        "Cookie" => Marker::Param(Location::Cookie, (made, inside)),
        "Body" => Marker::Body(Media::Json, (made, inside)),
        "Form" => Marker::Body(Media::Form, (made, inside)),
        "File" => Marker::Body(Media::File, (made, inside)),
        _ => return None,
    })
}

/// `Query[Filters]`: the marker; the annotation becomes what stands in the brackets.
pub fn bracketed<'p>(program: &'p dyn Program, annotation: &mut Annotation<'p>) -> Option<Marker<'p>> {
    static NOTHING: std::sync::OnceLock<Call> = std::sync::OnceLock::new();
    let Meaning::Outside(path) = annotation.head(program) else { return None };
    let name = path.strip_prefix("ninja.")?.rsplit('.').next()?;
    let marker = placed(name, NOTHING.get_or_init(Call::default), annotation.site.clone())?;
    let inner = match annotation.ty {
        Spelling::Type(ty) => Annotation::new(program, &annotation.site, ty.args().first()?),
        Spelling::Expr(Expr::Index(pair)) => Annotation::of_value(program, &annotation.site, &pair.1),
        Spelling::Expr(_) => return None,
    };
    *annotation = inner;
    Some(marker)
}

/// Whether a parameter is what the framework gives: the request, the response under way, background tasks.
#[must_use]
pub fn takes_request(program: &dyn Program, annotation: &Annotation) -> bool {
    let is_given = |path: &str| {
        let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
        let is_library = matches!(module.split('.').next(), Some("fastapi" | "starlette"));
        is_library
            && (matches!(name, "Request" | "WebSocket" | "HTTPConnection" | "Response" | "BackgroundTasks" | "SecurityScopes")
                || name.ends_with("Response"))
    };
    let alternatives = annotation.alternatives(program);
    alternatives.iter().any(|one| match one.head(program) {
        Meaning::Outside(path) => is_given(&path),
        Meaning::Class(class) => program.outside_bases(class).iter().any(|base| is_given(base)),
        _ => false,
    })
}

/// Whether a value of this shape is read from the body where nothing else is said: an object or a list.
#[must_use]
pub fn is_complex(program: &dyn Program, shape: &Shape) -> bool {
    complex_at(program, shape, 0)
}

fn complex_at(program: &dyn Program, shape: &Shape, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    match shape {
        Shape::Record(_) | Shape::List(_) | Shape::Map(_) | Shape::Tuple(_) | Shape::AllOf(_) | Shape::Schema(_) => true,
        Shape::AnyOf(shapes) | Shape::OneOf(shapes, _) => shapes.iter().any(|shape| complex_at(program, shape, depth + 1)),
        Shape::Refined(inner, _) => complex_at(program, inner, depth + 1),
        Shape::Named(key) => complex_at(program, &program.expand(key), depth + 1),
        _ => false,
    }
}

impl<'p> Collector<'p> {
    /// A parameter of the path, the query, a header or a cookie. Without a marker it is one of the query, or of the path where the path
    /// names it.
    pub(super) fn param(
        &mut self,
        site: &Site,
        name: &Name,
        annotation: &Annotation<'p>,
        default: Option<&'p Expr>,
        said: Option<(Location, (&'p Call, Site))>,
    ) {
        let location = said.as_ref().map_or(Location::Query, |(location, _)| *location);
        let call = said.map(|(_, call)| call);
        if let Some((made, at)) = &call
            && truth(self.program, at, made.keyword("include_in_schema")) == Some(false)
        {
            return;
        }
        let input = self.input(site, annotation, default, call.as_ref());
        let dashed = location == Location::Header
            && call.as_ref().is_none_or(|(made, at)| truth(self.program, at, made.keyword("convert_underscores")) != Some(false));
        if call.is_some()
            && location != Location::Path
            && let Some(record) = self.program.record(&input.shape)
        {
            // One model for all parameters: each field by itself.
            for member in record.members {
                let name = if dashed { member.name.replace('_', "-").into() } else { member.name };
                self.add_param(ParamFinding {
                    name,
                    location,
                    required: member.required,
                    shape: member.shape,
                    doc: member.doc,
                    deprecated: member.deprecated,
                });
            }
            return;
        }
        let own = if dashed { name.replace('_', "-").into() } else { name.clone() };
        self.add_param(ParamFinding {
            name: input.alias.unwrap_or(own),
            location,
            required: input.required || location == Location::Path,
            shape: input.shape,
            doc: input.doc,
            deprecated: input.deprecated,
        });
    }

    /// A part of the body.
    pub(super) fn body_field(
        &mut self,
        site: &Site,
        name: &Name,
        annotation: &Annotation<'p>,
        default: Option<&'p Expr>,
        media: Media,
        call: Option<(&'p Call, Site)>,
    ) {
        let input = self.input(site, annotation, default, call.as_ref());
        let shape = if media == Media::File { as_file(input.shape) } else { input.shape };
        let is_model = self.program.record(&shape).is_some();
        let embed = call.as_ref().is_some_and(|(made, at)| truth(self.program, at, made.keyword("embed")) == Some(true));
        let media_type = call.as_ref().and_then(|(made, at)| self.program.text(at, made.keyword("media_type")?).plain()).map(Name::from);
        let name = input.alias.unwrap_or_else(|| name.clone());
        self.add_field(BodyField { name, shape, required: input.required, media, embed, is_model, media_type, doc: input.doc });
    }

    fn input(&self, site: &Site, annotation: &Annotation<'p>, default: Option<&'p Expr>, call: Option<&(&'p Call, Site)>) -> Input {
        let mut shape = annotation.shape(self.program, Mode::Read);
        for (expr, at) in &annotation.metadata {
            if let Some((path, made, at)) = library_call(self.program, at, expr) {
                shape = annotated(self.program, &at, &path, self.program.call(made), shape);
            }
        }
        let mut input = Input { shape, required: true, ..Input::default() };
        let mut default = default.map(|expr| (expr, site.clone()));
        if let Some((made, at)) = call {
            input.shape = constrained(self.program, at, made, input.shape);
            let text = |keyword: &str| made.keyword(keyword).and_then(|expr| self.program.text(at, expr).plain()).map(Name::from);
            input.alias = text("validation_alias").or_else(|| text("alias"));
            input.doc = text("description");
            input.deprecated = made.keyword("deprecated").is_some_and(|expr| !matches!(expr, Expr::Null | Expr::Bool(false)));
            input.required = made.keyword("default_factory").is_none();
            default = default.or_else(|| made.arg(0, "default").map(|expr| (expr, at.clone())));
        }
        if let Some((expr, at)) = default.filter(|(expr, _)| !is_ellipsis(expr)) {
            input.required = false;
            if let Some(value) = literal(self.program, &at, expr).filter(|value| !value.is_null()) {
                input.shape = input.shape.with("default", value);
            }
        }
        input
    }
}

/// What annotation, default and marker say of a parameter.
#[derive(Default)]
struct Input {
    shape: Shape,
    required: bool,
    alias: Option<Name>,
    doc: Option<Name>,
    deprecated: bool,
}

/// Bytes that are uploaded.
fn as_file(shape: Shape) -> Shape {
    match base(&shape) {
        Shape::Any | Shape::Text(None) => Shape::format("binary"),
        _ => shape,
    }
}
