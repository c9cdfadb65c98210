//! What features are for and operations do, in words.

use super::Given;
use crate::contract::model::FeatureContract;
use crate::contract::model::resolution::Described;

/// Says what a feature is for, and what those of its operations do that say nothing themselves.
pub(super) fn describe(feature: &mut FeatureContract, described: Described, given: &Given) -> Result<(), String> {
    feature.purpose = described.purpose;
    feature.purpose_by = Some(given.by);
    for operation in feature.http.iter_mut().filter(|operation| operation.summary.is_empty()) {
        if let Some(summary) = described.summaries.get(&operation.key()) {
            operation.summary.clone_from(summary);
            operation.summary_by = Some(given.by);
        }
    }
    Ok(())
}
