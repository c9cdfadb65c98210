//! All facts → one system: modules, names across files, router mounts, types → schemas.

pub mod modules;
pub mod schema;
pub mod system;
pub mod types;

pub mod database;
pub mod documents;
pub mod events;
pub mod functions;
pub mod graphql;
pub mod grpc;
pub mod http;
pub mod infrastructure;
pub mod paths;

mod callees;
mod callers;
mod classes;
mod fuel;
mod instances;
mod lineages;
mod names;
mod rounds;
mod several;
mod text;
mod values;
