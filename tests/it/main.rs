//! What the tool does, told by example.

mod outline;
mod settings;
