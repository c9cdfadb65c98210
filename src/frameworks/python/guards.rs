//! Decorators and functions that turn away who is not logged in: `@login_required`, `@jwt_required()`, `@auth.login_required`, own ones
//! that answer 401.

use super::statuses::status_of;
use crate::base::Name;
use crate::base::code::{Expr, FuncId};
use crate::facts::finding::{SchemeKind, SchemeUse, Security};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program, Site};

/// How many functions below a guard are looked into.
const MAX_DEPTH: u32 = 3;

/// Decorators of libraries, and what they ask for.
const LIBRARY: &[(&str, SchemeKind)] = &[
    ("flask_jwt_extended.jwt_required", SchemeKind::Bearer),
    ("flask_jwt_extended.fresh_jwt_required", SchemeKind::Bearer),
    ("flask_jwt_extended.jwt_refresh_token_required", SchemeKind::Bearer),
    ("flask_jwt_extended.view_decorators.jwt_required", SchemeKind::Bearer),
    ("quart_jwt_extended.jwt_required", SchemeKind::Bearer),
    ("flask_jwt.jwt_required", SchemeKind::Bearer),
    ("flask_praetorian.auth_required", SchemeKind::Bearer),
    ("flask_praetorian.roles_required", SchemeKind::Bearer),
    ("flask_praetorian.roles_accepted", SchemeKind::Bearer),
    ("flask_login.login_required", SchemeKind::Guard),
    ("flask_login.utils.login_required", SchemeKind::Guard),
    ("flask_login.fresh_login_required", SchemeKind::Guard),
    ("quart_auth.login_required", SchemeKind::Guard),
    ("flask_security.http_auth_required", SchemeKind::Basic),
    ("flask_security.auth_token_required", SchemeKind::Guard),
    ("django.contrib.auth.decorators.login_required", SchemeKind::Guard),
    ("django.contrib.auth.decorators.permission_required", SchemeKind::Guard),
    ("django.contrib.auth.decorators.user_passes_test", SchemeKind::Guard),
    ("django.contrib.admin.views.decorators.staff_member_required", SchemeKind::Guard),
];

/// Words of names of guards.
const WORDS: &[&str] = &[
    "auth",
    "login",
    "logged",
    "signin",
    "signed",
    "jwt",
    "token",
    "permission",
    "permissions",
    "role",
    "roles",
    "admin",
    "protected",
    "session",
    "require",
    "required",
    "requires",
    "scope",
    "acl",
    "access",
    "apikey",
    "guard",
    "staff",
    "superuser",
];

/// Words by which a name says it turns nobody away.
const OPEN_WORDS: &[&str] = &["optional", "exempt", "anonymous", "public", "not", "no", "skip", "without", "logout"];

/// What the decorators of a handler ask for.
#[must_use]
pub fn security(program: &dyn Program, handler: FuncRef) -> Security {
    let function = program.function(handler);
    of_decorators(program, &program.around(handler), &function.decorators)
}

/// What some decorators ask for.
#[must_use]
pub fn of_decorators(program: &dyn Program, site: &Site, decorators: &[Expr]) -> Security {
    let mut schemes: Vec<SchemeUse> = Vec::new();
    for decorator in decorators {
        if let Some(scheme) = guard(program, site, decorator)
            && !schemes.iter().any(|known| known.name == scheme.name)
        {
            schemes.push(scheme);
        }
    }
    if schemes.is_empty() { Security::Inherit } else { Security::Schemes(schemes) }
}

/// The scheme behind a decorator, or behind a function that runs before a handler; `None` when it turns nobody away.
#[must_use]
pub fn guard(program: &dyn Program, site: &Site, expr: &Expr) -> Option<SchemeUse> {
    let meaning = match expr {
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let is_optional = call.keyword("optional") == Some(&Expr::Bool(true));
            // `method_decorator(login_required)`
            if call.callee.last_name().is_some_and(|name| name == "method_decorator") {
                return guard(program, site, call.positional(0)?);
            }
            if is_optional {
                return None;
            }
            program.callee(CallRef { file: site.file, id: *id })
        }
        other => program.resolve(site, other),
    };
    of_meaning(program, &meaning, expr)
}

