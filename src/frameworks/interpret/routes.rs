//! Routes that a call on an owner says.

use super::Reading;
use super::arguments::{at, handler_function, may_be_path, methods_of};
use super::owners::owners_of;
use super::wrapped::decorated_by_caller;

use crate::base::code::{Call, Expr};
use crate::facts::finding::{Findings, Method, OwnerKey, PathText, Route};
use crate::facts::program::{FuncRef, Site, Text, TextPart};
use crate::frameworks::table::{At, RouteRule, Said};

impl<'p> Reading<'p, '_> {
    pub(super) fn route(&self, rule: &RouteRule, call: &Call, receiver: &Expr, name: &str, findings: &mut Findings) {
        match rule {
            RouteRule::Verbs { names, path, handler } => {
                let Some((_, methods)) = names.iter().find(|(verb, _)| *verb == name) else { return };
                if self.decorated.is_none() && (!may_be_path(at(*path, call)) || self.is_chained(receiver)) {
                    return;
                }
                if *handler == At::Last && call.args.len() < 2 {
                    return;
                }
                self.each_owner(call, receiver, |owner, site| {
                    findings.routes.extend(self.said_routes(call, owner, site, *path, methods, *handler));
                });
            }
            RouteRule::Named { name: named, path, methods, default, handler } if *named == name => {
                self.each_owner(call, receiver, |owner, site| {
                    let said = at(*methods, call).map(|expr| methods_of(self.program, &site, expr)).filter(|methods| !methods.is_empty());
                    let methods = said.unwrap_or_else(|| default.to_vec());
                    findings.routes.extend(self.said_route(call, owner, site, *path, &methods, *handler));
                });
            }
            RouteRule::Chained { name: named, path, verbs } => self.chained_route(named, *path, verbs, call, (receiver, name), findings),
            RouteRule::Object { name: named, method, path, handler } if *named == name => {
                self.each_owner(call, receiver, |owner, site| self.object_routes(call, &owner, &site, (method, path, handler), findings));
            }
            _ => {}
        }
    }

    /// `owner[verb](path, handler)`, where the verb is known.
    pub(super) fn computed(&self, call: &Call, receiver: &Expr, verb: &Expr, findings: &mut Findings) {
        let verbs = self.table.routes.iter().find_map(|rule| match rule {
            RouteRule::Verbs { names, path, handler } => Some((names, *path, *handler)),
            _ => None,
        });
        let Some((names, path, handler)) = verbs else { return };
        let site = Site::of_call(self.call.file, call);
        if call.args.len() < 2 || !may_be_path(at(path, call)) || owners_of(self.table, self.program, &site, receiver).is_empty() {
            return;
        }
        let mut exprs: Vec<&Expr> = vec![receiver, verb];
        exprs.extend(call.args.iter().map(|arg| &arg.value).filter(|expr| !matches!(expr, Expr::Func(_))));
        for site in self.program.instances(&site, &exprs) {
            let Some(said) = self.program.text(&site, verb).plain().map(|verb| verb.to_lowercase()) else { continue };
            let Some((_, methods)) = names.iter().find(|(name, _)| *name == said) else { continue };
            for owner in owners_of(self.table, self.program, &site, receiver) {
                findings.routes.extend(self.said_routes(call, owner, site.clone(), path, methods, handler));
            }
        }
    }

    /// Whether a receiver is the chain of `owner.route(path)`: what follows there has no path of its own.
    pub(super) fn is_chained(&self, receiver: &Expr) -> bool {
        let named = self.table.routes.iter().find_map(|rule| if let RouteRule::Chained { name, .. } = rule { Some(*name) } else { None });
        let Some(named) = named else { return false };
        let outline = &self.program.file(self.call.file).outline;
        let mut inner = receiver;
        while let Expr::Call(id) = inner {
            let Some((next, name)) = outline.call(*id).method() else { return false };
            if name == named {
                return true;
            }
            inner = next;
        }
        false
    }

    /// `owner.route(path).get(handler)`: `call` is the `get`.
    pub(super) fn chained_route(
        &self,
        named: &str,
        path: At,
        verbs: &[(&str, &'static [Method])],
        call: &Call,
        (receiver, name): (&Expr, &str),
        findings: &mut Findings,
    ) {
        let Some((_, methods)) = verbs.iter().find(|(verb, _)| *verb == name) else { return };
        let outline = &self.program.file(self.call.file).outline;
        let mut inner = receiver;
        let route = loop {
            let Expr::Call(id) = inner else { return };
            let link = outline.call(*id);
            let Some((next, link_name)) = link.method() else { return };
            if link_name == named {
                break (link, next);
            }
            inner = next;
        };
        let (route_call, owner) = route;
        self.each_owner(call, owner, |owner, site| {
            for text in self.texts_at(path, route_call, &site) {
                findings.routes.extend(self.finish_route(call, owner.clone(), site.clone(), text, methods, At::Last));
            }
        });
    }

    pub(super) fn object_routes(
        &self,
        call: &Call,
        owner: &OwnerKey,
        site: &Site,
        keys: (&str, &[&str], &[&str]),
        findings: &mut Findings,
    ) {
        let Some(arg) = call.positional(0) else { return };
        let arg: &'p Expr = self.expr_of_call(arg);
        let objects = self.program.items(site, arg).unwrap_or_else(|| vec![(arg, site.clone())]);
        for (object, at) in objects {
            let Some(entries) = self.program.entries(&at, object) else { continue };
            let entry = |names: &[&str]| entries.iter().rev().find(|(key, ..)| names.contains(&key.as_str()));
            let Some((_, path, path_site)) = entry(keys.1) else { continue };
            let methods = entry(&[keys.0]).map(|(_, expr, at)| methods_of(self.program, at, expr)).filter(|methods| !methods.is_empty());
            let handler_entry = entry(keys.2);
            let handler = handler_entry.and_then(|(_, expr, at)| self.program.resolve(at, expr).function());
            let text = self.program.text(path_site, path);
            let said = Said {
                program: self.program,
                site: at.clone(),
                call: self.call,
                handler,
                handler_expr: handler_entry.map(|(_, expr, _)| *expr),
                object: Some((object, at.clone())),
            };
            let methods = methods.unwrap_or_else(|| Method::COMMON.to_vec());
            findings.routes.push(self.route_of(call, owner.clone(), text, &methods, &said));
        }
    }

    /// One route, or one for each path of a list.
    pub(super) fn said_route(&self, call: &Call, owner: OwnerKey, site: Site, path: At, methods: &[Method], handler: At) -> Vec<Route> {
        let paths = match at(path, call) {
            Some(listed @ Expr::List(_)) => match self.program.items(&site, listed) {
                Some(items) => items.into_iter().map(|(item, at)| self.program.text(&at, item)).collect(),
                None => Vec::new(),
            },
            Some(_) => self.text_at(path, call, &site).into_iter().collect(),
            None => vec![Text::default()],
        };
        let finished = |text| self.finish_route(call, owner.clone(), site.clone(), text, methods, handler);
        paths.into_iter().filter_map(finished).collect()
    }

    /// As `said_route`, once for each path of a list.
    pub(super) fn said_routes(&self, call: &Call, owner: OwnerKey, site: Site, path: At, methods: &[Method], handler: At) -> Vec<Route> {
        if self.decorated.is_some() || at(path, call).is_none() {
            return self.said_route(call, owner, site, path, methods, handler).into_iter().collect();
        }
        let texts = self.texts_at(path, call, &site);
        texts.into_iter().filter_map(|text| self.finish_route(call, owner.clone(), site.clone(), text, methods, handler)).collect()
    }

    /// The paths at a place: one, or those of a list.
    pub(super) fn texts_at(&self, place: At, call: &Call, site: &Site) -> Vec<Text> {
        let Some(expr) = at(place, call) else { return Vec::new() };
        if matches!(expr, Expr::List(_) | Expr::Ref(_) | Expr::Member(..)) {
            let text = self.program.text(site, expr);
            let listed = if text.plain().is_some() { None } else { self.program.items(site, self.expr_in(call, expr)) };
            if let Some(items) = listed {
                return items.into_iter().map(|(item, at)| self.program.text(&at, item)).collect();
            }
        }
        self.text_at(place, call, site).into_iter().collect()
    }

    pub(super) fn finish_route(
        &self,
        call: &Call,
        owner: OwnerKey,
        site: Site,
        text: Text,
        methods: &[Method],
        handler: At,
    ) -> Option<Route> {
        let handler_expr = if self.decorated.is_some() { None } else { at(handler, call).map(|expr| self.expr_of_call(expr)) };
        let handler = match self.decorated {
            Some(id) => Some(FuncRef { file: self.call.file, id }),
            None => handler_expr.and_then(|expr| handler_function(self.program, &site, expr)),
        };
        // Inside of a decorator of the program's own, the handler is what that decorates.
        let handler = decorated_by_caller(self.program, &site).or(handler);
        if handler.is_none() && matches!(text.0.as_slice(), [TextPart::Hole(_)]) {
            // Neither path nor handler is known: code that makes routes for others.
            return None;
        }
        let said = Said { program: self.program, site, call: self.call, handler, handler_expr, object: None };
        Some(self.route_of(call, owner, text, methods, &said))
    }

    pub(super) fn route_of(&self, call: &Call, owner: OwnerKey, text: Text, methods: &[Method], said: &Said) -> Route {
        let symbol = said.handler.map(|handler| self.program.function(handler).name.clone()).filter(|name| !name.is_empty());
        let symbol = symbol.or_else(|| said.handler_expr.and_then(Expr::last_name).cloned()).unwrap_or_default();
        let mut route = Route {
            framework: self.table.id,
            owner: Some(owner),
            methods: methods.to_vec(),
            path: PathText::new(text, self.table.syntax),
            handler: said.handler,
            place: self.place(call, symbol),
            ..Route::default()
        };
        (self.table.hooks.route)(said, &mut route);
        route
    }
}
