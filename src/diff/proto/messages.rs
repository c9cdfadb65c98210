//! Messages: what is reserved, alternatives, options, and which fields came, went or moved.

use std::collections::{BTreeMap, BTreeSet};

use super::features::differ;
use super::fields::{self, Pair};
use super::ranges::{Ranges, number};
use super::told::Told;
use super::view::{Cardinality, Item};
use crate::contract::model::grpc::{ProtoField, ProtoMessage};
use crate::diff::change::Level;

/// Options of messages that generated code or JSON depends on.
const OPTIONS: &[&str] = &["message_set_wire_format", "no_standard_descriptor_accessor"];

/// Numbers and names that nothing may have.
pub(super) struct Reserved<'a> {
    pub numbers: Ranges,
    pub names: BTreeSet<&'a str>,
}

impl<'a> Reserved<'a> {
    /// Of a message or enum.
    pub fn of(numbers: &[String], names: &'a [String]) -> Self {
        Self { numbers: Ranges::of(numbers), names: names.iter().map(String::as_str).collect() }
    }
}

/// Numbers and names that are free again.
pub(super) fn reserved(told: &mut Told, name: &str, before: &Reserved, after: &Reserved) {
    for range in before.numbers.without(&after.numbers) {
        told.add("proto-reserved-removed", (name, &range), Some(range.clone()), None);
    }
    for free in before.names.difference(&after.names) {
        told.add("proto-reserved-removed", (name, free), Some(format!("\"{free}\"")), None);
    }
}

/// Compares a message that both sides have.
pub(super) fn compare(told: &mut Told, now: &str, (was, before): (&Item, &ProtoMessage), (is, after): (&Item, &ProtoMessage)) {
    let is_syntax_changed = told.is_syntax_changed(was.file, is.file);
    let (one, other) = (was.features.json, is.features.json);
    if differ(one, other, is_syntax_changed) {
        let text = |text: &str| Some(text.to_owned());
        told.add("proto-message-option-changed", (now, "json_format"), text(one.value), text(other.value));
    }
    for option in OPTIONS {
        let value = |message: &ProtoMessage| message.options.get(*option).cloned().unwrap_or_else(|| "false".to_owned());
        if value(before) != value(after) {
            told.add("proto-message-option-changed", (now, option), Some(value(before)), Some(value(after)));
        }
    }
    let free = Reserved::of(&after.reserved, &after.reserved_names);
    reserved(told, now, &Reserved::of(&before.reserved, &before.reserved_names), &free);
    for range in Ranges::of(&before.extensions).without(&Ranges::of(&after.extensions)) {
        told.add("proto-extension-removed", (now, &format!("extensions {range}")), Some(range.clone()), None);
    }
    let message = Message { name: now, was, is, before: Fields::of(before), after: Fields::of(after), is_syntax_changed };
    message.compare(told, &free);
}

/// The fields of one side.
struct Fields<'a> {
    by_number: BTreeMap<i64, &'a ProtoField>,
    by_name: BTreeMap<&'a str, i64>,
    oneofs: BTreeMap<&'a str, BTreeSet<i64>>,
}

impl<'a> Fields<'a> {
    fn of(message: &'a ProtoMessage) -> Self {
        let mut fields = Self { by_number: BTreeMap::new(), by_name: BTreeMap::new(), oneofs: BTreeMap::new() };
        for field in &message.fields {
            let number = number(&field.number).unwrap_or_default();
            fields.by_number.entry(number).or_insert(field);
            fields.by_name.entry(&field.name).or_insert(number);
            if let Some(oneof) = &field.oneof {
                fields.oneofs.entry(oneof).or_default().insert(number);
            }
        }
        fields
    }
}

/// A message on both sides.
struct Message<'m, 'a> {
    name: &'m str,
    was: &'m Item<'a>,
    is: &'m Item<'a>,
    before: Fields<'m>,
    after: Fields<'m>,
    is_syntax_changed: bool,
}

