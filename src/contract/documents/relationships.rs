//! `relationships.json`: the graph of features.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::head::Head;
use crate::contract::model::Relationships;

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "relationships.json")]
pub struct RelationshipsDocument {
    /// Schema and extractor.
    #[serde(flatten)]
    pub head: Head,
    /// Features, edges, circles and layers.
    #[serde(flatten)]
    pub relationships: Relationships,
}

/// The document of settled relationships.
#[must_use]
pub fn document_of(relationships: &Relationships) -> RelationshipsDocument {
    RelationshipsDocument { head: Head::of("relationships"), relationships: relationships.clone() }
}
