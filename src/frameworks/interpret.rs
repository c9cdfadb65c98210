//! Reads what a [`Table`] tells: owners, mounts and routes of one file.
//!
//! A call counts because its receiver is an owner the library made, never because of how it is spelled.

use std::collections::HashSet;

use super::table::{At, Chain, MountRule, RouteRule, Said, Table};
use crate::base::Name;
use crate::base::code::{Call, CallId, ClassKind, Expr, FuncId, Type};
use crate::facts::finding::{Findings, GapFinding, Method, Mount, Origin, Owner, OwnerKey, PathText, Place, Route, Traits};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text, TextPart};

/// Reads one file.
pub fn read(table: &Table, program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let decorated = decorated_functions(program, file);
    for (id, call) in (0u32..).zip(&outline.calls) {
        let reading = Reading { table, program, call: CallRef { file, id: CallId(id) }, decorated: decorated.get(&CallId(id)).copied() };
        reading.owners(call, findings);
        if let Expr::Index(pair) = &call.callee {
            reading.computed(call, &pair.0, &pair.1, findings);
        }
        let Some((receiver, name)) = call.method() else { continue };
        reading.under(call, receiver, name, findings);
        for rule in table.routes {
            reading.route(rule, call, receiver, name, findings);
        }
        for rule in table.mounts.iter().filter(|rule| rule.name == name) {
            reading.mount(rule, call, receiver, findings);
        }
    }
}

/// Calls that decorate a function, with that function.
fn decorated_functions(program: &dyn Program, file: FileId) -> std::collections::HashMap<CallId, FuncId> {
    let outline = &program.file(file).outline;
    let mut found = std::collections::HashMap::new();
    for (id, function) in (0u32..).zip(&outline.functions) {
        for decorator in &function.decorators {
            if let Expr::Call(call) = decorator {
                found.insert(*call, FuncId(id));
            }
        }
    }
    found
}

/// The owners an expression denotes.
pub fn owners_of(table: &Table, program: &dyn Program, site: &Site, expr: &Expr) -> Vec<OwnerKey> {
    let mut found = Vec::new();
    owners_into(table, program, site, expr, 0, &mut found);
    found
}

fn owners_into(table: &Table, program: &dyn Program, site: &Site, expr: &Expr, depth: u32, found: &mut Vec<OwnerKey>) {
    // Chains are walked in a loop: thousands of links are usual in generated routers.
    let mut links: Vec<(Site, Expr)> = vec![(site.clone(), expr.clone())];
    let mut steps = 0;
    // `router = router.route(…)` leads back to itself.
    let mut seen: HashSet<(Site, CallId)> = HashSet::new();
    while let Some((site, expr)) = links.pop() {
        steps += 1;
        if steps > 20_000 || depth > 8 {
            return;
        }
        if let Some(key) = under(table, program, &site, &expr) {
            found.extend(Some(key).filter(|key| !found.contains(key)));
            continue;
        }
        if let Expr::Call(id) = &expr
            && !seen.insert((Site { offset: 0, ..site.clone() }, *id))
        {
            continue;
        }
        if let Some(receiver) = chained(table, program, &site, &expr) {
            links.push((site, receiver));
            continue;
        }
        for meaning in program.produce_all(&site, &expr) {
            if let Some((call, at)) = meaning.call()
                && let Some(key) = under(table, program, at, &Expr::Call(call.id))
            {
                found.extend(Some(key).filter(|key| !found.contains(key)));
                continue;
            }
            if let Some((call, at)) = meaning.call()
                && let Some(receiver) = chained(table, program, at, &Expr::Call(call.id))
            {
                if seen.insert((Site { offset: 0, ..at.clone() }, call.id)) {
                    links.push((at.clone(), receiver));
                }
                continue;
            }
            // `let (router, api) = owner.split();`
            if let Meaning::Attribute(of, name) = &meaning
                && name.starts_with(|c: char| c.is_ascii_digit())
                && let Some((call, at)) = of.call()
                && table.chain == Chain::All
            {
                links.push((at.clone(), Expr::Call(call.id)));
                continue;
            }
            let key = owner_key(table, program, &meaning);
            found.extend(key.filter(|key| !found.contains(key)));
        }
    }
}

