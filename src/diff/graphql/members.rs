//! Members of types: fields, arguments, values of enums, members of unions.

use std::collections::BTreeSet;

use super::directives::{Sides, used};
use super::pairs::{Named, pairs};
use super::told::{At, Told};
use super::types::{is_required, is_wider, is_within};
use super::view::{Field, Type};
use crate::contract::model::graphql::{GraphqlArgument, GraphqlTypeKind};
use crate::diff::change::Level;

impl Named for Field<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn file(&self) -> &str {
        self.file
    }
}

impl Named for GraphqlArgument {
    fn name(&self) -> &str {
        &self.name
    }

    fn file(&self) -> &'static str {
        ""
    }
}

/// All members of a type that both sides have.
pub(super) fn compare(told: &mut Told, sides: Sides, before: &Type, after: &Type) {
    let at = At::of(&after.name);
    lists(told, sides, at, before, after);
    for pair in pairs(&before.fields, &after.fields) {
        match (before.kind, pair) {
            (GraphqlTypeKind::Enum, pair) => value(told, sides, at, pair),
            (GraphqlTypeKind::Input, pair) => input(told, sides, at, pair),
            (_, (Some(before), Some(after))) => field(told, sides, at, before, after),
            (_, (Some(gone), None)) => told.add("graphql-field-removed", at.part(gone.name), Some(said(gone)), None),
            (_, (None, Some(new))) => told.add("graphql-field-added", at.part(new.name), None, Some(said(new))),
            (_, (None, None)) => {}
        }
    }
}

/// Interfaces of a type, or members of a union.
fn lists(told: &mut Told, sides: Sides, at: At, before: &Type, after: &Type) {
    let [was, is] = [before, after].map(|one| one.of.iter().copied().collect::<BTreeSet<_>>());
    let is_union = before.kind == GraphqlTypeKind::Union;
    let (added, removed) = if is_union {
        ("graphql-union-member-added", "graphql-union-member-removed")
    } else {
        ("graphql-interface-added", "graphql-interface-removed")
    };
    // That a type is gone is told once; an interface that is new has no readers.
    let is_gone = |name: &str| sides.before.has_type(name) && !sides.after.has_type(name);
    let is_new = |name: &str| !is_union && !sides.before.has_type(name) && sides.after.has_type(name);
    for gone in was.difference(&is).filter(|name| !is_gone(name)) {
        told.add(removed, at.part(gone), Some((*gone).to_owned()), None);
    }
    for new in is.difference(&was).filter(|name| !is_new(name)) {
        told.add(added, at.part(new), None, Some((*new).to_owned()));
    }
}

/// A field of an object or interface.
fn field(told: &mut Told, sides: Sides, at: At, before: &Field, after: &Field) {
    let at = at.part(after.name);
    if before.ty != after.ty {
        let rule = if is_within(before.ty, after.ty) {
            "graphql-field-type-narrowed"
        } else if is_wider(before.ty, after.ty) {
            "graphql-field-type-widened"
        } else {
            "graphql-field-type-changed"
        };
        told.add(rule, at, Some(before.ty.to_owned()), Some(after.ty.to_owned()));
    }
    arguments(told, Takes::Field(sides), at, before.args, after.args);
    noted(told, sides, at, before, after);
}

/// What is said of a member besides its type.
fn noted(told: &mut Told, sides: Sides, at: At, before: &Field, after: &Field) {
    deprecation(told, at, before.deprecated, after.deprecated);
    described(told, at, before.description, after.description);
    used(told, sides, at, before.directives, after.directives, false);
}

/// A value of an enum.
fn value(told: &mut Told, sides: Sides, at: At, pair: (Option<&Field>, Option<&Field>)) {
    match pair {
        (Some(before), Some(after)) => noted(told, sides, at.part(after.name), before, after),
        (Some(gone), None) => told.add("graphql-enum-value-removed", at.part(gone.name), Some(said(gone)), None),
        (None, Some(new)) => {
            let is_returned = [sides.before, sides.after].iter().any(|side| side.returned.contains(at.subject));
            let is_taken = [sides.before, sides.after].iter().any(|side| side.taken.contains(at.subject));
            let level = (is_taken && !is_returned).then_some(Level::Info);
            told.add_at(level, "graphql-enum-value-added", at.part(new.name), None, Some(said(new)));
        }
        (None, None) => {}
    }
}

/// A member of an input type.
fn input(told: &mut Told, sides: Sides, at: At, pair: (Option<&Field>, Option<&Field>)) {
    match pair {
        (Some(before), Some(after)) => {
            let at = at.part(after.name);
            let rules = Rules::INPUT;
            taken(told, rules, at, (before.ty, before.default), (after.ty, after.default));
            noted(told, sides, at, before, after);
        }
        (Some(gone), None) => told.add("graphql-input-field-removed", at.part(gone.name), Some(said(gone)), None),
        (None, Some(new)) if is_required(new.ty, new.default) => {
            told.add("graphql-input-field-required-added", at.part(new.name), None, Some(said(new)));
        }
        (None, Some(new)) => told.add("graphql-input-field-optional-added", at.part(new.name), None, Some(said(new))),
        (None, None) => {}
    }
}

