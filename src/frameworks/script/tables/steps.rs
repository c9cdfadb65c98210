//! What a function does step by step: the chains of calls that begin at a subject (a query runner, a schema builder, a table builder), in
//! order, through loops, callbacks and the program's own functions that are given the subject.
//!
//! Conditions are not weighed: both branches are taken.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, FuncId, Pattern, ScopeKind};
use crate::facts::file::pattern_names;
use crate::facts::program::{CallRef, Entered, Env, FileId, Frame, FuncRef, Program, Site};

const MAX_DEPTH: u32 = 6;
const MAX_CHAINS: u32 = 20_000;
const MAX_LINKS: usize = 256;
const MAX_ROUNDS: u32 = 200;

/// One call of a chain.
#[derive(Clone)]
pub struct Link<'p> {
    /// The method's or function's name.
    pub name: Name,
    /// The call.
    pub call: &'p Call,
    /// Which one.
    pub id: CallId,
}

impl<'p> Link<'p> {
    /// An argument.
    #[must_use]
    pub fn arg(&self, position: usize) -> Option<&'p Expr> {
        self.call.positional(position)
    }
}

/// A chain of calls: `knex.schema.createTable(…).then(…)`.
#[derive(Clone)]
pub struct Chain<'p> {
    /// What the first link is called on; `None` for a plain call.
    pub receiver: Option<&'p Expr>,
    /// The calls in order.
    pub links: Vec<Link<'p>>,
    /// Where its arguments are read.
    pub site: Site,
}

impl<'p> Chain<'p> {
    /// The chain that ends with a call.
    #[must_use]
    pub fn ending(program: &'p dyn Program, site: &Site, last: CallId) -> Self {
        let outline = &program.file(site.file).outline;
        let mut links = Vec::new();
        let mut id = last;
        let receiver = loop {
            let call = outline.call(id);
            links.push(Link { name: call.callee.last_name().cloned().unwrap_or_default(), call, id });
            match &call.callee {
                Expr::Member(receiver, _) => match receiver.as_ref() {
                    Expr::Call(inner) if links.len() < MAX_LINKS => id = *inner,
                    other => break Some(other),
                },
                Expr::Call(inner) if links.len() < MAX_LINKS => id = *inner,
                _ => break None,
            }
        };
        links.reverse();
        let first = links.first().map_or(site.scope, |link| link.call.scope);
        Self { receiver, links, site: Site { scope: first, ..site.clone() } }
    }

    /// The first link.
    #[must_use]
    pub fn first(&self) -> &Link<'p> {
        &self.links[0]
    }

    /// The link of this name.
    #[must_use]
    pub fn link(&self, name: &str) -> Option<&Link<'p>> {
        self.links.iter().find(|link| link.name == name)
    }

    /// Whether there is a link of one of these names.
    #[must_use]
    pub fn has(&self, names: &[&str]) -> bool {
        self.links.iter().any(|link| names.contains(&link.name.as_str()))
    }

    /// The line it begins on.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.first().call.at.line
    }

    /// Where the arguments of a link are read.
    #[must_use]
    pub fn site_of(&self, link: &Link) -> Site {
        Site { scope: link.call.scope, offset: link.call.at.offset, ..self.site.clone() }
    }

    /// The name the chain begins at: `knex` of `knex.schema.createTable()` and of `knex("t")`.
    #[must_use]
    pub fn root(&self) -> Option<&'p Name> {
        let mut here = match self.receiver {
            Some(receiver) => receiver,
            None => &self.first().call.callee,
        };
        for _ in 0..MAX_LINKS {
            match here {
                Expr::Ref(name) => return Some(name),
                Expr::Member(base, _) => here = base,
                Expr::Cast(pair) => here = &pair.0,
                _ => return None,
            }
        }
        None
    }
}

/// What becomes of a chain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// It was read, with what is inside.
    Read,
    /// Callbacks in it and functions it calls are gone through.
    Inside,
}

/// Goes through functions.
pub struct Walk<'p> {
    program: &'p dyn Program,
    tops: RefCell<HashMap<FileId, Rc<Tops>>>,
    fuel: Cell<u32>,
}

/// The last calls of chains, by the function they stand in.
#[derive(Default)]
struct Tops(HashMap<Option<FuncId>, Vec<CallId>>);

