//! Rust: serialization, HTTP frameworks and the libraries that describe them.

pub mod actix;
pub mod attributes;
pub mod axum;
pub mod dropshot;
pub mod gotham;
pub mod http;
pub mod loco;
pub mod poem;
pub mod rocket;
pub mod salvo;
pub mod serde;
pub mod tide;
pub mod warp;
