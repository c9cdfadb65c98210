//! The gate: what a change of the contracts means for whoever watches them.
//!
//! Holds findings (a change, who accepted it, which code made it), the policy that judges them, the lists of accepted
//! breaks, and the verdict. Where the two states come from, a folder, an index or a revision, is decided by whoever calls.
//!
//! A break is never hidden: what is accepted is still told, and what cannot be judged is no pass.

pub mod acceptance;
pub mod contracts;
pub mod drift;
pub mod finding;
pub mod judge;
pub mod pattern;
pub mod places;
pub mod policy;
pub mod report;
pub mod suppression;
pub mod trailers;

pub use crate::settings::guard::FailOn;
pub use finding::{Accepted, Finding, Place};
pub use policy::{Gate, Policy};
pub use report::{Report, Side, State, Summary, Verdict};
