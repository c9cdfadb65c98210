//! `infrastructure_contract.json`: what a feature needs to run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::head::Head;
use crate::contract::model::FeatureContract;
use crate::contract::model::infrastructure::Infrastructure;

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "infrastructure_contract.json")]
pub struct InfrastructureDocument {
    /// Schema and extractor.
    #[serde(flatten)]
    pub head: Head,
    /// The feature's name.
    pub name: String,
    /// Semantic version of the feature's promise.
    pub version: String,
    /// What it needs, by section.
    #[serde(flatten)]
    pub infrastructure: Infrastructure,
}

/// The document of a settled feature.
#[must_use]
pub fn document_of(feature: &FeatureContract) -> InfrastructureDocument {
    InfrastructureDocument {
        head: Head::of("infrastructure_contract"),
        name: feature.name.clone(),
        version: feature.version.clone(),
        infrastructure: feature.infrastructure.clone(),
    }
}
