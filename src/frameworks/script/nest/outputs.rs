//! What comes back: the type a handler returns, else the values it returns; `@HttpCode`, `@Redirect`, exceptions it throws.

use super::COMMON;
use crate::base::code::Type;
use crate::facts::finding::{Method, ResponseFinding, Route};
use crate::facts::members::{any_of, fill};
use crate::facts::program::{ClassRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::decorators::Decor;
use crate::frameworks::script::handler::answers::error_status;
use crate::frameworks::script::inherited;
use crate::frameworks::script::statuses;

/// Reads a handler's answers.
pub fn read(program: &dyn Program, class: ClassRef, handler: FuncRef, decors: &[Decor], route: &mut Route) {
    let of = |name: &str| decors.iter().find(|decor| decor.of(COMMON) == Some(name));
    let said = of("HttpCode").and_then(|decor| statuses::of(program, &decor.site, decor.arg(0)?));
    if let Some(decor) = of("Redirect") {
        let status = decor.arg(1).and_then(|code| statuses::of(program, &decor.site, code)).unwrap_or(302);
        push(route, ResponseFinding::empty(&status.to_string()));
    } else if route.responses.iter().any(|known| known.status.starts_with('2') || known.status.starts_with('3')) {
        // The handler answers through the response it is given.
        raised(program, handler, route);
        return;
    } else {
        let default = if route.methods == [Method::Post] { 201 } else { 200 };
        let status = said.unwrap_or(default).to_string();
        let mut response = content(program, handler, &status);
        let filling = inherited::filling(program, class, handler, Mode::Write);
        response.contents.iter_mut().for_each(|(_, shape)| *shape = fill(std::mem::take(shape), &filling));
        push(route, response);
    }
    raised(program, handler, route);
}

fn content(program: &dyn Program, handler: FuncRef, status: &str) -> ResponseFinding {
    let shape = returned(program, handler);
    if is_file(program, handler) {
        let mut response = ResponseFinding::empty(status);
        response.contents.push(("application/octet-stream".into(), Shape::format("binary")));
        return response;
    }
    match shape {
        Shape::Null | Shape::Never => ResponseFinding::empty(status),
        _ if is_void(&program.function(handler).returns) => ResponseFinding::empty(status),
        shape => ResponseFinding::json(status, shape),
    }
}

fn is_void(ty: &Type) -> bool {
    match ty {
        Type::Named(named) => {
            let name = named.path.last_name().map(crate::base::Name::as_str).unwrap_or_default();
            matches!(name, "void" | "never") || matches!(name, "Promise" | "Observable") && named.args.first().is_some_and(is_void)
        }
        _ => false,
    }
}

fn is_file(program: &dyn Program, handler: FuncRef) -> bool {
    let site = program.inside(handler);
    let is = |ty: &Type| program.resolve_type(&site, ty).is_any(&["@nestjs/common.StreamableFile"]);
    let ty = &program.function(handler).returns;
    is(ty) || ty.args().first().is_some_and(is)
}

/// The shape of what a handler returns.
fn returned(program: &dyn Program, handler: FuncRef) -> Shape {
    let declared = program.function(handler);
    let shape = program.shape_of_type(&program.inside(handler), &unwrapped(program, handler), Mode::Write);
    if !shape.is_any() {
        return shape;
    }
    let facts = program.file(handler.file);
    let values = facts.returns_of(handler.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
    let shapes = values.filter(|value| !value.is_raise).map(|value| {
        let site = Site { offset: value.at.offset, ..Site::of_scope(handler.file, value.scope) };
        program.shape_of_value(&site, &value.value, Mode::Write)
    });
    let shapes: Vec<Shape> = shapes.collect();
    match shapes.is_empty() {
        true if declared.returns == Type::Unknown => Shape::Null,
        true => Shape::Any,
        false => any_of(shapes.into_iter().filter(|shape| !shape.is_any())),
    }
}

/// `Observable<X>` gives `X`.
fn unwrapped(program: &dyn Program, handler: FuncRef) -> Type {
    let ty = &program.function(handler).returns;
    match program.resolve_type(&program.inside(handler), ty) {
        Meaning::Outside(path) if path.as_str() == "rxjs.Observable" => ty.args().first().cloned().unwrap_or_default(),
        _ => ty.clone(),
    }
}

/// Statuses of exceptions that the handler itself throws.
fn raised(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let outline = &program.file(handler.file).outline;
    for value in outline.returns.iter().filter(|value| value.function == handler.id && value.is_raise) {
        let site = Site { offset: value.at.offset, ..Site::of_scope(handler.file, value.scope) };
        if let Some(status) = error_status(program, &site, &value.value) {
            push(route, ResponseFinding::empty(&status.to_string()));
        }
    }
}

/// Adds a response unless its status is told.
pub fn push(route: &mut Route, response: ResponseFinding) {
    if !route.responses.iter().any(|known| known.status == response.status) {
        route.responses.push(response);
    }
}
