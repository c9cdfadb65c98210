//! HTTP: OpenAPI documents, operation by operation.
//!
//! Both documents are brought to OpenAPI 3.1 first. Operations are matched by method and path, whatever the path's parameters
//! are called. What flows is judged by its direction: what the application accepts may only widen, what it emits may only
//! narrow; in webhooks and callbacks, which the application calls, it is the other way round.

mod bodies;
mod callbacks;
mod comparison;
mod date;
pub mod document;
mod findings;
mod headers;
mod lifecycle;
mod matching;
mod media;
mod moves;
mod operation;
mod parameters;
mod policy;
mod promised;
mod responses;
mod schemes;
mod security;
mod servers;
mod side;
mod styles;
mod versions;
mod wording;

#[cfg(test)]
mod tests;

use serde_json::Value;

pub use date::Date;
pub use policy::Policy;

use super::change::Change;
use comparison::Comparison;
use document::document_of_3_1;
use side::Side;

/// The changes from one state to the other, under the policy that holds when nothing else is asked for.
#[must_use]
pub fn compare(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    compare_under(before, after, &Policy::default())
}

/// The changes from one state to the other: documents of any version, with everything they refer to inside. Nothing is compared
/// with nothing: where there is no document, no operation is promised.
#[must_use]
pub fn compare_under(before: Option<&Value>, after: Option<&Value>, policy: &Policy) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let none = Value::Null;
    let before = before.map_or(none.clone(), document_of_3_1);
    let after = after.map_or(none, document_of_3_1);
    let mut comparison = Comparison::new(Side::new(&before), Side::new(&after), policy);
    matching::compare_operations(&mut comparison);
    callbacks::compare_webhooks(&mut comparison);
    schemes::compare_schemes(&mut comparison);
    servers::compare_servers(&mut comparison);
    comparison.tell_components();
    versions::compare_versions(&mut comparison);
    comparison.into_changes()
}
