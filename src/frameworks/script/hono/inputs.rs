//! What requests carry: by validators among a route's arguments, and by what the handler reads.

use crate::base::Name;
use crate::base::code::{Call, Expr, Pattern, Type};
use crate::facts::finding::{BodyFinding, Location, ParamFinding, Route};
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};

/// Functions that make a validator of a target and a schema.
const VALIDATORS: &[&str] = &[
    "@hono/zod-validator.zValidator",
    "@hono/standard-validator.sValidator",
    "@hono/valibot-validator.vValidator",
    "@hono/arktype-validator.arktypeValidator",
    "@hono/typebox-validator.tbValidator",
    "@hono/effect-validator.effectValidator",
    "hono-openapi.validator",
    "hono-openapi/zod.validator",
    "hono-openapi/valibot.validator",
    "hono-openapi/arktype.validator",
    "hono-openapi/typebox.validator",
    "hono-openapi/effect.validator",
    "hono/validator.validator",
];

/// What a validator among a route's arguments says.
pub fn validated(program: &dyn Program, site: &Site, expr: &Expr, route: &mut Route) {
    if let Some((target, shape)) = validator(program, site, expr, Mode::Read) {
        take(program, route, &target, shape);
    }
}

/// The part of the request that a validator checks, and the shape it asks for.
pub fn validator(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Option<(String, Shape)> {
    if !matches!(expr, Expr::Call(_) | Expr::Ref(_) | Expr::Member(..)) {
        return None;
    }
    let meaning = program.produce(site, expr);
    let (call, at) = meaning.call()?;
    let path = program.callee(call).outside().map(str::to_string)?;
    if !VALIDATORS.contains(&path.as_str()) {
        return None;
    }
    let made = program.call(call);
    let target = program.text(at, made.positional(0)?).plain()?;
    let schema = made.positional(1)?;
    let shape = if path == "hono/validator.validator" { checked(program, at, schema) } else { program.shape_of_value(at, schema, mode) };
    Some((target, shape))
}

/// What a function checks its value against: `validator("json", (value) => schema.parse(value))`.
fn checked(program: &dyn Program, site: &Site, function: &Expr) -> Shape {
    let Some(function) = program.resolve(site, function).function() else { return Shape::Any };
    let declared = program.function(function);
    let outline = &program.file(function.file).outline;
    let inside = outline.calls.iter().filter(|call| declared.at.offset <= call.at.offset && call.at.offset < declared.end);
    for call in inside {
        let Some((receiver, name)) = call.method() else { continue };
        if matches!(name.as_str(), "parse" | "safeParse" | "parseAsync" | "safeParseAsync") {
            let at = Site { env: site.env.clone(), ..Site::of_call(function.file, call) };
            let shape = program.shape_of_value(&at, receiver, Mode::Read);
            if !shape.is_any() {
                return shape;
            }
        }
    }
    Shape::Any
}

/// A part of the request is of this shape.
pub fn take(program: &dyn Program, route: &mut Route, target: &str, shape: Shape) {
    let location = match target {
        "json" => return add_body(route, "application/json", shape),
        "form" => {
            let media = if holds_file(program, &shape) { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
            return add_body(route, media, shape);
        }
        "query" => Location::Query,
        "param" => Location::Path,
        "header" => Location::Header,
        "cookie" => Location::Cookie,
        _ => return,
    };
    for member in program.record(&shape).map(|record| record.members).unwrap_or_default() {
        add_param(route, location, member);
    }
}

fn holds_file(program: &dyn Program, shape: &Shape) -> bool {
    let options = match shape {
        Shape::AnyOf(options) | Shape::OneOf(options, _) => options.as_slice(),
        other => std::slice::from_ref(other),
    };
    options.iter().filter_map(|shape| program.record(shape)).any(|record| {
        record.members.iter().any(|member| match crate::facts::members::base(&member.shape) {
            Shape::Text(Some(format)) => format == "binary",
            Shape::List(item) => matches!(&**item, Shape::Text(Some(format)) if format == "binary"),
            _ => false,
        })
    })
}

fn add_body(route: &mut Route, media: &str, shape: Shape) {
    let body = route.body.get_or_insert_with(|| BodyFinding { required: true, ..BodyFinding::default() });
    match body.contents.iter_mut().find(|(known, _)| known == media) {
        Some((_, known)) if known.is_any() => *known = shape,
        Some(_) => {}
        None => body.contents.push((media.into(), shape)),
    }
}

fn add_param(route: &mut Route, location: Location, member: Member) {
    let is_same = |known: &ParamFinding| known.location == location && known.name == member.name;
    if route.params.iter().any(is_same) {
        return;
    }
    route.params.push(ParamFinding {
        name: member.name,
        location,
        required: member.required || location == Location::Path,
        shape: member.shape,
        doc: member.doc,
        deprecated: member.deprecated,
    });
}

/// What a handler reads of its context.
pub fn read(program: &dyn Program, site: &Site, handler: FuncRef, route: &mut Route) {
    let Some(context) = context_name(program, handler) else { return };
    let declared = program.function(handler);
    let outline = &program.file(handler.file).outline;
    for (index, call) in outline.calls.iter().enumerate() {
        if call.at.offset < declared.at.offset || call.at.offset >= declared.end {
            continue;
        }
        let at = Site { env: site.env.clone(), ..Site::of_call(handler.file, call) };
        if let Some(name) = request_method(call, &context) {
            let given = Given { program, at: &at, call, index, handler };
            given.read(name, route);
        } else if let Meaning::Outside(path) = program.resolve(&at, &call.callee)
            && matches!(path.as_str(), "hono/cookie.getCookie" | "hono/cookie.getSignedCookie")
            && let Some(name) = call.args.iter().rev().find_map(|arg| program.text(&at, &arg.value).plain())
        {
            add_param(route, Location::Cookie, Member::optional(name, Shape::Text(None)));
        }
    }
}

/// The name of the context in a handler: its first parameter.
pub fn context_name(program: &dyn Program, handler: FuncRef) -> Option<Name> {
    program.function(handler).params.first()?.name().cloned()
}

/// Of `c.req.query(…)`: the method.
fn request_method<'c>(call: &'c Call, context: &str) -> Option<&'c str> {
    let (receiver, name) = call.method()?;
    match receiver {
        Expr::Member(base, req) if req == "req" && matches!(&**base, Expr::Ref(name) if name == context) => Some(name),
        _ => None,
    }
}

