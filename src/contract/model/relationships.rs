//! Everything between the features.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DependencyKind, Evidence, FeatureKind};

/// The graph of features.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Relationships {
    /// The features.
    pub features: Vec<FeatureNode>,
    /// Who uses whom.
    pub edges: Vec<Relationship>,
    /// Groups of features that need each other in a circle, each sorted.
    pub cycles: Vec<Vec<String>>,
    /// Features by depth: those of the first layer need nobody, those of the next only earlier ones (a circle counts
    /// as one).
    pub layers: Vec<Vec<String>>,
}

/// One feature in the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureNode {
    /// The folder's name.
    pub slug: String,
    /// The name people see.
    pub name: String,
    /// What sort of part it is.
    pub kind: FeatureKind,
}

/// One feature uses another.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Relationship {
    /// The slug of the one that needs.
    pub from: String,
    /// The slug of the one that is needed.
    pub to: String,
    /// By what means.
    pub kind: DependencyKind,
    /// How many places.
    pub weight: u32,
    /// Where; settling keeps the first ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}
