//! What the tool does, told by example.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod answers;
mod architecture;
mod audit;
mod cli;
mod contract;
mod cut;
mod documents;
mod example;
mod features;
mod folder;
mod frameworks;
mod guard;
mod guard_formats;
mod hooks;
mod infrastructure;
mod link;
mod llm;
mod masking;
mod modules;
mod outline;
mod promises;
mod registry;
mod report;
mod safe;
mod scan;
mod settings;
mod sql;
mod staged;
mod store;
mod types;
mod write;
mod yaml;
