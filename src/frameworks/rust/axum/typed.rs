//! Typed paths of axum-extra: `#[typed_path("/users/{id}")] struct UserPath { id: u32 }`, `.typed_get(show)`.

use super::syntax_of;
use crate::base::code::Expr;
use crate::facts::finding::{Location, Method, ParamFinding, PathText};
use crate::facts::program::{ClassRef, FuncRef, Mode, Program, Site};
use crate::frameworks::rust::attributes::Attributes;
use crate::frameworks::rust::http::extract::{members_of, param_of};
use crate::frameworks::rust::http::types::{Head, TypeAt};

/// The method of `typed_get` and so on.
pub(super) fn method(name: &str) -> Option<Method> {
    Method::of(name.strip_prefix("typed_")?)
}

/// The path that a handler's first parameter with a typed path says, and the parameters that are its fields.
pub(super) fn path(program: &dyn Program, handler: FuncRef) -> Option<(PathText, Vec<ParamFinding>)> {
    program.function(handler).params.iter().find_map(|param| {
        let Head::Class(class, _) = TypeAt::signed(program, handler, &param.ty).head(program) else { return None };
        let path = path_of(program, class)?;
        let fields = members_of(program, &program.shape_of_class(class, Vec::new(), Mode::Read), 0);
        Some((path, fields.into_iter().map(|field| param_of(field, Location::Path, false)).collect()))
    })
}

/// `#[typed_path("/users/{id}")]`, also with further arguments (`rejection(…)`).
fn path_of(program: &dyn Program, class: ClassRef) -> Option<PathText> {
    let decorators = &program.class(class).decorators;
    let call = Attributes::new(program, class.file, decorators).all("typed_path").next()?;
    let said: &Expr = call.args.iter().find(|arg| arg.name.is_none()).map(|arg| &arg.value)?;
    let text = program.text(&Site::of_call(class.file, call), said);
    let syntax = syntax_of(&text);
    Some(PathText::new(text, syntax))
}
