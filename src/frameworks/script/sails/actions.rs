//! Actions: functions of controllers, and files of their own with declared inputs and exits.

use std::collections::BTreeMap;

use super::{below, stem, whole};
use crate::base::Name;
use crate::base::code::{Expr, ScopeId};
use crate::facts::finding::{BodyFinding, Location, Method, ParamFinding, ResponseFinding, Route};
use crate::facts::program::{FileId, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::script::functions;
use crate::frameworks::script::handler::answers::Answers;
use crate::frameworks::script::handler::{Declared, Dialect, Handling, Part, Place, Root};
use crate::frameworks::script::literals::{keys_of, literal};

/// The actions of an application, by identity.
pub struct Actions<'p> {
    program: &'p dyn Program,
    /// The application's directory.
    pub root: &'p str,
    files: BTreeMap<String, FileId>,
}

/// What an action is.
pub struct Action<'p> {
    /// A function, or an object that declares one.
    pub value: Meaning<'p>,
}

/// `user/show` of `UserController.show`, `user/show` and `user/UserController.show`.
pub fn identity(target: &str) -> String {
    let parts = target.split(['.', '/']).map(|part| part.strip_suffix("Controller").unwrap_or(part).to_lowercase());
    parts.collect::<Vec<_>>().join("/")
}

impl<'p> Actions<'p> {
    /// All actions of an application.
    pub fn of(program: &'p dyn Program, root: &'p str) -> Self {
        let folder = below(root, "api/controllers/");
        let files = (0..program.file_count()).map(FileId);
        let named = files.filter_map(|file| Some((identity(stem(program.path(file).strip_prefix(&folder)?)), file)));
        Self { program, root, files: named.collect() }
    }

    /// The action of an identity: a file of its own, else a member of a controller.
    pub fn find(&self, identity: &str) -> Option<Action<'p>> {
        let program = self.program;
        if let Some(file) = self.files.get(identity)
            && !is_controller(program, *file)
        {
            return Some(Action { value: whole(program, *file)? });
        }
        let (controller, action) = identity.rsplit_once('/')?;
        let file = *self.files.get(controller).filter(|file| is_controller(program, **file))?;
        let (_, value) = members(program, file).into_iter().find(|(name, _)| name.to_lowercase() == action)?;
        Some(Action { value })
    }
}

/// Whether a file holds several actions.
pub fn is_controller(program: &dyn Program, file: FileId) -> bool {
    stem(program.path(file)).ends_with("Controller")
}

/// What a controller exports, by name.
pub fn members(program: &dyn Program, file: FileId) -> Vec<(Name, Meaning<'_>)> {
    let module = Meaning::Module(file, ScopeId(0));
    let exported = whole(program, file);
    let entries = exported.as_ref().and_then(Meaning::value).and_then(|(value, site)| program.entries(site, value));
    if let Some(entries) = entries {
        return entries.into_iter().map(|(name, value, at)| (name, program.resolve(&at, value))).collect();
    }
    let exports = &program.file(file).outline.exports;
    exports.iter().map(|export| (export.name.clone(), program.member(&module, &export.name))).collect()
}

impl Action<'_> {
    /// Whether it can answer.
    pub fn is_served(&self, program: &dyn Program) -> bool {
        let has_function = |(value, site): (&Expr, &Site)| {
            program.entries(site, value).is_some_and(|entries| entries.iter().any(|(key, ..)| matches!(key.as_str(), "fn" | "machine")))
        };
        self.value.function().is_some() || self.value.value().is_some_and(has_function)
    }

    /// Fills in what it reads and answers.
    pub fn describe(&self, program: &dyn Program, route: &mut Route) {
        if let Some(function) = self.value.function() {
            classic(program, function, route);
        } else if let Some((value, site)) = self.value.value()
            && let Some(entries) = program.entries(site, value)
        {
            machine(program, &entries, route);
        }
    }
}

