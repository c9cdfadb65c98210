//! What the tool does, told by example.

mod settings;
