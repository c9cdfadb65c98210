//! One side of a comparison: everything that is promised, each kind in its own form.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::documents::feature::FeatureDocument;
use crate::contract::model::graphql::GraphqlContract;
use crate::contract::model::grpc::GrpcContract;
use crate::contract::model::{Database, Relationships};

/// Everything one state promises. What a state does not have is empty; two single documents fill one field each.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    /// An OpenAPI document (2.0, 3.0 or 3.1) with the operations of all features.
    pub api: Option<Value>,
    /// An AsyncAPI document (2.x or 3.x) with the channels of all features.
    pub events: Option<Value>,
    /// The databases, the tables of all features together.
    pub databases: Vec<Database>,
    /// GraphQL types and operations of all features.
    pub graphql: GraphqlContract,
    /// gRPC services and protocol buffer types of all features.
    pub grpc: GrpcContract,
    /// An infrastructure document, of all features together.
    pub infrastructure: Option<Value>,
    /// The features by slug.
    pub features: BTreeMap<String, FeatureDocument>,
    /// Everything between the features.
    pub relationships: Relationships,
}
