//! What single documents promise, without a repository around them: one GraphQL schema, one or several protocol buffer files.

use super::schemas::File;
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

/// Protocol buffer files of two sides, each with its path, and the first thing in each that could not be read. Where each side
/// is one file, it is the same file, whatever it is called.
#[must_use]
pub fn protos_of(before: &[File], after: &[File]) -> (GrpcContract, GrpcContract, Vec<Problem>) {
    let is_lone = before.len() == 1 && after.len() == 1;
    let mut problems = Vec::new();
    let mut read = |files: &[File]| {
        let mut all = Vec::new();
        for (path, bytes) in files {
            let (mut file, problem) = proto::read(path, bytes);
            problems.extend(problem);
            if is_lone {
                file.file = LONE.to_owned();
            }
            all.push(file);
        }
        of_grpc::contract_of(&resolved(all))
    };
    (read(before), read(after), problems)
}
