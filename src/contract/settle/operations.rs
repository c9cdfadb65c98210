//! Operations in canonical form: one per method and path, parameter names of a path unified, ids unique, parameters
//! and responses as OpenAPI wants them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::contract::model::{
    Conflict, ConflictSide, FeatureContract, Gap, Location, Method, Operation, Origin, Parameter, SecurityRequirement,
};
use crate::contract::path::{names_of, renamed, shape_of, with_literals_escaped};

use super::sort_unique;

/// Settles the operations of a feature; two handlers for one route are told as conflicts.
pub fn settle(feature: &mut FeatureContract) -> Vec<Conflict> {
    for operation in &mut feature.http {
        settle_path(operation);
    }
    unify_names(&mut feature.http);
    let conflicts = join_duplicates(&mut feature.http, &feature.slug);
    for operation in &mut feature.http {
        settle_parameters(operation);
        settle_responses(operation);
        sort_unique(&mut operation.tags);
        if let Some(security) = &mut operation.security {
            settle_security(security);
        }
    }
    name_operations(&mut feature.http);
    define_schemes(feature);
    conflicts
}

/// Brings hidden operations into order; they are only listed.
pub fn settle_hidden(operations: &mut Vec<Operation>) {
    operations.iter_mut().for_each(settle_path);
    operations.sort_by(|a, b| (&a.path, a.method, &a.evidence).cmp(&(&b.path, b.method, &b.evidence)));
    operations.dedup_by(|a, b| a.path == b.path && a.method == b.method && a.evidence == b.evidence);
}

/// A leading slash, no braces but those of parameters, and no name twice in one template.
fn settle_path(operation: &mut Operation) {
    if !operation.path.starts_with('/') {
        operation.path.insert(0, '/');
    }
    operation.path = with_literals_escaped(&operation.path);
    let mut taken = BTreeSet::new();
    let names: Vec<String> = names_of(&operation.path)
        .into_iter()
        .map(|name| {
            let wanted = if name.is_empty() { "param" } else { name };
            let unique = std::iter::once(wanted.to_string())
                .chain((2_usize..).map(|n| format!("{wanted}_{n}")))
                .find(|candidate| !taken.contains(candidate))
                .expect("fewer parameters than numbers");
            taken.insert(unique.clone());
            unique
        })
        .collect();
    rename_path(operation, &names);
}

/// OpenAPI takes `/a/{x}` and `/a/{y}` for the same path: the names of the first in order hold for all.
fn unify_names(operations: &mut [Operation]) {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for operation in operations.iter() {
        let path = first.entry(shape_of(&operation.path)).or_insert_with(|| operation.path.clone());
        if operation.path < *path {
            path.clone_from(&operation.path);
        }
    }
    for operation in operations {
        let Some(path) = first.get(&shape_of(&operation.path)) else { continue };
        let names: Vec<String> = names_of(path).into_iter().map(String::from).collect();
        rename_path(operation, &names);
    }
}

fn rename_path(operation: &mut Operation, names: &[String]) {
    let path = renamed(&operation.path, names);
    if path == operation.path {
        return;
    }
    let before: Vec<String> = names_of(&operation.path).into_iter().map(String::from).collect();
    for parameter in operation.parameters.iter_mut().filter(|parameter| parameter.location == Location::Path) {
        if let Some(name) = before.iter().position(|name| *name == parameter.name).and_then(|index| names.get(index)) {
            parameter.name.clone_from(name);
        }
    }
    let original = std::mem::replace(&mut operation.path, path);
    operation.original_path.get_or_insert(original);
}

/// Code is believed before documents, people before models.
fn rank_of(origin: Origin) -> u8 {
    match origin {
        Origin::Code => 0,
        Origin::Document => 1,
        Origin::Human => 2,
        Origin::Model => 3,
    }
}

