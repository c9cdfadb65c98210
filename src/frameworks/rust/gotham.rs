//! Gotham. Read from 0.7. Path and query extractors are told by `with_path_extractor::<T>()` and `with_query_string_extractor::<T>()`.

use super::http::extract::{Extractor, Via};
use super::http::types::TypeAt;
use super::http::{self, is_test, is_test_file, reads, symbols};
use crate::base::code::{Call, CallId, Expr, Type};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Mount, Origin, Owner, OwnerKey, PathSyntax, PathText, Place, Route, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text};

/// Gotham.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/gotham",
    label: "Gotham",
    languages: &[Language::Rust],
    modules: &["gotham"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How long a chain may be.
const MAX_LINKS: u32 = 20_000;

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if is_test_file(program, file) {
        return;
    }
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        if is_test(program, file, call.scope) {
            continue;
        }
        let place = CallRef { file, id: CallId(id) };
        owner(program, place, call, findings);
        let Some((receiver, name)) = call.method() else { continue };
        let site = Site::of_call(file, call);
        match name.as_str() {
            "to" | "to_new_handler" | "to_async" | "to_async_borrowing" => route(program, &site, receiver, call, findings),
            "scope" | "with_pipeline_chain" => scope(program, &site, receiver, call, findings),
            "to_router" => delegate(program, &site, receiver, call, findings),
            _ => {}
        }
    }
}

/// `build_simple_router(|route| …)`, `build_router(chain, pipelines, |route| …)`, `Router::builder()`.
fn makes(program: &dyn Program, place: CallRef) -> bool {
    symbols(program, place.file, &program.callee(place)).iter().any(|path| {
        path.starts_with("gotham.")
            && (path.ends_with(".build_simple_router") || path.ends_with(".build_router") || path.ends_with("Router.builder"))
    })
}

/// The owner a call makes: the closure that is given the builder, else the call.
fn key_of(program: &dyn Program, place: CallRef, call: &Call) -> OwnerKey {
    let closure = call.args.iter().rev().find_map(|arg| program.resolve(&Site::of_call(place.file, call), &arg.value).function());
    closure.map_or_else(|| OwnerKey::from(place), OwnerKey::from)
}

fn owner(program: &dyn Program, place: CallRef, call: &Call, findings: &mut Findings) {
    if makes(program, place) {
        push_owner(key_of(program, place, call), true, place.file, call, findings);
    }
}

fn push_owner(key: OwnerKey, is_root: bool, file: FileId, call: &Call, findings: &mut Findings) {
    findings.owners.push(Owner {
        key,
        framework: FRAMEWORK.id,
        is_root,
        prefix: PathText::default(),
        traits: Traits::default(),
        place: Place { file, line: call.at.line, ..Place::default() },
    });
}

/// The owner at the end of a chain, and the calls of the chain from its end inwards.
fn chain<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<(OwnerKey, Vec<&'p Call>)> {
    let mut links = Vec::new();
    let mut next = expr;
    for _ in 0..MAX_LINKS {
        match next {
            Expr::Call(id) => {
                let call = program.file(site.file).outline.call(*id);
                let place = CallRef { file: site.file, id: *id };
                if makes(program, place) {
                    return Some((key_of(program, place, call), links));
                }
                links.push(call);
                next = call.method()?.0;
            }
            Expr::Ref(_) => {
                return match program.resolve(site, next) {
                    Meaning::Param(function, 0) => Some((OwnerKey::from(function), links)),
                    Meaning::Value(Expr::Call(id), at) => {
                        let place = CallRef { file: at.file, id: *id };
                        makes(program, place).then(|| (key_of(program, place, program.call(place)), links))
                    }
                    _ => None,
                };
            }
            _ => return None,
        }
    }
    None
}

