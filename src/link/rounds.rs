//! What loops take, round by round: elements of lists, members of objects, exports of modules.

use super::names::{self, MAX_STEPS, follow};
use super::system::System;
use super::values::{entries, items};
use crate::base::Name;
use crate::base::code::{Expr, Pattern};
use crate::facts::program::{Meaning, Program, Site};

/// One element that a loop takes: a value, or parts that were taken apart (`dict.items()`, `enumerate`).
#[derive(Clone, Debug)]
pub(super) enum Item<'p> {
    /// An expression of a list.
    Whole(&'p Expr, Site),
    /// A key and a value.
    Pair(Meaning<'p>, Meaning<'p>),
    /// What a module exports.
    Exported(Meaning<'p>),
}

/// The elements a loop over an expression takes.
pub(super) fn iterated<'p>(system: &'p System, site: &Site, iter: &'p Expr, steps: u32) -> Option<Vec<Item<'p>>> {
    if steps > MAX_STEPS {
        return None;
    }
    if let Expr::Call(id) = iter {
        let call = system.file(site.file).outline.call(*id);
        if let Some((receiver, method)) = call.method() {
            let of_object = matches!(receiver, Expr::Ref(name) if name == "Object");
            let source = if of_object { call.positional(0)? } else { receiver };
            match method.as_str() {
                "items" | "entries" | "iter" | "into_iter" | "values" | "keys" => {
                    if let Some(entries) = entries(system, site, source, steps + 1) {
                        return Some(entries.into_iter().map(|(key, value, at)| entry_item(method, &key, value, at)).collect());
                    }
                    if of_object && let Some(exported) = exported(system, site, source, method, steps) {
                        return Some(exported);
                    }
                    if matches!(method.as_str(), "iter" | "into_iter" | "values") {
                        return iterated(system, site, source, steps + 1);
                    }
                    return None;
                }
                _ => {}
            }
        }
    }
    items(system, site, iter, steps).map(|items| items.into_iter().map(|(expr, at)| Item::Whole(expr, at)).collect())
}

/// `Object.entries(routes)` of `import * as routes from "./routes"`.
fn exported<'p>(system: &'p System, site: &Site, source: &'p Expr, method: &str, steps: u32) -> Option<Vec<Item<'p>>> {
    let module = follow(system, site, source, steps + 1);
    let Meaning::Module(file, scope) = module else { return None };
    let outline = &system.file(file).outline;
    let names = outline.exports.iter().map(|export| &export.name).filter(|name| !matches!(name.as_str(), "*" | "="));
    let member = |name: &Name| names::members::member(system, &Meaning::Module(file, scope), name, steps + 2);
    Some(match method {
        "values" => names.map(|name| Item::Exported(member(name))).collect(),
        "entries" => names.map(|name| Item::Pair(Meaning::Outside(format!("builtins.str:{name}").into()), member(name))).collect(),
        _ => return None,
    })
}

fn entry_item<'p>(method: &str, key: &Name, value: &'p Expr, at: Site) -> Item<'p> {
    if method == "values" {
        return Item::Whole(value, at);
    }
    Item::Pair(Meaning::Outside(format!("builtins.str:{key}").into()), Meaning::Value(value, at))
}

/// Binds an element to a name of a pattern.
pub(super) fn bind_item<'p>(system: &'p System, item: &Item<'p>, pattern: &'p Pattern, name: &str, steps: u32) -> Meaning<'p> {
    match item {
        Item::Whole(expr, at) => names::bound::bind_value(system, follow(system, at, expr, steps + 1), pattern, name, steps + 1),
        Item::Exported(meaning) => names::bound::bind_value(system, meaning.clone(), pattern, name, steps + 1),
        Item::Pair(key, value) => {
            let value = match value {
                Meaning::Value(expr, at) => follow(system, at, expr, steps + 1),
                other => other.clone(),
            };
            names::bound::bind_parts(system, &[key.clone(), value], pattern, name, steps + 1)
        }
    }
}