/// What is done with each chain.
pub type Visit<'v, 'p> = dyn FnMut(&Chain<'p>, &[Name]) -> Go + 'v;

impl<'p> Walk<'p> {
    /// Nothing gone through yet.
    #[must_use]
    pub fn new(program: &'p dyn Program) -> Self {
        Self { program, tops: RefCell::default(), fuel: Cell::new(MAX_CHAINS) }
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &'p dyn Program {
        self.program
    }

    /// Visits the chains of a function that begin at one of the subjects, in order.
    pub fn body(&self, function: FuncRef, env: &Env, subjects: &[Name], visit: &mut Visit<'_, 'p>) {
        self.body_at(function, env, subjects, 0, visit);
    }

    /// The names of a function's parameter.
    #[must_use]
    pub fn names_of_param(&self, function: FuncRef, position: usize) -> Vec<Name> {
        let declared = self.program.function(function);
        declared.params.get(position).map(|param| pattern_names(&param.pattern).into_iter().cloned().collect()).unwrap_or_default()
    }

    fn body_at(&self, function: FuncRef, env: &Env, subjects: &[Name], depth: u32, visit: &mut Visit<'_, 'p>) {
        if depth > MAX_DEPTH {
            return;
        }
        let subjects = &self.with_aliases(function, subjects);
        let tops = self.tops_of(function.file);
        let outline = &self.program.file(function.file).outline;
        for id in tops.0.get(&Some(function.id)).into_iter().flatten() {
            let call = outline.call(*id);
            let base = Site { file: function.file, scope: call.scope, offset: call.at.offset, env: env.clone() };
            for site in self.rounds(&base, function) {
                let left = self.fuel.get();
                if left == 0 {
                    return;
                }
                self.fuel.set(left - 1);
                let chain = Chain::ending(self.program, &site, *id);
                let is_subject = chain.root().is_some_and(|root| subjects.contains(root));
                if !is_subject || visit(&chain, subjects) == Go::Inside {
                    self.inside(&chain, subjects, is_subject, depth, visit);
                }
            }
        }
    }

    /// Callbacks among the arguments of a chain, and the program's own functions that are given a subject.
    fn inside(&self, chain: &Chain<'p>, subjects: &[Name], is_subject: bool, depth: u32, visit: &mut Visit<'_, 'p>) {
        for link in &chain.links {
            for arg in &link.call.args {
                let Expr::Func(id) = arg.value else { continue };
                let function = FuncRef { file: chain.site.file, id };
                let mut names = subjects.to_vec();
                if is_subject {
                    names.extend(self.names_of_param(function, 0));
                }
                for env in self.elements(chain, link, function) {
                    self.body_at(function, &env, &names, depth + 1, visit);
                }
            }
            self.enter(chain, link, subjects, depth, visit);
        }
    }

    fn enter(&self, chain: &Chain<'p>, link: &Link<'p>, subjects: &[Name], depth: u32, visit: &mut Visit<'_, 'p>) {
        let given: Vec<usize> = link
            .call
            .args
            .iter()
            .enumerate()
            .filter(|(_, arg)| root_of(&arg.value).is_some_and(|root| subjects.contains(root)))
            .map(|(index, _)| index)
            .collect();
        if given.is_empty() {
            return;
        }
        let call = CallRef { file: chain.site.file, id: link.id };
        let Some(function) = self.program.callee(call).function() else { return };
        let mut next = chain.site.env.as_ref();
        while let Some(frame) = next {
            if matches!(&frame.entered, Entered::Call { function: entered, .. } if *entered == function) {
                return;
            }
            next = frame.outer.as_ref();
        }
        let names: Vec<Name> = given.iter().flat_map(|position| self.names_of_param(function, *position)).collect();
        let env = frame(Entered::Call { function, call, caller: chain.site_of(link) }, None);
        self.body_at(function, &env, &names, depth + 1, visit);
    }

    /// The frames a callback runs in: one for each element of the list that `forEach` or `map` is called on.
    fn elements(&self, chain: &Chain<'p>, link: &Link<'p>, function: FuncRef) -> Vec<Env> {
        let env = &chain.site.env;
        if !matches!(link.name.as_str(), "forEach" | "map" | "flatMap") {
            return vec![env.clone()];
        }
        let at = chain.site_of(link);
        let Some((list, _)) = link.call.method() else { return vec![env.clone()] };
        let Some(items) = self.program.items(&at, list) else { return vec![env.clone()] };
        let call = CallRef { file: chain.site.file, id: link.id };
        let count = u32::try_from(items.len()).unwrap_or(MAX_ROUNDS).min(MAX_ROUNDS);
        (0..count).map(|index| frame(Entered::Element { function, call, caller: at.clone(), index }, env.clone())).collect()
    }

    /// The site once for each round of the loops around it in its function.
    fn rounds(&self, site: &Site, function: FuncRef) -> Vec<Site> {
        let outline = &self.program.file(site.file).outline;
        let inner = outline.function(function.id).inner;
        let mut names: Vec<Expr> = Vec::new();
        for (id, scope) in outline.scopes_from(site.scope) {
            if id == inner {
                break;
            }
            if let ScopeKind::Loop(pattern, _) = &scope.kind {
                names.extend(pattern_names(pattern).into_iter().map(|name| Expr::Ref(name.clone())));
            }
        }
        if names.is_empty() {
            return vec![site.clone()];
        }
        let names: Vec<&Expr> = names.iter().collect();
        self.program.instances(site, &names)
    }

    /// The subjects, and names that are bound to parts of them: `const schema = knex.schema`.
    fn with_aliases(&self, function: FuncRef, subjects: &[Name]) -> Vec<Name> {
        let outline = &self.program.file(function.file).outline;
        let declared = outline.function(function.id);
        let mut names = subjects.to_vec();
        for assign in &outline.assigns {
            if assign.at.offset < declared.at.offset || assign.at.offset >= declared.end {
                continue;
            }
            let is_part = matches!(&assign.value, Expr::Ref(_) | Expr::Member(..))
                && root_of(&assign.value).is_some_and(|root| names.contains(root))
                && matches!(assign.target, Pattern::Name(_) | Pattern::Object(_));
            if is_part {
                names.extend(pattern_names(&assign.target).into_iter().cloned());
            }
        }
        names
    }

    fn tops_of(&self, file: FileId) -> Rc<Tops> {
        if let Some(known) = self.tops.borrow().get(&file) {
            return known.clone();
        }
        let made = Rc::new(Tops::of(self.program, file));
        self.tops.borrow_mut().insert(file, made.clone());
        made
    }
}

impl Tops {
    fn of(program: &dyn Program, file: FileId) -> Self {
        let outline = &program.file(file).outline;
        let mut is_inner = vec![false; outline.calls.len()];
        for call in &outline.calls {
            let inner = match &call.callee {
                Expr::Member(receiver, _) => receiver.as_ref(),
                other => other,
            };
            if let Expr::Call(id) = inner
                && let Some(slot) = is_inner.get_mut(id.index())
            {
                *slot = true;
            }
        }
        let mut tops = Self::default();
        for (index, call) in (0u32..).zip(&outline.calls) {
            if !is_inner[index as usize] {
                tops.0.entry(outline.function_around(call.scope)).or_default().push(CallId(index));
            }
        }
        let start = |id: &CallId| Chain::ending(program, &Site::module(file), *id).first().call.at.offset;
        for list in tops.0.values_mut() {
            list.sort_by_key(|id| (start(id), *id));
        }
        tops
    }
}

/// The last calls of all chains of a file, in order.
#[must_use]
pub fn tops(program: &dyn Program, file: FileId) -> Vec<CallId> {
    let mut ids: Vec<CallId> = Tops::of(program, file).0.into_values().flatten().collect();
    ids.sort();
    ids
}

/// A frame around another.
#[must_use]
pub fn frame(entered: Entered, outer: Env) -> Env {
    let depth = outer.as_ref().map_or(0, |frame| frame.depth) + 1;
    Some(Arc::new(Frame { entered, outer, depth }))
}

/// The name an expression begins with, when it is a name or members of one.
#[must_use]
pub fn root_of(expr: &Expr) -> Option<&Name> {
    let mut here = expr;
    for _ in 0..MAX_LINKS {
        match here {
            Expr::Ref(name) => return Some(name),
            Expr::Member(base, _) => here = base,
            Expr::Cast(pair) => here = &pair.0,
            _ => return None,
        }
    }
    None
}
