//! What must not leave this machine, and the marks that stand in its place.

use std::collections::BTreeMap;

/// Takes credentials out of text.
pub trait Masks: Send + Sync {
    /// The text with a mark in place of each credential. JSON stays JSON, and lines stay lines.
    fn mask(&self, text: &str) -> Result<MaskedText, MaskFailure>;
}

/// Text that may leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaskedText {
    /// The text.
    pub text: String,
    /// How many credentials were taken out, by the rule that found them.
    pub by_rule: BTreeMap<String, usize>,
}

/// Text could not be masked, so it stays here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be made sure that no credential leaves: {0}")]
pub struct MaskFailure(pub String);
