//! A filter expression as the alternatives it accepts: `and` joins each with each, `or` puts them beside each other.

use super::super::http::{function_of, symbols};
use super::parts;
use super::taken::{Accepted, Source, Value};
use crate::base::Name;
use crate::base::code::{Call, CallKind, Expr};
use crate::facts::program::{CallRef, FuncRef, Meaning, Program, Site};

/// How deep filters may be nested.
const MAX_DEPTH: u32 = 48;
/// How many expressions are read and joined for one server.
const MAX_STEPS: u32 = 10_000;
/// How long a chain may be.
const MAX_LINKS: usize = 4_000;
/// How many alternatives one `and` may bring in.
const MAX_JOINED: usize = 64;
/// How many alternatives are kept.
const MAX_ACCEPTED: usize = 2_000;

/// Reads filter expressions.
pub(super) struct Filters<'p> {
    program: &'p dyn Program,
    steps: u32,
    /// Functions being read: one that calls itself adds nothing.
    entered: Vec<FuncRef>,
}

/// A method of a chain: its name, its call, and where the arguments are read.
type Link<'p> = (&'p Name, &'p Call, Site);

impl<'p> Filters<'p> {
    /// A reader for one server.
    pub fn new(program: &'p dyn Program) -> Self {
        Self { program, steps: 0, entered: Vec::new() }
    }

