//! Nuxt and Nitro: handlers in `server/api` and `server/routes`, which read by functions that are given the event.

use crate::base::code::{Call, Expr, Pattern};
use crate::base::language::Language;
use crate::facts::finding::{BodyFinding, Findings, Location, Method, ParamFinding, ResponseFinding, Route, Security};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::script::functions::{calls_in, result};
use crate::frameworks::script::{folders, guards, web};

/// Nuxt.
pub const FRAMEWORK: Framework = Framework {
    id: "script/nuxt",
    label: "Nuxt",
    languages: &[Language::TypeScript, Language::JavaScript],
    modules: &[],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let path = program.path(file);
    if !path.contains("server/api/") && !path.contains("server/routes/") {
        return;
    }
    let Some(spot) = folders::spot(program, file, &["server"], &["nuxt", "nuxt3", "nitropack", "nitro"], &["nuxt.config", "nitro.config"])
    else {
        return;
    };
    let Some(below) = spot.below.strip_prefix("routes/").or_else(|| spot.below.starts_with("api/").then_some(spot.below)) else { return };
    let (below, method) = match below.rsplit_once('.') {
        Some((stem, "d")) if !stem.is_empty() => return,
        Some((stem, verb)) => match Method::of(verb) {
            Some(method) => (stem, Some(method)),
            None => (below, None),
        },
        None => (below, None),
    };
    let Some(exported) = web::exported(program, file, "default") else { return };
    let below = if below == "index" { "" } else { below.strip_suffix("/index").unwrap_or(below) };
    let mut route = folders::route(FRAMEWORK.id, file, &format!("/{below}"), &[method.unwrap_or(Method::Get)], "default");
    route.is_implied = method.is_none();
    if let Some(handler) = exported.function {
        describe(program, handler, &mut route);
    }
    if method.is_none() && route.body.is_some() {
        route.methods = vec![Method::Post];
    }
    findings.routes.push(route);
}

fn describe(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    route.handler = Some(handler);
    for (call, made) in calls_in(program, handler) {
        let Some(name) = made.callee.last_name() else { continue };
        let given = Given { program, handler, call, made, at: Site::of_call(call.file, made) };
        given.read(name, route);
    }
    let shape = result(program, handler, &None, Mode::Write);
    let status = given_status(program, handler).unwrap_or_else(|| "200".to_string());
    let media = if shape == Shape::Text(None) { "text/plain" } else { "application/json" };
    route.responses.push(ResponseFinding { status: status.into(), contents: vec![(media.into(), shape)], ..ResponseFinding::default() });
    web::answers::read(program, &Site::module(handler.file), handler, route);
    if let Some(scheme) = guards::in_handler(program, handler) {
        route.security = Security::Schemes(vec![scheme]);
    }
}

/// `setResponseStatus(event, 201)`.
fn given_status(program: &dyn Program, handler: FuncRef) -> Option<String> {
    calls_in(program, handler).find_map(|(_, made)| match made.positional(1) {
        Some(Expr::Int(status)) if made.callee.last_name()? == "setResponseStatus" && (200..300).contains(status) => {
            Some(status.to_string())
        }
        _ => None,
    })
}

/// A call that is given the event.
struct Given<'p> {
    program: &'p dyn Program,
    handler: FuncRef,
    call: CallRef,
    made: &'p Call,
    at: Site,
}

