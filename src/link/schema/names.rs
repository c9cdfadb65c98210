//! Names of components: readable, unique, the same whatever was asked first.
//!
//! A type that looks the same to those who send and those who get it has one name, else `UserInput` and `UserOutput`. Types of
//! one name that are equal share it, others are told apart by where they are declared.

use std::collections::{BTreeMap, BTreeSet};

use super::render::render;
use super::{Entry, Id};
use crate::base::case::pascal;
use crate::facts::program::Mode;
use crate::facts::shape::{Shape, TypeKey};

/// Longer names are cut.
const MAX_LENGTH: usize = 80;

type Entries = BTreeMap<Id, Entry>;

/// The name of every type in every way it is used. Types of which nothing is known have none.
pub(super) fn settle(entries: &Entries) -> BTreeMap<(Id, Mode), String> {
    let split = split(entries);
    let same = Same::new(entries, &split);
    let mut groups: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
    for (id, entry) in entries {
        if same.of(id) == id && entry.shapes.values().any(|shape| !shape.is_any()) {
            groups.entry(&entry.name).or_default().push(id);
        }
    }
    let mut taken: BTreeSet<String> = groups.iter().filter(|(_, ids)| ids.len() == 1).map(|(name, _)| (*name).to_string()).collect();
    let mut names: BTreeMap<&Id, String> = BTreeMap::new();
    for (name, ids) in &groups {
        if let [only] = &**ids {
            names.insert(only, (*name).to_string());
            continue;
        }
        for (id, label) in ids.iter().zip(labels(entries, ids)) {
            names.insert(id, unique(format!("{label}{name}"), &mut taken));
        }
    }
    let mut settled = BTreeMap::new();
    for (id, entry) in entries {
        let Some(name) = names.get(same.of(id)) else { continue };
        for (mode, shape) in &entry.shapes {
            if !shape.is_any() {
                settled.insert((id.clone(), *mode), name.clone());
            }
        }
    }
    for id in split.iter().filter(|id| same.of(id) == *id) {
        let Some(name) = names.get(id) else { continue };
        let input = unique(format!("{name}Input"), &mut taken);
        let output = unique(format!("{name}Output"), &mut taken);
        for other in entries.keys().filter(|other| same.of(other) == id) {
            for (mode, name) in [(Mode::Read, &input), (Mode::Write, &output)] {
                if let Some(settled) = settled.get_mut(&(other.clone(), mode)) {
                    settled.clone_from(name);
                }
            }
        }
    }
    settled
}

/// Types that differ by the way they are used. All are taken for the same at first, so that recursive types are.
fn split(entries: &Entries) -> BTreeSet<Id> {
    let numbers = numbers(entries);
    let mut split: BTreeSet<Id> = BTreeSet::new();
    loop {
        let refer = |key: &TypeKey| {
            let id = Id::of(key);
            let number = numbers.get(&id)?;
            Some(if split.contains(&id) { format!("{number} {:?}", key.mode) } else { number.to_string() })
        };
        let more: Vec<Id> = entries
            .iter()
            .filter(|(id, entry)| !split.contains(*id) && entry.shapes.len() == 2)
            .filter(|(_, entry)| {
                let mut ways = entry.shapes.values().map(|shape| render(shape, &refer));
                ways.next() != ways.next()
            })
            .map(|(id, _)| id.clone())
            .collect();
        if more.is_empty() {
            return split;
        }
        split.extend(more);
    }
}

/// A short stand-in for each type's name while names are not settled.
fn numbers(entries: &Entries) -> BTreeMap<&Id, usize> {
    entries.keys().zip(0..).collect()
}

/// Types of one name whose schemas are equal stand for one another.
struct Same {
    first: BTreeMap<Id, Id>,
}

impl Same {
    fn new(entries: &Entries, split: &BTreeSet<Id>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
        for (id, entry) in entries {
            by_name.entry(&entry.name).or_default().push(id);
        }
        by_name.retain(|_, ids| ids.len() > 1);
        let numbers = numbers(entries);
        let mut same = Self { first: BTreeMap::new() };
        // What refers to equal types may become equal by that.
        for _ in 0..8 {
            let mut found: Vec<(Id, Id)> = Vec::new();
            for ids in by_name.values() {
                let mut known: BTreeMap<String, &Id> = BTreeMap::new();
                for id in ids.iter().filter(|id| same.of(id) == **id) {
                    let content = same.content(id, &entries[*id], (split, &numbers));
                    match known.get(&content) {
                        Some(first) => found.push(((*id).clone(), (*first).clone())),
                        None => _ = known.insert(content, id),
                    }
                }
            }
            if found.is_empty() {
                break;
            }
            same.first.extend(found);
        }
        same
    }

