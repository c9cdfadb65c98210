//! What holds data and messages: volumes, buckets, datastores, queues, topics.

use std::collections::BTreeSet;

use super::images;
use super::resources::symbols;
use super::services::Fate;
use super::told::{Sides, Told};
use crate::contract::model::Origin;
use crate::contract::model::infrastructure::{Infrastructure, Needed};
use crate::diff::Level;

/// A section and what its items are called.
struct Shelf<'a> {
    noun: &'static str,
    before: &'a [Needed],
    after: &'a [Needed],
    removed: &'static str,
    changed: &'static str,
}

/// Compares them; gives the declarations of those that came or went, so that they are not told again as resources.
pub fn compare(told: &mut Told, before: &Infrastructure, after: &Infrastructure, fate: &Fate) -> BTreeSet<String> {
    let (removed, changed) = ("infra-stateful-storage-removed", "infra-stateful-storage-changed");
    let (queue, setting) = ("infra-queue-removed", "infra-queue-setting-changed");
    let shelves = [
        Shelf { noun: "volume", before: &before.volumes, after: &after.volumes, removed, changed },
        Shelf { noun: "bucket", before: &before.buckets, after: &after.buckets, removed, changed },
        Shelf { noun: "datastore", before: &before.datastores, after: &after.datastores, removed, changed },
        Shelf { noun: "queue", before: &before.queues, after: &after.queues, removed: queue, changed: setting },
        Shelf { noun: "topic", before: &before.topics, after: &after.topics, removed: queue, changed: setting },
    ];
    let mut elsewhere = BTreeSet::new();
    for shelf in shelves {
        let mut sides = Sides::of(shelf.before, shelf.after, |item| (item.name.clone(), item.service.clone()));
        let mut pairs = std::mem::take(&mut sides.both);
        pairs.extend(sides.pair_by(|item| Some(item.name.clone())));
        pairs.extend(sides.pair_by(|item| symbols(&item.evidence).find(|symbol| symbol.contains('.'))));
        for item in &sides.gone {
            // A store that a service holds goes with it.
            if item.service.as_ref().is_some_and(|service| fate.removed.contains(service)) {
                continue;
            }
            elsewhere.extend(symbols(&item.evidence));
            let change = told.differs(shelf.removed, (&format!("{} {}", shelf.noun, item.name), ""), some(&item.kind), None);
            if item.origin == Origin::Code {
                change.level = Level::Info;
            }
        }
        for item in &sides.new {
            if item.service.as_ref().is_some_and(|service| fate.added.contains(service)) || item.origin == Origin::Code {
                continue;
            }
            elsewhere.extend(symbols(&item.evidence));
            told.differs("infra-resource-added", (&format!("{} {}", shelf.noun, item.name), ""), None, some(&item.kind));
        }
        for (old, new) in pairs {
            one(told, &shelf, (old, new), fate);
        }
    }
    elsewhere
}

fn one(told: &mut Told, shelf: &Shelf<'_>, items: (&Needed, &Needed), fate: &Fate) {
    let (old, new) = items;
    let subject = format!("{} {}", shelf.noun, new.name);
    if old.name != new.name && !new.aliases.contains(&old.name) {
        told.differs(shelf.removed, (&format!("{} {}", shelf.noun, old.name), "name"), Some(&old.name), Some(&new.name));
    }
    if !old.kind.is_empty() && !new.kind.is_empty() && old.kind != new.kind {
        told.differs(shelf.changed, (&subject, "kind"), Some(&old.kind), Some(&new.kind));
    }
    let is_told = new.service.as_ref().is_some_and(|service| fate.reimaged.contains(service));
    if let (Some(left), Some(right), false) = (&old.version, &new.version, is_told)
        && images::major_of(&new.name, left) != images::major_of(&new.name, right)
    {
        told.differs("infra-image-major-changed", (&subject, "version"), Some(left), Some(right));
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
