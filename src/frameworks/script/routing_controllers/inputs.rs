//! What a method's parameters take: `@Param("id") id: number`, `@QueryParam("q", { required: true })`, `@Body() user: NewUser`.

use super::{LIBRARIES, authorized};
use crate::base::Name;
use crate::base::code::{Expr, Param, Type};
use crate::facts::finding::{BodyFinding, Location, ParamFinding, Route, Security};
use crate::facts::members::without_null;
use crate::facts::program::{FuncRef, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::script::decorators::{Decor, decorators};

/// Reads the parameters of a method.
pub fn read(program: &dyn Program, method: FuncRef, route: &mut Route) {
    let site = program.inside(method);
    let (mut members, mut files): (Vec<Member>, Vec<Member>) = (Vec::new(), Vec::new());
    for param in &program.function(method).params {
        let decors = decorators(program, &program.around(method), &param.decorators);
        let Some(decor) = decors.iter().find(|decor| decor.of(LIBRARIES).is_some()) else { continue };
        let taken = Taken { program, site: &site, param, decor };
        match decor.of(LIBRARIES).unwrap_or_default() {
            "Param" => route.params.push(taken.one(Location::Path)),
            "QueryParam" => route.params.push(taken.one(Location::Query)),
            "HeaderParam" => route.params.push(taken.one(Location::Header)),
            "CookieParam" => route.params.push(taken.one(Location::Cookie)),
            "QueryParams" => route.params.extend(taken.each(Location::Query)),
            "Params" => route.params.extend(taken.each(Location::Path)),
            "Body" => route.body = Some(BodyFinding { required: taken.is_required(0), ..BodyFinding::json(taken.shape()) }),
            "BodyParam" => members.push(taken.member(taken.shape())),
            "UploadedFile" => files.push(taken.member(Shape::format("binary"))),
            "UploadedFiles" => files.push(taken.member(Shape::format("binary").list())),
            "CurrentUser" if taken.is_required(0) && route.security == Security::Inherit => {
                route.security = Security::Schemes(vec![authorized()]);
            }
            _ => {}
        }
    }
    if !files.is_empty() {
        files.extend(members);
        route.body = Some(BodyFinding { required: true, contents: vec![("multipart/form-data".into(), Shape::record(files))], doc: None });
    } else if !members.is_empty() {
        route.body = Some(BodyFinding::json(Shape::record(members)));
    }
}

struct Taken<'p, 'a> {
    program: &'p dyn Program,
    site: &'a Site,
    param: &'p Param,
    decor: &'a Decor<'p>,
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

    /// Nothing is required unless the options at a position say so.
    fn is_required(&self, options: usize) -> bool {
        self.decor.option(self.program, options, "required").is_some_and(|(value, _)| *value == Expr::Bool(true))
    }

    fn member(&self, shape: Shape) -> Member {
        Member { required: self.is_required(1), ..Member::required(self.name(), shape) }
    }

    fn one(&self, location: Location) -> ParamFinding {
        let shape = without_null(self.shape());
        ParamFinding {
            name: self.name(),
            location,
            required: location == Location::Path || self.is_required(1),
            shape: if shape.is_any() { Shape::Text(None) } else { shape },
            ..ParamFinding::default()
        }
    }

    fn each(&self, location: Location) -> Vec<ParamFinding> {
        let members = self.program.record(&self.shape()).map(|record| record.members).unwrap_or_default();
        let param = |member: Member| ParamFinding {
            name: member.name,
            location,
            required: member.required,
            shape: member.shape,
            doc: member.doc,
            deprecated: member.deprecated,
        };
        members.into_iter().map(param).collect()
    }
}
