//! Walking the tree: a node is opened into the list of its children, each looked at once.
//!
//! Comments never stand in that list. A `/** … */` is kept in the outline, and with the child it stands directly above.

use tree_sitter::Node;

use super::Script;
use super::comments;
use super::kinds::{Kind, Slot};
use crate::base::Name;
use crate::base::code::{At, Comment};
use crate::outline::builder::at;

/// A child of an opened node.
#[derive(Clone, Copy)]
pub(super) struct Kid<'t> {
    /// The node.
    pub node: Node<'t>,
    /// Its kind.
    pub kind: Kind,
    /// The field it stands in.
    pub slot: Slot,
    /// How many commas stand before it among its siblings.
    pub place: u32,
    doc: u32,
}

impl<'t> Kid<'t> {
    /// Where it begins.
    pub fn at(&self) -> At {
        at(self.node)
    }

    /// This node with the documentation of the one around it, unless it has its own.
    pub fn with_doc_of(mut self, outer: Kid<'t>) -> Self {
        if self.doc == 0 {
            self.doc = outer.doc;
        }
        self
    }
}

/// The children of an opened node: no comments, no punctuation.
pub(super) type Kids<'t> = Vec<Kid<'t>>;

/// The first child in a field.
pub(super) fn in_slot<'t>(kids: &[Kid<'t>], slot: Slot) -> Option<Kid<'t>> {
    kids.iter().find(|kid| kid.slot == slot).copied()
}

/// The first child of a kind.
pub(super) fn of_kind<'t>(kids: &[Kid<'t>], kind: Kind) -> Option<Kid<'t>> {
    kids.iter().find(|kid| kid.kind == kind).copied()
}

/// Whether there is a child of a kind.
pub(super) fn has(kids: &[Kid], kind: Kind) -> bool {
    kids.iter().any(|kid| kid.kind == kind)
}

/// A documentation comment that waits for what it stands above.
#[derive(Default)]
struct Above {
    doc: u32,
    end_row: usize,
}

impl<'t> Script<'t> {
    /// The children of a node. Give the list back with [`Self::close`].
    pub fn open(&mut self, node: Node<'t>) -> Kids<'t> {
        let mut kids = self.spare.pop().unwrap_or_default();
        // Asking for a sibling that is not there costs as much as going to one that is.
        let mut left = node.child_count();
        if left == 0 {
            return kids;
        }
        self.cursor.reset(node);
        if !self.cursor.goto_first_child() {
            return kids;
        }
        let mut above = Above::default();
        let mut place = 0;
        let has_slots = !is_list(self.tables.kind(node));
        loop {
            let node = self.cursor.node();
            match self.tables.kind(node) {
                Kind::Punctuation => {}
                Kind::Comma => place += 1,
                Kind::Comment => self.comment(node, &mut above),
                kind => {
                    let doc = if above.doc == 0 { 0 } else { take(&mut above, node, kind) };
                    let slot = if has_slots { self.tables.slot(&self.cursor) } else { Slot::Other };
                    kids.push(Kid { node, kind, slot, place, doc });
                }
            }
            left -= 1;
            if left == 0 || !self.cursor.goto_next_sibling() {
                return kids;
            }
        }
    }

    /// Takes a list back for the next node.
    pub fn close(&mut self, mut kids: Kids<'t>) {
        kids.clear();
        self.spare.push(kids);
    }

    /// The first child of a node that has but one that counts.
    pub fn only(&mut self, node: Node<'t>) -> Option<Kid<'t>> {
        let kids = self.open(node);
        let first = kids.first().copied();
        self.close(kids);
        first
    }

    /// The documentation that stands directly above.
    pub fn doc(&self, kid: Kid) -> Option<Name> {
        let index = kid.doc.checked_sub(1)?;
        self.b.outline.comments.get(index as usize).map(|comment| comment.text.clone())
    }

    fn comment(&mut self, node: Node<'t>, above: &mut Above) {
        let text = self.b.text(node);
        let row = node.end_position().row;
        if let Some(text) = comments::documentation(text) {
            let end_line = u32::try_from(row + 1).unwrap_or(u32::MAX);
            self.b.outline.comments.push(Comment { text: Name::new(text), at: at(node), end_line });
            above.doc = u32::try_from(self.b.outline.comments.len()).unwrap_or(0);
            above.end_row = row;
        } else if text.starts_with("//") && row <= above.end_row + 1 {
            above.end_row = row;
        }
    }
}

/// Whether the children of a node stand in no field.
fn is_list(kind: Kind) -> bool {
    matches!(kind, Kind::Arguments | Kind::Array | Kind::Object | Kind::Block | Kind::Parameters | Kind::NamedImports | Kind::ObjectType)
}

/// The documentation for this node, when no blank line lies between. What follows a decorator or a word still has it above.
fn take(above: &mut Above, node: Node, kind: Kind) -> u32 {
    let doc = if node.start_position().row <= above.end_row + 1 { above.doc } else { 0 };
    if doc == 0 || (kind != Kind::Decorator && node.is_named()) {
        above.doc = 0;
    } else {
        above.end_row = node.end_position().row;
    }
    doc
}