fn join_duplicates(operations: &mut Vec<Operation>, slug: &str) -> Vec<Conflict> {
    operations.sort_by_cached_key(|operation| {
        let place = (operation.evidence.clone(), operation.original_path.clone(), operation.operation_id.clone());
        (operation.path.clone(), operation.method, rank_of(operation.origin), operation.framework.is_empty(), operation.confidence, place)
    });
    let mut kept: Vec<Operation> = Vec::with_capacity(operations.len());
    let mut sides: BTreeMap<(String, Method), Vec<ConflictSide>> = BTreeMap::new();
    for operation in operations.drain(..) {
        let Some(last) = kept.last_mut().filter(|last| last.path == operation.path && last.method == operation.method) else {
            kept.push(operation);
            continue;
        };
        if last.origin == operation.origin && !last.evidence.is_same_place(&operation.evidence) {
            let side = |operation: &Operation| ConflictSide { feature: slug.into(), evidence: operation.evidence.clone() };
            sides.entry((last.path.clone(), last.method)).or_insert_with(|| vec![side(last)]).push(side(&operation));
        } else {
            complete(last, operation);
        }
    }
    *operations = kept;
    sides.into_iter().map(|((path, method), sides)| conflict_of(&path, method, sides)).collect()
}

fn conflict_of(path: &str, method: Method, sides: Vec<ConflictSide>) -> Conflict {
    Conflict {
        code: "route-two-handlers".into(),
        subject: format!("{method} {path}"),
        message: format!("{} handlers serve the same route; the contract follows the first", sides.len()),
        sides,
        chosen: None,
    }
}

/// The same operation told twice: what the first lacks comes from the second.
fn complete(kept: &mut Operation, other: Operation) {
    for (mine, theirs) in [
        (&mut kept.summary, other.summary),
        (&mut kept.description, other.description),
        (&mut kept.operation_id, other.operation_id),
        (&mut kept.framework, other.framework),
    ] {
        if mine.is_empty() {
            *mine = theirs;
        }
    }
    kept.deprecated |= other.deprecated;
    kept.tags.extend(other.tags);
    kept.parameters.extend(other.parameters);
    if kept.request_body.is_none() {
        kept.request_body = other.request_body;
    }
    for (status, response) in other.responses {
        kept.responses.entry(status).or_insert(response);
    }
    if kept.security.is_none() {
        kept.security = other.security;
    }
}

/// Every name of the template has one parameter, no parameter is there twice, and none names a place that is not there.
fn settle_parameters(operation: &mut Operation) {
    let names: Vec<String> = names_of(&operation.path).into_iter().map(String::from).collect();
    let mut seen = BTreeSet::new();
    let mut strays = Vec::new();
    operation.parameters.retain_mut(|parameter| {
        let is_path = parameter.location == Location::Path;
        if is_path && !names.contains(&parameter.name) {
            strays.push(parameter.name.clone());
            return false;
        }
        parameter.required |= is_path;
        let name = if parameter.location == Location::Header { parameter.name.to_ascii_lowercase() } else { parameter.name.clone() };
        seen.insert((parameter.location, name))
    });
    for name in &names {
        if seen.insert((Location::Path, name.clone())) {
            let schema = json!({"type": "string"});
            let parameter = Parameter { name: name.clone(), location: Location::Path, required: true, schema, ..Parameter::default() };
            operation.parameters.push(parameter);
        }
    }
    let order = |parameter: &Parameter| (parameter.location, names.iter().position(|name| *name == parameter.name));
    operation.parameters.sort_by(|a, b| (order(a), &a.name).cmp(&(order(b), &b.name)));
    for name in strays {
        let question = format!("where in the path does the parameter `{name}` stand?");
        let gap = Gap::new("path-parameter-not-in-path", format!("`{name}` of {}", operation.key()), question, operation.evidence.clone());
        operation.gaps.push(gap);
    }
}

fn settle_responses(operation: &mut Operation) {
    let (subject, evidence) = (operation.key(), operation.evidence.clone());
    for (status, mut response) in std::mem::take(&mut operation.responses) {
        let Some(status) = status_of(&status) else {
            let question = format!("which status does the response `{status}` have?");
            operation.gaps.push(Gap::new("response-status-unknown", format!("response {status} of {subject}"), question, evidence.clone()));
            continue;
        };
        if response.description.is_empty() {
            response.description = meaning_of(&status).into();
        }
        operation.responses.entry(status).or_insert(response);
    }
}

