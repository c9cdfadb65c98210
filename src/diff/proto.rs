//! gRPC and protocol buffers: services, methods, messages, fields, enums.

use super::change::Change;
use crate::contract::model::grpc::GrpcContract;

/// The changes from one state to the other.
#[must_use]
pub fn compare(before: &GrpcContract, after: &GrpcContract) -> Vec<Change> {
    let _ = (before, after);
    Vec::new()
}