/// `route.get("/users/:id").with_path_extractor::<P>().to(handler)`.
fn route<'p>(program: &'p dyn Program, site: &Site, receiver: &'p Expr, call: &Call, findings: &mut Findings) {
    let Some((owner, links)) = chain(program, site, receiver) else { return };
    // The nearest call that names methods; `associate("/x", |assoc| assoc.get().to(h))` has no path of its own.
    let Some((verb, methods)) = links.iter().find_map(|link| Some((*link, methods_of(link)?))) else { return };
    let is_request = verb.method().is_some_and(|(_, name)| name == "request");
    let path = verb.positional(usize::from(is_request)).map(|path| program.text(site, path)).unwrap_or_default();
    let Some(handler) = call.positional(0) else { return };
    let function = program.resolve(site, handler).function().or_else(|| match handler {
        Expr::Call(id) => {
            program.call(CallRef { file: site.file, id: *id }).args.first().and_then(|arg| program.resolve(site, &arg.value).function())
        }
        _ => None,
    });
    let text = if path.plain().as_deref() == Some("/") { Text::default() } else { path };
    let mut route = Route {
        framework: FRAMEWORK.id,
        owner: Some(owner),
        methods,
        path: PathText::new(text, PathSyntax::Colon),
        place: Place { file: site.file, symbol: handler.last_name().cloned().unwrap_or_default(), line: call.at.line },
        ..Route::default()
    };
    if let Some(function) = function {
        described(program, function, &mut route);
    }
    extractors(program, site, &links, verb, &mut route);
    findings.routes.push(route);
}

fn described(program: &dyn Program, function: FuncRef, route: &mut Route) {
    http::describe(program, function, route);
    reads::describe(program, function, route);
}

fn methods_of(link: &Call) -> Option<Vec<Method>> {
    let (_, name) = link.method()?;
    Some(match name.as_str() {
        "get_or_head" => vec![Method::Get],
        "request" => match link.positional(0)? {
            Expr::Call(_) | Expr::Ref(_) | Expr::Member(..) => Method::COMMON.to_vec(),
            Expr::List(items) => items.iter().filter_map(Expr::last_name).filter_map(|name| Method::of(name)).collect(),
            _ => return None,
        },
        verb => vec![Method::of(verb)?],
    })
}

fn extractors<'p>(program: &'p dyn Program, site: &Site, links: &[&'p Call], verb: &Call, route: &mut Route) {
    let mut extractor = Extractor::new(program, Vec::new(), false);
    for link in links.iter().take_while(|link| !std::ptr::eq(**link, verb)) {
        let (Some((_, name)), Some(ty)) = (link.method(), link.type_args.first().filter(|ty| **ty != Type::Unknown)) else { continue };
        let via = match name.as_str() {
            "with_path_extractor" => Via::Path,
            "with_query_string_extractor" => Via::Query,
            _ => continue,
        };
        extractor.via(via, &TypeAt::new(ty, site.clone()), false);
    }
    extractor.taken.params.into_iter().for_each(|param| http::add_param(route, param));
}

/// `route.scope("/api", |route| …)`.
fn scope(program: &dyn Program, site: &Site, receiver: &Expr, call: &Call, findings: &mut Findings) {
    let Some((parent, _)) = chain(program, site, receiver) else { return };
    let has_path = call.method().is_some_and(|(_, name)| name == "scope");
    let Some(function) = call.args.last().and_then(|arg| program.resolve(site, &arg.value).function()) else { return };
    let prefix = call.positional(0).filter(|_| has_path).map(|path| program.text(site, path)).unwrap_or_default();
    push_mount(parent, OwnerKey::from(function), prefix, site.file, call, findings);
}

/// `route.delegate("/admin").to_router(admin_router())`.
fn delegate(program: &dyn Program, site: &Site, receiver: &Expr, call: &Call, findings: &mut Findings) {
    let Some((parent, links)) = chain(program, site, receiver) else { return };
    let prefix = links.first().and_then(|link| link.positional(0)).map(|path| program.text(site, path)).unwrap_or_default();
    let Some(child) = call.positional(0) else { return };
    let meaning = program.produce(site, child);
    let Some((made, _)) = meaning.call().filter(|(made, _)| makes(program, *made)) else { return };
    push_mount(parent, key_of(program, made, program.call(made)), prefix, site.file, call, findings);
}

fn push_mount(parent: OwnerKey, child: OwnerKey, prefix: Text, file: FileId, call: &Call, findings: &mut Findings) {
    if parent == child || matches!(child.origin, Origin::File(_)) {
        return;
    }
    findings.mounts.push(Mount {
        framework: FRAMEWORK.id,
        parent,
        children: vec![child],
        prefix: PathText::new(prefix, PathSyntax::Colon),
        replaces_prefix: false,
        traits: Traits::default(),
        place: Place { file, line: call.at.line, ..Place::default() },
    });
}
