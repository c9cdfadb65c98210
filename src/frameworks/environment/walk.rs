//! Every expression of a file, once, with what is done with its value.

use std::collections::BTreeMap;

use crate::base::code::{Arg, At, Call, Expr, FuncId, Key, Op, Outline, Pattern, Piece, ScopeId};

/// How deep expressions are followed.
const MAX_DEPTH: u32 = 200;

/// What is done with a value.
#[derive(Clone, Copy, Debug)]
pub enum Use<'p> {
    /// Nothing is known.
    Plain,
    /// It is only asked whether it is there, or what it is.
    Tested,
    /// The condition that begins there holds when it is there.
    Holds(At),
    /// The condition that begins there holds when it is not there.
    Missing(At),
    /// This takes its place when it is not there.
    Else(&'p Expr),
}

/// An expression and where it stands.
#[derive(Clone, Copy)]
pub struct Seen<'p> {
    /// The expression.
    pub expr: &'p Expr,
    /// The innermost scope.
    pub scope: ScopeId,
    /// Where, at least nearly.
    pub at: At,
    /// The name it is given under: of a variable, keyword or key, or of the function it is handed to.
    pub key: &'p str,
    /// What is done with it.
    pub used: Use<'p>,
}

/// Visits every expression of a file. Calls are visited where they stand; what they are given is visited once.
pub fn each<'p>(outline: &'p Outline, visit: &mut impl FnMut(Seen<'p>)) {
    let mut root = |expr: &'p Expr, scope: ScopeId, at: At, key: &'p str, used: Use<'p>| {
        walk(Seen { expr, scope, at, key, used }, visit, 0);
    };
    let conditions = conditions(outline);
    for assign in &outline.assigns {
        let key = match &assign.target {
            Pattern::Name(name) => name.as_str(),
            Pattern::Place(place) => place.last_name().map_or("", |name| name.as_str()),
            _ => "",
        };
        let used = if matches!(assign.target, Pattern::Name(_)) {
            condition_of(outline, &conditions, key, assign.scope, assign.at)
        } else {
            Use::Plain
        };
        root(&assign.value, assign.scope, assign.at, key, used);
    }
    for call in &outline.calls {
        root(&call.callee, call.scope, call.at, "", Use::Plain);
        let name = call.callee.last_name().map_or("", |name| name.as_str());
        for arg in &call.args {
            root(&arg.value, call.scope, call.at, arg.name.as_deref().unwrap_or(name), Use::Plain);
        }
    }
    for read in &outline.reads {
        root(&read.expr, read.scope, read.at, "", Use::Plain);
    }
    for test in &outline.tests {
        root(&test.expr, test.scope, test.at, "", Use::Holds(test.at));
    }
    for value in &outline.returns {
        root(&value.value, value.scope, value.at, "", Use::Plain);
    }
    for class in &outline.classes {
        for field in &class.fields {
            if let Some(default) = &field.default {
                root(default, class.inner, field.at, &field.name, Use::Plain);
            }
        }
    }
    for function in &outline.functions {
        for param in &function.params {
            if let Some(default) = &param.default {
                root(default, function.scope, param.at, param.name().map_or("", |name| name.as_str()), Use::Plain);
            }
        }
    }
    for export in &outline.exports {
        if let crate::base::code::ExportTarget::Value(value) = &export.target {
            root(value, ScopeId(0), export.at, "", Use::Plain);
        }
    }
}

fn walk<'p>(seen: Seen<'p>, visit: &mut impl FnMut(Seen<'p>), depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    visit(seen);
    let plain = |expr: &'p Expr| Seen { expr, used: Use::Plain, ..seen };
    match seen.expr {
        Expr::Member(base, _) => walk(plain(base), visit, depth + 1),
        Expr::Index(parts) => {
            walk(plain(&parts.0), visit, depth + 1);
            walk(plain(&parts.1), visit, depth + 1);
        }
        Expr::Template(pieces) => {
            for piece in pieces {
                if let Piece::Expr(expr) = piece {
                    walk(plain(expr), visit, depth + 1);
                }
            }
        }
        Expr::List(items) => items.iter().for_each(|item| walk(plain(item), visit, depth + 1)),
        Expr::Object(entries) => {
            for entry in entries {
                let key = match &entry.key {
                    Key::Name(name) => name.as_str(),
                    Key::Computed(_) | Key::Spread => seen.key,
                };
                walk(Seen { expr: &entry.value, at: entry.at, key, used: Use::Plain, ..seen }, visit, depth + 1);
            }
        }
        Expr::Binary(binary) => {
            let (left, right) = sides(binary.op, &binary.left, &binary.right, seen.used);
            walk(Seen { expr: &binary.left, used: left, ..seen }, visit, depth + 1);
            walk(Seen { expr: &binary.right, used: right, ..seen }, visit, depth + 1);
        }
        Expr::Cond(cond) => {
            walk(Seen { expr: &cond.test, used: Use::Tested, ..seen }, visit, depth + 1);
            walk(Seen { expr: &cond.yes, ..seen }, visit, depth + 1);
            walk(Seen { expr: &cond.no, ..seen }, visit, depth + 1);
        }
        Expr::Spread(inner) => walk(plain(inner), visit, depth + 1),
        Expr::Each(each) => walk(Seen { expr: &each.element, scope: each.scope, used: Use::Plain, ..seen }, visit, depth + 1),
        Expr::Cast(inner) => walk(Seen { expr: &inner.0, ..seen }, visit, depth + 1),
        Expr::Args(args) => args.iter().for_each(|Arg { value, .. }| walk(plain(value), visit, depth + 1)),
        _ => {}
    }
}

