//! Routers that are built with calls: owners are made, given a prefix, put into one another, and told their handlers.
//!
//! A [`Dialect`] says what the calls of one framework are named. A function that is given a router is an owner of its own: handing it a
//! router mounts it there.

use super::builder_routes;
use crate::base::code::{Call, CallId, Expr, Param, Type};
use crate::facts::finding::{Findings, Mount, Origin, Owner, OwnerKey, PathSyntax, PathText, Place, Traits};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text, TextPart};

/// How long a chain may be.
const MAX_LINKS: u32 = 20_000;

/// What the calls of a framework are named.
pub struct Dialect {
    /// The framework's id.
    pub id: &'static str,
    /// Dotted symbols that make an owner, whether it serves by itself, and whether the first argument is its prefix.
    pub makes: &'static [(&'static str, bool, bool)],
    /// Last names of types of parameters that are owners.
    pub owner_types: &'static [&'static str],
    /// Methods that give an owner under a further path.
    pub under: &'static [&'static str],
    /// Methods that give their owner a prefix.
    pub prefixes: &'static [&'static str],
    /// Methods that put an owner into theirs: name, whether the first argument is a prefix.
    pub mounts: &'static [(&'static str, bool)],
    /// Methods that take a path and handlers by method: `at("/x", get(list))`.
    pub routes: &'static [&'static str],
    /// Whether methods named like verbs take a handler: `router.get(list)`.
    pub has_verbs: bool,
    /// Methods that are given a handler for all methods.
    pub any: &'static [&'static str],
    /// Methods that add middleware.
    pub layers: &'static [&'static str],
    /// How path parameters are written.
    pub syntax: fn(&Text) -> PathSyntax,
}

/// Reads one file.
pub fn read(dialect: &Dialect, program: &dyn Program, file: FileId, findings: &mut Findings) {
    if super::is_test_file(program, file) {
        return;
    }
    let mut found = Findings::default();
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        if super::is_test(program, file, call.scope) {
            continue;
        }
        let reading = Reading { dialect, program, place: CallRef { file, id: CallId(id) }, call, site: Site::of_call(file, call) };
        reading.owner(&mut found);
        reading.mount(&mut found);
        reading.handed_over(&mut found);
        builder_routes::read(&reading, &mut found);
    }
    findings.append(found);
}

/// A path with the slash that these routers do not ask for.
pub(super) fn slashed(text: Text) -> Text {
    match text.0.first() {
        Some(TextPart::Known(first)) if !first.starts_with('/') => Text::known("/").then(text),
        _ => text,
    }
}

/// One call being read.
pub(super) struct Reading<'p, 'd> {
    pub dialect: &'d Dialect,
    pub program: &'p dyn Program,
    pub place: CallRef,
    pub call: &'p Call,
    pub site: Site,
}

impl Reading<'_, '_> {
    fn owner(&self, found: &mut Findings) {
        if let Some(&(_, is_root, has_prefix)) = made(self.dialect, self.program, self.place) {
            let prefix = self.call.positional(0).filter(|_| has_prefix).map(|path| self.text(path)).unwrap_or_default();
            self.push_owner(is_root, prefix, found);
            return;
        }
        let Some((receiver, name)) = self.call.method() else { return };
        let is_under = self.dialect.under.contains(&name.as_str()) && self.call.args.len() == 1;
        let is_prefix = self.dialect.prefixes.contains(&name.as_str());
        if !is_under && !is_prefix {
            return;
        }
        let Some(parent) = node(self.dialect, self.program, &self.site, receiver) else { return };
        let Some(path) = self.call.positional(0).map(|path| self.text(path)) else { return };
        if is_under {
            self.push_owner(false, path, found);
            self.push_mount(&parent, vec![OwnerKey::from(self.place)], Text::default(), found);
        } else if let Some(owner) = found.owners.iter_mut().rev().find(|owner| owner.key == parent) {
            let before = std::mem::take(&mut owner.prefix.text);
            let text = before.then(slashed(path));
            owner.prefix = PathText::new(text.clone(), (self.dialect.syntax)(&text));
        }
    }

    fn push_owner(&self, is_root: bool, prefix: Text, found: &mut Findings) {
        let prefix = slashed(prefix);
        let syntax = (self.dialect.syntax)(&prefix);
        found.owners.push(Owner {
            key: OwnerKey::from(self.place),
            framework: self.dialect.id,
            is_root,
            prefix: PathText::new(prefix, syntax),
            traits: Traits::default(),
            place: Place { file: self.place.file, line: self.call.at.line, ..Place::default() },
        });
    }

    fn push_mount(&self, parent: &OwnerKey, mut children: Vec<OwnerKey>, prefix: Text, found: &mut Findings) {
        children.retain(|child| child != parent);
        if children.is_empty() {
            return;
        }
        let prefix = slashed(prefix);
        let syntax = (self.dialect.syntax)(&prefix);
        found.mounts.push(Mount {
            framework: self.dialect.id,
            parent: parent.clone(),
            children,
            prefix: PathText::new(prefix, syntax),
            replaces_prefix: false,
            traits: Traits::default(),
            place: Place { file: self.place.file, line: self.call.at.line, ..Place::default() },
        });
    }

    fn mount(&self, found: &mut Findings) {
        let Some((receiver, name)) = self.call.method() else { return };
        let Some((_, has_prefix)) = self.dialect.mounts.iter().find(|(mount, _)| *mount == name) else { return };
        let Some(parent) = node(self.dialect, self.program, &self.site, receiver) else { return };
        let has_prefix = *has_prefix && self.call.args.len() > 1;
        let prefix = self.call.positional(0).filter(|_| has_prefix).map(|path| self.text(path)).unwrap_or_default();
        let Some(child) = self.call.positional(usize::from(has_prefix)) else { return };
        let children = nodes(self.dialect, self.program, &self.site, child);
        self.push_mount(&parent, children, prefix, found);
    }

