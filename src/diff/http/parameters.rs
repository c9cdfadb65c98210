//! Parameters: matched by where they stand and what they are called; those of the path by their position.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::Hash;

use serde_json::{Value, json};

use super::super::change::Level;
use super::super::schema::Place;
use super::comparison::{Comparison, Flow, Scope, Shared, Values};
use super::lifecycle::{self, Farewell};
use super::promised;
use super::side::{Operation, Side, flag, text};
use super::styles::{differ, is_compound, schema_of, style_of};
use crate::contract::path::names_of;

/// What a place without a schema takes.
pub static ANYTHING: Value = Value::Bool(true);

/// One parameter of an operation.
#[derive(Clone, Debug)]
struct Parameter<'a> {
    name: &'a str,
    /// `query`, `path`, `header`, `cookie`.
    place: &'a str,
    node: &'a Value,
    /// The component it stands in, or the path it is shared by.
    shared: Option<String>,
}

impl Parameter<'_> {
    /// What it is known by: headers in any case, parameters of the path by their position.
    fn key(&self, path: &str) -> (String, String) {
        let name = match self.place {
            "header" => self.name.to_ascii_lowercase(),
            "path" => {
                let position = names_of(path).iter().position(|name| *name == self.name);
                position.map_or_else(|| self.name.to_owned(), |position| format!("{{{position}}}"))
            }
            _ => self.name.to_owned(),
        };
        (self.place.to_owned(), name)
    }

    /// `query parameter limit`.
    fn part(&self) -> String {
        format!("{} parameter {}", self.place, self.name)
    }

    fn is_required(&self) -> bool {
        self.place == "path" || flag(self.node, "required")
    }
}

/// The parameters of an operation: its own, and those of its path that it does not replace.
fn parameters_of<'a>(side: Side<'a>, operation: &Operation<'a>) -> Vec<Parameter<'a>> {
    let mut found: Vec<Parameter<'a>> = Vec::new();
    let mut known = HashSet::new();
    for (owner, is_item) in [(operation.node, false), (operation.item, true)] {
        for written in owner.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let meant = side.meant(written);
            let (Some(name), Some(place)) = (text(meant.value, "name"), text(meant.value, "in")) else { continue };
            let of_item = || is_item.then(|| format!("{} parameters/{place}/{name}", operation.path));
            let shared = meant.shared.map(str::to_owned).or_else(of_item);
            if known.insert((name, place)) {
                found.push(Parameter { name, place, node: meant.value, shared });
            }
        }
    }
    found
}

/// Parameters of the two sides that belong together.
type Pair<'a> = (Parameter<'a>, Parameter<'a>);

/// Compares the parameters of two operations.
pub fn compare<'a>(comparison: &mut Comparison<'a>, scope: &Scope, before: &Operation<'a>, after: &Operation<'a>) {
    let mut old = parameters_of(comparison.before, before);
    let mut new = parameters_of(comparison.after, after);
    let mut same: Vec<Pair<'a>> = taken(&mut old, &mut new, |one, is_before| one.key(if is_before { before.path } else { after.path }));
    compare_order(comparison, scope, &same, &new_order(comparison.after, after));
    let respelled = taken(&mut old, &mut new, |one, _| (one.place, one.name.to_ascii_lowercase()));
    for (old, new) in &respelled {
        compare_spelling(comparison, scope, old, new);
    }
    let elsewhere = taken(&mut old, &mut new, |one, _| one.name.to_ascii_lowercase());
    for (old, new) in &elsewhere {
        let values = Values::both(old.place, new.place);
        comparison.tell(&scope_of(scope, old, new), &old.part(), "http-parameter-location-changed", values);
    }
    for (old, new) in &same {
        if old.place == "path" && old.name != new.name {
            let scope = scope.within_shared(Shared::new(before.shape(), old.part()));
            comparison.tell(&scope, &old.part(), "http-path-parameter-renamed", Values::both(old.name, new.name));
        }
    }
    same.extend(respelled);
    for (old, new) in &same {
        compare_one(comparison, scope, old, new);
    }
    for (old, new) in &elsewhere {
        compare_schemas(comparison, scope, old, new);
    }
    tell_removed(comparison, scope, &old, &new);
    tell_added(comparison, scope, &new);
}

