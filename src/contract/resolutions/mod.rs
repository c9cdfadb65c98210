//! Questions that a contract leaves open, and answers to them laid over it.
//!
//! Code is never overwritten or deleted: an answer fills what is missing, or adds what nothing told. Without answers a contract
//! stays as it is, to the byte. An answer whose evidence has changed is still followed, so that an edit beside it breaks no promise,
//! and marked: its confidence is low, and its question is open again.

mod apply;
pub mod document;
mod places;
pub mod questions;
mod values;

pub use apply::{Outcome, Told, apply};

use super::model::{Origin, Quote, Resolution};

/// Bytes of the code that answers rest on.
pub trait Evidenced {
    /// The digest of a declaration's text, or of the file when the name is empty or no declaration has it; `None` when there is no
    /// such file.
    fn digest(&self, file: &str, symbol: &str) -> Option<String>;
}

/// Whether the code that an answer rests on has changed since it was given. What a person says holds until that person says otherwise.
#[must_use]
pub fn is_stale(resolution: &Resolution, code: &dyn Evidenced) -> bool {
    let is_other = |quote: &Quote| code.digest(&quote.file, &quote.symbol).as_deref() != Some(quote.digest.as_str());
    resolution.origin == Origin::Model && resolution.evidence.iter().any(is_other)
}
