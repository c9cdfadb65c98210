//! Calls that make schemas: zod's own functions, methods of schemas, and functions of the program that return schemas.

use super::{Walk, Zod, symbol};
use crate::base::code::{Call, CallId, Expr};
use crate::facts::program::{Meaning, Mode, Site};

/// What a call is, seen from zod.
enum Link<'c> {
    /// `z.object(…)`: the name.
    Factory(String),
    /// `schema.optional()`: the receiver and the method's name.
    Method(&'c Expr, &'c str),
    /// A call of something else.
    Other,
}

impl Walk<'_> {
    /// The schema a call makes.
    pub(super) fn call(self, site: &Site, id: CallId) -> Option<Zod> {
        let walk = self.deeper()?;
        let made = self.program.file(site.file).outline.call(id);
        let at = site.moved(site.file, made.scope, made.at.offset);
        match walk.link(&at, made) {
            Link::Factory(name) => walk.factory(&at, made, &name),
            Link::Method(receiver, name) => match walk.schema(&at, receiver) {
                Some(base) => walk.method(&at, made, name, base, receiver),
                None => walk.registered(&at, made, name),
            },
            Link::Other => {
                let expr = Expr::Call(id);
                match self.program.produce(&at, &expr) {
                    Meaning::Value(Expr::Call(inner), inner_at) if *inner != id || inner_at.file != site.file => {
                        walk.call(&inner_at, *inner)
                    }
                    _ => None,
                }
            }
        }
    }

    fn link<'c>(self, at: &Site, made: &'c Call) -> Link<'c> {
        match &made.callee {
            Expr::Member(receiver, name) if matches!(**receiver, Expr::Call(_)) => Link::Method(receiver, name),
            callee => match self.program.resolve(at, callee) {
                Meaning::Outside(path) => symbol(&path).map_or(Link::Other, |name| Link::Factory(name.to_string())),
                Meaning::Attribute(..) => match callee {
                    Expr::Member(receiver, name) => Link::Method(receiver, name),
                    _ => Link::Other,
                },
                _ => Link::Other,
            },
        }
    }

    /// Whether a member made by this call may be left out; `None` when the call makes no schema.
    pub(super) fn is_optional(self, site: &Site, id: CallId) -> Option<bool> {
        let walk = self.deeper()?;
        let made = self.program.file(site.file).outline.call(id);
        let at = site.moved(site.file, made.scope, made.at.offset);
        let of = |expr: &Expr| walk.optional_at(&at, expr);
        match walk.link(&at, made) {
            Link::Factory(name) => match name.as_str() {
                "optional" | "nullish" | "undefined" | "any" | "unknown" | "_default" => Some(true),
                "preprocess" => made.positional(1).and_then(of),
                "pipe" => made.positional(usize::from(self.mode == Mode::Write)).and_then(of),
                // Only what the options themselves are counts, not what is in them: they may lead back here.
                "union" | "xor" => {
                    let options = self.program.items(&at, made.positional(0)?).unwrap_or_default();
                    Some(options.iter().any(|(option, at)| walk.optional_at(at, option) == Some(true)))
                }
                "lazy" => walk.got(&at, made.positional(0)?, |walk, at, returned| walk.optional_at(at, returned)),
                _ => Some(false),
            },
            Link::Method(receiver, name) => {
                let before = of(receiver).or_else(|| walk.registered(&at, made, name).map(|found| found.optional))?;
                Some(match name {
                    "optional" | "nullish" | "exactOptional" => true,
                    "default" | "prefault" | "catch" => self.mode == Mode::Read,
                    "unwrap" | "nonoptional" | "array" | "and" | "removeDefault" | "innerType" if name != "innerType" => false,
                    "pipe" if self.mode == Mode::Write => made.positional(0).and_then(of).unwrap_or(before),
                    _ => before,
                })
            }
            Link::Other => walk.call(site, id).map(|found| found.optional),
        }
    }

    /// As `is_optional`, for any expression.
    fn optional_at(self, at: &Site, expr: &Expr) -> Option<bool> {
        match expr {
            Expr::Call(id) => self.is_optional(at, *id),
            expr => match self.program.resolve(at, expr) {
                Meaning::Value(Expr::Call(id), at) => self.is_optional(&at, *id),
                _ => self.schema(at, expr).map(|found| found.optional),
            },
        }
    }
}
