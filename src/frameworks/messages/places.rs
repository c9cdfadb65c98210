//! Where in the code something is sent or heard.

use crate::base::code::ScopeKind;
use crate::facts::finding::Place;
use crate::facts::program::{CallRef, FuncRef, Program};

/// Where a call stands, with the nearest function around it that has a name.
#[must_use]
pub fn of_call(program: &dyn Program, call: CallRef) -> Place {
    let made = program.call(call);
    let outline = &program.file(call.file).outline;
    let symbol = outline.scopes_from(made.scope).find_map(|(_, scope)| match scope.kind {
        ScopeKind::Function(function) => Some(&outline.function(function).name).filter(|name| !name.is_empty()),
        _ => None,
    });
    Place { file: call.file, symbol: symbol.cloned().unwrap_or_default(), line: made.at.line }
}

/// Where a function stands.
#[must_use]
pub fn of_function(program: &dyn Program, function: FuncRef) -> Place {
    let declared = program.function(function);
    Place { file: function.file, symbol: declared.name.clone(), line: declared.at.line }
}

/// Where a handler stands when it has a name, else the call that it is given to.
#[must_use]
pub fn of_handler(program: &dyn Program, handler: Option<FuncRef>, call: CallRef) -> Place {
    let named = handler.filter(|handler| !program.function(*handler).name.is_empty());
    named.map_or_else(|| of_call(program, call), |handler| of_function(program, handler))
}
