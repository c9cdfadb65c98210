//! What a name means: scopes, imports across files, members of modules, classes, instances and objects.
//!
//! Calls are not entered here (see `values`), except where a member of their result is asked for.

pub(super) mod bound;
pub(super) mod members;
pub(super) mod modules;
mod stars;

use super::system::System;
use super::{classes, fuel, values};
use crate::base::code::{CallId, Expr, Op, ScopeId, ScopeKind};
use crate::base::{Name, dotted};
use crate::facts::file::{Binding, Bound};
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site};
use bound::meaning_of;
use members::member;
use modules::{from_globs, import_meaning, module_meaning, required};

/// Names are followed over at most this many steps.
pub(super) const MAX_STEPS: u32 = 40;

/// Follows an expression to its head form.
pub(super) fn follow<'p>(system: &'p System, site: &Site, expr: &'p Expr, steps: u32) -> Meaning<'p> {
    if steps > MAX_STEPS || !fuel::spend() {
        return Meaning::Unknown;
    }
    match expr {
        Expr::Ref(name) => lookup(system, site, name, steps + 1),
        Expr::Member(base, name) => member(system, &follow(system, site, base, steps + 1), name, steps + 1),
        Expr::Index(pair) if is_generic(system, site, &pair.0, steps + 1) => Meaning::Value(expr, site.clone()),
        Expr::Index(pair) => index(system, site, &pair.0, &pair.1, steps + 1),
        Expr::Cast(pair) => follow(system, site, &pair.0, steps + 1),
        Expr::Cond(cond) => match follow(system, site, &cond.yes, steps + 1) {
            Meaning::Unknown | Meaning::Value(Expr::Null | Expr::Hole, _) => follow(system, site, &cond.no, steps + 1),
            known => known,
        },
        Expr::Binary(binary) if matches!(binary.op, Op::Or | Op::Coalesce) => {
            let left = follow(system, site, &binary.left, steps + 1);
            if is_open(&left) { follow(system, site, &binary.right, steps + 1) } else { left }
        }
        Expr::Type(ty) => classes::resolve_type(system, site, ty),
        Expr::Call(id) => imported_inline(system, site, *id, steps).unwrap_or_else(|| Meaning::Value(expr, site.clone())),
        Expr::Hole => Meaning::Unknown,
        _ => Meaning::Value(expr, site.clone()),
    }
}

/// `require("./routes")`, `import("./routes")` where a value stands.
fn imported_inline<'p>(system: &'p System, site: &Site, id: CallId, steps: u32) -> Option<Meaning<'p>> {
    let facts = system.file(site.file);
    if !facts.language.is_script() {
        return None;
    }
    let call = facts.outline.call(id);
    let Expr::Ref(name) = &call.callee else { return None };
    if !matches!(name.as_str(), "require" | "import") {
        return None;
    }
    let module = match call.positional(0)? {
        Expr::Str(module) => module.to_string(),
        // A name of a list that a loop goes through.
        other => super::text::fold(system, &values::caller_of(system, site, call), other, steps + 1).plain()?,
    };
    let module = || system.modules.resolve_in(site.file, call.scope, facts.language, &module);
    match name.as_str() {
        "require" => Some(required(system, &module(), steps + 1)),
        "import" => Some(module_meaning(&module())),
        _ => None,
    }
}

/// Whether the left side of an `or` leaves the value open: unknown, an environment lookup, a parameter.
fn is_open(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Unknown | Meaning::Param(..) | Meaning::Attribute(..) | Meaning::Value(Expr::Null | Expr::Hole, _) => true,
        Meaning::Outside(path) => path.starts_with("builtins.process.env") || path.contains("environ"),
        Meaning::Value(Expr::Call(_), _) => true,
        _ => false,
    }
}

/// Whether `base[…]` spells a type: `Annotated[int, …]`, `dict[str, Any]`.
fn is_generic(system: &System, site: &Site, base: &Expr, steps: u32) -> bool {
    const MODULES: &[&str] = &["typing", "typing_extensions", "collections", "collections.abc"];
    const BUILTINS: &[&str] = &["builtins.list", "builtins.dict", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.type"];
    if system.file(site.file).language != crate::base::language::Language::Python || !matches!(base, Expr::Ref(_) | Expr::Member(..)) {
        return false;
    }
    let Meaning::Outside(path) = follow(system, site, base, steps) else { return false };
    BUILTINS.contains(&path.as_str()) || path.rsplit_once('.').is_some_and(|(module, _)| MODULES.contains(&module))
}

/// A class of a library, told by its capital: `JWTAuth[User](…)` makes one.
fn is_library_class(system: &System, site: &Site, of: &Meaning) -> bool {
    system.file(site.file).language == crate::base::language::Language::Python
        && matches!(of, Meaning::Outside(path) if path.rsplit('.').next().is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase())))
}

