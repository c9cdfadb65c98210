//! What the tool does, told by example.

mod outline;
mod settings;
//! What the tool does, as seen from outside.

mod contract;
mod write;
mod yaml;
