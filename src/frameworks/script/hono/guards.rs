//! Middleware that asks for a login: Hono's own, that of libraries, and functions of the program that answer 401 or 403.

use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::finding::{Location, SchemeKind, SchemeUse};
use crate::facts::program::{FuncRef, Meaning, Program, Site};

/// Library functions that make guards.
const LIBRARY: &[(&str, SchemeKind)] = &[
    ("hono/bearer-auth.bearerAuth", SchemeKind::Bearer),
    ("hono/basic-auth.basicAuth", SchemeKind::Basic),
    ("hono/jwt.jwt", SchemeKind::Bearer),
    ("hono/jwk.jwk", SchemeKind::Bearer),
    ("@hono/auth-js.verifyAuth", SchemeKind::Guard),
    ("@hono/firebase-auth.verifyFirebaseAuth", SchemeKind::Bearer),
    ("@hono/oidc-auth.oidcAuthMiddleware", SchemeKind::Guard),
    ("@hono/cloudflare-access.cloudflareAccess", SchemeKind::Guard),
];

/// How deep functions that a guard calls are looked into.
const MAX_DEPTH: u32 = 2;

/// The scheme a middleware asks for.
pub fn guard(program: &dyn Program, site: &Site, expr: &Expr) -> Option<SchemeUse> {
    match program.resolve(site, expr) {
        Meaning::Value(Expr::Call(id), at) => {
            let call = crate::facts::program::CallRef { file: at.file, id: *id };
            let made = program.call(call);
            match program.callee(call) {
                Meaning::Outside(path) => match LIBRARY.iter().find(|(known, _)| *known == path.as_str()) {
                    Some((path, kind)) => {
                        Some(SchemeUse { name: path.rsplit('.').next().unwrap_or(path).into(), kind: kind.clone(), scopes: Vec::new() })
                    }
                    // `createMiddleware(async (c, next) => …)`, `factory.createMiddleware(…)`
                    None => wrapped(program, &at, made, expr),
                },
                Meaning::Function(function, _) => by_function(program, function, name_of(program, made, expr)),
                Meaning::Attribute(_, name) if name == "createMiddleware" => wrapped(program, &at, made, expr),
                _ => None,
            }
        }
        meaning => meaning.function().and_then(|function| by_function(program, function, expr.last_name().cloned().unwrap_or_default())),
    }
}

fn wrapped(program: &dyn Program, at: &Site, made: &Call, expr: &Expr) -> Option<SchemeUse> {
    let function = made.args.iter().find_map(|arg| program.resolve(at, &arg.value).function())?;
    by_function(program, function, expr.last_name().cloned().unwrap_or_default())
}

/// The name a guard has where it is used: `requireAuth` of `requireAuth("admin")`.
fn name_of(program: &dyn Program, made: &Call, expr: &Expr) -> Name {
    let _ = program;
    expr.last_name().or_else(|| made.callee.last_name()).cloned().unwrap_or_default()
}

fn by_function(program: &dyn Program, function: FuncRef, name: Name) -> Option<SchemeUse> {
    let own = program.function(function).name.clone();
    let name = if name.is_empty() { own } else { name };
    let refusal = refusal(program, function, 0)?;
    if refusal == 403 && !sounds_like_guard(&name) {
        return None;
    }
    let kind = header_kind(program, function, 0);
    Some(SchemeUse { name: if name.is_empty() { "auth".into() } else { name }, kind, scopes: Vec::new() })
}

fn sounds_like_guard(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "admin", "permission", "role", "scope", "access", "owner", "session", "login", "user", "token", "key", "member", "protect"]
        .iter()
        .any(|word| name.contains(word))
}

fn calls_in(program: &dyn Program, function: FuncRef) -> Vec<(u32, &Call)> {
    let declared = program.function(function);
    let outline = &program.file(function.file).outline;
    let inside = |call: &&Call| declared.at.offset <= call.at.offset && call.at.offset < declared.end;
    (0u32..).zip(&outline.calls).filter(|(_, call)| inside(call)).collect()
}

/// The status with which a function turns requests away: 401, else 403.
fn refusal(program: &dyn Program, function: FuncRef, depth: u32) -> Option<u16> {
    let mut found = None;
    for (id, call) in calls_in(program, function) {
        let at = Site::of_call(function.file, call);
        let here = stated(program, &at, call).or_else(|| {
            if depth >= MAX_DEPTH {
                return None;
            }
            let callee = program.callee(crate::facts::program::CallRef { file: function.file, id: crate::base::code::CallId(id) });
            callee.function().filter(|inner| *inner != function).and_then(|inner| refusal(program, inner, depth + 1))
        });
        match here {
            Some(401) => return Some(401),
            Some(status) => found = Some(status),
            None => {}
        }
    }
    found
}

/// A refusal that a call states: `c.json(…, 401)`, `new HTTPException(403)`, `new Response("", { status: 401 })`, `unauthorized()`.
fn stated(program: &dyn Program, at: &Site, call: &Call) -> Option<u16> {
    let status = |number: i64| matches!(number, 401 | 403).then(|| u16::try_from(number).ok()).flatten();
    for arg in &call.args {
        match &arg.value {
            Expr::Int(number) => {
                if let Some(found) = status(*number) {
                    return Some(found);
                }
            }
            Expr::Object(_) => {
                for (key, value, at) in program.entries(at, &arg.value).unwrap_or_default() {
                    match (key.as_str(), value) {
                        ("status" | "statusCode", Expr::Int(number)) => {
                            if let Some(found) = status(*number) {
                                return Some(found);
                            }
                        }
                        ("code", value) => match program.text(&at, value).plain().as_deref() {
                            Some("UNAUTHORIZED" | "unauthorized") => return Some(401),
                            Some("FORBIDDEN" | "forbidden") => return Some(403),
                            _ => {}
                        },
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let name = call.callee.last_name()?.to_ascii_lowercase();
    if name.starts_with("unauthori") || name.starts_with("notauthenticated") || name.starts_with("unauthenticated") {
        return Some(401);
    }
    name.starts_with("forbidden").then_some(403)
}

/// Whether the request's `Authorization` is read, else a key of another header.
fn header_kind(program: &dyn Program, function: FuncRef, depth: u32) -> SchemeKind {
    let mut kind = SchemeKind::Guard;
    for (id, call) in calls_in(program, function) {
        let at = Site::of_call(function.file, call);
        let key = call.method().filter(|(_, name)| matches!(name.as_str(), "header" | "get")).and_then(|_| call.positional(0));
        if let Some(header) = key.and_then(|key| program.text(&at, key).plain()) {
            match header.to_ascii_lowercase().as_str() {
                "authorization" => return SchemeKind::Bearer,
                name if name.contains("api-key") || name.contains("apikey") => kind = SchemeKind::ApiKey(Location::Header, header.into()),
                _ => {}
            }
        }
        if depth < 1 && kind == SchemeKind::Guard {
            let callee = program.callee(crate::facts::program::CallRef { file: function.file, id: crate::base::code::CallId(id) });
            if let Some(inner) = callee.function().filter(|inner| *inner != function) {
                match header_kind(program, inner, depth + 1) {
                    SchemeKind::Guard => {}
                    SchemeKind::Bearer => return SchemeKind::Bearer,
                    other => kind = other,
                }
            }
        }
    }
    kind
}
