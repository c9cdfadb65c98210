//! What a run found, for people (text, Markdown) and for programs (JSON).
//!
//! It writes to whoever calls; which colours a terminal takes is decided there.

mod found;
pub mod guard;
mod level;
mod markdown;
mod promises;
pub mod rules;
mod summary;
mod text;

pub use found::{Found, FoundFeature, FoundOperation, FoundType};
pub use markdown::to_markdown;
pub use promises::{Counts, FoundPromise};
pub use summary::{FeatureLine, Place, Summary, Totals, Unsure, UnsureKind, WrittenTo};
pub use text::{Paint, TextOptions, write_text};
