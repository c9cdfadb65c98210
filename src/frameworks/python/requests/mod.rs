//! What a handler reads from a request that it is given whole: `request.args.get("page", 1, type=int)`, `request.json["name"]`,
//! `data = request.get_json()` and `data["name"]`, also in the functions it calls.
//!
//! Which symbol stands for which part of the request is the framework's to say ([`Library`]).

use std::collections::HashMap;
use std::sync::Arc;

mod taken;

pub use taken::Taken;

use taken::Read;

use super::literals::literal;
use super::{bare, pydantic};
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, Op, Piece};
use crate::facts::program::{CallRef, Entered, Env, Frame, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;

/// How many functions below a handler are read, and how deep.
const MAX_FUNCTIONS: usize = 24;
const MAX_DEPTH: u32 = 3;

/// Methods of requests that give one member, and what they give.
const GETTERS: &[Getter] = &[
    ("get_param", Part::Query, || Shape::Text(None)),
    ("get_param_as_int", Part::Query, || Shape::Int),
    ("get_param_as_float", Part::Query, || Shape::Number),
    ("get_param_as_bool", Part::Query, || Shape::Bool),
    ("get_param_as_list", Part::Query, || Shape::Text(None).list()),
    ("get_param_as_uuid", Part::Query, || Shape::format("uuid")),
    ("get_param_as_date", Part::Query, || Shape::format("date")),
    ("get_param_as_datetime", Part::Query, || Shape::format("date-time")),
    ("get_header", Part::Headers, || Shape::Text(None)),
    ("get_cookie", Part::Cookies, || Shape::Text(None)),
    ("get_cookie_values", Part::Cookies, || Shape::Text(None)),
    ("get_signed_cookie", Part::Cookies, || Shape::Text(None)),
];

/// A part of a request, and the members below it that were taken already.
pub type Place = (Part, Vec<Name>);

/// A method of requests, the part it gives a member of, and the member's shape.
type Getter = (&'static str, Part, fn() -> Shape);

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The query string.
    Query,
    /// A form's fields.
    Form,
    /// Uploaded files.
    Files,
    /// The JSON document.
    Json,
    /// Its bytes.
    Bytes,
    /// Headers.
    Headers,
    /// Cookies.
    Cookies,
}

/// How a framework gives a request.
#[derive(Clone, Copy)]
pub struct Library {
    /// The part a meaning stands for, and the members below it that were taken already.
    pub part: fn(&dyn Program, &Meaning) -> Option<Place>,
}

/// Everything a handler reads.
#[must_use]
pub fn taken(program: &dyn Program, library: Library, handler: FuncRef) -> Taken {
    let mut reader = Reader { program, library, taken: Taken::default(), seen: Vec::new(), hints: HashMap::new() };
    reader.function(handler, None, 0);
    reader.taken
}

struct Reader<'p> {
    program: &'p dyn Program,
    library: Library,
    taken: Taken,
    seen: Vec<FuncRef>,
    /// What results of calls are turned into: `int(request.args.get("page"))`.
    hints: HashMap<CallId, Shape>,
}

impl<'p> Reader<'p> {
    fn function(&mut self, function: FuncRef, env: Env, depth: u32) {
        if self.seen.contains(&function) || self.seen.len() >= MAX_FUNCTIONS || depth > MAX_DEPTH {
            return;
        }
        self.seen.push(function);
        let program = self.program;
        let outline = &program.file(function.file).outline;
        let declared = outline.function(function.id);
        let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
        let site = |scope, offset: u32| Site { file: function.file, scope, offset, env: env.clone() };
        let calls: Vec<(CallId, &Call)> = (0u32..).map(CallId).zip(&outline.calls).filter(|(_, call)| within(call.at.offset)).collect();
        let outer = std::mem::take(&mut self.hints);
        for (_, call) in &calls {
            if let (Some(shape), Some(Expr::Call(inner))) = (converted(call), call.positional(0)) {
                self.hints.insert(*inner, shape);
            }
        }
        for (id, call) in &calls {
            let at = site(call.scope, call.at.offset);
            self.call(*id, call, &at);
            for arg in &call.args {
                self.expr(&at, &arg.value, converted(call));
            }
            // What is called is no member that is read.
            let callee = call.method().map_or(&call.callee, |(receiver, _)| receiver);
            self.expr(&at, callee, None);
        }
        for read in outline.reads.iter().filter(|read| within(read.at.offset)) {
            self.expr(&site(read.scope, read.at.offset), &read.expr, None);
        }
        for test in outline.tests.iter().filter(|test| within(test.at.offset)) {
            self.expr(&site(test.scope, test.at.offset), &test.expr, None);
        }
        for assign in outline.assigns.iter().filter(|assign| within(assign.at.offset)) {
            self.expr(&site(assign.scope, assign.at.offset), &assign.value, None);
        }
        for returned in outline.returns.iter().filter(|returned| within(returned.at.offset)) {
            self.expr(&site(returned.scope, returned.at.offset), &returned.value, None);
        }
        for (id, call) in &calls {
            self.follow(CallRef { file: function.file, id: *id }, call, &site(call.scope, call.at.offset), depth);
        }
        self.hints = outer;
    }

