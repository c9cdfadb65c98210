//! Every expression of a file, once, with what is done with its value.

use crate::base::code::{Arg, At, Expr, Key, Op, Outline, Pattern, Piece, ScopeId};

/// How deep expressions are followed.
const MAX_DEPTH: u32 = 200;

/// What is done with a value.
#[derive(Clone, Copy, Debug)]
pub enum Use<'p> {
    /// Nothing is known.
    Plain,
    /// It is only asked whether it is there, or what it is.
    Tested,
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
pub fn each<'p>(outline: &'p Outline, visit: &mut dyn FnMut(Seen<'p>)) {
    let mut root = |expr: &'p Expr, scope: ScopeId, at: At, key: &'p str, used: Use<'p>| {
        walk(Seen { expr, scope, at, key, used }, visit, 0);
    };
    for assign in &outline.assigns {
        let key = match &assign.target {
            Pattern::Name(name) => name.as_str(),
            Pattern::Place(place) => place.last_name().map_or("", |name| name.as_str()),
            _ => "",
        };
        root(&assign.value, assign.scope, assign.at, key, Use::Plain);
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
        root(&test.expr, test.scope, test.at, "", Use::Tested);
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

fn walk<'p>(seen: Seen<'p>, visit: &mut dyn FnMut(Seen<'p>), depth: u32) {
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
            let (left, right) = sides(binary.op, &binary.right, seen.used);
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
fn sides<'p>(op: Op, right: &'p Expr, used: Use<'p>) -> (Use<'p>, Use<'p>) {
    match op {
        Op::Or | Op::Coalesce => {
            let is_literal = matches!(right, Expr::Str(_) | Expr::Int(_) | Expr::Float(_) | Expr::Bool(_));
            let left = match used {
                Use::Else(_) if !is_literal => used,
                Use::Tested => used,
                _ => Use::Else(right),
            };
            (left, used)
        }
        Op::And => (Use::Tested, used),
        Op::Eq | Op::Ne | Op::In => (Use::Tested, Use::Tested),
        _ => (Use::Plain, Use::Plain),
    }
}
