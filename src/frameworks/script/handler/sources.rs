//! Which part of the request a value comes from: through parameters, names, destructuring, casts and defaults.

use super::{Handling, Part, Root, tree};
use crate::base::Name;
use crate::base::code::{Expr, FuncId, Op, Outline, Param, Pattern, ScopeKind};
use crate::facts::file::{Binding, pattern_names};
use crate::facts::program::{CallRef, FuncRef, Program, Site};

/// How far values are followed.
const MAX_STEPS: u32 = 24;

/// A root and the members below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// What it begins with.
    pub root: Root,
    /// Members; [`tree::ELEMENTS`] stands for an element of a list.
    pub path: Vec<Name>,
}

impl Source {
    /// The root itself.
    #[must_use]
    pub fn of(root: Root) -> Self {
        Self { root, path: Vec::new() }
    }

    fn then(mut self, name: &str) -> Self {
        self.path.push(name.into());
        self
    }

    fn below(mut self, path: Vec<Name>) -> Self {
        self.path.extend(path);
        self
    }
}

impl Handling<'_> {
    /// The part a source lies in, and the keys below it.
    pub(super) fn part_of(&self, source: &Source) -> Option<(Part, Vec<Name>)> {
        part_in(self.dialect.parts, source)
    }

    /// Where an expression's value comes from.
    pub(super) fn source(&self, site: &Site, expr: &Expr) -> Option<Source> {
        self.source_at(site, expr, 0)
    }

    fn source_at(&self, site: &Site, expr: &Expr, steps: u32) -> Option<Source> {
        if steps > MAX_STEPS {
            return None;
        }
        match expr {
            Expr::Ref(name) => self.name_source(site, name, steps),
            Expr::Member(base, name) => Some(self.source_at(site, base, steps + 1)?.then(name)),
            Expr::Index(pair) => {
                let of = self.source_at(site, &pair.0, steps + 1)?;
                match &pair.1 {
                    Expr::Int(_) => Some(of.then(tree::ELEMENTS)),
                    key => Some(of.then(&self.program.text(site, key).plain()?)),
                }
            }
            Expr::Cast(pair) => self.source_at(site, &pair.0, steps + 1),
            Expr::Binary(binary) if matches!(binary.op, Op::Or | Op::Coalesce) => self.source_at(site, &binary.left, steps + 1),
            Expr::Cond(cond) => self.source_at(site, &cond.yes, steps + 1).or_else(|| self.source_at(site, &cond.no, steps + 1)),
            Expr::Call(id) => {
                let call = self.program.file(site.file).outline.call(*id);
                // `new URL(request.url).searchParams`, `Object.fromEntries(url.searchParams)`: what they are made of.
                let is_made_of = match &call.callee {
                    Expr::Ref(name) => name == "URL" || name == "URLSearchParams",
                    Expr::Member(of, name) => name == "fromEntries" && matches!(&**of, Expr::Ref(of) if of == "Object"),
                    _ => false,
                };
                if is_made_of {
                    return self.source_at(site, call.positional(0)?, steps + 1);
                }
                if let Some(taken) = self.taken_by(site, CallRef { file: site.file, id: *id }, steps) {
                    return Some(taken);
                }
                let (receiver, name) = call.method()?;
                if let Some(given) = self.given_by_call(site, receiver, name, steps) {
                    return Some(given);
                }
                if self.dialect.passes.contains(&name.as_str()) {
                    let of = self.source_at(site, receiver, steps + 1)?;
                    return self.part_of(&of).map(|_| of);
                }
                // `schema.parse(req.body)` gives what it takes.
                let takes =
                    matches!(name.as_str(), "parse" | "parseAsync" | "validate" | "validateSync" | "validateAsync" | "cast" | "attempt");
                let of = takes.then(|| self.source_at(site, call.positional(0)?, steps + 1)).flatten()?;
                self.part_of(&of).map(|_| of)
            }
            _ => None,
        }
    }

    /// A part that a function of the program takes out of the request it is given: `await parseBody(request)`.
    fn taken_by(&self, site: &Site, call: CallRef, steps: u32) -> Option<Source> {
        let made = self.program.call(call);
        let (position, given) =
            (0usize..).zip(&made.args).find_map(|(position, arg)| Some((position, self.source_at(site, &arg.value, steps + 1)?)))?;
        let function = self.program.callee(call).function()?;
        let declared = self.program.function(function);
        let param = declared.params.get(position)?.name()?;
        let facts = self.program.file(function.file);
        let returned = facts.returns_of(function.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
        returned.filter(|value| !value.is_raise).find_map(|value| {
            let path = self.path_from(&facts.outline, function, &value.value, param, 0)?;
            let source = given.clone().below(path);
            self.part_of(&source).map(|_| source)
        })
    }

    /// The members on the way from a parameter to a value.
    fn path_from(&self, outline: &Outline, function: FuncRef, value: &Expr, param: &str, depth: u32) -> Option<Vec<Name>> {
        if depth > 8 {
            return None;
        }
        match value {
            Expr::Ref(name) if name == param => Some(Vec::new()),
            Expr::Ref(name) => {
                let inner = self.program.function(function).inner;
                let bound = outline.assigns.iter().find(|assign| {
                    matches!(&assign.target, Pattern::Name(bound) if bound == name) && outline.is_within(assign.scope, inner)
                })?;
                self.path_from(outline, function, &bound.value, param, depth + 1)
            }
            Expr::Cast(pair) => self.path_from(outline, function, &pair.0, param, depth + 1),
            Expr::Member(base, name) => {
                let mut path = self.path_from(outline, function, base, param, depth + 1)?;
                path.push(name.clone());
                Some(path)
            }
            Expr::Call(id) => {
                let (receiver, name) = outline.call(*id).method()?;
                let mut path = self.path_from(outline, function, receiver, param, depth + 1)?;
                path.push(name.clone());
                Some(path)
            }
            _ => None,
        }
    }

    /// A part that a call gives: `request.json()` where the part `["json"]` is known.
    fn given_by_call(&self, site: &Site, receiver: &Expr, name: &Name, steps: u32) -> Option<Source> {
        self.dialect.parts.iter().any(|(_, path, _)| path.last() == Some(&name.as_str())).then_some(())?;
        let of = self.source_at(site, receiver, steps + 1)?.then(name);
        let is_part =
            |place: &super::Place| place.0 == of.root && place.1.iter().eq(of.path.iter().map(Name::as_str).collect::<Vec<_>>().iter());
        self.dialect.parts.iter().any(is_part).then_some(of)
    }

    fn name_source(&self, site: &Site, name: &Name, steps: u32) -> Option<Source> {
        let facts = self.program.file(site.file);
        let outline = &facts.outline;
        for (scope, _) in outline.scopes_from(site.scope) {
            let bounds = facts.bound(scope, name);
            let Some(bound) = bounds.iter().rev().find(|bound| bound.offset < site.offset.max(1)).or_else(|| bounds.last()) else {
                continue;
            };
            return match bound.to {
                Binding::Param(function, position) => self.param_source(FuncRef { file: site.file, id: function }, position, name, steps),
                Binding::Assign(index) => {
                    let assign = outline.assigns.get(index as usize)?;
                    let at = Site { file: site.file, scope: assign.scope, offset: assign.at.offset, env: site.env.clone() };
                    let path = pattern_path(&assign.target, name)?;
                    Some(self.source_at(&at, &assign.value, steps + 1)?.below(path))
                }
                Binding::Loop(round) => {
                    let ScopeKind::Loop(pattern, iterated) = &outline.scope(round).kind else { return None };
                    let at = Site { scope: outline.scope(round).parent, ..site.clone() };
                    let path = pattern_path(pattern, name)?;
                    Some(self.source_at(&at, iterated, steps + 1)?.then(tree::ELEMENTS).below(path))
                }
                _ => None,
            };
        }
        None
    }

    fn param_source(&self, function: FuncRef, position: u32, name: &Name, steps: u32) -> Option<Source> {
        let param: &Param = self.program.function(function).params.get(position as usize)?;
        let path = pattern_path(&param.pattern, name)?;
        if let Some(given) = self.givens.get(&(function, position)) {
            return Some(given.clone().below(path));
        }
        if position != 0 {
            return None;
        }
        let (at, receiver) = self.callback_of(function.file, function.id)?;
        Some(self.source_at(&at, receiver, steps + 1)?.then(tree::ELEMENTS).below(path))
    }

    /// Of `list.map((x) => …)`: the list.
    fn callback_of(&self, file: crate::facts::program::FileId, id: FuncId) -> Option<(Site, &Expr)> {
        let outline = &self.program.file(file).outline;
        let call = outline.calls.iter().find(|call| call.args.iter().any(|arg| arg.value == Expr::Func(id)))?;
        let (receiver, name) = call.method()?;
        let takes_elements =
            matches!(name.as_str(), "map" | "forEach" | "filter" | "some" | "every" | "find" | "flatMap" | "findIndex" | "for_each");
        takes_elements.then(|| (Site { env: self.env.clone(), ..Site::of_call(file, call) }, receiver))
    }
}

