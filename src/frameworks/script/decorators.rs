//! Decorators of TypeScript: what they come from, through the program's own compositions of others.

use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::program::{CallRef, Meaning, Program, Site};

/// How deep compositions nest.
const MAX_DEPTH: u32 = 6;

/// A decorator that is in force.
#[derive(Clone)]
pub struct Decor<'p> {
    /// The library symbol: `@nestjs/common.Get`; empty when it is none of a library.
    pub path: Name,
    /// The name it is written by.
    pub name: Name,
    /// The call, when it is one.
    pub call: Option<&'p Call>,
    /// Where its arguments are read.
    pub site: Site,
}

impl<'p> Decor<'p> {
    /// The last part of the symbol, when it comes from one of these libraries.
    #[must_use]
    pub fn of(&self, libraries: &[&str]) -> Option<&str> {
        let (library, name) = self.path.rsplit_once('.')?;
        libraries
            .iter()
            .any(|known| library == *known || library.strip_prefix(known).is_some_and(|rest| rest.starts_with('/')))
            .then_some(name)
    }

    /// An argument.
    #[must_use]
    pub fn arg(&self, position: usize) -> Option<&'p Expr> {
        self.call.and_then(|call| call.positional(position))
    }

    /// All arguments.
    #[must_use]
    pub fn args(&self) -> Vec<&'p Expr> {
        self.call.map(|call| call.args.iter().map(|arg| &arg.value).collect()).unwrap_or_default()
    }

    /// The member of an options object at a position.
    #[must_use]
    pub fn option(&self, program: &'p dyn Program, position: usize, key: &str) -> Option<(&'p Expr, Site)> {
        let options = self.arg(position)?;
        let entries = program.entries(&self.site, options)?;
        entries.into_iter().rev().find(|(name, ..)| name == key).map(|(_, value, at)| (value, at))
    }
}

/// Decorators with compositions taken apart: `applyDecorators(UseGuards(X), ApiBearerAuth())`.
#[must_use]
pub fn decorators<'p>(program: &'p dyn Program, site: &Site, exprs: &'p [Expr]) -> Vec<Decor<'p>> {
    let mut found = Vec::new();
    for expr in exprs {
        expand(program, site, expr, 0, &mut found);
    }
    found
}

fn expand<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr, depth: u32, found: &mut Vec<Decor<'p>>) {
    if depth > MAX_DEPTH || found.len() > 200 {
        return;
    }
    let Expr::Call(id) = expr else {
        let name = expr.last_name().cloned().unwrap_or_default();
        match program.resolve(site, expr) {
            Meaning::Outside(path) => found.push(Decor { path, name, call: None, site: site.clone() }),
            // `const Auth = UseGuards(X)`, used as `@Auth`.
            Meaning::Value(inner @ Expr::Call(_), at) => expand(program, &at, inner, depth + 1, found),
            _ => found.push(Decor { path: Name::default(), name, call: None, site: site.clone() }),
        }
        return;
    };
    let call = program.file(site.file).outline.call(*id);
    let name = call.callee.last_name().cloned().unwrap_or_default();
    match program.callee(CallRef { file: site.file, id: *id }) {
        Meaning::Outside(path) if path.ends_with(".applyDecorators") => {
            for arg in &call.args {
                spread(program, site, &arg.value, depth, found);
            }
        }
        Meaning::Outside(path) => found.push(Decor { path, name, call: Some(call), site: site.clone() }),
        callee => {
            let own = Decor { path: Name::default(), name, call: Some(call), site: site.clone() };
            if let Some(function) = callee.function() {
                inner_calls(program, function, site, expr, depth, found);
            } else if let Some((made, _)) = callee.call() {
                // `const Roles = Reflector.createDecorator<string[]>()`.
                if let Meaning::Outside(path) = program.callee(made) {
                    found.push(Decor { path, ..own.clone() });
                }
            }
            found.push(own);
        }
    }
}

/// What the program's own decorator is made of: the value it returns, else what its body applies.
fn inner_calls<'p>(
    program: &'p dyn Program,
    function: crate::facts::program::FuncRef,
    site: &Site,
    expr: &'p Expr,
    depth: u32,
    found: &mut Vec<Decor<'p>>,
) {
    if let Meaning::Value(inner @ Expr::Call(_), at) = program.produce(site, expr)
        && !std::ptr::eq(inner, expr)
    {
        return expand(program, &at, inner, depth + 1, found);
    }
    let Expr::Call(own) = expr else { return };
    let facts = program.file(function.file);
    let declared = program.function(function);
    // `(target, key, descriptor) => { UseGuards(X)(target, key, descriptor) }` and lists of decorators.
    for (id, call) in (0u32..).zip(&facts.outline.calls) {
        let is_inside = declared.at.offset <= call.at.offset && call.at.offset < declared.end;
        let is_self = function.file == site.file && id == own.0;
        if is_inside
            && !is_self
            && let Meaning::Outside(path) = program.callee(CallRef { file: function.file, id: crate::base::code::CallId(id) })
            && path.starts_with('@')
        {
            let name = call.callee.last_name().cloned().unwrap_or_default();
            found.push(Decor { path, name, call: Some(call), site: Site::of_call(function.file, call) });
        }
    }
}

fn spread<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr, depth: u32, found: &mut Vec<Decor<'p>>) {
    let inner = if let Expr::Spread(inner) = expr { inner } else { expr };
    match program.items(site, inner) {
        Some(items) => items.into_iter().for_each(|(item, at)| expand(program, &at, item, depth + 1, found)),
        None => expand(program, site, inner, depth + 1, found),
    }
}
