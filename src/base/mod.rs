//! Small things every room speaks: names, languages, places, blob ids, problems, and source code in its
//! language-neutral form (`code`).
//!
//! Knows nothing of any other room.

pub mod blob;
pub mod case;
pub mod code;
pub mod hash;
pub mod kept;
pub mod language;
pub mod nearest;
pub mod problem;
pub mod quoted;

use smol_str::{SmolStr, SmolStrBuilder};

/// A short piece of text from source code: an identifier, a path segment, a literal. Cheap to clone.
pub type Name = SmolStr;

/// A name in another one: `front.name`. Made very often, and mostly short enough to need no memory of its own.
#[must_use]
pub fn dotted(front: &str, name: &str) -> Name {
    let mut joined = SmolStrBuilder::new();
    joined.push_str(front);
    joined.push('.');
    joined.push_str(name);
    joined.finish()
}
