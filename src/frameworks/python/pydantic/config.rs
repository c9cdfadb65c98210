//! A model's configuration: `model_config = ConfigDict(…)`, `class Config:`, keywords of the class statement.

use crate::base::Name;
use crate::base::case;
use crate::base::code::{Class, Expr};
use crate::facts::program::{CallRef, ClassRef, Meaning, Mode, Program, Site};

/// The value a model's configuration gives a key, through the bases.
#[must_use]
pub fn said<'p>(program: &'p dyn Program, class: ClassRef, key: &str) -> Option<(&'p Expr, Site)> {
    program.lineage(class).into_iter().find_map(|class| own(program, class, key))
}

fn own<'p>(program: &'p dyn Program, class: ClassRef, key: &str) -> Option<(&'p Expr, Site)> {
    let declared: &'p Class = program.file(class.file).outline.class(class.id);
    if let Some((_, value)) = declared.keywords.iter().find(|(name, _)| name == key) {
        return Some((value, program.around_class(class)));
    }
    let inside = program.inside_class(class);
    let assigned = declared.fields.iter().find(|field| field.name == "model_config").and_then(|field| field.default.as_ref());
    if let Some(found) = assigned.and_then(|value| of_dict(program, &inside, value, key, 0)) {
        return Some(found);
    }
    let nested =
        (0u32..).zip(&program.file(class.file).outline.classes).find(|(_, it)| it.outer == Some(class.id) && it.name == "Config")?;
    let config = ClassRef { file: class.file, id: crate::base::code::ClassId(nested.0) };
    program.class_attribute(config, key)
}

/// A key of `ConfigDict(…)`, `SettingsConfigDict(…)`, `{…}`, or of another such under a name.
fn of_dict<'p>(program: &'p dyn Program, site: &Site, value: &'p Expr, key: &str, depth: u32) -> Option<(&'p Expr, Site)> {
    if depth > 8 {
        return None;
    }
    let meaning = program.resolve(site, value);
    let (value, at) = meaning.value()?;
    if let Expr::Call(id) = value {
        let call = program.file(at.file).outline.call(*id);
        if let Some(found) = call.keyword(key) {
            return Some((found, at.clone()));
        }
        return call
            .args
            .iter()
            .filter(|arg| arg.name.as_deref() == Some("**"))
            .find_map(|arg| of_dict(program, at, &arg.value, key, depth + 1));
    }
    let (_, found, at) = program.entries(at, value)?.into_iter().rev().find(|(name, ..)| name == key)?;
    Some((found, at))
}

/// How a model's aliases are made from its fields' names.
#[must_use]
pub fn alias_of(program: &dyn Program, class: ClassRef, mode: Mode) -> Option<fn(&str) -> String> {
    let outside = program.outside_bases(class);
    if outside.iter().any(|base| base.ends_with(".CamelModel") || base.ends_with(".APIModel")) {
        return Some(case::camel);
    }
    let (value, site) = said(program, class, "alias_generator")?;
    generator(program, &site, value, mode, 0)
}

fn generator(program: &dyn Program, site: &Site, value: &Expr, mode: Mode, depth: u32) -> Option<fn(&str) -> String> {
    if depth > 4 {
        return None;
    }
    match program.resolve(site, value) {
        Meaning::Outside(path) => by_name(&path),
        Meaning::Function(function, _) => by_name(&program.function(function).name),
        Meaning::Value(Expr::Func(id), at) => {
            let facts = program.file(at.file);
            let inner = facts.returns_of(*id).first().map(|index| &facts.outline.returns[*index as usize])?;
            let Expr::Call(call) = &inner.value else { return None };
            called(program, CallRef { file: at.file, id: *call })
        }
        Meaning::Value(Expr::Call(id), at) => {
            let call = program.file(at.file).outline.call(*id);
            let keyword = if mode == Mode::Read { "validation_alias" } else { "serialization_alias" };
            let given = call.keyword(keyword).or_else(|| call.arg(0, "alias"))?;
            generator(program, &at, given, mode, depth + 1)
        }
        _ => None,
    }
}

/// What a lambda calls with the name.
fn called(program: &dyn Program, call: CallRef) -> Option<fn(&str) -> String> {
    match program.callee(call) {
        Meaning::Outside(path) => by_name(&path),
        Meaning::Function(function, _) => by_name(&program.function(function).name),
        _ => by_name(program.call(call).callee.last_name().map_or("", Name::as_str)),
    }
}

/// Functions that turn one letter case into another say so in their names.
fn by_name(path: &str) -> Option<fn(&str) -> String> {
    let name = path.rsplit('.').next().unwrap_or(path).to_lowercase().replace('_', "");
    if name.contains("pascal") || name.contains("uppercamel") {
        return Some(case::pascal);
    }
    if name.contains("camel") {
        return Some(case::camel);
    }
    if name.contains("kebab") || name.contains("dash") || name.contains("hyphen") {
        return Some(case::kebab);
    }
    match name.as_str() {
        "upper" => Some(str::to_uppercase),
        "lower" => Some(str::to_lowercase),
        "title" | "capitalize" => Some(case::pascal),
        _ => None,
    }
}
