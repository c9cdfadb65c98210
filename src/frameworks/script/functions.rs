//! What functions give, and the calls that stand in them.

use crate::base::code::{Call, CallId, Type};
use crate::facts::members::any_of;
use crate::facts::program::{CallRef, Env, FuncRef, Mode, Program, Site};
use crate::facts::shape::Shape;

/// The shape of what a function gives: as it is annotated, else of the values it returns.
#[must_use]
pub fn result(program: &dyn Program, function: FuncRef, env: &Env, mode: Mode) -> Shape {
    let declared = program.function(function);
    if declared.returns != Type::Unknown {
        let shape = program.shape_of_type(&program.inside(function), &declared.returns, mode);
        if !shape.is_any() {
            return shape;
        }
    }
    let facts = program.file(function.file);
    let returned = facts.returns_of(function.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
    let shapes: Vec<Shape> = returned
        .filter(|returned| !returned.is_raise)
        .map(|returned| {
            let at = Site { file: function.file, scope: returned.scope, offset: returned.at.offset, env: env.clone() };
            program.shape_of_value(&at, &returned.value, mode)
        })
        .filter(|shape| !shape.is_any())
        .collect();
    if shapes.is_empty() { Shape::Any } else { any_of(shapes) }
}

/// The calls that stand in a function, nested functions included.
pub fn calls_in(program: &dyn Program, function: FuncRef) -> impl Iterator<Item = (CallRef, &Call)> {
    let declared = program.function(function);
    let inside = move |call: &Call| declared.at.offset <= call.at.offset && call.at.offset < declared.end;
    let calls = (0u32..).zip(&program.file(function.file).outline.calls);
    calls.filter(move |(_, call)| inside(call)).map(move |(id, call)| (CallRef { file: function.file, id: CallId(id) }, call))
}
