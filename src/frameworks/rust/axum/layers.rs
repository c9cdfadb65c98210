//! Middleware that lets only known callers through. A layer holds for what was added to the router before it.

use crate::base::code::{Call, CallId, Expr, Outline, Pattern, ScopeId};
use crate::facts::finding::{SchemeKind, SchemeUse};
use crate::facts::program::{CallRef, Meaning, Program, Site};
use crate::frameworks::rust::http::auth;

/// How long a chain may be.
const MAX_LINKS: u32 = 4096;

/// Methods that add middleware.
fn is_layer(name: &str) -> bool {
    matches!(name, "layer" | "route_layer")
}

/// What the layers ask for that are put over a call of a router's chain later on, in the same function.
#[must_use]
pub fn over(program: &dyn Program, call: CallRef) -> Vec<SchemeUse> {
    let outline = &program.file(call.file).outline;
    let around = outline.function_around(outline.call(call.id).scope);
    let mut found = Vec::new();
    for layer in outline.calls.iter().filter(|layer| layer.method().is_some_and(|(_, name)| is_layer(name))) {
        if outline.function_around(layer.scope) != around || layer.args.is_empty() {
            continue;
        }
        let Some((receiver, _)) = layer.method() else { continue };
        if !leads_to(outline, receiver, layer, call.id) {
            continue;
        }
        let site = Site::of_call(call.file, layer);
        for arg in &layer.args {
            found.extend(scheme(program, &site, &arg.value));
        }
    }
    found.dedup();
    found
}

/// Whether a chain, through the names it is bound to, goes back to a call.
fn leads_to(outline: &Outline, receiver: &Expr, from: &Call, wanted: CallId) -> bool {
    let mut next = receiver;
    let (mut offset, mut scope) = (from.at.offset, from.scope);
    for _ in 0..MAX_LINKS {
        match next {
            Expr::Call(id) if *id == wanted => return true,
            Expr::Call(id) => {
                let call = outline.call(*id);
                offset = call.at.offset;
                let Some((receiver, _)) = call.method() else { return false };
                next = receiver;
            }
            Expr::Ref(name) => {
                let Some((value, at, inner)) = bound_before(outline, name, offset, scope) else { return false };
                next = value;
                (offset, scope) = (at, inner);
            }
            _ => return false,
        }
    }
    false
}

/// The value a local name had before an offset.
fn bound_before<'o>(outline: &'o Outline, name: &str, offset: u32, scope: ScopeId) -> Option<(&'o Expr, u32, ScopeId)> {
    let function = outline.function_around(scope);
    let binds = |pattern: &Pattern| crate::facts::file::pattern_names(pattern).first().is_some_and(|bound| *bound == name);
    outline
        .assigns
        .iter()
        .filter(|assign| assign.at.offset < offset && binds(&assign.target) && outline.function_around(assign.scope) == function)
        .max_by_key(|assign| assign.at.offset)
        .map(|assign| (&assign.value, assign.at.offset, assign.scope))
}

/// What layers ask for in the chain of a router that another function makes: `users::router().layer(auth)`.
#[must_use]
pub fn on_foreign(program: &dyn Program, site: &Site, child: &Expr) -> Vec<SchemeUse> {
    let outline = &program.file(site.file).outline;
    let mut found = Vec::new();
    let mut next = child;
    let (mut offset, mut scope) = (site.offset, site.scope);
    for _ in 0..MAX_LINKS {
        match next {
            Expr::Call(id) => {
                let call = outline.call(*id);
                offset = call.at.offset;
                let Some((receiver, name)) = call.method() else {
                    return if is_foreign(program, site, *id) { found } else { Vec::new() };
                };
                if is_foreign(program, site, *id) {
                    return found;
                }
                if is_layer(name) {
                    let at = Site::of_call(site.file, call);
                    for arg in &call.args {
                        found.extend(scheme(program, &at, &arg.value));
                    }
                }
                next = receiver;
            }
            Expr::Ref(name) => {
                let Some((value, at, inner)) = bound_before(outline, name, offset, scope) else { return found };
                next = value;
                (offset, scope) = (at, inner);
            }
            _ => return Vec::new(),
        }
    }
    Vec::new()
}

fn is_foreign(program: &dyn Program, site: &Site, id: CallId) -> bool {
    matches!(program.callee(CallRef { file: site.file, id }), Meaning::Function(..))
}

