//! One reader per format that is not program code.

pub mod openapi;
pub mod proto;
pub mod sql;