/// Takes from both lists what belongs together: what has one key on its side, before or after.
fn taken<'a, K: Hash + Eq>(
    old: &mut Vec<Parameter<'a>>,
    new: &mut Vec<Parameter<'a>>,
    key: impl Fn(&Parameter<'a>, bool) -> K,
) -> Vec<Pair<'a>> {
    let mut by_key: HashMap<K, VecDeque<usize>> = HashMap::new();
    for (at, parameter) in new.iter().enumerate() {
        by_key.entry(key(parameter, false)).or_default().push_back(at);
    }
    let mut is_taken = vec![false; new.len()];
    let mut pairs = Vec::new();
    old.retain(|parameter| {
        let Some(at) = by_key.get_mut(&key(parameter, true)).and_then(VecDeque::pop_front) else { return true };
        is_taken[at] = true;
        pairs.push((parameter.clone(), new[at].clone()));
        false
    });
    let mut is_taken = is_taken.into_iter();
    new.retain(|_| !is_taken.next().unwrap_or_default());
    pairs
}

fn scope_of(scope: &Scope, old: &Parameter<'_>, new: &Parameter<'_>) -> Scope {
    scope.in_component(old.shared.as_deref(), new.shared.as_deref(), &old.part())
}

/// Of a parameter without a counterpart. It came or went for all that share it only when the other side has no such component.
fn scope_alone(scope: &Scope, parameter: &Parameter<'_>, other: Side<'_>) -> Scope {
    let shared = parameter.shared.as_deref().filter(|name| other.root.pointer(&format!("/components/{name}")).is_none());
    shared.map_or_else(|| scope.clone(), |name| scope.within_shared(Shared::new(name, parameter.part())))
}

/// The order in which the later operation lists its parameters.
fn new_order<'a>(side: Side<'a>, operation: &Operation<'a>) -> BTreeMap<(&'a str, &'a str), usize> {
    parameters_of(side, operation).iter().enumerate().map(|(at, parameter)| ((parameter.place, parameter.name), at)).collect()
}

fn compare_order(comparison: &mut Comparison<'_>, scope: &Scope, same: &[Pair<'_>], order: &BTreeMap<(&str, &str), usize>) {
    let positions: Vec<usize> = same.iter().filter_map(|(_, new)| order.get(&(new.place, new.name)).copied()).collect();
    if positions.is_sorted() {
        return;
    }
    let old: Vec<&str> = same.iter().map(|(old, _)| old.name).collect();
    let mut new: Vec<(usize, &str)> = positions.iter().copied().zip(same.iter().map(|(_, new)| new.name)).collect();
    new.sort_unstable();
    let new: Vec<&str> = new.into_iter().map(|(_, name)| name).collect();
    comparison.tell(scope, "parameters", "http-parameter-order-changed", Values::both(json!(old), json!(new)));
}

/// Names of headers are the same in any case; of others, the old spelling is no longer understood.
fn compare_spelling(comparison: &mut Comparison<'_>, scope: &Scope, old: &Parameter<'_>, new: &Parameter<'_>) {
    let level = if new.is_required() { Level::Breaking } else { Level::Warning };
    let values = Values::both(old.name, new.name);
    comparison.tell_at(level, &scope_of(scope, old, new), &old.part(), "http-parameter-name-case-changed", values);
}

