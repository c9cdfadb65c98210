//! Values behind calls, lists and objects: entering the program's own functions, collecting alternatives, items and entries.

use std::sync::Arc;

use super::instances;
use super::names::{self, MAX_STEPS, follow};
use super::rounds::{bind_item, iterated};
use super::several;
use super::system::System;
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, Key, Op, ParamKind, Pattern, ScopeKind};
use crate::facts::file::Binding;
use crate::facts::program::{CallRef, Entered, Env, Frame, FuncRef, Meaning, Program, Site};

/// Frames are entered at most this deep.
pub(super) const MAX_FRAMES: u32 = 8;
/// Alternatives are collected up to this many.
pub(super) const MAX_ALTERNATIVES: usize = 64;

/// A new frame around another.
pub(super) fn enter(entered: Entered, outer: Env) -> Env {
    let depth = outer.as_ref().map_or(0, |frame| frame.depth) + 1;
    Some(Arc::new(Frame { entered, outer, depth }))
}

/// The argument a call gives a parameter: by keyword, else by position (a receiver takes none).
pub(super) fn argument(system: &System, call: CallRef, function: FuncRef, position: u32) -> Option<&Expr> {
    let declared = system.file(function.file).outline.function(function.id);
    let call = system.file(call.file).outline.call(call.id);
    let param = declared.params.get(position as usize)?;
    if let Some(name) = param.name()
        && let Some(given) = call.keyword(name)
    {
        return Some(given);
    }
    if param.kind == ParamKind::Keyword {
        return None;
    }
    let receivers = declared.params.iter().take(position as usize).filter(|param| param.kind == ParamKind::Receiver).count();
    call.positional((position as usize).checked_sub(receivers)?)
}

/// Where a call's callee and arguments are read, under the frames of the site that holds it.
pub(super) fn caller_of(system: &System, site: &Site, call: &Call) -> Site {
    let env = names::bound::frames_at(system, &site.env, site.file, call.scope);
    Site { file: site.file, scope: call.scope, offset: call.at.offset, env }
}

/// The value a call of one of the program's own functions returns, entered once; `None` when it is no such call.
pub(super) fn enter_once<'p>(system: &'p System, site: &Site, id: CallId, steps: u32) -> Option<Meaning<'p>> {
    let callee = callee_of(system, site, id, steps)?;
    first_returned(system, site, id, &callee, steps)
}

fn callee_of<'p>(system: &'p System, site: &Site, id: CallId, steps: u32) -> Option<Meaning<'p>> {
    if steps > MAX_STEPS {
        return None;
    }
    let call = system.file(site.file).outline.call(id);
    Some(follow(system, &caller_of(system, site, call), &call.callee, steps + 1))
}

/// The first known value that a call of this callee returns.
pub(super) fn first_returned<'p>(system: &'p System, site: &Site, id: CallId, callee: &Meaning<'p>, steps: u32) -> Option<Meaning<'p>> {
    let entry = entry_of(system, site, id, callee)?;
    entry.values(system).map(|(value, at)| follow(system, &at, value, steps + 4)).find(|meaning| !is_nothing(meaning))
}

/// Nothing that a caller could go on with.
fn is_nothing(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Unknown | Meaning::Value(Expr::Null | Expr::Hole, _))
}

/// A function entered through a call.
struct Entry {
    function: FuncRef,
    env: Env,
}

impl Entry {
    /// What the function returns, with where each value is read.
    fn values(self, system: &System) -> impl Iterator<Item = (&Expr, Site)> {
        let facts = system.file(self.function.file);
        let returned = facts.returns_of(self.function.id).iter().map(|index| &facts.outline.returns[*index as usize]);
        returned.filter(|value| !value.is_raise).map(move |value| {
            let at = Site { file: self.function.file, scope: value.scope, offset: value.at.offset, env: self.env.clone() };
            (&value.value, at)
        })
    }
}

