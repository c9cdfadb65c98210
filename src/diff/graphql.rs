//! GraphQL: types, fields, arguments, directives.

use super::change::Change;
use crate::contract::model::graphql::GraphqlContract;

/// The changes from one state to the other.
#[must_use]
pub fn compare(before: &GraphqlContract, after: &GraphqlContract) -> Vec<Change> {
    let _ = (before, after);
    Vec::new()
}
