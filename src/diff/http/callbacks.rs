//! What the application calls itself: callbacks of an operation, and webhooks.

use serde_json::Value;

use super::comparison::{Comparison, Flow, Scope, Values};
use super::operation;
use super::side::{Operation, Side, members};

/// A call by its name, with the expression of its address.
type Call<'a> = (&'a str, &'a str, Operation<'a>);

fn callbacks_of<'a>(side: Side<'a>, operation: &Operation<'a>) -> Vec<Call<'a>> {
    let all = members(operation.node.get("callbacks"));
    all.flat_map(|(name, callback)| {
        let expressions = members(Some(side.meant(callback).value)).filter(|(expression, _)| !expression.starts_with("x-"));
        expressions.flat_map(move |(expression, item)| {
            let calls = side.operations_of(expression, item);
            calls.into_iter().map(move |call| (name.as_str(), expression.as_str(), call))
        })
    })
    .collect()
}

/// Compares the callbacks of two operations.
pub fn compare_callbacks<'a>(comparison: &mut Comparison<'a>, scope: &Scope, before: &Operation<'a>, after: &Operation<'a>) {
    // Calls that come back in answer to a call that came back: nobody describes them.
    if scope.flow == Flow::Called {
        return;
    }
    let old = callbacks_of(comparison.before, before);
    let new = callbacks_of(comparison.after, after);
    let key = |call: &Call<'_>| (call.0.to_owned(), crate::contract::path::shape_of(call.1), call.2.method.to_owned());
    for call in &old {
        let part = format!("callback {}", call.0);
        match new.iter().find(|other| key(other) == key(call)) {
            Some(other) => {
                let scope = Scope { within: format!("{part} "), flow: Flow::Called, ..scope.clone() };
                operation::compare(comparison, &scope, &call.2, &other.2);
            }
            None => comparison.tell(scope, &part, "http-callback-removed", Values::gone(address(call))),
        }
    }
    for call in new.iter().filter(|call| !old.iter().any(|other| key(other) == key(call))) {
        comparison.tell(scope, &format!("callback {}", call.0), "http-callback-added", Values::new(address(call)));
    }
}

/// `POST {$request.body#/url}`.
fn address(call: &Call<'_>) -> String {
    format!("{} {}", call.2.method.to_uppercase(), call.1)
}

fn webhooks_of<'a>(side: Side<'a>) -> Vec<Operation<'a>> {
    let all = members(side.root.get("webhooks").or_else(|| side.root.get("x-webhooks")));
    all.filter(|(name, _)| !name.starts_with("x-")).flat_map(|(name, item): (&String, &Value)| side.operations_of(name, item)).collect()
}

/// Compares the webhooks of the documents.
pub fn compare_webhooks(comparison: &mut Comparison<'_>) {
    let old = webhooks_of(comparison.before);
    let new = webhooks_of(comparison.after);
    let same = |one: &Operation<'_>, other: &Operation<'_>| one.path == other.path && one.method == other.method;
    let scope_of = |operation: &Operation<'_>| Scope::of(format!("webhook {}", operation.path));
    let values = |operation: &Operation<'_>| Value::from(operation.subject());
    for call in &old {
        match new.iter().find(|other| same(call, other)) {
            Some(other) => operation::compare(comparison, &Scope { flow: Flow::Called, ..scope_of(call) }, call, other),
            None => {
                let scope = Scope { is_tentative: operation::is_tentative(call), ..scope_of(call) };
                comparison.tell(&scope, "", "http-webhook-removed", Values::gone(values(call)));
            }
        }
    }
    for call in new.iter().filter(|call| !old.iter().any(|other| same(other, call))) {
        comparison.tell(&scope_of(call), "", "http-webhook-added", Values::new(values(call)));
    }
}
