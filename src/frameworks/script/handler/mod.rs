//! Handlers that are given a request: what they read of it and what they answer, told by their bodies.
//!
//! - [`Dialect`]: how a framework spells the parts of a request.
//! - [`sources`]: which part of the request a value comes from.
//! - [`reads`]: what is read of each part, as shapes.
//! - [`answers`]: what goes back.
//! - [`guards`]: middleware that asks for a login.
//! - [`layers`]: middleware that stands before routes: `router.use(requireLogin)`.
//! - [`validators`]: middleware and calls that check a part against a schema.

pub mod answers;
pub mod guards;
pub mod layers;
pub mod reads;
pub mod sources;
pub mod tree;
pub mod validators;

use std::collections::{BTreeMap, VecDeque};

use crate::base::Name;
use crate::base::code::{At, Call, CallId, Expr, Function, ScopeId};
use crate::facts::finding::{BodyFinding, Location, ParamFinding, ResponseFinding, Route};
use crate::facts::program::{CallRef, Env, FuncRef, Mode, Program, Site};
use crate::facts::shape::Shape;

use sources::Source;
use tree::Tree;

/// Functions that a handler hands its request on to are entered this deep.
const MAX_DEPTH: u32 = 3;
/// At most this many functions are read for one route.
const MAX_FUNCTIONS: usize = 24;

/// What a parameter of a handler is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// The request.
    Request,
    /// The response.
    Response,
    /// Both in one.
    Context,
    /// The function that hands on.
    Next,
}

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The query string.
    Query,
    /// The body.
    Body,
    /// Path parameters.
    Params,
    /// Headers.
    Headers,
    /// Cookies.
    Cookies,
    /// One uploaded file.
    File,
    /// Several uploaded files.
    Files,
}

/// A place below a root: `req.query` is the request's `["query"]`.
pub type Place = (Root, &'static [&'static str], Part);

/// How a framework spells requests and responses.
pub struct Dialect {
    /// What a handler's parameters are, by position.
    pub roots: &'static [Root],
    /// Parts that are read as members: `req.query.page`.
    pub parts: &'static [Place],
    /// Parts that are read by calls naming what is read: `req.get("X-Id")`.
    pub lookups: &'static [Place],
    /// Calls that give a part itself: `ctx.request.body.json()`.
    pub passes: &'static [&'static str],
    /// How answers are given.
    pub answers: answers::Answers,
}

/// What is declared of a handler's parts: by type arguments, annotations or schemas.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// By part.
    pub parts: BTreeMap<Part, Shape>,
    /// The response's body.
    pub response: Option<Shape>,
}

impl Declared {
    /// Declares a part unless it is declared or says nothing.
    pub fn add(&mut self, part: Part, shape: Shape) {
        if !shape.is_any() {
            self.parts.entry(part).or_insert(shape);
        }
    }
}

/// Reads the functions of one route.
pub struct Handling<'p> {
    program: &'p dyn Program,
    dialect: &'static Dialect,
    env: Env,
    /// Parameters of functions that stand for something of the request.
    givens: BTreeMap<(FuncRef, u32), Source>,
    queue: VecDeque<(FuncRef, u32)>,
    seen: Vec<FuncRef>,
    trees: BTreeMap<Part, Tree>,
    validated: BTreeMap<Part, Shape>,
    answers: Vec<answers::Answer>,
}

impl<'p> Handling<'p> {
    /// Reads under the frames of a site.
    #[must_use]
    pub fn new(program: &'p dyn Program, dialect: &'static Dialect, site: &Site) -> Self {
        Self {
            program,
            dialect,
            env: site.env.clone(),
            givens: BTreeMap::new(),
            queue: VecDeque::new(),
            seen: Vec::new(),
            trees: BTreeMap::new(),
            validated: BTreeMap::new(),
            answers: Vec::new(),
        }
    }

    /// Adds a function that the framework calls with a request.
    pub fn enter(&mut self, function: FuncRef) {
        for (position, root) in (0u32..).zip(self.dialect.roots) {
            self.givens.insert((function, position), Source::of(*root));
        }
        self.queue.push_back((function, 0));
    }

    /// A parameter of a function is given something of the request.
    pub fn give(&mut self, function: FuncRef, position: u32, root: Root) {
        self.givens.insert((function, position), Source::of(root));
    }

    /// Adds a function whose parameters were given one by one.
    pub fn begin(&mut self, function: FuncRef) {
        self.queue.push_back((function, 0));
    }

    /// A part is checked against a schema.
    pub fn validate(&mut self, part: Part, shape: Shape) {
        if !shape.is_any() {
            self.validated.entry(part).or_insert(shape);
        }
    }

    /// Reads all that was entered, and what that hands its request on to.
    pub fn run(&mut self) {
        while let Some((function, depth)) = self.queue.pop_front() {
            if self.seen.contains(&function) || self.seen.len() >= MAX_FUNCTIONS {
                continue;
            }
            self.seen.push(function);
            self.read_inputs(function, depth);
            self.read_answers(function);
        }
    }

    /// Hands a source on to a parameter of another function.
    fn hand_on(&mut self, function: FuncRef, position: u32, source: Source, depth: u32) {
        if depth < MAX_DEPTH && !self.seen.contains(&function) {
            self.givens.entry((function, position)).or_insert(source);
            if !self.queue.iter().any(|(queued, _)| *queued == function) {
                self.queue.push_back((function, depth + 1));
            }
        }
    }

