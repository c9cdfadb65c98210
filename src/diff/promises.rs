//! One side of a comparison: everything that is promised, each kind in its own form.

pub use crate::contract::export::Whole as Promises;
