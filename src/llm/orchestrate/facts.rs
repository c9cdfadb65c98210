//! What code says already, in a few lines: the context of a question.

use std::fmt::Write as _;

use super::survey::Survey;
use crate::contract::model::{Contract, FeatureContract, Operation, Origin};

/// Behind so many bytes nothing is added.
const LARGEST: usize = 2000;
/// Entries of one list.
const MOST: usize = 30;

/// What is known of the repository: its languages and libraries, prefixes, and what it serves, keeps and sends already.
#[must_use]
pub fn of_repository(contract: &Contract, survey: &Survey) -> String {
    let repo = &contract.repo;
    let mut out = format!("repository: {}\n", repo.name);
    let languages: Vec<String> = repo.languages.keys().cloned().collect();
    line(&mut out, "languages that were read", &languages);
    line(&mut out, "frameworks that were read", &repo.frameworks);
    line(&mut out, "libraries", &survey.libraries);
    line(&mut out, "prefixes of paths", &survey.prefixes);
    for feature in contract.features.iter().take(MOST) {
        known(&mut out, feature, 8);
    }
    out
}

/// What is known of some features.
#[must_use]
pub fn of_features(contract: &Contract, slugs: &[&str]) -> String {
    let mut out = format!("repository: {}\n", contract.repo.name);
    for feature in contract.features.iter().filter(|feature| slugs.contains(&feature.slug.as_str())) {
        let _ = writeln!(out, "feature: {} ({})", feature.name, feature.slug);
        line(&mut out, "languages", &feature.languages);
        line(&mut out, "frameworks", &feature.frameworks);
        let needs: Vec<String> = feature.dependencies.iter().map(|dependency| dependency.on.clone()).collect();
        line(&mut out, "uses the features", &needs);
        known(&mut out, feature, MOST);
        line(&mut out, "operations without a summary", &without_summary(feature));
    }
    out
}

/// The operations of a feature that have no summary, by method and path.
#[must_use]
pub fn without_summary(feature: &FeatureContract) -> Vec<String> {
    let silent = feature.http.iter().filter(|operation| operation.summary.is_empty() && operation.gaps.is_empty());
    silent.map(Operation::key).take(MOST).collect()
}

/// What code tells and what is whole: no answer changes it, so that a question stays the same when others are answered.
fn known(out: &mut String, feature: &FeatureContract, most: usize) {
    let is_told = |origin: Origin| matches!(origin, Origin::Code | Origin::Document);
    let operations = feature.http.iter().filter(|operation| is_told(operation.origin) && operation.gaps.is_empty());
    let operations: Vec<String> = operations.map(Operation::key).take(most).collect();
    let tables = feature.databases.iter().flat_map(|database| &database.tables).filter(|table| is_told(table.origin));
    let tables: Vec<String> = tables.map(|table| table.name.clone()).take(most).collect();
    let channels = feature.events.iter().filter(|event| is_told(event.origin) && event.gaps.is_empty());
    let channels: Vec<String> = channels.map(|event| format!("{} {}", event.action.key(), event.channel)).take(most).collect();
    line(out, &format!("operations of {}", feature.slug), &operations);
    line(out, &format!("tables of {}", feature.slug), &tables);
    line(out, &format!("channels of {}", feature.slug), &channels);
}

fn line(out: &mut String, what: &str, words: &[String]) {
    const LONGEST: usize = 800;
    if !words.is_empty() && out.len() < LARGEST {
        let shown: String = words.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ").chars().take(LONGEST).collect();
        let _ = writeln!(out, "{what}: {shown}");
    }
}
