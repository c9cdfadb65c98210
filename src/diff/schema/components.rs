//! Named schemas as such: added, removed, renamed; and which of them contain themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::SchemaChange;
use super::graph::{Frame, Graph};
use super::node::{Part, home};
use super::{Comparer, Direction, Place};
use crate::diff::catalogue;

/// How deep references are looked for.
const MAX_DEPTH: usize = 512;

impl<'a> Comparer<'a> {
    /// The named schemas that came, went or have another name, sorted by path, which is the name; and a change of the
    /// document's schema language. What changed within them is told where they are used.
    pub fn components(&mut self) -> Vec<SchemaChange> {
        let [before, after] = self.graph.documents();
        let (old, new) = (named(before), named(after));
        let mut gone: BTreeMap<&str, &'a Value> =
            old.iter().filter(|(name, _)| !new.contains_key(*name)).map(|(name, schema)| (*name, *schema)).collect();
        let mut changes = Vec::new();
        for (name, schema) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            match self.renamed(&gone, schema) {
                Some(from) => {
                    gone.remove(from);
                    changes.push(change("schema-component-renamed", name, Some(Value::from(from)), Some(Value::from(*name))));
                }
                None => changes.push(change("schema-component-added", name, None, Some(Value::from(*name)))),
            }
        }
        changes.extend(gone.keys().map(|name| change("schema-component-removed", name, Some(Value::from(*name)), None)));
        let dialect = "jsonSchemaDialect";
        if before.get(dialect) != after.get(dialect) {
            changes.push(SchemaChange {
                shared: None,
                ..change("schema-dialect-changed", "", before.get(dialect).cloned(), after.get(dialect).cloned())
            });
        }
        changes.sort_by(SchemaChange::order);
        changes
    }

    /// The schema that is gone and was the same, when it says enough to be known again.
    fn renamed(&mut self, gone: &BTreeMap<&'a str, &'a Value>, schema: &'a Value) -> Option<&'a str> {
        let telling =
            schema.get("properties").and_then(Value::as_object).is_some_and(|members| !members.is_empty()) || schema.get("enum").is_some();
        let frame = Frame { direction: Direction::Input, place: Place::Body, top: false, no_null: false };
        if !telling {
            return None;
        }
        let members = members(schema);
        let looks_like = |old: &Value| old.get("enum") == schema.get("enum") && self::members(old) == members;
        let candidates: Vec<_> = gone.iter().filter(|(_, old)| looks_like(old)).take(8).collect();
        let mut same =
            candidates.into_iter().filter(|(_, old)| self.graph.trial(vec![Part::new(old)], vec![Part::new(schema)], frame).is_none());
        same.next().map(|(name, _)| *name)
    }
}

/// The names of an object's members.
fn members(schema: &Value) -> Option<BTreeSet<&str>> {
    let members = schema.get("properties").and_then(Value::as_object)?;
    Some(members.keys().map(String::as_str).collect())
}

fn change(rule: &str, name: &str, before: Option<Value>, after: Option<Value>) -> SchemaChange {
    let level = catalogue::rule(rule).map(|rule| rule.level).unwrap_or_default();
    SchemaChange { rule: rule.to_owned(), level, path: name.to_owned(), shared: Some(name.to_owned()), before, after }
}

/// The named schemas of a document.
fn named(document: &Value) -> BTreeMap<&str, &Value> {
    let places = ["/components/schemas", "/definitions", "/$defs"].iter().filter_map(|place| document.pointer(place)?.as_object());
    places.flatten().map(|(name, schema)| (name.as_str(), schema)).collect()
}

/// Named schemas that are reached from themselves.
pub fn recursive(document: &Value) -> HashSet<Rc<str>> {
    let schemas = named(document);
    let index: HashMap<&str, usize> = schemas.keys().enumerate().map(|(at, name)| (*name, at)).collect();
    let uses: Vec<Vec<usize>> =
        schemas.values().map(|schema| references(schema).iter().filter_map(|name| index.get(&**name).copied()).collect()).collect();
    let names: Vec<&str> = schemas.into_keys().collect();
    on_cycles(&uses).into_iter().map(|at| names[at].into()).collect()
}

/// The named schemas that a schema refers to.
fn references(schema: &Value) -> HashSet<Rc<str>> {
    let mut found = HashSet::new();
    let mut open = vec![(schema, 0)];
    while let Some((value, depth)) = open.pop() {
        match value {
            Value::Object(object) if depth < MAX_DEPTH => {
                found.extend(object.get("$ref").and_then(Value::as_str).and_then(home).map(|home| home.name.clone()));
                open.extend(object.values().map(|value| (value, depth + 1)));
            }
            Value::Array(list) if depth < MAX_DEPTH => open.extend(list.iter().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    found
}

/// The nodes of a graph that lie on a cycle: those of components with more than one node, or with an edge to themselves.
fn on_cycles(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut graph = petgraph::graph::DiGraph::<(), ()>::with_capacity(edges.len(), edges.len());
    let nodes: Vec<_> = edges.iter().map(|_| graph.add_node(())).collect();
    for (from, targets) in edges.iter().enumerate() {
        for to in targets {
            graph.add_edge(nodes[from], nodes[*to], ());
        }
    }
    let components = petgraph::algo::tarjan_scc(&graph);
    let cyclic = components.into_iter().filter(|component| component.len() > 1 || graph.contains_edge(component[0], component[0]));
    cyclic.flatten().map(petgraph::graph::NodeIndex::index).collect()
}

impl<'a> Graph<'a> {
    /// Whether a named schema contains itself, in the earlier and in the later document.
    pub fn are_recursive(&mut self, before: &str, after: &str) -> (bool, bool) {
        let [old, new] = self.documents();
        let sets = self.recursive.get_or_insert_with(|| [recursive(old), recursive(new)]);
        (sets[0].contains(before), sets[1].contains(after))
    }
}
