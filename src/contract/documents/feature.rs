//! `feature_contract.json`: what a feature is, and an index of what it promises.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::head::Head;
use super::names_of;
use crate::contract::model::graphql::{GraphqlContract, GraphqlDirective, GraphqlOperation, GraphqlRoot, GraphqlType};
use crate::contract::model::grpc::{GrpcContract, GrpcService, ProtoExtension, ProtoSource, ProtoType};
use crate::contract::model::{
    Action, Answered, Confidence, Database, Dependency, EntryPoint, Event, Evidence, FeatureContract, FeatureKind, Gap, Method, Operation,
    Origin, Package, Problem,
};

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "feature_contract.json")]
pub struct FeatureDocument {
    /// Schema and extractor.
    #[serde(flatten)]
    pub head: Head,
    /// The name people see.
    pub name: String,
    /// The folder's name.
    pub slug: String,
    /// What sort of part it is.
    pub kind: FeatureKind,
    /// What it is for.
    pub purpose: String,
    /// Who says what it is for, when it is not the code's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_by: Option<Answered>,
    /// Semantic version of the promise.
    pub version: String,
    /// Digest of the promise without its version.
    pub fingerprint: String,
    /// The documents beside this one.
    pub documents: Vec<String>,
    /// Program languages.
    pub languages: Vec<String>,
    /// Framework ids.
    pub frameworks: Vec<String>,
    /// Where its programs start.
    pub entry_points: Vec<EntryPoint>,
    /// What it needs of other features.
    pub dependencies: Vec<Dependency>,
    /// Packages from outside.
    pub packages: Vec<Package>,
    /// What it serves over HTTP; `api_contract.yaml` has the details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpIndex>,
    /// Its part of the repository's databases; `schema_contract.sql` has the tables as DDL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<Database>,
    /// What it serves over gRPC; `api_contract.proto` has the messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grpc: Option<GrpcIndex>,
    /// What it serves over GraphQL; `api_contract.graphql` has the types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphql: Option<GraphqlIndex>,
    /// What it sends and hears; `events_contract.json` has the details.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventEntry>,
    /// What could not be told, of the feature and of its operations.
    pub gaps: Vec<Gap>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// Its files.
    pub files: Vec<String>,
}

/// What a feature serves over HTTP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HttpIndex {
    /// The operations.
    pub operations: Vec<OperationEntry>,
    /// Operations that the program keeps out of its own API document; they are in no `api_contract.yaml`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<OperationEntry>,
}

/// What a feature serves over gRPC, and the types it declares for that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrpcIndex {
    /// The services.
    pub services: Vec<GrpcService>,
    /// The feature's own messages and enums.
    pub types: Vec<ProtoType>,
    /// Files of which there is more to say than the types and services in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ProtoSource>,
    /// Fields that are added to messages from outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<ProtoExtension>,
}

/// What a feature serves over GraphQL, and the types it declares for that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphqlIndex {
    /// The fields of the root types.
    pub operations: Vec<GraphqlOperation>,
    /// The feature's own types.
    pub types: Vec<GraphqlType>,
    /// What there is to say of root types besides their fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roots: Vec<GraphqlRoot>,
    /// Directives that are defined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<GraphqlDirective>,
    /// Directives put on the schema itself, as GraphQL writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_schema: Vec<String>,
}

/// One end of a channel, without its messages' details.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventEntry {
    /// Which way.
    pub action: Action,
    /// The channel's address.
    pub channel: String,
    /// How messages travel.
    pub protocol: String,
    /// Messages never leave the process.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_internal: bool,
    /// The messages' names.
    pub messages: Vec<String>,
    /// The slugs of the features at the other end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counterparts: Vec<String>,
    /// Framework ids.
    pub frameworks: Vec<String>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where the code stands.
    pub evidence: Vec<Evidence>,
}

/// One operation, without its details.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationEntry {
    /// The method, in lower case.
    pub method: Method,
    /// The path's template.
    pub path: String,
    /// Its name in `api_contract.yaml`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operation_id: String,
    /// Framework id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub framework: String,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
    /// The handler.
    pub evidence: Evidence,
}

