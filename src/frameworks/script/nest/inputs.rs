//! What a handler's parameters take: `@Param("id", ParseIntPipe) id`, `@Query() query: Paging`, `@Body() dto`, `@Req() req`.

use serde_json::Value;

use super::COMMON;
use crate::base::Name;
use crate::base::code::{Expr, Param, Type};
use crate::facts::finding::{BodyFinding, Location, ParamFinding, Route};
use crate::facts::members::without_null;
use crate::facts::program::{CallRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::express::DIALECT;
use crate::frameworks::script::handler::{Declared, Handling, Root};
use crate::frameworks::script::literals::{enum_values, literal};

/// Reads the parameters of a handler.
pub fn read(program: &dyn Program, handler: FuncRef, decors: &[Decor], route: &mut Route) {
    let declared = program.function(handler);
    let site = program.inside(handler);
    let mut files = uploaded(program, decors);
    let mut handling = Handling::new(program, &DIALECT, &site);
    let mut is_given = false;
    for (position, param) in (0u32..).zip(&declared.params) {
        for decor in decorators(program, &program.around(handler), &param.decorators) {
            let Some(name) = decor.of(COMMON) else { continue };
            let taken = Taken { program, site: &site, param, decor: &decor };
            match name {
                "Param" => taken.params(Location::Path, route),
                "Query" => taken.params(Location::Query, route),
                "Headers" => taken.params(Location::Header, route),
                "Body" | "RawBody" => taken.body(route),
                "UploadedFile" | "UploadedFiles" if files.is_empty() => files.push(Member::required("file", Shape::format("binary"))),
                "Req" | "Request" | "Res" | "Response" => {
                    let root = if name.starts_with("Req") { Root::Request } else { Root::Response };
                    handling.give(handler, position, root);
                    is_given = true;
                }
                _ => {}
            }
        }
    }
    if is_given {
        handling.begin(handler);
        handling.run();
        handling.fill(&Declared::default(), route);
    }
    if !files.is_empty() {
        with_files(program, files, route);
    }
}

/// A body with files is a form.
fn with_files(program: &dyn Program, files: Vec<Member>, route: &mut Route) {
    let mut members = files;
    if let Some((_, shape)) = route.body.as_ref().and_then(|body| body.contents.first()) {
        members.extend(program.record(shape).map(|record| record.members).unwrap_or_default());
    }
    route.body = Some(BodyFinding { required: true, contents: vec![("multipart/form-data".into(), Shape::record(members))], doc: None });
}

/// Files that interceptors take: `FileInterceptor("avatar")`, `FilesInterceptor("photos")`, `FileFieldsInterceptor([{ name }])`.
fn uploaded(program: &dyn Program, decors: &[Decor]) -> Vec<Member> {
    let mut members = Vec::new();
    for decor in decors.iter().filter(|decor| decor.of(COMMON) == Some("UseInterceptors")) {
        for arg in decor.args() {
            let meaning = program.resolve(&decor.site, arg);
            let Some((call, at)) = meaning.call() else { continue };
            let Meaning::Outside(path) = program.callee(call) else { continue };
            let made = program.call(call);
            let name = || made.positional(0).and_then(|name| program.text(at, name).plain()).unwrap_or_else(|| "file".to_owned());
            let file = Shape::format("binary");
            match path.rsplit('.').next().unwrap_or_default() {
                "FileInterceptor" => members.push(Member::required(name(), file)),
                "FilesInterceptor" => members.push(Member::required(name(), file.list())),
                "AnyFilesInterceptor" => members.push(Member::required("files", file.list())),
                "FileFieldsInterceptor" => {
                    let fields = made.positional(0).and_then(|fields| program.items(at, fields)).unwrap_or_default();
                    for (field, at) in fields {
                        let entries = program.entries(&at, field).unwrap_or_default();
                        let name = entries.iter().find(|(key, ..)| key == "name").and_then(|(_, name, at)| program.text(at, name).plain());
                        members.extend(name.map(|name| Member::optional(name, Shape::format("binary").list())));
                    }
                }
                _ => {}
            }
        }
    }
    members
}

struct Taken<'p, 'a> {
    program: &'p dyn Program,
    site: &'a Site,
    param: &'p Param,
    decor: &'a Decor<'p>,
}

impl Taken<'_, '_> {
    /// The name that the decorator gives, if any.
    fn name(&self) -> Option<String> {
        let first = self.decor.arg(0)?;
        match first {
            Expr::Object(_) | Expr::Call(_) | Expr::Func(_) => None,
            _ => self.program.text(&self.decor.site, first).plain(),
        }
    }

    fn shape(&self) -> Shape {
        self.program.shape_of_type(self.site, &self.param.ty, Mode::Read)
    }

    fn params(&self, location: Location, route: &mut Route) {
        let Some(name) = self.name() else {
            if location != Location::Header {
                self.each(location, route);
            }
            return;
        };
        let name = if location == Location::Header { Name::from(name.to_lowercase()) } else { Name::from(name) };
        if location == Location::Header
            && matches!(name.as_str(), "authorization" | "accept" | "content-type" | "user-agent" | "host" | "cookie")
        {
            return;
        }
        let is_nullable = self.shape().is_nullable() || is_undefined(&self.param.ty);
        let mut param = ParamFinding {
            name,
            location,
            required: location == Location::Path || !(self.param.optional || self.param.default.is_some() || is_nullable),
            shape: without_null(self.shape()),
            ..ParamFinding::default()
        };
        let mut default = None;
        for pipe in self.decor.args().into_iter().skip(1) {
            self.pipe(pipe, &mut param, &mut default);
        }
        if param.shape.is_any() {
            param.shape = Shape::Text(None);
        }
        let said = self.param.default.as_ref().and_then(|default| literal(self.program, self.site, default));
        if let Some(default) = said.or(default).filter(|default| !default.is_null()) {
            param.shape = param.shape.with("default", default);
        }
        push(route, param);
    }

    /// What a pipe makes of the text.
    fn pipe(&self, pipe: &Expr, param: &mut ParamFinding, default: &mut Option<Value>) {
        let program = self.program;
        let (path, made) = match program.resolve(&self.decor.site, pipe) {
            Meaning::Outside(path) => (path, None),
            Meaning::Value(Expr::Call(id), at) => match program.callee(CallRef { file: at.file, id: *id }) {
                Meaning::Outside(path) => (path, Some((program.file(at.file).outline.call(*id), at))),
                _ => return,
            },
            _ => return,
        };
        let options = made.as_ref().and_then(|(call, at)| Some((program.entries(at, call.args.last().map(|arg| &arg.value)?)?, at)));
        if let Some((entries, _)) = &options
            && entries.iter().any(|(key, value, _)| key == "optional" && **value == Expr::Bool(true))
        {
            param.required = false;
        }
        let first = made.as_ref().and_then(|(call, at)| Some((call.positional(0)?, at)));
        match path.rsplit('.').next().unwrap_or_default() {
            "ParseIntPipe" => param.shape = Shape::Int,
            "ParseFloatPipe" => param.shape = Shape::Number,
            "ParseBoolPipe" => param.shape = Shape::Bool,
            "ParseUUIDPipe" => param.shape = Shape::format("uuid"),
            "ParseDatePipe" => param.shape = Shape::format("date-time"),
            "ParseArrayPipe" if !matches!(param.shape, Shape::List(_)) => param.shape = Shape::Text(None).list(),
            "ParseEnumPipe" if param.shape.is_any() || param.shape == Shape::Text(None) => {
                let values = first.map(|(of, at)| enum_values(program, at, of)).unwrap_or_default();
                if !values.is_empty() {
                    param.shape = Shape::Enum(values);
                }
            }
            "DefaultValuePipe" => {
                param.required = false;
                *default = first.and_then(|(value, at)| literal(program, at, value));
            }
            _ => {}
        }
    }

    /// Every member of a class or inline type is a parameter.
    fn each(&self, location: Location, route: &mut Route) {
        let shape = self.validated().unwrap_or_else(|| self.shape());
        let Some(record) = self.program.record(&shape) else { return };
        for member in record.members {
            push(
                route,
                ParamFinding {
                    name: member.name,
                    location,
                    required: member.required || location == Location::Path,
                    shape: member.shape,
                    doc: member.doc,
                    deprecated: member.deprecated,
                },
            );
        }
    }

    /// The schema of a pipe: `@Body(new ZodValidationPipe(schema)) body`.
    fn validated(&self) -> Option<Shape> {
        if !matches!(self.param.ty, Type::Unknown) && !self.shape().is_any() {
            return None;
        }
        for arg in self.decor.args() {
            let meaning = self.program.resolve(&self.decor.site, arg);
            let Some((call, at)) = meaning.call() else { continue };
            let Some(schema) = self.program.call(call).positional(0) else { continue };
            let shape = self.program.shape_of_value(at, schema, Mode::Read);
            if self.program.record(&shape).is_some() {
                return Some(shape);
            }
        }
        None
    }

    fn body(&self, route: &mut Route) {
        let shape = self.validated().unwrap_or_else(|| self.shape());
        let is_required = !self.param.optional && self.param.default.is_none();
        let Some(name) = self.name() else {
            if route.body.is_none() {
                route.body = Some(BodyFinding { required: is_required, ..BodyFinding::json(shape) });
            }
            return;
        };
        let member = Member { required: is_required, ..Member::required(name, shape) };
        match route.body.as_mut().and_then(|body| body.contents.first_mut()) {
            Some((_, Shape::Record(record))) => record.members.push(member),
            Some(_) => {}
            None => route.body = Some(BodyFinding::json(Shape::record(vec![member]))),
        }
    }
}

fn is_undefined(ty: &Type) -> bool {
    matches!(ty, Type::Union(types) if types.iter().any(|ty| ty.last_name().is_some_and(|name| name == "undefined")))
}

fn push(route: &mut Route, param: ParamFinding) {
    if !route.params.iter().any(|known| known.name == param.name && known.location == param.location) {
        route.params.push(param);
    }
}
