//! Which application, scope, resource or configuring function an expression is.

use super::FRAMEWORK;
use crate::base::code::{Call, Expr, FuncId, Param, Type};
use crate::facts::finding::{Findings, Origin, Owner, OwnerKey, PathSyntax, PathText, Place, Traits};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::frameworks::rust::http::symbols;

/// How long a chain may be.
const MAX_LINKS: u32 = 20_000;

/// What makes an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    App,
    Scope,
    Resource,
}

/// What a library's function makes.
pub(super) fn made(program: &dyn Program, call: CallRef) -> Option<Made> {
    symbols(program, call.file, &program.callee(call)).iter().find_map(|path| {
        // paperclip wraps the same functions.
        let path = path.replace("paperclip.actix.", "actix_web.");
        Some(match path.as_str() {
            "actix_web.App.new" | "actix_web.app.App.new" => Made::App,
            "actix_web.web.scope" | "actix_web.Scope.new" | "utoipa_actix_web.scope" | "utoipa_actix_web.scope.scope" => Made::Scope,
            "actix_web.web.resource" | "actix_web.Resource.new" => Made::Resource,
            _ => return None,
        })
    })
}

/// Adds the owner a call makes.
pub(super) fn owners(program: &dyn Program, place: CallRef, call: &Call, findings: &mut Findings) {
    let Some(made) = made(program, place) else { return };
    let site = Site::of_call(place.file, call);
    let prefix = match (made, call.positional(0)) {
        (Made::Scope | Made::Resource, Some(path)) => program.text(&site, path),
        _ => Text::default(),
    };
    findings.owners.push(Owner {
        key: OwnerKey::from(place),
        framework: FRAMEWORK.id,
        is_root: made == Made::App,
        prefix: PathText::new(prefix, PathSyntax::Curly),
        traits: Traits::default(),
        place: Place { file: place.file, line: call.at.line, ..Place::default() },
    });
}

/// Functions that are given something to configure are owners too: where nothing else serves, they do.
pub(super) fn configured(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (id, function) in (0u32..).zip(&program.file(file).outline.functions) {
        if function.flags.is_test || !function.params.iter().any(is_configurable) {
            continue;
        }
        let key = FuncRef { file, id: FuncId(id) };
        findings.owners.push(Owner {
            key: OwnerKey::from(key),
            framework: FRAMEWORK.id,
            is_root: false,
            prefix: PathText::default(),
            traits: Traits::default(),
            place: Place { file, symbol: function.name.clone(), line: function.at.line },
        });
    }
}

/// Whether a parameter takes an owner.
pub(super) fn is_configurable(param: &Param) -> bool {
    let is_owner = |ty: &Type| ty.last_name().is_some_and(|name| matches!(name.as_str(), "ServiceConfig" | "Scope" | "App" | "UtoipaApp"));
    is_owner(&param.ty)
}

/// The owner an expression denotes.
pub(super) fn node(program: &dyn Program, site: &Site, expr: &Expr) -> Option<OwnerKey> {
    node_at(program, site, expr, 0)
}

fn node_at(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<OwnerKey> {
    if depth > 8 {
        return None;
    }
    let mut at = site.clone();
    let mut next = expr;
    for _ in 0..MAX_LINKS {
        let Expr::Call(id) = next else { break };
        let place = CallRef { file: at.file, id: *id };
        if made(program, place).is_some() {
            return Some(OwnerKey::from(place));
        }
        let call = program.file(at.file).outline.call(*id);
        match program.callee(place) {
            Meaning::Function(function, _) => return returned(program, function, depth),
            Meaning::Outside(path) if path.ends_with(".into_utoipa_app") => {}
            Meaning::Outside(_) => return None,
            _ => {}
        }
        let (receiver, _) = call.method()?;
        at = Site { file: at.file, scope: call.scope, offset: call.at.offset, env: None };
        next = receiver;
    }
    match program.resolve(&at, next) {
        Meaning::Value(value @ Expr::Call(_), site) => node_at(program, &Site { env: None, ..site }, value, depth + 1),
        Meaning::Attribute(of, _) => match *of {
            Meaning::Value(value @ Expr::Call(_), site) => node_at(program, &Site { env: None, ..site }, value, depth + 1),
            _ => None,
        },
        Meaning::Param(function, position) => of_param(program, function, position, depth),
        _ => None,
    }
}

/// The owner that a function of the program makes: `fn users() -> Scope`.
fn returned(program: &dyn Program, function: FuncRef, depth: u32) -> Option<OwnerKey> {
    let facts = program.file(function.file);
    facts.returns_of(function.id).iter().find_map(|index| {
        let value = &facts.outline.returns[*index as usize];
        let at = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: None };
        node_at(program, &at, &value.value, depth + 1)
    })
}

/// A parameter: the function is an owner of its own. The closure of `scope.map(|scope| …)` is given the scope itself.
fn of_param(program: &dyn Program, function: FuncRef, position: u32, depth: u32) -> Option<OwnerKey> {
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let param = declared.params.get(position as usize)?;
    if is_configurable(param) {
        return Some(OwnerKey { origin: Origin::Function(function), env: None });
    }
    if param.ty != Type::Unknown || position != 0 || !declared.name.is_empty() {
        return None;
    }
    let taker = outline.calls.iter().find(|call| call.args.iter().any(|arg| arg.value == Expr::Func(function.id)))?;
    let (receiver, name) = taker.method()?;
    match name.as_str() {
        "map" | "then" => node_at(program, &Site::of_call(function.file, taker), receiver, depth + 1),
        "configure" => Some(OwnerKey { origin: Origin::Function(function), env: None }),
        _ => None,
    }
}