impl Given<'_> {
    fn read(&self, name: &str, route: &mut Route) {
        let key = || self.made.positional(1).and_then(|key| self.program.text(&self.at, key).plain());
        match name {
            "getQuery" => self.params(route, self.taken()),
            "getValidatedQuery" => self.params(route, self.checked().and_then(|shape| self.program.record(&shape))),
            "readBody" | "readValidatedBody" | "readFormData" | "readMultipartFormData" | "readRawBody" => {
                let shape = self.checked().or_else(|| self.typed());
                let shape = shape.unwrap_or_else(|| self.taken().map_or(Shape::Any, |record| Shape::Record(Box::new(record))));
                let media = if name.ends_with("FormData") { "multipart/form-data" } else { "application/json" };
                route.body = Some(BodyFinding { required: true, contents: vec![(media.into(), shape)], doc: None });
            }
            "getHeader" | "getRequestHeader" => {
                if let Some(key) = key() {
                    add(route, Location::Header, key);
                }
            }
            "getCookie" => {
                if let Some(key) = key() {
                    add(route, Location::Cookie, key);
                }
            }
            _ => {}
        }
    }

    fn params(&self, route: &mut Route, record: Option<Record>) {
        for member in record.map(|record| record.members).unwrap_or_default() {
            let shape = if member.shape.is_any() { Shape::Text(None) } else { member.shape };
            if !route.params.iter().any(|known| known.name == member.name && known.location == Location::Query) {
                let required = member.required;
                route.params.push(ParamFinding {
                    name: member.name,
                    location: Location::Query,
                    required,
                    shape,
                    ..ParamFinding::default()
                });
            }
        }
    }

    /// `readValidatedBody(event, schema.parse)`, `(body) => schema.parse(body)`.
    fn checked(&self) -> Option<Shape> {
        let of = |schema: &Expr, at: &Site| {
            let receiver = match schema {
                Expr::Member(receiver, name) if matches!(name.as_str(), "parse" | "safeParse" | "parseAsync" | "safeParseAsync") => {
                    receiver
                }
                schema => schema,
            };
            Some(self.program.shape_of_value(at, receiver, Mode::Read)).filter(|shape| !shape.is_any())
        };
        match self.made.positional(1)? {
            Expr::Func(id) => {
                let function = FuncRef { file: self.call.file, id: *id };
                calls_in(self.program, function).find_map(|(call, made)| of(&made.callee, &Site::of_call(call.file, made)))
            }
            schema => of(schema, &self.at),
        }
    }

    fn typed(&self) -> Option<Shape> {
        let ty = self.made.type_args.first()?;
        Some(self.program.shape_of_type(&self.at, ty, Mode::Read)).filter(|shape| !shape.is_any())
    }

    /// What is taken of the value: by destructuring, an annotation, or members that are read.
    fn taken(&self) -> Option<Record> {
        let outline = &self.program.file(self.handler.file).outline;
        let me = Expr::Call(self.call.id);
        let assign = outline.assigns.iter().find(|assign| uncast(&assign.value) == &me)?;
        let written = match &assign.value {
            Expr::Cast(pair) => self.program.shape_of_type(&self.at, &pair.1, Mode::Read),
            _ => self.program.shape_of_type(&self.at, &assign.ty, Mode::Read),
        };
        if let Some(record) = self.program.record(&written) {
            return Some(record);
        }
        let mut record = Record::default();
        let mut take = |name: &str| {
            if record.member(name).is_none() {
                record.members.push(Member::optional(name, Shape::Any));
            }
        };
        match &assign.target {
            Pattern::Object(fields) => {
                fields.iter().filter(|field| !matches!(field.target, Pattern::Rest(_))).for_each(|field| take(&field.key))
            }
            Pattern::Name(bound) => {
                let values = outline.assigns.iter().map(|assign| &assign.value).chain(outline.reads.iter().map(|read| &read.expr));
                for value in values {
                    if let Expr::Member(base, name) = value
                        && matches!(&**base, Expr::Ref(root) if root == bound)
                    {
                        take(name);
                    }
                }
            }
            _ => {}
        }
        (!record.members.is_empty()).then_some(record)
    }
}

fn uncast(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast(pair) => uncast(&pair.0),
        other => other,
    }
}

fn add(route: &mut Route, location: Location, name: String) {
    if !route.params.iter().any(|known| known.name == name.as_str() && known.location == location) {
        route.params.push(ParamFinding { name: name.into(), location, shape: Shape::Text(None), ..ParamFinding::default() });
    }
}
