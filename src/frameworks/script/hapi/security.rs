//! `server.auth.strategy("session", "cookie", …)`, `server.auth.default("session")`, and a route's `auth`.

use super::TABLE;
use std::sync::Arc;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::finding::{Location, Origin, OwnerKey, SchemeKind, SchemeUse, Security};
use crate::facts::program::{CallRef, FileId, Program, Site};
use crate::frameworks::interpret::owners_of;

/// All calls of the program that tell of logins.
struct AuthCalls(Vec<CallRef>);

impl AuthCalls {
    fn of(program: &dyn Program) -> Arc<Self> {
        program.answers().once(|| {
            let files = (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language.is_script());
            Self(files.flat_map(|file| auth_calls(program, file)).collect())
        })
    }
}

/// What servers of a package say of logins.
pub struct Guarding {
    strategies: Vec<(Name, SchemeKind)>,
    defaults: Vec<(Vec<OwnerKey>, Security)>,
}

impl Guarding {
    /// Reads the package that a file belongs to.
    pub fn of(program: &dyn Program, file: FileId) -> Self {
        let package = |file: FileId| super::FRAMEWORK.modules.iter().find_map(|module| program.package_with(file, module));
        let own = package(file);
        let mut found = Self { strategies: Vec::new(), defaults: Vec::new() };
        let said: Vec<CallRef> = AuthCalls::of(program).0.iter().copied().filter(|call| package(call.file) == own).collect();
        for call in &said {
            found.strategy(program, *call, program.call(*call));
        }
        for call in said {
            found.default(program, call);
        }
        found
    }

    fn strategy(&mut self, program: &dyn Program, call: CallRef, made: &Call) {
        let site = Site::of_call(call.file, made);
        let text = |position| made.positional(position).and_then(|arg| program.text(&site, arg).plain());
        if made.method().is_none_or(|(_, name)| name != "strategy") {
            return;
        }
        let (Some(name), Some(scheme)) = (text(0), text(1)) else { return };
        let kind = match scheme.as_str() {
            "cookie" | "session" => {
                let made = program.call(call);
                SchemeKind::ApiKey(Location::Cookie, cookie_name(program, &site, made).unwrap_or_else(|| "sid".into()))
            }
            "basic" => SchemeKind::Basic,
            scheme => kind_named(scheme),
        };
        self.strategies.push((name.into(), kind));
    }

    fn default(&mut self, program: &dyn Program, call: CallRef) {
        let made = program.call(call);
        let Some((Expr::Member(server, _), name)) = made.method() else { return };
        let Some(arg) = made.positional(0).filter(|_| name == "default") else { return };
        let site = Site::of_call(call.file, made);
        let owners = owners_of(&TABLE, program, &site, server);
        if !owners.is_empty() {
            let security = self.said(program, &site, arg, &Security::Inherit);
            self.defaults.push((owners, security));
        }
    }

    /// What holds for a route on an owner.
    pub fn security(&self, program: &dyn Program, owner: &OwnerKey, auth: Option<(&Expr, &Site)>) -> Security {
        let is_plugin = |owner: &OwnerKey| matches!(owner.origin, Origin::Function(_));
        // A server's default holds for its plugins; which server a plugin is given is not asked.
        let holds = |owners: &[OwnerKey]| owners.iter().any(|of| of.origin == owner.origin || is_plugin(of) || is_plugin(owner));
        let default = self.defaults.iter().rev().find(|(owners, _)| holds(owners));
        let default = default.map(|(_, security)| security.clone()).unwrap_or_default();
        match auth {
            Some((auth, at)) => self.said(program, at, auth, &default),
            None => default,
        }
    }

    /// `false`, `"jwt"`, `{ strategy, strategies, mode, scope, access }`.
    fn said(&self, program: &dyn Program, site: &Site, auth: &Expr, default: &Security) -> Security {
        if let Some((Expr::Bool(false), _)) = program.resolve(site, auth).value() {
            return Security::Open;
        }
        let entries = program.entries(site, auth).unwrap_or_default();
        if entries.is_empty() {
            return match program.text(site, auth).plain() {
                Some(name) if !name.is_empty() => Security::Schemes(vec![self.scheme(&name)]),
                _ => default.clone(),
            };
        }
        let entry = |key: &str| entries.iter().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
        let mode = entry("mode").and_then(|(mode, at)| program.text(at, mode).plain());
        if mode.is_some_and(|mode| matches!(mode.as_str(), "try" | "optional")) {
            return Security::Open;
        }
        let texts = |(value, at): (&Expr, &Site)| -> Vec<String> {
            match program.items(at, value) {
                Some(items) => items.iter().filter_map(|(item, at)| program.text(at, item).plain()).collect(),
                None => program.text(at, value).plain().into_iter().collect(),
            }
        };
        let names: Vec<String> = entry("strategy").or_else(|| entry("strategies")).map(texts).unwrap_or_default();
        let mut alternatives: Vec<Vec<SchemeUse>> = names.iter().map(|name| vec![self.scheme(name)]).collect();
        if alternatives.is_empty() {
            alternatives = default.below(&[]);
        }
        let access = entry("access").and_then(|(access, at)| program.entries(at, access)).unwrap_or_default();
        let below = access.iter().find(|(name, ..)| name == "scope").map(|(_, scope, at)| (*scope, at));
        let scopes: Vec<Name> = entry("scope").or(below).map(texts).unwrap_or_default().into_iter().map(Name::from).collect();
        alternatives.iter_mut().flatten().for_each(|scheme| scheme.scopes.clone_from(&scopes));
        if alternatives.is_empty() { Security::Inherit } else { Security::any_of(alternatives) }
    }

    fn scheme(&self, name: &str) -> SchemeUse {
        let known = self.strategies.iter().find(|(strategy, _)| strategy == name);
        let kind = known.map_or_else(|| kind_named(name), |(_, kind)| kind.clone());
        SchemeUse { name: name.into(), kind, scopes: Vec::new() }
    }
}

/// Calls on a server's `auth`.
fn auth_calls(program: &dyn Program, file: FileId) -> impl Iterator<Item = CallRef> {
    (0u32..).zip(&program.file(file).outline.calls).filter_map(move |(id, call)| match call.method() {
        Some((Expr::Member(_, auth), name)) if auth == "auth" && matches!(name.as_str(), "strategy" | "default") => {
            Some(CallRef { file, id: CallId(id) })
        }
        _ => None,
    })
}

/// `{ cookie: { name: "sid" } }`; before 18 `{ cookie: "sid" }`.
fn cookie_name(program: &dyn Program, site: &Site, made: &Call) -> Option<Name> {
    let options = program.entries(site, made.args.last().map(|arg| &arg.value)?)?;
    let (_, cookie, at) = options.into_iter().find(|(name, ..)| name == "cookie")?;
    let name = match program.entries(&at, cookie) {
        Some(members) => members.into_iter().find(|(name, ..)| name == "name").map(|(_, name, at)| program.text(&at, name)),
        None => Some(program.text(&at, cookie)),
    };
    name.and_then(|name| name.plain()).filter(|name| !name.is_empty()).map(Name::from)
}

/// What a scheme of this name asks for.
fn kind_named(name: &str) -> SchemeKind {
    let plain = name.to_lowercase();
    match plain {
        plain if plain.contains("jwt") || plain.contains("bearer") => SchemeKind::Bearer,
        plain if plain == "basic" || plain == "simple" => SchemeKind::Basic,
        _ => SchemeKind::Guard,
    }
}
