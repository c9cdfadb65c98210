//! Members of modules: imports, exports, re-exports and globs.

use super::MAX_STEPS;
use super::bound::meaning_of;
use super::members::{class_member, member};
use super::{follow, lookup};
use crate::base::code::{ExportTarget, Import, Imported, ScopeId};
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site};
use crate::link::modules::ModuleRef;
use crate::link::system::System;

pub(in crate::link) fn module_meaning<'p>(module: &ModuleRef) -> Meaning<'p> {
    match module {
        ModuleRef::File(file) => Meaning::Module(*file, ScopeId(0)),
        ModuleRef::Inline(file, scope) => Meaning::Module(*file, *scope),
        ModuleRef::Namespace(path) => Meaning::Namespace(path.clone()),
        ModuleRef::Outside(path) => Meaning::Outside(path.clone()),
        ModuleRef::Missing(_) => Meaning::Unknown,
    }
}

pub(super) fn import_meaning<'p>(system: &'p System, file: FileId, index: u32, steps: u32) -> Meaning<'p> {
    let import = &system.file(file).outline.imports[index as usize];
    let Some(module) = system.imports(file).get(index as usize) else { return Meaning::Unknown };
    if let Some(rest) = system.import_rest(file, index) {
        return rest.iter().fold(module_meaning(module), |of, name| member(system, &of, name, steps + 1));
    }
    match &import.what {
        Imported::Module => module_meaning(module),
        Imported::Path => path_root(system, file, import, module),
        // A package's own `from . import users` cannot mean the name that it binds.
        Imported::Name(name) if *module == ModuleRef::File(file) => match system.modules.submodule(module, name) {
            Some(submodule) => module_meaning(&submodule),
            None => member(system, &module_meaning(module), name, steps + 1),
        },
        Imported::Name(name) => member(system, &module_meaning(module), name, steps + 1),
        Imported::Default => default_export(system, module, steps),
        Imported::Require => required(system, module, steps),
        Imported::Glob | Imported::Effect => Meaning::Unknown,
    }
}

/// What a dotted path in a text names: the longest part of it that is a module of the program, and what is named in that.
pub(in crate::link) fn named<'p>(system: &'p System, from: FileId, path: &str) -> Meaning<'p> {
    let language = system.file(from).language;
    let mut module = path;
    loop {
        let found = system.modules.resolve_in(from, ScopeId(0), language, module);
        if matches!(found, ModuleRef::File(_) | ModuleRef::Inline(..) | ModuleRef::Namespace(_)) {
            let rest = path.get(module.len()..).unwrap_or_default().split('.').filter(|part| !part.is_empty());
            return rest.fold(module_meaning(&found), |of, name| member(system, &of, name, 1));
        }
        match module.rsplit_once('.') {
            Some((parent, _)) if !parent.is_empty() => module = parent,
            _ => return Meaning::Outside(path.into()),
        }
    }
}

/// `import a.b.c` binds `a`.
fn path_root<'p>(system: &'p System, file: FileId, import: &Import, module: &ModuleRef) -> Meaning<'p> {
    if let ModuleRef::Outside(_) = module {
        return Meaning::Outside(import.local.clone());
    }
    module_meaning(&system.modules.resolve_in(file, import.scope, system.file(file).language, &import.local))
}

fn default_export<'p>(system: &'p System, module: &ModuleRef, steps: u32) -> Meaning<'p> {
    match module {
        ModuleRef::File(file) => match exported(system, *file, "default", steps) {
            Some(meaning) => meaning,
            None => exported(system, *file, "=", steps).unwrap_or(Meaning::Module(*file, ScopeId(0))),
        },
        other => module_meaning(other),
    }
}

/// What `require` of a module gives.
pub(in crate::link) fn required<'p>(system: &'p System, module: &ModuleRef, steps: u32) -> Meaning<'p> {
    match module {
        ModuleRef::File(file) => exported(system, *file, "=", steps).unwrap_or(Meaning::Module(*file, ScopeId(0))),
        other => module_meaning(other),
    }
}

