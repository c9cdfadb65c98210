//! Who calls whom.
//!
//! In Python and scripts all calls are resolved at once. In Rust a function is mostly called by its own name: only calls by that name
//! are resolved, and those by names that may stand for another one.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::fuel;
use super::several;
use super::system::System;
use crate::base::Name;
use crate::base::code::{CallId, Expr, FuncId, Imported, Outline, Pattern, ScopeKind};
use crate::base::hash::{FastMap, FastSet};
use crate::base::language::Language;
use crate::facts::file::pattern_names;
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program};

/// Calls by what they call.
#[derive(Debug, Default)]
pub struct CallIndex {
    /// Of functions in Python and scripts.
    callers: FastMap<FuncRef, Vec<CallRef>>,
    rust: RustCalls,
}

/// Rust's calls by the last name of what they call.
#[derive(Debug, Default)]
struct RustCalls {
    named: FastMap<Name, Vec<CallRef>>,
    /// Calls by names that may stand for others, and by no name.
    others: Vec<CallRef>,
    /// What those call; worked out when the first function is asked about.
    resolved: OnceLock<FastMap<FuncRef, Vec<CallRef>>>,
    /// For each file, the calls of its functions as far as it was asked.
    known: Box<[OnceLock<Table>]>,
}

/// The calls of one file's functions.
type Table = Box<[OnceLock<Box<[CallRef]>>]>;

/// Calls of a function, in order.
pub(super) fn callers(system: &System, function: FuncRef) -> &[CallRef] {
    let index = index(system);
    if system.file(function.file).language != Language::Rust {
        return index.callers.get(&function).map_or(&[], Vec::as_slice);
    }
    let declared = &system.file(function.file).outline.functions;
    let table = index.rust.known[function.file.index()].get_or_init(|| declared.iter().map(|_| OnceLock::new()).collect());
    table[function.id.index()].get_or_init(|| fuel::filled(|| index.rust.callers(system, function, &declared[function.id.index()].name)))
}

/// The `forEach`-like call that a function is handed to, if it is.
pub(super) fn callback_of(system: &System, function: FuncRef) -> Option<CallRef> {
    let callbacks = callbacks_of(&system.file(function.file).outline, function.file);
    callbacks.into_iter().rfind(|(given, _)| *given == function).map(|(_, call)| call)
}

/// The functions that `forEach`-like calls of a file are given where they stand.
fn callbacks_of(outline: &Outline, file: FileId) -> Vec<(FuncRef, CallRef)> {
    let mut callbacks = Vec::new();
    for (id, call) in (0u32..).zip(&outline.calls) {
        if let Some((_, method)) = call.method()
            && matches!(method.as_str(), "forEach" | "map" | "for_each")
            && let Some(Expr::Func(function)) = call.positional(0)
        {
            callbacks.push((FuncRef { file, id: *function }, CallRef { file, id: CallId(id) }));
        }
    }
    callbacks
}

/// The index; when nobody prepared it, this thread alone makes it (a pool's thread that waits here could be asked for it again).
fn index(system: &System) -> &CallIndex {
    system.calls.get_or_init(|| {
        let known = declared_names(system, |language| language != Language::Rust);
        let files = (0..system.file_count()).map(FileId).filter(|file| system.file(*file).language != Language::Rust);
        CallIndex { callers: collected(files.map(|file| calls_of(system, file, &known)).collect()), rust: RustCalls::of(system) }
    })
}

/// Makes the index on all threads.
pub(super) fn index_calls(system: &System) -> CallIndex {
    let known = declared_names(system, |language| language != Language::Rust);
    let files = (0..system.file_count()).into_par_iter().map(FileId).filter(|file| system.file(*file).language != Language::Rust);
    CallIndex { callers: collected(files.map(|file| calls_of(system, file, &known)).collect()), rust: RustCalls::of(system) }
}

/// Names that a member call may reach something of the program by: most method calls are of libraries, and need no look.
fn declared_names(system: &System, counts: impl Fn(Language) -> bool) -> FastSet<&str> {
    let mut names = FastSet::default();
    for facts in (0..system.file_count()).map(|file| system.file(FileId(file))).filter(|facts| counts(facts.language)) {
        let outline = &facts.outline;
        names.extend(outline.functions.iter().map(|function| function.name.as_str()));
        names.extend(outline.classes.iter().map(|class| class.name.as_str()));
        names.extend(outline.exports.iter().map(|export| export.name.as_str()));
        for assign in outline.assigns.iter().filter(|assign| matches!(assign.value, Expr::Func(_) | Expr::Ref(_) | Expr::Member(..))) {
            names.extend(pattern_names(&assign.target).into_iter().map(Name::as_str));
        }
    }
    names
}

fn collected(files: Vec<Vec<(FuncRef, CallRef)>>) -> FastMap<FuncRef, Vec<CallRef>> {
    let mut callers: FastMap<FuncRef, Vec<CallRef>> = FastMap::default();
    for (function, call) in files.into_iter().flatten() {
        callers.entry(function).or_default().push(call);
    }
    callers
}

fn calls_of(system: &System, file: FileId, known: &FastSet<&str>) -> Vec<(FuncRef, CallRef)> {
    let outline = &system.file(file).outline;
    let mut callers = Vec::new();
    let callbacks = callbacks_of(outline, file);
    for (id, call) in (0u32..).zip(&outline.calls) {
        if matches!(&call.callee, Expr::Member(_, name) if !known.contains(name.as_str())) {
            continue;
        }
        let here = CallRef { file, id: CallId(id) };
        callers.extend(called(system, &callbacks, here).into_iter().map(|function| (function, here)));
    }
    callers
}

