//! What an operation asks of its callers: alternatives, each a set of schemes with scopes.
//!
//! A caller who satisfied one alternative is let through as long as some alternative asks for no more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::change::Level;
use super::comparison::{Comparison, Flow, Scope, Shared, Values};
use super::side::{Operation, Side, members};

/// Schemes with their scopes, all of them needed.
type Alternative = BTreeMap<String, BTreeSet<String>>;

/// Alternatives, and whether they are the whole document's.
struct Asked {
    alternatives: Vec<Alternative>,
    is_of_document: bool,
}

fn asked(side: Side<'_>, operation: &Operation<'_>, names: &BTreeMap<String, String>) -> Asked {
    let own = operation.node.get("security").filter(|own| own.is_array());
    let list = own.or_else(|| side.root.get("security")).and_then(Value::as_array);
    let mut alternatives: Vec<Alternative> = Vec::new();
    for entry in list.into_iter().flatten() {
        let scopes = |scopes: &Value| scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        let named = |name: &String| names.get(name).unwrap_or(name).clone();
        let alternative: Alternative = members(Some(entry)).map(|(name, list)| (named(name), scopes(list))).collect();
        if !alternatives.contains(&alternative) {
            alternatives.push(alternative);
        }
    }
    if alternatives.is_empty() {
        alternatives.push(Alternative::new());
    }
    Asked { alternatives, is_of_document: own.is_none() }
}

/// Whether whoever satisfies the one satisfies the other.
fn satisfies(caller: &Alternative, asked: &Alternative) -> bool {
    asked.iter().all(|(scheme, scopes)| caller.get(scheme).is_some_and(|own| scopes.is_subset(own)))
}

fn has_schemes_of(one: &Alternative, other: &Alternative) -> bool {
    one.keys().eq(other.keys())
}

/// `OAuth (read, write) and ApiKey`.
fn said(alternative: &Alternative) -> String {
    if alternative.is_empty() {
        return "nothing".to_owned();
    }
    let one = |(scheme, scopes): (&String, &BTreeSet<String>)| {
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        if scopes.is_empty() { scheme.clone() } else { format!("{scheme} ({})", scopes.join(", ")) }
    };
    alternative.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// Schemes that only have another name: the later name → the earlier one.
pub fn renamed_schemes(before: Side<'_>, after: Side<'_>) -> BTreeMap<String, String> {
    let old = schemes_of(before);
    let new = schemes_of(after);
    let mut names = BTreeMap::new();
    for (name, scheme) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let twins: Vec<&String> =
            old.iter().filter(|(other, twin)| !new.contains_key(*other) && *twin == scheme).map(|(name, _)| name).collect();
        if let [twin] = twins[..]
            && new.iter().filter(|(other, twin)| !old.contains_key(*other) && *twin == scheme).count() == 1
        {
            names.insert(name.clone(), twin.clone());
        }
    }
    names
}

/// The described schemes, without wording.
fn schemes_of(side: Side<'_>) -> BTreeMap<String, Value> {
    let all = members(side.root.get("components").and_then(|components| components.get("securitySchemes")));
    all.map(|(name, scheme)| {
        let mut scheme = scheme.clone();
        scheme.as_object_mut().map(|members| members.remove("description"));
        (name.clone(), scheme)
    })
    .collect()
}

/// Compares what two operations ask of their callers.
pub fn compare(comparison: &mut Comparison<'_>, scope: &Scope, before: &Operation<'_>, after: &Operation<'_>) {
    if scope.flow == Flow::Called {
        return;
    }
    let names = renamed_schemes(comparison.before, comparison.after);
    let old = asked(comparison.before, before, &BTreeMap::new());
    let new = asked(comparison.after, after, &names);
    let shared = (old.is_of_document && new.is_of_document).then(|| Shared::new("security", "security"));
    let scope = &Scope { shared, ..scope.clone() };
    let (old, new) = (old.alternatives, new.alternatives);
    let is_open = |all: &[Alternative]| all.iter().any(Alternative::is_empty);
    let all_said = |all: &[Alternative]| Value::from(all.iter().map(said).collect::<Vec<_>>().join(" or "));
    match (is_open(&old), is_open(&new)) {
        (true, false) => comparison.tell(scope, "security", "http-security-added", Values { before: None, after: Some(all_said(&new)) }),
        (false, true) => {
            let level = if comparison.policy.guards_endpoints { Level::Warning } else { Level::Info };
            comparison.tell_at(level, scope, "security", "http-security-removed", Values { before: Some(all_said(&old)), after: None });
        }
        _ => compare_alternatives(comparison, scope, &old, &new),
    }
}

fn compare_alternatives(comparison: &mut Comparison<'_>, scope: &Scope, old: &[Alternative], new: &[Alternative]) {
    let is_let_in = |caller: &Alternative| new.iter().any(|asked| satisfies(caller, asked));
    let level_of = |caller: &Alternative| if is_let_in(caller) { Level::Info } else { Level::Breaking };
    let mut met: Vec<&Alternative> = Vec::new();
    for caller in old {
        if new.contains(caller) {
            met.push(caller);
            continue;
        }
        let same = new.iter().filter(|asked| !old.contains(asked) && !met.contains(asked));
        if let Some(asked) = same.clone().find(|asked| has_schemes_of(caller, asked)) {
            met.push(asked);
            compare_scopes(comparison, scope, caller, asked, level_of(caller));
        } else if let Some(asked) =
            same.clone().find(|asked| caller.keys().all(|scheme| asked.contains_key(scheme))).filter(|_| !is_let_in(caller))
        {
            met.push(asked);
            comparison.tell(scope, "security", "http-security-added", Values::both(said(caller), said(asked)));
        } else {
            // What lets the caller in by asking for less is the same change.
            let lesser = same.clone().find(|asked| satisfies(caller, asked));
            met.extend(lesser);
            let values = Values { before: Some(said(caller).into()), after: lesser.map(|asked| said(asked).into()) };
            comparison.tell_at(level_of(caller), scope, "security", "http-security-removed", values);
        }
    }
    for asked in new.iter().filter(|asked| !old.contains(asked) && !met.contains(asked)) {
        comparison.tell_at(Level::Info, scope, "security", "http-security-added", Values::new(said(asked)));
    }
}

fn compare_scopes(comparison: &mut Comparison<'_>, scope: &Scope, old: &Alternative, new: &Alternative, level: Level) {
    for (scheme, scopes) in new {
        let Some(earlier) = old.get(scheme) else { continue };
        let part = format!("security {scheme}");
        for added in scopes.difference(earlier) {
            comparison.tell_at(level, scope, &part, "http-security-scope-added", Values::new(added.as_str()));
        }
        for removed in earlier.difference(scopes) {
            comparison.tell(scope, &part, "http-security-scope-removed", Values::gone(removed.as_str()));
        }
    }
}
