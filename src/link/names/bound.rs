//! What a binding means: assigned values, parameters, loop variables, and the parts of patterns.

use super::MAX_STEPS;
use super::members::member;
use super::modules::{import_meaning, module_meaning};
use super::{enclosing_class, follow};
use crate::base::Name;
use crate::base::code::{CallId, ClassKind, Expr, ParamKind, Pattern, ScopeId, ScopeKind, Type};
use crate::facts::file::{Binding, Bound};
use crate::facts::program::{ClassRef, Entered, Env, FileId, FuncRef, Meaning, Program, Site};
use crate::link::system::System;
use crate::link::{classes, rounds, values};

pub(super) fn meaning_of<'p>(system: &'p System, site: &Site, scope: ScopeId, bound: Bound, name: &Name, steps: u32) -> Meaning<'p> {
    let file = site.file;
    let facts = system.file(file);
    match bound.to {
        Binding::Import(index) => import_meaning(system, file, index, steps),
        Binding::Function(id) => Meaning::Function(FuncRef { file, id }, None),
        Binding::Class(id) => Meaning::Class(ClassRef { file, id }),
        Binding::Assign(index) => assigned(system, site, scope, index, name, steps),
        Binding::Param(function, position) => param(system, site, FuncRef { file, id: function }, position, name, steps),
        Binding::Loop(scope) => loop_value(system, site, scope, name, steps),
        Binding::Mod(index) => {
            let module = &facts.outline.mods[index as usize];
            match module.inline {
                Some(scope) => Meaning::Module(file, scope),
                None => system.modules.declared(file, index).map_or(Meaning::Unknown, |module| module_meaning(&module)),
            }
        }
        Binding::TypeParam => Meaning::Unknown,
    }
}

/// The same frames as far as they enclose a scope.
pub(in crate::link) fn frames_at(system: &System, env: &Env, file: FileId, scope: ScopeId) -> Env {
    let mut env = env.clone();
    while let Some(frame) = &env {
        let (of, entered) = match &frame.entered {
            Entered::Call { function, .. } | Entered::Element { function, .. } => {
                (function.file, system.file(function.file).outline.function(function.id).inner)
            }
            Entered::Round { file, scope, .. } => (*file, *scope),
        };
        if of == file && system.file(file).outline.is_within(scope, entered) {
            break;
        }
        env = frame.outer.clone();
    }
    env
}

fn assigned<'p>(system: &'p System, site: &Site, scope: ScopeId, index: u32, name: &Name, steps: u32) -> Meaning<'p> {
    let facts = system.file(site.file);
    let assign = &facts.outline.assigns[index as usize];
    if assign.is_append {
        // `x += [...]`: the name still means what it was bound to; `items` sees what is appended.
        let earlier = facts.bound(scope, name).iter().rev().find(|bound| {
            matches!(bound.to, Binding::Assign(i) if !facts.outline.assigns[i as usize].is_append) || matches!(bound.to, Binding::Import(_))
        });
        if let Some(bound) = earlier {
            return meaning_of(system, site, scope, *bound, name, steps);
        }
    }
    let env = frames_at(system, &site.env, site.file, assign.scope);
    let at = Site { file: site.file, scope: assign.scope, offset: assign.at.offset, env };
    if matches!(assign.value, Expr::Hole) {
        return instance_of_type(system, &at, &assign.ty);
    }
    match follow(system, &at, &assign.value, steps) {
        Meaning::Unknown => instance_of_type(system, &at, &assign.ty),
        value => destructure(system, value, &assign.target, name, steps),
    }
}

pub(in crate::link) fn instance_of_type<'p>(system: &'p System, at: &Site, ty: &'p Type) -> Meaning<'p> {
    let Some(class) = classes::resolve_type(system, at, ty).class() else { return Meaning::Unknown };
    let class = classes::unalias(system, class);
    let declared = system.file(class.file).outline.class(class.id);
    // An alias of something that is no class of the program: what is given says more.
    let is_foreign = declared.kind == ClassKind::Alias && matches!(declared.alias, Type::Named(_) | Type::TypeOf(_));
    if is_foreign { Meaning::Unknown } else { Meaning::Instance(class) }
}

/// The part of a value that a pattern binds to a name.
fn destructure<'p>(system: &'p System, value: Meaning<'p>, pattern: &'p Pattern, name: &str, steps: u32) -> Meaning<'p> {
    if steps > MAX_STEPS {
        return Meaning::Unknown;
    }
    match pattern {
        Pattern::Name(_) => value,
        Pattern::Object(fields) => {
            let Some(field) = fields.iter().find(|field| binds(&field.target, name)) else { return Meaning::Unknown };
            destructure(system, member(system, &value, &field.key, steps + 1), &field.target, name, steps + 1)
        }
        Pattern::List(parts) => {
            let Some(position) = parts.iter().position(|part| binds(part, name)) else { return Meaning::Unknown };
            // A Rust tuple-struct pattern (`Path(id)`, `Some(x)`) around anything but a list binds the thing inside.
            let Some((list, at)) = value.value() else { return Meaning::Unknown };
            let items = values::items(system, at, list, steps + 1).unwrap_or_default();
            if let (Expr::Call(id), true) = (list, items.is_empty()) {
                return part_of_call(system, &value, (at, *id), pattern, position, name, steps);
            }
            let Some((item, at)) = items.get(position) else { return Meaning::Unknown };
            destructure(system, follow(system, at, item, steps + 1), &parts[position], name, steps + 1)
        }
        Pattern::Ignore | Pattern::Place(_) | Pattern::Rest(_) => Meaning::Unknown,
    }
}

