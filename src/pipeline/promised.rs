//! What single documents promise, without a repository around them: one GraphQL schema, one or several protocol buffer files.

use crate::base::problem::Problem;
use crate::contract::model::graphql::GraphqlContract;
use crate::features::graphql::promised::contract_of;
use crate::formats::graphql;
use crate::link::graphql::Graphql;

/// A GraphQL schema, and the first thing in it that could not be read.
#[must_use]
pub fn graphql_of(path: &str, bytes: &[u8]) -> (GraphqlContract, Option<Problem>) {
    let (found, problem) = graphql::read(path, bytes);
    (contract_of(&Graphql::of_document(found)), problem)
}
