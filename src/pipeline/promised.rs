//! What single documents promise, without a repository around them: one GraphQL schema, one or several protocol buffer files.

use crate::base::problem::Problem;
use crate::contract::model::graphql::GraphqlContract;
use crate::contract::model::grpc::GrpcContract;
use crate::features::{graphql::promised as of_graphql, grpc::promised as of_grpc};
use crate::formats::{graphql, proto};
use crate::link::graphql::Graphql;
use crate::link::grpc::resolved;

/// What a file is called that stands by itself: under another name it is still the same.
const LONE: &str = "this file";

/// A GraphQL schema, and the first thing in it that could not be read.
#[must_use]
pub fn graphql_of(path: &str, bytes: &[u8]) -> (GraphqlContract, Option<Problem>) {
    let (found, problem) = graphql::read(path, bytes);
    (of_graphql::contract_of(&Graphql::of_document(found)), problem)
}

/// Protocol buffer files with their paths, and the first thing in each that could not be read. A file alone has no name that
/// others import it by.
#[must_use]
pub fn grpc_of(files: &[(&str, &[u8])]) -> (GrpcContract, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut read: Vec<_> = files
        .iter()
        .map(|(path, bytes)| {
            let (file, problem) = proto::read(path, bytes);
            problems.extend(problem);
            file
        })
        .collect();
    if let [file] = read.as_mut_slice() {
        file.file = LONE.to_owned();
    }
    (of_grpc::contract_of(&resolved(read)), problems)
}
