//! Who calls whom, and the instances of a piece of code: once for every caller and loop round that decide what it says.

use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use super::fuel;
use super::names;
use super::several;
use super::system::System;
use super::values::{self, Item};
use crate::base::Name;
use crate::base::code::{CallId, Expr, FuncId, Outline, Piece, ScopeId, ScopeKind};
use crate::facts::file::{Binding, pattern_names};
use crate::facts::program::{CallRef, Entered, Env, FileId, FuncRef, Meaning, Program, Site};

/// Instances of one site.
const MAX_INSTANCES: usize = 64;
/// Direct calls of a function that says one thing for each: a decorator around a router's.
const MAX_CALLS: usize = 512;

/// How many frames a level may have: callers of callers multiply.
fn most(depth: u32) -> usize {
    if depth == 0 { MAX_CALLS } else { MAX_INSTANCES }
}

/// Calls by what they call.
#[derive(Debug, Default)]
pub struct CallIndex {
    callers: HashMap<FuncRef, Vec<CallRef>>,
    /// Functions passed to `forEach`/`map`-like calls: the call.
    callbacks: HashMap<FuncRef, CallRef>,
}

impl CallIndex {
    /// Calls of a function, in order.
    pub fn callers(&self, function: FuncRef) -> &[CallRef] {
        self.callers.get(&function).map_or(&[], Vec::as_slice)
    }
}

/// The index; when nobody prepared it, this thread alone makes it (a pool's thread that waits here could be asked for it again).
pub(super) fn index(system: &System) -> &CallIndex {
    system.calls.get_or_init(|| {
        let known = declared_names(system);
        collected((0..system.file_count()).map(|file| calls_of(system, FileId(file), &known)).collect())
    })
}

/// Names that a member call may reach something of the program by: most method calls are of libraries, and need no look.
fn declared_names(system: &System) -> HashSet<&str> {
    let outlines = || (0..system.file_count()).map(|file| &system.file(FileId(file)).outline);
    let functions = outlines().flat_map(|outline| outline.functions.iter().map(|function| function.name.as_str()));
    let classes = outlines().flat_map(|outline| outline.classes.iter().map(|class| class.name.as_str()));
    let exports = outlines().flat_map(|outline| outline.exports.iter().map(|export| export.name.as_str()));
    let values = outlines().flat_map(|outline| {
        let functions = outline.assigns.iter().filter(|assign| matches!(assign.value, Expr::Func(_) | Expr::Ref(_) | Expr::Member(..)));
        functions.flat_map(|assign| pattern_names(&assign.target).into_iter().map(Name::as_str))
    });
    functions.chain(classes).chain(exports).chain(values).collect()
}

/// Makes the index on all threads.
pub(super) fn index_calls(system: &System) -> CallIndex {
    let known = declared_names(system);
    collected((0..system.file_count()).into_par_iter().map(|file| calls_of(system, FileId(file), &known)).collect())
}

/// Callers and callbacks of one file: the function, and the call.
type FileCalls = (Vec<(FuncRef, CallRef)>, Vec<(FuncRef, CallRef)>);

fn collected(files: Vec<FileCalls>) -> CallIndex {
    let mut index = CallIndex::default();
    for (callers, callbacks) in files {
        callers.into_iter().for_each(|(function, call)| index.callers.entry(function).or_default().push(call));
        index.callbacks.extend(callbacks);
    }
    index
}

fn calls_of(system: &System, file: FileId, known: &HashSet<&str>) -> FileCalls {
    let outline = &system.file(file).outline;
    let mut callers = Vec::new();
    let callbacks = callbacks_of(outline, file);
    for (id, call) in (0u32..).zip(&outline.calls) {
        let here = CallRef { file, id: CallId(id) };
        if matches!(&call.callee, Expr::Member(_, name) if !known.contains(name.as_str())) {
            continue;
        }
        let callee = system.callee(here);
        if let Some(function) = callee.function() {
            callers.push((function, here));
        } else if let Meaning::Class(class) = callee {
            let constructor = ["__init__", "constructor"].into_iter().find_map(|name| super::classes::method(system, class, name));
            callers.extend(constructor.map(|function| (function, here)));
        } else {
            let several = several::callees(system, &callbacks, here, &callee);
            callers.extend(several.into_iter().map(|function| (function, here)));
        }
    }
    (callers, callbacks)
}

