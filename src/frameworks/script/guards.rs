//! Middleware, wrappers and handlers of web-standard frameworks that ask for a login: by the library, or because they answer 401 or 403.

use crate::base::Name;
use crate::base::code::{Call, CallKind, Expr, Param, Pattern};
use crate::facts::finding::{Location, PathText, SchemeKind, SchemeUse};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program, Site};
use crate::frameworks::script::functions::calls_in as calls_of;

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
            let call = CallRef { file: at.file, id: *id };
            let made = program.call(call);
            match program.callee(call) {
                Meaning::Outside(path) => match LIBRARY.iter().find(|(known, _)| *known == path.as_str()) {
                    Some((path, kind)) => {
                        Some(SchemeUse { name: path.rsplit('.').next().unwrap_or(path).into(), kind: kind.clone(), scopes: Vec::new() })
                    }
                    // `createMiddleware(async (c, next) => …)`, `factory.createMiddleware(…)`
                    None => wrapped(program, &at, made, expr),
                },
                Meaning::Attribute(_, name) if name == "createMiddleware" => wrapped(program, &at, made, expr),
                callee => by_function(program, callee.function()?, name_of(made, expr)),
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
fn name_of(made: &Call, expr: &Expr) -> Name {
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

/// What a handler asks for itself: it looks for a session or a token, and answers 401 where there is none.
#[must_use]
pub fn in_handler(program: &dyn Program, handler: FuncRef) -> Option<SchemeUse> {
    let mut evidence = Evidence::default();
    evidence.look(program, handler, 0);
    if !evidence.refuses {
        return None;
    }
    let kind = header_kind(program, handler, 0);
    let name = match evidence.asked {
        Some(name) => name,
        None if kind != SchemeKind::Guard => "authorization".into(),
        None => return None,
    };
    Some(SchemeUse { name, kind, scopes: Vec::new() })
}

/// What is seen of a handler.
#[derive(Default)]
struct Evidence {
    refuses: bool,
    asked: Option<Name>,
}

impl Evidence {
    fn look(&mut self, program: &dyn Program, handler: FuncRef, depth: u32) {
        let declared = program.function(handler);
        let given: Vec<&Name> = declared.params.iter().filter_map(Param::name).collect();
        for (call, made) in calls_of(program, handler) {
            let at = Site::of_call(handler.file, made);
            self.refuses |= stated(program, &at, made) == Some(401);
            let name = made.callee.last_name().cloned().unwrap_or_default();
            let inner = || program.callee(call).function().filter(|inner| *inner != handler);
            if made.kind == CallKind::Plain && asks(&name) {
                // A function of the program that turns requests away itself.
                self.refuses |= inner().is_some_and(|inner| refusal(program, inner, 1) == Some(401));
                self.asked.get_or_insert(name);
            } else if depth < MAX_DEPTH
                && made.args.iter().any(|arg| matches!(&arg.value, Expr::Ref(name) if given.contains(&name)))
                && let Some(inner) = inner()
            {
                // One that is handed the request.
                self.look(program, inner, depth + 1);
            }
        }
        if self.asked.is_none() {
            let outline = &program.file(handler.file).outline;
            let tests =
                outline.tests.iter().map(|test| (&test.expr, test.at)).chain(outline.reads.iter().map(|read| (&read.expr, read.at)));
            let inside = tests.filter(|(_, at)| declared.at.offset <= at.offset && at.offset < declared.end);
            self.asked = inside.filter_map(|(expr, _)| session_in(expr, 0)).next();
        }
        // `({ locals }) => { if (!locals.user) … }`: what it looks at there is not kept.
        let takes_locals =
            |param: &Param| matches!(&param.pattern, Pattern::Object(fields) if fields.iter().any(|field| field.key == "locals"));
        if self.asked.is_none() && declared.params.iter().any(takes_locals) {
            self.asked = Some("locals".into());
        }
    }
}

/// What the framework keeps of who is asking: `locals.user`, `event.context.session`.
fn session_in(expr: &Expr, depth: u32) -> Option<Name> {
    if depth > 16 {
        return None;
    }
    match expr {
        Expr::Member(base, name) => {
            let is_kept =
                matches!(base.last_name().map(Name::as_str), Some("locals" | "context" | "state" | "var" | "auth" | "req" | "request"));
            let is_who = matches!(name.as_str(), "user" | "session" | "auth" | "userId" | "account");
            if is_kept && is_who { Some(name.clone()) } else { session_in(base, depth + 1) }
        }
        Expr::Binary(binary) => session_in(&binary.left, depth + 1).or_else(|| session_in(&binary.right, depth + 1)),
        Expr::Index(pair) => session_in(&pair.0, depth + 1),
        _ => None,
    }
}

/// Those who log in are turned away with 401 too, and webhooks sign what they send.
#[must_use]
pub fn is_login(path: &PathText) -> bool {
    let path = path.text.plain().unwrap_or_default().to_ascii_lowercase();
    path.split('/').any(|segment| {
        matches!(
            segment,
            "login"
                | "signin"
                | "sign-in"
                | "signup"
                | "sign-up"
                | "register"
                | "logout"
                | "callback"
                | "refresh"
                | "token"
                | "webhook"
                | "webhooks"
        )
    })
}

/// Whether a function's name says that it looks who is asking: `auth`, `getServerSession`, `requireUser`, `verifyToken`.
fn asks(name: &str) -> bool {
    let plain = name.to_ascii_lowercase();
    if matches!(plain.as_str(), "auth" | "protect" | "authenticate" | "authorize" | "currentuser" | "validaterequest" | "authorizerequest")
    {
        return true;
    }
    let begins =
        ["get", "require", "verify", "check", "assert", "validate", "ensure", "current", "is", "has", "with", "fetch", "load", "use"];
    let speaks = ["session", "user", "auth", "token", "admin", "permission", "login", "apikey", "member", "account", "identity"];
    let Some(rest) = begins.iter().find_map(|begin| plain.strip_prefix(begin)) else { return false };
    !plain.contains("by") && speaks.iter().any(|word| rest.contains(word))
}

fn sounds_like_guard(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "admin", "permission", "role", "scope", "access", "owner", "session", "login", "user", "token", "key", "member", "protect"]
        .iter()
        .any(|word| name.contains(word))
}

/// The status with which a function turns requests away: 401, else 403.
fn refusal(program: &dyn Program, function: FuncRef, depth: u32) -> Option<u16> {
    let mut found = None;
    for (id, call) in calls_of(program, function) {
        let at = Site::of_call(function.file, call);
        let here = stated(program, &at, call).or_else(|| {
            if depth >= MAX_DEPTH {
                return None;
            }
            let callee = program.callee(id);
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
    for (id, call) in calls_of(program, function) {
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
            let callee = program.callee(id);
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
