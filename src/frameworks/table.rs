//! The vocabulary in which a routing library is told, as constants. `interpret` reads it.
//!
//! A word here serves at least two frameworks; what serves one is a function in that framework's file.

use crate::base::code::Expr;
use crate::facts::finding::{Method, PathSyntax, Route, Traits};
use crate::facts::program::{CallRef, FuncRef, Program, Site};

/// How a routing library is told.
#[derive(Clone, Copy)]
pub struct Table {
    /// The framework's id.
    pub id: &'static str,
    /// How path parameters are written.
    pub syntax: PathSyntax,
    /// What makes owners.
    pub owners: &'static [OwnerRule],
    /// Types of parameters that stand for an owner: `FastifyInstance`, `express.Application`.
    pub owner_types: &'static [&'static str],
    /// Which methods of an owner return it again, so that calls are chained.
    pub chain: Chain,
    /// How routes are said.
    pub routes: &'static [RouteRule],
    /// How mounts are said.
    pub mounts: &'static [MountRule],
    /// Functions of the language.
    pub hooks: Hooks,
}

/// Calls that make owners.
#[derive(Clone, Copy)]
pub struct OwnerRule {
    /// Dotted symbols of what is called.
    pub makes: &'static [&'static str],
    /// Serves by itself.
    pub is_root: bool,
    /// Where the prefix of everything on it stands.
    pub prefix: At,
}

/// Where in a call something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Nowhere.
    Nowhere,
    /// By this keyword only.
    Keyword(&'static str),
    /// By this keyword, else at this position.
    Arg(usize, &'static str),
    /// At this position.
    Position(usize),
    /// The last argument.
    Last,
    /// Member `1` of the object at position `0`: `register(plugin, { prefix })`.
    Option(usize, &'static str),
    /// Every argument from this position on.
    From(usize),
}

/// Which methods return their owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// None.
    No,
    /// None; an attribute of one of these names stands for it: `app.router` of aiohttp.
    Through(&'static [&'static str]),
    /// All.
    All,
    /// All; those of these names return it under the path they are given: `app.basePath("/api")`.
    Under(&'static [&'static str]),
}

/// How a route is said.
#[derive(Clone, Copy)]
pub enum RouteRule {
    /// `owner.get(path, …, handler)` or `@owner.get(path)`: the name is the verb.
    Verbs {
        /// Names and the methods they stand for.
        names: &'static [(&'static str, &'static [Method])],
        /// The path.
        path: At,
        /// The handler, when the call is no decorator.
        handler: At,
    },
    /// `owner.route(path, methods=[…])`, `owner.add_url_rule(path, view_func=f)`.
    Named {
        /// The name.
        name: &'static str,
        /// The path.
        path: At,
        /// The methods: a list, or one text.
        methods: At,
        /// Methods when none are said.
        default: &'static [Method],
        /// The handler, when the call is no decorator.
        handler: At,
    },
    /// `owner.route(path).get(handler).post(handler)`.
    Chained {
        /// The name of the first call.
        name: &'static str,
        /// The path.
        path: At,
        /// Names of the following calls.
        verbs: &'static [(&'static str, &'static [Method])],
    },
    /// `owner.route({ method, url, handler })`, also with a list of such objects.
    Object {
        /// The name.
        name: &'static str,
        /// Keys of the method (text or list).
        method: &'static str,
        /// Keys of the path.
        path: &'static [&'static str],
        /// Keys of the handler.
        handler: &'static [&'static str],
    },
}

/// How a mount is said.
#[derive(Clone, Copy)]
pub struct MountRule {
    /// `parent.name(…)`.
    pub name: &'static str,
    /// The prefix; a call without one mounts at the root.
    pub prefix: At,
    /// What is mounted.
    pub child: At,
    /// The prefix takes the place of the child's own.
    pub replaces_prefix: bool,
    /// A function may be mounted: it is given an owner of its own (a plugin), or the parent itself (when there is no prefix).
    pub takes_functions: bool,
}

/// Reads what a call says for all routes below.
pub type ReadTraits = fn(&dyn Program, &Site, CallRef) -> Traits;

/// What the language of a framework adds to what a table can say.
#[derive(Clone, Copy)]
pub struct Hooks {
    /// Fills in what the handler and the route's arguments say.
    pub route: fn(&Said, &mut Route),
    /// What an owner's constructor says for all routes on it.
    pub owner: Option<ReadTraits>,
    /// What a mount says for all routes below.
    pub mount: Option<ReadTraits>,
}

/// A route as it was said.
pub struct Said<'p> {
    /// All files.
    pub program: &'p dyn Program,
    /// Where it is read (one instance).
    pub site: Site,
    /// The call or decorator that says it.
    pub call: CallRef,
    /// The handler: the decorated function, or the argument's.
    pub handler: Option<FuncRef>,
    /// The handler's expression, when the call is no decorator.
    pub handler_expr: Option<&'p Expr>,
    /// Where an object said the route: the object and its site.
    pub object: Option<(&'p Expr, Site)>,
}

/// The verbs most routers have as methods.
pub const VERBS: &[(&str, &[Method])] = &[
    ("get", &[Method::Get]),
    ("post", &[Method::Post]),
    ("put", &[Method::Put]),
    ("patch", &[Method::Patch]),
    ("delete", &[Method::Delete]),
    ("head", &[Method::Head]),
    ("options", &[Method::Options]),
];

/// The verbs of JavaScript routers: `all` stands for the common methods, `del` for `delete`.
pub const SCRIPT_VERBS: &[(&str, &[Method])] = &[
    ("get", &[Method::Get]),
    ("post", &[Method::Post]),
    ("put", &[Method::Put]),
    ("patch", &[Method::Patch]),
    ("delete", &[Method::Delete]),
    ("del", &[Method::Delete]),
    ("head", &[Method::Head]),
    ("options", &[Method::Options]),
    ("all", &Method::COMMON),
];