/// The functions that `forEach`-like calls of a file are given where they stand.
fn callbacks_of(outline: &Outline, file: FileId) -> Vec<(FuncRef, CallRef)> {
    let mut callbacks = Vec::new();
    for (id, call) in (0u32..).zip(&outline.calls) {
        if let Some((_, method)) = call.method()
            && matches!(method.as_str(), "forEach" | "map" | "for_each")
            && let Some(Expr::Func(function)) = call.positional(0)
        {
            callbacks.push((FuncRef { file, id: *function }, CallRef { file, id: CallId(id) }));
        }
    }
    callbacks
}

/// The elements that a `forEach`-like call gives a callback's parameter.
pub(super) fn elements_for(system: &System, function: FuncRef, position: u32) -> Vec<(&Expr, Site)> {
    if position != 0 {
        return Vec::new();
    }
    let Some(call) = index(system).callbacks.get(&function) else { return Vec::new() };
    let made = system.file(call.file).outline.call(call.id);
    let Some((receiver, _)) = made.method() else { return Vec::new() };
    values::items(system, &Site::of_call(call.file, made), receiver, 0).unwrap_or_default()
}

/// Whether the frames hold a round of this loop.
pub(super) fn has_round(env: &Env, file: FileId, scope: ScopeId) -> bool {
    let mut next = env.as_ref();
    while let Some(frame) = next {
        if matches!(&frame.entered, Entered::Round { file: f, scope: s, .. } if *f == file && *s == scope) {
            return true;
        }
        next = frame.outer.as_ref();
    }
    false
}

fn has_function(env: &Env, function: FuncRef) -> bool {
    let mut next = env.as_ref();
    while let Some(frame) = next {
        if matches!(&frame.entered, Entered::Call { function: f, .. } | Entered::Element { function: f, .. } if *f == function) {
            return true;
        }
        next = frame.outer.as_ref();
    }
    false
}

/// The site inside a loop scope, once for each round; empty when the elements are not known.
pub(super) fn rounds(system: &System, site: &Site, scope: ScopeId) -> Vec<Site> {
    let outline = &system.file(site.file).outline;
    let ScopeKind::Loop(_, iter) = &outline.scope(scope).kind else { return Vec::new() };
    let parent = outline.scope(scope).parent;
    let at =
        Site { file: site.file, scope: parent, offset: site.offset, env: names::bound::frames_at(system, &site.env, site.file, parent) };
    let count = values::iterated(system, &at, iter, 0).map_or(0, |items: Vec<Item>| items.len()).min(MAX_INSTANCES);
    (0u32..)
        .take(count)
        .map(|index| {
            let env = values::enter(Entered::Round { file: site.file, scope, index }, at.env.clone());
            Site { file: site.file, scope, offset: site.offset, env }
        })
        .collect()
}

/// The instances of a site as far as `exprs` depend on parameters and loop names.
pub(super) fn instances(system: &System, site: &Site, exprs: &[&Expr]) -> Vec<Site> {
    expand(system, site, exprs, 0)
}

fn expand(system: &System, site: &Site, exprs: &[&Expr], depth: u32) -> Vec<Site> {
    if depth > 5 {
        return vec![site.clone()];
    }
    let mut needed = BTreeSet::new();
    for expr in exprs {
        mentions(system, site, expr, &mut needed, 0);
    }
    if needed.is_empty() {
        return vec![site.clone()];
    }
    let outline = &system.file(site.file).outline;
    let mut around: Vec<ScopeId> = outline.scopes_from(site.scope).map(|(id, _)| id).filter(|id| needed.contains(id)).collect();
    around.reverse();
    let mut sites = vec![site.clone()];
    for scope in around {
        let mut next = Vec::new();
        for site in &sites {
            if next.len() >= most(depth) {
                break;
            }
            let entered = match &outline.scope(scope).kind {
                ScopeKind::Loop(..) if !has_round(&site.env, site.file, scope) => {
                    rounds(system, site, scope).into_iter().map(|round| round.env).collect()
                }
                ScopeKind::Function(function) => calls_into(system, site, *function, depth),
                _ => Vec::new(),
            };
            if entered.is_empty() {
                next.push(site.clone());
            }
            next.extend(entered.into_iter().map(|env| Site { env, ..site.clone() }));
        }
        next.truncate(most(depth));
        sites = next;
    }
    sites
}

