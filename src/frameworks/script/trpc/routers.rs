//! Routers and procedures.

use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::program::{CallRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::functions;

/// Routers within one another.
const MAX_DEPTH: u32 = 12;

/// A call, and where it is read.
#[derive(Clone, Debug)]
pub struct Place {
    /// The call that makes a router or ends a procedure.
    pub call: CallRef,
    /// Where its arguments are read.
    pub site: Site,
}

impl Place {
    /// The call that an expression stands for.
    pub fn of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Self> {
        let meaning = program.resolve(site, expr);
        let (call, at) = meaning.call()?;
        Some(Self { call, site: at.clone() })
    }
}

/// What makes a router of an object.
fn is_router(program: &dyn Program, call: CallRef) -> bool {
    match program.callee(call) {
        Meaning::Attribute(_, name) => matches!(name.as_str(), "router" | "createRouter" | "createTRPCRouter"),
        Meaning::Outside(path) => path.starts_with("@trpc/server.") && path.ends_with("outer"),
        _ => false,
    }
}

/// The members of a router: routers and procedures by name.
pub fn members(program: &dyn Program, router: &Place, depth: u32) -> Vec<(Name, Place)> {
    if depth > MAX_DEPTH {
        return Vec::new();
    }
    let made = program.call(router.call);
    let site = router.site.moved(router.call.file, made.scope, made.at.offset);
    if made.callee.last_name().is_some_and(|name| name == "mergeRouters") {
        let parts = made.args.iter().filter_map(|arg| Place::of(program, &site, &arg.value));
        return parts.flat_map(|part| members(program, &part, depth + 1)).collect();
    }
    if !is_router(program, router.call) {
        return Vec::new();
    }
    let Some(entries) = made.positional(0).and_then(|object| program.entries(&site, object)) else { return Vec::new() };
    entries.into_iter().filter_map(|(name, value, at)| Some((name, Place::of(program, &at, value)?))).collect()
}

/// The procedure at a path of a router.
pub fn procedure(program: &dyn Program, router: &Place, path: &[Name]) -> Option<Place> {
    let mut here = router.clone();
    for name in path {
        here = members(program, &here, 0).into_iter().rev().find(|(known, _)| known == name)?.1;
    }
    Some(here)
}

/// The calls a procedure is chained of, last first.
pub fn links<'p>(program: &'p dyn Program, procedure: &Place) -> Vec<(&'p Call, Site)> {
    let mut found = Vec::new();
    let mut here = procedure.clone();
    while found.len() < 64 {
        let made = program.call(here.call);
        let site = here.site.moved(here.call.file, made.scope, made.at.offset);
        found.push((made, site.clone()));
        let Some((receiver, _)) = made.method() else { break };
        let produced = program.produce(&site, receiver);
        let Some((call, at)) = produced.call() else { break };
        here = Place { call, site: at.clone() };
    }
    found
}

/// What a procedure gives: by its `output` schema, else by what its function returns.
pub fn output(program: &dyn Program, procedure: &Place, mode: Mode) -> Shape {
    let links = links(program, procedure);
    let named = |name: &str| links.iter().find(|(link, _)| link.method().is_some_and(|(_, known)| known == name));
    if let Some((link, site)) = named("output")
        && let Some(schema) = link.positional(0)
    {
        let shape = program.shape_of_value(site, schema, mode);
        if !shape.is_any() {
            return shape;
        }
    }
    let resolver = ["query", "mutation"].into_iter().find_map(named);
    let Some((link, site)) = resolver else { return Shape::Any };
    let function = link.positional(0).and_then(|function| program.resolve(site, function).function());
    function.map_or(Shape::Any, |function| functions::result(program, function, &site.env, mode))
}
