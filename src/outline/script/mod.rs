//! TypeScript, TSX, JavaScript and JSX → outline. ESM and CommonJS.
//!
//! Knows no framework. Flow syntax and whatever the grammars cannot parse become holes; what stands around them is kept.

mod bindings;
mod chains;
mod classes;
mod comments;
mod exports;
mod expressions;
mod functions;
mod imports;
mod kids;
mod kinds;
mod operators;
mod patterns;
mod shapes;
mod statements;
mod texts;
mod types;

use tree_sitter::{Node, TreeCursor};

use self::kids::Kids;
use self::kinds::Tables;
use super::builder::OutlineBuilder;
use crate::base::Name;
use crate::base::code::{Expr, Outline};
use crate::base::language::Language;

/// Lowers the tree of one file.
pub(super) fn lower<'t>(source: &'t str, root: Node<'t>, language: Language) -> Outline {
    let mut script = Script { b: OutlineBuilder::new(source), cursor: root.walk(), tables: Tables::of(language), spare: Vec::new() };
    let kids = script.open(root);
    script.statements(&kids);
    let mut outline = script.b.finish();
    outline.comments.sort_by_key(|comment| comment.at);
    outline.exports.sort_by_key(|export| export.at);
    outline.has_errors = root.has_error();
    outline
}

/// The lowering of one file.
struct Script<'t> {
    b: OutlineBuilder<'t>,
    cursor: TreeCursor<'t>,
    tables: &'static Tables,
    spare: Vec<Kids<'t>>,
}

/// What stands before a declaration, or is known of it from around.
#[derive(Default)]
struct Intro {
    doc: Option<Name>,
    decorators: Vec<Expr>,
    is_public: bool,
    /// The name of what has none of its own (`const name = () => …`).
    name: Name,
}
