//! The contract: what a repository promises, feature by feature; its canonical order, its documents and their
//! validation.
//!
//! Knows no other room and does not touch the disk: documents are bytes with a path, whoever calls writes or reads them.

pub mod documents;
pub mod export;
pub mod model;
pub mod path;
pub mod resolutions;
pub mod schema;
pub mod settle;
pub mod validate;
pub mod version;
pub mod yaml;