/// The name a script file exports, through re-exports.
fn exported<'p>(system: &'p System, file: FileId, name: &str, steps: u32) -> Option<Meaning<'p>> {
    if steps > MAX_STEPS {
        return None;
    }
    let outline = &system.file(file).outline;
    if let Some(export) = outline.exports.iter().rev().find(|export| export.name == name) {
        return Some(match &export.target {
            ExportTarget::Local(local) => lookup(system, &Site::module(file), local, steps + 1),
            ExportTarget::Value(value) => {
                let at = Site { file, scope: ScopeId(0), offset: export.at.offset.max(1), env: None };
                follow(system, &at, value, steps + 1)
            }
            ExportTarget::From(module, taken) => {
                let module = system.modules.resolve_in(file, ScopeId(0), system.file(file).language, module);
                match taken.as_str() {
                    "*" => module_meaning(&module),
                    "default" => default_export(system, &module, steps + 1),
                    _ => member(system, &module_meaning(&module), taken, steps + 1),
                }
            }
        });
    }
    for export in outline.exports.iter().filter(|export| export.name == "*") {
        let ExportTarget::From(module, _) = &export.target else { continue };
        if let ModuleRef::File(file) = system.modules.resolve_in(file, ScopeId(0), system.file(file).language, module)
            && name != "default"
            && let Some(found) = exported(system, file, name, steps + 8)
        {
            return Some(found);
        }
    }
    None
}

/// Names that glob imports bring into a module.
pub(super) fn from_globs<'p>(system: &'p System, file: FileId, scope: ScopeId, name: &str, steps: u32) -> Option<Meaning<'p>> {
    if steps + 8 > MAX_STEPS {
        return None;
    }
    let outline = &system.file(file).outline;
    for (index, import) in outline.imports.iter().enumerate().rev().filter(|(_, import)| import.what == Imported::Glob) {
        if import.scope != scope && scope != ScopeId(0) {
            continue;
        }
        let rest = u32::try_from(index).ok().and_then(|index| system.import_rest(file, index)).unwrap_or_default();
        let module = rest.iter().fold(module_meaning(system.imports(file).get(index)?), |of, name| member(system, &of, name, steps + 8));
        let found = match module {
            Meaning::Module(..) | Meaning::Namespace(_) => module_member(system, &module, name, steps + 8),
            Meaning::Class(class) => glob_of_class(system, class, name, steps),
            _ => None,
        };
        // A module that takes the name from this very package leads nowhere: another one declares it.
        if found.as_ref().is_some_and(|found| !matches!(found, Meaning::Unknown)) {
            return found;
        }
    }
    None
}

/// `use Enum::*`.
fn glob_of_class<'p>(system: &'p System, class: ClassRef, name: &str, steps: u32) -> Option<Meaning<'p>> {
    let has = system.file(class.file).outline.class(class.id).variants.iter().any(|variant| variant.name == name);
    has.then(|| class_member(system, class, name, steps + 1))
}

/// A member of a module; `None` when it has none of that name.
pub(super) fn module_member<'p>(system: &'p System, module: &Meaning<'p>, name: &str, steps: u32) -> Option<Meaning<'p>> {
    if steps > MAX_STEPS {
        return None;
    }
    match module {
        Meaning::Module(file, scope) => {
            let facts = system.file(*file);
            if facts.language.is_script() && *scope == ScopeId(0) {
                if let Some(found) = exported(system, *file, name, steps) {
                    return Some(found);
                }
                let whole = exported(system, *file, "=", steps)?;
                return (!matches!(whole, Meaning::Module(..))).then(|| member(system, &whole, name, steps + 1));
            }
            if let Some(bound) = facts.bound(*scope, name).last() {
                let at = Site::of_scope(*file, *scope);
                return Some(meaning_of(system, &at, *scope, *bound, &name.into(), steps + 1));
            }
            if let Some(found) = from_globs(system, *file, *scope, name, steps) {
                return Some(found);
            }
            let module = if *scope == ScopeId(0) { ModuleRef::File(*file) } else { ModuleRef::Inline(*file, *scope) };
            system.modules.submodule(&module, name).map(|module| module_meaning(&module))
        }
        Meaning::Namespace(path) => {
            system.modules.submodule(&ModuleRef::Namespace(path.clone()), name).map(|module| module_meaning(&module))
        }
        _ => None,
    }
}
