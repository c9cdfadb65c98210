//! What a comparison looks at: the promises of a contracts folder, or of a contract that was just derived.

use crate::contract::export::{ExportError, Whole};
use crate::contract::model::Contract;
use crate::diff::promises::Promises;

/// The promises of the documents of a contracts folder, as paths under it and bytes.
///
/// # Errors
/// When one of them cannot be read: which, and why.
pub fn of_files(files: &[(String, Vec<u8>)]) -> Result<Promises, ExportError> {
    Whole::of_files(files).map(of_whole)
}

/// The promises of a settled contract; their evidence has lines.
///
/// # Errors
/// Never for a settled contract.
pub fn of_contract(contract: &Contract) -> Result<Promises, ExportError> {
    Whole::of_contract(contract).map(of_whole)
}

fn of_whole(whole: Whole) -> Promises {
    Promises {
        api: whole.api,
        events: whole.events,
        databases: whole.databases,
        graphql: whole.graphql,
        grpc: whole.grpc,
        infrastructure: whole.infrastructure,
        features: whole.features,
        relationships: whole.relationships,
    }
}
