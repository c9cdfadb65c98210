//! Python's frameworks.

pub mod annotations;
pub mod constraints;
pub mod fastapi;
pub mod flask;
pub mod guards;
pub mod literals;
pub mod marshmallow;
pub mod pydantic;
pub mod raised;
pub mod requests;
pub mod statuses;
