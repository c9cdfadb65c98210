//! Security schemes that a document is given in code: `components.add_security_scheme("cookie", SecurityScheme::ApiKey(…))`.

use std::sync::Arc;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::finding::{Location, SchemeKind};
use crate::facts::program::{CallRef, FileId, Program, Site};

/// The calls of the program that name a scheme.
struct Declared(Vec<CallRef>);

impl Declared {
    fn of(program: &dyn Program) -> Arc<Self> {
        program.answers().once(|| {
            let calls = |file: FileId| (0u32..).zip(&program.file(file).outline.calls).map(move |(id, call)| (file, CallId(id), call));
            let names =
                |call: &Call| matches!(call.method(), Some((_, name)) if name == "add_security_scheme" || name == "security_scheme");
            let all = (0..program.file_count()).map(FileId).flat_map(calls);
            Self(all.filter(|(.., call)| names(call)).map(|(file, id, _)| CallRef { file, id }).collect())
        })
    }
}

/// The scheme that `components.add_security_scheme("name", SecurityScheme::ApiKey(…))` declares.
#[must_use]
pub fn kind_of(program: &dyn Program, name: &str) -> SchemeKind {
    let declared = Declared::of(program);
    let mut kinds = declared.0.iter().filter_map(|declared| {
        let call = program.call(*declared);
        let site = Site::of_call(declared.file, call);
        let (given, value) = (call.positional(0)?, call.positional(1)?);
        let is_named = program.text(&site, given).plain().as_deref() == Some(name);
        if is_named { declared_kind(program, &site, value, 0) } else { None }
    });
    kinds.next().unwrap_or(SchemeKind::Guard)
}

fn declared_kind(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<SchemeKind> {
    if depth > 8 {
        return None;
    }
    let meaning = program.resolve(site, expr);
    let (value, at) = meaning.value()?;
    let Expr::Call(id) = value else { return None };
    let outline = &program.file(at.file).outline;
    let call = outline.call(*id);
    let (receiver, name) = call.method()?;
    let text = |position: usize| call.positional(position).and_then(|expr| program.text(at, expr).plain());
    let of = |location: Location| {
        let inner = call.positional(0).map(|expr| program.resolve(at, expr));
        let named = inner.as_ref().and_then(|meaning| meaning.value()).and_then(|(value, site)| match value {
            Expr::Call(id) => program.text(site, program.file(site.file).outline.call(*id).positional(0)?).plain(),
            _ => None,
        });
        SchemeKind::ApiKey(location, named.unwrap_or_default().into())
    };
    match name.as_str() {
        "ApiKey" | "OAuth2" | "OpenIdConnect" => declared_kind(program, at, call.positional(0)?, depth + 1),
        "Http" => declared_kind(program, at, call.positional(0)?, depth + 1).or(Some(SchemeKind::Bearer)),
        "Header" => Some(of(Location::Header)),
        "Query" => Some(of(Location::Query)),
        "Cookie" => Some(of(Location::Cookie)),
        "scheme" => Some(http_kind(call.positional(0)?)),
        "new" if receiver.last_name().is_some_and(|name| name == "OpenIdConnect") => {
            Some(SchemeKind::OpenId(text(0).unwrap_or_default().into()))
        }
        "new" if receiver.last_name().is_some_and(|name| name == "Http" || name == "HttpBuilder") => {
            Some(call.positional(0).map_or(SchemeKind::Bearer, http_kind))
        }
        _ => declared_kind(program, at, receiver, depth + 1),
    }
}

fn http_kind(expr: &Expr) -> SchemeKind {
    match expr.last_name().map(Name::as_str) {
        Some("Basic") => SchemeKind::Basic,
        Some("Digest") => SchemeKind::Digest,
        _ => SchemeKind::Bearer,
    }
}
