//! Questions that a contract leaves open, and answers to them laid over it.
//!
//! Code is never overwritten or deleted: an answer fills what is missing, or adds what nothing told. Without answers a contract
//! stays as it is, to the byte.

pub mod questions;
