//! The facts of one file: its outline and which names its scopes bind. A function of bytes and language alone.
//!
//! Does not know where the file lies nor what its imports mean.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::base::Name;
use crate::base::code::{Assign, ClassId, Expr, FuncId, Imported, Outline, Pattern, Scope, ScopeId, ScopeKind};
use crate::base::language::Language;

/// What one file contributes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its language.
    pub language: Language,
    /// Its outline.
    pub outline: Outline,
    /// The names that scopes bind.
    tables: Tables,
    /// Positions in `outline.returns`, by function, then in source order.
    returns: Box<[u32]>,
    /// Positions in `outline.assigns` of what is given to `self.name` (`this.name`), by name, then in source order.
    own: Box<[u32]>,
}

/// The names that scopes bind, in three flat tables.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Tables {
    /// Where each scope's names begin in `names`; one more for the end.
    scopes: Box<[u32]>,
    /// For each scope one bit for the hash of every name: most look-ups end here.
    masks: Box<[u32]>,
    /// The names that scopes bind, sorted by scope, hash and name.
    names: Box<[BoundName]>,
    /// Their bindings, in source order for each name.
    bounds: Box<[Bound]>,
}

/// A name of a scope and where its bindings begin in `bounds`; they end where the next name's begin.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct BoundName {
    hash: u32,
    from: u32,
    name: Name,
}

/// A number that tells most names apart. Names are looked up by it, since most lookups find nothing.
fn hash_of(name: &str) -> u32 {
    // FNV-1a.
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The bit that stands for a hash in a scope's mask.
fn bit_of(hash: u32) -> u32 {
    1 << (hash % 32)
}

/// One binding of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Byte offset from which it holds (0 for declarations that hold in the whole scope).
    pub offset: u32,
    /// What it is bound to.
    pub to: Binding,
}

/// What a name is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binding {
    /// Index into `outline.imports`.
    Import(u32),
    /// A function.
    Function(FuncId),
    /// A class.
    Class(ClassId),
    /// Index into `outline.assigns`.
    Assign(u32),
    /// A parameter: function and position.
    Param(FuncId, u32),
    /// The variable of a loop scope.
    Loop(ScopeId),
    /// Index into `outline.mods`.
    Mod(u32),
    /// A type parameter of a function or class.
    TypeParam,
}

impl FileFacts {
    /// Gathers the facts of one file.
    #[must_use]
    pub fn new(language: Language, mut outline: Outline) -> Self {
        outline.shrink();
        let mut binder = Binder::for_outline(&outline);
        binder.declarations(&outline);
        binder.values(&outline);
        let tables = binder.sorted(outline.scopes.len());
        let mut returns: Vec<u32> = (0u32..).take(outline.returns.len()).collect();
        returns.sort_by_key(|index| outline.returns[*index as usize].function);
        let mut own: Vec<u32> =
            (0u32..).zip(&outline.assigns).filter(|(_, assign)| own_name(assign).is_some()).map(|(index, _)| index).collect();
        own.sort_by_key(|index| own_name(&outline.assigns[*index as usize]));
        Self { language, outline, tables, returns: returns.into(), own: own.into() }
    }

    /// What is given to `self.name` (`this.name`) anywhere in the file, in source order.
    pub fn own_assigned(&self, name: &str) -> impl Iterator<Item = &Assign> {
        let of = |index: &u32| own_name(&self.outline.assigns[*index as usize]).map_or("", Name::as_str);
        let from = self.own.partition_point(|index| of(index) < name);
        let found = self.own[from..].iter().take_while(move |index| of(index) == name);
        found.map(|index| &self.outline.assigns[*index as usize])
    }

    /// The bindings of a name in one scope (not those around it), in source order.
    #[must_use]
    pub fn bound(&self, scope: ScopeId, name: &str) -> &[Bound] {
        self.bound_with(scope, name, hash_of(name))
    }

