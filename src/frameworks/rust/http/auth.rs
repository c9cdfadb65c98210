//! What asks for authentication: functions that answer 401 or 403, read `Authorization` or check a token.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::base::Name;
use crate::base::code::{CallId, Expr, Type};
use crate::facts::finding::{SchemeKind, SchemeUse};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program};

/// How far calls are followed.
const MAX_DEPTH: u32 = 2;

/// What a function does about authentication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// It refuses: 401, 403, an error named so.
    pub refuses: bool,
    /// It reads credentials: `Authorization`, a token that is checked.
    pub reads: bool,
    /// It reads a bearer token.
    pub bearer: bool,
    /// It reads a name and a password.
    pub basic: bool,
}

impl Evidence {
    fn join(&mut self, other: Self) {
        self.refuses |= other.refuses;
        self.reads |= other.reads;
        self.bearer |= other.bearer;
        self.basic |= other.basic;
    }

    /// What it is, as a scheme.
    #[must_use]
    pub fn kind(self) -> SchemeKind {
        match (self.bearer, self.basic) {
            (true, _) => SchemeKind::Bearer,
            (false, true) => SchemeKind::Basic,
            _ => SchemeKind::Guard,
        }
    }
}

/// A guard of the program under its name.
#[must_use]
pub fn scheme(name: &str, kind: SchemeKind) -> SchemeUse {
    SchemeUse { name: name.into(), kind, scopes: Vec::new() }
}

/// The scheme that a function of the program asks for, told by what it does; its name counts as well.
#[must_use]
pub fn guard(program: &dyn Program, function: FuncRef, name: &str) -> Option<SchemeUse> {
    let evidence = evidence(program, function, 0);
    let sounds = sounds_like_auth(name);
    let asks = (evidence.refuses && (evidence.reads || sounds)) || (evidence.reads && sounds) || names_a_guard(name);
    asks.then(|| scheme(name, evidence.kind()))
}

/// Names that say it outright, of middleware that sends people elsewhere instead of refusing.
fn names_a_guard(name: &str) -> bool {
    let plain = name.to_ascii_lowercase();
    let words = [
        "require_auth",
        "require_login",
        "require_user",
        "reject_anonymous",
        "ensure_auth",
        "login_required",
        "auth_required",
        "must_be_logged",
        "auth_guard",
        "authenticated_only",
        "require_admin",
        "admin_only",
    ];
    words.iter().any(|word| plain.contains(word))
}

/// Whether a name speaks of users and their rights.
#[must_use]
pub fn sounds_like_auth(name: &str) -> bool {
    let plain = name.to_ascii_lowercase();
    [
        "auth",
        "user",
        "claims",
        "token",
        "session",
        "login",
        "logged",
        "admin",
        "permission",
        "guard",
        "require",
        "identity",
        "principal",
        "jwt",
        "apikey",
        "api_key",
        "access",
        "account",
        "credential",
        "verified",
        "protect",
        "bearer",
        "member",
    ]
    .iter()
    .any(|word| plain.contains(word))
}

/// What functions were found to do, by how far their calls were followed.
#[derive(Default)]
struct Weighed(Mutex<HashMap<(FuncRef, u32), Evidence>>);

/// What a function does, and what it calls.
#[must_use]
pub fn evidence(program: &dyn Program, function: FuncRef, depth: u32) -> Evidence {
    let known = program.answers().once(Weighed::default);
    let weighed = || known.0.lock().unwrap_or_else(PoisonError::into_inner);
    let found = weighed().get(&(function, depth)).copied();
    found.unwrap_or_else(|| {
        let found = weighed_anew(program, function, depth);
        weighed().insert((function, depth), found);
        found
    })
}

fn weighed_anew(program: &dyn Program, function: FuncRef, depth: u32) -> Evidence {
    let outline = &program.file(function.file).outline;
    let inner = program.function(function).inner;
    let mut found = Evidence::default();
    for read in outline.reads.iter().filter(|read| outline.is_within(read.scope, inner)) {
        weigh(&read.expr, &mut found, 0);
    }
    for returned in outline.returns.iter().filter(|returned| outline.is_within(returned.scope, inner)) {
        weigh(&returned.value, &mut found, 0);
    }
    for (id, call) in (0u32..).zip(&outline.calls).filter(|(_, call)| outline.is_within(call.scope, inner)) {
        weigh(&call.callee, &mut found, 0);
        call.args.iter().for_each(|arg| weigh(&arg.value, &mut found, 0));
        call.type_args.iter().for_each(|ty| weigh_type(ty, &mut found, 0));
        if depth < MAX_DEPTH {
            let callee = program.callee(CallRef { file: function.file, id: CallId(id) });
            match callee {
                Meaning::Function(called, _) if called != function => found.join(evidence(program, called, depth + 1)),
                Meaning::Outside(path) if path.starts_with("jsonwebtoken.") && path.ends_with("decode") => found.reads = true,
                _ => {}
            }
        }
    }
    found
}

fn weigh(expr: &Expr, found: &mut Evidence, depth: u32) {
    if depth > 12 {
        return;
    }
    match expr {
        Expr::Ref(name) => weigh_name(name, found),
        Expr::Member(base, name) => {
            weigh_name(name, found);
            weigh(base, found, depth + 1);
        }
        Expr::Str(text) => weigh_text(text, found),
        Expr::List(items) => items.iter().for_each(|item| weigh(item, found, depth + 1)),
        Expr::Cond(cond) => {
            weigh(&cond.yes, found, depth + 1);
            weigh(&cond.no, found, depth + 1);
        }
        Expr::Type(ty) => weigh_type(ty, found, depth),
        _ => {}
    }
}

fn weigh_name(name: &Name, found: &mut Evidence) {
    match name.as_str() {
        "UNAUTHORIZED" | "FORBIDDEN" => found.refuses = true,
        "AUTHORIZATION" => found.reads = true,
        "Bearer" => (found.reads, found.bearer) = (true, true),
        "Basic" => (found.reads, found.basic) = (true, true),
        other => found.refuses |= refuses(other),
    }
}

/// Whether a name, however it is cased and joined, is that of a refusal.
fn refuses(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "unauthorized",
        "unauthorised",
        "unauthenticated",
        "forbidden",
        "invalidtoken",
        "missingtoken",
        "missingcredentials",
        "invalidcredentials",
        "notauthenticated",
        "autherror",
    ];
    const SHORTEST: usize = 9;
    if name.len() < SHORTEST {
        return false;
    }
    let plain: String = name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    WORDS.iter().any(|word| plain.contains(word))
}

fn weigh_text(text: &str, found: &mut Evidence) {
    if text.eq_ignore_ascii_case("authorization") || text.eq_ignore_ascii_case("x-api-key") {
        found.reads = true;
    }
    if text.starts_with("Bearer") {
        (found.reads, found.bearer) = (true, true);
    }
    if text.starts_with("Basic ") {
        (found.reads, found.basic) = (true, true);
    }
}

fn weigh_type(ty: &Type, found: &mut Evidence, depth: u32) {
    if depth > 12 {
        return;
    }
    if let Some(name) = ty.last_name() {
        weigh_name(name, found);
    }
    ty.args().iter().for_each(|arg| weigh_type(arg, found, depth + 1));
}
