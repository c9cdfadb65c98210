//! What one expression stands for when it is several things at once: the functions that a loop calls one after the other, the modules
//! of a folder that is loaded file by file.
//!
//! Nothing here asks who calls whom: the index of callers is made with it.

use super::modules::ModuleRef;
use super::names::modules::{module_meaning, required};
use super::names::{self, follow};
use super::rounds;
use super::system::System;
use super::text;
use super::values;
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, ScopeId, ScopeKind};
use crate::base::language::Language;
use crate::facts::file::Binding;
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, TextPart};

/// At most so many modules of one folder.
const MAX_MODULES: usize = 128;

/// The functions that a call calls whose callee is no single one: `callbacks` are those of its file, with the calls that take them.
pub(super) fn callees(system: &System, callbacks: &[(FuncRef, CallRef)], call: CallRef, callee: &Meaning) -> Vec<FuncRef> {
    let found = match callee {
        Meaning::Value(..) | Meaning::Attribute(..) => modules(system, callee),
        Meaning::Unknown | Meaning::Param(..) => elements(system, callbacks, call),
        _ => Vec::new(),
    };
    found.iter().filter_map(Meaning::function).collect()
}

/// `for register in (users, items): register(app)`, `[users, items].forEach(register => register(app))`: what the name takes.
fn elements<'p>(system: &'p System, callbacks: &[(FuncRef, CallRef)], call: CallRef) -> Vec<Meaning<'p>> {
    let facts = system.file(call.file);
    let made = facts.outline.call(call.id);
    let Expr::Ref(name) = &made.callee else { return Vec::new() };
    let holder = facts.bound_around(made.scope, name).find(|(.., bounds)| !bounds.is_empty());
    match holder.and_then(|(.., bounds)| bounds.first()).map(|bound| bound.to) {
        Some(Binding::Loop(round)) => {
            let ScopeKind::Loop(pattern, iter) = &facts.outline.scope(round).kind else { return Vec::new() };
            let at = Site { scope: facts.outline.scope(round).parent, ..Site::of_call(call.file, made) };
            let items = rounds::iterated(system, &at, iter, 0).unwrap_or_default();
            items.iter().map(|item| rounds::bind_item(system, item, pattern, name, 0)).collect()
        }
        Some(Binding::Param(function, 0)) => {
            let function = FuncRef { file: call.file, id: function };
            let Some((_, taker)) = callbacks.iter().find(|(callback, _)| *callback == function) else { return Vec::new() };
            let taker = facts.outline.call(taker.id);
            let (Some((list, _)), Some(param)) = (taker.method(), facts.outline.function(function.id).params.first()) else {
                return Vec::new();
            };
            let items = values::items(system, &Site::of_call(call.file, taker), list, 0).unwrap_or_default();
            let bound =
                |(item, at): (&'p Expr, Site)| names::bound::bind_value(system, follow(system, &at, item, 1), &param.pattern, name, 1);
            items.into_iter().map(bound).collect()
        }
        _ => Vec::new(),
    }
}

/// The modules that `require("./routes/" + file)` or `import_module(f"routers.{name}")` may load, or that member of each.
pub(super) fn modules<'p>(system: &'p System, meaning: &Meaning<'p>) -> Vec<Meaning<'p>> {
    match meaning {
        Meaning::Value(Expr::Call(id), at) => loaded(system, at, *id),
        Meaning::Attribute(of, name) if matches!(**of, Meaning::Value(Expr::Call(_), _)) => {
            let loaded = modules(system, of);
            let members = loaded.iter().map(|module| names::members::member(system, module, name, 1));
            members.filter(|member| !matches!(member, Meaning::Unknown)).collect()
        }
        _ => Vec::new(),
    }
}

fn loaded<'p>(system: &'p System, site: &Site, id: CallId) -> Vec<Meaning<'p>> {
    let facts = system.file(site.file);
    let call = facts.outline.call(id);
    let is_script = facts.language.is_script();
    let loads = match &call.callee {
        Expr::Ref(name) if is_script => matches!(name.as_str(), "require" | "import"),
        callee if facts.language == Language::Python && callee.last_name().is_some_and(|name| name == "import_module") => {
            follow(system, site, callee, 1).is_any(&["importlib.import_module"])
        }
        _ => false,
    };
    let Some(named) = call.positional(0).filter(|_| loads) else { return Vec::new() };
    let parts = joined(text::fold(system, &values::caller_of(system, site, call), named, 1).0);
    let files = if is_script { scripts(system, site.file, &parts) } else { pythons(system, site, call, &parts) };
    let given = |file: FileId| match &call.callee {
        Expr::Ref(name) if is_script && name == "require" => required(system, &ModuleRef::File(file), 1),
        _ => module_meaning(&ModuleRef::File(file)),
    };
    files.into_iter().take(MAX_MODULES).map(given).collect()
}