const ANSWERS: Answers =
    Answers { responders: &[(Root::Response, &[])], bodies: &[], statuses: &[(Root::Response, &["statusCode"])], returned: false };

/// The parts of a request; `req.allParams()` has those of the path, the query and the body in one.
const fn parts(all: Part) -> [Place; 8] {
    [
        (Root::Request, &["query"], Part::Query),
        (Root::Request, &["body"], Part::Body),
        (Root::Request, &["params"], Part::Params),
        (Root::Request, &["params", "all"], all),
        (Root::Request, &["allParams"], all),
        (Root::Request, &["headers"], Part::Headers),
        (Root::Request, &["cookies"], Part::Cookies),
        (Root::Request, &["signedCookies"], Part::Cookies),
    ]
}

/// `(req, res)` where no body is sent: `req.param("x")` is a query parameter.
const ASKING: Dialect = Dialect {
    roots: &[Root::Request, Root::Response, Root::Next],
    parts: &const { parts(Part::Query) },
    lookups: &[
        (Root::Request, &["get"], Part::Headers),
        (Root::Request, &["header"], Part::Headers),
        (Root::Request, &["param"], Part::Query),
    ],
    passes: &[],
    answers: ANSWERS,
};

/// `(req, res)` where a body is sent: `req.param("x")` is a member of it.
const SENDING: Dialect = Dialect {
    parts: &const { parts(Part::Body) },
    lookups: &[
        (Root::Request, &["get"], Part::Headers),
        (Root::Request, &["header"], Part::Headers),
        (Root::Request, &["param"], Part::Body),
    ],
    ..ASKING
};

/// Responses that every application has.
const RESPONSES: &[(&str, &str)] =
    &[("ok", "200"), ("created", "201"), ("badRequest", "400"), ("forbidden", "403"), ("notFound", "404"), ("serverError", "500")];

/// Fills in what a function of request and response says.
pub fn classic(program: &dyn Program, function: FuncRef, route: &mut Route) {
    route.handler = Some(function);
    let declared = program.function(function);
    if !declared.name.is_empty() {
        route.place.symbol = declared.name.clone();
    }
    let site = program.inside(function);
    let takes_body = takes_body(route);
    let mut handling = Handling::new(program, if takes_body { &SENDING } else { &ASKING }, &site);
    handling.enter(function);
    handling.run();
    handling.fill(&Declared::default(), route);
    answered(program, function, route);
    without_path(program, route);
    if !takes_body {
        route.body = None;
    }
}

/// `return res.ok(user)`.
fn answered(program: &dyn Program, function: FuncRef, route: &mut Route) {
    let Some(response) = program.function(function).params.get(1) else { return };
    for (call, made) in functions::calls_in(program, function) {
        let Some((Expr::Ref(receiver), name)) = made.method() else { continue };
        let is_response = matches!(&response.pattern, crate::base::code::Pattern::Name(bound) if bound == receiver);
        let Some((_, status)) = RESPONSES.iter().find(|(known, _)| is_response && name == known) else { continue };
        let site = Site::of_call(call.file, made);
        let body = made.positional(0).filter(|_| status.starts_with('2'));
        let answer = match body {
            Some(body) => ResponseFinding::json(status, program.shape_of_value(&site, body, Mode::Write)),
            None => ResponseFinding::empty(status),
        };
        match route.responses.iter_mut().find(|known| known.status == *status) {
            Some(known) if known.contents.is_empty() => *known = answer,
            Some(_) => {}
            None => route.responses.push(answer),
        }
    }
}

