//! Python's frameworks.

pub mod annotations;
pub mod constraints;
pub mod fastapi;
pub mod literals;
pub mod pydantic;
pub mod statuses;
