//! Reads what a [`Table`] tells: owners, mounts and routes of one file.
//!
//! A call counts because its receiver is an owner the library made, never because of how it is spelled.

mod arguments;
mod mounts;
mod owners;
mod routes;
mod wrapped;

pub use arguments::{at, handler_function, methods_of};
pub use owners::{base_owner, is_owner_type, owners_at, owners_of};
pub use wrapped::decorated_by_caller;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, FuncId, Type};
use crate::facts::finding::{Findings, Mount, Origin, Owner, OwnerKey, PathText, Place, Traits};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::frameworks::table::{At, Chain, Table};

/// Reads one file.
pub fn read(table: &Table, program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let before = (findings.mounts.len(), findings.routes.len());
    let decorated = decorated_functions(program, file);
    for (id, call) in (0u32..).zip(&outline.calls) {
        let reading = Reading { table, program, call: CallRef { file, id: CallId(id) }, decorated: decorated.get(&CallId(id)).copied() };
        reading.owners(call, findings);
        if let Expr::Index(pair) = &call.callee {
            reading.computed(call, &pair.0, &pair.1, findings);
        }
        reading.wrapped(call, findings);
        let Some((receiver, name)) = call.method() else { continue };
        reading.under(call, receiver, name, findings);
        for rule in table.routes {
            reading.route(rule, call, receiver, name, findings);
        }
        for rule in table.mounts.iter().filter(|rule| rule.name == name) {
            reading.mount(rule, call, receiver, findings);
        }
    }
    given(table, program, before, findings);
}

/// Notes the functions that mounts and routes from two places on hang on, when a parameter's type says that they are given an owner.
pub fn given(table: &Table, program: &dyn Program, (mounts, routes): (usize, usize), findings: &mut Findings) {
    let parents = findings.mounts.get(mounts..).unwrap_or_default().iter().map(|mount| &mount.parent);
    let owners = findings.routes.get(routes..).unwrap_or_default().iter().filter_map(|route| route.owner.as_ref());
    let functions = parents.chain(owners).filter_map(|key| if let Origin::Function(function) = key.origin { Some(function) } else { None });
    let functions: std::collections::BTreeSet<FuncRef> = functions.collect();
    let is_typed = |function: &FuncRef| {
        let site = program.around(*function);
        let params = program.function(*function).params.iter();
        params.filter(|param| param.ty != Type::Unknown).any(|param| is_owner_type(table, program, &site, &param.ty))
    };
    findings.given.extend(functions.into_iter().filter(is_typed).map(|function| (function, table.id)));
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

struct Reading<'p, 't> {
    table: &'t Table,
    program: &'p dyn Program,
    call: CallRef,
    decorated: Option<FuncId>,
}

impl<'p> Reading<'p, '_> {
    pub(super) fn owners(&self, call: &Call, findings: &mut Findings) {
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
    pub(super) fn under(&self, call: &Call, receiver: &Expr, name: &str, findings: &mut Findings) {
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

    /// Every owner the receiver denotes, in every instance of the call.
    pub(super) fn each_owner(&self, call: &Call, receiver: &Expr, mut found: impl FnMut(OwnerKey, Site)) {
        let site = Site::of_call(self.call.file, call);
        if matches!(receiver, Expr::Ref(name) if name == "self" || name == "this")
            && matches!(self.table.chain, Chain::No | Chain::Through(_))
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

    pub(super) fn text_at(&self, place: At, call: &Call, site: &Site) -> Option<Text> {
        if let At::Option(position, key) = place {
            let options = self.expr_of_call(call.positional(position)?);
            let entries = self.program.entries(site, options)?;
            let (_, value, at) = entries.into_iter().rev().find(|(name, ..)| name == key)?;
            return Some(self.program.text(&at, value));
        }
        at(place, call).map(|expr| self.program.text(site, expr))
    }

    /// The same expression, borrowed from the program.
    pub(super) fn expr_of_call(&self, expr: &Expr) -> &'p Expr {
        let call = self.program.call(self.call);
        call.args.iter().map(|arg| &arg.value).find(|value| std::ptr::eq(*value, expr)).unwrap_or(&Expr::Hole)
    }

    /// An argument of any call of this file, borrowed from the program.
    pub(super) fn expr_in(&self, call: &Call, expr: &Expr) -> &'p Expr {
        let outline = &self.program.file(self.call.file).outline;
        let borrowed = outline.calls.iter().find(|known| std::ptr::eq(*known, call));
        borrowed.and_then(|call| call.args.iter().map(|arg| &arg.value).find(|value| std::ptr::eq(*value, expr))).unwrap_or(&Expr::Hole)
    }

    pub(super) fn place(&self, call: &Call, symbol: Name) -> Place {
        Place { file: self.call.file, symbol, line: call.at.line }
    }
}