/// Enters a function of the program, unless it is entered already.
fn entry_of(system: &System, site: &Site, id: CallId, callee: &Meaning) -> Option<Entry> {
    let function = callee.function()?;
    let mut frames = site.env.as_ref();
    if frames.is_some_and(|frame| frame.depth >= MAX_FRAMES) {
        return None;
    }
    while let Some(frame) = frames {
        if matches!(&frame.entered, Entered::Call { function: entered, .. } if *entered == function) {
            return None;
        }
        frames = frame.outer.as_ref();
    }
    let outer = match callee {
        Meaning::Value(_, at) => at.env.clone(),
        _ => None,
    };
    let takes_nothing =
        system.file(function.file).outline.function(function.id).params.iter().all(|param| param.kind == ParamKind::Receiver);
    if takes_nothing {
        // What it returns is the same whoever calls.
        return Some(Entry { function, env: outer });
    }
    let caller = caller_of(system, site, system.file(site.file).outline.call(id));
    let env = enter(Entered::Call { function, call: CallRef { file: site.file, id }, caller }, outer);
    Some(Entry { function, env })
}

/// What a call of a function of the program returns, each value in head form; `None` when nothing is known of any.
fn returned<'p>(system: &'p System, site: &Site, id: CallId) -> Option<Vec<Meaning<'p>>> {
    let callee = callee_of(system, site, id, 0)?;
    let mut found: Vec<Meaning> = Vec::new();
    for (value, at) in entry_of(system, site, id, &callee)?.values(system) {
        branches(value, &mut |branch| found.push(follow(system, &at, branch, 4)));
    }
    found.iter().any(|meaning| !is_nothing(meaning)).then_some(found)
}

/// Calls with each branch of a conditional, or with the value itself.
fn branches<'p>(expr: &'p Expr, visit: &mut dyn FnMut(&'p Expr)) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::Cond(cond) if open.len() < MAX_ALTERNATIVES => open.extend([&cond.no, &cond.yes]),
            other => visit(other),
        }
    }
}

/// Resolves, and enters calls of own functions until something else is left.
pub(super) fn produce<'p>(system: &'p System, site: &Site, expr: &'p Expr) -> Meaning<'p> {
    let mut meaning = follow(system, site, expr, 0);
    for _ in 0..MAX_FRAMES {
        let Meaning::Value(Expr::Call(id), at) = &meaning else { break };
        let Some(entered) = enter_once(system, at, *id, 0) else { break };
        meaning = entered;
    }
    meaning
}

/// All candidates of an expression.
pub(super) fn produce_all<'p>(system: &'p System, site: &Site, expr: &'p Expr) -> Vec<Meaning<'p>> {
    let mut found = Vec::new();
    collect(system, site, expr, 0, &mut found);
    found
}

fn add<'p>(found: &mut Vec<Meaning<'p>>, meaning: Meaning<'p>) {
    if found.len() < MAX_ALTERNATIVES && !matches!(meaning, Meaning::Unknown) && !found.iter().any(|known| same(known, &meaning)) {
        found.push(meaning);
    }
}

/// Whether two meanings are the same thing.
fn same(one: &Meaning, other: &Meaning) -> bool {
    match (one, other) {
        (Meaning::Value(a, at), Meaning::Value(b, bt)) => std::ptr::eq(*a, *b) && at.env == bt.env || at == bt && a == b,
        (Meaning::Outside(a), Meaning::Outside(b)) | (Meaning::Namespace(a), Meaning::Namespace(b)) => a == b,
        (Meaning::Module(a, s), Meaning::Module(b, t)) => a == b && s == t,
        (Meaning::Function(a, _), Meaning::Function(b, _)) => a == b,
        (Meaning::Class(a), Meaning::Class(b)) | (Meaning::Instance(a), Meaning::Instance(b)) => a == b,
        (Meaning::Param(a, i), Meaning::Param(b, j)) => a == b && i == j,
        (Meaning::Attribute(a, n), Meaning::Attribute(b, m)) => n == m && same(a, b),
        _ => false,
    }
}