/// Frames for every call of a function around the site.
fn calls_into(system: &System, site: &Site, function: FuncId, depth: u32) -> Vec<Env> {
    let function = FuncRef { file: site.file, id: function };
    if has_function(&site.env, function) {
        return Vec::new();
    }
    let inner = system.file(site.file).outline.function(function.id).inner;
    let outer_scope = system.file(site.file).outline.scope(inner).parent;
    let outer = names::bound::frames_at(system, &site.env, site.file, outer_scope);
    let mut frames = Vec::new();
    for call in index(system).callers(function) {
        // Every level stops here, so that callers of callers of callers do not multiply.
        if frames.len() >= most(depth) {
            break;
        }
        let made = system.file(call.file).outline.call(call.id);
        let args: Vec<&Expr> = made.args.iter().map(|arg| &arg.value).collect();
        for caller in expand(system, &Site::of_call(call.file, made), &args, depth + 1) {
            if !has_function(&caller.env, function) && caller.env.as_ref().is_none_or(|frame| frame.depth < values::MAX_FRAMES) {
                frames.push(values::enter(Entered::Call { function, call: *call, caller }, outer.clone()));
            }
        }
    }
    if frames.is_empty()
        && let Some(call) = index(system).callbacks.get(&function)
    {
        let made = system.file(call.file).outline.call(call.id);
        let caller = Site { env: outer.clone(), ..Site::of_call(call.file, made) };
        let count = elements_for(system, function, 0).len().min(MAX_INSTANCES);
        frames.extend(
            (0u32..)
                .take(count)
                .map(|index| values::enter(Entered::Element { function, call: *call, caller: caller.clone(), index }, outer.clone())),
        );
    }
    frames.truncate(most(depth));
    frames
}

/// The loop and function scopes whose names an expression mentions, through local variables.
fn mentions(system: &System, site: &Site, expr: &Expr, needed: &mut BTreeSet<ScopeId>, depth: u32) {
    if depth > 12 || !fuel::spend() {
        return;
    }
    let mut visit = |inner: &Expr| mentions(system, site, inner, needed, depth + 1);
    match expr {
        Expr::Ref(name) => mentioned_name(system, site, name, needed, depth),
        Expr::Member(base, _) | Expr::Spread(base) => visit(base),
        Expr::Index(pair) => {
            visit(&pair.0);
            visit(&pair.1);
        }
        Expr::Cast(pair) => visit(&pair.0),
        Expr::Template(pieces) => pieces.iter().for_each(|piece| {
            if let Piece::Expr(inner) = piece {
                visit(inner)
            }
        }),
        Expr::List(items) => items.iter().for_each(visit),
        Expr::Object(members) => members.iter().for_each(|entry| visit(&entry.value)),
        Expr::Binary(binary) => {
            visit(&binary.left);
            visit(&binary.right);
        }
        Expr::Cond(cond) => {
            visit(&cond.yes);
            visit(&cond.no);
        }
        Expr::Call(id) => {
            let call = system.file(site.file).outline.call(*id);
            visit(&call.callee);
            call.args.iter().for_each(|arg| visit(&arg.value));
        }
        _ => {}
    }
}

fn mentioned_name(system: &System, site: &Site, name: &str, needed: &mut BTreeSet<ScopeId>, depth: u32) {
    let facts = system.file(site.file);
    for (scope, _) in facts.outline.scopes_from(site.scope) {
        let bounds = facts.bound(scope, name);
        let Some(bound) = bounds.iter().rev().find(|bound| bound.offset < site.offset).or_else(|| bounds.last()) else { continue };
        match bound.to {
            Binding::Loop(round) => {
                needed.insert(scope);
                // `for group in groups: for router in group`: what the loop takes may be another loop's name.
                if let ScopeKind::Loop(_, iter) = &facts.outline.scope(round).kind {
                    let at = Site { scope: facts.outline.scope(round).parent, ..site.clone() };
                    mentions(system, &at, iter, needed, depth + 1);
                }
            }
            Binding::Param(function, position) => {
                let declared = facts.outline.function(function);
                let is_receiver =
                    declared.params.get(position as usize).is_some_and(|param| param.kind == crate::base::code::ParamKind::Receiver);
                if !is_receiver {
                    needed.insert(scope);
                }
            }
            Binding::Assign(index) => {
                let assign = &facts.outline.assigns[index as usize];
                // Python's loops bind names around them; what a module says once depends on nothing.
                if assign.scope == ScopeId(0) {
                    return;
                }
                let at = Site { file: site.file, scope: assign.scope, offset: assign.at.offset, env: site.env.clone() };
                mentions(system, &at, &assign.value, needed, depth + 2);
            }
            _ => {}
        }
        return;
    }
}
