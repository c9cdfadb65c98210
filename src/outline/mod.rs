//! The bytes of one program file in, its language-neutral [`Outline`] out. The only room that knows tree-sitter.
//!
//! Knows no path and no other file. Reading never fails: what the grammar cannot parse, or what nests too deep, is left
//! out and the rest stands.

mod builder;
mod kinds;
mod parse;
mod python;
mod rust;
mod script;

use crate::base::code::Outline;
use crate::base::language::Language;

/// What one file says, and what went wrong while reading it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlined {
    /// The outline; only a module scope when nothing could be read.
    pub outline: Outline,
    /// Why the outline may lack something; broken syntax is said by [`Outline::has_errors`] instead.
    pub trouble: Option<Trouble>,
}

/// Trouble with a file as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Parsing took longer than is reasonable: nothing was read.
    TimedOut,
    /// More bytes than offsets can count: nothing was read.
    TooLarge,
    /// Not UTF-8 (nor UTF-16 with a mark): unreadable bytes were replaced, the rest stands.
    NotUtf8,
}

/// Parses one file and drops the tree: the least that reading it costs. For measuring; says whether there was a tree.
#[must_use]
pub fn parses(language: Language, bytes: &[u8]) -> bool {
    let (source, _) = parse::decode(bytes);
    parse::whole(language, &source).is_some()
}

/// Outlines one file. A byte order mark is dropped, so offsets may be off by its length: they order things, no more.
#[must_use]
pub fn outline(language: Language, bytes: &[u8]) -> Outlined {
    if u32::try_from(bytes.len().saturating_mul(3)).is_err() {
        return Outlined { outline: builder::empty(), trouble: Some(Trouble::TooLarge) };
    }
    let (source, is_exact) = parse::decode(bytes);
    let Some(tree) = parse::whole(language, &source) else {
        return Outlined { outline: builder::empty(), trouble: Some(Trouble::TimedOut) };
    };
    let root = tree.root_node();
    let outline = match language {
        Language::Python => python::lower(&source, root),
        Language::TypeScript | Language::Tsx | Language::JavaScript => script::lower(&source, root, language),
        Language::Rust => rust::lower(&source, root),
    };
    Outlined { outline, trouble: (!is_exact).then_some(Trouble::NotUtf8) }
}
