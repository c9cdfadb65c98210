//! Errors that handlers and dependencies raise, as statuses.

use crate::base::code::{Call, Expr};
use crate::facts::program::{ClassRef, FuncRef, Meaning, Program, Site};
use crate::frameworks::python::statuses::status_of;

/// Statuses of the errors that a function raises, in order.
#[must_use]
pub fn statuses(program: &dyn Program, function: FuncRef) -> Vec<u16> {
    let facts = program.file(function.file);
    let raised = facts.returns_of(function.id).iter().map(|index| &facts.outline.returns[*index as usize]).filter(|value| value.is_raise);
    raised
        .filter_map(|value| {
            let at = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: None };
            status_raised(program, &at, &value.value)
        })
        .collect()
}

/// `HTTPException(status_code=404)`, or an instance of a subclass that says its status itself.
fn status_raised(program: &dyn Program, at: &Site, value: &Expr) -> Option<u16> {
    let meaning = program.produce(at, value);
    let (call, _) = meaning.call()?;
    let made = program.call(call);
    let site = Site::of_call(call.file, made);
    match program.callee(call) {
        Meaning::Outside(path) if path.ends_with(".HTTPException") => status_of(program, &site, made.arg(0, "status_code")?),
        Meaning::Class(class) if program.outside_bases(class).iter().any(|base| base.ends_with(".HTTPException")) => {
            let said = made.keyword("status_code").and_then(|expr| status_of(program, &site, expr));
            said.or_else(|| status_of_class(program, class))
        }
        _ => None,
    }
}

/// The status a subclass of `HTTPException` gives to its base: as an attribute, or to `super().__init__`.
fn status_of_class(program: &dyn Program, class: ClassRef) -> Option<u16> {
    if let Some((value, at)) = program.class_attribute(class, "status_code") {
        return status_of(program, &at, value);
    }
    let (call, at) = given_to_base(program, class)?;
    status_of(program, &at, call.arg(0, "status_code")?)
}

/// The call of `super().__init__(…)` in a class's constructor.
#[must_use]
pub fn given_to_base(program: &dyn Program, class: ClassRef) -> Option<(&Call, Site)> {
    let constructor = program.method(class, "__init__")?;
    let outline = &program.file(constructor.file).outline;
    let inner = outline.function(constructor.id).inner;
    let is_base = |call: &&Call| call.method().is_some_and(|(_, name)| name == "__init__") && outline.is_within(call.scope, inner);
    outline.calls.iter().find(is_base).map(|call| (call, Site::of_call(constructor.file, call)))
}