    /// The alternatives of an expression, in order; none when it is no filter.
    pub fn read(&mut self, site: &Site, expr: &'p Expr) -> Vec<Accepted<'p>> {
        self.expr(site, expr, 0).unwrap_or_default()
    }

    fn expr(&mut self, site: &Site, expr: &'p Expr, depth: u32) -> Option<Vec<Accepted<'p>>> {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS {
            return None;
        }
        let mut links: Vec<Link<'p>> = Vec::new();
        let (mut at, mut next) = (site.clone(), expr);
        while let Expr::Call(id) = next {
            let place = CallRef { file: at.file, id: *id };
            let call = self.program.file(at.file).outline.call(*id);
            at = at.moved(at.file, call.scope, call.at.offset);
            let Some((receiver, name)) = call.method().filter(|_| links.len() < MAX_LINKS && !self.is_known(place)) else { break };
            links.push((name, call, at.clone()));
            next = receiver;
        }
        let mut accepted = self.head(&at, next, depth)?;
        for (name, call, at) in links.into_iter().rev() {
            accepted = self.link(accepted, name, call, &at, depth)?;
        }
        Some(accepted)
    }

    /// Whether a call is one of a function of the program or of a library, no method of a filter.
    fn is_known(&self, place: CallRef) -> bool {
        match self.program.callee(place) {
            Meaning::Function(..) => true,
            Meaning::Outside(path) => path.starts_with("warp.") && !path.starts_with("warp.Filter."),
            _ => false,
        }
    }

    /// What a chain begins with.
    fn head(&mut self, site: &Site, expr: &'p Expr, depth: u32) -> Option<Vec<Accepted<'p>>> {
        match expr {
            Expr::Cond(cond) => {
                let yes = self.expr(site, &cond.yes, depth + 1);
                let no = self.expr(site, &cond.no, depth + 1);
                either(yes, no)
            }
            Expr::Call(id) => self.call(site, expr, CallRef { file: site.file, id: *id }, depth),
            _ => match self.program.produce(site, expr) {
                Meaning::Value(value @ (Expr::Call(_) | Expr::Cond(_)), at) => self.expr(&at, value, depth + 1),
                _ => None,
            },
        }
    }

    fn call(&mut self, site: &Site, expr: &'p Expr, place: CallRef, depth: u32) -> Option<Vec<Accepted<'p>>> {
        let call = self.program.file(place.file).outline.call(place.id);
        let callee = self.program.callee(place);
        for symbol in symbols(self.program, place.file, &callee) {
            if let Some(accepted) = parts::of(self.program, &symbol, place, site) {
                return Some(vec![accepted]);
            }
        }
        if call.kind == CallKind::Macro {
            return self.macro_call(&callee, call, site, place, depth);
        }
        let function = callee.function();
        if function.is_some_and(|function| self.entered.contains(&function)) {
            return None;
        }
        let before = self.entered.len();
        self.entered.extend(function);
        let accepted = match self.program.produce(site, expr) {
            Meaning::Value(value @ (Expr::Call(_) | Expr::Cond(_)), at) if value != expr || at.file != site.file => {
                self.expr(&at, value, depth + 1)
            }
            _ => None,
        };
        self.entered.truncate(before);
        accepted
    }

    /// `path!` under `#[macro_use]`; macros that put routes beside each other.
    fn macro_call(&mut self, callee: &Meaning, call: &'p Call, site: &Site, place: CallRef, depth: u32) -> Option<Vec<Accepted<'p>>> {
        let name = call.callee.last_name()?;
        if name == "path" && callee.outside().is_none_or(|path| path == "builtins.path") {
            return parts::of(self.program, "warp.path", place, site).map(|accepted| vec![accepted]);
        }
        if !name.split('_').any(|word| matches!(word, "or" | "any" | "routes" | "combine")) {
            return None;
        }
        let all = call.args.iter().map(|arg| self.expr(site, &arg.value, depth + 1)).collect::<Vec<_>>();
        all.into_iter().fold(None, either)
    }

    fn link(&mut self, accepted: Vec<Accepted<'p>>, name: &str, call: &'p Call, at: &Site, depth: u32) -> Option<Vec<Accepted<'p>>> {
        let first = call.positional(0);
        match (name, first) {
            ("and", Some(other)) => {
                let other = self.expr(at, other, depth + 1).unwrap_or_else(|| vec![unknown()]);
                let joined = product(&accepted, &other);
                self.steps = self.steps.saturating_add(u32::try_from(joined.len()).unwrap_or(u32::MAX));
                Some(joined)
            }
            ("or", Some(other)) => {
                let other = self.expr(at, other, depth + 1);
                either(Some(accepted), other)
            }
            ("map" | "then" | "and_then", Some(function)) => Some(self.given(accepted, function, call, at)),
            ("or_else", Some(_)) => Some(accepted.into_iter().map(optional).collect()),
            ("untuple_one", _) => Some(accepted.into_iter().map(untupled).collect()),
            ("boxed" | "with" | "recover" | "unify" | "map_err" | "clone" | "unwrap" | "expect" | "into" | "to_owned" | "as_ref", _) => {
                Some(accepted)
            }
            _ => None,
        }
    }

    /// The values of each alternative go to a function.
    fn given(&self, mut accepted: Vec<Accepted<'p>>, expr: &'p Expr, call: &Call, at: &Site) -> Vec<Accepted<'p>> {
        let function = self.function(at, expr);
        for one in &mut accepted {
            match function {
                Some(function) if !(self.dresses(function) && is_answered(one)) => one.step(self.program, function, call.at.line),
                Some(_) => {}
                None => {
                    one.settle(self.program, None);
                    one.values.push(Value::new(Source::Other, None));
                }
            }
        }
        accepted
    }

    fn function(&self, site: &Site, expr: &'p Expr) -> Option<FuncRef> {
        match expr {
            Expr::Func(id) => Some(FuncRef { file: site.file, id: *id }),
            Expr::Call(_) => self.program.produce(site, expr).function(),
            _ => function_of(self.program, site, expr),
        }
    }

    /// `|reply| warp::reply::with_header(reply, …)`: what was answered already gets something more.
    fn dresses(&self, function: FuncRef) -> bool {
        let facts = self.program.file(function.file);
        let [only] = facts.returns_of(function.id) else { return false };
        let Expr::Call(id) = facts.outline.returns[*only as usize].value else { return false };
        let call = facts.outline.call(id);
        let takes = matches!((call.positional(0), facts.outline.function(function.id).params.first().and_then(|param| param.name())),
            (Some(Expr::Ref(given)), Some(name)) if given == name);
        takes
            && self
                .program
                .callee(CallRef { file: function.file, id })
                .outside()
                .is_some_and(|path| path.starts_with("warp.reply.with_") || path == "warp.reply.Reply.into_response")
    }
}

/// Whether a function answered, and nothing was taken since.
fn is_answered(accepted: &Accepted) -> bool {
    !accepted.steps.is_empty() && matches!(accepted.values[..], [Value { source: Source::Other, .. }])
}

fn either<'p>(left: Option<Vec<Accepted<'p>>>, right: Option<Vec<Accepted<'p>>>) -> Option<Vec<Accepted<'p>>> {
    let Some(mut left) = left else { return right };
    left.extend(right.into_iter().flatten());
    left.truncate(MAX_ACCEPTED);
    Some(left)
}

fn product<'p>(left: &[Accepted<'p>], right: &[Accepted<'p>]) -> Vec<Accepted<'p>> {
    if left.len() == 1 {
        return right.iter().map(|other| left[0].and(other)).collect();
    }
    let right = &right[..right.len().min(MAX_JOINED)];
    left.iter().flat_map(|one| right.iter().map(|other| one.and(other))).take(MAX_ACCEPTED).collect()
}

/// A filter that is not known: it may hand on anything.
fn unknown<'p>() -> Accepted<'p> {
    Accepted { values: vec![Value::new(Source::Several, None)], ..Accepted::default() }
}

/// A failure is answered otherwise: what was asked for need not be there.
fn optional(mut accepted: Accepted) -> Accepted {
    accepted.params.iter_mut().for_each(|param| param.required = false);
    if let Some(body) = &mut accepted.body {
        body.required = false;
    }
    accepted
}

fn untupled(mut accepted: Accepted) -> Accepted {
    accepted.values.clear();
    accepted.values.push(Value::new(Source::Several, None));
    accepted
}
