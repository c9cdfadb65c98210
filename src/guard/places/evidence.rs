//! What the contracts say of a finding's place: the features it stands in, the code behind it, and who uses it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::documents::feature::FeatureDocument;
use crate::contract::model::graphql::GraphqlOperationKind;
use crate::contract::model::{Action, DependencyKind, Evidence};
use crate::contract::path::shape_of;
use crate::diff::change::Domain;
use crate::diff::promises::Promises;
use crate::guard::Finding;

/// What is known of a finding's place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The features, by slug.
    pub features: BTreeSet<String>,
    /// The code that says it.
    pub evidence: Vec<Evidence>,
    /// Code that says more of it: migrations, the latest first.
    pub further: Vec<Evidence>,
    /// Features that use it.
    pub consumers: BTreeSet<String>,
}

/// What one side's contracts say of a finding's place.
#[must_use]
pub fn told(promises: &Promises, finding: &Finding) -> Told {
    let mut told = Told::default();
    let subjects: Vec<&str> = match finding.location.subject.as_str() {
        "" => finding.affects.iter().map(String::as_str).collect(),
        subject => std::iter::once(subject).chain(finding.affects.iter().map(String::as_str)).collect(),
    };
    for feature in promises.features.values() {
        for subject in &subjects {
            match finding.contract {
                Domain::Http => operations(feature, subject, &mut told),
                Domain::Event => events(feature, subject, &mut told),
                Domain::Db => tables(feature, subject, &mut told),
                Domain::Graphql => graphql(feature, subject, &mut told),
                Domain::Proto => grpc(feature, subject, &mut told),
                Domain::Feature if feature.slug == *subject || feature.name == *subject => {
                    told.features.insert(feature.slug.clone());
                }
                _ => {}
            }
        }
    }
    if finding.contract == Domain::Infra {
        needs(promises.infrastructure.as_ref(), &finding.location.subject, &mut told);
    }
    let kind = match finding.contract {
        Domain::Http | Domain::Graphql | Domain::Proto => Some(DependencyKind::Http),
        Domain::Event => Some(DependencyKind::Event),
        _ => None,
    };
    for feature in promises.features.values() {
        let uses = feature.dependencies.iter().any(|one| Some(one.kind) == kind && told.features.contains(&one.on));
        if uses && !told.features.contains(&feature.slug) {
            told.consumers.insert(feature.slug.clone());
        }
    }
    told
}

fn operations(feature: &FeatureDocument, subject: &str, told: &mut Told) {
    let Some((method, path)) = subject.split_once(' ') else { return };
    for entry in feature.http.iter().flat_map(|http| http.operations.iter().chain(&http.hidden)) {
        let is_same = entry.method.key().eq_ignore_ascii_case(method) && (entry.path == path || shape_of(&entry.path) == shape_of(path));
        if is_same {
            told.features.insert(feature.slug.clone());
            told.evidence.push(entry.evidence.clone());
        }
    }
}

fn events(feature: &FeatureDocument, subject: &str, told: &mut Told) {
    let words: Vec<&str> = subject.split_whitespace().map(|word| word.trim_matches(['(', ')', ','])).collect();
    for entry in feature.events.iter().filter(|entry| subject == entry.channel || words.contains(&entry.channel.as_str())) {
        told.features.insert(feature.slug.clone());
        // Whoever sends decides what travels.
        let at = if entry.action == Action::Send { 0 } else { told.evidence.len() };
        told.evidence.splice(at..at, entry.evidence.iter().cloned()).for_each(drop);
        told.consumers.extend(entry.counterparts.iter().cloned());
    }
}

fn tables(feature: &FeatureDocument, subject: &str, told: &mut Told) {
    let subject = subject.rsplit_once(": ").map_or(subject, |(_, name)| name);
    for database in &feature.databases {
        let is_it =
            |schema: &str, name: &str| subject == name || subject.strip_suffix(name).is_some_and(|rest| rest == format!("{schema}."));
        for table in database.tables.iter().filter(|table| is_it(&table.schema, &table.name)) {
            told.features.insert(feature.slug.clone());
            told.evidence.push(table.evidence.clone());
            told.further.extend(table.migrated_by.iter().rev().cloned());
            told.consumers.extend(table.used_by.iter().map(|user| user.feature.clone()).filter(|user| *user != feature.slug));
        }
        for one in database.enums.iter().filter(|one| is_it(&one.schema, &one.name)) {
            told.features.insert(feature.slug.clone());
            told.evidence.push(one.evidence.clone());
        }
    }
}

fn graphql(feature: &FeatureDocument, subject: &str, told: &mut Told) {
    let Some(index) = &feature.graphql else { return };
    let mut names = subject.split(['.', ' ', '(']).filter(|name| !name.is_empty());
    let (first, second) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    let is_root = |kind: GraphqlOperationKind| kind.type_name() == first || kind.word() == first;
    let operations = index.operations.iter().filter(|one| one.name == first || is_root(one.kind) && one.name == second);
    let found = operations.flat_map(|one| std::iter::once(&one.evidence).chain(&one.implemented_by));
    let found: Vec<Evidence> = found.chain(index.types.iter().filter(|one| one.name == first).map(|one| &one.evidence)).cloned().collect();
    if !found.is_empty() {
        told.features.insert(feature.slug.clone());
        told.evidence.extend(found);
    }
}

fn grpc(feature: &FeatureDocument, subject: &str, told: &mut Told) {
    let Some(index) = &feature.grpc else { return };
    let is_in = |name: &str| subject == name || subject.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '/', ' ']));
    let services = index.services.iter().filter(|one| is_in(&one.name)).map(|one| &one.evidence);
    let types = index.types.iter().filter(|one| is_in(&one.full_name())).map(|one| &one.evidence);
    let found: Vec<Evidence> = services.chain(types).cloned().collect();
    if !found.is_empty() {
        told.features.insert(feature.slug.clone());
        told.evidence.extend(found);
    }
}

/// Entries of the infrastructure document with that name.
fn needs(document: Option<&Value>, subject: &str, told: &mut Told) {
    let name = subject.split_whitespace().last().unwrap_or(subject);
    let sections = document.and_then(Value::as_object).into_iter().flatten().filter_map(|(_, section)| section.as_array());
    for entry in sections.flatten() {
        let says = |key: &str| entry.get(key).and_then(Value::as_str).is_some_and(|text| text == subject || text == name);
        if !says("name") && !says("file") {
            continue;
        }
        for key in ["evidence", "readBy", "setBy", "read_by", "set_by"] {
            let places = entry.get(key).cloned().unwrap_or_default();
            let many: Vec<Evidence> = serde_json::from_value(places.clone()).unwrap_or_default();
            told.evidence.extend(many);
            told.evidence.extend(serde_json::from_value::<Evidence>(places).ok());
        }
    }
}
