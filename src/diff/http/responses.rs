//! Responses: statuses and ranges of them, formats, links.

use serde_json::Value;

use super::super::change::Level;
use super::bodies::{Bodies, Contents, compare_media, contents_of};
use super::comparison::{Comparison, Scope, Values};
use super::headers;
use super::media::{Media, Relation};
use super::side::{Meant, Operation, Side, members};

/// A response by its status: `200`, `4XX`, `default`.
type Response<'a> = (String, Meant<'a>);

fn responses_of<'a>(side: Side<'a>, operation: &Operation<'a>) -> Vec<Response<'a>> {
    let all = members(operation.node.get("responses")).filter(|(status, _)| !status.starts_with("x-"));
    all.map(|(status, response)| {
        let status = if status == "default" { status.clone() } else { status.to_ascii_uppercase() };
        (status, side.meant(response))
    })
    .collect()
}

/// Whether a status among others tells of success. Where none of 2xx is listed, a redirect or the default does.
fn is_success(status: &str, all: &[Response<'_>]) -> bool {
    let any = |first: char| all.iter().any(|(status, _)| status.starts_with(first));
    match status.chars().next() {
        Some('2') => true,
        Some('1' | '3') => !any('2'),
        Some('d') => !any('2') && !any('3'),
        _ => false,
    }
}

fn is_range_of(range: &str, status: &str) -> bool {
    range.len() == 3
        && range.ends_with("XX")
        && status.len() == 3
        && !status.ends_with("XX")
        && range.as_bytes().first() == status.as_bytes().first()
}

/// Compares the responses of two operations.
pub fn compare<'a>(comparison: &mut Comparison<'a>, scope: &Scope, before: &Operation<'a>, after: &Operation<'a>) {
    let old = responses_of(comparison.before, before);
    let new = responses_of(comparison.after, after);
    let gone: Vec<&Response<'a>> = old.iter().filter(|(status, _)| !new.iter().any(|(other, _)| other == status)).collect();
    let lost: Vec<&str> = gone.iter().filter(|(status, _)| is_success(status, &old)).map(|(status, _)| status.as_str()).collect();
    let was_only = old.iter().filter(|(status, _)| is_success(status, &old)).count() == 1;
    let mut narrowed: Vec<&str> = Vec::new();
    for (status, response) in &new {
        if let Some((_, earlier)) = old.iter().find(|(other, _)| other == status) {
            compare_one(comparison, scope, status, earlier, response);
            continue;
        }
        let succeeds = is_success(status, &new);
        let stood_for = |other: &str| is_range_of(other, status) || (other == "default" && succeeds && lost == ["default"]);
        if let Some((range, earlier)) = old.iter().find(|(other, _)| stood_for(other)) {
            narrowed.push(range);
            compare_one(comparison, scope, status, earlier, response);
        } else if succeeds {
            let level = if was_only && !lost.is_empty() { Level::Breaking } else { Level::Info };
            comparison.tell_at(level, scope, status, "http-response-status-added", Values::new(status.as_str()));
        } else {
            comparison.tell(scope, status, "http-response-error-status-added", Values::new(status.as_str()));
        }
    }
    for (status, _) in gone {
        let values = Values::gone(status.as_str());
        if !is_success(status, &old) {
            comparison.tell(scope, status, "http-response-error-status-removed", values);
        } else if narrowed.contains(&status.as_str()) {
            comparison.tell_at(Level::Info, scope, status, "http-response-status-removed", values);
        } else {
            comparison.tell(scope, status, "http-response-status-removed", values);
        }
    }
}

fn compare_one<'a>(comparison: &mut Comparison<'a>, scope: &Scope, status: &str, before: &Meant<'a>, after: &Meant<'a>) {
    let scope = &scope.in_component(before.shared, after.shared, status);
    headers::compare(comparison, scope, status, before.value, after.value);
    compare_content(comparison, scope, &format!("{status} body"), before.value, after.value);
    compare_links(comparison, scope, status, before.value, after.value);
}

/// What can come back has to be what could come back: the same formats, or some of a range.
fn compare_content<'a>(comparison: &mut Comparison<'a>, scope: &Scope, part: &str, before: &'a Value, after: &'a Value) {
    let old = contents_of(comparison, before, true);
    let mut new = contents_of(comparison, after, false);
    let mut pairs = Vec::new();
    let mut open: Contents<'a> = Vec::new();
    for (name, media) in old {
        match new.iter().position(|(other, _)| *other == name) {
            Some(at) => pairs.push((name, media, new.remove(at).1)),
            None => open.push((name, media)),
        }
    }
    for (relation, rule) in [
        (Relation::Renamed, "http-response-media-type-renamed"),
        (Relation::Narrowed, "http-response-media-type-narrowed"),
        (Relation::Widened, "http-response-media-type-widened"),
    ] {
        let mut met = Vec::new();
        open.retain(|(name, media)| {
            let wanted = Media::of(name);
            let found: Vec<_> = new.iter().filter(|(other, _)| wanted.relation(&Media::of(other), false) == relation).copied().collect();
            let found = if wanted.is_range() { &found[..] } else { &found[..found.len().min(1)] };
            for (other, later) in found {
                comparison.tell(scope, part, rule, Values::both(*name, *other));
                pairs.push((*name, *media, *later));
                met.push(*other);
            }
            found.is_empty()
        });
        new.retain(|(name, _)| !met.contains(name));
    }
    for (name, _) in open {
        comparison.tell(scope, part, "http-response-media-type-removed", Values::gone(name));
    }
    for (name, _) in new {
        comparison.tell(scope, part, "http-response-media-type-added", Values::new(name));
    }
    let bodies = Bodies {
        part,
        direction: scope.flow.of_responses(),
        schema_added: "http-response-media-type-schema-added",
        schema_removed: "http-response-media-type-schema-removed",
    };
    compare_media(comparison, scope, &bodies, &pairs);
}

fn compare_links(comparison: &mut Comparison<'_>, scope: &Scope, status: &str, before: &Value, after: &Value) {
    let links = |side: Side<'_>, response: &Value| -> std::collections::BTreeMap<String, Value> {
        let plain = |link: &Value| {
            let mut link = link.clone();
            link.as_object_mut().map(|members| members.remove("description"));
            link
        };
        members(response.get("links")).map(|(name, link)| (name.clone(), plain(&followed(side, link)))).collect()
    };
    let (old, new) = (links(comparison.before, before), links(comparison.after, after));
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        if old.get(name) != new.get(name) {
            let values = Values { before: old.get(name).cloned(), after: new.get(name).cloned() };
            comparison.tell(scope, &format!("{status} link {name}"), "http-link-changed", values);
        }
    }
}

/// A copy of what a link means.
fn followed(side: Side<'_>, link: &Value) -> Value {
    let found = link.get("$ref").and_then(Value::as_str).and_then(|reference| side.root.pointer(reference.strip_prefix('#')?));
    found.unwrap_or(link).clone()
}
