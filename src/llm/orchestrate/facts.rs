//! What code says already, in a few lines: the context of a question.

use std::fmt::Write as _;

use super::survey::Survey;
use crate::contract::model::{Contract, FeatureContract};

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
    }
    out
}

/// The operations of a feature that have no summary, by method and path.
#[must_use]
pub fn without_summary(feature: &FeatureContract) -> Vec<String> {
    feature.http.iter().filter(|operation| operation.summary.is_empty()).map(|operation| operation.key()).take(MOST).collect()
}

fn known(out: &mut String, feature: &FeatureContract, most: usize) {
    let operations: Vec<String> = feature.http.iter().map(|operation| operation.key()).take(most).collect();
    let tables: Vec<String> =
        feature.databases.iter().flat_map(|database| &database.tables).map(|table| table.name.clone()).take(most).collect();
    let channels: Vec<String> = feature.events.iter().map(|event| format!("{} {}", event.action.key(), event.channel)).take(most).collect();
    line(out, &format!("operations of {}", feature.slug), &operations);
    line(out, &format!("tables of {}", feature.slug), &tables);
    line(out, &format!("channels of {}", feature.slug), &channels);
}

fn line(out: &mut String, what: &str, words: &[String]) {
    const LONGEST: usize = 1200;
    if !words.is_empty() {
        let shown: String = words.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ").chars().take(LONGEST).collect();
        let _ = writeln!(out, "{what}: {shown}");
    }
}
