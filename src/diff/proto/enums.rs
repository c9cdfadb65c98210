//! Enums and their values.

use std::collections::{BTreeMap, BTreeSet};

use super::features::differ;
use super::messages::{self, Reserved};
use super::ranges::number;
use super::told::Told;
use super::view::Item;
use crate::contract::model::grpc::{ProtoEnum, ProtoValue};
use crate::diff::change::Level;

/// Compares an enum that both sides have.
pub(super) fn compare(told: &mut Told, name: &str, (was, before): (&Item, &ProtoEnum), (is, after): (&Item, &ProtoEnum)) {
    let is_syntax_changed = told.is_syntax_changed(was.file, is.file);
    let text = |text: &str| Some(text.to_owned());
    let (one, other) = (was.features.enum_type, is.features.enum_type);
    if differ(one, other, is_syntax_changed) {
        told.add("proto-enum-openness-changed", (name, ""), text(one.value), text(other.value));
    }
    let (one, other) = (was.features.json, is.features.json);
    if differ(one, other, is_syntax_changed) {
        told.add("proto-enum-option-changed", (name, "json_format"), text(one.value), text(other.value));
    }
    let reserved = Reserved::of(&after.reserved, &after.reserved_names);
    messages::reserved(told, name, &Reserved::of(&before.reserved, &before.reserved_names), &reserved);
    values(told, name, before, after, &reserved);
}

/// Names by number, in their order.
fn by_number(one: &ProtoEnum) -> BTreeMap<i64, Vec<&str>> {
    let mut numbers: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for value in &one.values {
        numbers.entry(number_of(value)).or_default().push(&value.name);
    }
    numbers
}

/// A value's number.
pub(super) fn number_of(value: &ProtoValue) -> i64 {
    number(&value.number).unwrap_or_default()
}

fn values(told: &mut Told, name: &str, before: &ProtoEnum, after: &ProtoEnum, reserved: &Reserved) {
    let (was, is) = (by_number(before), by_number(after));
    let places = |numbers: &BTreeMap<i64, Vec<&'_ str>>| -> BTreeMap<String, i64> {
        numbers.iter().flat_map(|(number, names)| names.iter().map(|name| ((*name).to_owned(), *number))).collect()
    };
    let (known, now) = (places(&was), places(&is));
    for (number, names) in &was {
        let left = is.get(number).map_or(&[][..], Vec::as_slice);
        let gone: Vec<&str> = names.iter().copied().filter(|name| !left.contains(name)).collect();
        let mut new = left.iter().filter(|name| !names.contains(name) && !known.contains_key(**name));
        for value in gone {
            let part = (name, value);
            let told_before = Some(format!("{value} = {number}"));
            match now.get(value) {
                Some(other) => {
                    let rule = removal(reserved.numbers.holds(*number));
                    told.add_at(Some(Level::Breaking), rule, part, told_before, Some(format!("{value} = {other}")));
                }
                None if left.is_empty() || left.iter().all(|name| known.get(*name).is_some_and(|from| from != number)) => {
                    let is_reserved = reserved.numbers.holds(*number);
                    let level = (is_reserved && reserved.names.contains(value)).then_some(Level::Warning);
                    told.add_at(level, removal(is_reserved), part, told_before, None);
                }
                None => {
                    let other = new.next().or(left.first()).map(|name| format!("{name} = {number}"));
                    told.add("proto-enum-value-renamed", part, told_before, other);
                }
            }
        }
    }
    added(told, name, &was, &is, &known);
}

fn removal(is_reserved: bool) -> &'static str {
    if is_reserved { "proto-enum-value-removed" } else { "proto-enum-value-removed-unreserved" }
}

/// Values with new numbers, and further names of numbers that keep theirs.
fn added(told: &mut Told, name: &str, was: &BTreeMap<i64, Vec<&str>>, is: &BTreeMap<i64, Vec<&str>>, known: &BTreeMap<String, i64>) {
    for (number, names) in is {
        let before: BTreeSet<&str> = was.get(number).into_iter().flatten().copied().collect();
        let is_whole = before.iter().all(|name| names.contains(name));
        for value in names.iter().filter(|value| !before.contains(**value) && !known.contains_key(**value) && is_whole) {
            told.add("proto-enum-value-added", (name, value), None, Some(format!("{value} = {number}")));
        }
    }
}
