//! What is promised in extensions and by convention: rate limits, pages, repeatable calls, long-running calls.

use serde_json::Value;

use super::comparison::{Comparison, Scope, Values};
use super::side::members;

/// Names of parameters that ask for a page, one list for each way of paging.
const PAGING: [&[&str]; 3] = [
    &["page", "pagenumber", "pageno", "pageindex"],
    &["offset", "skip", "start", "startindex"],
    &["cursor", "after", "before", "pagetoken", "nexttoken", "continuationtoken", "startingafter", "endingbefore", "marker"],
];

/// Compares what the extensions of two operations promise.
pub fn compare(comparison: &mut Comparison<'_>, scope: &Scope, before: &Value, after: &Value) {
    compare_rates(comparison, scope, before, after);
    let one =
        |node: &Value, keys: &[&str]| keys.iter().find_map(|key| node.get(*key)).filter(|value| **value != Value::Bool(false)).cloned();
    let mut differing = |keys: &[&str], rule: &str| {
        let values = Values { before: one(before, keys), after: one(after, keys) };
        if values.before != values.after {
            comparison.tell(scope, "", rule, values);
        }
    };
    differing(&["x-ms-long-running-operation", "x-long-running-operation", "x-long-running"], "http-long-running-operation-changed");
    differing(&["x-pagination", "x-ms-pageable"], "http-pagination-changed");
    let idempotent = |node: &Value| node.get("x-idempotent").or_else(|| node.get("x-idempotency")).cloned();
    let (was, is) = (idempotent(before), idempotent(after));
    let promises = |value: &Option<Value>| value.as_ref().is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)));
    if promises(&was) && !promises(&is) {
        comparison.tell(scope, "", "http-idempotency-changed", Values { before: was, after: is });
    }
}

/// Which way of paging a parameter belongs to.
pub fn paging_of(name: &str) -> Option<usize> {
    let name = folded(name);
    PAGING.iter().position(|names| names.contains(&name.as_str()))
}

/// Whether a header makes calls safe to repeat.
pub fn is_idempotency_key(name: &str) -> bool {
    matches!(folded(name).as_str(), "idempotencykey" | "xidempotencykey" | "repeatabilityrequestid")
}

fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Compares stated rate limits: of a document or an operation.
pub fn compare_rates(comparison: &mut Comparison<'_>, scope: &Scope, before: &Value, after: &Value) {
    for (key, old) in members(Some(before)).filter(|(key, _)| is_rate(key)) {
        let Some(new) = after.get(key) else { continue };
        if is_tighter(old, new) {
            comparison.tell(scope, "rate limit", "http-rate-limit-tightened", Values::both(old.clone(), new.clone()));
        }
    }
}

fn is_rate(key: &str) -> bool {
    let key = folded(key);
    key.strip_prefix('x').is_some_and(|key| key.starts_with("ratelimit") || key.starts_with("throttl") || key.starts_with("quota"))
}

/// Whether fewer calls are let through: a smaller number, or a longer span for the same number.
fn is_tighter(old: &Value, new: &Value) -> bool {
    if let (Value::Object(old), Value::Object(new)) = (old, new) {
        return old.iter().any(|(key, old)| {
            let is_span = ["window", "period", "interval", "seconds", "per"].contains(&folded(key).as_str());
            new.get(key).is_some_and(|new| if is_span { is_tighter(new, old) } else { is_tighter(old, new) })
        });
    }
    match (per_second(old), per_second(new)) {
        (Some(old), Some(new)) => new < old,
        _ => false,
    }
}

/// `100`, `100/minute`, `100 per hour`: calls in a second where a span is named, else the number.
fn per_second(value: &Value) -> Option<f64> {
    let text = match value {
        Value::Number(number) => return number.as_f64(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        _ => return None,
    };
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, span) = text.split_at(digits);
    let span = span.trim_start_matches([' ', '/']).trim_start_matches("per").trim();
    let seconds = match span.chars().next() {
        None | Some('s') => 1.0,
        Some('m') if span.starts_with("mo") => 2_592_000.0,
        Some('m') => 60.0,
        Some('h') => 3_600.0,
        Some('d') => 86_400.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? / seconds)
}