/// What a layer asks for; nothing when it is about something else.
#[must_use]
pub fn scheme(program: &dyn Program, site: &Site, layer: &Expr) -> Vec<SchemeUse> {
    let mut found = Vec::new();
    collect(program, site, layer, &mut found, 0);
    found
}

fn collect(program: &dyn Program, site: &Site, layer: &Expr, found: &mut Vec<SchemeUse>, depth: u32) {
    if depth > 8 {
        return;
    }
    if let Expr::List(items) = layer {
        return items.iter().for_each(|item| collect(program, site, item, found, depth + 1));
    }
    let meaning = program.produce(site, layer);
    match &meaning {
        Meaning::Value(Expr::Call(_), at) => {
            let Some((id, _)) = meaning.call() else { return };
            let call = program.call(id);
            match program.callee(id) {
                Meaning::Outside(path) => of_library(program, at, &path, call, found),
                Meaning::Class(class) => of_class(program, class, found),
                Meaning::Function(function, class) => match class {
                    Some(class) => of_class(program, class, found),
                    None => found.extend(auth::guard(program, function, &program.function(function).name)),
                },
                _ => {
                    // A builder: `ServiceBuilder::new().layer(a).layer(b)`.
                    let Some((receiver, name)) = call.method() else { return };
                    if is_layer(name) || name == "option_layer" {
                        call.args.iter().for_each(|arg| collect(program, at, &arg.value, found, depth + 1));
                    }
                    collect(program, at, receiver, found, depth + 1);
                }
            }
        }
        Meaning::Class(class) | Meaning::Instance(class) => of_class(program, *class, found),
        _ => {}
    }
}

fn of_library(program: &dyn Program, site: &Site, path: &str, call: &Call, found: &mut Vec<SchemeUse>) {
    let name = path.rsplit('.').next().unwrap_or_default();
    let owner = path.rsplit('.').nth(1).unwrap_or_default();
    match name {
        "from_fn" | "from_fn_with_state" => {
            let Some(function) = call.args.last().map(|arg| &arg.value) else { return };
            // `from_fn(move |req, next| auth(req, next))` is a closure around a function.
            let called = program.resolve(site, function).function().or_else(|| match function {
                Expr::Call(id) => program.callee(CallRef { file: site.file, id: *id }).function(),
                _ => None,
            });
            let Some(called) = called else { return };
            let declared = program.function(called);
            let name = if declared.name.is_empty() { "auth" } else { declared.name.as_str() };
            found.extend(auth::guard(program, called, name));
        }
        "from_extractor" | "from_extractor_with_state" => {
            if let Some(name) = call.type_args.first().and_then(crate::base::code::Type::last_name) {
                found.push(auth::scheme(name, SchemeKind::Guard));
            }
        }
        "bearer" | "basic" | "custom" => {
            if matches!(owner, "RequireAuthorizationLayer" | "ValidateRequestHeaderLayer" | "AsyncRequireAuthorizationLayer") {
                let kind = match name {
                    "bearer" => SchemeKind::Bearer,
                    "basic" => SchemeKind::Basic,
                    _ => SchemeKind::Guard,
                };
                let label = if name == "custom" { "authorization" } else { name };
                found.push(auth::scheme(label, kind));
            }
        }
        "login_required" | "permission_required" | "predicate_required" => found.push(auth::scheme(name, SchemeKind::Guard)),
        _ if matches!(
            owner,
            "AsyncRequireAuthorizationLayer" | "RequireAuthorizationLayer" | "KeycloakAuthLayer" | "AuthorizationLayer"
        ) =>
        {
            found.push(auth::scheme(owner, SchemeKind::Bearer));
        }
        _ => {}
    }
}

/// A layer of the program, by its name: what it does stands in a service behind it.
fn of_class(program: &dyn Program, class: crate::facts::program::ClassRef, found: &mut Vec<SchemeUse>) {
    let name = &program.class(class).name;
    let plain = name.to_ascii_lowercase();
    let asks = ["auth", "jwt", "requireuser", "loginrequired"].iter().any(|word| plain.contains(word));
    if asks && !plain.contains("manager") && !plain.contains("session") {
        found.push(auth::scheme(name, SchemeKind::Guard));
    }
}
