//! Python → outline.
//!
//! Knows the grammar and the language, no framework and no other file. Broken text costs the statement it stands in: what
//! the grammar saved of it is lowered as if it stood alone.

mod bind;
mod call;
mod decl;
mod doc;
mod each;
mod expr;
mod import;
mod kind;
mod ops;
mod params;
mod repair;
mod stmt;
mod text;
mod types;

use tree_sitter::{Node, Tree, TreeCursor};

use self::kind::K;
use super::builder::OutlineBuilder;
use crate::base::Name;
use crate::base::code::{Outline, ScopeId};

/// Lowers a Python file.
pub(super) fn lower(source: &str, root: Node) -> Outline {
    let mut builder = OutlineBuilder::new(source);
    builder.outline.has_errors = root.has_error();
    let repaired = if root.has_error() { repair::repaired(source, root) } else { None };
    let root = repaired.as_ref().map_or(root, Tree::root_node);
    let doc = Lowering::new(&mut builder).block(root);
    builder.outline.doc = doc;
    builder.finish()
}

/// The state of lowering one tree: a file's, or that of a string annotation.
struct Lowering<'b, 's, 't> {
    b: &'b mut OutlineBuilder<'s>,
    /// Cursors that are free to use.
    cursors: Vec<TreeCursor<'t>>,
    /// Nodes of the chains being lowered, outermost first; each chain uses the end and cuts it off again.
    links: Vec<Node<'t>>,
    /// `for` statements around this place, up to the next function or class.
    loops: Vec<Loop>,
    /// The innermost of `loops` whose names were used since this was last reset, counted from one.
    used_loop: usize,
    /// Names that `global` and `nonlocal` bind elsewhere: in which scope, what, and where it binds.
    elsewhere: Vec<(ScopeId, Name, ScopeId)>,
    /// Whether this stands under `if TYPE_CHECKING:`.
    is_type_only: bool,
}

/// A `for` statement: its scope, and the names that change from round to round.
struct Loop {
    scope: ScopeId,
    names: Vec<Name>,
}

impl<'b, 's, 't> Lowering<'b, 's, 't> {
    fn new(b: &'b mut OutlineBuilder<'s>) -> Self {
        Self { b, cursors: Vec::new(), links: Vec::new(), loops: Vec::new(), used_loop: 0, elsewhere: Vec::new(), is_type_only: false }
    }

    /// Calls `visit` with each child, tokens included, and the id of its field (0 for none). Comments are skipped.
    fn each_child(&mut self, node: Node<'t>, mut visit: impl FnMut(&mut Self, Node<'t>, u16)) {
        self.each(node, |this, cursor| {
            let child = cursor.node();
            if K::of(child) != K::Comment {
                visit(this, child, cursor.field_id().map_or(0, std::num::NonZero::get));
            }
        });
    }

    /// Calls `visit` with each child that is no token and no comment.
    fn each_named(&mut self, node: Node<'t>, mut visit: impl FnMut(&mut Self, Node<'t>)) {
        self.each(node, |this, cursor| {
            let child = cursor.node();
            if child.is_named() && K::of(child) != K::Comment {
                visit(this, child);
            }
        });
    }

    fn each(&mut self, node: Node<'t>, mut visit: impl FnMut(&mut Self, &TreeCursor<'t>)) {
        let mut cursor = match self.cursors.pop() {
            Some(mut cursor) => {
                cursor.reset(node);
                cursor
            }
            None => node.walk(),
        };
        // Asking for a sibling that is not there costs as much as going to one that is.
        let mut left = node.child_count();
        let mut is_there = left > 0 && cursor.goto_first_child();
        while is_there {
            visit(self, &cursor);
            left -= 1;
            is_there = left > 0 && cursor.goto_next_sibling();
        }
        self.cursors.push(cursor);
    }

    /// The first child that is neither a token nor a comment.
    fn first_named(&mut self, node: Node<'t>) -> Option<Node<'t>> {
        let first = node.named_child(0)?;
        if K::of(first) != K::Comment {
            return Some(first);
        }
        let mut found = None;
        self.each_named(node, |_, child| found = found.or(Some(child)));
        found
    }
}
