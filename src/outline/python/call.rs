//! Chains: attributes, subscripts and calls, one after the other, in any number.

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use super::text;
use crate::base::Name;
use crate::base::code::{Arg, At, CallId, Expr};
use crate::outline::builder::{MAX_CHAIN, at};

/// What a chain has become while it is built from its base outwards.
struct Chain {
    expr: Expr,
    /// Attributes and subscripts in all.
    links: u32,
    /// Attributes and subscripts nested in `expr`.
    depth: usize,
    /// Where the last attribute's name stands.
    name_at: Option<At>,
}

impl<'t> Lowering<'_, '_, 't> {
    /// Lowers a chain without recursion along it. `await` and parentheses within are dropped. With `is_read` a chain of two
    /// links or more counts as read.
    pub(super) fn chain(&mut self, node: Node<'t>, is_read: bool) -> Expr {
        let start = self.links.len();
        let base = self.unroll(node);
        let weight = self.b.enter_chain(self.links.len() - start);
        let expr = if self.links.len() > start || K::of(base) != K::of(node) { self.expr(base) } else { self.broken(base) };
        let mut chain = Chain { expr, links: 0, depth: 0, name_at: None };
        for index in (start..self.links.len()).rev() {
            let link = self.links[index];
            // An attribute is called when the next link is a call.
            let next = if index > start { Some(K::of(self.links[index - 1])) } else { None };
            self.link(&mut chain, link, next);
        }
        self.b.leave_chain(weight);
        self.links.truncate(start);
        if is_read && chain.links > 1 && matches!(chain.expr, Expr::Member(..) | Expr::Index(_)) {
            self.b.add_read(&chain.expr, at(node));
        }
        chain.expr
    }

    /// Collects the links of a chain, outermost first, and gives its base.
    fn unroll(&mut self, node: Node<'t>) -> Node<'t> {
        let mut base = node;
        loop {
            let (is_link, inner) = match K::of(base) {
                K::Attribute => (true, base.child_by_field_id(fields().object)),
                K::Subscript => (true, base.child_by_field_id(fields().value)),
                K::Call => (true, base.child_by_field_id(fields().function)),
                K::Await | K::Parenthesized => (false, self.first_named(base)),
                _ => return base,
            };
            let Some(inner) = inner else { return base };
            if is_link {
                self.links.push(base);
            }
            base = inner;
        }
    }

    /// A chain's node that lacks what it must have.
    fn broken(&mut self, node: Node<'t>) -> Expr {
        self.insides(node);
        Expr::Hole
    }

    fn link(&mut self, chain: &mut Chain, link: Node<'t>, next: Option<K>) {
        if chain.depth > MAX_CHAIN {
            chain.expr = Expr::Hole;
            chain.depth = 0;
        }
        let base = std::mem::take(&mut chain.expr);
        chain.expr = match K::of(link) {
            K::Attribute => {
                let name = link.child_by_field_id(fields().attribute);
                chain.name_at = name.map(at);
                chain.links += 1;
                chain.depth += 1;
                let name = name.map(|name| self.b.name(name)).unwrap_or_default();
                if next == Some(K::Call) && chain.links > 2 && matches!(base, Expr::Index(_)) {
                    // `request.json["name"].strip()` reads a part of the request, whatever is done with it.
                    self.b.add_read(&base, at(link));
                }
                Expr::Member(Box::new(base), name)
            }
            K::Subscript => {
                chain.links += 1;
                chain.depth += 1;
                let index = self.subscript(link);
                Expr::Index(Box::new((base, index)))
            }
            _ => {
                let place = chain.name_at.filter(|_| matches!(base, Expr::Member(..))).unwrap_or_else(|| at(link));
                chain.depth = 0;
                self.call(base, link, place)
            }
        };
    }

    fn subscript(&mut self, node: Node<'t>) -> Expr {
        let mut parts = Vec::with_capacity(1);
        self.each_child(node, |this, child, field| {
            if field == fields().subscript {
                let part = this.expr(child);
                parts.push(part);
            }
        });
        if parts.len() == 1 { parts.pop().unwrap_or_default() } else { Expr::List(parts.into()) }
    }

    fn call(&mut self, callee: Expr, node: Node<'t>, place: At) -> Expr {
        if let Expr::Member(base, method) = &callee
            && method == "format"
            && let Expr::Str(template) = &**base
        {
            let args = self.arguments_of(node);
            return match text::format(template, &args) {
                Some(text) => text,
                None => {
                    let id = self.b.reserve_call(place);
                    self.fill(id, callee, args)
                }
            };
        }
        let id = self.b.reserve_call(place);
        let args = self.arguments_of(node);
        self.fill(id, callee, args)
    }

    fn fill(&mut self, id: CallId, callee: Expr, args: Vec<Arg>) -> Expr {
        let call = self.b.call(id);
        call.callee = callee;
        call.args = args.into();
        Expr::Call(id)
    }

    fn arguments_of(&mut self, call: Node<'t>) -> Vec<Arg> {
        let Some(list) = call.child_by_field_id(fields().arguments) else { return Vec::new() };
        if K::of(list) == K::GeneratorExpression {
            return vec![Arg { name: None, value: self.expr(list) }];
        }
        let mut args = Vec::new();
        self.each_named(list, |this, child| {
            if let Some(arg) = this.argument(child) {
                args.push(arg);
            }
        });
        args
    }

    /// One argument of a call or a class statement.
    pub(super) fn argument(&mut self, node: Node<'t>) -> Option<Arg> {
        match K::of(node) {
            K::KeywordArgument => {
                let name = node.child_by_field_id(fields().name).map(|name| self.b.name(name)).unwrap_or_default();
                let value = node.child_by_field_id(fields().value).map_or(Expr::Hole, |value| self.expr(value));
                Some(Arg { name: Some(name), value })
            }
            K::DictionarySplat => {
                let value = self.first_named(node).map_or(Expr::Hole, |inner| self.expr(inner));
                Some(Arg { name: Some(Name::new_static("**")), value })
            }
            K::Error | K::Other => {
                self.statement(node);
                None
            }
            _ => Some(Arg { name: None, value: self.expr(node) }),
        }
    }
}
