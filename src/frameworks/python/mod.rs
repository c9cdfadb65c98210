//! Python's frameworks.

pub mod annotations;
pub mod constraints;
pub mod literals;
pub mod pydantic;
