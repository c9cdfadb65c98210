//! Who implements a gRPC service, and who calls one, as frameworks find it. Which `.proto` file the service stands in is decided
//! in `link`.

use super::finding::Place;
use crate::base::Name;

/// A place that implements or calls a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrpcUse {
    /// The framework's id.
    pub framework: &'static str,
    /// What is done with it.
    pub role: GrpcRole,
    /// The service's own name: `OrderService`.
    pub service: Name,
    /// Where the code has it from, a module's path or a package: `acme.orders.v1.orders_pb2_grpc`.
    pub from: Name,
    /// The method as the code spells it; `None` for the service as a whole.
    pub method: Option<Name>,
    /// Where.
    pub place: Place,
}

/// What is done with a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrpcRole {
    /// It is served.
    #[default]
    Implements,
    /// Requests are sent to it.
    Calls,
}
