//! Python → outline.

use tree_sitter::Node;

use super::builder::OutlineBuilder;
use crate::base::code::Outline;

/// Lowers a Python file.
pub(super) fn lower(source: &str, root: Node) -> Outline {
    let mut builder = OutlineBuilder::new(source);
    builder.outline.has_errors = root.has_error();
    builder.finish()
}
