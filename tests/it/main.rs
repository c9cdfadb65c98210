//! What the tool does, told by example.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod contract;
mod modules;
mod outline;
mod scan;
mod report;
mod settings;
mod write;
mod yaml;
