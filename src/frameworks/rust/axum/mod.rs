//! axum, and the routers around it: utoipa-axum and aide.
//!
//! - [`methods`]: `get(list).post(create)`: methods and handlers of one path.
//! - [`typed`]: typed paths of axum-extra.
//! - [`layers`]: middleware that lets only known callers through.
//! - [`described`]: aide's transformations of operations.
//!
//! Read from axum 0.6 to 0.8, utoipa-axum 0.2, aide 0.15. Fallbacks are left out on purpose.

mod described;
mod layers;
mod methods;
mod typed;

use super::http;
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, FuncId};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Mount, Origin, OwnerKey, PathSyntax, PathText, Place, Route, Security, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site, Text, TextPart};
use crate::frameworks::interpret;
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, Said, Table};
use methods::Handled;

/// axum.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/axum",
    label: "axum, utoipa-axum, aide",
    languages: &[Language::Rust],
    modules: &["axum", "utoipa_axum", "aide"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const fn mount(name: &'static str, prefix: At, child: At) -> MountRule {
    MountRule { name, prefix, child, replaces_prefix: false, takes_functions: false }
}

/// Routers and how one is put into another. Routes are read here.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Curly,
    owners: &[OwnerRule {
        makes: &[
            "axum.Router.new",
            "axum.Router.default",
            "axum.routing.Router.new",
            "axum.routing.Router.default",
            "utoipa_axum.router.OpenApiRouter.new",
            "utoipa_axum.router.OpenApiRouter.default",
            "utoipa_axum.router.OpenApiRouter.with_openapi",
            "aide.axum.ApiRouter.new",
            "aide.axum.ApiRouter.default",
            "aide.axum.routing.ApiRouter.new",
        ],
        is_root: true,
        prefix: At::Nowhere,
    }],
    owner_types: &["axum.Router", "axum.routing.Router", "utoipa_axum.router.OpenApiRouter", "aide.axum.ApiRouter"],
    chain: Chain::All,
    routes: &[],
    mounts: &[
        mount("nest", At::Position(0), At::Position(1)),
        mount("nest_service", At::Position(0), At::Position(1)),
        mount("nest_api_service", At::Position(0), At::Position(1)),
        mount("route_service", At::Position(0), At::Position(1)),
        mount("merge", At::Nowhere, At::Position(0)),
        mount("fallback_service", At::Nowhere, At::Position(0)),
    ],
    hooks: Hooks { route: no_route, owner: None, mount: Some(mounted) },
};

fn no_route(_said: &Said, _route: &mut Route) {}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if http::is_test_file(program, file) {
        return;
    }
    let mut found = Findings::default();
    interpret::read(&TABLE, program, file, &mut found);
    found.owners.retain(|owner| !made_in_test(program, owner.key.origin));
    found.mounts.retain(|mount| !made_in_test(program, mount.parent.origin));
    settle(program, &mut found);
    findings.append(found);
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let Some((_, name)) = call.method() else { continue };
        let reading = Reading { program, place: CallRef { file, id: CallId(id) }, call };
        match name.as_str() {
            "route" | "api_route" | "route_with_tsr" | "api_route_with" | "route_docs" => reading.route(findings),
            "routes" => reading.listed(findings),
            name => typed::method(name).into_iter().for_each(|method| reading.typed(method, findings)),
        }
    }
}

/// A router is told by the call that makes it, whoever entered the function around: states that are handed down say nothing of paths.
fn settle(program: &dyn Program, found: &mut Findings) {
    found.owners.iter_mut().for_each(|owner| owner.key.env = None);
    found.owners.dedup_by(|a, b| a.key == b.key);
    for mount in &mut found.mounts {
        mount.parent.env = None;
        mount.children.iter_mut().for_each(|child| child.env = None);
        mount.children.dedup();
        mount.children.retain(|child| *child != mount.parent);
        mount.prefix.syntax = syntax_of(&mount.prefix.text);
        if wraps_itself(program, mount) {
            mount.prefix = PathText::default();
        }
    }
    let mut seen: Vec<(OwnerKey, Vec<OwnerKey>, PathText)> = Vec::new();
    found.mounts.retain(|mount| {
        let key = (mount.parent.clone(), mount.children.clone(), mount.prefix.clone());
        let is_new = !mount.children.is_empty() && !seen.contains(&key);
        if is_new {
            seen.push(key);
        }
        is_new
    });
}

