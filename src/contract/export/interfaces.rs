//! gRPC and GraphQL of several features as one document.

use super::Exported;
use crate::contract::documents::feature::FeatureDocument;
use crate::contract::documents::graphql;
use crate::contract::documents::proto;
use crate::contract::model::graphql::{GraphqlContract, GraphqlType};
use crate::contract::model::grpc::{GrpcContract, ProtoType};

/// One schema of the features that are wanted; types that they need come from all.
pub(super) fn graphql(features: Vec<FeatureDocument>, is_wanted: impl Fn(&str) -> bool) -> Exported {
    let mut whole = GraphqlContract::default();
    let mut notes = Vec::new();
    for feature in features {
        let Some(index) = feature.graphql else { continue };
        let is_own = is_wanted(&feature.slug);
        whole.types.extend(index.types.into_iter().map(|one| GraphqlType { is_own, ..one }));
        if !is_own {
            continue;
        }
        whole.directives.extend(index.directives);
        for operation in index.operations {
            if whole.operations.iter().any(|known| known.kind == operation.kind && known.name == operation.name) {
                notes.push(format!("{} `{}` of {}, which another feature serves too", operation.kind.word(), operation.name, feature.slug));
            } else {
                whole.operations.push(operation);
            }
        }
    }
    whole.operations.sort();
    whole.directives.sort();
    whole.types.sort_by(|a, b| (&a.name, !a.is_own).cmp(&(&b.name, !b.is_own)));
    whole.types.dedup_by(|a, b| a.name == b.name);
    Exported { bytes: graphql::document_of(&whole).into_bytes(), notes }
}

/// All that features promise in GraphQL. What two of them each promise under one name stands twice.
pub(super) fn promised_graphql(features: &[FeatureDocument]) -> GraphqlContract {
    let mut whole = GraphqlContract::default();
    for index in features.iter().filter_map(|feature| feature.graphql.clone()) {
        whole.operations.extend(index.operations);
        whole.types.extend(index.types);
        whole.roots.extend(index.roots);
        whole.directives.extend(index.directives);
        whole.on_schema.extend(index.on_schema);
    }
    whole.operations.sort();
    whole.types.sort();
    whole.roots.sort();
    whole.roots.dedup();
    whole.directives.sort();
    whole.on_schema.sort();
    whole
}

/// One protocol buffer file of the features that are wanted; types that they need come from all.
pub(super) fn proto(features: Vec<FeatureDocument>, is_wanted: impl Fn(&str) -> bool) -> Exported {
    let mut whole = GrpcContract::default();
    for feature in features {
        let Some(index) = feature.grpc else { continue };
        let is_own = is_wanted(&feature.slug);
        whole.types.extend(index.types.into_iter().map(|one| ProtoType { is_own, ..one }));
        whole.services.extend(index.services.into_iter().filter(|_| is_own));
        whole.files.extend(index.files);
    }
    whole.services.sort();
    whole.services.dedup_by(|a, b| a.name == b.name);
    whole.types.sort_by_key(|one| (one.full_name(), !one.is_own));
    whole.types.dedup_by(|a, b| a.full_name() == b.full_name());
    let main = whole.services.first().map(|service| service.package.clone());
    let apart = whole.services.iter().filter(|service| Some(&service.package) != main.as_ref());
    let notes = apart.map(|service| format!("the package of `{}`, which is told in a comment: a file has one", service.name)).collect();
    whole.complete(&[]);
    Exported { bytes: proto::whole_of(&whole).into_bytes(), notes }
}

/// All that features promise in protocol buffers.
pub(super) fn promised_proto(features: &[FeatureDocument]) -> GrpcContract {
    let mut whole = GrpcContract::default();
    for index in features.iter().filter_map(|feature| feature.grpc.clone()) {
        whole.services.extend(index.services);
        whole.types.extend(index.types);
        whole.files.extend(index.files);
        whole.extensions.extend(index.extensions);
    }
    whole.services.sort();
    whole.types.sort();
    whole.files.sort();
    whole.extensions.sort();
    whole
}
