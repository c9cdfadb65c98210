//! What stands where in a call: places, methods, handlers, paths.

use crate::base::code::{Call, Expr};
use crate::facts::finding::Method;
use crate::facts::program::{FuncRef, Meaning, Program, Site};
use crate::frameworks::table::At;

/// The expression at a place of a call.
#[must_use]
pub fn at(place: At, call: &Call) -> Option<&Expr> {
    match place {
        At::Nowhere | At::Option(..) => None,
        At::Keyword(keyword) => call.keyword(keyword),
        At::Arg(position, keyword) => call.arg(position, keyword),
        At::Position(position) | At::From(position) => call.positional(position),
        At::Last => call.args.last().filter(|arg| arg.name.is_none()).map(|arg| &arg.value),
    }
}

/// The methods a list or text names.
#[must_use]
pub fn methods_of(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Method> {
    let found =
        |expr: &Expr, at: &Site| program.text(at, expr).plain().and_then(|text| Method::of(text.rsplit('.').next().unwrap_or(&text)));
    let mut methods: Vec<Method> = match expr {
        Expr::List(items) => items.iter().filter_map(|item| found(item, site)).collect(),
        _ => match found(expr, site) {
            Some(method) => vec![method],
            None => {
                let meaning = program.resolve(site, expr);
                match meaning.value() {
                    Some((list @ (Expr::List(_) | Expr::Call(_)), at)) => {
                        let items = program.items(at, list).unwrap_or_default();
                        items.into_iter().filter_map(|(item, at)| found(item, &at)).collect()
                    }
                    _ => Vec::new(),
                }
            }
        },
    };
    methods.dedup();
    methods
}

/// The function a handler expression is: through wrappers (`asyncHandler(f)`), bound methods (`ctrl.list.bind(ctrl)`), lists of middleware.
#[must_use]
pub fn handler_function(program: &dyn Program, site: &Site, expr: &Expr) -> Option<FuncRef> {
    handler_at(program, site, expr, 0)
}

pub(super) fn handler_at(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<FuncRef> {
    if depth > 12 {
        return None;
    }
    match expr {
        Expr::List(items) => items.last().and_then(|last| handler_at(program, site, last, depth + 1)),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            if let Some((receiver, name)) = call.method()
                && name == "bind"
            {
                return handler_at(program, site, receiver, depth + 1);
            }
            // A wrapper: the last argument that is a function; else the function that the call makes.
            let wrapped = call.args.iter().rev().find_map(|arg| match &arg.value {
                value @ (Expr::Func(_) | Expr::Ref(_) | Expr::Member(..) | Expr::Call(_)) => handler_at(program, site, value, depth + 1),
                _ => None,
            });
            wrapped.or_else(|| program.produce(site, expr).function())
        }
        _ => match program.resolve(site, expr) {
            // `const list = wrap(async (req, res) => …)`, used by its name.
            Meaning::Value(inner @ (Expr::Call(_) | Expr::List(_)), at) if !std::ptr::eq(inner, expr) => {
                handler_at(program, &at, inner, depth + 1)
            }
            meaning => meaning.function(),
        },
    }
}

/// Whether an argument may be a path: text, a name or an attribute, never a function or a number.
pub(super) fn may_be_path(expr: Option<&Expr>) -> bool {
    matches!(
        expr,
        Some(
            Expr::Str(_)
                | Expr::Template(_)
                | Expr::Ref(_)
                | Expr::Member(..)
                | Expr::Call(_)
                | Expr::Binary(_)
                | Expr::Regex(_)
                | Expr::List(_)
                | Expr::Index(_)
                | Expr::Cond(_)
        )
    )
}

/// Whether an argument is text (or would be, were it known).
pub(super) fn is_text(program: &dyn Program, site: &Site, expr: Option<&Expr>) -> bool {
    match expr {
        Some(Expr::Str(_) | Expr::Template(_) | Expr::Regex(_)) => true,
        Some(expr) => program.text(site, expr).plain().is_some(),
        None => false,
    }
}
