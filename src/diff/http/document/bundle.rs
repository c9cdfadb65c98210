//! References into other files: what they mean is put into the document's own components.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::spot::{Kind, Spot};
use super::{DocumentError, parse};

/// Nobody writes documents this deep.
const DEEPEST: usize = 220;
/// So many files, and no more are read.
const FILES: usize = 2_000;

/// Gives the bytes of a file by its path from the document's folder; `None` when there is none.
pub type Files<'f> = dyn FnMut(&str) -> Option<Vec<u8>> + 'f;

/// What a document became, and what could not be found.
pub struct Bundled {
    pub document: Value,
    /// References that lead nowhere, sorted.
    pub missing: Vec<String>,
}

/// Brings what other files hold into the document.
pub fn bundled(mut document: Value, files: &mut Files<'_>) -> Bundled {
    let is_swagger = document.get("swagger").is_some();
    let mut bundle = Bundle {
        files,
        is_swagger,
        read: BTreeMap::new(),
        names: BTreeMap::new(),
        taken: BTreeSet::new(),
        open: Vec::new(),
        missing: BTreeSet::new(),
    };
    bundle.taken = components_of(&document, is_swagger);
    bundle.walk(&mut document, Spot::One(Kind::Document), "", 0);
    while let Some(entry) = bundle.open.pop() {
        let Some(mut value) = bundle.meant(&entry.file, &entry.pointer) else {
            bundle.missing.insert(format!("{}#{}", entry.file, entry.pointer));
            continue;
        };
        bundle.walk(&mut value, Spot::One(entry.kind), &entry.file, 0);
        put(&mut document, &entry.shelf, &entry.name, value);
    }
    Bundled { document, missing: bundle.missing.into_iter().collect() }
}

/// Something of another file that is to be brought in.
struct Entry {
    file: String,
    pointer: String,
    kind: Kind,
    shelf: Vec<&'static str>,
    name: String,
}

struct Bundle<'f, 'c> {
    files: &'f mut Files<'c>,
    is_swagger: bool,
    /// Files by path; `None` for those that are not there.
    read: BTreeMap<String, Option<Value>>,
    /// The reference that stands for a file, a place in it and a kind.
    names: BTreeMap<(String, String, &'static str), String>,
    taken: BTreeSet<(&'static str, String)>,
    open: Vec<Entry>,
    missing: BTreeSet<String>,
}

impl Bundle<'_, '_> {
    fn walk(&mut self, value: &mut Value, spot: Spot, file: &str, depth: usize) {
        if depth > DEEPEST || spot.is(Kind::Plain) {
            return;
        }
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, spot.entry(), file, depth + 1)),
            Value::Object(members) => {
                if let (Spot::One(kind), Some(Value::String(reference))) = (spot, members.get_mut("$ref")) {
                    self.turn(reference, kind, file);
                }
                for (key, inner) in members.iter_mut() {
                    self.walk(inner, spot.under(key), file, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// A reference into another file (or, in another file, into itself) becomes one into the components.
    fn turn(&mut self, reference: &mut String, kind: Kind, file: &str) {
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if path.contains("://") || (path.is_empty() && file.is_empty()) {
            if path.contains("://") {
                self.missing.insert(reference.clone());
            }
            return;
        }
        let target = if path.is_empty() { file.to_owned() } else { joined(file, path) };
        let Some((shelf, key)) = shelf(kind, self.is_swagger) else { return };
        if target.is_empty() {
            *reference = format!("#{pointer}");
            return;
        }
        let known = (target.clone(), pointer.to_owned(), key);
        if let Some(name) = self.names.get(&known) {
            reference.clone_from(name);
            return;
        }
        let name = self.free_name(key, &name_of(&target, pointer));
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let local = format!("#/{}/{escaped}", shelf.join("/"));
        self.names.insert(known, local.clone());
        self.open.push(Entry { file: target, pointer: pointer.to_owned(), kind, shelf, name });
        *reference = local;
    }

    fn free_name(&mut self, key: &'static str, wish: &str) -> String {
        let mut name = wish.to_owned();
        let mut number = 2;
        while !self.taken.insert((key, name.clone())) {
            name = format!("{wish}_{number}");
            number += 1;
        }
        name
    }

    fn meant(&mut self, file: &str, pointer: &str) -> Option<Value> {
        if !self.read.contains_key(file) {
            let bytes = if self.read.len() < FILES { (self.files)(file) } else { None };
            let value = bytes.map(|bytes| parse(&bytes)).transpose().unwrap_or_else(|_: DocumentError| None);
            self.read.insert(file.to_owned(), value);
        }
        self.read.get(file)?.as_ref()?.pointer(pointer).cloned()
    }
}

/// Where a kind of thing stands in the document's components.
fn shelf(kind: Kind, is_swagger: bool) -> Option<(Vec<&'static str>, &'static str)> {
    let (new, old) = match kind {
        Kind::Schema => ("schemas", "definitions"),
        Kind::Parameter => ("parameters", "parameters"),
        Kind::Response => ("responses", "responses"),
        Kind::Body => ("requestBodies", ""),
        Kind::Header => ("headers", ""),
        Kind::Callback => ("callbacks", ""),
        Kind::Link => ("links", ""),
        Kind::PathItem => ("pathItems", ""),
        Kind::SecurityScheme => ("securitySchemes", "securityDefinitions"),
        _ => return None,
    };
    match (is_swagger, old) {
        (true, "") | (false, _) => Some((vec!["components", new], new)),
        (true, old) => Some((vec![old], old)),
    }
}

fn components_of(document: &Value, is_swagger: bool) -> BTreeSet<(&'static str, String)> {
    let kinds = [
        Kind::Schema,
        Kind::Parameter,
        Kind::Response,
        Kind::Body,
        Kind::Header,
        Kind::Callback,
        Kind::Link,
        Kind::PathItem,
        Kind::SecurityScheme,
    ];
    let mut taken = BTreeSet::new();
    for (shelf, key) in kinds.into_iter().filter_map(|kind| shelf(kind, is_swagger)) {
        let found = shelf.iter().try_fold(document, |value, key| value.get(key));
        taken.extend(found.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| (key, name.clone())));
    }
    taken
}

/// `schemas/pet.yaml` and `/Pet` → `Pet`; without a place in the file, the file's name.
fn name_of(file: &str, pointer: &str) -> String {
    let last = pointer.rsplit('/').next().filter(|name| !name.is_empty());
    let stem = || file.rsplit('/').next().unwrap_or(file).split('.').next().unwrap_or(file);
    last.unwrap_or_else(stem).replace("~1", "/").replace("~0", "~").trim_start_matches('/').to_owned()
}

/// A path seen from a file, as seen from the document's folder.
fn joined(file: &str, path: &str) -> String {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn put(document: &mut Value, shelf: &[&str], name: &str, value: Value) {
    let mut at = document;
    for key in shelf {
        let Some(members) = at.as_object_mut() else { return };
        let inner = members.entry(*key).or_insert_with(|| Value::Object(Map::new()));
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        at = inner;
    }
    if let Some(members) = at.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
