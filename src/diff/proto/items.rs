//! Messages and enums as wholes: which came, went or moved.

use std::collections::{BTreeMap, BTreeSet};

use super::told::Told;
use super::view::{Item, Kind};
use super::{enums, fields, messages};
use crate::contract::model::grpc::ProtoExtension;

/// Compares messages, enums and extensions; those of packages that are gone are told by that.
pub(super) fn compare(told: &mut Told, gone: &BTreeSet<&str>) {
    let mut known = BTreeSet::new();
    for (name, was) in &told.before.items {
        let now = told.renamed(name, was.file);
        match told.after.items.get(&now) {
            Some(is) if same_kind(was, is) => item(told, &now, was, is),
            _ if gone.contains(was.package) || is_inside(told, name, was) => {}
            _ => told.add(if is_message(was) { "proto-message-removed" } else { "proto-enum-removed" }, (name, ""), word(was), None),
        }
        known.insert(now);
    }
    for (name, is) in &told.after.items {
        let is_new = !known.contains(name) || told.before.items.get(name).is_some_and(|was| !same_kind(was, is));
        let outer = name.rsplit_once('.').map_or("", |(outer, _)| outer);
        // What stands in something new is told with it.
        if is_new && (!is.is_inner || known.contains(outer)) {
            told.add(if is_message(is) { "proto-message-added" } else { "proto-enum-added" }, (name, ""), None, word(is));
        }
    }
    extensions(told, gone);
}

fn same_kind(one: &Item, other: &Item) -> bool {
    is_message(one) == is_message(other)
}

fn is_message(item: &Item) -> bool {
    matches!(item.kind, Kind::Message(_))
}

fn word(item: &Item) -> Option<String> {
    Some(if is_message(item) { "message" } else { "enum" }.to_owned())
}

/// Whether it stood in a message that is gone too.
fn is_inside(told: &Told, name: &str, item: &Item) -> bool {
    let Some((outer, _)) = name.rsplit_once('.').filter(|_| item.is_inner) else { return false };
    let now = told.renamed(outer, item.file);
    !told.after.items.get(&now).is_some_and(is_message)
}

fn item(told: &mut Told, now: &str, before: &Item, after: &Item) {
    if !before.is_inner {
        moved(told, now, before.file, after.file);
    }
    match (before.kind, after.kind) {
        (Kind::Message(one), Kind::Message(other)) => messages::compare(told, now, (before, one), (after, other)),
        (Kind::Enum(one), Kind::Enum(other)) => enums::compare(told, now, (before, one), (after, other)),
        _ => {}
    }
}

/// Something in another file, where the earlier file is still there.
pub(super) fn moved(told: &mut Told, name: &str, before: &str, after: &str) {
    if before != after && told.after.files.contains_key(before) {
        told.add("proto-message-moved", (name, ""), Some(before.to_owned()), Some(after.to_owned()));
    }
}

fn extensions(told: &mut Told, gone: &BTreeSet<&str>) {
    let (sides, extensions) = ((told.before, told.after), &told.before.extensions);
    let place = |one: &ProtoExtension| (one.extendee.clone(), one.field.number.clone());
    let by_number: BTreeMap<_, &ProtoExtension> = sides.1.extensions.values().map(|one| (place(one), *one)).collect();
    for (name, was) in extensions {
        let now = told.renamed(name, &was.evidence.file);
        let extendee = told.renamed(&was.extendee, &was.evidence.file);
        let is_orphan = sides.0.items.contains_key(&was.extendee) && !sides.1.items.contains_key(&extendee);
        match sides.1.extensions.get(now.as_str()).filter(|is| is.extendee == extendee) {
            Some(is) => {
                let features = (sides.0.features_of(&was.evidence.file, &was.syntax), sides.1.features_of(&is.evidence.file, &is.syntax));
                let is_syntax_changed = told.is_syntax_changed(&was.evidence.file, &is.evidence.file);
                let pair = fields::Pair {
                    subject: &now,
                    file: &was.evidence.file,
                    before: &was.field,
                    after: &is.field,
                    features,
                    is_extension: true,
                    is_syntax_changed,
                    keeps_oneof: true,
                };
                if was.field.number != is.field.number {
                    let numbers = (Some(was.field.number.clone()), Some(is.field.number.clone()));
                    told.add("proto-field-number-changed", (&now, ""), numbers.0, numbers.1);
                }
                fields::compare(told, &pair);
            }
            None if gone.contains(was.package.as_str()) || is_orphan => {}
            None if let Some(is) = by_number.get(&(extendee, was.field.number.clone())) => {
                told.add("proto-field-renamed", (&is.name, ""), Some((*name).to_owned()), Some(is.name.clone()));
            }
            None => {
                let text = format!("{} of {}", was.field.number, was.extendee);
                told.add("proto-extension-removed", (name, ""), Some(text), None);
            }
        }
    }
}