fn collect<'p>(system: &'p System, site: &Site, expr: &'p Expr, steps: u32, found: &mut Vec<Meaning<'p>>) {
    if steps > 12 || found.len() >= MAX_ALTERNATIVES {
        return;
    }
    match expr {
        Expr::Cond(cond) => {
            collect(system, site, &cond.yes, steps + 1, found);
            collect(system, site, &cond.no, steps + 1, found);
        }
        Expr::Binary(binary) if matches!(binary.op, Op::Or | Op::Coalesce) => {
            collect(system, site, &binary.left, steps + 1, found);
            collect(system, site, &binary.right, steps + 1, found);
        }
        Expr::Cast(pair) => collect(system, site, &pair.0, steps + 1, found),
        Expr::Ref(name) => collect_name(system, site, expr, name, steps, found),
        _ => settle(system, follow(system, site, expr, 0), steps, found),
    }
}

/// Enters calls, gives parameters their callers' arguments, and adds what is left.
fn settle<'p>(system: &'p System, meaning: Meaning<'p>, steps: u32, found: &mut Vec<Meaning<'p>>) {
    if steps > 12 {
        return;
    }
    match &meaning {
        Meaning::Value(Expr::Call(id), at) => match returned(system, at, *id) {
            Some(values) => values.into_iter().for_each(|value| settle(system, value, steps + 1, found)),
            None => settle_modules(system, meaning, steps, found),
        },
        Meaning::Attribute(..) => settle_modules(system, meaning, steps, found),
        Meaning::Value(other @ (Expr::Cond(_) | Expr::Binary(_)), at) => {
            let at = at.clone();
            collect(system, &at, other, steps + 1, found);
        }
        Meaning::Param(function, position) => {
            let before = found.len();
            for call in system.callers(*function) {
                let made = system.file(call.file).outline.call(call.id);
                if let Some(given) = argument(system, *call, *function, *position) {
                    collect(system, &Site::of_call(call.file, made), given, steps + 2, found);
                }
            }
            for (expr, at) in instances::elements_for(system, *function, *position) {
                collect(system, &at, expr, steps + 2, found);
            }
            if found.len() == before {
                add(found, meaning);
            }
        }
        _ => add(found, meaning),
    }
}

/// What is loaded from a folder stands for all its modules; anything else for itself.
fn settle_modules<'p>(system: &'p System, meaning: Meaning<'p>, steps: u32, found: &mut Vec<Meaning<'p>>) {
    let modules = several::modules(system, &meaning);
    if modules.is_empty() {
        return add(found, meaning);
    }
    modules.into_iter().for_each(|module| settle(system, module, steps + 2, found));
}

fn collect_name<'p>(system: &'p System, site: &Site, expr: &'p Expr, name: &Name, steps: u32, found: &mut Vec<Meaning<'p>>) {
    let facts = system.file(site.file);
    let holder = facts.bound_around(site.scope, name).find(|(.., bounds)| !bounds.is_empty());
    let Some((.., bounds)) = holder else { return settle(system, follow(system, site, expr, 0), steps, found) };
    if let Some(Binding::Loop(round)) = bounds.first().map(|bound| bound.to)
        && !instances::has_round(&site.env, site.file, round)
    {
        let ScopeKind::Loop(pattern, iter) = &facts.outline.scope(round).kind else { return };
        let at = site.moved(site.file, facts.outline.scope(round).parent, site.offset);
        for item in iterated(system, &at, iter, 0).unwrap_or_default() {
            settle(system, bind_item(system, &item, pattern, name, 0), steps + 1, found);
        }
        return;
    }
    let assigns = bounds.iter().filter_map(|bound| match bound.to {
        Binding::Assign(index) => Some(&facts.outline.assigns[index as usize]),
        _ => None,
    });
    let assigns: Vec<_> = assigns
        .filter(|assign| !assign.is_append && matches!(assign.target, Pattern::Name(_)) && !matches!(assign.value, Expr::Hole))
        .collect();
    // A later declaration of the same name in the same scope hides the earlier ones.
    let shown = assigns.iter().rposition(|assign| assign.declares && assign.at.offset < site.offset).unwrap_or(0);
    if assigns.len() - shown < 2 || assigns.len() != bounds.len() {
        return settle(system, follow(system, site, expr, 0), steps, found);
    }
    for assign in &assigns[shown..] {
        let env = names::bound::frames_at(system, &site.env, site.file, assign.scope);
        let at = Site { file: site.file, scope: assign.scope, offset: assign.at.offset, env };
        collect(system, &at, &assign.value, steps + 1, found);
    }
}

