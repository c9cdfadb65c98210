//! Middleware that lets only known callers through: `.wrap(HttpAuthentication::bearer(check))`, `.wrap(from_fn(auth))`.

use super::nodes;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::finding::{Findings, OwnerKey, SchemeKind, SchemeUse};
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::rust::http::auth;

/// Adds what the wraps of a file ask for to the owners of that file.
pub(super) fn apply(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let mut found: Vec<(OwnerKey, Vec<SchemeUse>)> = Vec::new();
    for call in &outline.calls {
        let Some((receiver, name)) = call.method() else { continue };
        if !matches!(name.as_str(), "wrap" | "wrap_fn") {
            continue;
        }
        let site = Site::of_call(file, call);
        let Some(middleware) = call.positional(0) else { continue };
        let schemes = scheme(program, &site, middleware);
        if !schemes.is_empty()
            && let Some(owner) = nodes::node(program, &site, receiver)
        {
            found.push((owner, schemes));
        }
    }
    for (key, schemes) in found {
        if let Some(owner) = findings.owners.iter_mut().rev().find(|owner| owner.key == key) {
            owner.traits.security.add(schemes);
        }
    }
}

/// What a middleware asks for; nothing when it is about something else.
pub(super) fn scheme(program: &dyn Program, site: &Site, middleware: &Expr) -> Vec<SchemeUse> {
    let mut found = Vec::new();
    collect(program, site, middleware, &mut found, 0);
    found
}

fn collect(program: &dyn Program, site: &Site, middleware: &Expr, found: &mut Vec<SchemeUse>, depth: u32) {
    if depth > 6 {
        return;
    }
    let meaning = program.produce(site, middleware);
    match &meaning {
        Meaning::Value(Expr::Func(_), _) | Meaning::Function(..) => {
            if let Some(function) = meaning.function() {
                found.extend(auth::guard(program, function, "auth"));
            }
        }
        Meaning::Value(Expr::Call(_), at) => {
            let Some((id, _)) = meaning.call() else { return };
            called(program, at, id, program.call(id), found, depth);
        }
        Meaning::Class(class) | Meaning::Instance(class) => of_class(program, *class, found),
        _ => {}
    }
}

fn called(program: &dyn Program, site: &Site, id: CallRef, call: &Call, found: &mut Vec<SchemeUse>, depth: u32) {
    match program.callee(id) {
        Meaning::Outside(path) => {
            let mut parts = path.rsplit('.');
            let (name, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            match (owner, name) {
                ("HttpAuthentication", "bearer" | "with_fn") => found.push(auth::scheme("bearer", SchemeKind::Bearer)),
                ("HttpAuthentication", "basic") => found.push(auth::scheme("basic", SchemeKind::Basic)),
                ("Condition", "new") => {
                    if let Some(inner) = call.positional(1) {
                        collect(program, site, inner, found, depth + 1);
                    }
                }
                (_, "from_fn" | "from_fn_with_state") => {
                    let function = call.args.last().and_then(|arg| program.resolve(site, &arg.value).function());
                    if let Some(function) = function {
                        let name: &Name = &program.function(function).name;
                        found.extend(auth::guard(program, function, if name.is_empty() { "auth" } else { name }));
                    }
                }
                ("GrantsMiddleware" | "JwtMiddleware" | "AuthMiddleware" | "Authority", _) => {
                    found.push(auth::scheme(owner, SchemeKind::Guard))
                }
                _ => {}
            }
        }
        Meaning::Class(class) | Meaning::Function(_, Some(class)) => of_class(program, class, found),
        _ => {
            if let Some((receiver, _)) = call.method() {
                collect(program, site, receiver, found, depth + 1);
            }
        }
    }
}

/// A middleware of the program: what its service does, and its name.
fn of_class(program: &dyn Program, class: ClassRef, found: &mut Vec<SchemeUse>) {
    let name = &program.class(class).name;
    let plain = name.to_ascii_lowercase();
    if ["auth", "jwt", "requireuser", "loginrequired", "permission"].iter().any(|word| plain.contains(word)) {
        found.push(auth::scheme(name, SchemeKind::Guard));
    }
}
