//! Members of classes, instances, objects and what calls return.

use super::MAX_STEPS;
use super::bound::meaning_of;
use super::follow;
use super::modules::module_member;
use crate::base::code::{CallId, ClassKind, Expr};
use crate::base::dotted;
use crate::facts::program::{ClassRef, Meaning, Program, Site};
use crate::link::system::System;
use crate::link::{classes, values};

/// A member of a meaning.
pub(in crate::link) fn member<'p>(system: &'p System, of: &Meaning<'p>, name: &str, steps: u32) -> Meaning<'p> {
    if steps > MAX_STEPS {
        return Meaning::Unknown;
    }
    match of {
        Meaning::Outside(path) => Meaning::Outside(dotted(path, name)),
        Meaning::Module(file, scope) => {
            if name == "self" && system.file(*file).language == crate::base::language::Language::Rust {
                return Meaning::Module(*file, *scope);
            }
            module_member(system, of, name, steps).unwrap_or(Meaning::Unknown)
        }
        Meaning::Namespace(_) => module_member(system, of, name, steps).unwrap_or(Meaning::Unknown),
        Meaning::Class(class) => class_member(system, *class, name, steps),
        Meaning::Instance(class) => {
            instance_member(system, *class, name, steps).unwrap_or_else(|| Meaning::Attribute(Box::new(of.clone()), name.into()))
        }
        Meaning::Value(expr, site) => {
            value_member(system, expr, site, name, steps).unwrap_or_else(|| Meaning::Attribute(Box::new(of.clone()), name.into()))
        }
        Meaning::Function(..) | Meaning::Param(..) | Meaning::Attribute(..) => Meaning::Attribute(Box::new(of.clone()), name.into()),
        Meaning::Unknown => Meaning::Unknown,
    }
}

pub(super) fn class_member<'p>(system: &'p System, class: ClassRef, name: &str, steps: u32) -> Meaning<'p> {
    let of = Meaning::Class(class);
    let declared = system.file(class.file).outline.class(class.id);
    if let Some(variant) = declared.variants.iter().find(|variant| variant.name == name) {
        return match &variant.value {
            Some(value) => follow(system, &Site::of_scope(class.file, declared.scope), value, steps + 1),
            None => Meaning::Attribute(Box::new(of), name.into()),
        };
    }
    if declared.kind == ClassKind::Alias
        && let Some(target) = classes::resolve_type(system, &Site::of_scope(class.file, declared.scope), &declared.alias).class()
        && target != class
    {
        return class_member(system, target, name, steps + 1);
    }
    if steps <= MAX_STEPS
        && let Some((value, at)) = classes::attribute(system, class, name)
    {
        return follow(system, &at, value, steps + 1);
    }
    if let Some(method) = classes::method(system, class, name) {
        return Meaning::Function(method, Some(class));
    }
    if let Some(bound) = system.file(class.file).bound(declared.inner, name).last() {
        return meaning_of(system, &Site::of_scope(class.file, declared.inner), declared.inner, *bound, &name.into(), steps + 1);
    }
    Meaning::Attribute(Box::new(of), name.into())
}

/// An attribute of an instance: a method, a value given to `self.name`, a class attribute, a typed field.
pub(in crate::link) fn instance_member<'p>(system: &'p System, class: ClassRef, name: &str, steps: u32) -> Option<Meaning<'p>> {
    if steps > MAX_STEPS {
        return None;
    }
    if let Some(method) = classes::method(system, class, name) {
        return Some(Meaning::Function(method, Some(class)));
    }
    if let Some((value, at)) = classes::self_assigned(system, class, name) {
        let found = follow(system, &at, value, steps + 1);
        if !matches!(found, Meaning::Unknown | Meaning::Param(..) | Meaning::Value(Expr::Null, _)) {
            return Some(found);
        }
    }
    if let Some((value, at)) = classes::attribute(system, class, name) {
        let found = follow(system, &at, value, steps + 1);
        if !matches!(found, Meaning::Unknown | Meaning::Value(Expr::Null, _)) {
            return Some(found);
        }
    }
    let (ty, at) = classes::field_type(system, class, name)?;
    classes::resolve_type(system, &at, ty).class().map(Meaning::Instance)
}

fn value_member<'p>(system: &'p System, expr: &'p Expr, site: &Site, name: &str, steps: u32) -> Option<Meaning<'p>> {
    match expr {
        Expr::Object(_) => {
            let entries = values::entries(system, site, expr, steps)?;
            let (_, value, at) = entries.into_iter().rev().find(|(key, ..)| key == name)?;
            Some(follow(system, &at, value, steps + 1))
        }
        Expr::Call(id) => call_member(system, site, *id, name, steps),
        // An enum member's own value.
        Expr::Str(_) | Expr::Int(_) if name == "value" => Some(Meaning::Value(expr, site.clone())),
        Expr::Class(id) => Some(class_member(system, ClassRef { file: site.file, id: *id }, name, steps)),
        _ => None,
    }
}

/// A member of what a call returns or makes.
fn call_member<'p>(system: &'p System, site: &Site, id: CallId, name: &str, steps: u32) -> Option<Meaning<'p>> {
    let call = system.file(site.file).outline.call(id);
    let caller = values::caller_of(system, site, call);
    // What a validation gives back is what it was given: `schema.validate(config).value`.
    if name == "value"
        && call.method().is_some_and(|(_, method)| matches!(method.as_str(), "validate" | "validateSync"))
        && let Some(given) = call.positional(0)
    {
        return Some(follow(system, &caller, given, steps + 1));
    }
    match follow(system, &caller, &call.callee, steps + 1) {
        Meaning::Class(class) => instance_member(system, class, name, steps + 1),
        callee => {
            let function = callee.function()?;
            if let Some(produced) = values::first_returned(system, site, id, &callee, steps + 2) {
                return Some(member(system, &produced, name, steps + 2));
            }
            let declared = system.file(function.file).outline.function(function.id);
            let at = Site::of_scope(function.file, declared.scope);
            let class = classes::resolve_type(system, &at, &declared.returns).class()?;
            instance_member(system, class, name, steps + 1)
        }
    }
}