/// `if !prefix.is_empty() { app = Router::new().nest(&prefix, app); }`: where the application stands is for whoever deploys it.
fn wraps_itself(program: &dyn Program, mount: &Mount) -> bool {
    let is_unknown = !mount.prefix.text.0.is_empty() && mount.prefix.text.0.iter().all(|part| matches!(part, TextPart::Hole(_)));
    let (Origin::Call(made), true) = (mount.parent.origin, is_unknown) else { return false };
    let outline = &program.file(made.file).outline;
    let mut nests =
        outline.calls.iter().filter(|call| call.at.line == mount.place.line && call.method().is_some_and(|(_, name)| name == "nest"));
    nests.any(|call| match call.positional(1) {
        Some(Expr::Ref(child)) => outline
            .assigns
            .iter()
            .any(|assign| !assign.declares && matches!(&assign.target, crate::base::code::Pattern::Name(name) if name == child)),
        _ => false,
    })
}

fn made_in_test(program: &dyn Program, origin: Origin) -> bool {
    match origin {
        Origin::Call(call) => http::is_test(program, call.file, program.call(call).scope),
        _ => false,
    }
}

/// Up to 0.7 parameters are written `:id`, from 0.8 on `{id}`.
fn syntax_of(text: &Text) -> PathSyntax {
    let mut known = text.0.iter().filter_map(|part| if let TextPart::Known(text) = part { Some(text) } else { None });
    let is_colon = known.any(|text| !text.contains('{') && (text.contains("/:") || text.contains("/*") || text.starts_with(':')));
    if is_colon { PathSyntax::Colon } else { PathSyntax::Curly }
}

/// What layers say of all below a mount.
fn mounted(program: &dyn Program, site: &Site, call: CallRef) -> Traits {
    let mut schemes = layers::over(program, call);
    let child = program.call(call).args.last().map(|arg| &arg.value);
    if let Some(child) = child {
        schemes.extend(layers::on_foreign(program, site, child));
    }
    let security = if schemes.is_empty() { Security::Inherit } else { Security::Schemes(schemes) };
    Traits { security, hidden: child.is_some_and(|child| is_left_out(program, site, call, child)), ..Traits::default() }
}

/// Whether an owner is a router that documents itself, and so leaves out on purpose what is added by plain `route`.
fn is_documented(program: &dyn Program, owner: &OwnerKey) -> bool {
    let Origin::Call(call) = owner.origin else { return false };
    program.callee(call).outside().is_some_and(|path| path.starts_with("aide.") || path.starts_with("utoipa_axum."))
}

/// A plain router within one that documents itself is not in the document.
fn is_left_out(program: &dyn Program, site: &Site, call: CallRef, child: &Expr) -> bool {
    let Some((receiver, _)) = program.call(call).method() else { return false };
    let parents = interpret::owners_of(&TABLE, program, site, receiver);
    if !parents.iter().any(|owner| is_documented(program, owner)) {
        return false;
    }
    let children = interpret::owners_of(&TABLE, program, site, child);
    !children.is_empty() && !children.iter().any(|owner| is_documented(program, owner))
}

struct Reading<'p> {
    program: &'p dyn Program,
    place: CallRef,
    call: &'p Call,
}

impl<'p> Reading<'p> {
    /// `router.route("/users", get(list).post(create))`.
    fn route(&self, findings: &mut Findings) {
        let (Some(path), Some(handlers)) = (self.call.positional(0), self.call.positional(1)) else { return };
        if http::is_test(self.program, self.place.file, self.call.scope) {
            return;
        }
        let transform = self.call.positional(2);
        let is_plain = self.call.method().is_some_and(|(_, name)| name == "route");
        let mut seen: Vec<(OwnerKey, Text)> = Vec::new();
        interpret::owners_at(&TABLE, self.program, self.place, |owner, site| {
            let text = self.program.text(&site, path);
            let owner = OwnerKey { env: None, ..owner };
            if seen.contains(&(owner.clone(), text.clone())) {
                return;
            }
            seen.push((owner.clone(), text.clone()));
            let syntax = syntax_of(&text);
            let text = if text.plain().as_deref() == Some("/") { Text::default() } else { text };
            for handled in methods::of(self.program, &site, handlers) {
                let mut route = self.begin(&handled, PathText::new(text.clone(), syntax));
                route.hidden = is_plain && is_documented(self.program, &owner);
                route.owner = Some(owner.clone());
                self.fill(&handled, &mut route);
                if let Some(transform) = transform {
                    described::transformed(self.program, &site, transform, &mut route);
                }
                findings.routes.push(route);
            }
        });
    }

