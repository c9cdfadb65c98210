//! Classes: what a type names, bases in lookup order, attributes, fields and methods (Rust: through `impl` blocks).

use rayon::prelude::*;

use super::fuel;
use super::lineages::lineage;
use super::names::follow;
use super::system::System;
use crate::base::Name;
use crate::base::code::{ClassKind, Expr, FuncId, Pattern, Type};
use crate::base::hash::FastMap;
use crate::facts::file::Binding;
use crate::facts::program::{ClassRef, FileId, FuncRef, Meaning, Program, Site};

/// What a named type means.
pub(super) fn resolve_type<'p>(system: &'p System, site: &Site, ty: &'p Type) -> Meaning<'p> {
    match ty {
        Type::Named(named) => follow(system, site, &named.path, 4),
        Type::Value(expr @ (Expr::Ref(_) | Expr::Member(..))) => follow(system, site, expr, 4),
        Type::Value(expr @ Expr::Call(_)) => Meaning::Value(expr, site.clone()),
        Type::Bounds(bounds) if bounds.len() == 1 => resolve_type(system, site, &bounds[0]),
        _ => Meaning::Unknown,
    }
}

/// The class behind an alias that only renames.
pub(super) fn unalias(system: &System, class: ClassRef) -> ClassRef {
    let mut class = class;
    for _ in 0..8 {
        let declared = system.file(class.file).outline.class(class.id);
        if declared.kind != ClassKind::Alias {
            break;
        }
        let Meaning::Class(next) = resolve_type(system, &Site::of_scope(class.file, declared.scope), &declared.alias) else { break };
        if next == class {
            break;
        }
        class = next;
    }
    class
}

/// What the bases of a class mean, in order.
fn bases(system: &System, class: ClassRef) -> Vec<Meaning<'_>> {
    let declared = system.file(class.file).outline.class(class.id);
    // Bases are read before the class itself is bound: `class User(User)`.
    let at = Site { file: class.file, scope: declared.scope, offset: declared.at.offset, env: None };
    declared.bases.iter().map(|base| resolve_type(system, &at, base)).collect()
}

/// As [`lineage`], worked out here and now.
pub(super) fn linearised(system: &System, class: ClassRef) -> Vec<ClassRef> {
    let mut order = Vec::new();
    walk(system, class, &mut order, &mut Vec::new());
    // Keep the last place of each, as linearisation puts shared bases behind.
    let mut kept: Vec<ClassRef> = Vec::new();
    for class in order.into_iter().rev() {
        if !kept.contains(&class) {
            kept.push(class);
        }
    }
    kept.reverse();
    kept
}

