//! The changes that are told, with what they reach.

use serde_json::Value;

use super::view::Schema;
use crate::contract::model::graphql::{GraphqlTypeKind, base_of};
use crate::diff::change::{Change, Domain, Level, Location};
use crate::diff::reach::Reach;

/// Where a change stands: `User`, `name`, `(format)`.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    /// The type, directive, or `schema`.
    pub subject: &'a str,
    /// The field, value, or argument of a directive.
    pub part: &'a str,
    /// The argument of a field.
    pub path: &'a str,
}

impl<'a> At<'a> {
    /// All of a type.
    pub fn of(subject: &'a str) -> Self {
        Self { subject, part: "", path: "" }
    }

    /// A part of it.
    pub fn part(self, part: &'a str) -> Self {
        Self { part, ..self }
    }

    /// An argument of that.
    pub fn path(self, path: &'a str) -> Self {
        Self { path, ..self }
    }
}

/// Gathers changes.
#[derive(Default)]
pub(super) struct Told {
    /// The changes.
    pub changes: Vec<Change>,
    reach: Reach,
}

impl Told {
    /// For changes from one schema to another.
    pub fn new(before: &Schema, after: &Schema) -> Self {
        let mut told = Self::default();
        told.learn(before);
        told.learn(after);
        told
    }

    fn learn(&mut self, schema: &Schema) {
        for (kind, root) in &schema.roots {
            for field in &root.fields {
                let end = format!("{} {}", kind.word(), field.name);
                let types = field.args.iter().map(|arg| arg.ty.as_str()).chain([field.ty]);
                types.for_each(|ty| self.reach.add_end(&end, base_of(ty)));
            }
        }
        for one in &schema.types {
            for field in &one.fields {
                let types = field.args.iter().map(|arg| arg.ty.as_str()).chain([field.ty]);
                types.for_each(|ty| self.reach.add(&one.name, base_of(ty)));
            }
            for of in &one.of {
                // Who reads an interface may meet what implements it.
                let (user, used) = if one.kind == GraphqlTypeKind::Union { (one.name.as_str(), *of) } else { (*of, one.name.as_str()) };
                self.reach.add(user, used);
            }
        }
    }

    /// Tells a change.
    pub fn add(&mut self, rule: &str, at: At, before: Option<String>, after: Option<String>) {
        self.add_at(None, rule, at, before, after);
    }

    /// Tells a change at the level its context asks for.
    pub fn add_at(&mut self, level: Option<Level>, rule: &str, at: At, before: Option<String>, after: Option<String>) {
        let path = if at.path.is_empty() { String::new() } else { format!("({})", at.path) };
        let location = Location { subject: at.subject.to_owned(), part: at.part.to_owned(), path, shared: None };
        let mut change = Change::new(rule, Domain::Graphql, location).with(before.map(Value::from), after.map(Value::from));
        change.affects = self.reach.of(at.subject);
        self.changes.push(match level {
            Some(level) => change.at_level(level),
            None => change,
        });
    }
}
