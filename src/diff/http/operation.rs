//! Two operations that belong together.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::comparison::{Comparison, Scope, Values};
use super::side::{Operation, text};
use super::{bodies, callbacks, lifecycle, parameters, promised, responses, security, servers, wording};

/// Compares two operations in everything that they promise.
pub fn compare<'a>(comparison: &mut Comparison<'a>, scope: &Scope, before: &Operation<'a>, after: &Operation<'a>) {
    let scope = &Scope { is_tentative: scope.is_tentative || is_tentative(before), ..scope.clone() };
    lifecycle::compare(comparison, scope, "", (before.node, after.node), &lifecycle::OF_OPERATION);
    lifecycle::compare_stability(comparison, scope, before.node, after.node);
    compare_names(comparison, scope, before.node, after.node);
    security::compare(comparison, scope, before, after);
    servers::compare_own(comparison, scope, before, after);
    parameters::compare(comparison, scope, before, after);
    bodies::compare_requests(comparison, scope, before, after);
    responses::compare(comparison, scope, before, after);
    callbacks::compare_callbacks(comparison, scope, before, after);
    promised::compare(comparison, scope, before.node, after.node);
    wording::compare(comparison, scope, before.node, after.node);
}

/// Whether nobody was told to rely on an operation, or on all of its path.
pub fn is_tentative(operation: &Operation<'_>) -> bool {
    lifecycle::is_tentative(operation.node) || lifecycle::is_tentative(operation.item)
}

fn compare_names(comparison: &mut Comparison<'_>, scope: &Scope, before: &Value, after: &Value) {
    let id = |node: &Value| text(node, "operationId").map(Value::from);
    let values = Values { before: id(before), after: id(after) };
    if values.before != values.after {
        comparison.tell(scope, "operation id", "http-operation-id-changed", values);
    }
    let tags = |node: &Value| -> BTreeSet<String> {
        let list = node.get("tags").and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (old, new) = (tags(before), tags(after));
    if old != new {
        comparison.tell(scope, "tags", "http-tag-changed", Values::both(json!(old), json!(new)));
    }
}
