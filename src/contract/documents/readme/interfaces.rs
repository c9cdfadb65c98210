//! gRPC and GraphQL as tables.

use super::place;
use crate::contract::documents::graphql::GRAPHQL_CONTRACT;
use crate::contract::documents::markdown::{code, table, text};
use crate::contract::documents::proto::PROTO_CONTRACT;
use crate::contract::model::FeatureContract;

/// The operations of a feature's GraphQL schema.
pub(super) fn graphql_table(feature: &FeatureContract) -> String {
    let rows = feature.graphql.operations.iter().map(|one| {
        let args: Vec<String> = one.args.iter().map(|arg| code(&format!("{}: {}", arg.name, arg.ty))).collect();
        let what = described(one.deprecated.is_some(), &one.description);
        vec![code(&format!("{} {}", one.kind.word(), one.name)), what, args.join("<br>"), code(&one.returns), place(&one.evidence)]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    with_details(table(&["Operation", "What", "Arguments", "Gives", "Where"], &rows), GRAPHQL_CONTRACT)
}

/// The methods of a feature's gRPC services.
pub(super) fn grpc_table(feature: &FeatureContract) -> String {
    let methods = feature.grpc.services.iter().flat_map(|service| service.methods.iter().map(move |method| (service, method)));
    let side = |is_stream: bool, ty: &str| format!("{}{}", if is_stream { "stream " } else { "" }, code(ty));
    let rows = methods.map(|(service, method)| {
        let served = method.implemented_by.first().or(service.implemented_by.first()).map(place).unwrap_or_default();
        vec![
            code(&format!("{}/{}", service.name, method.name)),
            described(method.deprecated, &method.description),
            side(method.client_streaming, &method.request),
            side(method.server_streaming, &method.response),
            served,
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    with_details(table(&["Method", "What", "Takes", "Gives", "Served by"], &rows), PROTO_CONTRACT)
}

fn described(is_deprecated: bool, description: &str) -> String {
    if is_deprecated { format!("**deprecated** {}", text(description)) } else { text(description) }
}

fn with_details(table: String, document: &str) -> String {
    if table.is_empty() { table } else { format!("{table}\nThe details stand in [`{document}`]({document}).\n") }
}
