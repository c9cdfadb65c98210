//! The instances of a piece of code: once for every caller and loop round that decide what it says.

use std::collections::BTreeSet;

use super::callers::{callback_of, callers};
use super::fuel;
use super::names;
use super::rounds::{self, Item};
use super::system::System;
use super::values;
use crate::base::code::{Expr, FuncId, Piece, ScopeId, ScopeKind};
use crate::facts::file::Binding;
use crate::facts::program::{Entered, Env, FileId, FuncRef, Program, Site};

/// Instances of one site.
const MAX_INSTANCES: usize = 64;
/// Direct calls of a function that says one thing for each: a decorator around a router's.
const MAX_CALLS: usize = 512;

/// How many frames a level may have: callers of callers multiply.
fn most(depth: u32) -> usize {
    if depth == 0 { MAX_CALLS } else { MAX_INSTANCES }
}

/// The elements that a `forEach`-like call gives a callback's parameter.
pub(super) fn elements_for(system: &System, function: FuncRef, position: u32) -> Vec<(&Expr, Site)> {
    if position != 0 {
        return Vec::new();
    }
    let Some(call) = callback_of(system, function) else { return Vec::new() };
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
    let count = rounds::iterated(system, &at, iter, 0).map_or(0, |items: Vec<Item>| items.len()).min(MAX_INSTANCES);
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
    for call in callers(system, function) {
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
        && let Some(call) = callback_of(system, function)
    {
        let made = system.file(call.file).outline.call(call.id);
        let caller = Site { env: outer.clone(), ..Site::of_call(call.file, made) };
        let count = elements_for(system, function, 0).len().min(MAX_INSTANCES);
        frames.extend(
            (0u32..)
                .take(count)
                .map(|index| values::enter(Entered::Element { function, call, caller: caller.clone(), index }, outer.clone())),
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
