//! Callers of a router in the same program: `createCallerFactory(router)(ctx)`, `router.createCaller(ctx)`, also through types
//! and what middleware puts into a context.

use super::routers::Place;
use crate::base::Name;
use crate::base::code::{Expr, Type};
use crate::facts::program::{Meaning, Program, Site};
use crate::frameworks::script::hono;

/// The longest path of routers.
const MAX_PATH: usize = 12;

/// The router that a callee's chain of members begins with, and the members: `api.users.byId`.
pub(super) fn called(program: &dyn Program, site: &Site, callee: &Expr) -> Option<(Place, Vec<Name>)> {
    let mut path = Vec::new();
    let mut here = callee;
    while let Expr::Member(base, name) = here {
        path.insert(0, name.clone());
        if path.len() > MAX_PATH {
            return None;
        }
        if let Some(router) = router_of(program, site, base) {
            return Some((router, path));
        }
        here = base;
    }
    None
}

/// The router behind a caller.
fn router_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Place> {
    match expr {
        Expr::Ref(_) | Expr::Member(..) | Expr::Call(_) => {}
        _ => return None,
    }
    match program.resolve(site, expr) {
        Meaning::Value(Expr::Call(id), at) => {
            if let Some(found) = made_by(program, &at, &Expr::Call(*id)) {
                return Some(found);
            }
            if let Some(said) = hono::variable(program, &at, &Expr::Call(*id)) {
                return said_to_be(program, &said);
            }
            let produced = program.produce(site, expr);
            let (call, at) = produced.call().filter(|(call, _)| call.id != *id)?;
            made_by(program, at, &Expr::Call(call.id))
        }
        Meaning::Attribute(..) => said_to_be(program, &hono::variable(program, site, expr)?),
        Meaning::Param(..) => {
            let (ty, at) = program.type_of(site, expr)?;
            router_of_type(program, &at, ty)
        }
        _ => None,
    }
}

fn said_to_be(program: &dyn Program, said: &hono::Variable) -> Option<Place> {
    match said {
        hono::Variable::Value(value, at) => match program.resolve(at, value) {
            Meaning::Value(Expr::Call(id), at) => made_by(program, &at, &Expr::Call(*id)),
            _ => None,
        },
        hono::Variable::Typed(ty, at) => router_of_type(program, at, ty),
    }
}

/// `createCaller(ctx)` with `createCaller = createCallerFactory(router)`; `router.createCaller(ctx)`.
fn made_by(program: &dyn Program, site: &Site, made: &Expr) -> Option<Place> {
    let Expr::Call(id) = made else { return None };
    let call = program.file(site.file).outline.call(*id);
    let at = site.moved(site.file, call.scope, call.at.offset);
    if let Some((receiver, name)) = call.method()
        && name == "createCaller"
    {
        return Place::of(program, &at, receiver);
    }
    factory(program, &at, &call.callee)
}

/// What makes callers: the value of `createCallerFactory(router)`.
fn factory(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Place> {
    let meaning = program.resolve(site, expr);
    let (call, at) = meaning.call()?;
    let made = program.call(call);
    let is_factory = match program.callee(call) {
        Meaning::Attribute(_, name) => name == "createCallerFactory",
        Meaning::Outside(path) => path.ends_with(".createCallerFactory") || path.ends_with(".callerFactory"),
        // `t.createCallerFactory()(router)`
        Meaning::Value(Expr::Call(_), _) => matches!(&made.callee, Expr::Call(_)),
        _ => false,
    };
    is_factory.then(|| Place::of(program, at, made.positional(0)?)).flatten()
}

/// `ReturnType<typeof createCaller>`, `ReturnType<typeof appRouter.createCaller>`.
fn router_of_type(program: &dyn Program, site: &Site, ty: &Type) -> Option<Place> {
    match ty {
        Type::Named(named) if named.args.len() == 1 => match &named.args[0] {
            Type::TypeOf(Expr::Member(router, name)) if name == "createCaller" => Place::of(program, site, router),
            Type::TypeOf(expr) => factory(program, site, expr),
            _ => None,
        },
        Type::Named(_) => {
            let class = program.resolve_type(site, ty).class()?;
            let declared = program.class(class);
            let at = program.inside_class(class);
            matches!(&declared.alias, Type::Named(named) if named.args.len() == 1)
                .then(|| router_of_type(program, &at, &declared.alias))
                .flatten()
        }
        _ => None,
    }
}