/// `req.param` reads the path, too.
fn without_path(program: &dyn Program, route: &mut Route) {
    let names = path_names(route);
    route.params.retain(|param| param.location != Location::Query || !names.iter().any(|name| name == param.name.as_str()));
    for (_, shape) in route.body.iter_mut().flat_map(|body| &mut body.contents) {
        if let Some(mut record) = program.record(shape)
            && record.members.iter().any(|member| names.iter().any(|name| name == member.name.as_str()))
        {
            record.members.retain(|member| !names.iter().any(|name| name == member.name.as_str()));
            *shape = Shape::Record(Box::new(record));
        }
    }
    let is_empty = |body: &BodyFinding| {
        body.contents.iter().all(|(_, shape)| matches!(shape, Shape::Record(record) if record.members.is_empty() && record.rest.is_none()))
    };
    if !names.is_empty() && route.body.as_ref().is_some_and(is_empty) {
        route.body = None;
    }
}

fn path_names(route: &Route) -> Vec<String> {
    let path = route.path.text.plain().unwrap_or_default();
    let named = path.split('/').filter_map(|segment| segment.strip_prefix(':'));
    named.map(|name| name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

/// Whether requests have a body.
pub fn takes_body(route: &Route) -> bool {
    route.methods.iter().any(|method| matches!(method, Method::Post | Method::Put | Method::Patch))
}

type Entries<'p> = [(Name, &'p Expr, Site)];

fn find<'e, 'p>(entries: &'e Entries<'p>, name: &str) -> Option<(&'p Expr, &'e Site)> {
    entries.iter().find(|(key, ..)| key == name).map(|(_, value, site)| (*value, site))
}

/// Fills in what `{ friendlyName, inputs, exits, fn }` declares.
fn machine(program: &dyn Program, entries: &Entries, route: &mut Route) {
    let text = |name: &str| find(entries, name).and_then(|(value, at)| program.text(at, value).plain()).map(Name::from);
    route.summary = text("friendlyName");
    route.description = text("extendedDescription").or_else(|| text("description"));
    let names = path_names(route);
    let inputs = find(entries, "inputs").map(|(inputs, at)| declared(program, at, inputs)).unwrap_or_default();
    let files = find(entries, "files").map(|(files, at)| keys_of(program, at, files)).unwrap_or_default();
    let mut body = Vec::new();
    for input in inputs {
        let is_path = names.iter().any(|name| name == input.name.as_str());
        if takes_body(route) && !is_path {
            let is_file = files.contains(&input.name);
            body.push(if is_file { Member { shape: Shape::format("binary"), ..input } } else { input });
            continue;
        }
        let location = if is_path { Location::Path } else { Location::Query };
        let (name, shape, doc) = (input.name, input.shape, input.doc);
        route.params.push(ParamFinding { name, location, required: is_path || input.required, shape, doc, deprecated: false });
    }
    if !body.is_empty() {
        let media = if files.is_empty() { "application/json" } else { "multipart/form-data" };
        let required = body.iter().any(|member| member.required);
        route.body = Some(BodyFinding { required, contents: vec![(media.into(), Shape::record(body))], doc: None });
    }
    let function = find(entries, "fn").and_then(|(value, at)| program.resolve(at, value).function());
    route.handler = function;
    exits(program, entries, function, route);
}

/// `exits: { success: { statusCode: 201 }, notFound: { responseType: 'notFound' } }`.
fn exits(program: &dyn Program, entries: &Entries, function: Option<FuncRef>, route: &mut Route) {
    let exits = find(entries, "exits").and_then(|(exits, at)| program.entries(at, exits)).unwrap_or_default();
    let mut success = ResponseFinding::empty("200");
    let given = function.map_or(Shape::Any, |function| functions::result(program, function, &None, Mode::Write));
    if !given.is_any() {
        success.contents = vec![("application/json".into(), given)];
    }
    for (name, exit, at) in &exits {
        let said = program.entries(at, exit).unwrap_or_default();
        let text = |key: &str| find(&said, key).and_then(|(value, at)| program.text(at, value).plain());
        let status = find(&said, "statusCode").and_then(|(value, at)| literal(program, at, value)).and_then(|value| value.as_u64());
        let kind = text("responseType");
        let named = kind.as_deref().and_then(|kind| RESPONSES.iter().find(|(known, _)| *known == kind)).map(|(_, status)| *status);
        let redirect = (kind.as_deref() == Some("redirect")).then_some("302");
        let status = status.map(|status| status.to_string()).or_else(|| named.or(redirect).map(str::to_string));
        let doc = text("description").map(Name::from);
        if name == "success" {
            success.status = status.map_or_else(|| success.status.clone(), Name::from);
            success.doc = doc;
            if kind.as_deref() == Some("view") || find(&said, "viewTemplatePath").is_some() {
                success.contents = vec![("text/html".into(), Shape::Text(None))];
            }
        } else if let Some(status) = status
            && !route.responses.iter().any(|known| known.status == status.as_str())
        {
            route.responses.push(ResponseFinding { doc, ..ResponseFinding::empty(&status) });
        }
    }
    route.responses.insert(0, success);
}