/// A call that gives an owner under a further path: an owner of its own, mounted on the one it is said of.
fn under(table: &Table, program: &dyn Program, site: &Site, expr: &Expr) -> Option<OwnerKey> {
    let (Chain::Under(names), Expr::Call(id)) = (table.chain, expr) else { return None };
    let call = CallRef { file: site.file, id: *id };
    let (_, name) = program.call(call).method()?;
    if !names.contains(&name.as_str()) {
        return None;
    }
    let receiver = chained(table, program, site, expr)?;
    let is_owner = !owners_of(table, program, site, &receiver).is_empty();
    is_owner.then(|| OwnerKey { origin: Origin::Call(call), env: site.env.clone() })
}

/// The owner that one under a further path was made of: they are one application.
#[must_use]
pub fn base_owner(table: &Table, program: &dyn Program, key: &OwnerKey) -> OwnerKey {
    let mut key = key.clone();
    for _ in 0..16 {
        let (Chain::Under(names), Origin::Call(call)) = (table.chain, key.origin) else { break };
        let made = program.call(call);
        let Some((receiver, _)) = made.method().filter(|(_, name)| names.contains(&name.as_str())) else { break };
        let site = Site { env: key.env.clone(), ..Site::of_call(call.file, made) };
        let Some(base) = owners_of(table, program, &site, receiver).into_iter().next() else { break };
        key = base;
    }
    key
}

/// Every owner that the receiver of a call denotes, in every instance of the call.
pub fn owners_at(table: &Table, program: &dyn Program, call: CallRef, mut found: impl FnMut(OwnerKey, Site)) {
    let made = program.call(call);
    let Some((receiver, _)) = made.method() else { return };
    let reading = Reading { table, program, call, decorated: None };
    reading.each_owner(made, receiver, &mut found);
}

/// The receiver of a chained call on an owner; `None` when the expression is no such call.
fn chained(table: &Table, program: &dyn Program, site: &Site, expr: &Expr) -> Option<Expr> {
    let Expr::Call(id) = expr else { return None };
    if table.chain == Chain::No {
        return None;
    }
    let call = program.file(site.file).outline.call(*id);
    let (receiver, _) = call.method()?;
    // `express.Router()`: the receiver is the library itself, and `factory.make()` is a call of the program's own.
    match program.callee(CallRef { file: site.file, id: *id }) {
        Meaning::Attribute(..) | Meaning::Unknown => Some(receiver.clone()),
        _ => None,
    }
}

/// The owner a meaning is, when it is one.
fn owner_key(table: &Table, program: &dyn Program, meaning: &Meaning) -> Option<OwnerKey> {
    match meaning {
        Meaning::Value(Expr::Call(_), _) => {
            let (call, at) = meaning.call()?;
            let is_owner = match program.callee(call) {
                Meaning::Outside(path) => table.owners.iter().any(|rule| rule.makes.contains(&path.as_str())),
                Meaning::Class(class) => {
                    let bases = program.outside_bases(class);
                    bases.iter().any(|base| table.owners.iter().any(|rule| rule.makes.contains(&base.as_str())))
                }
                _ => false,
            };
            is_owner.then(|| OwnerKey { origin: Origin::Call(call), env: at.env.clone() })
        }
        Meaning::Instance(class) => {
            let bases = program.outside_bases(*class);
            bases.iter().any(|base| table.owners.iter().any(|rule| rule.makes.contains(&base.as_str()))).then(|| OwnerKey::from(*class))
        }
        Meaning::Param(function, position) => {
            let declared = program.function(*function);
            let param = declared.params.get(*position as usize)?;
            let is_owner = match &param.ty {
                Type::Unknown => *position == 0 && table.mounts.iter().any(|rule| rule.takes_functions),
                ty => is_owner_type(table, program, &program.around(*function), ty),
            };
            is_owner.then(|| OwnerKey::from(*function))
        }
        _ => None,
    }
}

/// Whether a type annotation names an owner of the table, also through aliases.
pub fn is_owner_type(table: &Table, program: &dyn Program, site: &Site, ty: &Type) -> bool {
    let (mut site, mut ty) = (site.clone(), ty);
    for _ in 0..8 {
        match program.resolve_type(&site, ty) {
            Meaning::Outside(path) => {
                return table.owner_types.contains(&path.as_str()) || table.owners.iter().any(|rule| rule.makes.contains(&path.as_str()));
            }
            Meaning::Class(class) if program.class(class).kind == ClassKind::Alias => {
                site = program.inside_class(class);
                ty = &program.class(class).alias;
            }
            _ => return false,
        }
    }
    false
}

struct Reading<'p, 't> {
    table: &'t Table,
    program: &'p dyn Program,
    call: CallRef,
    decorated: Option<FuncId>,
}