impl Message<'_, '_> {
    fn compare(&self, told: &mut Told, reserved: &Reserved) {
        let broken = self.oneofs(told);
        for (number, was) in &self.before.by_number {
            let same = self.after.by_number.get(number);
            let is_here = same.is_some_and(|is| is.name == was.name);
            let elsewhere = self.after.by_name.get(was.name.as_str()).filter(|other| *other != number && !is_here);
            match (same, elsewhere) {
                (Some(is), None) if is.name == was.name || !self.before.by_name.contains_key(is.name.as_str()) => {
                    if is.name != was.name {
                        told.add("proto-field-renamed", (self.name, &is.name), Some(was.name.clone()), Some(is.name.clone()));
                    }
                    self.pair(told, was, is, was.oneof.as_deref().is_some_and(|oneof| broken.contains(oneof)));
                }
                (_, Some(other)) => {
                    let numbers = (Some(number.to_string()), Some(other.to_string()));
                    told.add("proto-field-number-changed", (self.name, &was.name), numbers.0, numbers.1);
                }
                (_, None) => self.removed(told, *number, was, reserved),
            }
        }
        self.added(told);
    }

    fn pair(&self, told: &mut Told, was: &ProtoField, is: &ProtoField, keeps_oneof: bool) {
        let pair = Pair {
            subject: self.name,
            file: self.was.file,
            before: was,
            after: is,
            features: (self.was.features, self.is.features),
            is_extension: false,
            is_syntax_changed: self.is_syntax_changed,
            keeps_oneof,
        };
        fields::compare(told, &pair);
    }

    fn removed(&self, told: &mut Told, number: i64, field: &ProtoField, reserved: &Reserved) {
        let at = (self.name, field.name.as_str());
        let text = Some(fields::said(field));
        let features = self.was.features.over(&field.options);
        let ty = told.before.type_of(field, features);
        if told.before.cardinality(field, ty, features, false) == Cardinality::Required {
            told.add("proto-required-field-changed", at, text, None);
        } else if reserved.numbers.holds(number) {
            let level = reserved.names.contains(field.name.as_str()).then_some(Level::Warning);
            told.add_at(level, "proto-field-removed", at, text, None);
        } else {
            told.add("proto-field-removed-unreserved", at, text, None);
        }
    }

    fn added(&self, told: &mut Told) {
        let is_new = |number: &i64| {
            let field = self.after.by_number.get(number);
            let is_known = field.is_some_and(|field| self.before.by_name.contains_key(field.name.as_str()));
            let old = self.before.by_number.get(number).filter(|old| !self.after.by_name.contains_key(old.name.as_str()));
            !is_known && old.is_none()
        };
        let mut grouped = BTreeSet::new();
        for (oneof, members) in &self.after.oneofs {
            if !self.before.oneofs.contains_key(oneof) && members.iter().all(is_new) {
                told.add("proto-oneof-added", (self.name, oneof), None, Some((*oneof).to_owned()));
                grouped.extend(members.iter().copied());
            }
        }
        let new = self.after.by_number.iter().filter(|(number, _)| is_new(number) && !grouped.contains(number));
        for field in new.map(|(_, field)| field) {
            let features = self.is.features.over(&field.options);
            let ty = told.after.type_of(field, features);
            let is_required = told.after.cardinality(field, ty, features, false) == Cardinality::Required;
            let rule = if is_required { "proto-required-field-changed" } else { "proto-field-added" };
            told.add(rule, (self.name, &field.name), None, Some(fields::said(field)));
        }
    }

    /// Alternatives that are gone while fields of them stay; gives their names: the fields are not told again.
    fn oneofs(&self, told: &mut Told) -> BTreeSet<String> {
        let mut gone = BTreeSet::new();
        for (oneof, members) in self.before.oneofs.iter().filter(|(oneof, _)| !self.after.oneofs.contains_key(*oneof)) {
            let left: Vec<&&ProtoField> = members.iter().filter_map(|number| self.after.by_number.get(number)).collect();
            let Some(first) = left.first() else { continue };
            let other = first.oneof.clone().filter(|_| left.iter().all(|field| field.oneof == first.oneof));
            told.add("proto-oneof-removed", (self.name, oneof), Some((*oneof).to_owned()), other);
            gone.insert((*oneof).to_owned());
        }
        gone
    }
}
