//! Middleware that asks for a login or a permission: by the library it comes from, or because it refuses with 401 or 403.

use super::{answers, calls_in, is_inside};
use crate::base::Name;
use crate::base::code::{Call, CallKind, Expr, Pattern, Piece};
use crate::facts::finding::{Location, SchemeKind, SchemeUse};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program, Site};
use crate::frameworks::script::statuses;

/// How deep functions are entered in search of a refusal.
const MAX_DEPTH: u32 = 3;

/// Libraries whose middleware asks for a login, with what it asks for.
const LIBRARIES: &[(&str, SchemeKind)] = &[
    ("express-jwt", SchemeKind::Bearer),
    ("koa-jwt", SchemeKind::Bearer),
    ("express-oauth2-jwt-bearer", SchemeKind::Bearer),
    ("@okta/jwt-verifier", SchemeKind::Bearer),
    ("express-bearer-token", SchemeKind::Bearer),
    ("restify-jwt", SchemeKind::Bearer),
    ("restify-jwt-community", SchemeKind::Bearer),
    ("express-basic-auth", SchemeKind::Basic),
    ("koa-basic-auth", SchemeKind::Basic),
    ("http-auth", SchemeKind::Basic),
    ("express-openid-connect.requiresAuth", SchemeKind::Guard),
    ("connect-ensure-login", SchemeKind::Guard),
    ("@clerk/express.requireAuth", SchemeKind::Bearer),
    ("@clerk/clerk-sdk-node", SchemeKind::Bearer),
    ("supertokens-node", SchemeKind::Guard),
    ("keycloak-connect", SchemeKind::Guard),
    ("passport", SchemeKind::Guard),
    ("koa-passport", SchemeKind::Guard),
    ("@fastify/passport", SchemeKind::Guard),
];

/// The guard an expression is, when it is one.
#[must_use]
pub fn guard(program: &dyn Program, site: &Site, expr: &Expr) -> Option<SchemeUse> {
    let spelled = spelled(program, site, expr);
    if is_other_matter(&spelled) {
        return None;
    }
    let kind = match program.resolve(site, expr) {
        Meaning::Outside(path) => library(&path).or_else(|| by_name(&spelled)),
        Meaning::Value(Expr::Call(id), at) => made(program, &at, CallRef { file: at.file, id: *id }, &spelled),
        Meaning::Param(..) | Meaning::Unknown | Meaning::Attribute(..) => by_name(&spelled),
        other => other.function().and_then(|function| refusal(program, function, 0)),
    }?;
    let name = if spelled.is_empty() { unnamed(&kind).into() } else { spelled.into() };
    Some(SchemeUse { name, kind, scopes: Vec::new() })
}

/// What a guard without a name is called.
fn unnamed(kind: &SchemeKind) -> &'static str {
    match kind {
        SchemeKind::Bearer => "bearer",
        SchemeKind::Basic => "basic",
        SchemeKind::ApiKey(..) => "apiKey",
        _ => "login",
    }
}

/// A call that makes middleware.
fn made(program: &dyn Program, site: &Site, call: CallRef, spelled: &str) -> Option<SchemeKind> {
    let made = program.call(call);
    match program.callee(call) {
        Meaning::Outside(path) if path.starts_with("passport") && path.ends_with("authenticate") => Some(strategy(program, site, made)),
        Meaning::Outside(path) => library(&path),
        Meaning::Function(function, _) => refusal(program, function, 0),
        Meaning::Value(Expr::Func(id), at) => refusal(program, FuncRef { file: at.file, id: *id }, 0),
        Meaning::Attribute(base, name) if name == "authenticate" => {
            let is_passport = match base.call() {
                Some((call, _)) => matches!(program.callee(call), Meaning::Outside(path) if path.contains("passport")),
                None => true,
            };
            is_passport.then(|| strategy(program, site, made))
        }
        Meaning::Attribute(..) | Meaning::Param(..) | Meaning::Unknown => by_name(spelled),
        _ => None,
    }
}

fn library(path: &str) -> Option<SchemeKind> {
    let fits = |known: &str| path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']));
    if path.ends_with(".initialize") || path.ends_with(".session") {
        return None;
    }
    LIBRARIES.iter().find(|(known, _)| fits(known)).map(|(_, kind)| kind.clone())
}

/// What a passport strategy asks for, by its name.
fn strategy(program: &dyn Program, site: &Site, made: &Call) -> SchemeKind {
    let name = made.positional(0).and_then(|name| program.text(site, name).plain()).unwrap_or_default();
    match name.as_str() {
        "jwt" | "bearer" => SchemeKind::Bearer,
        "basic" => SchemeKind::Basic,
        _ => SchemeKind::Guard,
    }
}

/// The name people know a piece of middleware by.
#[must_use]
pub fn spelled(program: &dyn Program, site: &Site, expr: &Expr) -> String {
    match expr {
        Expr::Call(id) => spelled(program, site, &program.file(site.file).outline.call(*id).callee),
        Expr::Member(base, name) => match (&**base, name.as_str()) {
            (_, "bind") => spelled(program, site, base),
            // `auth.required`: the object says what it is about.
            (Expr::Ref(of), _) if by_name(name).is_none() && by_name(of).is_some() => format!("{of}.{name}"),
            _ => name.to_string(),
        },
        other => other.last_name().map(Name::to_string).unwrap_or_default(),
    }
}

/// Middleware that refuses for other reasons.
fn is_other_matter(name: &str) -> bool {
    let name = name.to_lowercase();
    ["csrf", "xsrf", "ratelimit", "limiter", "throttle", "captcha", "cors", "optional", "upload", "maintenance", "readonly", "demomode"]
        .iter()
        .any(|word| name.contains(word))
}