impl<'p> Reading<'p, '_> {
    fn owners(&self, call: &Call, findings: &mut Findings) {
        let callee = match self.program.callee(self.call) {
            Meaning::Outside(path) => vec![path],
            Meaning::Class(class) => self.program.outside_bases(class),
            _ => return,
        };
        let Some(rule) = self.table.owners.iter().find(|rule| callee.iter().any(|path| rule.makes.contains(&path.as_str()))) else {
            return;
        };
        let site = Site::of_call(self.call.file, call);
        let args: Vec<&Expr> = call.args.iter().map(|arg| &arg.value).collect();
        for site in self.program.instances(&site, &args) {
            let prefix = self.text_at(rule.prefix, call, &site).unwrap_or_default();
            let traits = self.table.hooks.owner.map(|hook| hook(self.program, &site, self.call)).unwrap_or_default();
            findings.owners.push(Owner {
                key: OwnerKey { origin: Origin::Call(self.call), env: site.env.clone() },
                framework: self.table.id,
                is_root: rule.is_root,
                prefix: PathText::new(prefix, self.table.syntax),
                traits,
                place: self.place(call, Name::default()),
            });
        }
    }

    /// `owner.basePath("/api")`: an owner of its own, mounted on the other.
    fn under(&self, call: &Call, receiver: &Expr, name: &str, findings: &mut Findings) {
        let Chain::Under(names) = self.table.chain else { return };
        if !names.contains(&name) {
            return;
        }
        self.each_owner(call, receiver, |parent, site| {
            let prefix = self.text_at(At::Position(0), call, &site).unwrap_or_default();
            let key = OwnerKey { origin: Origin::Call(self.call), env: site.env };
            findings.owners.push(Owner {
                key: key.clone(),
                framework: self.table.id,
                is_root: false,
                prefix: PathText::new(prefix, self.table.syntax),
                traits: Traits::default(),
                place: self.place(call, Name::default()),
            });
            findings.mounts.push(Mount {
                framework: self.table.id,
                parent,
                children: vec![key],
                prefix: PathText::default(),
                replaces_prefix: false,
                traits: Traits::default(),
                place: self.place(call, Name::default()),
            });
        });
    }

    fn route(&self, rule: &RouteRule, call: &Call, receiver: &Expr, name: &str, findings: &mut Findings) {
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
    fn computed(&self, call: &Call, receiver: &Expr, verb: &Expr, findings: &mut Findings) {
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
    fn is_chained(&self, receiver: &Expr) -> bool {
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
    fn chained_route(
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

    fn object_routes(&self, call: &Call, owner: &OwnerKey, site: &Site, keys: (&str, &[&str], &[&str]), findings: &mut Findings) {
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
    fn said_route(&self, call: &Call, owner: OwnerKey, site: Site, path: At, methods: &[Method], handler: At) -> Vec<Route> {
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
    fn said_routes(&self, call: &Call, owner: OwnerKey, site: Site, path: At, methods: &[Method], handler: At) -> Vec<Route> {
        if self.decorated.is_some() || at(path, call).is_none() {
            return self.said_route(call, owner, site, path, methods, handler).into_iter().collect();
        }
        let texts = self.texts_at(path, call, &site);
        texts.into_iter().filter_map(|text| self.finish_route(call, owner.clone(), site.clone(), text, methods, handler)).collect()
    }

    /// The paths at a place: one, or those of a list.
    fn texts_at(&self, place: At, call: &Call, site: &Site) -> Vec<Text> {
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

    fn finish_route(&self, call: &Call, owner: OwnerKey, site: Site, text: Text, methods: &[Method], handler: At) -> Option<Route> {
        let handler_expr = if self.decorated.is_some() { None } else { at(handler, call).map(|expr| self.expr_of_call(expr)) };
        let handler = match self.decorated {
            Some(id) => Some(FuncRef { file: self.call.file, id }),
            None => handler_expr.and_then(|expr| handler_function(self.program, &site, expr)),
        };
        if handler.is_none() && matches!(text.0.as_slice(), [TextPart::Hole(_)]) {
            // Neither path nor handler is known: code that makes routes for others.
            return None;
        }
        let said = Said { program: self.program, site, call: self.call, handler, handler_expr, object: None };
        Some(self.route_of(call, owner, text, methods, &said))
    }

    fn route_of(&self, call: &Call, owner: OwnerKey, text: Text, methods: &[Method], said: &Said) -> Route {
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

    fn mount(&self, rule: &MountRule, call: &Call, receiver: &Expr, findings: &mut Findings) {
        let children: Vec<&Expr> = match rule.child {
            At::From(first) => call.args.iter().filter(|arg| arg.name.is_none()).skip(first).map(|arg| &arg.value).collect(),
            At::Last => call.args.last().map(|arg| &arg.value).into_iter().collect(),
            other => at(other, call).into_iter().collect(),
        };
        self.each_owner(call, receiver, |parent, site| {
            let prefix = match rule.prefix {
                // `app.use(router)` next to `app.use("/prefix", router)`: the first argument is a prefix when it is text.
                At::Position(position) if call.args.len() < position + 2 || !is_text(self.program, &site, at(rule.prefix, call)) => {
                    Text::default()
                }
                _ => self.text_at(rule.prefix, call, &site).unwrap_or_default(),
            };
            let replaces_prefix = rule.replaces_prefix && at(rule.prefix, call).is_some();
            let mut keys = Vec::new();
            for child in &children {
                self.child_keys(rule, &site, child, &mut keys);
            }
            keys.retain(|key| *key != parent);
            if keys.is_empty() {
                self.unknown_mount(rule, call, &children, &site, findings);
                return;
            }
            let traits = self.table.hooks.mount.map(|hook| hook(self.program, &site, self.call)).unwrap_or_default();
            findings.mounts.push(Mount {
                framework: self.table.id,
                parent,
                children: keys,
                prefix: PathText::new(prefix, self.table.syntax),
                replaces_prefix,
                traits,
                place: self.place(call, Name::default()),
            });
        });
    }

    fn child_keys(&self, rule: &MountRule, site: &Site, child: &Expr, keys: &mut Vec<OwnerKey>) {
        let owners = match self.program.items(site, child) {
            Some(items) => items.iter().flat_map(|(item, at)| owners_of(self.table, self.program, at, item)).collect(),
            None => owners_of(self.table, self.program, site, child),
        };
        let owners: Vec<OwnerKey> = owners;
        keys.extend(owners.iter().map(|owner| base_owner(self.table, self.program, owner)));
        if rule.takes_functions
            && let Some(function) = handler_function(self.program, site, child)
        {
            keys.push(OwnerKey { origin: Origin::Function(function), env: None });
        }
    }

    /// A mount whose target cannot be told is a gap only where the rule is about mounts alone; `use` takes any middleware.
    fn unknown_mount(&self, rule: &MountRule, call: &Call, children: &[&Expr], site: &Site, findings: &mut Findings) {
        if rule.takes_functions || rule.name == "use" {
            return;
        }
        let known_elsewhere =
            children.iter().any(|child| !matches!(self.program.resolve(site, child), Meaning::Unknown | Meaning::Param(..)));
        if !known_elsewhere {
            findings.gaps.push(GapFinding {
                code: "mount-target-unknown".into(),
                question: format!("which router does `{}` mount here?", rule.name),
                place: self.place(call, Name::default()),
            });
        }
    }

    /// Every owner the receiver denotes, in every instance of the call.
    fn each_owner(&self, call: &Call, receiver: &Expr, mut found: impl FnMut(OwnerKey, Site)) {
        let site = Site::of_call(self.call.file, call);
        if matches!(receiver, Expr::Ref(name) if name == "self" || name == "this")
            && self.table.chain == Chain::No
            && self.decorated.is_some()
        {
            return;
        }
        if owners_of(self.table, self.program, &site, receiver).is_empty() {
            return;
        }
        let mut exprs: Vec<&Expr> = vec![receiver];
        exprs.extend(call.args.iter().map(|arg| &arg.value).filter(|expr| !matches!(expr, Expr::Func(_))));
        for site in self.program.instances(&site, &exprs) {
            for owner in owners_of(self.table, self.program, &site, receiver) {
                found(owner, site.clone());
            }
        }
    }

    fn text_at(&self, place: At, call: &Call, site: &Site) -> Option<Text> {
        if let At::Option(position, key) = place {
            let options = self.expr_of_call(call.positional(position)?);
            let entries = self.program.entries(site, options)?;
            let (_, value, at) = entries.into_iter().rev().find(|(name, ..)| name == key)?;
            return Some(self.program.text(&at, value));
        }
        at(place, call).map(|expr| self.program.text(site, expr))
    }

    /// The same expression, borrowed from the program.
    fn expr_of_call(&self, expr: &Expr) -> &'p Expr {
        let call = self.program.call(self.call);
        call.args.iter().map(|arg| &arg.value).find(|value| std::ptr::eq(*value, expr)).unwrap_or(&Expr::Hole)
    }

    /// An argument of any call of this file, borrowed from the program.
    fn expr_in(&self, call: &Call, expr: &Expr) -> &'p Expr {
        let outline = &self.program.file(self.call.file).outline;
        let borrowed = outline.calls.iter().find(|known| std::ptr::eq(*known, call));
        borrowed.and_then(|call| call.args.iter().map(|arg| &arg.value).find(|value| std::ptr::eq(*value, expr))).unwrap_or(&Expr::Hole)
    }

    fn place(&self, call: &Call, symbol: Name) -> Place {
        Place { file: self.call.file, symbol, line: call.at.line }
    }
}

/// The expression at a place of a call.
#[must_use]
pub fn at(place: At, call: &Call) -> Option<&Expr> {
    match place {
        At::Nowhere | At::Option(..) => None,
        At::Keyword(keyword) => call.keyword(keyword),
        At::Arg(position, keyword) => call.arg(position, keyword),
        At::Position(position) | At::From(position) => call.positional(position),
        At::Last => call.args.last().filter(|arg| arg.name.is_none()).map(|arg| &arg.value),
    }
}

/// The methods a list or text names.
#[must_use]
pub fn methods_of(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Method> {
    let found =
        |expr: &Expr, at: &Site| program.text(at, expr).plain().and_then(|text| Method::of(text.rsplit('.').next().unwrap_or(&text)));
    let mut methods: Vec<Method> = match expr {
        Expr::List(items) => items.iter().filter_map(|item| found(item, site)).collect(),
        _ => match found(expr, site) {
            Some(method) => vec![method],
            None => {
                let meaning = program.resolve(site, expr);
                match meaning.value() {
                    Some((Expr::List(items), at)) => items.iter().filter_map(|item| found(item, at)).collect(),
                    _ => Vec::new(),
                }
            }
        },
    };
    methods.dedup();
    methods
}

/// The function a handler expression is: through wrappers (`asyncHandler(f)`), bound methods (`ctrl.list.bind(ctrl)`), lists of middleware.
#[must_use]
pub fn handler_function(program: &dyn Program, site: &Site, expr: &Expr) -> Option<FuncRef> {
    handler_at(program, site, expr, 0)
}

fn handler_at(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<FuncRef> {
    if depth > 12 {
        return None;
    }
    match expr {
        Expr::List(items) => items.last().and_then(|last| handler_at(program, site, last, depth + 1)),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            if let Some((receiver, name)) = call.method()
                && name == "bind"
            {
                return handler_at(program, site, receiver, depth + 1);
            }
            // A wrapper: the last argument that is a function; else the function that the call makes.
            let wrapped = call.args.iter().rev().find_map(|arg| match &arg.value {
                value @ (Expr::Func(_) | Expr::Ref(_) | Expr::Member(..) | Expr::Call(_)) => handler_at(program, site, value, depth + 1),
                _ => None,
            });
            wrapped.or_else(|| program.produce(site, expr).function())
        }
        _ => match program.resolve(site, expr) {
            // `const list = wrap(async (req, res) => …)`, used by its name.
            Meaning::Value(inner @ (Expr::Call(_) | Expr::List(_)), at) if !std::ptr::eq(inner, expr) => {
                handler_at(program, &at, inner, depth + 1)
            }
            meaning => meaning.function(),
        },
    }
}

/// Whether an argument may be a path: text, a name or an attribute, never a function or a number.
fn may_be_path(expr: Option<&Expr>) -> bool {
    matches!(
        expr,
        Some(
            Expr::Str(_)
                | Expr::Template(_)
                | Expr::Ref(_)
                | Expr::Member(..)
                | Expr::Call(_)
                | Expr::Binary(_)
                | Expr::Regex(_)
                | Expr::List(_)
                | Expr::Index(_)
                | Expr::Cond(_)
        )
    )
}

/// Whether an argument is text (or would be, were it known).
fn is_text(program: &dyn Program, site: &Site, expr: Option<&Expr>) -> bool {
    match expr {
        Some(Expr::Str(_) | Expr::Template(_) | Expr::Regex(_)) => true,
        Some(expr) => program.text(site, expr).plain().is_some(),
        None => false,
    }
}