/// Declared inputs or attributes: `{ title: { type: 'string', required: true } }`.
pub fn declared(program: &dyn Program, site: &Site, object: &Expr) -> Vec<Member> {
    let entries = program.entries(site, object).unwrap_or_default();
    entries.into_iter().filter_map(|(name, value, at)| member(program, name, value, &at)).collect()
}

fn member(program: &dyn Program, name: Name, value: &Expr, site: &Site) -> Option<Member> {
    let type_of = |kind: &str| match kind {
        "string" | "text" => Shape::Text(None),
        "email" => Shape::format("email"),
        "date" => Shape::format("date"),
        "datetime" => Shape::format("date-time"),
        "number" | "float" => Shape::Number,
        "integer" => Shape::Int,
        "boolean" => Shape::Bool,
        "array" => Shape::Any.list(),
        "{}" => Shape::Record(Box::default()),
        _ => Shape::Any,
    };
    let (said, at) = match program.resolve(site, value) {
        Meaning::Value(Expr::Str(kind), _) => return Some(Member::optional(name, type_of(kind))),
        Meaning::Value(object @ Expr::Object(_), at) => (program.entries(&at, object)?, at),
        _ => return None,
    };
    if find(&said, "collection").is_some() {
        return None;
    }
    let mut shape = match find(&said, "type") {
        Some((Expr::List(items), at)) => items.first().map_or(Shape::Any, |item| of_example(program, at, item)).list(),
        Some((kind @ Expr::Object(_), at)) => Shape::record(declared(program, at, kind)),
        Some((kind, at)) => program.text(at, kind).plain().map_or(Shape::Any, |kind| type_of(&kind)),
        None => Shape::Any,
    };
    let is_true = |key: &str| matches!(find(&said, key), Some((Expr::Bool(true), _)));
    if is_true("isEmail") {
        shape = Shape::format("email");
    }
    let allowed = find(&said, "isIn").or_else(|| find(&said, "enum")).and_then(|(list, at)| literal(program, at, list));
    if let Some(serde_json::Value::Array(values)) = allowed {
        shape = Shape::Enum(values);
    }
    let keywords = [("min", "minimum"), ("max", "maximum"), ("minLength", "minLength"), ("maxLength", "maxLength")];
    for (key, keyword) in keywords.into_iter().chain([("defaultsTo", "default")]) {
        if let Some(value) = find(&said, key).and_then(|(value, at)| literal(program, at, value)) {
            shape = shape.with(keyword, value);
        }
    }
    if is_true("allowNull") {
        shape = shape.or_null();
    }
    let doc = find(&said, "description").and_then(|(value, _)| program.text(&at, value).plain()).map(Name::from);
    Some(Member { name, shape, required: is_true("required"), doc, ..Member::default() })
}

/// The item of `['string']`.
fn of_example(program: &dyn Program, site: &Site, expr: &Expr) -> Shape {
    match program.text(site, expr).plain().as_deref() {
        Some("number") => Shape::Number,
        Some("boolean") => Shape::Bool,
        Some("string") => Shape::Text(None),
        _ => Shape::Any,
    }
}
