//! Python's frameworks.

pub mod annotations;
pub mod answers;
pub mod constraints;
pub mod django;
pub mod fastapi;
pub mod flask;
pub mod guards;
pub mod literals;
pub mod litestar;
pub mod marshmallow;
pub mod msgspec;
pub mod pydantic;
pub mod raised;
pub mod requests;
pub mod statuses;
