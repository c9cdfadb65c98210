//! What frameworks look like, one file each, read by one interpreter.

pub mod interpret;
pub mod table;
