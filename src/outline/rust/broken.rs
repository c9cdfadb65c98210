//! Code the grammar could not parse. What is whole in it is read; a function, `impl` block or module that was cut off keeps
//! what it holds.
//!
//! An error may swallow the rest of a file. Then the text behind it is parsed again, from each line that begins an item.

use tree_sitter::Node;

use super::attributes::Pending;
use super::items::Place;
use super::{K, Lower};
use crate::base::Name;
use crate::base::code::{FuncId, ScopeId};
use crate::base::language::Language;
use crate::outline::builder::{at, end};
use crate::outline::parse;

/// Words that begin an item at the begin of a line.
const ITEM_WORDS: [&str; 17] = [
    "fn ",
    "pub ",
    "pub(",
    "async ",
    "unsafe ",
    "struct ",
    "enum ",
    "impl ",
    "impl<",
    "trait ",
    "mod ",
    "use ",
    "const ",
    "static ",
    "type ",
    "#[",
    "macro_rules!",
];

impl Lower<'_> {
    /// An error of the grammar.
    pub(super) fn broken(&mut self, node: Node) {
        let pieces = if self.builder.scope() == ScopeId(0) && self.fragments == 0 { self.pieces(node) } else { Vec::new() };
        let stop = pieces.first().copied().unwrap_or(usize::MAX);
        self.broken_children(node, stop);
        for (i, start) in pieces.iter().enumerate() {
            let end = pieces.get(i + 1).copied().unwrap_or(node.end_byte());
            self.piece(node, *start, end);
        }
    }

    /// Where items begin in a broken text, attributes and documentation included; not at its very begin.
    fn pieces(&self, node: Node) -> Vec<usize> {
        let text = self.builder.text(node);
        let mut starts = Vec::new();
        let mut offset = node.start_byte();
        let mut head = None;
        for (i, line) in text.split_inclusive('\n').enumerate() {
            let is_head = line.starts_with("#[") || line.starts_with("///");
            let is_item = ITEM_WORDS.iter().any(|word| line.starts_with(word));
            if i > 0 && is_head {
                head.get_or_insert(offset);
            } else if i > 0 && is_item {
                starts.push(head.take().unwrap_or(offset));
            } else {
                head = None;
            }
            offset += line.len();
        }
        starts
    }

    /// A piece of text parsed as a file of its own.
    fn piece(&mut self, node: Node, start: usize, end: usize) {
        let Some(tree) = parse::fragment(Language::Rust, self.builder.source(), node, start, end) else { return };
        self.fragments += 1;
        let root = tree.root_node();
        if root.is_error() {
            self.broken(root)
        } else {
            self.declarations(root)
        }
        self.fragments -= 1;
    }

    /// What stands in an error before an offset.
    fn broken_children(&mut self, node: Node, stop: usize) {
        let mut pending = Pending::default();
        let (mut block, mut function) = (None, None);
        let mut cursor = node.walk();
        let children: Vec<Node> = node.children(&mut cursor).take_while(|child| child.start_byte() < stop).collect();
        for (i, child) in children.iter().enumerate() {
            let rest = &children[i + 1..];
            match (K::of(*child), function) {
                (K::Fn, _) => {
                    self.close(function);
                    function = self.open_broken_function(rest, &mut pending);
                    self.add_method(block, function);
                }
                (K::ImplToken, None) if block.is_none() => block = self.open_broken_impl(*child, rest, &mut pending),
                (K::Parameters, Some(id)) => {
                    let params = self.params(*child);
                    self.builder.function(id).params = params;
                }
                (K::Function | K::FunctionSignature, None) if block.is_some() => {
                    let pending = std::mem::take(&mut pending);
                    let id = self.function(*child, pending, Place::Associated);
                    self.add_method(block, id);
                }
                _ if child.is_named() => self.declaration(*child, &mut pending),
                _ => {}
            }
        }
        self.close(function);
        self.close(block);
    }

    fn close<T>(&mut self, open: Option<T>) {
        if open.is_some() {
            self.builder.pop_scope();
        }
    }

    fn add_method(&mut self, block: Option<u32>, function: Option<FuncId>) {
        if let Some(index) = block {
            self.builder.outline.impls[index as usize].methods.extend(function);
        }
    }

    fn open_broken_function(&mut self, rest: &[Node], pending: &mut Pending) -> Option<FuncId> {
        let name = rest.first().filter(|name| K::of(**name) == K::Identifier)?;
        let id = self.builder.open_function(at(*name));
        let name = self.ident(*name);
        let pending = std::mem::take(pending);
        let function = self.builder.function(id);
        function.name = name;
        function.decorators = pending.decorators;
        function.doc = pending.doc.map(Name::from);
        function.end = rest.last().map_or(0, |last| end(*last));
        Some(id)
    }

    /// `impl Type {`, `impl Trait for Type {`; nothing is opened unless a brace follows.
    fn open_broken_impl(&mut self, token: Node, rest: &[Node], pending: &mut Pending) -> Option<u32> {
        let brace = rest.iter().position(|part| part.kind() == "{")?;
        let heads: Vec<Node> = rest[..brace].iter().filter(|part| part.is_named() && part.kind() != "type_parameters").copied().collect();
        let has_trait = rest[..brace].iter().any(|part| K::of(*part) == K::ForToken);
        let (of_trait, ty) = match heads[..] {
            [ty] if !has_trait => (None, self.ty(ty)),
            [of_trait, ty, ..] if has_trait => (Some(self.ty(of_trait)), self.ty(ty)),
            _ => return None,
        };
        let decorators = std::mem::take(pending).decorators;
        let index = self.builder.open_impl(at(token));
        let block = &mut self.builder.outline.impls[index as usize];
        block.ty = ty;
        block.of_trait = of_trait;
        block.decorators = decorators;
        Some(index)
    }
}