/// What is done with the two sides of an operation.
fn sides<'p>(op: Op, left: &Expr, right: &'p Expr, used: Use<'p>) -> (Use<'p>, Use<'p>) {
    let is_nothing = |side: &Expr| matches!(side, Expr::Null) || side.as_str() == Some("");
    match (op, used) {
        (Op::Eq, Use::Holds(at)) if is_nothing(right) => return (Use::Missing(at), Use::Tested),
        (Op::Eq, Use::Holds(at)) if is_nothing(left) => return (Use::Tested, Use::Missing(at)),
        // Any of them is enough for the condition.
        (Op::Or, Use::Holds(at)) => return (Use::Holds(at), Use::Holds(at)),
        _ => {}
    }
    match op {
        Op::Or | Op::Coalesce => {
            let is_literal = matches!(right, Expr::Str(_) | Expr::Int(_) | Expr::Float(_) | Expr::Bool(_));
            let left = match used {
                Use::Else(_) if !is_literal => used,
                Use::Tested | Use::Holds(_) => Use::Tested,
                _ => Use::Else(right),
            };
            (left, used)
        }
        Op::And => (Use::Tested, used),
        Op::Eq | Op::Ne | Op::In => (Use::Tested, Use::Tested),
        _ => (Use::Plain, Use::Plain),
    }
}

/// Variables that conditions ask for: whose name, where, and whether it is asked that they are missing.
type Conditions<'p> = BTreeMap<&'p str, Vec<(Option<FuncId>, At, bool)>>;

fn conditions(outline: &Outline) -> Conditions<'_> {
    let mut found = Conditions::new();
    for test in &outline.tests {
        asked(&test.expr, outline.function_around(test.scope), test.at, 0, &mut found);
    }
    found
}

fn asked<'p>(expr: &'p Expr, function: Option<FuncId>, at: At, depth: u32, found: &mut Conditions<'p>) {
    match expr {
        Expr::Ref(name) => found.entry(name).or_default().push((function, at, false)),
        Expr::Binary(binary) if depth < 16 => match (binary.op, &binary.left, &binary.right) {
            (Op::Eq, Expr::Ref(name), Expr::Null) => found.entry(name).or_default().push((function, at, true)),
            (Op::Or | Op::And, left, right) => {
                asked(left, function, at, depth + 1, found);
                asked(right, function, at, depth + 1, found);
            }
            _ => {}
        },
        _ => {}
    }
}

/// What the first condition behind an assignment asks of the variable.
fn condition_of<'p>(outline: &Outline, conditions: &Conditions, name: &str, scope: ScopeId, at: At) -> Use<'p> {
    let Some(known) = conditions.get(name) else { return Use::Plain };
    let function = outline.function_around(scope);
    let first =
        known.iter().filter(|(around, asked, _)| *around == function && asked.offset > at.offset).min_by_key(|(_, asked, _)| asked.offset);
    match first {
        Some((_, asked, true)) => Use::Missing(*asked),
        Some((_, asked, false)) => Use::Holds(*asked),
        None => Use::Plain,
    }
}

/// Lines between a condition and what it leads to, at most.
const NEAR: u32 = 4;

/// Whether what follows on a condition raises, or ends the program, before anything else is done.
#[must_use]
pub fn fails(outline: &Outline, condition: At) -> bool {
    let is_near = |at: At| at.offset > condition.offset && at.line <= condition.line + NEAR;
    let raised = outline.returns.iter().filter(|left| left.is_raise && is_near(left.at)).map(|left| left.at.offset);
    let called = outline.calls.iter().filter(|call| is_near(call.at) && ends(call)).map(|call| call.at.offset);
    let Some(first) = raised.chain(called).min() else { return false };
    let is_between = |at: At| at.offset > condition.offset && at.offset < first;
    let is_else = outline.tests.iter().any(|test| is_between(test.at))
        || outline.assigns.iter().any(|assign| is_between(assign.at))
        || outline.returns.iter().any(|left| !left.is_raise && is_between(left.at));
    !is_else
}

/// `throw new Error(…)` outside of functions, `process.exit(1)`, `sys.exit()`.
fn ends(call: &Call) -> bool {
    let name = call.callee.last_name().map_or("", |name| name.as_str());
    matches!(name, "exit" | "_exit" | "abort" | "ImproperlyConfigured" | "SystemExit" | "invariant")
        || name.ends_with("Error")
        || name.ends_with("Exception")
}
