//! What types say of a handler: `router.post<P, ResB, ReqB, Query>(…)`, `(req: Request<P, ResB, ReqB, Query>)`,
//! `const create: RequestHandler<P, ResB, ReqB> = …`, and the program's own kinds of requests.

use crate::base::code::{Assign, Expr, NamedType, Type};
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::handler::{Declared, Part, READ};
use crate::frameworks::table::Said;

/// Types whose arguments are those of `express.Request`.
const REQUESTS: &[&str] =
    &["express.Request", "express-serve-static-core.Request", "express.RequestHandler", "express-serve-static-core.RequestHandler"];

/// What is declared of a route.
pub fn declared(said: &Said) -> Declared {
    let program = said.program;
    let mut found = Declared::default();
    let call = program.call(said.call);
    arguments(program, &said.site, &call.type_args, &mut found);
    if let Some(handler) = said.handler {
        of_function(program, handler, &mut found);
    }
    found
}

fn arguments(program: &dyn Program, site: &Site, args: &[Type], found: &mut Declared) {
    let shape =
        |index: usize, mode: Mode| args.get(index).map(|ty| program.shape_of_type(site, ty, mode)).filter(|shape| is_told(program, shape));
    if let Some(params) = shape(0, READ) {
        found.add(Part::Params, params);
    }
    if let Some(response) = shape(1, Mode::Write) {
        found.response.get_or_insert(response);
    }
    if let Some(body) = shape(2, READ) {
        found.add(Part::Body, body);
    }
    if let Some(query) = shape(3, READ) {
        found.add(Part::Query, query);
    }
}

/// Whether a type says something: `any`, `never`, `unknown` and `{}` do not.
fn is_told(program: &dyn Program, shape: &Shape) -> bool {
    match shape {
        Shape::Any | Shape::Never | Shape::Null | Shape::Map(_) => false,
        Shape::Record(record) => !record.members.is_empty(),
        Shape::Named(_) => program.record(shape).is_none_or(|record| !record.members.is_empty()),
        _ => true,
    }
}

fn of_function(program: &dyn Program, handler: FuncRef, found: &mut Declared) {
    let site = program.inside(handler);
    let function = program.function(handler);
    if let Some(param) = function.params.first() {
        of_type(program, &site, &param.ty, 0, found);
    }
    if let Some(param) = function.params.get(1)
        && let Type::Named(named) = &param.ty
        && program.resolve_type(&site, &param.ty).is_any(&["express.Response", "express-serve-static-core.Response"])
        && let Some(body) = named.args.first()
    {
        let shape = program.shape_of_type(&site, body, Mode::Write);
        if is_told(program, &shape) {
            found.response.get_or_insert(shape);
        }
    }
    if let Some(assign) = assigned(program, handler) {
        of_type(program, &Site::of_scope(handler.file, assign.scope), &assign.ty, 0, found);
    }
}

/// The annotated name a handler is assigned to.
fn assigned(program: &dyn Program, handler: FuncRef) -> Option<&Assign> {
    let assigns = &program.file(handler.file).outline.assigns;
    assigns.iter().find(|assign| assign.value == Expr::Func(handler.id) && assign.ty != Type::Unknown)
}

/// A type of requests or handlers: the library's, an alias, or an interface that extends it.
fn of_type(program: &dyn Program, site: &Site, ty: &Type, depth: u32, found: &mut Declared) {
    if depth > 4 {
        return;
    }
    let Type::Named(named) = ty else {
        if let Type::Inter(types) = ty {
            types.iter().for_each(|ty| of_type(program, site, ty, depth + 1, found));
        }
        return;
    };
    match program.resolve_type(site, ty) {
        Meaning::Outside(path) if REQUESTS.contains(&path.as_str()) => arguments(program, site, &named.args, found),
        Meaning::Class(_) => own_type(program, site, ty, named, depth, found),
        _ => {}
    }
}

/// The program's own request: members `body`, `query`, `params` it declares, and what it extends.
fn own_type(program: &dyn Program, site: &Site, ty: &Type, named: &NamedType, depth: u32, found: &mut Declared) {
    let Meaning::Class(class) = program.resolve_type(site, ty) else { return };
    let declared = program.class(class);
    if let Some(record) = program.record(&program.shape_of_type(site, ty, READ)) {
        for (name, part) in [("body", Part::Body), ("query", Part::Query), ("params", Part::Params)] {
            let is_own = declared.fields.iter().any(|field| field.name == name) || declared.alias != Type::Unknown;
            if is_own
                && let Some(member) = record.member(name)
                && is_told(program, &member.shape)
            {
                found.add(part, member.shape.clone());
            }
        }
    }
    let at = program.inside_class(class);
    let bases = declared.bases.iter().chain(std::iter::once(&declared.alias)).filter(|base| **base != Type::Unknown);
    for base in bases {
        if named.args.is_empty() {
            of_type(program, &at, base, depth + 1, found);
        }
    }
}
