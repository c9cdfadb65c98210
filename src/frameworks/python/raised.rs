//! Statuses of the errors that a handler raises itself: `abort(404)`, `raise NotFound()`, `raise Http404`, `get_object_or_404(…)`.

use super::statuses::{named_error, status_of};
use crate::base::code::{CallId, Expr};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program, Site};

/// Libraries whose errors these are.
const LIBRARIES: &[&str] = &[
    "werkzeug",
    "flask",
    "quart",
    "django",
    "rest_framework",
    "flask_restful",
    "flask_restx",
    "flask_smorest",
    "apiflask",
    "connexion",
    "falcon",
    "bottle",
    "pyramid",
    "webob",
];

/// The statuses, sorted.
#[must_use]
pub fn statuses(program: &dyn Program, handler: FuncRef) -> Vec<u16> {
    let facts = program.file(handler.file);
    let declared = facts.outline.function(handler.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let mut found: Vec<u16> = Vec::new();
    for index in facts.returns_of(handler.id) {
        let raised = &facts.outline.returns[*index as usize];
        if raised.is_raise {
            let at = Site { file: handler.file, scope: raised.scope, offset: raised.at.offset, env: None };
            found.extend(error(program, &at, &raised.value));
        }
    }
    for (id, call) in (0u32..).zip(&facts.outline.calls).filter(|(_, call)| within(call.at.offset)) {
        let name = call.callee.last_name().map_or("", |name| name.as_str());
        if !matches!(name, "abort" | "get_object_or_404" | "get_list_or_404" | "first_or_404" | "get_or_404" | "one_or_404") {
            continue;
        }
        let at = Site::of_call(handler.file, call);
        let callee = program.callee(CallRef { file: handler.file, id: CallId(id) });
        let is_library = match &callee {
            Meaning::Outside(path) => is_library(path),
            Meaning::Attribute(..) | Meaning::Unknown => true,
            _ => false,
        };
        if is_library && name == "abort" {
            found.extend(call.arg(0, "code").or_else(|| call.keyword("status_code")).and_then(|status| status_of(program, &at, status)));
        } else if is_library {
            found.push(404);
        }
    }
    found.retain(|status| *status >= 400);
    found.sort_unstable();
    found.dedup();
    found
}

/// The status of a raised value.
#[must_use]
pub fn error(program: &dyn Program, site: &Site, value: &Expr) -> Option<u16> {
    let meaning = program.resolve(site, value);
    let (class, status) = match &meaning {
        Meaning::Value(Expr::Call(id), at) => {
            let call = CallRef { file: at.file, id: *id };
            let made = program.call(call);
            let said = ["status_code", "status", "code"].iter().find_map(|key| made.keyword(key));
            (program.callee(call), said.and_then(|status| status_of(program, &Site::of_call(call.file, made), status)))
        }
        _ => (meaning, None),
    };
    match class {
        Meaning::Outside(path) => by_name(&path),
        Meaning::Class(class) => {
            let bases = program.outside_bases(class);
            let by_base = bases.iter().find_map(|base| by_name(base));
            let is_error = by_base.is_some() || bases.iter().any(|base| is_library(base));
            let attribute = || {
                let found = ["status_code", "code"].iter().find_map(|name| program.class_attribute(class, name));
                found.and_then(|(value, at)| status_of(program, &at, value))
            };
            is_error.then(|| status.or_else(attribute).or(by_base)).flatten()
        }
        _ => None,
    }
}

fn by_name(path: &str) -> Option<u16> {
    let name = path.rsplit('.').next()?;
    is_library(path).then(|| named_error(name)).flatten()
}

fn is_library(path: &str) -> bool {
    LIBRARIES.contains(&path.split('.').next().unwrap_or(path))
}