fn walk(system: &System, class: ClassRef, order: &mut Vec<ClassRef>, path: &mut Vec<ClassRef>) {
    if path.contains(&class) || path.len() > 24 || order.len() > 256 {
        return;
    }
    order.push(class);
    path.push(class);
    for base in bases(system, class) {
        match base {
            Meaning::Class(base) => walk(system, unalias(system, base), order, path),
            // A mixin factory: the classes it is given, and the class it returns.
            Meaning::Value(Expr::Call(id), at) => {
                let call = system.file(at.file).outline.call(*id);
                if let Some(Meaning::Class(made)) =
                    super::values::enter_once(system, &at, *id, 0).filter(|made| matches!(made, Meaning::Class(_)))
                {
                    walk(system, made, order, path);
                }
                if follow(system, &at, &call.callee, 0).function().is_some() {
                    for arg in &call.args {
                        if let Meaning::Class(given) = follow(system, &at, &arg.value, 0) {
                            walk(system, given, order, path);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    path.pop();
}

/// Library bases of a class and its own bases, nearest first. A base made by a call ends in `()`.
pub(super) fn outside_bases(system: &System, class: ClassRef) -> Vec<Name> {
    let mut found: Vec<Name> = Vec::new();
    for class in lineage(system, class).iter().copied() {
        for base in bases(system, class) {
            let path = match base {
                Meaning::Outside(path) => path,
                Meaning::Value(Expr::Call(id), at) => {
                    let call = system.file(at.file).outline.call(*id);
                    match follow(system, &at, &call.callee, 0) {
                        Meaning::Outside(path) => format!("{path}()").into(),
                        _ => continue,
                    }
                }
                Meaning::Attribute(of, name) => match *of {
                    // `db.Model` of an object that a library made.
                    Meaning::Value(Expr::Call(id), at) => {
                        let call = system.file(at.file).outline.call(*id);
                        match follow(system, &at, &call.callee, 0) {
                            Meaning::Outside(path) => format!("{path}().{name}").into(),
                            _ => continue,
                        }
                    }
                    _ => continue,
                },
                _ => continue,
            };
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    found
}

/// A class attribute's value, through the bases.
pub(super) fn attribute<'p>(system: &'p System, class: ClassRef, name: &str) -> Option<(&'p Expr, Site)> {
    let own = own_attribute(system, class, name);
    if own.is_some() || system.file(class.file).outline.class(class.id).bases.is_empty() {
        return own;
    }
    lineage(system, class).iter().copied().skip(1).find_map(|class| own_attribute(system, class, name))
}

fn own_attribute<'p>(system: &'p System, class: ClassRef, name: &str) -> Option<(&'p Expr, Site)> {
    let declared = system.file(class.file).outline.class(class.id);
    let field = declared.fields.iter().rev().find(|field| field.name == name && field.default.is_some());
    if let Some(field) = field {
        let at = Site { file: class.file, scope: declared.inner, offset: field.at.offset, env: None };
        return field.default.as_ref().map(|value| (value, at));
    }
    associated_constant(system, class, name)
}

/// A Rust associated constant.
fn associated_constant<'p>(system: &'p System, class: ClassRef, name: &str) -> Option<(&'p Expr, Site)> {
    for (file, index) in impls(system).get(&class)? {
        let facts = system.file(*file);
        let block = &facts.outline.impls[*index as usize];
        let bound = facts.bound(block.inner, name).iter().filter_map(|bound| match bound.to {
            Binding::Assign(index) => Some(index),
            _ => None,
        });
        let assigns = bound.map(|index| (index, &facts.outline.assigns[index as usize]));
        let found = assigns.filter(|(_, assign)| matches!(assign.target, Pattern::Name(_))).min_by_key(|(index, _)| *index);
        if let Some((_, assign)) = found {
            return Some((&assign.value, Site { file: *file, scope: block.inner, offset: assign.at.offset, env: None }));
        }
    }
    None
}

/// What a method gives to `self.name` (`this.name`), through the bases; constructors first.
pub(super) fn self_assigned<'p>(system: &'p System, class: ClassRef, name: &str) -> Option<(&'p Expr, Site)> {
    lineage(system, class).iter().copied().find_map(|class| {
        let facts = system.file(class.file);
        let declared = facts.outline.class(class.id);
        facts
            .own_assigned(name)
            .filter(|assign| assign.at.offset >= declared.at.offset && assign.at.offset < declared.end)
            .find(|assign| !matches!(assign.value, Expr::Null | Expr::Hole))
            .map(|assign| (&assign.value, Site { file: class.file, scope: assign.scope, offset: assign.at.offset, env: None }))
    })
}

/// The declared type of a field, through the bases, or of a constructor's parameter property.
pub(super) fn field_type<'p>(system: &'p System, class: ClassRef, name: &str) -> Option<(&'p Type, Site)> {
    lineage(system, class).iter().copied().find_map(|class| {
        let outline = &system.file(class.file).outline;
        let declared = outline.class(class.id);
        let at = Site::of_scope(class.file, declared.inner);
        if let Some(field) = declared.fields.iter().find(|field| field.name == name && field.ty != Type::Unknown) {
            return Some((&field.ty, at));
        }
        let constructor = declared.methods.iter().map(|id| outline.function(*id)).find(|method| method.name == "constructor")?;
        let param = constructor.params.iter().find(|param| param.is_property && param.name().is_some_and(|param| param == name))?;
        Some((&param.ty, at))
    })
}

/// `impl` blocks by the class they are for; when nobody prepared them, this thread alone does.
pub(super) fn impls(system: &System) -> &Impls {
    system.impls.get_or_init(|| collected((0..system.file_count()).map(|file| impls_of(system, FileId(file))).collect()))
}

/// `impl` blocks by the class they are for: file and index.
pub(super) type Impls = FastMap<ClassRef, Vec<(FileId, u32)>>;

/// Makes the index on all threads.
pub(super) fn index_impls(system: &System) -> Impls {
    collected((0..system.file_count()).into_par_iter().map(|file| impls_of(system, FileId(file))).collect())
}

fn collected(files: Vec<Vec<(ClassRef, FileId, u32)>>) -> Impls {
    let mut index = Impls::default();
    for (class, file, block) in files.into_iter().flatten() {
        index.entry(class).or_default().push((file, block));
    }
    index
}

fn impls_of(system: &System, file: FileId) -> Vec<(ClassRef, FileId, u32)> {
    let outline = &system.file(file).outline;
    let blocks = (0u32..).zip(&outline.impls);
    blocks
        .filter_map(|(index, block)| {
            let class = fuel::filled(|| resolve_type(system, &Site::of_scope(file, block.scope), &block.ty)).class()?;
            Some((class, file, index))
        })
        .collect()
}

/// A method by name, through bases and `impl` blocks.
pub(super) fn method(system: &System, class: ClassRef, name: &str) -> Option<FuncRef> {
    let own = |class: ClassRef| {
        let outline = &system.file(class.file).outline;
        let found = outline.class(class.id).methods.iter().rev().find(|id| outline.function(**id).name == name);
        found.map(|id| FuncRef { file: class.file, id: *id })
    };
    if let Some(found) = own(class) {
        return Some(found);
    }
    if let Some(blocks) = impls_if_rust(system, class) {
        return blocks.iter().find_map(|(file, index)| {
            let outline = &system.file(*file).outline;
            let found = outline.impls[*index as usize].methods.iter().find(|id| outline.function(**id).name == name)?;
            Some(FuncRef { file: *file, id: *found })
        });
    }
    lineage(system, class).iter().copied().skip(1).find_map(own)
}

fn impls_if_rust(system: &System, class: ClassRef) -> Option<&[(FileId, u32)]> {
    if system.file(class.file).language != crate::base::language::Language::Rust {
        return None;
    }
    Some(impls(system).get(&class).map_or(&[], Vec::as_slice))
}

/// All methods: own first, then those of bases that are not overridden.
pub(super) fn methods(system: &System, class: ClassRef) -> Vec<FuncRef> {
    if let Some(blocks) = impls_if_rust(system, class) {
        let of = |(file, index): &(FileId, u32)| -> Vec<FuncRef> {
            let ids: &[FuncId] = &system.file(*file).outline.impls[*index as usize].methods;
            ids.iter().map(|id| FuncRef { file: *file, id: *id }).collect()
        };
        return blocks.iter().flat_map(of).collect();
    }
    let mut found: Vec<FuncRef> = Vec::new();
    let mut names: Vec<&Name> = Vec::new();
    for class in lineage(system, class).iter().copied() {
        let outline = &system.file(class.file).outline;
        for id in &outline.class(class.id).methods {
            let name = &outline.function(*id).name;
            if !names.contains(&name) {
                names.push(name);
                found.push(FuncRef { file: class.file, id: *id });
            }
        }
    }
    found
}