/// The part that a list of places puts a source in.
pub(super) fn part_in(places: &[super::Place], source: &Source) -> Option<(Part, Vec<Name>)> {
    let fits = |place: &&super::Place| {
        place.0 == source.root && place.1.len() <= source.path.len() && place.1.iter().zip(&source.path).all(|(one, other)| other == one)
    };
    let (_, prefix, part) = places.iter().filter(fits).max_by_key(|place| place.1.len())?;
    Some((*part, source.path[prefix.len()..].to_vec()))
}

/// The members a pattern takes on the way to a name.
fn pattern_path(pattern: &Pattern, name: &str) -> Option<Vec<Name>> {
    match pattern {
        Pattern::Name(bound) => (bound == name).then(Vec::new),
        Pattern::Rest(inner) => pattern_path(inner, name),
        Pattern::Object(fields) => {
            let field = fields.iter().find(|field| pattern_names(&field.target).iter().any(|bound| *bound == name))?;
            let mut path = pattern_path(&field.target, name)?;
            if !matches!(field.target, Pattern::Rest(_)) {
                path.insert(0, field.key.clone());
            }
            Some(path)
        }
        Pattern::List(parts) => {
            let part = parts.iter().find(|part| pattern_names(part).iter().any(|bound| *bound == name))?;
            let mut path = pattern_path(part, name)?;
            path.insert(0, tree::ELEMENTS.into());
            Some(path)
        }
        Pattern::Ignore | Pattern::Place(_) => None,
    }
}

/// The function a handler argument is: for lists the last; see [`crate::frameworks::interpret::handler_function`].
#[must_use]
pub fn function_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<FuncRef> {
    crate::frameworks::interpret::handler_function(program, site, expr)
}