/// The document of a settled feature.
#[must_use]
pub fn document_of(feature: &FeatureContract) -> FeatureDocument {
    FeatureDocument {
        head: Head::of("feature_contract"),
        name: feature.name.clone(),
        slug: feature.slug.clone(),
        kind: feature.kind,
        purpose: feature.purpose.clone(),
        purpose_by: feature.purpose_by,
        version: feature.version.clone(),
        fingerprint: feature.fingerprint.clone(),
        documents: names_of(feature),
        languages: feature.languages.clone(),
        frameworks: feature.frameworks.clone(),
        entry_points: feature.entry_points.clone(),
        dependencies: feature.dependencies.clone(),
        packages: feature.packages.clone(),
        http: index_of(feature),
        databases: feature.databases.clone(),
        grpc: grpc_index(&feature.grpc),
        graphql: graphql_index(&feature.graphql),
        events: feature.events.iter().map(event_of).collect(),
        gaps: gaps_of(feature).cloned().collect(),
        problems: feature.problems.clone(),
        files: feature.files.clone(),
    }
}

fn index_of(feature: &FeatureContract) -> Option<HttpIndex> {
    let index =
        HttpIndex { operations: feature.http.iter().map(entry_of).collect(), hidden: feature.hidden.iter().map(entry_of).collect() };
    (!feature.http.is_empty() || !feature.hidden.is_empty()).then_some(index)
}

fn grpc_index(grpc: &GrpcContract) -> Option<GrpcIndex> {
    let types: Vec<ProtoType> = grpc.types.iter().filter(|one| one.is_own).cloned().collect();
    (!grpc.services.is_empty() || !types.is_empty()).then(|| GrpcIndex {
        services: grpc.services.clone(),
        files: own_files(grpc),
        types,
        extensions: grpc.extensions.clone(),
    })
}

/// The files that declare something of the feature's own; of others it has types that it needs.
fn own_files(grpc: &GrpcContract) -> Vec<ProtoSource> {
    let types = grpc.types.iter().filter(|one| one.is_own).map(|one| &one.evidence.file);
    let extensions = grpc.extensions.iter().map(|one| &one.evidence.file);
    let own: BTreeSet<&String> = types.chain(grpc.services.iter().map(|one| &one.evidence.file)).chain(extensions).collect();
    grpc.files.iter().filter(|file| own.contains(&file.path)).cloned().collect()
}

fn graphql_index(graphql: &GraphqlContract) -> Option<GraphqlIndex> {
    let types: Vec<GraphqlType> = graphql.types.iter().filter(|one| one.is_own).cloned().collect();
    (!graphql.operations.is_empty() || !types.is_empty()).then(|| GraphqlIndex {
        operations: graphql.operations.clone(),
        types,
        roots: graphql.roots.clone(),
        directives: graphql.directives.clone(),
        on_schema: graphql.on_schema.clone(),
    })
}

/// All gaps of a feature, its operations' and events' first.
pub fn gaps_of(feature: &FeatureContract) -> impl Iterator<Item = &Gap> {
    let events = feature.events.iter().flat_map(|event| &event.gaps);
    feature.http.iter().flat_map(|operation| &operation.gaps).chain(events).chain(&feature.gaps)
}

fn event_of(event: &Event) -> EventEntry {
    EventEntry {
        action: event.action,
        channel: event.channel.clone(),
        protocol: event.protocol.clone(),
        is_internal: event.is_internal,
        messages: event.messages.iter().map(|message| message.name.clone()).collect(),
        counterparts: event.counterparts.clone(),
        frameworks: event.frameworks.clone(),
        origin: event.origin,
        confidence: event.confidence,
        evidence: event.evidence.clone(),
    }
}

fn entry_of(operation: &Operation) -> OperationEntry {
    OperationEntry {
        method: operation.method,
        path: operation.path.clone(),
        operation_id: operation.operation_id.clone(),
        framework: operation.framework.clone(),
        origin: operation.origin,
        confidence: operation.confidence,
        evidence: operation.evidence.clone(),
    }
}
