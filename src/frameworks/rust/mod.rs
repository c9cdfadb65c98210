//! Rust: serialization, HTTP frameworks and the libraries that describe them.

pub mod actix;
pub mod attributes;
pub mod axum;
pub mod http;
pub mod rocket;
pub mod serde;
