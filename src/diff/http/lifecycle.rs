//! Deprecation, sunset and stability: what was announced, and whether the announcement was kept.

use serde_json::Value;

use super::super::change::Level;
use super::comparison::{Comparison, Scope, Values};
use super::date::Date;
use super::side::{flag, text};

/// The rules of one kind of thing.
pub struct Rules {
    pub deprecated: &'static str,
    pub undeprecated: Option<&'static str>,
}

/// Of operations.
pub const OF_OPERATION: Rules = Rules { deprecated: "http-endpoint-deprecated", undeprecated: Some("http-endpoint-undeprecated") };
/// Of parameters.
pub const OF_PARAMETER: Rules = Rules { deprecated: "http-parameter-deprecated", undeprecated: Some("http-parameter-undeprecated") };
/// Of headers of responses.
pub const OF_HEADER: Rules = Rules { deprecated: "http-response-header-deprecated", undeprecated: None };

/// Until when something is promised to be there.
#[derive(Debug, PartialEq)]
enum Sunset {
    NotSaid,
    Unreadable,
    On(Date),
}

/// How something may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// Nobody was told.
    Unannounced,
    /// Earlier than was said.
    TooEarly,
    /// As was said.
    Announced,
    /// It was announced for a day that cannot be read.
    Unclear,
}

fn sunset_of(node: &Value) -> Sunset {
    match node.get("x-sunset") {
        None | Some(Value::Null) => Sunset::NotSaid,
        Some(Value::String(text)) => Date::of(text).map_or(Sunset::Unreadable, Sunset::On),
        Some(_) => Sunset::Unreadable,
    }
}

/// How something that is gone went.
pub fn farewell(node: &Value, today: Date) -> Farewell {
    match (flag(node, "deprecated"), sunset_of(node)) {
        (_, Sunset::On(day)) if day > today => Farewell::TooEarly,
        (_, Sunset::On(_)) | (true, Sunset::NotSaid) => Farewell::Announced,
        (true, Sunset::Unreadable) => Farewell::Unclear,
        (false, _) => Farewell::Unannounced,
    }
}

/// Compares what is announced of something that is still there.
pub fn compare(comparison: &mut Comparison<'_>, scope: &Scope, part: &str, pair: (&Value, &Value), rules: &Rules) {
    let (before, after) = pair;
    let (was, is) = (flag(before, "deprecated"), flag(after, "deprecated"));
    if is && !was {
        comparison.tell(scope, part, rules.deprecated, Values::both(was, is));
        announced(comparison, scope, part, after);
        return;
    }
    if was
        && !is
        && let Some(rule) = rules.undeprecated
    {
        comparison.tell(scope, part, rule, Values::both(was, is));
        return;
    }
    let date = |node: &Value| node.get("x-sunset").cloned();
    let values = || Values { before: date(before), after: date(after) };
    let rule = match (sunset_of(before), sunset_of(after)) {
        _ if date(before) == date(after) => return,
        (Sunset::On(_) | Sunset::Unreadable, Sunset::NotSaid) => "http-sunset-removed",
        (_, Sunset::Unreadable) => "http-sunset-invalid",
        (Sunset::On(old), Sunset::On(new)) if new < old => "http-sunset-moved-earlier",
        _ => return,
    };
    comparison.tell(scope, part, rule, values());
}

/// What was deprecated just now should say for how long it stays.
fn announced(comparison: &mut Comparison<'_>, scope: &Scope, part: &str, after: &Value) {
    let policy = comparison.policy;
    let values = || Values { before: None, after: after.get("x-sunset").cloned() };
    let rule = match sunset_of(after) {
        Sunset::NotSaid if policy.needs_sunset => "http-sunset-missing",
        Sunset::Unreadable => "http-sunset-invalid",
        Sunset::On(day) if day < policy.today.after_days(policy.notice) => "http-sunset-too-soon",
        _ => return,
    };
    comparison.tell(scope, part, rule, values());
}

/// How firmly something is promised; what says nothing is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stability {
    Internal,
    Draft,
    Alpha,
    Beta,
    Stable,
}

/// `None` when it says something that cannot be read.
fn stability_of(node: &Value) -> Option<Stability> {
    if flag(node, "x-internal") {
        return Some(Stability::Internal);
    }
    if flag(node, "x-beta-api") {
        return Some(Stability::Alpha);
    }
    let said = node.get("x-stability-level").filter(|said| !said.is_null());
    if said.is_none() {
        return Some(Stability::Stable);
    }
    Some(match text(node, "x-stability-level")? {
        "draft" => Stability::Draft,
        "alpha" => Stability::Alpha,
        "beta" => Stability::Beta,
        "stable" => Stability::Stable,
        _ => return None,
    })
}

/// Whether nobody was told to rely on it: drafts, alpha versions, what is internal.
pub fn is_tentative(node: &Value) -> bool {
    stability_of(node).is_some_and(|stability| stability <= Stability::Alpha)
}

/// Compares how firmly an operation is promised.
pub fn compare_stability(comparison: &mut Comparison<'_>, scope: &Scope, before: &Value, after: &Value) {
    let said = |node: &Value| ["x-stability-level", "x-beta-api", "x-internal"].iter().find_map(|key| node.get(*key)).cloned();
    let values = Values { before: said(before), after: said(after) };
    match (stability_of(before), stability_of(after)) {
        (_, None) if values.before != values.after => comparison.tell(scope, "", "http-stability-invalid", values),
        (Some(old), Some(new)) if new < old => comparison.tell_at(Level::Warning, scope, "", "http-stability-decreased", values),
        (Some(old), Some(new)) if new > old => comparison.tell(scope, "", "http-stability-increased", values),
        _ => {}
    }
}
