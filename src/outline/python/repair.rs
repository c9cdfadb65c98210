//! An open bracket that is never closed makes the grammar give up on everything below it. Here the lines with such brackets
//! are found and left out, so that the rest is read as it stands.

use tree_sitter::{Node, Tree};

use super::kind::K;
use crate::base::language::Language;
use crate::outline::parse;

/// How many open brackets are worth another parse.
const MAX_REPAIRS: usize = 8;

/// How large a file may be that is parsed again.
const MAX_BYTES: usize = 1 << 20;

/// A tree of the text without the lines that open a bracket and never close it; `None` when none is better than `root`.
pub(super) fn repaired(source: &str, root: Node) -> Option<Tree> {
    if source.len() > MAX_BYTES {
        return None;
    }
    let mut best: Option<Tree> = None;
    let mut damage = damage_of(root);
    let mut least = damage.bytes;
    let mut holes: Vec<(usize, usize)> = Vec::new();
    for _ in 0..MAX_REPAIRS {
        let Some(open) = damage.open else { break };
        let hole = line_around(source, open);
        if holes.contains(&hole) {
            break;
        }
        holes.push(hole);
        holes.sort_unstable();
        let Some(tree) = parse::without(Language::Python, source, &holes) else { break };
        damage = damage_of(tree.root_node());
        // One of several brackets that stay open is not worth much, so a step that gains nothing is no reason to stop.
        if damage.bytes < least {
            least = damage.bytes;
            best = Some(tree);
        }
    }
    best
}

/// What the grammar could not parse.
struct Damage {
    /// How much.
    bytes: usize,
    /// Offset of the first bracket that stays open.
    open: Option<usize>,
}

fn damage_of(root: Node) -> Damage {
    let mut damage = Damage { bytes: 0, open: None };
    let mut cursor = root.walk();
    let mut ahead = vec![root];
    while let Some(node) = ahead.pop() {
        if node.is_error() {
            damage.bytes += node.end_byte() - node.start_byte();
            if damage.open.is_none() {
                damage.open = first_open(node.children(&mut cursor));
            }
        } else {
            let first = ahead.len();
            ahead.extend(node.children(&mut cursor).filter(Node::has_error));
            ahead[first..].reverse();
        }
    }
    damage
}

/// Offset of the first bracket among tokens that none of them closes.
fn first_open<'t>(tokens: impl Iterator<Item = Node<'t>>) -> Option<usize> {
    let mut open = Vec::new();
    for token in tokens {
        match K::of(token) {
            K::OpenRound | K::OpenSquare | K::OpenCurly => open.push(token.start_byte()),
            K::CloseRound | K::CloseSquare | K::CloseCurly => {
                open.pop();
            }
            _ => {}
        }
    }
    open.first().copied()
}

/// The line an offset stands on.
fn line_around(source: &str, offset: usize) -> (usize, usize) {
    let (before, after) = source.as_bytes().split_at(offset.min(source.len()));
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let end = after.iter().position(|byte| *byte == b'\n').map_or(source.len(), |newline| offset + newline + 1);
    (start, end)
}
