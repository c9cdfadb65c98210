//! Rust: serialization, HTTP frameworks and the libraries that describe them, libraries of databases.

pub mod actix;
pub mod attributes;
pub mod aws_lambda;
pub mod axum;
pub mod diesel;
pub mod dropshot;
pub mod environment;
pub mod gotham;
pub mod graphql;
pub mod http;
pub mod loco;
pub mod messages;
pub mod poem;
pub mod postgres;
pub mod rocket;
pub mod rusqlite;
pub mod salvo;
pub mod seaorm;
pub mod serde;
pub mod sqlx;
pub mod tide;
pub mod tonic;
pub mod warp;
pub mod webhooks;
