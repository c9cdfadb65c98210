//! `repo_contract.json`: the repository as a whole, its features, what contradicts itself, and the digests of all other
//! documents. It is written last: digests that do not fit tell of an interrupted run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::head::Head;
use super::{FEATURE_CONTRACT, FEATURES};
use crate::contract::model::{
    Answered, ApiDocument, Architecture, Conflict, Contract, EntryPoint, FeatureContract, FeatureKind, Gap, LeftOut, Problem,
};

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "repo_contract.json")]
pub struct RepoDocument {
    /// Schema and extractor.
    #[serde(flatten)]
    pub head: Head,
    /// The repository's name.
    pub name: String,
    /// What it is for.
    pub summary: String,
    /// Who says what it is for, when it is not the repository's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary_by: Option<Answered>,
    /// Program languages and how many files of each were read.
    pub languages: BTreeMap<String, usize>,
    /// Framework ids.
    pub frameworks: Vec<String>,
    /// The overall shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    /// Where its programs start.
    pub entry_points: Vec<EntryPoint>,
    /// The features.
    pub features: Vec<FeatureEntry>,
    /// Committed API documents, compared with what the code serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<ApiDocument>,
    /// What contradicts itself.
    pub conflicts: Vec<Conflict>,
    /// What could not be told and belongs to no feature.
    pub gaps: Vec<Gap>,
    /// What was not read, and why.
    pub left_out: Vec<LeftOut>,
    /// What went wrong and belongs to no feature.
    pub problems: Vec<Problem>,
    /// BLAKE3 of every other document, by path.
    pub digests: BTreeMap<String, String>,
}

/// One feature, without its details.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureEntry {
    /// The name people see.
    pub name: String,
    /// The folder's name.
    pub slug: String,
    /// What sort of part it is.
    pub kind: FeatureKind,
    /// Semantic version of the promise.
    pub version: String,
    /// Digest of the promise without its version.
    pub fingerprint: String,
    /// Its document.
    pub contract: String,
    /// How many HTTP operations it serves.
    pub operations: usize,
}

/// The document of a settled contract.
#[must_use]
pub fn document_of(contract: &Contract, digests: BTreeMap<String, String>) -> RepoDocument {
    let repo = &contract.repo;
    RepoDocument {
        head: Head::of("repo_contract"),
        name: repo.name.clone(),
        summary: repo.summary.clone(),
        summary_by: repo.summary_by,
        languages: repo.languages.clone(),
        frameworks: repo.frameworks.clone(),
        architecture: repo.architecture.clone(),
        entry_points: repo.entry_points.clone(),
        features: contract.features.iter().map(entry_of).collect(),
        documents: repo.documents.clone(),
        conflicts: repo.conflicts.clone(),
        gaps: repo.gaps.clone(),
        left_out: repo.left_out.clone(),
        problems: repo.problems.clone(),
        digests,
    }
}

fn entry_of(feature: &FeatureContract) -> FeatureEntry {
    FeatureEntry {
        name: feature.name.clone(),
        slug: feature.slug.clone(),
        kind: feature.kind,
        version: feature.version.clone(),
        fingerprint: feature.fingerprint.clone(),
        contract: format!("{FEATURES}/{}/{FEATURE_CONTRACT}", feature.slug),
        operations: feature.http.len(),
    }
}