/// A status as OpenAPI writes it; `None` when it is none.
pub fn status_of(text: &str) -> Option<String> {
    if text.eq_ignore_ascii_case("default") {
        return Some("default".into());
    }
    let [first, rest @ ..] = text.as_bytes() else { return None };
    let is_range = rest.eq_ignore_ascii_case(b"xx");
    let is_status = rest.len() == 2 && rest.iter().all(u8::is_ascii_digit);
    ((b'1'..=b'5').contains(first) && (is_range || is_status)).then(|| text.to_ascii_uppercase())
}

/// The usual meaning of a status (RFC 9110 and the registry of statuses).
fn meaning_of(status: &str) -> &'static str {
    match status {
        "200" => "OK",
        "201" => "Created",
        "202" => "Accepted",
        "204" => "No Content",
        "206" => "Partial Content",
        "301" => "Moved Permanently",
        "302" => "Found",
        "303" => "See Other",
        "304" => "Not Modified",
        "307" => "Temporary Redirect",
        "308" => "Permanent Redirect",
        "400" => "Bad Request",
        "401" => "Unauthorized",
        "403" => "Forbidden",
        "404" => "Not Found",
        "405" => "Method Not Allowed",
        "409" => "Conflict",
        "410" => "Gone",
        "412" => "Precondition Failed",
        "413" => "Content Too Large",
        "415" => "Unsupported Media Type",
        "422" => "Unprocessable Content",
        "429" => "Too Many Requests",
        "500" => "Internal Server Error",
        "501" => "Not Implemented",
        "502" => "Bad Gateway",
        "503" => "Service Unavailable",
        "504" => "Gateway Timeout",
        "default" => "Any other response",
        _ => match status.as_bytes().first() {
            Some(b'1') => "Information",
            Some(b'2') => "Success",
            Some(b'3') => "Redirection",
            Some(b'4') => "Client error",
            _ => "Server error",
        },
    }
}

fn settle_security(security: &mut Vec<SecurityRequirement>) {
    security.iter_mut().flat_map(BTreeMap::values_mut).for_each(sort_unique);
    sort_unique(security);
}

/// Names operations that have none after their handler, or after method and path, and tells apart those of one name.
fn name_operations(operations: &mut [Operation]) {
    for operation in operations.iter_mut().filter(|operation| operation.operation_id.trim().is_empty()) {
        let symbol = operation.evidence.symbol.rsplit(['.', ':', '#', '/', ' ']).next().unwrap_or_default();
        let name = word_of(symbol);
        operation.operation_id = if name.is_empty() { route_word_of(operation) } else { name };
    }
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for operation in operations.iter() {
        *count.entry(operation.operation_id.clone()).or_default() += 1;
    }
    let mut taken: BTreeSet<String> = count.iter().filter(|(_, count)| **count == 1).map(|(id, _)| id.clone()).collect();
    for operation in operations.iter_mut().filter(|operation| count.get(&operation.operation_id).is_some_and(|count| *count > 1)) {
        let wanted = format!("{}_{}", operation.operation_id, route_word_of(operation));
        let id = std::iter::once(wanted.clone())
            .chain((2_usize..).map(|n| format!("{wanted}_{n}")))
            .find(|id| !taken.contains(id))
            .expect("fewer operations than numbers");
        taken.insert(id.clone());
        operation.operation_id = id;
    }
}

/// A name made of method and path.
pub fn route_word_of(operation: &Operation) -> String {
    let path = word_of(&operation.path);
    if path.is_empty() { format!("{}_root", operation.method.key()) } else { format!("{}_{path}", operation.method.key()) }
}

/// Letters, digits and single underscores.
fn word_of(text: &str) -> String {
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c);
        } else if !word.is_empty() && !word.ends_with('_') {
            word.push('_');
        }
    }
    word.trim_end_matches('_').into()
}

/// A requirement whose scheme nobody described still says that somebody must log in.
fn define_schemes(feature: &mut FeatureContract) {
    for operation in &feature.http {
        for name in operation.security.iter().flatten().flat_map(BTreeMap::keys) {
            if feature.security_schemes.contains_key(name) {
                continue;
            }
            let scheme = json!({"type": "http", "scheme": "unknown", "description": "How it works could not be read from the code."});
            feature.security_schemes.insert(name.clone(), scheme);
            let question = format!("how does the security scheme `{name}` work?");
            feature.gaps.push(Gap::new("security-scheme-unknown", name.clone(), question, operation.evidence.clone()));
        }
    }
}
