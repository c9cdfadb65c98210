//! Routes of routers that are built with calls.

use super::builder::{Reading, node, slashed};
use super::{auth, reads};
use crate::base::code::{Call, Expr};
use crate::facts::finding::{Findings, Method, OwnerKey, PathText, Place, Route, SchemeKind, SchemeUse};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program, Site, Text};

/// How long a chain of methods may be.
const MAX_LINKS: u32 = 64;

/// A handler of a path.
struct Handled<'p> {
    methods: Vec<Method>,
    expr: &'p Expr,
    site: Site,
}

/// Adds the routes that a call says.
pub(super) fn read(reading: &Reading, found: &mut Findings) {
    let Some((receiver, name)) = reading.call.method() else { return };
    let dialect = reading.dialect;
    let verb = Method::of(name).filter(|_| dialect.has_verbs && name != "del");
    let is_any = dialect.any.contains(&name.as_str());
    let is_route = dialect.routes.contains(&name.as_str());
    let is_layer = dialect.layers.contains(&name.as_str());
    if verb.is_none() && !is_any && !is_route && !is_layer {
        return;
    }
    let Some(owner) = node(dialect, reading.program, &reading.site, receiver) else { return };
    if is_layer {
        return layer(reading, &owner, found);
    }
    if is_route {
        let (Some(path), Some(handlers)) = (reading.call.positional(0), reading.call.positional(1)) else { return };
        let path = reading.text(path);
        for handled in by_method(reading.program, &reading.site, handlers) {
            push(reading, &owner, &path, handled, found);
        }
        return;
    }
    let Some(expr) = reading.call.positional(0) else { return };
    let handled = Handled { methods: verb.into_iter().collect(), expr, site: reading.site.clone() };
    push(reading, &owner, &Text::default(), handled, found);
}

/// Middleware that asks who is calling.
fn layer(reading: &Reading, owner: &OwnerKey, found: &mut Findings) {
    let Some(middleware) = reading.call.positional(0) else { return };
    let Some(scheme) = scheme(reading.program, &reading.site, middleware) else { return };
    let Some(owner) = found.owners.iter_mut().rev().find(|known| known.key == *owner) else { return };
    owner.traits.security.add(vec![scheme]);
}

/// What a middleware asks for.
fn scheme(program: &dyn Program, site: &Site, middleware: &Expr) -> Option<SchemeUse> {
    let meaning = program.resolve(site, middleware);
    if let Some(function) = meaning.function() {
        return auth::guard(program, function, &program.function(function).name);
    }
    let (class, path) = match &meaning {
        Meaning::Class(class) | Meaning::Instance(class) => (Some(*class), None),
        Meaning::Value(Expr::Call(_), _) => match program.callee(meaning.call()?.0) {
            Meaning::Class(class) | Meaning::Function(_, Some(class)) => (Some(class), None),
            Meaning::Function(function, None) => return auth::guard(program, function, &program.function(function).name),
            Meaning::Outside(path) => (None, Some(path)),
            _ => return None,
        },
        _ => return None,
    };
    let name = match (class, path) {
        (Some(class), _) => program.class(class).name.clone(),
        (None, Some(path)) => path.rsplit('.').find(|part| *part != "new")?.into(),
        _ => return None,
    };
    let plain = name.to_ascii_lowercase();
    let asks = ["auth", "jwt"].iter().any(|word| plain.contains(word)) && !plain.contains("oauth");
    let kind = if plain.contains("jwt") || plain.contains("bearer") { SchemeKind::Bearer } else { SchemeKind::Guard };
    asks.then(|| auth::scheme(&name, kind))
}

/// `get(list).post(create)`; a bare endpoint takes every method.
fn by_method<'p>(program: &'p dyn Program, site: &Site, handlers: &'p Expr) -> Vec<Handled<'p>> {
    let mut found = Vec::new();
    let mut next = handlers;
    for _ in 0..MAX_LINKS {
        let Expr::Call(id) = next else { break };
        let call: &'p Call = program.file(site.file).outline.call(*id);
        let named = call.callee.last_name().and_then(|name| Method::of(name));
        if let (Some(method), Some(expr)) = (named, call.positional(0)) {
            found.push(Handled { methods: vec![method], expr, site: site.clone() });
        }
        match (call.method(), program.callee(CallRef { file: site.file, id: *id })) {
            (Some(_), Meaning::Outside(_)) | (None, _) => break,
            (Some((receiver, _)), _) => next = receiver,
        }
    }
    if found.is_empty() {
        let function = program.resolve(site, handlers).function();
        if function.is_some() {
            found.push(Handled { methods: Vec::new(), expr: handlers, site: site.clone() });
        }
    }
    found.reverse();
    found
}

fn push(reading: &Reading, owner: &OwnerKey, path: &Text, handled: Handled, found: &mut Findings) {
    let syntax = (reading.dialect.syntax)(path);
    let text = if path.plain().as_deref() == Some("/") { Text::default() } else { slashed(path.clone()) };
    let mut route = Route {
        framework: reading.dialect.id,
        owner: Some(owner.clone()),
        methods: handled.methods,
        path: PathText::new(text, syntax),
        place: Place {
            file: reading.place.file,
            symbol: handled.expr.last_name().cloned().unwrap_or_default(),
            line: reading.call.at.line,
        },
        ..Route::default()
    };
    if let Some(handler) = handler_of(reading.program, &handled.site, handled.expr, 0) {
        super::describe(reading.program, handler, &mut route);
        reads::describe(reading.program, handler, &mut route);
    }
    if route.methods.is_empty() {
        // Whatever the method: without a body people mean GET.
        route.methods = if route.body.is_none() { vec![Method::Get] } else { Method::COMMON.to_vec() };
    }
    found.routes.push(route);
}

/// The function a handler expression is: a path, a closure, `handler.with(…)`, `make_sync(handler)`.
fn handler_of(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<FuncRef> {
    if depth > 8 {
        return None;
    }
    if let Expr::Call(id) = expr {
        let call = program.file(site.file).outline.call(*id);
        let inner = call.method().map(|(receiver, _)| receiver).into_iter().chain(call.args.iter().map(|arg| &arg.value));
        return inner.into_iter().find_map(|inner| handler_of(program, site, inner, depth + 1));
    }
    super::function_of(program, site, expr)
}
