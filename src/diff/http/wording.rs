//! Wording: descriptions, summaries, examples. Told only where it is asked for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::comparison::{Comparison, Scope, Values};
use super::document::spot::{Kind, Spot};
use super::side::text;

/// What is described deeper than this is not looked at.
const DEEPEST: usize = 64;

/// Compares the wording of two operations: one change, whatever was reworded.
pub fn compare(comparison: &mut Comparison<'_>, scope: &Scope, before: &Value, after: &Value) {
    if !comparison.policy.wording {
        return;
    }
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    collect(before, Spot::One(Kind::Operation), String::new(), &mut old);
    collect(after, Spot::One(Kind::Operation), String::new(), &mut new);
    if old == new {
        return;
    }
    let first = |node: &Value| text(node, "summary").or_else(|| text(node, "description")).map(Value::from);
    comparison.tell(scope, "wording", "http-description-changed", Values { before: first(before), after: first(after) });
}

fn collect<'a>(value: &'a Value, spot: Spot, at: String, found: &mut BTreeMap<String, &'a Value>) {
    if at.matches('/').count() > DEEPEST {
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, inner) in members {
                let at = format!("{at}/{key}");
                let is_wording = matches!(key.as_str(), "description" | "summary" | "title" | "example" | "examples" | "externalDocs");
                if is_wording && matches!(spot, Spot::One(_)) {
                    found.insert(at, inner);
                } else if !spot.under(key).is(Kind::Plain) {
                    collect(inner, spot.under(key), at, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, spot.entry(), format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}