fn compare_one<'a>(comparison: &mut Comparison<'a>, outer: &Scope, old: &Parameter<'a>, new: &Parameter<'a>) {
    let scope = &scope_of(outer, old, new);
    let part = &old.part();
    match (old.is_required(), new.is_required()) {
        (false, true) => comparison.tell(scope, part, "http-parameter-became-required", Values::both(false, true)),
        (true, false) => comparison.tell(scope, part, "http-parameter-became-optional", Values::both(true, false)),
        _ => {}
    }
    lifecycle::compare(comparison, scope, part, (old.node, new.node), &lifecycle::OF_PARAMETER);
    match (flag(old.node, "allowEmptyValue"), flag(new.node, "allowEmptyValue")) {
        (true, false) => comparison.tell(scope, part, "http-parameter-allow-empty-removed", Values::both(true, false)),
        (false, true) => comparison.tell(scope, part, "http-parameter-allow-empty-added", Values::both(false, true)),
        _ => {}
    }
    let reserved = (flag(old.node, "allowReserved"), flag(new.node, "allowReserved"));
    if reserved.0 != reserved.1 {
        comparison.tell(scope, part, "http-parameter-allow-reserved-changed", Values::both(reserved.0, reserved.1));
    }
    compare_schemas(comparison, outer, old, new);
}

/// Compares how values are written and what they may be.
fn compare_schemas<'a>(comparison: &mut Comparison<'a>, scope: &Scope, old: &Parameter<'a>, new: &Parameter<'a>) {
    let scope = &scope_of(scope, old, new);
    let part = &old.part();
    let (before, after) = (schema_of(old.node), schema_of(new.node));
    if old.place == new.place {
        let styles = (style_of(old.node, old.place), style_of(new.node, new.place));
        let are_compound = is_compound(comparison.before, before) && is_compound(comparison.after, after);
        if differ(&styles.0, &styles.1, are_compound) {
            let said = |style: &super::styles::Style<'_>| json!({"style": style.name, "explode": style.explode});
            comparison.tell(scope, part, "http-parameter-style-changed", Values::both(said(&styles.0), said(&styles.1)));
        }
    }
    let pair = (before.unwrap_or(&ANYTHING), after.unwrap_or(&ANYTHING));
    comparison.tell_schemas(scope, part, pair, (scope.flow.of_requests(), Place::Parameter));
}

fn tell_removed(comparison: &mut Comparison<'_>, scope: &Scope, removed: &[Parameter<'_>], added: &[Parameter<'_>]) {
    for parameter in removed {
        let part = parameter.part();
        let level = match (scope.flow, parameter.place) {
            (_, "path") => Level::Breaking,
            (Flow::Called, _) if parameter.is_required() => Level::Breaking,
            _ => Level::Warning,
        };
        let values = Values::gone(parameter.name);
        let scope = &scope_alone(scope, parameter, comparison.after);
        let paging = promised::paging_of(parameter.name).filter(|_| parameter.place == "query");
        let other = || added.iter().find(|new| promised::paging_of(new.name).is_some_and(|way| Some(way) != paging));
        match lifecycle::farewell(parameter.node, comparison.policy.today) {
            Farewell::TooEarly => comparison.tell(scope, &part, "http-parameter-removed-before-sunset", values),
            Farewell::Announced => comparison.tell(scope, &part, "http-parameter-removed-after-deprecation", values),
            Farewell::Unclear => {
                let date = Values { before: parameter.node.get("x-sunset").cloned(), after: None };
                comparison.tell(scope, &part, "http-sunset-invalid", date);
                comparison.tell_at(level, scope, &part, "http-parameter-removed", values);
            }
            Farewell::Unannounced if paging.is_some() && other().is_some() => {
                let values = Values::both(parameter.name, other().map_or("", |new| new.name));
                comparison.tell(scope, &part, "http-pagination-changed", values);
            }
            Farewell::Unannounced if parameter.place == "header" && promised::is_idempotency_key(parameter.name) => {
                comparison.tell(scope, &part, "http-idempotency-changed", values);
            }
            Farewell::Unannounced => comparison.tell_at(level, scope, &part, "http-parameter-removed", values),
        }
    }
}

fn tell_added(comparison: &mut Comparison<'_>, scope: &Scope, added: &[Parameter<'_>]) {
    for parameter in added {
        let rule = match parameter.place {
            "path" => "http-path-parameter-added",
            _ if parameter.is_required() => "http-parameter-required-added",
            _ => "http-parameter-optional-added",
        };
        let scope = scope_alone(scope, parameter, comparison.before);
        comparison.tell(&scope, &parameter.part(), rule, Values::new(parameter.name));
    }
}