/// What a name alone tells, where nothing else is known.
#[must_use]
pub fn by_name(name: &str) -> Option<SchemeKind> {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    if is_other_matter(&plain) || plain.contains("author") && !plain.contains("authoriz") && !plain.contains("authoris") {
        return None;
    }
    let asks = [
        "auth",
        "requirelogin",
        "loggedin",
        "verifytoken",
        "verifyjwt",
        "jwt",
        "requireuser",
        "checktoken",
        "protect",
        "isadmin",
        "requireadmin",
    ];
    asks.iter().any(|word| plain.contains(word)).then_some(SchemeKind::Guard)
}

/// Whether a function, or one that it calls or returns, refuses; and what it asks for.
#[must_use]
pub fn refusal(program: &dyn Program, function: FuncRef, depth: u32) -> Option<SchemeKind> {
    let mut evidence = Evidence::default();
    search(program, function, depth, &mut evidence, &mut Vec::new());
    evidence.refuses.then(|| evidence.kind.unwrap_or(SchemeKind::Guard))
}

/// Whether a function refuses those who are not logged in: with 401, or by what it looks at.
#[must_use]
pub fn asks_login(program: &dyn Program, function: FuncRef) -> bool {
    let mut evidence = Evidence::default();
    search(program, function, 0, &mut evidence, &mut Vec::new());
    evidence.is_login || evidence.refuses && evidence.kind.is_some()
}

#[derive(Default)]
struct Evidence {
    refuses: bool,
    is_login: bool,
    kind: Option<SchemeKind>,
}

fn search(program: &dyn Program, function: FuncRef, depth: u32, evidence: &mut Evidence, seen: &mut Vec<FuncRef>) {
    if depth > MAX_DEPTH || seen.contains(&function) || seen.len() > 40 {
        return;
    }
    seen.push(function);
    let declared = program.function(function);
    let outline = &program.file(function.file).outline;
    for value in outline.returns.iter().filter(|value| value.is_raise && is_inside(declared, value.at)) {
        let site = Site { offset: value.at.offset, ..Site::of_scope(function.file, value.scope) };
        evidence.see(answers::error_status(program, &site, &value.value));
    }
    for read in outline.reads.iter().filter(|read| is_inside(declared, read.at)) {
        asked(&read.expr, evidence);
    }
    // `ctx.status = 401`
    for assign in outline.assigns.iter().filter(|assign| is_inside(declared, assign.at)) {
        if let Pattern::Place(Expr::Member(_, name)) = &assign.target
            && matches!(name.as_str(), "status" | "statusCode")
        {
            evidence.see(statuses::of(program, &Site::of_scope(function.file, assign.scope), &assign.value));
        }
    }
    for (call, made) in calls_in(program, function) {
        let site = Site::of_call(call.file, made);
        evidence.see(refused(program, &site, made));
        made.args.iter().for_each(|arg| asked(&arg.value, evidence));
        let callee = program.callee(call);
        if let Meaning::Outside(path) = &callee
            && let Some(kind) = library(path).filter(|_| path.ends_with("authenticate") || !path.starts_with("passport"))
        {
            evidence.refuses = true;
            evidence.kind.get_or_insert(kind);
        }
        if made.kind != CallKind::New
            && let Some(called) = callee.function()
        {
            search(program, called, depth + 1, evidence, seen);
        }
    }
}

impl Evidence {
    fn see(&mut self, status: Option<u16>) {
        self.refuses |= status.is_some_and(is_refusal);
        self.is_login |= status == Some(401);
    }
}

fn is_refusal(status: u16) -> bool {
    status == 401 || status == 403
}

/// `res.status(401)`, `res.sendStatus(403)`, `next({ status: 401 })`, `next(new Unauthorized())`, `createError(401)`.
fn refused(program: &dyn Program, site: &Site, made: &Call) -> Option<u16> {
    const ANSWERING: &[&str] = &["status", "sendStatus", "code", "writeHead", "throw", "createError", "send", "json"];
    let name = made.callee.last_name().map(Name::as_str).unwrap_or_default();
    if ANSWERING.contains(&name) {
        let said = made.args.iter().filter_map(|arg| match &arg.value {
            Expr::Int(_) | Expr::Member(..) | Expr::Ref(_) | Expr::Index(_) => statuses::of(program, site, &arg.value),
            _ => None,
        });
        return said.into_iter().find(|status| is_refusal(*status));
    }
    match name {
        "unauthorized" | "jwtVerify" => Some(401),
        "forbidden" => Some(403),
        "next" | "reject" | "done" => {
            made.args.iter().filter_map(|arg| answers::error_status(program, site, &arg.value)).find(|status| is_refusal(*status))
        }
        _ => None,
    }
}

/// What headers a function looks at.
fn asked(expr: &Expr, evidence: &mut Evidence) {
    let text = match expr {
        Expr::Str(text) => text.to_lowercase(),
        Expr::Template(pieces) => match pieces.first() {
            Some(Piece::Text(text)) => text.to_lowercase(),
            _ => return,
        },
        Expr::Member(_, name) => name.to_lowercase(),
        Expr::Index(pair) => return asked(&pair.1, evidence),
        _ => return,
    };
    let kind = match text.as_str() {
        "authorization" | "bearer" | "bearer " => SchemeKind::Bearer,
        "x-api-key" | "api-key" | "apikey" if matches!(expr, Expr::Str(_)) => SchemeKind::ApiKey(Location::Header, text.clone().into()),
        "basic" | "basic " if matches!(expr, Expr::Str(_)) => SchemeKind::Basic,
        _ => return,
    };
    evidence.kind.get_or_insert(kind);
}
