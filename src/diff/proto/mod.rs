//! gRPC and protocol buffers: files, services, calls, messages, fields, enums.
//!
//! Three sorts of readers are let down by a change: those of the bytes, those of JSON, and code that was generated from the
//! files. Fields and values are known by their numbers. What is told of a file, package or message is not told again of all
//! that is in it.

mod enums;
mod features;
mod fields;
mod files;
mod items;
mod messages;
mod ranges;
mod services;
mod told;
mod view;

use super::change::Change;
use crate::contract::model::grpc::GrpcContract;
use told::Told;
use view::Side;

/// The changes from one state to the other.
#[must_use]
pub fn compare(before: &GrpcContract, after: &GrpcContract) -> Vec<Change> {
    let (before, after) = (Side::new(before), Side::new(after));
    let mut told = Told::new(&before, &after);
    let gone = files::compare(&mut told);
    services::compare(&mut told, &gone);
    items::compare(&mut told, &gone);
    told.changes.sort();
    told.changes.dedup();
    told.changes
}
