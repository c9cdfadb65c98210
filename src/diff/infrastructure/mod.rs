//! Infrastructure: what programs need to run, from one state of the documents to the other.
//!
//! Evidence says where something stands and is no promise; names people call a service, a setting or a host by are. One cause
//! is told once: a store goes with the service that holds it, a resource with the queue it is.

mod environment;
mod images;
mod ingress;
mod pipelines;
mod ports;
mod read;
mod resources;
mod services;
mod settings;
mod storage;
mod templates;
mod told;

use serde_json::Value;

use self::told::Told;
use super::change::Change;

pub use read::read;

/// The changes from one state to the other.
#[must_use]
pub fn compare(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let (old, new) = (read::model_of(before), read::model_of(after));
    let mut told = Told::default();
    let fate = services::compare(&mut told, &old, &new);
    let elsewhere = storage::compare(&mut told, &old, &new, &fate);
    resources::compare(&mut told, &old, &new, &elsewhere);
    environment::compare(&mut told, &old, &new);
    templates::compare(&mut told, &old, &new);
    ingress::compare(&mut told, &old.ingress_hosts, &new.ingress_hosts);
    pipelines::compare(&mut told, &old, &new);
    told.finished()
}

#[cfg(test)]
mod tests;
