//! Handlers that are given the bare request as a parameter or as `self.request`: which members of it are which part.

use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::finding::{Route, Security};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program};
use crate::frameworks::python::answers::{self, Answers};
use crate::frameworks::python::fastapi::title;
use crate::frameworks::python::guards;
use crate::frameworks::python::requests::{self, Part};

/// How a framework's handlers read and answer.
#[derive(Clone, Copy)]
pub struct Bare {
    /// What is read.
    pub requests: requests::Library,
    /// What is answered.
    pub answers: answers::Library,
}

/// Members of a request, and what calling them gives.
pub type Members = &'static [(&'static str, Part)];

/// The part of the request that a meaning is: a member in `members`, or a call of one in `calls`.
#[must_use]
pub fn part(program: &dyn Program, meaning: &Meaning, members: Members, calls: Members) -> Option<(Part, Vec<Name>)> {
    let (name, known) = match meaning {
        Meaning::Value(Expr::Call(id), at) => (member(program, &program.callee(CallRef { file: at.file, id: *id }))?, calls),
        other => (member(program, other)?, members),
    };
    known.iter().find(|(member, _)| name == *member).map(|(_, part)| (*part, Vec::new()))
}

/// The name of a member of the request.
fn member(program: &dyn Program, meaning: &Meaning) -> Option<Name> {
    let Meaning::Attribute(of, name) = meaning else { return None };
    is_request(program, of).then(|| name.clone())
}

/// Whether a meaning is the request itself.
#[must_use]
pub fn is_request(program: &dyn Program, meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Param(function, position) => {
            let Some(param) = program.function(*function).params.get(*position as usize) else { return false };
            let is_named = param.name().is_some_and(|name| matches!(name.as_str(), "request" | "req" | "_request"));
            is_named || param.ty.last_name().is_some_and(|name| name == "Request")
        }
        Meaning::Attribute(of, name) => name == "request" && matches!(**of, Meaning::Instance(_)),
        _ => false,
    }
}

/// Fills in what a handler reads, answers and says of itself.
pub fn describe(program: &dyn Program, bare: Bare, handler: FuncRef, route: &mut Route) {
    let function = program.function(handler);
    let taken = requests::taken(program, bare.requests, handler);
    route.handler = Some(handler);
    route.place.file = handler.file;
    if route.place.symbol.is_empty() {
        route.place.symbol = function.name.clone();
    }
    route.body = taken.body();
    route.params = taken.params;
    route.responses = Answers { program, library: bare.answers }.responses(handler);
    if !function.name.is_empty() {
        route.summary = Some(title(&function.name).into());
    }
    route.description = function.doc.clone();
    if route.security == Security::Inherit {
        route.security = guards::security(program, handler);
    }
}