/// The functions that a call calls; of a class its constructor. `callbacks` are those of the call's file.
fn called(system: &System, callbacks: &[(FuncRef, CallRef)], call: CallRef) -> Vec<FuncRef> {
    let callee = system.callee(call);
    if let Some(function) = callee.function() {
        return vec![function];
    }
    let Meaning::Class(class) = callee else {
        return fuel::filled(|| several::callees(system, callbacks, call, &callee));
    };
    CONSTRUCTORS.into_iter().find_map(|name| super::classes::method(system, class, name)).into_iter().collect()
}

const CONSTRUCTORS: [&str; 2] = ["__init__", "constructor"];

impl RustCalls {
    fn of(system: &System) -> Self {
        let files = || (0..system.file_count()).map(FileId).filter(|file| system.file(*file).language == Language::Rust);
        let mut calls = Self { known: (0..system.file_count()).map(|_| OnceLock::new()).collect(), ..Self::default() };
        let mut renamed = FastSet::default();
        let mut has_constructor = false;
        for outline in files().map(|file| &system.file(file).outline) {
            renaming(outline, &mut renamed);
            has_constructor |= outline.functions.iter().any(|function| CONSTRUCTORS.contains(&function.name.as_str()));
        }
        let declared = declared_names(system, |language| language == Language::Rust);
        for file in files() {
            for (id, call) in (0u32..).zip(&system.file(file).outline.calls) {
                let here = CallRef { file, id: CallId(id) };
                match call.callee.last_name() {
                    Some(name) if !declared.contains(name.as_str()) && matches!(call.callee, Expr::Member(..)) => {}
                    Some(name) if !has_constructor && !renamed.contains(name.as_str()) => match calls.named.get_mut(name) {
                        Some(named) => named.push(here),
                        None => drop(calls.named.insert(name.clone(), vec![here])),
                    },
                    _ => calls.others.push(here),
                }
            }
        }
        calls
    }

    fn callers(&self, system: &System, function: FuncRef, name: &Name) -> Box<[CallRef]> {
        let others = self.resolved.get_or_init(|| collected(self.others_of_files(system).collect()));
        let mut found = others.get(&function).cloned().unwrap_or_default();
        let named = self.named.get(name).into_iter().flatten().copied();
        found.extend(named.filter(|call| system.callee(*call).function() == Some(function)));
        found.sort_unstable();
        found.into()
    }

    /// What the calls by other names call, file by file.
    fn others_of_files(&self, system: &System) -> impl Iterator<Item = Vec<(FuncRef, CallRef)>> {
        self.others.chunk_by(|one, other| one.file == other.file).map(|calls| {
            let callbacks = calls.first().map(|call| callbacks_of(&system.file(call.file).outline, call.file)).unwrap_or_default();
            let called =
                |call: &CallRef| called(system, &callbacks, *call).into_iter().map(|function| (function, *call)).collect::<Vec<_>>();
            calls.iter().flat_map(called).collect()
        })
    }
}

/// The names under which a Rust file may know what has another name, or none: renamed imports, bound values, values of variants, what
/// loops and callbacks take.
fn renaming<'p>(outline: &'p Outline, renamed: &mut FastSet<&'p str>) {
    renamed.extend(["Self", "cls", "value"]);
    for import in &outline.imports {
        let last = match &import.what {
            Imported::Name(name) => name.as_str(),
            _ => import.module.rsplit("::").next().unwrap_or_default().trim(),
        };
        if last != import.local {
            renamed.insert(&import.local);
        }
    }
    for assign in &outline.assigns {
        if let Some(place) = placed(&assign.target).filter(|name| may_rename(&assign.value, name, outline)) {
            renamed.insert(place);
        } else if !matches!(assign.target, Pattern::Name(_) | Pattern::Place(_)) {
            renamed.extend(pattern_names(&assign.target).into_iter().map(Name::as_str));
        }
    }
    for scope in &outline.scopes {
        if let ScopeKind::Loop(pattern, _) = &scope.kind {
            renamed.extend(pattern_names(pattern).into_iter().map(Name::as_str));
        }
    }
    for (callback, _) in callbacks_of(outline, FileId::default()) {
        let taken = outline.function(callback.id).params.first();
        renamed.extend(taken.into_iter().flat_map(|param| pattern_names(&param.pattern)).map(Name::as_str));
    }
    for class in &outline.classes {
        let fields = class.fields.iter().filter_map(|field| Some((&field.name, field.default.as_ref()?)));
        let variants = class.variants.iter().filter_map(|variant| Some((&variant.name, variant.value.as_ref()?)));
        let named = fields.chain(variants).filter(|(name, value)| may_rename(value, name, outline));
        renamed.extend(named.map(|(name, _)| name.as_str()));
    }
}

/// The one name that an assignment gives its value.
fn placed(target: &Pattern) -> Option<&str> {
    match target {
        Pattern::Name(name) => Some(name),
        Pattern::Place(place) => place.last_name().map(Name::as_str),
        _ => None,
    }
}

/// Whether a value of this name may be called and be something of another name.
fn may_rename(value: &Expr, name: &str, outline: &Outline) -> bool {
    match value {
        Expr::Hole | Expr::Null | Expr::Bool(_) | Expr::Int(_) | Expr::Float(_) | Expr::Str(_) | Expr::Regex(_) => false,
        Expr::Template(_) | Expr::List(_) | Expr::Call(_) | Expr::Each(_) => false,
        Expr::Ref(other) | Expr::Member(_, other) => other != name,
        Expr::Func(FuncId(id)) => outline.functions.get(*id as usize).is_none_or(|function| function.name != name),
        _ => true,
    }
}
