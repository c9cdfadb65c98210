//! Where in the code something is sent or heard.

use crate::base::code::ScopeKind;
use crate::facts::finding::Place;
use crate::facts::program::{CallRef, Entered, Env, FuncRef, Program, Site};

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

/// Where code stands that is read at a site: the handler, when it has a name, else the function around; of a wrapper, who calls it.
#[must_use]
pub fn of_site(program: &dyn Program, site: &Site, handler: Option<FuncRef>) -> Place {
    if let Some(handler) = handler.filter(|handler| !program.function(*handler).name.is_empty()) {
        return of_function(program, handler);
    }
    let outer = outermost(&site.env).unwrap_or(site);
    let outline = &program.file(outer.file).outline;
    let symbol = outline.scopes_from(outer.scope).find_map(|(_, scope)| match scope.kind {
        ScopeKind::Function(function) => Some(&outline.function(function).name).filter(|name| !name.is_empty()),
        _ => None,
    });
    let line = outline.calls.iter().find(|call| call.at.offset == outer.offset).map_or(0, |call| call.at.line);
    Place { file: outer.file, symbol: symbol.cloned().unwrap_or_default(), line }
}

/// The site of the first of the calls that led here.
fn outermost(env: &Env) -> Option<&Site> {
    let mut found = None;
    let mut frame = env.as_ref();
    while let Some(entered) = frame {
        if let Entered::Call { caller, .. } | Entered::Element { caller, .. } = &entered.entered {
            found = Some(caller);
        }
        frame = entered.outer.as_ref();
    }
    found
}

/// Where a function stands; of one without a name, the nearest around it that has one.
#[must_use]
pub fn of_handler_in(program: &dyn Program, function: FuncRef) -> Place {
    let declared = program.function(function);
    let site = Site::of_scope(function.file, declared.scope);
    let named = of_site(program, &site, Some(function));
    Place { line: declared.at.line, ..named }
}