    /// A scope and those around it, innermost first, each with its bindings of a name.
    pub fn bound_around<'f>(&'f self, scope: ScopeId, name: &'f str) -> impl Iterator<Item = (ScopeId, &'f Scope, &'f [Bound])> {
        let hash = hash_of(name);
        self.outline.scopes_from(scope).map(move |(id, scope)| (id, scope, self.bound_with(id, name, hash)))
    }

    fn bound_with(&self, scope: ScopeId, name: &str, hash: u32) -> &[Bound] {
        if self.tables.masks.get(scope.index()).is_none_or(|mask| mask & bit_of(hash) == 0) {
            return &[];
        }
        let (first, names) = self.names_in(scope);
        let mut index = names.partition_point(|known| known.hash < hash);
        while names.get(index).is_some_and(|known| known.hash == hash) {
            if names[index].name == name {
                return self.tables.bounds_of(first + index);
            }
            index += 1;
        }
        &[]
    }

    /// The names a scope binds, sorted.
    #[must_use]
    pub fn names_of(&self, scope: ScopeId) -> Vec<&Name> {
        let mut names: Vec<&Name> = self.names_in(scope).1.iter().map(|known| &known.name).collect();
        names.sort_unstable();
        names
    }

    /// The names of a scope, and where they begin in the table.
    fn names_in(&self, scope: ScopeId) -> (usize, &[BoundName]) {
        match self.tables.scopes.get(scope.index()..scope.index() + 2) {
            Some([from, to]) => (*from as usize, &self.tables.names[*from as usize..*to as usize]),
            _ => (0, &[]),
        }
    }

    /// Indices into `outline.returns` of one function, in source order.
    #[must_use]
    pub fn returns_of(&self, function: FuncId) -> &[u32] {
        let of = |index: &u32| self.outline.returns[*index as usize].function;
        let from = self.returns.partition_point(|index| of(index) < function);
        let to = self.returns.partition_point(|index| of(index) <= function);
        &self.returns[from..to]
    }
}

impl Tables {
    /// The bindings of a name in the table.
    fn bounds_of(&self, index: usize) -> &[Bound] {
        let to = self.names.get(index + 1).map_or(self.bounds.len(), |next| next.from as usize);
        &self.bounds[self.names[index].from as usize..to]
    }
}

struct Binder {
    found: Vec<Found>,
}

/// One binding of a name, before the table is made.
struct Found {
    scope: ScopeId,
    hash: u32,
    name: Name,
    bound: Bound,
}

impl Binder {
    /// With room for about what an outline binds.
    fn for_outline(outline: &Outline) -> Self {
        let params: usize = outline.functions.iter().map(|function| function.params.len()).sum();
        let declared = outline.imports.len() + outline.classes.len() + outline.functions.len() + outline.mods.len();
        Self { found: Vec::with_capacity(declared + params + outline.assigns.len()) }
    }

    fn bind(&mut self, scope: ScopeId, name: &Name, offset: u32, to: Binding) {
        if !name.is_empty() {
            self.found.push(Found { scope, hash: hash_of(name), name: name.clone(), bound: Bound { offset, to } });
        }
    }

    /// Where each scope's names begin, the names, and the bindings they point into.
    fn sorted(mut self, scope_count: usize) -> Tables {
        self.found.retain(|found| found.scope.index() < scope_count);
        self.found.sort_by(|one, other| {
            let key = |found: &Found| (found.scope, found.hash);
            key(one).cmp(&key(other)).then_with(|| one.name.cmp(&other.name)).then_with(|| one.bound.offset.cmp(&other.bound.offset))
        });
        let mut scopes: Vec<u32> = Vec::with_capacity(scope_count + 1);
        let mut names: Vec<BoundName> = Vec::with_capacity(self.found.len());
        let mut bounds: Vec<Bound> = Vec::with_capacity(self.found.len());
        let mut masks: Vec<u32> = vec![0; scope_count];
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        for Found { scope, hash, name, bound } in self.found {
            masks[scope.index()] |= bit_of(hash);
            let is_new_scope = scopes.len() <= scope.index();
            scopes.resize(scope.index() + 1, count(names.len()));
            if is_new_scope || names.last().is_none_or(|last| last.hash != hash || last.name != name) {
                names.push(BoundName { hash, from: count(bounds.len()), name });
            }
            bounds.push(bound);
        }
        scopes.resize(scope_count + 1, count(names.len()));
        Tables { scopes: scopes.into(), masks: masks.into(), names: names.into(), bounds: bounds.into() }
    }