fn of_meaning(program: &dyn Program, meaning: &Meaning, expr: &Expr) -> Option<SchemeUse> {
    match meaning {
        Meaning::Outside(path) => {
            if let Some((_, kind)) = LIBRARY.iter().find(|(known, _)| known == path) {
                return Some(scheme(name_of(path), kind.clone()));
            }
            let name = name_of(path);
            (is_guard_name(name) && !path.starts_with("builtins.") && !is_about_else(path)).then(|| scheme(name, SchemeKind::Guard))
        }
        // `auth = HTTPBasicAuth()`, `@auth.login_required`; `jwt.required`, `ext.require_oauth()`.
        Meaning::Attribute(of, name) => {
            let maker = of.call().and_then(|(call, _)| program.callee(call).outside().map(str::to_owned));
            let maker = maker.or_else(|| match of.as_ref() {
                Meaning::Instance(class) => program.outside_bases(*class).first().map(Name::to_string),
                _ => None,
            })?;
            let kind = match name_of(&maker) {
                "HTTPBasicAuth" => SchemeKind::Basic,
                "HTTPDigestAuth" => SchemeKind::Digest,
                "HTTPTokenAuth" | "MultiAuth" | "ResourceProtector" | "OAuth2Provider" | "JWTManager" => SchemeKind::Bearer,
                _ => SchemeKind::Guard,
            };
            let by_call = matches!(expr, Expr::Call(_)) && maker.ends_with("ResourceProtector");
            (is_guard_name(name) || by_call).then(|| {
                let shown = match kind {
                    SchemeKind::Guard => name.as_str(),
                    _ => name_of(&maker),
                };
                scheme(shown, kind)
            })
        }
        Meaning::Function(function, _) => {
            let name = program.function(*function).name.clone();
            if is_guard(program, *function, &name) {
                return Some(scheme(&name, kind_of(program, *function)));
            }
            guarded_itself(program, *function)
        }
        // A class as a decorator, or an instance of one: what its `__call__` does.
        Meaning::Class(class) | Meaning::Instance(class) => {
            let name = program.class(*class).name.clone();
            let call = program.method(*class, "__call__")?;
            is_guard(program, call, &name).then(|| scheme(&name, SchemeKind::Guard))
        }
        // `login_required = some_factory(…)`
        Meaning::Value(Expr::Call(id), at) if !matches!(expr, Expr::Call(_)) => {
            let inner = program.callee(CallRef { file: at.file, id: *id });
            let made = of_meaning(program, &inner, &Expr::Call(*id));
            made.or_else(|| expr.last_name().filter(|name| is_guard_name(name)).map(|name| scheme(name, SchemeKind::Guard)))
        }
        _ => None,
    }
}

/// A function under a library's guard: `@bp.before_request @login_required def check(): …`.
fn guarded_itself(program: &dyn Program, function: FuncRef) -> Option<SchemeUse> {
    let site = program.around(function);
    program.function(function).decorators.iter().find_map(|decorator| {
        let meaning = match decorator {
            Expr::Call(id) => program.callee(CallRef { file: function.file, id: *id }),
            other => program.resolve(&site, other),
        };
        match &meaning {
            Meaning::Outside(_) => of_meaning(program, &meaning, decorator),
            _ => None,
        }
    })
}

fn scheme(name: &str, kind: SchemeKind) -> SchemeUse {
    SchemeUse { name: name.into(), kind, scopes: Vec::new() }
}

fn name_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Symbols whose names sound like guards and are about something else.
fn is_about_else(path: &str) -> bool {
    let name = name_of(path);
    ["require_http_methods", "require_GET", "require_POST", "require_safe", "requires_csrf_token", "csrf_protect"].contains(&name)
        || path.starts_with("rest_framework.")
        || path.starts_with("drf_")
        || path.starts_with("webargs.")
        || path.starts_with("typing.")
        || name.starts_with("route")
}