    /// `users::add(router)`: the function adds to what it is given.
    fn handed_over(&self, found: &mut Findings) {
        let Meaning::Function(function, _) = self.program.callee(self.place) else { return };
        let declared = self.program.function(function);
        let Some(position) = declared.params.iter().position(|param| is_owner(self.dialect, param)) else { return };
        let receivers = declared.params.iter().take(position).filter(|param| param.kind == crate::base::code::ParamKind::Receiver).count();
        let Some(given) = self.call.positional(position - receivers) else { return };
        if let Some(parent) = node(self.dialect, self.program, &self.site, given) {
            self.push_mount(&parent, vec![OwnerKey::from(function)], Text::default(), found);
        }
    }

    /// The text of an argument.
    pub(super) fn text(&self, expr: &Expr) -> Text {
        self.program.text(&self.site, expr)
    }
}

fn made<'d>(dialect: &'d Dialect, program: &dyn Program, call: CallRef) -> Option<&'d (&'static str, bool, bool)> {
    let callee = program.callee(call);
    callee.outside()?;
    super::symbols(program, call.file, &callee).iter().find_map(|path| dialect.makes.iter().find(|(symbol, ..)| symbol == path))
}

fn is_owner(dialect: &Dialect, param: &Param) -> bool {
    param.ty.last_name().is_some_and(|name| dialect.owner_types.contains(&name.as_str()))
}

/// The owners in a list, or the one an expression denotes.
pub(super) fn nodes(dialect: &Dialect, program: &dyn Program, site: &Site, expr: &Expr) -> Vec<OwnerKey> {
    match program.items(site, expr) {
        Some(items) if !items.is_empty() => items.iter().flat_map(|(item, at)| all(dialect, program, at, item, 0)).collect(),
        _ => all(dialect, program, site, expr, 0),
    }
}

/// The owner an expression denotes.
pub fn node(dialect: &Dialect, program: &dyn Program, site: &Site, expr: &Expr) -> Option<OwnerKey> {
    all(dialect, program, site, expr, 0).into_iter().next()
}

fn all(dialect: &Dialect, program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Vec<OwnerKey> {
    if depth > 8 {
        return Vec::new();
    }
    let mut at = site.clone();
    let mut next = expr;
    for _ in 0..MAX_LINKS {
        let Expr::Call(id) = next else { break };
        let place = CallRef { file: at.file, id: *id };
        if made(dialect, program, place).is_some() {
            return vec![OwnerKey::from(place)];
        }
        let call = program.file(at.file).outline.call(*id);
        if call.callee.last_name().is_some_and(|name| name == "vec") {
            return call.args.iter().flat_map(|arg| all(dialect, program, &at, &arg.value, depth + 1)).collect();
        }
        match program.callee(place) {
            Meaning::Function(function, _) => return returned(dialect, program, function, depth),
            Meaning::Outside(_) => return Vec::new(),
            _ => {}
        }
        let Some((receiver, name)) = call.method() else { return Vec::new() };
        at = Site { file: at.file, scope: call.scope, offset: call.at.offset, env: None };
        if dialect.under.contains(&name.as_str()) && call.args.len() == 1 {
            let is_owner = !all(dialect, program, &at, receiver, depth + 1).is_empty();
            return if is_owner { vec![OwnerKey::from(place)] } else { Vec::new() };
        }
        next = receiver;
    }
    if let Expr::List(items) = next {
        return items.iter().flat_map(|item| all(dialect, program, &at, item, depth + 1)).collect();
    }
    match program.resolve(&at, next) {
        Meaning::Value(value @ (Expr::Call(_) | Expr::List(_)), site) => {
            all(dialect, program, &Site { env: None, ..site }, value, depth + 1)
        }
        Meaning::Param(function, position) => of_param(dialect, program, function, position, depth),
        _ => Vec::new(),
    }
}

/// The owners that a function of the program makes.
fn returned(dialect: &Dialect, program: &dyn Program, function: FuncRef, depth: u32) -> Vec<OwnerKey> {
    let facts = program.file(function.file);
    let mut found: Vec<OwnerKey> = Vec::new();
    for index in facts.returns_of(function.id) {
        let value = &facts.outline.returns[*index as usize];
        let at = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: None };
        for key in all(dialect, program, &at, &value.value, depth + 1) {
            if !found.contains(&key) {
                found.push(key);
            }
        }
    }
    found
}

/// A parameter: the function is an owner of its own. The closure of `router.then(|router| …)` is given the router itself.
fn of_param(dialect: &Dialect, program: &dyn Program, function: FuncRef, position: u32, depth: u32) -> Vec<OwnerKey> {
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let Some(param) = declared.params.get(position as usize) else { return Vec::new() };
    if is_owner(dialect, param) {
        return vec![OwnerKey { origin: Origin::Function(function), env: None }];
    }
    if param.ty != Type::Unknown || position != 0 || !declared.name.is_empty() {
        return Vec::new();
    }
    let taker = outline.calls.iter().find(|call| call.args.iter().any(|arg| arg.value == Expr::Func(function.id)));
    match taker.and_then(|taker| taker.method().map(|(receiver, name)| (taker, receiver, name))) {
        Some((taker, receiver, name)) if matches!(name.as_str(), "then" | "map" | "apply") => {
            all(dialect, program, &Site::of_call(function.file, taker), receiver, depth + 1)
        }
        _ => Vec::new(),
    }
}
