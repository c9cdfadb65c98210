//! Small things every room speaks: names, languages, places, blob ids, problems, and source code in its
//! language-neutral form (`code`).
//!
//! Knows nothing of any other room.

pub mod blob;
pub mod case;
pub mod code;
pub mod kept;
pub mod language;
pub mod nearest;
pub mod problem;
pub mod quoted;

use smol_str::SmolStr;

/// A short piece of text from source code: an identifier, a path segment, a literal. Cheap to clone.
pub type Name = SmolStr;
