//! What the tool does, told by example.

mod contract;
mod modules;
mod outline;
mod scan;
mod report;
mod settings;
mod write;
mod yaml;