/// The items of a list.
pub(super) fn items<'p>(system: &'p System, site: &Site, expr: &'p Expr, steps: u32) -> Option<Vec<(&'p Expr, Site)>> {
    if steps > MAX_STEPS {
        return None;
    }
    match expr {
        Expr::List(list) => {
            let mut found = Vec::new();
            for item in list.iter() {
                match item {
                    Expr::Spread(inner) => match items(system, site, inner, steps + 1) {
                        Some(more) => found.extend(more),
                        None => found.push((item, site.clone())),
                    },
                    _ => found.push((item, site.clone())),
                }
            }
            Some(found)
        }
        Expr::Binary(binary) if matches!(binary.op, Op::Add | Op::Or | Op::Coalesce) => {
            let left = items(system, site, &binary.left, steps + 1);
            let right = items(system, site, &binary.right, steps + 1);
            if left.is_none() && right.is_none() {
                return None;
            }
            Some(left.unwrap_or_default().into_iter().chain(right.unwrap_or_default()).collect())
        }
        Expr::Each(each) => {
            let rounds = instances::rounds(system, site, each.scope);
            (!rounds.is_empty()).then(|| rounds.into_iter().map(|at| (&each.element, at)).collect())
        }
        Expr::Cast(pair) => items(system, site, &pair.0, steps + 1),
        Expr::Call(id) => items_of_call(system, site, *id, steps),
        Expr::Ref(name) => items_of_name(system, site, expr, name, steps),
        Expr::Member(..) | Expr::Index(_) | Expr::Cond(_) => match follow(system, site, expr, steps + 1) {
            Meaning::Value(inner, at) if !std::ptr::eq(inner, expr) => items(system, &at, inner, steps + 1),
            _ => None,
        },
        _ => None,
    }
}

fn items_of_call<'p>(system: &'p System, site: &Site, id: CallId, steps: u32) -> Option<Vec<(&'p Expr, Site)>> {
    let call = system.file(site.file).outline.call(id);
    match call.callee.last_name().map(Name::as_str) {
        Some("vec") => return Some(call.args.iter().map(|arg| (&arg.value, site.clone())).collect()),
        Some("list" | "tuple" | "set" | "sorted" | "reversed" | "frozenset" | "freeze")
            if matches!(call.callee, Expr::Ref(_) | Expr::Member(..)) =>
        {
            if let Some(found) = call.positional(0).and_then(|inner| items(system, site, inner, steps + 1)) {
                return Some(found);
            }
        }
        Some("concat" | "filter" | "flat" | "to_vec" | "iter" | "into_iter" | "clone") => {
            let (receiver, name) = call.method()?;
            let mut found = items(system, site, receiver, steps + 1)?;
            for arg in &call.args {
                match items(system, site, &arg.value, steps + 1) {
                    Some(listed) => found.extend(listed),
                    // `[].concat(route)`: what is no list is an item.
                    None if name == "concat"
                        && matches!(follow(system, site, &arg.value, steps + 1), Meaning::Value(Expr::Object(_), _)) =>
                    {
                        found.push((&arg.value, site.clone()));
                    }
                    None => {}
                }
            }
            return Some(found);
        }
        Some("values") => {
            let object = call.positional(0)?;
            return Some(entries(system, site, object, steps + 1)?.into_iter().map(|(_, value, at)| (value, at)).collect());
        }
        _ => {}
    }
    match enter_once(system, site, id, steps + 1)? {
        Meaning::Value(inner, at) => items(system, &at, inner, steps + 4),
        _ => None,
    }
}