/// What takes arguments.
#[derive(Clone, Copy)]
pub(super) enum Takes<'s, 'a> {
    /// A field.
    Field(Sides<'s, 'a>),
    /// A directive.
    Directive,
}

/// The rules for what is given.
#[derive(Clone, Copy)]
struct Rules {
    changed: &'static str,
    /// `None`: under the rule for other types, for information.
    widened: Option<&'static str>,
    default: &'static str,
}

impl Rules {
    const INPUT: Self = Self {
        changed: "graphql-input-field-type-changed",
        widened: Some("graphql-input-field-type-widened"),
        default: "graphql-input-field-default-changed",
    };
    const ARGUMENT: Self = Self {
        changed: "graphql-argument-type-changed",
        widened: Some("graphql-argument-type-widened"),
        default: "graphql-argument-default-changed",
    };
    const DIRECTIVE: Self =
        Self { changed: "graphql-directive-argument-changed", widened: None, default: "graphql-directive-argument-default-changed" };
}

/// Arguments of a field or directive.
pub(super) fn arguments(told: &mut Told, takes: Takes, at: At, before: &[GraphqlArgument], after: &[GraphqlArgument]) {
    let is_directive = matches!(takes, Takes::Directive);
    for pair in pairs(before, after) {
        let name = pair.0.or(pair.1).map_or("", |arg| &arg.name);
        let at = if is_directive { at.part(name) } else { at.path(name) };
        match pair {
            (Some(before), Some(after)) => {
                let rules = if is_directive { Rules::DIRECTIVE } else { Rules::ARGUMENT };
                taken(told, rules, at, (&before.ty, before.default.as_ref()), (&after.ty, after.default.as_ref()));
                deprecation(told, at, before.deprecated.as_ref(), after.deprecated.as_ref());
                described(told, at, &before.description, &after.description);
                if let Takes::Field(sides) = takes {
                    used(told, sides, at, &before.directives, &after.directives, false);
                }
            }
            (Some(gone), None) => {
                let rule = if is_directive { "graphql-directive-argument-removed" } else { "graphql-argument-removed" };
                told.add(rule, at, Some(given(&gone.ty, gone.default.as_ref())), None);
            }
            (None, Some(new)) => {
                let is_required = is_required(&new.ty, new.default.as_ref());
                let (rule, level) = match (is_directive, is_required) {
                    (true, true) => ("graphql-directive-argument-added", Some(Level::Breaking)),
                    (true, false) => ("graphql-directive-argument-added", None),
                    (false, true) => ("graphql-argument-required-added", None),
                    (false, false) => ("graphql-argument-optional-added", None),
                };
                told.add_at(level, rule, at, None, Some(given(&new.ty, new.default.as_ref())));
            }
            (None, None) => {}
        }
    }
}

/// A type and default of something that clients give.
fn taken(told: &mut Told, rules: Rules, at: At, before: (&str, Option<&String>), after: (&str, Option<&String>)) {
    let types = (Some(before.0.to_owned()), Some(after.0.to_owned()));
    let is_changed = before.0 != after.0;
    if is_changed && !is_within(after.0, before.0) {
        told.add(rules.changed, at, types.0, types.1);
    } else if is_changed {
        let level = rules.widened.is_none().then_some(Level::Info);
        told.add_at(level, rules.widened.unwrap_or(rules.changed), at, types.0, types.1);
    }
    if before.1 != after.1 {
        // Without its default it has to be given.
        let is_needed = !is_required(before.0, before.1) && is_required(after.0, after.1) && before.0.ends_with('!');
        let level = is_needed.then_some(Level::Breaking);
        told.add_at(level, rules.default, at, before.1.cloned(), after.1.cloned());
    }
}

/// The text behind `@deprecated` that stands when none is given.
const REASON: &str = "No longer supported";

fn deprecation(told: &mut Told, at: At, before: Option<&String>, after: Option<&String>) {
    let reason = |text: Option<&String>| text.map(|text| if text.is_empty() { REASON.to_owned() } else { text.clone() });
    let (before, after) = (reason(before), reason(after));
    if before != after {
        let rule = if after.is_some() { "graphql-deprecated" } else { "graphql-undeprecated" };
        told.add(rule, at, before, after);
    }
}

/// Wording, but not how it is broken into lines.
pub(super) fn described(told: &mut Told, at: At, before: &str, after: &str) {
    if !before.split_whitespace().eq(after.split_whitespace()) {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        told.add("graphql-description-changed", at, text(before), text(after));
    }
}

/// A member as GraphQL writes it.
fn said(field: &Field) -> String {
    let args: Vec<String> = field.args.iter().map(|arg| format!("{}: {}", arg.name, given(&arg.ty, arg.default.as_ref()))).collect();
    let args = if args.is_empty() { String::new() } else { format!("({})", args.join(", ")) };
    let ty = if field.ty.is_empty() { String::new() } else { format!(": {}", given(field.ty, field.default)) };
    let deprecated = if field.deprecated.is_some() { " @deprecated" } else { "" };
    format!("{}{args}{ty}{deprecated}", field.name)
}

fn given(ty: &str, default: Option<&String>) -> String {
    default.map_or_else(|| ty.to_owned(), |default| format!("{ty} = {default}"))
}
