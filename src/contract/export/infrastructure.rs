//! What several features need to run, as one document.

use super::{ExportError, Exported, Part};
use crate::contract::documents::infrastructure::{InfrastructureDocument, document_of};
use crate::contract::documents::{FEATURES, INFRASTRUCTURE_CONTRACT};
use crate::contract::model::{Contract, FeatureContract};

/// The documents of features as one; what several of them say is joined.
///
/// # Errors
/// When a document is none of ours.
pub(super) fn merge(title: &str, parts: Vec<Part>) -> Result<Exported, ExportError> {
    let mut bytes = serde_json::to_vec_pretty(&merged(title, parts)?).expect("documents have text as keys and no fallible fields");
    bytes.push(b'\n');
    Ok(Exported { bytes, notes: Vec::new() })
}

/// The same as a document in memory.
///
/// # Errors
/// When a document is none of ours.
pub(super) fn merged(title: &str, parts: Vec<Part>) -> Result<InfrastructureDocument, ExportError> {
    let mut whole = FeatureContract { name: title.to_owned(), ..FeatureContract::default() };
    for Part { slug, document } in parts {
        let read: InfrastructureDocument = serde_json::from_value(document).map_err(|error| ExportError::Unreadable {
            path: format!("{FEATURES}/{slug}/{INFRASTRUCTURE_CONTRACT}"),
            message: error.to_string(),
        })?;
        whole.infrastructure.append(read.infrastructure);
    }
    let mut contract = Contract { features: vec![whole], ..Contract::default() };
    contract.settle();
    Ok(document_of(&contract.features.pop().unwrap_or_default()))
}