    /// The type that stands for this one.
    fn of<'i>(&'i self, id: &'i Id) -> &'i Id {
        let mut id = id;
        while let Some(first) = self.first.get(id) {
            id = first;
        }
        id
    }

    fn content(&self, id: &Id, entry: &Entry, (split, numbers): (&BTreeSet<Id>, &BTreeMap<&Id, usize>)) -> String {
        let refer = |key: &TypeKey| {
            let to = Id::of(key);
            let name = if to == *id { "itself".to_string() } else { numbers.get(self.of(&to))?.to_string() };
            Some(if split.contains(&to) { format!("{name} {:?}", key.mode) } else { name })
        };
        let mut ways: Vec<String> = entry.shapes.values().map(|shape| render(shape, &refer).to_string()).collect();
        if !split.contains(id) {
            ways.truncate(1);
        }
        ways.join("\n")
    }
}

/// For types of one name, what tells them apart: the first part of their places in which all differ, else the last parts that
/// not all share.
fn labels(entries: &Entries, ids: &[&Id]) -> Vec<String> {
    let places: Vec<&[String]> = ids.iter().map(|id| entries[*id].place.as_slice()).collect();
    let shortest = places.iter().map(|place| place.len()).min().unwrap_or_default();
    for position in 0..shortest {
        let labels: Vec<String> = places.iter().map(|place| clean(&pascal(&place[position]))).collect();
        if labels.iter().collect::<BTreeSet<_>>().len() == labels.len() && labels.iter().all(|label| !label.is_empty()) {
            return labels;
        }
    }
    let own: Vec<Vec<String>> = places
        .iter()
        .map(|place| {
            let own = place.iter().filter(|part| !places.iter().all(|other| other.contains(part)));
            own.map(|part| clean(&pascal(part))).collect()
        })
        .collect();
    let longest = own.iter().map(Vec::len).max().unwrap_or_default();
    let label = |own: &[String], parts: usize| own[own.len().saturating_sub(parts)..].concat();
    let parts = (1..=longest).find(|parts| {
        let labels: BTreeSet<String> = own.iter().map(|own| label(own, *parts)).collect();
        labels.len() == own.len()
    });
    own.iter().map(|own| label(own, parts.unwrap_or(1))).collect()
}

fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let mut found = name.clone();
    let mut count = 1u32;
    while taken.contains(&found) {
        count += 1;
        found = format!("{name}{count}");
    }
    taken.insert(found.clone());
    found
}

/// A name for a type with its arguments: `PageOfUser`, `PairOfStringAndInteger`.
pub(super) fn readable(key: &TypeKey) -> String {
    let mut name = named(key, 0);
    if name.len() > MAX_LENGTH {
        name.truncate(MAX_LENGTH);
    }
    name
}

fn named(key: &TypeKey, depth: u32) -> String {
    let name = clean(&key.name);
    let name = if name.is_empty() { "Object".to_string() } else { name };
    let args: Vec<String> = key.args.iter().filter(|arg| !arg.is_any()).map(|arg| label(arg, depth + 1)).collect();
    if args.is_empty() || depth > 3 { name } else { format!("{name}Of{}", args.join("And")) }
}

fn label(shape: &Shape, depth: u32) -> String {
    if depth > 6 {
        return "Any".to_string();
    }
    match shape {
        Shape::Named(key) => named(key, depth),
        Shape::Refined(inner, _) => label(inner, depth),
        Shape::List(item) => format!("{}List", label(item, depth + 1)),
        Shape::Map(value) => format!("{}Map", label(value, depth + 1)),
        Shape::Null => "Null".to_string(),
        Shape::Bool => "Boolean".to_string(),
        Shape::Int => "Integer".to_string(),
        Shape::Number => "Number".to_string(),
        Shape::Text(None) => "String".to_string(),
        Shape::Text(Some(format)) => clean(&pascal(format)),
        Shape::AnyOf(shapes) | Shape::OneOf(shapes, _) => {
            let parts: Vec<String> = shapes.iter().take(4).map(|shape| label(shape, depth + 1)).collect();
            parts.join("Or")
        }
        Shape::AllOf(_) | Shape::Record(_) | Shape::Schema(_) => "Object".to_string(),
        Shape::Tuple(_) => "Tuple".to_string(),
        Shape::Enum(_) => "Enum".to_string(),
        Shape::Any | Shape::Never => "Any".to_string(),
    }
}

/// A name with nothing but what component names may hold.
fn clean(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' }).collect()
}
