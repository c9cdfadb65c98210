//! Described ways to authenticate.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::change::Level;
use super::comparison::{Comparison, Scope, Values};
use super::security::renamed_schemes;
use super::side::{Side, members, text};

/// A scheme under the name that the earlier document has for it.
type Schemes<'a> = BTreeMap<String, &'a Value>;

fn schemes_of<'a>(side: Side<'a>, names: &BTreeMap<String, String>) -> Schemes<'a> {
    let all = members(side.root.get("components").and_then(|components| components.get("securitySchemes")));
    all.map(|(name, scheme)| (names.get(name).unwrap_or(name).clone(), side.meant(scheme).value)).collect()
}

/// Compares the described schemes.
pub fn compare_schemes(comparison: &mut Comparison<'_>) {
    let names = renamed_schemes(comparison.before, comparison.after);
    let old = schemes_of(comparison.before, &BTreeMap::new());
    let new = schemes_of(comparison.after, &names);
    for (name, scheme) in &old {
        let scope = Scope::of(format!("security scheme {name}"));
        match new.get(name) {
            Some(other) => compare_one(comparison, &scope, scheme, other),
            None => comparison.tell(&scope, "", "http-security-scheme-removed", Values::gone(name.as_str())),
        }
    }
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        comparison.tell(&Scope::of(format!("security scheme {name}")), "", "http-security-scheme-added", Values::new(name.as_str()));
    }
}

fn compare_one(comparison: &mut Comparison<'_>, scope: &Scope, before: &Value, after: &Value) {
    for key in ["type", "in", "name", "scheme", "bearerFormat"] {
        // Names of headers and of HTTP's schemes are the same in any case.
        let is_folded = key == "scheme" || (key == "name" && text(before, "in") == Some("header"));
        let said = |node: &Value| text(node, key).map(|text| if is_folded { text.to_ascii_lowercase() } else { text.to_owned() });
        if said(before) != said(after) {
            let values = Values { before: before.get(key).cloned(), after: after.get(key).cloned() };
            comparison.tell(scope, key, "http-security-scheme-changed", values);
        }
    }
    compare_address(comparison, scope, "", (before, after), "openIdConnectUrl");
    let flow = |node: &'_ Value, name: &str| node.get("flows").and_then(|flows| flows.get(name)).cloned();
    for (name, old) in members(before.get("flows")).filter(|(name, _)| !name.starts_with("x-")) {
        match flow(after, name) {
            Some(new) => compare_flow(comparison, scope, name, old, &new),
            None => comparison.tell(scope, &format!("flow {name}"), "http-security-scheme-changed", Values::gone(name.as_str())),
        }
    }
    for (name, _) in members(after.get("flows")).filter(|(name, _)| !name.starts_with("x-") && flow(before, name).is_none()) {
        comparison.tell_at(Level::Info, scope, &format!("flow {name}"), "http-security-scheme-changed", Values::new(name.as_str()));
    }
}

fn compare_address(comparison: &mut Comparison<'_>, scope: &Scope, part: &str, (before, after): (&Value, &Value), key: &str) {
    let values = Values { before: before.get(key).cloned(), after: after.get(key).cloned() };
    if values.before != values.after {
        comparison.tell(scope, format!("{part} {key}").trim_start(), "http-security-scheme-url-changed", values);
    }
}

fn compare_flow(comparison: &mut Comparison<'_>, scope: &Scope, name: &str, before: &Value, after: &Value) {
    let part = format!("flow {name}");
    for key in ["authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl"] {
        compare_address(comparison, scope, &part, (before, after), key);
    }
    let described = |node: &Value, scope: &str| node.get("scopes").and_then(|scopes| scopes.get(scope)).cloned();
    for (name, old) in members(before.get("scopes")) {
        let part = format!("{part} scope {name}");
        match described(after, name) {
            None => comparison.tell(scope, &part, "http-security-scheme-scope-removed", Values::gone(name.as_str())),
            Some(new) if new != *old => comparison.tell(scope, &part, "http-security-scheme-scope-changed", Values::both(old.clone(), new)),
            Some(_) => {}
        }
    }
    for (name, _) in members(after.get("scopes")).filter(|(name, _)| described(before, name).is_none()) {
        comparison.tell(scope, &format!("{part} scope {name}"), "http-security-scheme-scope-added", Values::new(name.as_str()));
    }
}
