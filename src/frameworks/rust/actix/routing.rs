//! `service`, `route`, `to`, `configure`, and calls of functions that configure.

use super::nodes::{self, Made};
use super::{FRAMEWORK, macros, wraps};
use crate::base::Name;
use crate::base::code::{Call, CallKind, Expr};
use crate::facts::finding::{Findings, Method, Mount, Origin, OwnerKey, PathSyntax, PathText, Place, Route, SchemeUse, Traits};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program, Site, Text};
use crate::frameworks::rust::http::{self, symbols};

/// How long a chain may be.
const MAX_LINKS: u32 = 64;

struct Reading<'p> {
    program: &'p dyn Program,
    place: CallRef,
    call: &'p Call,
    site: Site,
}

/// Reads one call.
pub(super) fn read(program: &dyn Program, place: CallRef, call: &Call, findings: &mut Findings) {
    let reading = Reading { program, place, call, site: Site::of_call(place.file, call) };
    if let Some((receiver, name)) = call.method() {
        match name.as_str() {
            "service" | "configure" | "route" | "to" => reading.method(receiver, name, findings),
            _ => {}
        }
    }
    reading.handed_over(findings);
}

impl Reading<'_> {
    fn method(&self, receiver: &Expr, name: &str, findings: &mut Findings) {
        let Some(owner) = nodes::node(self.program, &self.site, receiver) else { return };
        match (name, self.call.positional(0), self.call.positional(1)) {
            ("service", Some(service), _) => self.service(&owner, service, findings, 0),
            ("configure", Some(given), _) => {
                if let Some(function) = self.program.produce(&self.site, given).function() {
                    self.mount(&owner, OwnerKey::from(function), findings);
                }
            }
            ("route", Some(path), Some(route)) => {
                let path = self.program.text(&self.site, path);
                self.routes(&owner, &path, route, findings);
            }
            ("route", Some(route), None) => self.routes(&owner, &Text::default(), route, findings),
            ("to", Some(handler), _) if self.is_resource(&owner) => {
                let handler_ref = self.handler(handler);
                let route = self.begin(&owner, Vec::new(), Text::default(), handler);
                self.finish(route, handler_ref, Vec::new(), findings);
            }
            _ => {}
        }
    }

    fn is_resource(&self, owner: &OwnerKey) -> bool {
        matches!(owner.origin, Origin::Call(call) if nodes::made(self.program, call) == Some(Made::Resource))
    }

    fn mount(&self, parent: &OwnerKey, child: OwnerKey, findings: &mut Findings) {
        if *parent == child {
            return;
        }
        findings.mounts.push(Mount {
            framework: FRAMEWORK.id,
            parent: parent.clone(),
            children: vec![child],
            prefix: PathText::default(),
            replaces_prefix: false,
            traits: Traits::default(),
            place: Place { file: self.place.file, line: self.call.at.line, ..Place::default() },
        });
    }

    /// A scope, a resource, a function with a macro, several of them.
    fn service(&self, owner: &OwnerKey, service: &Expr, findings: &mut Findings, depth: u32) {
        if depth > 8 {
            return;
        }
        if let Expr::List(items) = service {
            return items.iter().for_each(|item| self.service(owner, item, findings, depth + 1));
        }
        if let Expr::Call(id) = service {
            let call = self.program.file(self.place.file).outline.call(*id);
            if call.kind == CallKind::Macro && call.callee.last_name().is_some_and(|name| name == "services") {
                return call.args.iter().for_each(|arg| self.service(owner, &arg.value, findings, depth + 1));
            }
        }
        if let (Some(function), Expr::Ref(_) | Expr::Member(..)) = (self.handler(service), service) {
            for said in macros::of(self.program, function) {
                let route = self.begin(owner, said.methods, said.path, service);
                self.finish(route, Some(function), said.schemes, findings);
            }
            return;
        }
        if let Some(child) = nodes::node(self.program, &self.site, service) {
            self.mount(owner, child, findings);
        }
    }

    /// `web::get().guard(…).to(handler)`.
    fn routes(&self, owner: &OwnerKey, path: &Text, route: &Expr, findings: &mut Findings) {
        let mut schemes = Vec::new();
        let mut methods: Vec<Method> = Vec::new();
        let mut handler: Option<&Expr> = None;
        let mut is_any = false;
        let mut next = route;
        for _ in 0..MAX_LINKS {
            let Expr::Call(id) = next else { break };
            let outline = &self.program.file(self.place.file).outline;
            let call = outline.call(*id);
            let name = match &call.callee {
                Expr::Member(_, name) | Expr::Ref(name) => name.clone(),
                _ => Name::default(),
            };
            match name.as_str() {
                "to" | "service" => handler = handler.or(call.positional(0)),
                "method" => methods.extend(call.positional(0).and_then(Expr::last_name).and_then(|name| Method::of(name))),
                "wrap" => schemes.extend(call.positional(0).map(|arg| wraps::scheme(self.program, &self.site, arg)).unwrap_or_default()),
                _ => {}
            }
            let callee = self.program.callee(CallRef { file: self.place.file, id: *id });
            let root = symbols(self.program, self.place.file, &callee).into_iter().find_map(|path| {
                ["actix_web.web.", "paperclip.actix.web.", "utoipa_actix_web."]
                    .iter()
                    .find_map(|module| path.strip_prefix(module))
                    .map(Name::from)
            });
            if let Some(root) = root {
                methods.extend(Method::of(&root));
                is_any = methods.is_empty() && matches!(root.as_str(), "route" | "to");
                break;
            }
            let Some((receiver, _)) = call.method() else { break };
            next = receiver;
        }
        let Some(handler) = handler else { return };
        if methods.is_empty() && !is_any {
            return;
        }
        let function = self.handler(handler);
        let route = self.begin(owner, methods, path.clone(), handler);
        self.finish(route, function, schemes, findings);
    }

    fn handler(&self, handler: &Expr) -> Option<FuncRef> {
        http::function_of(self.program, &self.site, handler)
    }

    fn begin(&self, owner: &OwnerKey, methods: Vec<Method>, path: Text, handler: &Expr) -> Route {
        Route {
            framework: FRAMEWORK.id,
            owner: Some(owner.clone()),
            methods,
            path: PathText::new(path, PathSyntax::Curly),
            place: Place { file: self.place.file, symbol: handler.last_name().cloned().unwrap_or_default(), line: self.call.at.line },
            ..Route::default()
        }
    }

    fn finish(&self, mut route: Route, handler: Option<FuncRef>, schemes: Vec<SchemeUse>, findings: &mut Findings) {
        if let Some(handler) = handler {
            // The path of the resource counts for positions of path parameters.
            let own = route.path.clone();
            if own.text.is_empty()
                && let Some(Origin::Call(made)) = route.owner.as_ref().map(|owner| owner.origin)
                && let Some(path) = self.program.call(made).positional(0)
            {
                let site = Site::of_call(made.file, self.program.call(made));
                route.path.text = self.program.text(&site, path);
            }
            http::describe(self.program, handler, &mut route);
            route.path = own;
        }
        if route.methods.is_empty() {
            // Whatever the method: without a body people mean GET.
            route.methods = if route.body.is_none() { vec![Method::Get] } else { Method::COMMON.to_vec() };
        }
        route.security.add(schemes);
        findings.routes.push(route);
    }

    /// `users::configure(cfg)`: the function configures what it is given.
    fn handed_over(&self, findings: &mut Findings) {
        let Meaning::Function(function, _) = self.program.callee(self.place) else { return };
        let declared = self.program.function(function);
        let Some(position) = declared.params.iter().position(nodes::is_configurable) else { return };
        let receivers = declared.params.iter().take(position).filter(|param| param.kind == crate::base::code::ParamKind::Receiver).count();
        let Some(given) = self.call.positional(position - receivers) else { return };
        if let Some(owner) = nodes::node(self.program, &self.site, given) {
            self.mount(&owner, OwnerKey::from(function), findings);
        }
    }
}
