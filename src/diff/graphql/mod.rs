//! GraphQL: types, fields, arguments, directives.
//!
//! What is returned may only hold less, what is taken may only hold more. A type that came, went or became another kind of type
//! is told once, without its members. Nothing is known here of the operations that clients really send.

mod directives;
mod members;
mod pairs;
mod told;
mod types;
mod view;

use std::collections::BTreeSet;

use super::change::Change;
use crate::contract::model::graphql::{GraphqlContract, GraphqlOperationKind, GraphqlTypeKind};
use directives::{Sides, used};
use pairs::{Named, pairs};
use told::{At, Told};
use view::{Schema, Type};

/// The changes from one state to the other.
#[must_use]
pub fn compare(before: &GraphqlContract, after: &GraphqlContract) -> Vec<Change> {
    let (before, after) = (Schema::new(before), Schema::new(after));
    let sides = Sides { before: &before, after: &after };
    let mut told = Told::new(&before, &after);
    for kind in GraphqlOperationKind::ALL {
        root(&mut told, sides, kind);
    }
    for pair in pairs(&before.types, &after.types) {
        match pair {
            (Some(before), Some(after)) => one(&mut told, sides, before, after),
            (Some(gone), None) if !after.has_root(&gone.name) => {
                told.add("graphql-type-removed", At::of(&gone.name), Some(word(gone.kind)), None);
            }
            (None, Some(new)) if !before.has_root(&new.name) => {
                told.add("graphql-type-added", At::of(&new.name), None, Some(word(new.kind)));
            }
            _ => {}
        }
    }
    directives::compare(&mut told, &before, &after);
    used(&mut told, sides, At::of("schema"), before.on_schema, after.on_schema, false);
    told.changes.sort();
    told.changes.dedup();
    told.changes
}

impl Named for Type<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn file(&self) -> &str {
        self.file
    }
}

/// A root type. Under another name it is the same to clients as long as no field is gone.
fn root(told: &mut Told, sides: Sides, kind: GraphqlOperationKind) {
    let of = |schema: &Schema| schema.roots.iter().position(|(other, _)| *other == kind);
    let [was, is] = [sides.before, sides.after].map(|schema| of(schema).map(|at| &schema.roots[at].1));
    let at = At::of("schema").part(kind.word());
    match (was, is) {
        (Some(was), Some(is)) if was.name == is.name => one(told, sides, was, is),
        (Some(was), Some(is)) => {
            let fields: BTreeSet<&str> = is.fields.iter().map(|field| field.name).collect();
            if was.fields.iter().all(|field| fields.contains(field.name)) {
                told.add("graphql-root-type-renamed", at, Some(was.name.clone()), Some(is.name.clone()));
                one(told, sides, was, is);
            } else {
                told.add("graphql-root-type-changed", at, Some(was.name.clone()), Some(is.name.clone()));
            }
        }
        (Some(was), None) => told.add("graphql-root-type-changed", at, Some(was.name.clone()), None),
        (None, Some(is)) if !sides.before.has_type(&is.name) => {
            told.add("graphql-type-added", At::of(&is.name), None, Some(word(is.kind)));
        }
        _ => {}
    }
}

/// A type that both sides have.
fn one(told: &mut Told, sides: Sides, before: &Type, after: &Type) {
    if before == after {
        return;
    }
    let at = At::of(&after.name);
    if before.kind != after.kind {
        told.add("graphql-type-kind-changed", at, Some(word(before.kind)), Some(word(after.kind)));
        return;
    }
    members::described(told, at, before.description, after.description);
    used(told, sides, at, before.directives, after.directives, after.kind == GraphqlTypeKind::Input);
    members::compare(told, sides, before, after);
}

fn word(kind: GraphqlTypeKind) -> String {
    match kind {
        GraphqlTypeKind::Object => "type",
        GraphqlTypeKind::Interface => "interface",
        GraphqlTypeKind::Input => "input",
        GraphqlTypeKind::Enum => "enum",
        GraphqlTypeKind::Union => "union",
        GraphqlTypeKind::Scalar => "scalar",
    }
    .to_owned()
}
