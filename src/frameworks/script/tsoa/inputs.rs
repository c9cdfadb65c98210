//! What a method's parameters take: `@Path() id: string`, `@Query("q") q?: string`, `@Body() user: NewUser`.

use super::{Doc, LIBRARIES};
use crate::base::Name;
use crate::base::code::{Param, Type};
use crate::facts::finding::{BodyFinding, Location, ParamFinding, Route};
use crate::facts::members::without_null;
use crate::facts::program::{FuncRef, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::literals::literal;

/// Reads the parameters of a method.
pub fn read(program: &dyn Program, method: FuncRef, doc: &Doc, route: &mut Route) {
    let site = program.inside(method);
    let mut form: Vec<Member> = Vec::new();
    for param in &program.function(method).params {
        let decors = decorators(program, &program.around(method), &param.decorators);
        let Some(decor) = decors.iter().find(|decor| decor.of(LIBRARIES).is_some()) else { continue };
        let taken = Taken { program, site: &site, param, decor, doc };
        match decor.of(LIBRARIES).unwrap_or_default() {
            "Path" => taken.one(Location::Path, route),
            "Query" => taken.one(Location::Query, route),
            "Header" => taken.one(Location::Header, route),
            "Queries" => taken.each(route),
            "Body" => {
                let mut body = BodyFinding { required: !param.optional, ..BodyFinding::json(taken.shape()) };
                body.doc = param.name().and_then(|name| doc.param(name)).map(Name::from);
                route.body = Some(body);
            }
            "BodyProp" => {
                let member = taken.member(taken.shape());
                match route.body.as_mut().and_then(|body| body.contents.first_mut()) {
                    Some((_, Shape::Record(record))) => record.members.push(member),
                    _ => route.body = Some(BodyFinding::json(Shape::record(vec![member]))),
                }
            }
            "FormField" => form.push(taken.member(taken.shape())),
            "UploadedFile" => form.push(taken.member(Shape::format("binary"))),
            "UploadedFiles" => form.push(taken.member(Shape::format("binary").list())),
            _ => {}
        }
    }
    if !form.is_empty() {
        route.body = Some(BodyFinding { required: true, contents: vec![("multipart/form-data".into(), Shape::record(form))], doc: None });
    }
}

struct Taken<'p, 'a> {
    program: &'p dyn Program,
    site: &'a Site,
    param: &'p Param,
    decor: &'a Decor<'p>,
    doc: &'a Doc,
}

impl Taken<'_, '_> {
    fn name(&self) -> Name {
        let said = self.decor.arg(0).and_then(|name| self.program.text(&self.decor.site, name).plain());
        said.map(Name::from).or_else(|| self.param.name().cloned()).unwrap_or_default()
    }

    fn shape(&self) -> Shape {
        match (&self.param.ty, &self.param.default) {
            (Type::Unknown, Some(default)) => self.program.shape_of_value(self.site, default, Mode::Read),
            (ty, _) => self.program.shape_of_type(self.site, ty, Mode::Read),
        }
    }

    fn is_required(&self) -> bool {
        let is_undefined =
            matches!(&self.param.ty, Type::Union(types) if types.iter().any(|ty| ty.last_name().is_some_and(|name| name == "undefined")));
        !self.param.optional && self.param.default.is_none() && !is_undefined
    }

    fn member(&self, shape: Shape) -> Member {
        Member { required: self.is_required(), ..Member::required(self.name(), shape) }
    }

    fn one(&self, location: Location, route: &mut Route) {
        let own = self.param.name().map(Name::as_str).unwrap_or_default();
        let mut shape = without_null(self.shape());
        if self.doc.about("isInt", own).is_some() || self.doc.about("isLong", own).is_some() {
            shape = Shape::Int;
        }
        if let Some(default) = self.param.default.as_ref().and_then(|default| literal(self.program, self.site, default)) {
            shape = shape.with("default", default);
        }
        route.params.push(ParamFinding {
            name: self.name(),
            location,
            required: location == Location::Path || self.is_required(),
            shape: if shape.is_any() { Shape::Text(None) } else { shape },
            doc: self.doc.param(own).map(Name::from),
            deprecated: false,
        });
    }

    fn each(&self, route: &mut Route) {
        for member in self.program.record(&self.shape()).map(|record| record.members).unwrap_or_default() {
            route.params.push(ParamFinding {
                name: member.name,
                location: Location::Query,
                required: member.required,
                shape: member.shape,
                doc: member.doc,
                deprecated: member.deprecated,
            });
        }
    }
}
