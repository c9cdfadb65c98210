//! The contract in memory. The rooms that derive it fill plain fields in any order and call [`Contract::settle`]
//! (in `contract/settle`), which sorts, joins and completes it; documents are written from a settled contract.
//!
//! Knows nothing of how a promise was found.

pub mod database;
pub mod document;
pub mod event;
pub mod evidence;
pub mod feature;
pub mod graphql;
pub mod grpc;
pub mod infrastructure;
pub mod operation;
pub mod relationships;
pub mod resolution;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use database::{Database, Dialect, Table};
pub use document::ApiDocument;
pub use event::{Action, Broker, Event};
pub use evidence::{Choice, Confidence, Conflict, ConflictSide, Evidence, Gap, LeftOut, Origin, Problem};
pub use feature::{Dependency, DependencyKind, EntryPoint, FeatureContract, FeatureKind, Package};
pub use infrastructure::Infrastructure;
pub use operation::{Content, Header, Location, Method, Operation, Parameter, RequestBody, Response, SecurityRequirement};
pub use relationships::{FeatureNode, Relationship, Relationships};
pub use resolution::{Answered, Quote, Resolution};

/// Everything a repository promises.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// What concerns the repository as a whole.
    pub repo: RepoContract,
    /// The features, sorted by slug once settled.
    pub features: Vec<FeatureContract>,
    /// Everything between the features.
    pub relationships: Relationships,
}

/// What concerns the repository as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RepoContract {
    /// The repository's name: of its manifest, or of its folder.
    pub name: String,
    /// One or two sentences; empty when nothing says it.
    pub summary: String,
    /// Who said the summary, when it is not the repository's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary_by: Option<Answered>,
    /// Program languages and how many files of each were read.
    pub languages: BTreeMap<String, usize>,
    /// Framework ids: `python/fastapi`.
    pub frameworks: Vec<String>,
    /// The overall shape, when something speaks for one.
    pub architecture: Option<Architecture>,
    /// Where the repository's programs start.
    pub entry_points: Vec<EntryPoint>,
    /// Committed API documents, compared with the code.
    pub documents: Vec<ApiDocument>,
    /// What contradicts itself; nothing is dropped silently.
    pub conflicts: Vec<Conflict>,
    /// What could not be told and belongs to no feature.
    pub gaps: Vec<Gap>,
    /// What was not read, and why.
    pub left_out: Vec<LeftOut>,
    /// What went wrong and belongs to no feature.
    pub problems: Vec<Problem>,
}

/// The overall shape of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Architecture {
    /// One word or two: `monolith`, `modular monolith`, `services`, `library`.
    pub pattern: String,
    /// What speaks for it, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Where that stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}
