//! What a name means: scopes, imports across files, members of modules, classes, instances and objects.
//!
//! Calls are not entered here (see `values`), except where a member of their result is asked for.

use super::modules::ModuleRef;
use super::system::System;
use super::{classes, fuel, values};
use crate::base::Name;
use crate::base::code::{CallId, ClassKind, ExportTarget, Expr, Import, Imported, Op, ParamKind, Pattern, ScopeId, ScopeKind, Type};
use crate::facts::file::{Binding, Bound};
use crate::facts::program::{ClassRef, Entered, Env, FileId, FuncRef, Meaning, Program, Site};

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
    let module = call.positional(0)?.as_str()?;
    let module = || system.modules.resolve_in(site.file, call.scope, facts.language, module);
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
    for (scope_id, scope) in facts.outline.scopes_from(site.scope) {
        let hidden = crossed_function && matches!(scope.kind, ScopeKind::Class(_) | ScopeKind::Impl(_));
        if !hidden && let Some(bound) = pick(facts.bound(scope_id, name), site.offset, crossed_function) {
            if let Some(meaning) = besides_macro(system, site, facts.bound(scope_id, name), steps) {
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
        None => Meaning::Outside(format!("builtins.{name}").into()),
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

fn meaning_of<'p>(system: &'p System, site: &Site, scope: ScopeId, bound: Bound, name: &Name, steps: u32) -> Meaning<'p> {
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
pub(super) fn frames_at(system: &System, env: &Env, file: FileId, scope: ScopeId) -> Env {
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

pub(super) fn instance_of_type<'p>(system: &'p System, at: &Site, ty: &'p Type) -> Meaning<'p> {
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
            let Some(items) = values::iterated(system, &at, iter, steps) else { return Meaning::Unknown };
            let Some(item) = items.get(*index as usize) else { return Meaning::Unknown };
            return values::bind_item(system, item, pattern, name, steps);
        }
        next = frame.outer.as_ref();
    }
    Meaning::Unknown
}

/// Binds one element of a pattern whose parts are known one by one (`for key, value in d.items()`).
pub(super) fn bind_parts<'p>(system: &'p System, parts: &[Meaning<'p>], pattern: &'p Pattern, name: &str, steps: u32) -> Meaning<'p> {
    let Pattern::List(patterns) = pattern else { return Meaning::Unknown };
    patterns
        .iter()
        .position(|part| binds(part, name))
        .and_then(|position| Some(destructure(system, parts.get(position)?.clone(), &patterns[position], name, steps)))
        .unwrap_or(Meaning::Unknown)
}

/// Binds one element of a pattern.
pub(super) fn bind_value<'p>(system: &'p System, value: Meaning<'p>, pattern: &'p Pattern, name: &str, steps: u32) -> Meaning<'p> {
    destructure(system, value, pattern, name, steps)
}

pub(super) fn module_meaning<'p>(module: &ModuleRef) -> Meaning<'p> {
    match module {
        ModuleRef::File(file) => Meaning::Module(*file, ScopeId(0)),
        ModuleRef::Inline(file, scope) => Meaning::Module(*file, *scope),
        ModuleRef::Namespace(path) => Meaning::Namespace(path.clone()),
        ModuleRef::Outside(path) => Meaning::Outside(path.clone()),
        ModuleRef::Missing(_) => Meaning::Unknown,
    }
}

fn import_meaning<'p>(system: &'p System, file: FileId, index: u32, steps: u32) -> Meaning<'p> {
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
pub(super) fn named<'p>(system: &'p System, from: FileId, path: &str) -> Meaning<'p> {
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
pub(super) fn required<'p>(system: &'p System, module: &ModuleRef, steps: u32) -> Meaning<'p> {
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
fn from_globs<'p>(system: &'p System, file: FileId, scope: ScopeId, name: &str, steps: u32) -> Option<Meaning<'p>> {
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
fn module_member<'p>(system: &'p System, module: &Meaning<'p>, name: &str, steps: u32) -> Option<Meaning<'p>> {
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

/// A member of a meaning.
pub(super) fn member<'p>(system: &'p System, of: &Meaning<'p>, name: &str, steps: u32) -> Meaning<'p> {
    if steps > MAX_STEPS {
        return Meaning::Unknown;
    }
    match of {
        Meaning::Outside(path) => Meaning::Outside(format!("{path}.{name}").into()),
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

fn class_member<'p>(system: &'p System, class: ClassRef, name: &str, steps: u32) -> Meaning<'p> {
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
pub(super) fn instance_member<'p>(system: &'p System, class: ClassRef, name: &str, steps: u32) -> Option<Meaning<'p>> {
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
