//! gRPC and GraphQL in order.

use super::{settle_evidence, sort_unique};
use crate::contract::model::graphql::GraphqlContract;
use crate::contract::model::grpc::GrpcContract;

/// Sorts services, operations and types; the order within a declaration is its own.
pub fn settle(grpc: &mut GrpcContract, graphql: &mut GraphqlContract) {
    for service in &mut grpc.services {
        settle_evidence(&mut service.implemented_by);
        settle_evidence(&mut service.called_by);
        for method in &mut service.methods {
            settle_evidence(&mut method.implemented_by);
            settle_evidence(&mut method.called_by);
        }
    }
    sort_unique(&mut grpc.services);
    sort_unique(&mut grpc.files);
    sort_unique(&mut grpc.extensions);
    grpc.types.sort_by(|a, b| (&a.package, a.item.name(), &a.evidence).cmp(&(&b.package, b.item.name(), &b.evidence)));
    grpc.types.dedup_by(|a, b| a.package == b.package && a.item.name() == b.item.name());
    for operation in &mut graphql.operations {
        settle_evidence(&mut operation.implemented_by);
    }
    sort_unique(&mut graphql.operations);
    sort_unique(&mut graphql.roots);
    sort_unique(&mut graphql.directives);
    sort_unique(&mut graphql.on_schema);
    graphql.types.sort_by(|a, b| (&a.name, !a.is_own, &a.evidence).cmp(&(&b.name, !b.is_own, &b.evidence)));
    graphql.types.dedup_by(|a, b| a.name == b.name);
}
