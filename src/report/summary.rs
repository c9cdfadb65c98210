//! The summary of a run, in the form programs read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::promises::Counts;
use crate::contract::documents::feature::gaps_of;
use crate::contract::model::{Contract, Evidence, FeatureContract, FeatureKind, LeftOut, Problem};

/// What a run found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// The repository's name.
    pub name: String,
    /// All of it in numbers.
    pub totals: Totals,
    /// The features, sorted by slug.
    pub features: Vec<FeatureLine>,
    /// What was not read, and why.
    pub left_out: Vec<LeftOut>,
    /// What contradicts itself, could not be told, or went wrong, in this order.
    pub unsure: Vec<Unsure>,
    /// Where the contracts went; absent when they were not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<WrittenTo>,
}

/// A run in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Totals {
    /// Features.
    pub features: usize,
    /// HTTP operations.
    pub operations: usize,
    /// Services that run.
    #[serde(skip_serializing_if = "is_zero")]
    pub services: usize,
    /// Environment variables, each once.
    #[serde(skip_serializing_if = "is_zero")]
    pub env_vars: usize,
    /// What is promised besides.
    #[serde(flatten)]
    pub counts: Counts,
    /// Files that belong to a feature.
    pub files: usize,
    /// Files that were left out.
    pub left_out: usize,
}

/// One feature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FeatureLine {
    /// The name people see.
    pub name: String,
    /// The folder's name.
    pub slug: String,
    /// What sort of part it is.
    pub kind: FeatureKind,
    /// How many files it has.
    pub files: usize,
    /// How many HTTP operations it serves.
    pub operations: usize,
    /// What it promises besides.
    #[serde(flatten)]
    pub counts: Counts,
    /// How many questions are open.
    pub gaps: usize,
    /// The slugs of the features it needs.
    pub depends_on: Vec<String>,
}

/// Something a reader should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unsure {
    /// What sort of doubt it is.
    pub kind: UnsureKind,
    /// The feature's slug; empty when it belongs to none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub feature: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Names the trouble.
    pub code: String,
    /// What is unsure.
    pub message: String,
    /// How to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where to look.
    pub places: Vec<Place>,
}

/// What sort of doubt it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnsureKind {
    /// Two places that cannot both be right.
    Conflict,
    /// Something went wrong, and a part of the result is missing.
    Warning,
    /// A question the code does not answer.
    Gap,
}

/// A place in the code, with its line.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Path from the repository's root.
    pub file: String,
    /// 1-based line, 0 when unknown.
    pub line: u32,
    /// The declaration.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub symbol: String,
}

/// Where the contracts went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WrittenTo {
    /// The output folder, as the user named it.
    pub folder: String,
    /// Documents that are new or have new bytes.
    pub changed: Vec<String>,
    /// Documents that are gone.
    pub removed: Vec<String>,
    /// How many stayed as they were.
    pub unchanged: usize,
}

impl Summary {
    /// The summary of a settled contract.
    #[must_use]
    pub fn of(contract: &Contract, written: Option<WrittenTo>) -> Self {
        let features: Vec<FeatureLine> = contract.features.iter().map(line_of).collect();
        let variables: BTreeSet<&str> = contract
            .features
            .iter()
            .flat_map(|feature| feature.infrastructure.env_vars.iter().map(|variable| variable.name.as_str()))
            .collect();
        let totals = Totals {
            features: features.len(),
            operations: features.iter().map(|feature| feature.operations).sum(),
            services: contract.features.iter().map(|feature| feature.infrastructure.services.len()).sum(),
            env_vars: variables.len(),
            counts: features.iter().map(|feature| feature.counts).fold(Counts::default(), Counts::and),
            files: features.iter().map(|feature| feature.files).sum(),
            left_out: contract.repo.left_out.iter().map(|entry| entry.count).sum(),
        };
        Self {
            name: contract.repo.name.clone(),
            totals,
            features,
            left_out: contract.repo.left_out.clone(),
            unsure: unsure_of(contract),
            written,
        }
    }

    /// The summary as JSON, ending in a line break.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a summary has text as keys and no fallible fields");
        text.push('\n');
        text
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn line_of(feature: &FeatureContract) -> FeatureLine {
    let mut depends_on: Vec<String> = feature.dependencies.iter().map(|dependency| dependency.on.clone()).collect();
    depends_on.dedup();
    FeatureLine {
        name: feature.name.clone(),
        slug: feature.slug.clone(),
        kind: feature.kind,
        files: feature.files.len(),
        operations: feature.http.len(),
        counts: Counts::of(feature),
        gaps: gaps_of(feature).count(),
        depends_on,
    }
}

fn unsure_of(contract: &Contract) -> Vec<Unsure> {
    let conflicts = contract.repo.conflicts.iter().map(|conflict| Unsure {
        kind: UnsureKind::Conflict,
        feature: conflict.sides.first().map(|side| side.feature.clone()).unwrap_or_default(),
        subject: conflict.subject.clone(),
        code: conflict.code.clone(),
        message: conflict.message.clone(),
        help: None,
        places: conflict.sides.iter().map(|side| place_of(&side.evidence)).collect(),
    });
    let features = contract.features.iter().map(|feature| (feature.slug.as_str(), feature));
    let problems = contract.repo.problems.iter().map(|problem| warning_of("", problem));
    let problems =
        problems.chain(features.clone().flat_map(|(slug, feature)| feature.problems.iter().map(move |problem| warning_of(slug, problem))));
    let gaps = contract.repo.gaps.iter().map(|gap| ("", gap));
    let gaps = gaps.chain(features.flat_map(|(slug, feature)| gaps_of(feature).map(move |gap| (slug, gap))));
    let gaps = gaps.map(|(slug, gap)| Unsure {
        kind: UnsureKind::Gap,
        feature: slug.into(),
        subject: gap.subject.clone(),
        code: gap.code.clone(),
        message: gap.question.clone(),
        help: None,
        places: vec![place_of(&gap.evidence)],
    });
    conflicts.chain(problems).chain(gaps).collect()
}

fn warning_of(slug: &str, problem: &Problem) -> Unsure {
    let place = Place { file: problem.file.clone(), line: problem.line, symbol: String::new() };
    Unsure {
        kind: UnsureKind::Warning,
        feature: slug.into(),
        subject: String::new(),
        code: problem.code.clone(),
        message: problem.message.clone(),
        help: problem.help.clone(),
        places: if problem.file.is_empty() { Vec::new() } else { vec![place] },
    }
}

fn place_of(evidence: &Evidence) -> Place {
    Place { file: evidence.file.clone(), line: evidence.line, symbol: evidence.symbol.clone() }
}
