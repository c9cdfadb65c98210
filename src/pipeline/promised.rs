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

/// A folder of protocol buffer files, each with its path in the folder, and the first thing in each that could not be read.
#[must_use]
pub fn protos_of(files: &[(&str, &[u8])]) -> (GrpcContract, Vec<Problem>) {
    let read = files.iter().map(|(path, bytes)| proto::read(path, bytes));
    let (read, problems): (Vec<_>, Vec<_>) = read.unzip();
    (of_grpc::contract_of(&resolved(read)), problems.into_iter().flatten().collect())
}

/// A protocol buffer file by itself, whatever it is called, and the first thing in it that could not be read.
#[must_use]
pub fn proto_of(path: &str, bytes: &[u8]) -> (GrpcContract, Option<Problem>) {
    let (mut file, problem) = proto::read(path, bytes);
    file.file = LONE.to_owned();
    (of_grpc::contract_of(&resolved(vec![file])), problem)
}