/// Whether a name is a guard's: `login_required`, `require_permission`, `protected`.
#[must_use]
pub fn is_guard_name(name: &str) -> bool {
    let words = words_of(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let says_what =
        words.iter().any(|word| WORDS.contains(&word.as_str()) && !matches!(word.as_str(), "require" | "required" | "requires"));
    (says_what || has(&["authenticated", "authenticate", "authorized", "authorize", "authorization", "authentication"])) && !has(OPEN_WORDS)
}

fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a function of the program turns requests away for want of a login: it answers 401, or 403 under a guard's name.
fn is_guard(program: &dyn Program, function: FuncRef, name: &str) -> bool {
    let words = words_of(name);
    if words.iter().any(|word| OPEN_WORDS.contains(&word.as_str())) {
        return false;
    }
    let mut seen = Vec::new();
    let evidence = evidence(program, function, 0, &mut seen);
    evidence.unauthorized || (is_guard_name(name) && (evidence.forbidden || evidence.asks))
}

/// What speaks for a guard.
#[derive(Clone, Copy, Default)]
struct Evidence {
    unauthorized: bool,
    forbidden: bool,
    /// It looks at the login: `current_user`, the `Authorization` header, a library's own check.
    asks: bool,
}

fn evidence(program: &dyn Program, function: FuncRef, depth: u32, seen: &mut Vec<FuncRef>) -> Evidence {
    if depth > MAX_DEPTH || seen.contains(&function) || seen.len() > 12 {
        return Evidence::default();
    }
    seen.push(function);
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let mut found = Evidence::default();
    for returned in outline.returns.iter().filter(|returned| within(returned.at.offset)) {
        let at = Site::of_scope(function.file, returned.scope);
        found.add_status(said_status(program, &at, &returned.value, returned.is_raise));
    }
    for read in outline.reads.iter().filter(|read| within(read.at.offset)) {
        found.asks |= asks(&read.expr);
    }
    for test in outline.tests.iter().filter(|test| within(test.at.offset)) {
        found.asks |= asks(&test.expr);
    }
    for (id, call) in (0u32..).zip(&outline.calls).filter(|(_, call)| within(call.at.offset)) {
        let at = Site::of_call(function.file, call);
        if call.callee.last_name().is_some_and(|name| name == "abort") {
            found.add_status(call.positional(0).and_then(|status| status_of(program, &at, status)));
        }
        let is_header = call.positional(0).and_then(Expr::as_str).is_some_and(|text| text.eq_ignore_ascii_case("authorization"));
        found.asks |= is_header;
        match program.callee(CallRef { file: function.file, id: crate::base::code::CallId(id) }) {
            Meaning::Outside(path) => {
                found.asks |=
                    ["verify_jwt_in_request", "verify_token", "unauthorized", "get_jwt_identity", "decode"].contains(&name_of(&path))
            }
            Meaning::Function(inner, _) => {
                let below = evidence(program, inner, depth + 1, seen);
                found.unauthorized |= below.unauthorized;
                found.forbidden |= below.forbidden;
                found.asks |= below.asks;
            }
            _ => {}
        }
    }
    found
}

impl Evidence {
    fn add_status(&mut self, status: Option<u16>) {
        self.unauthorized |= status == Some(401);
        self.forbidden |= status == Some(403);
    }
}

/// The status a returned or raised value says.
fn said_status(program: &dyn Program, at: &Site, value: &Expr, is_raise: bool) -> Option<u16> {
    match value {
        Expr::List(items) => items.get(1).and_then(|status| status_of(program, at, status)),
        Expr::Call(id) => {
            let call = program.file(at.file).outline.call(*id);
            let name = call.callee.last_name().map(Name::as_str).unwrap_or_default();
            let keyed = ["status", "status_code", "code"].iter().find_map(|key| call.keyword(key));
            let said = keyed.and_then(|status| status_of(program, at, status));
            said.or_else(|| by_name(name)).or_else(|| match name {
                "make_response" | "Response" | "HTTPException" | "HTTPError" | "JSONResponse" => call
                    .args
                    .iter()
                    .find_map(|arg| status_of(program, at, &arg.value))
                    .or_else(|| call.positional(0).and_then(|first| said_status(program, at, first, is_raise))),
                _ => None,
            })
        }
        Expr::Ref(_) | Expr::Member(..) if is_raise => by_name(value.last_name()?),
        _ => None,
    }
}

/// What errors and responses of well-known names say.
fn by_name(name: &str) -> Option<u16> {
    match name {
        "Unauthorized"
        | "NotAuthenticated"
        | "AuthenticationFailed"
        | "HTTPUnauthorized"
        | "AuthError"
        | "NoAuthorizationError"
        | "InvalidTokenError"
        | "unauthorized" => Some(401),
        "Forbidden" | "PermissionDenied" | "HTTPForbidden" | "HttpResponseForbidden" | "forbidden" => Some(403),
        _ => None,
    }
}

/// Whether a chain looks at who is logged in.
fn asks(expr: &Expr) -> bool {
    match expr {
        Expr::Member(of, name) => matches!(name.as_str(), "is_authenticated" | "authorization") || asks(of),
        Expr::Index(pair) => pair.1.as_str().is_some_and(|key| key.eq_ignore_ascii_case("authorization")) || asks(&pair.0),
        Expr::Binary(binary) => asks(&binary.left) || asks(&binary.right),
        Expr::Ref(name) => name == "current_user",
        _ => false,
    }
}

/// What an own guard asks for, as far as it can be seen.
fn kind_of(program: &dyn Program, function: FuncRef) -> SchemeKind {
    let outline = &program.file(function.file).outline;
    let declared = outline.function(FuncId(function.id.0));
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let says = |text: &str| text.trim().eq_ignore_ascii_case("bearer");
    let is_bearer = outline.calls.iter().filter(|call| within(call.at.offset)).any(|call| {
        call.args.iter().any(|arg| arg.value.as_str().is_some_and(says))
            || call.callee.last_name().is_some_and(|name| name == "verify_jwt_in_request")
    });
    if is_bearer { SchemeKind::Bearer } else { SchemeKind::Guard }
}