fn index<'p>(system: &'p System, site: &Site, base: &'p Expr, key: &'p Expr, steps: u32) -> Meaning<'p> {
    let of = follow(system, site, base, steps);
    match key {
        Expr::Str(name) => member(system, &of, name, steps),
        Expr::Int(position) => {
            let Some((list, at)) = of.value() else { return Meaning::Unknown };
            let items = values::items(system, at, list, steps).unwrap_or_default();
            let found = usize::try_from(*position).ok().and_then(|position| items.get(position));
            found.map_or(Meaning::Unknown, |(item, at)| follow(system, at, item, steps))
        }
        _ => match super::text::fold(system, site, key, steps).plain() {
            Some(name) => member(system, &of, &name, steps),
            // A generic class with its arguments, `List[int]`: the class itself.
            None if matches!(of, Meaning::Class(_)) => of,
            None if is_library_class(system, site, &of) => of,
            None => Meaning::Unknown,
        },
    }
}

/// Looks a name up from a site outwards.
fn lookup<'p>(system: &'p System, site: &Site, name: &Name, steps: u32) -> Meaning<'p> {
    let facts = system.file(site.file);
    let mut crossed_function = false;
    for (scope_id, scope, bounds) in facts.bound_around(site.scope, name) {
        let hidden = crossed_function && matches!(scope.kind, ScopeKind::Class(_) | ScopeKind::Impl(_));
        if !hidden && let Some(bound) = pick(bounds, site.offset, crossed_function) {
            if let Some(meaning) = besides_macro(system, site, bounds, steps) {
                return meaning;
            }
            return meaning_of(system, site, scope_id, bound, name, steps);
        }
        crossed_function |= matches!(scope.kind, ScopeKind::Function(_));
    }
    if let Some(meaning) = receiver(system, site, name) {
        return meaning;
    }
    if let Some(meaning) = from_globs(system, site.file, ScopeId(0), name, steps) {
        return meaning;
    }
    match system.modules.resolve_root(site.file, name) {
        Some(root) => module_meaning(&root),
        None => stars::from_libraries(system, site.file, name).unwrap_or_else(|| Meaning::Outside(dotted("builtins", name))),
    }
}

/// Rust's macros have names of their own: of several imports of one name, the class or function is meant.
fn besides_macro<'p>(system: &'p System, site: &Site, bounds: &[Bound], steps: u32) -> Option<Meaning<'p>> {
    let is_import = |bound: &Bound| matches!(bound.to, Binding::Import(_));
    if bounds.len() < 2 || !bounds.iter().all(is_import) || system.file(site.file).language != crate::base::language::Language::Rust {
        return None;
    }
    let meanings = bounds.iter().filter_map(|bound| match bound.to {
        Binding::Import(index) => Some(import_meaning(system, site.file, index, steps)),
        _ => None,
    });
    meanings.into_iter().find(|meaning| matches!(meaning, Meaning::Class(_)))
}

/// The binding in force: the last one before the offset; from an inner function, the last of all.
fn pick(bounds: &[Bound], offset: u32, crossed_function: bool) -> Option<Bound> {
    if crossed_function {
        return bounds.last().copied();
    }
    bounds.iter().rev().find(|bound| bound.offset == 0 || bound.offset < offset).copied()
}

/// `this`, `self` outside of parameters, `Self`, `cls`.
fn receiver<'p>(system: &'p System, site: &Site, name: &str) -> Option<Meaning<'p>> {
    if !matches!(name, "this" | "self" | "Self" | "cls") {
        return None;
    }
    let class = enclosing_class(system, site.file, site.scope)?;
    Some(if name == "Self" || name == "cls" { Meaning::Class(class) } else { Meaning::Instance(class) })
}

/// The class whose body, method or `impl` a scope lies in.
pub(super) fn enclosing_class(system: &System, file: FileId, scope: ScopeId) -> Option<ClassRef> {
    let outline = &system.file(file).outline;
    outline.scopes_from(scope).find_map(|(_, scope)| match scope.kind {
        ScopeKind::Class(id) => Some(ClassRef { file, id }),
        ScopeKind::Impl(index) => {
            let block = outline.impls.get(index as usize)?;
            classes::resolve_type(system, &Site::of_scope(file, block.scope), &block.ty).class()
        }
        ScopeKind::Function(id) => outline.function(id).class.map(|id| ClassRef { file, id }),
        _ => None,
    })
}
