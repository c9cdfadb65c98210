//! What the tool does, told by example.

mod contract;
mod outline;
mod settings;
mod write;
mod yaml;