/// `./routes/{file}`, `{__dirname}/routes/{file}.js`: the scripts that fit.
fn scripts(system: &System, file: FileId, parts: &[TextPart]) -> Vec<FileId> {
    let is_here = |part: &TextPart| matches!(part, TextPart::Hole(words) if matches!(words.as_str(), "__dirname" | "import.meta.dirname"));
    let parts = if parts.first().is_some_and(is_here) { parts.get(1..).unwrap_or_default() } else { parts };
    let Some((prefix, suffix)) = around_hole(parts) else { return Vec::new() };
    let relative = prefix.trim_start_matches('/');
    if !prefix.starts_with(['.', '/']) {
        return Vec::new();
    }
    let (folder, start) = relative.rsplit_once('/').unwrap_or(("", relative));
    let suffix = [".ts", ".js", ".mjs", ".cjs"].iter().find_map(|ending| suffix.strip_suffix(ending)).unwrap_or(&suffix);
    let suffix = suffix.strip_suffix("/index").unwrap_or(suffix);
    system.modules().beside(file, folder, |stem| fits(stem.strip_suffix("/index").unwrap_or(stem), start, suffix))
}

/// `routers.{name}`, `{__name__}.{name}`, `.{name}` with `package=__name__`: the modules of the package that fit.
fn pythons(system: &System, site: &Site, call: &Call, parts: &[TextPart]) -> Vec<FileId> {
    let resolve = |module: &str| system.modules().resolve_in(site.file, ScopeId(0), Language::Python, module);
    if let [TextPart::Known(module)] = parts {
        // A literal, or a name of a list that a loop goes through.
        return if let ModuleRef::File(file) = resolve(module) { vec![file] } else { Vec::new() };
    }
    let (package, parts) = match parts {
        [TextPart::Hole(words), rest @ ..] if matches!(words.as_str(), "__name__" | "__package__") => {
            (Some(ModuleRef::File(site.file)), rest)
        }
        [TextPart::Hole(words), rest @ ..] => {
            (words.strip_suffix(".__name__").and_then(|name| module_named(system, site, call, name)), rest)
        }
        _ => (None, parts),
    };
    let Some((prefix, suffix)) = around_hole(parts) else { return Vec::new() };
    let dotted = prefix.trim_end_matches('.');
    let package = match package {
        Some(package) => package,
        None if dotted.is_empty() && prefix.starts_with('.') => ModuleRef::File(site.file),
        None if prefix.ends_with('.') => resolve(dotted),
        None => return Vec::new(),
    };
    let suffix = suffix.replace('.', "/");
    let of_package = |stem: &str| fits(stem.strip_suffix("/__init__").unwrap_or(stem), "", &suffix);
    match package {
        ModuleRef::File(package) => system.modules().beside(package, "", of_package),
        ModuleRef::Namespace(folder) => system.modules().inside(&folder, Language::Python, of_package),
        _ => Vec::new(),
    }
    .into_iter()
    .filter(|file| *file != site.file)
    .collect()
}

/// The module that a name means where a call stands.
fn module_named(system: &System, site: &Site, call: &Call, name: &str) -> Option<ModuleRef> {
    let at = values::caller_of(system, site, call);
    match follow(system, &at, &Expr::Ref(Name::from(name)), 1) {
        Meaning::Module(file, ScopeId(0)) => Some(ModuleRef::File(file)),
        Meaning::Namespace(folder) => Some(ModuleRef::Namespace(folder)),
        _ => None,
    }
}

/// A text whose known parts lie together.
fn joined(parts: Vec<TextPart>) -> Vec<TextPart> {
    let mut whole: Vec<TextPart> = Vec::new();
    for part in parts {
        match (whole.last_mut(), part) {
            (Some(TextPart::Known(before)), TextPart::Known(text)) => *before = format!("{before}{text}").into(),
            (_, part) => whole.push(part),
        }
    }
    whole
}

/// What stands before and behind the only hole of a text; text that is known whole has none.
fn around_hole(parts: &[TextPart]) -> Option<(String, String)> {
    let known = |parts: &[TextPart]| -> Option<String> {
        parts
            .iter()
            .map(|part| match part {
                TextPart::Known(text) => Some(text.as_str()),
                TextPart::Hole(_) => None,
            })
            .collect()
    };
    let hole = parts.iter().position(|part| matches!(part, TextPart::Hole(_)))?;
    Some((known(parts.get(..hole)?)?, known(parts.get(hole + 1..)?)?))
}

/// Whether a path is one segment between two texts.
fn fits(stem: &str, start: &str, end: &str) -> bool {
    let between = stem.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
    between.is_some_and(|name| !name.is_empty() && !name.contains('/') && !name.starts_with("__"))
}
