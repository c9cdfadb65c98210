//! Handlers that take a `Request` of the web platform and give a `Response`.

pub mod answers;

use crate::base::code::{Expr, Pattern};
use crate::facts::finding::{Method, Route, Security};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::interpret;
use crate::frameworks::script::functions::calls_in;
use crate::frameworks::script::guards;
use crate::frameworks::script::handler::answers::Answers;
use crate::frameworks::script::handler::{Declared, Dialect, Handling, Part, Root};

const NO_ANSWERS: Answers = Answers { responders: &[], bodies: &[], statuses: &[], returned: false };

/// `handler(request, { params })`.
pub const REQUEST: Dialect = Dialect {
    roots: &[Root::Request, Root::Context],
    parts: &[
        (Root::Request, &["json"], Part::Body),
        (Root::Request, &["formData"], Part::Body),
        (Root::Request, &["nextUrl", "searchParams"], Part::Query),
        (Root::Request, &["url", "searchParams"], Part::Query),
        (Root::Context, &["params"], Part::Params),
    ],
    lookups: &[
        (Root::Request, &["nextUrl", "searchParams", "get"], Part::Query),
        (Root::Request, &["nextUrl", "searchParams", "getAll"], Part::Query),
        (Root::Request, &["nextUrl", "searchParams", "has"], Part::Query),
        (Root::Request, &["url", "searchParams", "get"], Part::Query),
        (Root::Request, &["url", "searchParams", "getAll"], Part::Query),
        (Root::Request, &["url", "searchParams", "has"], Part::Query),
        (Root::Request, &["formData", "get"], Part::Body),
        (Root::Request, &["formData", "getAll"], Part::Body),
        (Root::Request, &["headers", "get"], Part::Headers),
        (Root::Request, &["cookies", "get"], Part::Cookies),
    ],
    passes: &["entries"],
    answers: NO_ANSWERS,
};

/// `handler({ request, params, url })`: everything in one.
pub const EVENT: Dialect = Dialect {
    roots: &[Root::Context],
    parts: &[
        (Root::Context, &["request", "json"], Part::Body),
        (Root::Context, &["request", "formData"], Part::Body),
        (Root::Context, &["req", "json"], Part::Body),
        (Root::Context, &["req", "formData"], Part::Body),
        (Root::Context, &["body"], Part::Body),
        (Root::Context, &["request", "url", "searchParams"], Part::Query),
        (Root::Context, &["req", "url", "searchParams"], Part::Query),
        (Root::Context, &["req", "nextUrl", "searchParams"], Part::Query),
        (Root::Context, &["url", "searchParams"], Part::Query),
        (Root::Context, &["searchParams"], Part::Query),
        (Root::Context, &["query"], Part::Query),
        (Root::Context, &["params"], Part::Params),
    ],
    lookups: &[
        (Root::Context, &["request", "url", "searchParams", "get"], Part::Query),
        (Root::Context, &["request", "url", "searchParams", "getAll"], Part::Query),
        (Root::Context, &["req", "url", "searchParams", "get"], Part::Query),
        (Root::Context, &["req", "nextUrl", "searchParams", "get"], Part::Query),
        (Root::Context, &["url", "searchParams", "get"], Part::Query),
        (Root::Context, &["url", "searchParams", "getAll"], Part::Query),
        (Root::Context, &["url", "searchParams", "has"], Part::Query),
        (Root::Context, &["searchParams", "get"], Part::Query),
        (Root::Context, &["request", "formData", "get"], Part::Body),
        (Root::Context, &["req", "formData", "get"], Part::Body),
        (Root::Context, &["request", "headers", "get"], Part::Headers),
        (Root::Context, &["req", "headers", "get"], Part::Headers),
        (Root::Context, &["cookies", "get"], Part::Cookies),
    ],
    passes: &["entries"],
    answers: NO_ANSWERS,
};

/// A handler as it is exported: the function, and the calls it is wrapped in.
pub struct Exported {
    /// The function that answers, when it is one of the program's.
    pub function: Option<FuncRef>,
    /// Where it was found.
    pub site: Site,
    /// The call that wraps it.
    pub wrapper: Option<CallRef>,
}

/// What a module exports under a name.
#[must_use]
pub fn exported(program: &dyn Program, file: FileId, name: &str) -> Option<Exported> {
    let module = Meaning::Module(file, crate::base::code::ScopeId(0));
    let meaning = program.member(&module, name);
    let site = Site::module(file);
    match &meaning {
        Meaning::Unknown => {
            let is_named = program.file(file).outline.exports.iter().any(|export| export.name == name);
            is_named.then_some(Exported { function: None, site, wrapper: None })
        }
        Meaning::Value(Expr::Call(id), at) => {
            let call = CallRef { file: at.file, id: *id };
            let function = interpret::handler_function(program, at, &Expr::Call(*id));
            Some(Exported { function, site: at.clone(), wrapper: Some(call) })
        }
        Meaning::Class(_) | Meaning::Value(Expr::Str(_) | Expr::Int(_) | Expr::Bool(_) | Expr::Null, _) => None,
        Meaning::Attribute(of, _) => {
            let wrapper = of.call().map(|(call, _)| call);
            Some(Exported { function: None, site, wrapper })
        }
        other => Some(Exported { function: other.function(), site, wrapper: None }),
    }
}

/// Fills in what a handler reads, answers and asks for.
pub fn describe(program: &dyn Program, exported: &Exported, dialect: &'static Dialect, route: &mut Route) {
    if let Some(scheme) = exported.wrapper.and_then(|call| wrapper_guard(program, call)) {
        route.security = Security::Schemes(vec![scheme]);
    }
    let Some(handler) = exported.function else { return };
    let declared = program.function(handler);
    route.handler = Some(handler);
    if !declared.name.is_empty() {
        route.place.symbol = declared.name.clone();
    }
    // A wrapper's own callback is given everything in one object.
    let is_taken_apart =
        exported.wrapper.is_some() && matches!(declared.params.first().map(|param| &param.pattern), Some(Pattern::Object(_)));
    let mut handling = Handling::new(program, if is_taken_apart { &EVENT } else { dialect }, &exported.site);
    handling.enter(handler);
    handling.run();
    handling.fill(&Declared::default(), route);
    if route.methods.iter().all(|method| matches!(method, Method::Get | Method::Head | Method::Options)) {
        route.body = None;
    }
    if let Some(body) = &mut route.body
        && calls_in(program, handler).any(|(_, made)| made.callee.last_name().is_some_and(|name| name == "formData"))
    {
        body.contents.iter_mut().for_each(|(media, _)| *media = "multipart/form-data".into());
    }
    answers::read(program, &exported.site, handler, route);
    if route.security == Security::Inherit
        && !guards::is_login(&route.path)
        && let Some(scheme) = guards::in_handler(program, handler)
    {
        route.security = Security::Schemes(vec![scheme]);
    }
    described(program, handler, route);
}

fn wrapper_guard(program: &dyn Program, call: CallRef) -> Option<crate::facts::finding::SchemeUse> {
    let site = Site::of_call(call.file, program.call(call));
    guards::guard(program, &site, &Expr::Call(call.id))
}

/// The handler's comment.
fn described(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let Some(doc) = program.function(handler).doc.clone().filter(|doc| !doc.contains('@')) else { return };
    let text = doc.trim();
    let first = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    if !first.is_empty() && first.len() <= 160 {
        route.summary = Some(first.into());
    } else if !text.is_empty() {
        route.description = Some(text.into());
    }
}
