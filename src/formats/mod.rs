//! One reader per format that is not program code.

pub mod asyncapi;
pub mod data;
pub mod dockerfile;
pub mod env;
pub mod graphql;
pub mod hcl;
mod helm;
pub mod infrastructure;
pub mod openapi;
pub mod prisma;
pub mod proto;
pub mod sql;
pub mod yaml;
