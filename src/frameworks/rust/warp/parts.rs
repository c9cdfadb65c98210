//! The library's own filters: what each of them asks for and hands on.

use super::super::http::auth;
use super::super::http::types::TypeAt;
use super::taken::{Accepted, Piece, Source, Value, type_of_call};
use crate::base::Name;
use crate::base::code::{Call, CallKind, Expr, Type};
use crate::facts::finding::{Location, Method, SchemeKind};
use crate::facts::program::{CallRef, Program, Site, Text};
use crate::facts::shape::Shape;

/// What a call of the library makes, told by the symbol's last segments: `path.param`, `get`.
pub(super) fn of<'p>(program: &'p dyn Program, symbol: &str, place: CallRef, site: &Site) -> Option<Accepted<'p>> {
    let call = program.file(place.file).outline.call(place.id);
    let name = symbol.strip_prefix("warp.")?;
    let name = name.strip_prefix("filters.").unwrap_or(name);
    let mut accepted = Accepted::default();
    let verb = name.strip_prefix("method.").unwrap_or(name);
    if let Some(method) = Method::of(verb).filter(|_| !verb.contains('.')) {
        accepted.methods.push(method);
        return Some(accepted);
    }
    let ty = || type_of_call(program, place, site);
    let value = |source| Some(Accepted { values: vec![Value::new(source, ty())], ..Accepted::default() });
    match name {
        "path" | "path.path" if call.kind == CallKind::Macro => Some(segments(call, site)),
        "path" | "path.path" => {
            accepted.pieces.push(Piece::Fixed(program.text(site, call.positional(0)?)));
            Some(accepted)
        }
        "path.param" => Some(param(ty(), false)),
        "path.tail" => Some(param(None, true)),
        "any" | "any.any" | "path.end" | "body.content_length_limit" => Some(accepted),
        "query" | "query.query" => value(Source::Query),
        "body.json" => value(Source::Body("application/json")),
        "body.form" => value(Source::Body("application/x-www-form-urlencoded")),
        "body.bytes" | "body.stream" | "body.aggregate" => Some(raw(Source::Body("application/octet-stream"), Shape::format("binary"))),
        "multipart.form" => Some(raw(Source::Body("multipart/form-data"), Shape::Map(Box::new(Shape::Any)))),
        "header" | "header.header" => value(named(program, call, site, Location::Header, true)?),
        "header.exact" | "header.exact_ignore_case" => exact(program, call, site),
        "header.optional" => value(named(program, call, site, Location::Header, false)?),
        "cookie" | "cookie.cookie" => value(named(program, call, site, Location::Cookie, true)?),
        "cookie.optional" => value(named(program, call, site, Location::Cookie, false)?),
        "ws" | "ws.ws" => {
            accepted.methods.push(Method::Get);
            accepted.values.push(Value::new(Source::Other, None));
            Some(accepted)
        }
        "header.value"
        | "header.headers_cloned"
        | "path.full"
        | "path.peek"
        | "query.raw"
        | "addr.remote"
        | "host.optional"
        | "ext.get"
        | "ext.optional"
        | "method"
        | "method.method"
        | "trace"
        | "fs.file"
        | "fs.dir" => value(Source::Other),
        "host.exact" => Some(accepted),
        _ => None,
    }
}

fn param(ty: Option<TypeAt<'_>>, is_rest: bool) -> Accepted<'_> {
    Accepted {
        pieces: vec![Piece::Param { name: None, shape: Shape::Text(None), is_rest }],
        values: vec![Value::new(if is_rest { Source::Other } else { Source::Path(0) }, ty)],
        ..Accepted::default()
    }
}

/// A body that is read as it comes: its type says nothing.
fn raw<'p>(source: Source, shape: Shape) -> Accepted<'p> {
    let mut accepted = Accepted { values: vec![Value::new(Source::Other, None)], ..Accepted::default() };
    if let Source::Body(media) = source {
        let contents = vec![(media.into(), shape)];
        accepted.body = Some(crate::facts::finding::BodyFinding { required: true, contents, doc: None });
    }
    accepted
}

fn named(program: &dyn Program, call: &Call, site: &Site, location: Location, required: bool) -> Option<Source> {
    let name: Name = program.text(site, call.positional(0)?).plain()?.into();
    Some(Source::Named(location, name, required))
}

/// A header that must have one value. It is not handed on.
fn exact<'p>(program: &'p dyn Program, call: &'p Call, site: &Site) -> Option<Accepted<'p>> {
    let source = named(program, call, site, Location::Header, true)?;
    let mut accepted = Accepted::default();
    match &source {
        Source::Named(_, name, _) if name.eq_ignore_ascii_case("authorization") => {
            let value = call.positional(1).and_then(|value| program.text(site, value).plain()).unwrap_or_default();
            let kind = match value.split(' ').next() {
                Some("Bearer") => SchemeKind::Bearer,
                Some("Basic") => SchemeKind::Basic,
                _ => SchemeKind::Guard,
            };
            accepted.security.push(auth::scheme("authorization", kind));
        }
        _ => {
            accepted.values.push(Value::new(source, None));
            accepted.settle(program, None);
        }
    }
    Some(accepted)
}

/// `path!("users" / u32 / ..)`.
fn segments<'p>(call: &'p Call, site: &Site) -> Accepted<'p> {
    let mut accepted = Accepted::default();
    for arg in &call.args {
        match &arg.value {
            Expr::Str(text) => accepted.pieces.push(Piece::Fixed(Text::known(text))),
            Expr::Type(ty) => accepted = accepted.and(&param(known(ty).then(|| TypeAt::new(ty, site.clone())), false)),
            Expr::Ref(_) | Expr::Member(..) => accepted = accepted.and(&param(None, false)),
            _ => {}
        }
    }
    accepted
}

fn known(ty: &Type) -> bool {
    !matches!(ty, Type::Unknown)
}