    fn site(&self, function: FuncRef, scope: ScopeId, at: At) -> Site {
        Site { file: function.file, scope, offset: at.offset, env: self.env.clone() }
    }

    /// Fills in what was found.
    pub fn fill(mut self, declared: &Declared, route: &mut Route) {
        for part in [Part::Query, Part::Headers, Part::Cookies, Part::Params] {
            let params = self.params(part, declared);
            for param in params {
                if !route.params.iter().any(|known| known.name == param.name && known.location == param.location) {
                    route.params.push(param);
                }
            }
        }
        if route.body.is_none() {
            route.body = self.body(declared);
        }
        for response in self.responses(declared) {
            if !route.responses.iter().any(|known| known.status == response.status) {
                route.responses.push(response);
            }
        }
    }

    fn params(&mut self, part: Part, declared: &Declared) -> Vec<ParamFinding> {
        let location = match part {
            Part::Query => Location::Query,
            Part::Headers => Location::Header,
            Part::Cookies => Location::Cookie,
            _ => Location::Path,
        };
        let schema = self.validated.remove(&part).or_else(|| declared.parts.get(&part).cloned());
        let mut params: Vec<ParamFinding> = Vec::new();
        for member in schema.and_then(|shape| self.program.record(&shape)).map(|record| record.members).unwrap_or_default() {
            let name = member.name;
            params.push(ParamFinding {
                name,
                location,
                required: member.required,
                shape: member.shape,
                doc: member.doc,
                deprecated: member.deprecated,
            });
        }
        let tree = self.trees.remove(&part).unwrap_or_default();
        for (name, below) in tree.children {
            let name = if part == Part::Headers { Name::from(name.to_lowercase()) } else { name };
            let is_own = part != Part::Headers || !is_transport(&name);
            if is_own && !params.iter().any(|param| same_name(part, &param.name, &name)) && name != tree::ELEMENTS {
                let required = part == Part::Params;
                params.push(ParamFinding { name, location, required, shape: below.shape_as_text(), ..ParamFinding::default() });
            }
        }
        params
    }

    fn body(&mut self, declared: &Declared) -> Option<BodyFinding> {
        let files = [Part::File, Part::Files].into_iter().filter_map(|part| self.trees.remove(&part)).next();
        let read = self.trees.remove(&Part::Body);
        let shape = self.validated.remove(&Part::Body).or_else(|| declared.parts.get(&Part::Body).cloned());
        let shape = match (shape, read) {
            (Some(shape), _) => shape,
            (None, Some(tree)) => tree.into_shape(),
            (None, None) if files.is_some() => Shape::record(Vec::new()),
            (None, None) => return None,
        };
        if files.is_some() {
            return Some(BodyFinding { required: true, contents: vec![("multipart/form-data".into(), shape)], doc: None });
        }
        Some(BodyFinding::json(shape))
    }

    fn responses(&mut self, declared: &Declared) -> Vec<ResponseFinding> {
        answers::responses(std::mem::take(&mut self.answers), declared.response.as_ref())
    }

    /// The calls that stand in a function, nested functions included.
    fn calls_in(&self, function: FuncRef) -> Vec<(CallRef, &'p Call)> {
        calls_in(self.program, function)
    }
}

/// The calls that stand in a function, nested functions included.
#[must_use]
pub fn calls_in(program: &dyn Program, function: FuncRef) -> Vec<(CallRef, &Call)> {
    let declared = program.function(function);
    let outline = &program.file(function.file).outline;
    let calls = (0u32..).zip(&outline.calls).filter(|(_, call)| is_inside(declared, call.at));
    calls.map(|(id, call)| (CallRef { file: function.file, id: CallId(id) }, call)).collect()
}

/// An argument's items, when it is a list of middleware.
#[must_use]
pub fn flat<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Vec<(&'p Expr, Site)> {
    let is_named = matches!(expr, Expr::List(_) | Expr::Ref(_) | Expr::Member(..) | Expr::Spread(_));
    let inner = if let Expr::Spread(inner) = expr { inner } else { expr };
    match is_named.then(|| program.items(site, inner)).flatten() {
        Some(items) => items.into_iter().take(64).collect(),
        None => vec![(expr, site.clone())],
    }
}

/// Whether a place lies in a function.
#[must_use]
pub fn is_inside(function: &Function, at: At) -> bool {
    function.at.offset <= at.offset && at.offset < function.end
}

fn same_name(part: Part, one: &str, other: &str) -> bool {
    if part == Part::Headers { one.eq_ignore_ascii_case(other) } else { one == other }
}

/// Headers that every request has, or that documents say otherwise (security, content).
fn is_transport(name: &str) -> bool {
    matches!(
        name,
        "authorization"
            | "accept"
            | "content-type"
            | "content-length"
            | "cookie"
            | "host"
            | "origin"
            | "referer"
            | "referrer"
            | "user-agent"
            | "connection"
            | "x-forwarded-for"
            | "x-forwarded-proto"
            | "x-forwarded-host"
            | "x-real-ip"
            | "accept-encoding"
    )
}

/// Which way the parts of a request are used.
pub const READ: Mode = Mode::Read;
