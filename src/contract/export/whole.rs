//! Everything that all features promise together, in memory: what comparisons look at.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{ExportError, Folder, Part, asyncapi, infrastructure, interfaces, openapi, sql};
use crate::contract::documents::feature::{FeatureDocument, document_of};
use crate::contract::documents::relationships::RelationshipsDocument;
use crate::contract::documents::{
    API_CONTRACT, EVENTS_CONTRACT, INFRASTRUCTURE_CONTRACT, RELATIONSHIPS, REPO_CONTRACT, asyncapi as events_document,
    infrastructure as needs_document, openapi as api_document,
};
use crate::contract::model::graphql::GraphqlContract;
use crate::contract::model::grpc::GrpcContract;
use crate::contract::model::{Conflict, Contract, Database, Relationships};

/// The promises of all features, each kind in its own form. What there is none of is empty; a single document that is
/// compared by itself fills one field, and may be of an older version.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// An OpenAPI document (2.0, 3.0 or 3.1); `None` when nothing serves HTTP.
    pub api: Option<Value>,
    /// An AsyncAPI document (2.x or 3.x); `None` when nothing sends or hears.
    pub events: Option<Value>,
    /// The databases; the tables of all features together.
    pub databases: Vec<Database>,
    /// GraphQL types and operations.
    pub graphql: GraphqlContract,
    /// gRPC services and types.
    pub grpc: GrpcContract,
    /// An infrastructure document; `None` when nothing needs anything.
    pub infrastructure: Option<Value>,
    /// The features by slug.
    pub features: BTreeMap<String, FeatureDocument>,
    /// Everything between them.
    pub relationships: Relationships,
    /// What contradicts itself.
    pub conflicts: Vec<Conflict>,
}

/// The documents of all features, apart.
struct Parts {
    title: String,
    api: Vec<Part>,
    events: Vec<Part>,
    infrastructure: Vec<Part>,
    features: Vec<FeatureDocument>,
    relationships: Relationships,
    conflicts: Vec<Conflict>,
}

/// What the repository's contract says of contradictions.
#[derive(Default, Deserialize)]
struct Contradictions {
    #[serde(default)]
    conflicts: Vec<Conflict>,
}

impl Whole {
    /// Of the documents of a contracts folder.
    ///
    /// # Errors
    /// When one of them cannot be read: which, and why.
    pub fn of_files(files: &[(String, Vec<u8>)]) -> Result<Self, ExportError> {
        let folder = Folder::new(files, &[]);
        let relationships = files.iter().find(|(path, _)| path == RELATIONSHIPS).map(|(path, bytes)| {
            serde_json::from_slice::<RelationshipsDocument>(bytes)
                .map_err(|error| ExportError::Unreadable { path: path.clone(), message: error.to_string() })
        });
        let repo = files.iter().find(|(path, _)| path == REPO_CONTRACT).map(|(path, bytes)| {
            serde_json::from_slice::<Contradictions>(bytes)
                .map_err(|error| ExportError::Unreadable { path: path.clone(), message: error.to_string() })
        });
        Self::of_parts(Parts {
            title: folder.title(),
            conflicts: repo.transpose()?.unwrap_or_default().conflicts,
            api: folder.parts(API_CONTRACT)?,
            events: folder.parts(EVENTS_CONTRACT)?,
            infrastructure: folder.parts(INFRASTRUCTURE_CONTRACT)?,
            features: folder.features()?,
            relationships: relationships.transpose()?.map(|document| document.relationships).unwrap_or_default(),
        })
    }

    /// Of a settled contract, without the way through its documents.
    ///
    /// # Errors
    /// Never for a settled contract; a document that is none of ours would be one.
    pub fn of_contract(contract: &Contract) -> Result<Self, ExportError> {
        let part = |slug: &str, document: Value| Part { slug: slug.to_owned(), document };
        let features = contract.features.iter();
        let needs = features.clone().filter(|feature| !feature.infrastructure.is_empty());
        let needs = needs.filter_map(|feature| Some(part(&feature.slug, serde_json::to_value(needs_document::document_of(feature)).ok()?)));
        let served = features.clone().filter(|feature| !feature.http.is_empty());
        Self::of_parts(Parts {
            title: contract.repo.name.clone(),
            api: served.map(|feature| part(&feature.slug, api_document::document_of(feature))).collect(),
            events: features.clone().filter_map(|feature| Some(part(&feature.slug, events_document::document_of(feature)?))).collect(),
            infrastructure: needs.collect(),
            features: features.map(document_of).collect(),
            relationships: contract.relationships.clone(),
            conflicts: contract.repo.conflicts.clone(),
        })
    }

    fn of_parts(parts: Parts) -> Result<Self, ExportError> {
        let title = parts.title.as_str();
        let needs = match parts.infrastructure.is_empty() {
            true => None,
            false => serde_json::to_value(infrastructure::merged(title, parts.infrastructure)?).ok(),
        };
        Ok(Self {
            api: (!parts.api.is_empty()).then(|| openapi::merge(title, &parts.api).document),
            events: (!parts.events.is_empty()).then(|| asyncapi::merge(title, parts.events)),
            databases: sql::databases(parts.features.clone()),
            graphql: interfaces::promised_graphql(&parts.features),
            grpc: interfaces::promised_proto(&parts.features),
            infrastructure: needs,
            features: parts.features.into_iter().map(|feature| (feature.slug.clone(), feature)).collect(),
            relationships: parts.relationships,
            conflicts: parts.conflicts,
        })
    }
}
