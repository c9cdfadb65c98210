//! Two states of what is promised → the changes between them, each with a rule and a level.
//!
//! Each kind of contract is compared in its own form: OpenAPI and AsyncAPI documents as JSON, databases, GraphQL and gRPC
//! as the contract model has them. Nothing here knows where a state comes from: a folder of contracts, a revision, or a
//! single document.
//!
//! A break is never hidden: where it cannot be proved that what was valid stays valid, the change is told.

pub mod catalogue;
pub mod change;
pub mod database;
pub mod event;
pub mod feature;
pub mod graphql;
pub mod http;
pub mod infrastructure;
pub mod meta;
pub mod promises;
pub mod proto;
pub mod reach;
pub mod schema;

pub use change::{Change, Domain, Level, Location};
pub use promises::Promises;

/// All changes from one state to another, sorted: the same changes for the same two states.
#[must_use]
pub fn compare(before: &Promises, after: &Promises) -> Vec<Change> {
    compare_under(before, after, &http::Policy::default())
}

/// The same, with what is asked of HTTP APIs beyond what every caller relies on.
#[must_use]
pub fn compare_under(before: &Promises, after: &Promises, policy: &http::Policy) -> Vec<Change> {
    let mut changes = Vec::new();
    changes.extend(http::compare_under(before.api.as_ref(), after.api.as_ref(), policy));
    changes.extend(event::compare(before.events.as_ref(), after.events.as_ref()));
    changes.extend(database::compare(&before.databases, &after.databases));
    changes.extend(database::missing_migrations(&before.conflicts, &after.conflicts));
    changes.extend(graphql::compare(&before.graphql, &after.graphql));
    changes.extend(proto::compare(&before.grpc, &after.grpc));
    changes.extend(infrastructure::compare(before.infrastructure.as_ref(), after.infrastructure.as_ref()));
    changes.extend(feature::compare(before, after));
    changes.extend(meta::compare(before, after));
    changes.sort();
    changes.dedup();
    changes
}
