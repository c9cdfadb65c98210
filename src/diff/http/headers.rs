//! Headers of responses.

use serde_json::{Value, json};

use super::super::change::Level;
use super::super::schema::Place;
use super::comparison::{Comparison, Flow, Scope, Values};
use super::lifecycle;
use super::parameters::ANYTHING;
use super::side::{Meant, Side, flag, members};
use super::styles::{Style, differ, is_compound, schema_of, style_of};

/// A header by its name in lower case.
type Header<'a> = (String, &'a str, Meant<'a>);

/// The headers of a response; the one that names the body's format is the body's.
fn headers_of<'a>(side: Side<'a>, response: &'a Value) -> Vec<Header<'a>> {
    let all = members(response.get("headers")).filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    all.map(|(name, header)| (name.to_ascii_lowercase(), name.as_str(), side.meant(header))).collect()
}

/// Compares the headers of two responses with one status.
pub fn compare<'a>(comparison: &mut Comparison<'a>, scope: &Scope, status: &str, before: &'a Value, after: &'a Value) {
    let old = headers_of(comparison.before, before);
    let new = headers_of(comparison.after, after);
    for (key, name, header) in &old {
        let part = format!("{status} header {name}");
        match new.iter().find(|(other, ..)| other == key) {
            Some((_, _, other)) => {
                compare_one(comparison, &scope.in_component(header.shared, other.shared, &part), &part, header.value, other.value)
            }
            None if flag(header.value, "required") => {
                comparison.tell(scope, &part, "http-response-required-header-removed", Values::gone(*name));
            }
            None => comparison.tell(scope, &part, "http-response-header-removed", Values::gone(*name)),
        }
    }
    for (_, name, header) in new.iter().filter(|(key, ..)| !old.iter().any(|(other, ..)| other == key)) {
        let is_asked_for = scope.flow == Flow::Called && flag(header.value, "required");
        let level = if is_asked_for { Level::Breaking } else { Level::Info };
        comparison.tell_at(level, scope, &format!("{status} header {name}"), "http-response-header-added", Values::new(*name));
    }
}

fn compare_one<'a>(comparison: &mut Comparison<'a>, scope: &Scope, part: &str, before: &'a Value, after: &'a Value) {
    match (flag(before, "required"), flag(after, "required")) {
        (true, false) => comparison.tell(scope, part, "http-response-header-became-optional", Values::both(true, false)),
        (false, true) => comparison.tell(scope, part, "http-response-header-became-required", Values::both(false, true)),
        _ => {}
    }
    lifecycle::compare(comparison, scope, part, (before, after), &lifecycle::OF_HEADER);
    let (old, new) = (schema_of(before), schema_of(after));
    let styles = (style_of(before, "header"), style_of(after, "header"));
    let are_compound = is_compound(comparison.before, old) && is_compound(comparison.after, new);
    if differ(&styles.0, &styles.1, are_compound) {
        let said = |style: &Style<'_>| json!({"style": style.name, "explode": style.explode});
        comparison.tell(scope, part, "http-response-header-style-changed", Values::both(said(&styles.0), said(&styles.1)));
    }
    let pair = (old.unwrap_or(&ANYTHING), new.unwrap_or(&ANYTHING));
    comparison.tell_schemas(scope, part, pair, (scope.flow.of_responses(), Place::Header));
}
