//! What comes back: the returned type under `@SuccessResponse`, `@Response<Error>(404)`, `TsoaResponse<404, Reason>` parameters.

use super::{LIBRARIES, is_outside};
use crate::base::Name;
use crate::base::code::{Expr, Type};
use crate::facts::finding::{ResponseFinding, Route};
use crate::facts::program::{FuncRef, Mode, Program};
use crate::facts::shape::Shape;
use crate::frameworks::script::decorators::Decor;

/// Reads a method's answers.
pub fn read(program: &dyn Program, method: FuncRef, of_class: &[Decor], own: &[Decor], route: &mut Route) {
    let site = program.inside(method);
    let function = program.function(method);
    let said = own.iter().chain(of_class).find(|decor| decor.of(LIBRARIES) == Some("SuccessResponse"));
    let mut shape = program.shape_of_type(&site, &function.returns, Mode::Write);
    let is_void = is_nothing(&function.returns) || shape == Shape::Null;
    if shape.is_any() && function.returns == Type::Unknown {
        shape = returned(program, method);
    }
    let default = if is_void { "204" } else { "200" };
    let status = said.and_then(|decor| status(program, decor)).unwrap_or_else(|| default.into());
    let doc = said.and_then(|decor| program.text(&decor.site, decor.arg(1)?).plain()).map(Name::from);
    let mut success = if is_void { ResponseFinding::empty(&status) } else { ResponseFinding::json(&status, shape) };
    success.doc = doc;
    route.responses.push(success);
    for decor in own.iter().chain(of_class).filter(|decor| decor.of(LIBRARIES) == Some("Response")) {
        let Some(status) = self::status(program, decor) else { continue };
        let ty = decor.call.and_then(|call| call.type_args.first());
        let mut response = match ty.map(|ty| program.shape_of_type(&decor.site, ty, Mode::Write)).filter(|shape| !shape.is_any()) {
            Some(shape) => ResponseFinding::json(&status, shape),
            None => ResponseFinding::empty(&status),
        };
        response.doc = decor.arg(1).and_then(|doc| program.text(&decor.site, doc).plain()).map(Name::from);
        push(route, response);
    }
    for param in &function.params {
        if let Type::Named(named) = &param.ty
            && is_outside(&program.resolve_type(&site, &param.ty), &["TsoaResponse"])
            && let [statuses, body, ..] = named.args.as_ref()
        {
            let shape = program.shape_of_type(&site, body, Mode::Write);
            let listed = if let Type::Union(types) = statuses { types.to_vec() } else { vec![statuses.clone()] };
            for status in listed {
                if let Type::Literal(Expr::Int(code)) = status {
                    push(route, ResponseFinding::json(&code.to_string(), shape.clone()));
                }
            }
        }
    }
}

fn push(route: &mut Route, response: ResponseFinding) {
    if !route.responses.iter().any(|known| known.status == response.status) {
        route.responses.push(response);
    }
}

fn status(program: &dyn Program, decor: &Decor) -> Option<String> {
    match decor.arg(0)? {
        Expr::Int(code) => Some(code.to_string()),
        other => match crate::frameworks::script::statuses::of(program, &decor.site, other) {
            Some(code) => Some(code.to_string()),
            None => program.text(&decor.site, other).plain(),
        },
    }
}

fn is_nothing(ty: &Type) -> bool {
    match ty {
        Type::Named(named) => {
            let name = named.path.last_name().map(Name::as_str).unwrap_or_default();
            matches!(name, "void" | "never" | "undefined") || name == "Promise" && named.args.first().is_some_and(is_nothing)
        }
        _ => false,
    }
}

/// The shape of returned values, where no type is written.
fn returned(program: &dyn Program, method: FuncRef) -> Shape {
    let facts = program.file(method.file);
    let values = facts.returns_of(method.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
    let shapes = values.filter(|value| !value.is_raise).map(|value| {
        let site =
            crate::facts::program::Site { offset: value.at.offset, ..crate::facts::program::Site::of_scope(method.file, value.scope) };
        program.shape_of_value(&site, &value.value, Mode::Write)
    });
    let known: Vec<Shape> = shapes.filter(|shape| !shape.is_any()).collect();
    if known.is_empty() { Shape::Any } else { crate::facts::members::any_of(known) }
}
