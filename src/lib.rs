//! contract-agent reads a repository's source and writes down what it promises.

pub mod base;
pub mod cli;
pub mod contract;
pub mod facts;
pub mod features;
pub mod formats;
pub mod frameworks;
pub mod link;
pub mod outline;
pub mod pipeline;
pub mod report;
pub mod scan;
pub mod settings;
pub mod write;
