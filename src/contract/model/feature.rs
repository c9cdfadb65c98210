//! One feature: a part of the repository that people would give one name.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::graphql::GraphqlContract;
use super::grpc::GrpcContract;
use super::{Answered, Broker, Database, Event, Evidence, Gap, Infrastructure, Operation, Problem};

/// One feature and what it promises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureContract {
    /// The name people see: `Auth`.
    pub name: String,
    /// The folder's name: lower case, safe on every system. Settling makes it so, and unique.
    pub slug: String,
    /// What sort of part it is.
    pub kind: FeatureKind,
    /// What it is for, in one or two sentences; empty when nothing says it.
    pub purpose: String,
    /// Who said the purpose, when it is not the code's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_by: Option<Answered>,
    /// Its files, from the repository's root.
    pub files: Vec<String>,
    /// Where its programs start.
    pub entry_points: Vec<EntryPoint>,
    /// Program languages, by the name people use.
    pub languages: Vec<String>,
    /// Framework ids: `python/fastapi`.
    pub frameworks: Vec<String>,
    /// What it needs of other features.
    pub dependencies: Vec<Dependency>,
    /// Packages from outside.
    pub packages: Vec<Package>,
    /// The HTTP operations it serves.
    pub http: Vec<Operation>,
    /// Operations that the program keeps out of its own API document: served, and not promised.
    #[serde(default)]
    pub hidden: Vec<Operation>,
    /// JSON Schemas (2020-12) by component name. Operations and schemas refer to them as
    /// `#/components/schemas/<name>`, with the name as it stands here.
    pub schemas: BTreeMap<String, Value>,
    /// OpenAPI security scheme objects by name.
    pub security_schemes: BTreeMap<String, Value>,
    /// What it owns and uses of the repository's databases, by their names.
    #[serde(default)]
    pub databases: Vec<Database>,
    /// What it serves over gRPC.
    #[serde(default)]
    pub grpc: GrpcContract,
    /// What it serves over GraphQL.
    #[serde(default)]
    pub graphql: GraphqlContract,
    /// What it sends and hears.
    #[serde(default)]
    pub events: Vec<Event>,
    /// Brokers it connects to.
    #[serde(default)]
    pub brokers: Vec<Broker>,
    /// What it needs to run.
    #[serde(default)]
    pub infrastructure: Infrastructure,
    /// What could not be told.
    pub gaps: Vec<Gap>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// Semantic version of the promise; a new one starts at 0.1.0.
    pub version: String,
    /// Digest of the promise without its version. Set by settling.
    pub fingerprint: String,
}

impl Default for FeatureContract {
    fn default() -> Self {
        Self {
            name: String::new(),
            slug: String::new(),
            kind: FeatureKind::Feature,
            purpose: String::new(),
            purpose_by: None,
            files: Vec::new(),
            entry_points: Vec::new(),
            languages: Vec::new(),
            frameworks: Vec::new(),
            dependencies: Vec::new(),
            packages: Vec::new(),
            http: Vec::new(),
            hidden: Vec::new(),
            schemas: BTreeMap::new(),
            security_schemes: BTreeMap::new(),
            databases: Vec::new(),
            grpc: GrpcContract::default(),
            graphql: GraphqlContract::default(),
            events: Vec::new(),
            brokers: Vec::new(),
            infrastructure: Infrastructure::default(),
            gaps: Vec::new(),
            problems: Vec::new(),
            version: "0.1.0".into(),
            fingerprint: String::new(),
        }
    }
}

/// What sort of part a feature is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FeatureKind {
    /// Something users or other programs would miss.
    #[default]
    Feature,
    /// Used by many, serves nobody by itself.
    Shared,
    /// Keeps the rest running: start-up, settings, database access, deployment.
    Infrastructure,
}

/// What one feature needs of another.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// The other feature's slug.
    pub on: String,
    /// By what means.
    pub kind: DependencyKind,
    /// How many places.
    pub weight: u32,
    /// Where; settling keeps the first ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// By what means a feature uses another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DependencyKind {
    /// It imports a module of it.
    #[default]
    Import,
    /// It sends requests to it.
    Http,
    /// It hears what the other sends.
    Event,
    /// It uses a table of it.
    Data,
}

/// A package from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// Its name in its registry, or as it is imported.
    pub name: String,
    /// The version or range its manifest asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Where a program starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntryPoint {
    /// `http-server`, `command`, `worker`, `library`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub evidence: Evidence,
}
