//! Which operations of the two documents belong together, and what is told of those that have no counterpart.

use std::collections::BTreeMap;

use super::comparison::{Comparison, Scope, Values};
use super::lifecycle::{self, Farewell};
use super::moves;
use super::operation;
use super::servers;
use super::side::Operation;

/// Operations that belong together, and those that are alone.
pub struct Matched<'a> {
    pub pairs: Vec<(Operation<'a>, Operation<'a>)>,
    pub removed: Vec<Operation<'a>>,
    pub added: Vec<Operation<'a>>,
}

/// Compares the operations of the two documents.
pub fn compare_operations(comparison: &mut Comparison<'_>) {
    let bases = servers::bases(comparison.before, comparison.after);
    let old = comparison.before.operations();
    let new = comparison.after.operations();
    let Matched { mut pairs, removed, added } = matched(old, new, (bases.0.as_str(), bases.1.as_str()));
    let Matched { pairs: moved, removed, added } = moves::moved(comparison, removed, added, pairs.is_empty());
    pairs.extend(moved);
    for (before, after) in pairs {
        let scope = Scope::of(before.subject());
        operation::compare(comparison, &scope, &before, &after);
    }
    for operation in removed {
        let scope = Scope { is_tentative: operation::is_tentative(&operation), ..Scope::of(operation.subject()) };
        tell_removed(comparison, &scope, &operation);
    }
    for operation in added {
        let subject = operation.subject();
        comparison.tell(&Scope::of(subject.clone()), "", "http-endpoint-added", Values::new(subject));
    }
}

/// Pairs by method and path: first those written alike, then those that differ in names of parameters only.
fn matched<'a>(old: Vec<Operation<'a>>, new: Vec<Operation<'a>>, bases: (&str, &str)) -> Matched<'a> {
    let exact = |operation: &Operation<'_>, base: &str| format!("{} {base}{}", operation.method, operation.path);
    let loose = |operation: &Operation<'_>, base: &str| format!("{} {base}{}", operation.method, operation.shape());
    let mut matched = Matched { pairs: Vec::new(), removed: old, added: new };
    join(&mut matched, exact, bases);
    join(&mut matched, loose, bases);
    matched
}

fn join(matched: &mut Matched<'_>, key: impl Fn(&Operation<'_>, &str) -> String, bases: (&str, &str)) {
    let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, operation) in matched.added.iter().enumerate().rev() {
        by_key.entry(key(operation, bases.1)).or_default().push(at);
    }
    let mut taken = vec![false; matched.added.len()];
    let pairs = &mut matched.pairs;
    let added = &matched.added;
    matched.removed.retain(|operation| {
        let Some(at) = by_key.get_mut(&key(operation, bases.0)).and_then(Vec::pop) else { return true };
        if let (Some(taken), Some(other)) = (taken.get_mut(at), added.get(at)) {
            *taken = true;
            pairs.push((*operation, *other));
        }
        false
    });
    let mut taken = taken.into_iter();
    matched.added.retain(|_| !taken.next().unwrap_or_default());
}

/// Tells that something that could be called is gone.
pub fn tell_removed(comparison: &mut Comparison<'_>, scope: &Scope, operation: &Operation<'_>) {
    let values = Values::gone(scope.subject.as_str());
    let rule = match lifecycle::farewell(operation.node, comparison.policy.today) {
        Farewell::Unannounced => "http-endpoint-removed",
        Farewell::TooEarly => "http-endpoint-removed-before-sunset",
        Farewell::Announced => "http-endpoint-removed-after-deprecation",
        Farewell::Unclear => {
            let date = Values { before: operation.node.get("x-sunset").cloned(), after: None };
            comparison.tell(scope, "", "http-sunset-invalid", date);
            "http-endpoint-removed-after-deprecation"
        }
    };
    comparison.tell(scope, "", rule, values);
}

/// Whether an operation may go without letting anybody down.
pub fn may_go(comparison: &Comparison<'_>, operation: &Operation<'_>) -> bool {
    operation::is_tentative(operation)
        || !matches!(lifecycle::farewell(operation.node, comparison.policy.today), Farewell::Unannounced | Farewell::TooEarly)
}