/// A call that gives something of the request.
struct Given<'p> {
    program: &'p dyn Program,
    at: &'p Site,
    call: &'p Call,
    index: usize,
    handler: FuncRef,
}

impl Given<'_> {
    fn read(&self, method: &str, route: &mut Route) {
        let key = self.call.positional(0).and_then(|key| self.program.text(self.at, key).plain());
        match (method, key) {
            ("query", Some(key)) => add_param(route, Location::Query, Member::optional(key, Shape::Text(None))),
            ("queries", Some(key)) => add_param(route, Location::Query, Member::optional(key, Shape::Text(None).list())),
            ("header", Some(key)) if !is_transport(&key) => {
                add_param(route, Location::Header, Member::optional(key, Shape::Text(None)));
            }
            ("query" | "queries", None) if self.call.args.is_empty() => {
                for member in self.taken().map(|record| record.members).unwrap_or_default() {
                    let shape = if member.shape.is_any() { Shape::Text(None) } else { member.shape };
                    add_param(route, Location::Query, Member { shape, ..member });
                }
            }
            ("json", _) => self.body(route, "application/json"),
            ("parseBody" | "formData", _) => self.body(route, "multipart/form-data"),
            ("arrayBuffer" | "blob", _) => add_body(route, "application/octet-stream", Shape::format("binary")),
            ("text", _) => add_body(route, "text/plain", Shape::Text(None)),
            _ => {}
        }
    }

    fn body(&self, route: &mut Route, media: &str) {
        if route.body.as_ref().is_some_and(|body| body.contents.iter().any(|(_, shape)| !shape.is_any())) {
            return;
        }
        let typed = self.call.type_args.first().map(|ty| self.program.shape_of_type(self.at, ty, Mode::Read));
        let shape = typed.filter(|shape| !shape.is_any()).or_else(|| self.parsed());
        let shape = shape.unwrap_or_else(|| self.taken().map_or(Shape::Any, |record| Shape::Record(Box::new(record))));
        add_body(route, media, shape);
    }

    fn id(&self) -> Expr {
        Expr::Call(crate::base::code::CallId(u32::try_from(self.index).unwrap_or(u32::MAX)))
    }

    /// What the value is checked against: `schema.parse(await c.req.json())`, also through a name.
    fn parsed(&self) -> Option<Shape> {
        let outline = &self.program.file(self.handler.file).outline;
        let declared = self.program.function(self.handler);
        let me = self.id();
        let bound = self.bound();
        outline.calls.iter().filter(|call| declared.at.offset <= call.at.offset && call.at.offset < declared.end).find_map(|call| {
            let (receiver, name) = call.method()?;
            let arg = call.positional(0)?;
            let is_mine = *arg == me || matches!(arg, Expr::Ref(name) if bound.as_ref() == Some(name));
            if !is_mine || !matches!(name.as_str(), "parse" | "safeParse" | "parseAsync" | "safeParseAsync" | "validate") {
                return None;
            }
            let at = Site { env: self.at.env.clone(), ..Site::of_call(self.handler.file, call) };
            Some(self.program.shape_of_value(&at, receiver, Mode::Read)).filter(|shape| !shape.is_any())
        })
    }

    /// The name the value is bound to.
    fn bound(&self) -> Option<Name> {
        let outline = &self.program.file(self.handler.file).outline;
        let me = self.id();
        outline.assigns.iter().find_map(|assign| match &assign.target {
            Pattern::Name(name) if uncast(&assign.value) == &me => Some(name.clone()),
            _ => None,
        })
    }

    /// What is taken of the value: by its annotation, by destructuring, by members that are read.
    fn taken(&self) -> Option<crate::facts::shape::Record> {
        let outline = &self.program.file(self.handler.file).outline;
        let declared = self.program.function(self.handler);
        let me = self.id();
        let assign = outline.assigns.iter().find(|assign| uncast(&assign.value) == &me)?;
        let written = match (&assign.ty, &assign.value) {
            (Type::Unknown, Expr::Cast(pair)) => self.program.shape_of_type(self.at, &pair.1, Mode::Read),
            (ty, _) => self.program.shape_of_type(self.at, ty, Mode::Read),
        };
        if let Some(record) = self.program.record(&written) {
            return Some(record);
        }
        let mut record = crate::facts::shape::Record::default();
        let mut add = |name: &Name| {
            if record.member(name).is_none() {
                record.members.push(Member::optional(name.clone(), Shape::Any));
            }
        };
        match &assign.target {
            Pattern::Object(fields) => {
                fields.iter().filter(|field| !matches!(field.target, Pattern::Rest(_))).for_each(|field| add(&field.key))
            }
            Pattern::Name(bound) => {
                for read in outline.reads.iter().filter(|read| declared.at.offset <= read.at.offset && read.at.offset < declared.end) {
                    if let Some(member) = member_of(&read.expr, bound) {
                        add(member);
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

/// Of `body.a.b`: `a`.
fn member_of<'e>(expr: &'e Expr, of: &str) -> Option<&'e Name> {
    match expr {
        Expr::Member(base, name) => match &**base {
            Expr::Ref(root) if root == of => Some(name),
            inner => member_of(inner, of),
        },
        Expr::Index(pair) => member_of(&pair.0, of),
        _ => None,
    }
}

/// Headers that every request has, or that are told as security.
fn is_transport(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        "authorization"
            | "accept"
            | "content-type"
            | "content-length"
            | "cookie"
            | "host"
            | "origin"
            | "referer"
            | "user-agent"
            | "x-real-ip"
    ) || name.starts_with("x-forwarded-")
        || name.starts_with("cf-")
}