    /// `router.routes(routes!(list, create))`: methods and path are what the handlers' attributes say.
    fn listed(&self, findings: &mut Findings) {
        let Some(listed) = self.call.positional(0) else { return };
        if http::is_test(self.program, self.place.file, self.call.scope) {
            return;
        }
        let mut seen: Vec<OwnerKey> = Vec::new();
        interpret::owners_at(&TABLE, self.program, self.place, |owner, site| {
            let owner = OwnerKey { env: None, ..owner };
            if seen.contains(&owner) {
                return;
            }
            seen.push(owner.clone());
            let (handlers, schemes) = methods::listed(self.program, &site, listed);
            for handler in handlers {
                let Some((methods, path)) = http::utoipa::path_of(self.program, handler) else { continue };
                let path = if path.plain().as_deref() == Some("/") { Text::default() } else { path };
                let handled = Handled {
                    methods: if methods.is_empty() { vec![Method::Get] } else { methods },
                    handler: Some(handler),
                    name: Name::default(),
                    schemes: schemes.clone(),
                    transform: None,
                };
                let mut route = self.begin(&handled, PathText::new(path, PathSyntax::Curly));
                route.owner = Some(owner.clone());
                self.fill(&handled, &mut route);
                findings.routes.push(route);
            }
        });
    }

    /// `router.typed_get(show)`: the path is what the handler's typed path says.
    fn typed(&self, method: Method, findings: &mut Findings) {
        let Some(expr) = self.call.positional(0) else { return };
        if http::is_test(self.program, self.place.file, self.call.scope) {
            return;
        }
        let mut seen: Vec<OwnerKey> = Vec::new();
        interpret::owners_at(&TABLE, self.program, self.place, |owner, site| {
            let owner = OwnerKey { env: None, ..owner };
            let Some(handler) = handler_of(self.program, &site, expr, 0).filter(|_| !seen.contains(&owner)) else { return };
            let Some((path, params)) = typed::path(self.program, handler) else { return };
            seen.push(owner.clone());
            let handled =
                Handled { methods: vec![method], handler: Some(handler), name: Name::default(), schemes: Vec::new(), transform: None };
            let mut route = self.begin(&handled, path);
            route.owner = Some(owner);
            self.fill(&handled, &mut route);
            params.into_iter().for_each(|param| http::add_param(&mut route, param));
            findings.routes.push(route);
        });
    }

    fn begin(&self, handled: &Handled<'p>, path: PathText) -> Route {
        Route {
            framework: FRAMEWORK.id,
            methods: handled.methods.clone(),
            path,
            place: Place { file: self.place.file, symbol: handled.name.clone(), line: self.call.at.line },
            ..Route::default()
        }
    }

    fn fill(&self, handled: &Handled<'p>, route: &mut Route) {
        if let Some(handler) = handled.handler {
            http::describe(self.program, handler, route);
            described::attribute(self.program, handler, route);
        }
        if let Some((expr, site)) = &handled.transform {
            described::transformed(self.program, site, expr, route);
        }
        let mut schemes = layers::over(self.program, self.place);
        schemes.extend(handled.schemes.iter().cloned());
        if route.security == Security::Inherit {
            route.security.add(schemes);
        }
    }
}

/// The function a handler expression is: a path, a closure, `handler.layer(…)`, `handler.with_state(…)`.
fn handler_of(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<FuncRef> {
    if depth > 8 {
        return None;
    }
    match expr {
        Expr::Func(id) => Some(FuncRef { file: site.file, id: FuncId(id.0) }),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            if let Some(function) = program.produce(site, expr).function() {
                return Some(function);
            }
            let inner = call.method().map(|(receiver, _)| receiver).into_iter().chain(call.args.iter().map(|arg| &arg.value));
            inner.into_iter().find_map(|inner| handler_of(program, site, inner, depth + 1))
        }
        Expr::Cast(pair) => handler_of(program, site, &pair.0, depth + 1),
        _ => http::function_of(program, site, expr),
    }
}
