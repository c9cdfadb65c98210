//! TypeScript and JavaScript → outline.

use tree_sitter::Node;

use super::builder::OutlineBuilder;
use crate::base::code::Outline;
use crate::base::language::Language;

/// Lowers a TypeScript or JavaScript file.
pub(super) fn lower(source: &str, root: Node, _language: Language) -> Outline {
    let mut builder = OutlineBuilder::new(source);
    builder.outline.has_errors = root.has_error();
    builder.finish()
}
