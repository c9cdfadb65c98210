//! What one file contributes, and the words in which everything read from code is told.
//!
//! - [`file`]: the facts of one file, a function of its bytes and language alone (so they may be cached by blob id).
//! - [`program`]: what a framework may ask of all files together; `link` answers.
//! - [`finding`]: what a framework finds: owners, mounts, routes.
//! - [`database`]: tables as models declare them and changes as migrations make them. [`event`]: what is sent and heard.
//! - [`answers`]: what is worked out once about all files.
//! - [`members`]: what is done with shapes whatever they came from: merging members, filling in type parameters.
//! - [`security`]: what is done with security: alternatives, adding to them.
//! - [`proto`]: what protocol buffer files declare; [`grpc`]: who implements and calls their services.
//! - [`graphql`]: parts of a GraphQL schema, wherever they are declared.
//! - [`document`]: what a committed API document promises.
//! - [`shape`]: the one form of every type, whatever language or library it was written in.
//! - [`framework`]: what a framework file provides.
//! - [`infrastructure`]: what is needed to run the repository; [`tree`]
//!   and [`hcl`]: structured documents as they are written.
//!
//! Knows no path, no framework by name, no tree-sitter.

pub mod answers;
pub mod database;
pub mod document;
pub mod event;
pub mod file;
pub mod finding;
pub mod framework;
pub mod graphql;
pub mod grpc;
pub mod hcl;
pub mod importers;
pub mod infrastructure;
pub mod members;
pub mod program;
pub mod proto;
pub mod security;
pub mod shape;
pub mod tree;
