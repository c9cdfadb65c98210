//! Directives: their definitions, and where they are put.

use std::collections::BTreeSet;

use super::members::{self, Takes};
use super::pairs::{Named, pairs};
use super::told::{At, Told};
use super::view::Schema;
use crate::contract::model::graphql::GraphqlDirective;
use crate::diff::change::Level;

/// Directives that change nothing about what is valid.
const HARMLESS: &[&str] = &["deprecated", "specifiedBy"];

impl Named for &GraphqlDirective {
    fn name(&self) -> &str {
        &self.name
    }

    fn file(&self) -> &str {
        &self.evidence.file
    }
}

/// Definitions that came, went or differ.
pub(super) fn compare(told: &mut Told, before: &Schema, after: &Schema) {
    for pair in pairs(&before.directives, &after.directives) {
        match pair {
            (Some(before), Some(after)) => definition(told, before, after),
            (Some(before), None) => told.add("graphql-directive-removed", At::of(&sign(&before.name)), Some(places(before)), None),
            (None, Some(after)) => told.add("graphql-directive-added", At::of(&sign(&after.name)), None, Some(places(after))),
            (None, None) => {}
        }
    }
}

fn definition(told: &mut Told, before: &GraphqlDirective, after: &GraphqlDirective) {
    let name = sign(&before.name);
    let at = At::of(&name);
    let [was, is] = [before, after].map(|one| one.locations.iter().map(String::as_str).collect::<BTreeSet<_>>());
    for gone in was.difference(&is) {
        told.add("graphql-directive-location-removed", at.part(gone), Some((*gone).to_owned()), None);
    }
    for new in is.difference(&was) {
        told.add("graphql-directive-location-added", at.part(new), None, Some((*new).to_owned()));
    }
    if before.is_repeatable != after.is_repeatable {
        let word = |is: bool| Some(if is { "repeatable" } else { "once" }.to_owned());
        let level = after.is_repeatable.then_some(Level::Info);
        told.add_at(level, "graphql-directive-repeatable-changed", at, word(before.is_repeatable), word(after.is_repeatable));
    }
    members::described(told, at, &before.description, &after.description);
    members::arguments(told, Takes::Directive, at, &before.args, &after.args);
}

fn sign(name: &str) -> String {
    format!("@{name}")
}

fn places(one: &GraphqlDirective) -> String {
    one.locations.join(" | ")
}

/// What both sides define.
#[derive(Clone, Copy)]
pub(super) struct Sides<'s, 'a> {
    /// The earlier one.
    pub before: &'s Schema<'a>,
    /// The later one.
    pub after: &'s Schema<'a>,
}

/// Directives that were put on something, or taken off it. Their order says nothing.
pub(super) fn used(told: &mut Told, sides: Sides, at: At, before: &[String], after: &[String], is_input: bool) {
    let mut left: Vec<&String> = after.iter().collect();
    let mut gone: Vec<&String> = Vec::new();
    for one in before {
        match left.iter().position(|other| *other == one) {
            Some(found) => drop(left.remove(found)),
            None => gone.push(one),
        }
    }
    for one in gone {
        let is_undefined = |name: &str| sides.before.has_directive(name) && !sides.after.has_directive(name);
        // That the directive is gone is told once.
        if !is_undefined(name_in(one)) {
            told.add("graphql-directive-usage-removed", at, Some(one.clone()), None);
        }
    }
    for one in left {
        let level = match name_in(one) {
            name if HARMLESS.contains(&name) => Some(Level::Info),
            "oneOf" if is_input => Some(Level::Breaking),
            _ => None,
        };
        told.add_at(level, "graphql-directive-usage-added", at, None, Some(one.clone()));
    }
}

/// `tag` of `@tag(name: "a")`.
fn name_in(usage: &str) -> &str {
    let name = usage.trim_start_matches('@');
    name.split('(').next().unwrap_or(name)
}