    /// Enters a function of the program, so that what it is given is known.
    fn follow(&mut self, call: CallRef, made: &Call, caller: &Site, depth: u32) {
        let program = self.program;
        let Some(function) = program.resolve(caller, &program.file(call.file).outline.call(call.id).callee).function() else { return };
        if made.callee == Expr::Ref("super".into()) || self.seen.contains(&function) {
            return;
        }
        let frames = caller.env.as_ref().map_or(0, |frame| frame.depth);
        let frame = Frame { entered: Entered::Call { function, call, caller: caller.clone() }, outer: None, depth: frames + 1 };
        self.function(function, Some(Arc::new(frame)), depth + 1);
    }

    fn place(&self, meaning: &Meaning<'p>, depth: u32) -> Option<(Part, Vec<Name>)> {
        if depth > 12 {
            return None;
        }
        if let Some(found) = (self.library.part)(self.program, meaning) {
            return Some(found);
        }
        match meaning {
            Meaning::Attribute(of, name) => {
                let (part, mut path) = self.place(of, depth + 1)?;
                path.push(name.clone());
                Some((part, path))
            }
            Meaning::Value(Expr::Call(id), at) => {
                let outline = &self.program.file(at.file).outline;
                let call = outline.call(*id);
                let inside = at.moved(at.file, call.scope, call.at.offset);
                if is_json_loads(self.program, CallRef { file: at.file, id: *id }) {
                    let (part, path) = self.place(&self.program.resolve(&inside, call.positional(0)?), depth + 1)?;
                    return (part == Part::Bytes && path.is_empty()).then_some((Part::Json, path));
                }
                let (receiver, name) = call.method()?;
                let (part, mut path) = self.place(&self.program.resolve(&inside, receiver), depth + 1)?;
                match name.as_str() {
                    "get" | "pop" | "setdefault" => {
                        path.push(self.program.text(&inside, call.positional(0)?).plain()?.into());
                        Some((part, path))
                    }
                    "copy" | "to_dict" | "dict" | "decode" => Some((part, path)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn part_of(&self, site: &Site, expr: &'p Expr) -> Option<(Part, Vec<Name>)> {
        if !matches!(expr, Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) | Expr::Call(_) | Expr::Binary(_)) {
            return None;
        }
        self.place(&self.program.resolve(site, expr), 0)
    }

    fn call(&mut self, id: CallId, call: &'p Call, at: &Site) {
        self.load(call, at);
        let Some((receiver, name)) = call.method() else { return };
        if let Some((_, part, shape)) = GETTERS.iter().find(|(getter, ..)| *getter == name) {
            return self.getter(id, call, at, receiver, (*part, shape()));
        }
        let is_list = matches!(name.as_str(), "getlist" | "get_all" | "getall");
        if !is_list && !matches!(name.as_str(), "get" | "pop" | "get_or_404" | "setdefault") {
            return;
        }
        let Some(key) = call.arg(0, "key").or_else(|| call.keyword("name")) else { return };
        let Some((part, path)) = self.part_of(at, receiver) else { return };
        let default = call.arg(1, "default").and_then(|expr| literal(self.program, at, expr)).filter(|value| !value.is_null());
        let declared = call.keyword("type").and_then(|expr| self.program.resolve(at, expr).outside().and_then(builtin));
        let known = declared.or_else(|| self.hints.get(&id).cloned());
        let is_textual = matches!(part, Part::Query | Part::Form | Part::Headers | Part::Cookies);
        let by_default = default.as_ref().and_then(shape_of_default).filter(|shape| !is_textual || *shape != Shape::Bool);
        let shape = known.or(by_default).unwrap_or(if is_textual { Shape::Text(None) } else { Shape::Any });
        let shape = if is_list { shape.list() } else { shape };
        let shape = match default {
            Some(value) if !is_list && (value.is_string() || value.is_number() || value.is_boolean()) && value != "" => {
                shape.with("default", value)
            }
            _ => shape,
        };
        for name in self.names(at, key) {
            self.taken.add(part, path.clone(), name, Read { shape: shape.clone(), required: name_is_required(call) });
        }
    }

    /// `req.get_param("page")`, `request.get_cookie("session")`.
    fn getter(&mut self, id: CallId, call: &'p Call, at: &Site, receiver: &'p Expr, (part, shape): (Part, Shape)) {
        let meaning = self.program.resolve(at, receiver);
        let is_request = bare::is_request(self.program, &meaning) || meaning.outside().is_some_and(|path| path.ends_with(".request"));
        let Some(key) = call.positional(0).or_else(|| call.keyword("name")).filter(|_| is_request) else { return };
        let required = call.keyword("required") == Some(&Expr::Bool(true));
        let shape = self.hints.get(&id).cloned().unwrap_or(shape);
        for name in self.names(at, key) {
            self.taken.add(part, Vec::new(), name, Read { shape: shape.clone(), required });
        }
    }

    /// The names a key stands for: one, or one for each round of a loop.
    fn names(&self, site: &Site, key: &Expr) -> Vec<Name> {
        let sites = if matches!(key, Expr::Str(_)) { vec![site.clone()] } else { self.program.instances(site, &[key]) };
        sites.iter().filter_map(|at| self.program.text(at, key).plain()).filter(|name| is_name(name)).map(Name::from).collect()
    }

    /// The document given to a model: `Schema().load(request.json)`, `Model(**data)`, `Model.model_validate(data)`.
    fn load(&mut self, call: &'p Call, at: &Site) {
        let whole = call.args.iter().find_map(|arg| {
            let (part, path) = match &arg.value {
                Expr::Spread(inner) => self.part_of(at, inner)?,
                value => self.part_of(at, value)?,
            };
            let is_spread = arg.name.as_deref() == Some("**") || matches!(arg.value, Expr::Spread(_));
            (path.is_empty() && matches!(part, Part::Json | Part::Form | Part::Bytes)).then_some((part, is_spread))
        });
        let Some((part, is_spread)) = whole else { return };
        let callee = self.program.resolve(at, &call.callee);
        let shape = match (&callee, call.method()) {
            (Meaning::Class(class), _) if is_spread && pydantic::is_model(self.program, *class) => {
                self.program.shape_of_class(*class, Vec::new(), Mode::Read)
            }
            (_, Some((receiver, name))) => match name.as_str() {
                "load" | "loads" | "validate" | "deserialize" => self.program.shape_of_value(at, receiver, Mode::Read),
                "model_validate" | "parse_obj" | "model_validate_json" | "parse_raw" | "from_dict" | "schema_load" => {
                    match self.program.resolve(at, receiver) {
                        Meaning::Class(class) => self.program.shape_of_class(class, Vec::new(), Mode::Read),
                        _ => Shape::Any,
                    }
                }
                _ => Shape::Any,
            },
            _ => Shape::Any,
        };
        if shape.is_any() {
            return;
        }
        match part {
            Part::Form => self.taken.form_model = Some(shape),
            _ => self.taken.model = Some(shape),
        }
    }

    /// `request.query.page`, where members are attributes.
    fn attribute(&mut self, site: &Site, expr: &'p Expr, hint: Option<Shape>) {
        let meaning = self.program.resolve(site, expr);
        if meaning.outside().is_some_and(|path| path.starts_with("bottle."))
            && let Some((part @ (Part::Query | Part::Form | Part::Cookies), path)) = self.place(&meaning, 0)
            && let [name] = path.as_slice()
        {
            self.taken.add(part, Vec::new(), name.clone(), Read { shape: hint.unwrap_or(Shape::Text(None)), required: false });
        }
    }

    fn expr(&mut self, site: &Site, expr: &'p Expr, hint: Option<Shape>) {
        self.expr_at(site, expr, hint, 0);
    }

    /// The whole document is used, whatever is done with it.
    fn whole(&mut self, site: &Site, expr: &'p Expr) {
        self.taken.takes_json |= self.part_of(site, expr).is_some_and(|(part, path)| part == Part::Json && path.is_empty());
    }

    /// A member of a part: read, or asked for.
    fn member(&mut self, site: &Site, of: &'p Expr, key: &Expr, (hint, required): (Option<Shape>, bool)) {
        let Some((part, path)) = self.part_of(site, of) else { return };
        let unknown = if matches!(part, Part::Json | Part::Bytes) { Shape::Any } else { Shape::Text(None) };
        let shape = hint.unwrap_or(unknown);
        for name in self.names(site, key) {
            self.taken.add(part, path.clone(), name, Read { shape: shape.clone(), required });
        }
    }

    fn expr_at(&mut self, site: &Site, expr: &'p Expr, hint: Option<Shape>, depth: u32) {
        if depth > 40 {
            return;
        }
        match expr {
            Expr::Index(pair) => {
                self.member(site, &pair.0, &pair.1, (hint, true));
                self.expr_at(site, &pair.0, None, depth + 1);
            }
            Expr::Member(base, _) => {
                self.attribute(site, expr, hint);
                self.whole(site, expr);
                self.expr_at(site, base, None, depth + 1);
            }
            Expr::Call(_) => self.whole(site, expr),
            Expr::Binary(binary) => {
                if binary.op == Op::In {
                    self.member(site, &binary.right, &binary.left, (None, false));
                }
                self.expr_at(site, &binary.left, hint.clone(), depth + 1);
                self.expr_at(site, &binary.right, hint, depth + 1);
            }
            Expr::Cond(cond) => {
                self.expr_at(site, &cond.test, None, depth + 1);
                self.expr_at(site, &cond.yes, hint.clone(), depth + 1);
                self.expr_at(site, &cond.no, hint, depth + 1);
            }
            Expr::List(items) => items.iter().for_each(|item| self.expr_at(site, item, None, depth + 1)),
            Expr::Object(entries) => entries.iter().for_each(|entry| self.expr_at(site, &entry.value, None, depth + 1)),
            Expr::Spread(inner) => self.expr_at(site, inner, None, depth + 1),
            Expr::Cast(pair) => self.expr_at(site, &pair.0, hint, depth + 1),
            Expr::Template(pieces) => pieces.iter().for_each(|piece| {
                if let Piece::Expr(inner) = piece {
                    self.expr_at(site, inner, None, depth + 1);
                }
            }),
            Expr::Each(each) => self.expr_at(&site.moved(site.file, each.scope, site.offset), &each.element, None, depth + 1),
            _ => {}
        }
    }
}

fn name_is_required(call: &Call) -> bool {
    call.method().is_some_and(|(_, name)| name == "get_or_404")
}

/// Names on the wire: not empty, no blanks.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() < 100 && !name.contains(char::is_whitespace)
}

/// What `int(…)`, `float(…)` and the like turn a value into.
fn converted(call: &Call) -> Option<Shape> {
    match &call.callee {
        Expr::Ref(name) => builtin(&format!("builtins.{name}")),
        Expr::Member(..) if call.callee.dotted().is_some_and(|name| name == "uuid.UUID") => Some(Shape::format("uuid")),
        _ => None,
    }
}

fn builtin(path: &str) -> Option<Shape> {
    Some(match path {
        "builtins.int" => Shape::Int,
        "builtins.float" => Shape::Number,
        "builtins.bool" => Shape::Bool,
        "builtins.str" => Shape::Text(None),
        "builtins.UUID" | "uuid.UUID" => Shape::format("uuid"),
        _ => return None,
    })
}

fn shape_of_default(value: &serde_json::Value) -> Option<Shape> {
    use serde_json::Value;
    match value {
        Value::Bool(_) => Some(Shape::Bool),
        Value::Number(number) if number.is_f64() => Some(Shape::Number),
        Value::Number(_) => Some(Shape::Int),
        Value::String(_) => Some(Shape::Text(None)),
        Value::Array(_) => Some(Shape::Any.list()),
        _ => None,
    }
}

fn is_json_loads(program: &dyn Program, call: CallRef) -> bool {
    program.callee(call).is_any(&["json.loads", "simplejson.loads", "ujson.loads", "orjson.loads", "flask.json.loads", "rapidjson.loads"])
}