/// The items of the list a name is bound to, with what is appended to that name in the same scope.
fn items_of_name<'p>(system: &'p System, site: &Site, expr: &'p Expr, name: &Name, steps: u32) -> Option<Vec<(&'p Expr, Site)>> {
    let Meaning::Value(inner, at) = follow(system, site, expr, steps + 1) else { return None };
    if std::ptr::eq(inner, expr) {
        return None;
    }
    let mut found = items(system, &at, inner, steps + 1)?;
    let facts = system.file(at.file);
    let appended = facts.bound(at.scope, name).iter().filter_map(|bound| match bound.to {
        Binding::Assign(index) => Some(&facts.outline.assigns[index as usize]),
        _ => None,
    });
    for assign in appended.filter(|assign| assign.is_append) {
        let at = Site { file: at.file, scope: assign.scope, offset: assign.at.offset, env: at.env.clone() };
        found.extend(items(system, &at, &assign.value, steps + 1).unwrap_or_default());
    }
    for call in facts.outline.calls.iter().filter(|call| matches!(call.method(), Some((Expr::Ref(of), _)) if of == name)) {
        let holder = facts.bound_around(call.scope, name).find(|(.., bounds)| !bounds.is_empty());
        if holder.map(|(scope, ..)| scope) != Some(at.scope) {
            continue;
        }
        let at = Site { file: at.file, scope: call.scope, offset: call.at.offset, env: at.env.clone() };
        match call.method().map(|(_, method)| method.as_str()) {
            Some("append" | "push" | "insert" | "add" | "unshift") => found.extend(call.args.last().map(|arg| (&arg.value, at))),
            Some("extend") => found.extend(call.positional(0).and_then(|list| items(system, &at, list, steps + 1)).unwrap_or_default()),
            _ => {}
        }
    }
    Some(found)
}

/// The members of a dict or object.
pub(super) fn entries<'p>(system: &'p System, site: &Site, expr: &'p Expr, steps: u32) -> Option<Vec<(Name, &'p Expr, Site)>> {
    if steps > MAX_STEPS {
        return None;
    }
    match expr {
        Expr::Object(members) => {
            let mut found = Vec::new();
            for entry in members.iter() {
                match &entry.key {
                    Key::Name(name) => found.push((name.clone(), &entry.value, site.clone())),
                    Key::Computed(key) => {
                        let name = super::text::fold(system, site, key, steps + 1).plain();
                        found.extend(name.map(|name| (name.into(), &entry.value, site.clone())));
                    }
                    Key::Spread => found.extend(entries(system, site, &entry.value, steps + 1).unwrap_or_default()),
                }
            }
            Some(found)
        }
        Expr::Call(id) => {
            let call = system.file(site.file).outline.call(*id);
            match call.callee.last_name().map(Name::as_str) {
                Some("dict") => {
                    return Some(call.args.iter().filter_map(|arg| Some((arg.name.clone()?, &arg.value, site.clone()))).collect());
                }
                Some("freeze" | "assign" | "defineProps") => {
                    let mut found = Vec::new();
                    for arg in &call.args {
                        found.extend(entries(system, site, &arg.value, steps + 1).unwrap_or_default());
                    }
                    return Some(found);
                }
                _ => {}
            }
            match enter_once(system, site, *id, steps + 1)? {
                Meaning::Value(inner, at) => entries(system, &at, inner, steps + 4),
                _ => None,
            }
        }
        Expr::Cast(pair) => entries(system, site, &pair.0, steps + 1),
        Expr::Binary(binary) if matches!(binary.op, Op::BitOr) => {
            let mut found = entries(system, site, &binary.left, steps + 1)?;
            found.extend(entries(system, site, &binary.right, steps + 1)?);
            Some(found)
        }
        Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) | Expr::Cond(_) => match follow(system, site, expr, steps + 1) {
            Meaning::Value(inner, at) if !std::ptr::eq(inner, expr) => entries(system, &at, inner, steps + 1),
            _ => None,
        },
        _ => None,
    }
}