    fn declarations(&mut self, outline: &Outline) {
        for (index, import) in (0u32..).zip(&outline.imports) {
            if !matches!(import.what, Imported::Glob | Imported::Effect) {
                self.bind(import.scope, &import.local, 0, Binding::Import(index));
            }
        }
        for (index, class) in (0u32..).zip(&outline.classes) {
            self.bind(class.scope, &class.name, 0, Binding::Class(ClassId(index)));
            for param in &class.type_params {
                self.bind(class.inner, &param.name, 0, Binding::TypeParam);
            }
        }
        for (index, module) in (0u32..).zip(&outline.mods) {
            self.bind(module.scope, &module.name, 0, Binding::Mod(index));
        }
        let assigned = assigned_functions(outline);
        for (index, function) in (0u32..).zip(&outline.functions) {
            let id = FuncId(index);
            if !assigned.contains(&id) {
                self.bind(function.scope, &function.name, 0, Binding::Function(id));
            }
            for param in &function.type_params {
                self.bind(function.inner, &param.name, 0, Binding::TypeParam);
            }
            for (position, param) in (0u32..).zip(&function.params) {
                for name in pattern_names(&param.pattern) {
                    self.bind(function.inner, name, 0, Binding::Param(id, position));
                }
            }
        }
        for (index, scope) in (0u32..).zip(&outline.scopes) {
            if let ScopeKind::Loop(pattern, _) = &scope.kind {
                for name in pattern_names(pattern) {
                    self.bind(ScopeId(index), name, 0, Binding::Loop(ScopeId(index)));
                }
            }
        }
    }

    fn values(&mut self, outline: &Outline) {
        for (index, assign) in (0u32..).zip(&outline.assigns) {
            // `app = app.route(…)`: calls inside the value still see the earlier binding.
            let holds_from = assign.at.offset.max(last_offset(outline, &assign.value, 0));
            for name in pattern_names(&assign.target) {
                self.bind(assign.scope, name, holds_from, Binding::Assign(index));
            }
        }
    }
}

/// The name of the receiver's attribute that is assigned.
fn own_name(assign: &Assign) -> Option<&Name> {
    match &assign.target {
        Pattern::Place(Expr::Member(of, name)) if matches!(of.as_ref(), Expr::Ref(me) if me == "self" || me == "this") => Some(name),
        _ => None,
    }
}

/// Functions that are values (lambdas, class expressions' methods aside): they have no name in their scope but the one they are assigned to.
fn assigned_functions(outline: &Outline) -> HashSet<FuncId> {
    outline.assigns.iter().filter_map(|assign| if let Expr::Func(id) = assign.value { Some(id) } else { None }).collect()
}

/// The offset of the last call or function in a value; names it binds hold behind it.
fn last_offset(outline: &Outline, expr: &Expr, depth: u32) -> u32 {
    let mut last = 0;
    // Chains are walked in a loop, everything else is bounded.
    let mut chain = Some(expr);
    while let Some(expr) = chain.take() {
        let mut visit = |inner: &Expr| last = last.max(if depth > 24 { 0 } else { last_offset(outline, inner, depth + 1) });
        match expr {
            Expr::Call(id) => {
                let call = outline.call(*id);
                call.args.iter().for_each(|arg| visit(&arg.value));
                last = last.max(call.at.offset);
                chain = Some(&call.callee);
            }
            Expr::Member(base, _) | Expr::Spread(base) => chain = Some(base),
            Expr::Func(id) => last = last.max(outline.function(*id).end),
            Expr::Index(pair) => {
                visit(&pair.1);
                chain = Some(&pair.0);
            }
            Expr::Cast(pair) => chain = Some(&pair.0),
            Expr::List(items) => items.iter().for_each(visit),
            Expr::Object(entries) => entries.iter().for_each(|entry| visit(&entry.value)),
            Expr::Binary(binary) => {
                visit(&binary.left);
                visit(&binary.right);
            }
            Expr::Cond(cond) => {
                visit(&cond.yes);
                visit(&cond.no);
            }
            _ => {}
        }
    }
    last
}

/// The names a pattern binds.
#[must_use]
pub fn pattern_names(pattern: &Pattern) -> Vec<&Name> {
    let mut names = Vec::new();
    collect_names(pattern, &mut names, 0);
    names
}

fn collect_names<'p>(pattern: &'p Pattern, names: &mut Vec<&'p Name>, depth: u32) {
    if depth > 32 {
        return;
    }
    match pattern {
        Pattern::Name(name) => names.push(name),
        Pattern::List(items) => items.iter().for_each(|item| collect_names(item, names, depth + 1)),
        Pattern::Object(fields) => fields.iter().for_each(|field| collect_names(&field.target, names, depth + 1)),
        Pattern::Rest(inner) => collect_names(inner, names, depth + 1),
        Pattern::Ignore | Pattern::Place(_) => {}
    }
}