/// One of the values that a call gives together: of the list that the program's own function returns, else the call's own part.
fn part_of_call<'p>(
    system: &'p System,
    value: &Meaning<'p>,
    (site, id): (&Site, CallId),
    pattern: &'p Pattern,
    position: usize,
    name: &str,
    steps: u32,
) -> Meaning<'p> {
    let Pattern::List(parts) = pattern else { return Meaning::Unknown };
    match values::enter_once(system, site, id, steps + 1) {
        Some(entered @ Meaning::Value(Expr::List(_), _)) => destructure(system, entered, pattern, name, steps + 2),
        _ if matches!(parts[position], Pattern::Name(_)) && system.file(site.file).language == crate::base::language::Language::Rust => {
            Meaning::Attribute(Box::new(value.clone()), position.to_string().into())
        }
        _ => Meaning::Unknown,
    }
}

fn binds(pattern: &Pattern, name: &str) -> bool {
    crate::facts::file::pattern_names(pattern).iter().any(|bound| *bound == name)
}

fn param<'p>(system: &'p System, site: &Site, function: FuncRef, position: u32, name: &Name, steps: u32) -> Meaning<'p> {
    let declared = system.file(function.file).outline.function(function.id);
    let Some(param) = declared.params.get(position as usize) else { return Meaning::Unknown };
    if param.kind == ParamKind::Receiver {
        let Some(class) = enclosing_class(system, function.file, declared.inner) else { return Meaning::Unknown };
        let is_class = matches!(param.name().map(Name::as_str), Some("cls"));
        return if is_class { Meaning::Class(class) } else { Meaning::Instance(class) };
    }
    if let Some(given) = given(system, &site.env, function, position, steps) {
        return destructure(system, given, &param.pattern, name, steps + 1);
    }
    let at = Site::of_scope(function.file, declared.scope);
    match instance_of_type(system, &at, &param.ty) {
        Meaning::Instance(class) if matches!(param.pattern, Pattern::Name(_)) => Meaning::Instance(class),
        _ => Meaning::Param(function, position),
    }
}

/// What the frames give a parameter.
fn given<'p>(system: &'p System, env: &Env, function: FuncRef, position: u32, steps: u32) -> Option<Meaning<'p>> {
    let mut next = env.as_ref();
    while let Some(frame) = next {
        match &frame.entered {
            Entered::Call { function: entered, call, caller } if *entered == function => {
                return values::argument(system, *call, function, position).map(|expr| follow(system, caller, expr, steps)).or_else(|| {
                    let declared = system.file(function.file).outline.function(function.id);
                    let default = declared.params.get(position as usize)?.default.as_ref()?;
                    Some(follow(system, &Site::of_scope(function.file, declared.scope), default, steps))
                });
            }
            Entered::Element { function: entered, call, caller, index } if *entered == function => {
                if position != 0 {
                    return None;
                }
                let (receiver, _) = system.file(call.file).outline.call(call.id).method()?;
                let items = values::items(system, caller, receiver, steps)?;
                let (item, at) = items.get(*index as usize)?;
                return Some(follow(system, at, item, steps));
            }
            _ => next = frame.outer.as_ref(),
        }
    }
    None
}

fn loop_value<'p>(system: &'p System, site: &Site, scope: ScopeId, name: &Name, steps: u32) -> Meaning<'p> {
    let outline = &system.file(site.file).outline;
    let ScopeKind::Loop(pattern, iter) = &outline.scope(scope).kind else { return Meaning::Unknown };
    let mut next = site.env.as_ref();
    while let Some(frame) = next {
        if let Entered::Round { file, scope: round, index } = &frame.entered
            && *file == site.file
            && *round == scope
        {
            let parent = outline.scope(scope).parent;
            let at = Site { file: site.file, scope: parent, offset: site.offset, env: frame.outer.clone() };
            let Some(items) = rounds::iterated(system, &at, iter, steps) else { return Meaning::Unknown };
            let Some(item) = items.get(*index as usize) else { return Meaning::Unknown };
            return rounds::bind_item(system, item, pattern, name, steps);
        }
        next = frame.outer.as_ref();
    }
    Meaning::Unknown
}

/// Binds one element of a pattern whose parts are known one by one (`for key, value in d.items()`).
pub(in crate::link) fn bind_parts<'p>(
    system: &'p System,
    parts: &[Meaning<'p>],
    pattern: &'p Pattern,
    name: &str,
    steps: u32,
) -> Meaning<'p> {
    let Pattern::List(patterns) = pattern else { return Meaning::Unknown };
    patterns
        .iter()
        .position(|part| binds(part, name))
        .and_then(|position| Some(destructure(system, parts.get(position)?.clone(), &patterns[position], name, steps)))
        .unwrap_or(Meaning::Unknown)
}

/// Binds one element of a pattern.
pub(in crate::link) fn bind_value<'p>(system: &'p System, value: Meaning<'p>, pattern: &'p Pattern, name: &str, steps: u32) -> Meaning<'p> {
    destructure(system, value, pattern, name, steps)
}
