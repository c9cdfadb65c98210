//! Calls, and chains of them: `Router::new().route(…).layer(…)`, `self.config.url`, `client.get(url).send().await?`.
//!
//! A chain is walked down to its root and built up again in a loop, so that it may have thousands of links.

use tree_sitter::Node;

use super::{K, Lower, child, fields, first, named, parts};
use crate::base::code::{Arg, At, CallKind, Expr};
use crate::outline::builder::{MAX_DEPTH, at};

/// One link of a chain, outermost last.
enum Link<'t> {
    /// `.name::<T>(args)`: the name, the turbofish, the arguments.
    Method(Node<'t>, Option<Node<'t>>, Node<'t>),
    /// `(args)` after a value that is no path.
    Call(Node<'t>),
    /// `.name`.
    Field(Node<'t>),
    /// `[index]`.
    Index(Node<'t>),
}

/// The value at the root of a chain so far.
struct Walked {
    expr: Expr,
    /// How many members and indices it ends with.
    links: u32,
    at: At,
}

impl Lower<'_> {
    /// A chain, or a call of a path.
    pub(super) fn chain(&mut self, node: Node) -> Expr {
        let mut links = Vec::new();
        let root = descend(node, &mut links);
        let mut walked = Walked { expr: self.chain_root(root), links: 0, at: at(root) };
        for link in links.into_iter().rev() {
            walked = self.link(walked, link);
        }
        self.read(&walked);
        walked.expr
    }

    fn chain_root(&mut self, node: Node) -> Expr {
        match K::of(node) {
            K::Call => self.path_call(node),
            K::GenericFunction => self.path(node).expr,
            _ => self.expr(node),
        }
    }

    fn link(&mut self, base: Walked, link: Link) -> Walked {
        match link {
            Link::Field(name) => {
                let name = self.ident(name);
                member(base, |expr| Expr::Member(Box::new(expr), name))
            }
            Link::Index(index) => {
                let index = self.expr(index);
                member(base, |expr| Expr::Index(Box::new((expr, index))))
            }
            Link::Method(name, turbofish, args) => {
                self.read(&base);
                let callee = Expr::Member(Box::new(base.expr), self.ident(name));
                Walked { expr: self.call(callee, turbofish, args, at(name)), links: 0, at: base.at }
            }
            Link::Call(args) => Walked { expr: self.call(base.expr, None, args, at(args)), links: 0, at: base.at },
        }
    }

    /// A chain of two links or more is a read.
    fn read(&mut self, walked: &Walked) {
        if walked.links >= 2 {
            self.builder.add_read(&walked.expr, walked.at);
        }
    }

    fn call(&mut self, callee: Expr, turbofish: Option<Node>, args: Node, at: At) -> Expr {
        let id = self.builder.reserve_call(at);
        let type_args = turbofish.map(|args| self.type_arguments(args)).unwrap_or_default();
        let args = self.arguments(args);
        let call = self.builder.call(id);
        call.callee = callee;
        call.type_args = type_args.into();
        call.args = args;
        Expr::Call(id)
    }

    /// `a::b::<T>(args)`, `Vec::<T>::new()`.
    fn path_call(&mut self, node: Node) -> Expr {
        let (Some(function), Some(args)) = (child(node, fields().function), child(node, fields().arguments)) else { return Expr::Hole };
        let id = self.builder.reserve_call(at(node));
        let path = self.path(function);
        let args = self.arguments(args);
        let call = self.builder.call(id);
        call.callee = path.expr;
        call.type_args = path.args.into();
        call.args = args;
        Expr::Call(id)
    }

    fn arguments(&mut self, node: Node) -> Box<[Arg]> {
        let args = parts(node).into_iter().filter(|arg| K::of(*arg) != K::Attribute);
        args.map(|arg| Arg { name: None, value: self.expr(arg) }).collect()
    }

    /// A call of a macro or attribute whose arguments were read from text.
    pub(super) fn text_call(&mut self, callee: Expr, kind: CallKind, at: At, args: Vec<Arg>) -> Expr {
        let id = self.builder.reserve_call(at);
        let call = self.builder.call(id);
        call.callee = callee;
        call.kind = kind;
        call.args = args.into();
        Expr::Call(id)
    }
}

/// Collects the links of a chain, outermost first, and returns its root.
fn descend<'t>(mut node: Node<'t>, links: &mut Vec<Link<'t>>) -> Node<'t> {
    loop {
        let next = match K::of(node) {
            K::Try | K::Await | K::Parenthesized => first(node),
            K::Reference => child(node, fields().value),
            K::FieldExpression => descend_field(node, |name| links.push(Link::Field(name))),
            K::Index => {
                let mut parts = named(node).into_iter().filter(|part| !super::is_comment(*part));
                let base = parts.next();
                links.extend(parts.next().map(Link::Index));
                base
            }
            K::Call => match (child(node, fields().function), child(node, fields().arguments)) {
                (Some(function), Some(args)) => match callee(function) {
                    Callee::Path => return node,
                    Callee::Method(field, turbofish) => descend_field(field, |name| links.push(Link::Method(name, turbofish, args))),
                    Callee::Value => {
                        links.push(Link::Call(args));
                        Some(function)
                    }
                },
                _ => return node,
            },
            _ => return node,
        };
        let Some(next) = next else { return node };
        node = next;
    }
}

enum Callee<'t> {
    Path,
    Method(Node<'t>, Option<Node<'t>>),
    Value,
}

fn callee(function: Node) -> Callee {
    match K::of(function) {
        K::Identifier | K::ScopedIdentifier | K::SelfName => Callee::Path,
        K::FieldExpression => Callee::Method(function, None),
        K::GenericFunction => match child(function, fields().function) {
            Some(field) if K::of(field) == K::FieldExpression => Callee::Method(field, child(function, fields().type_arguments)),
            _ => Callee::Path,
        },
        _ => Callee::Value,
    }
}

fn descend_field<'t>(node: Node<'t>, mut push: impl FnMut(Node<'t>)) -> Option<Node<'t>> {
    let (value, name) = (child(node, fields().value)?, child(node, fields().field)?);
    push(name);
    Some(value)
}

/// One member more; a chain that is too long starts again from a hole.
fn member(base: Walked, join: impl FnOnce(Expr) -> Expr) -> Walked {
    let (expr, links) = if base.links < MAX_DEPTH { (base.expr, base.links) } else { (Expr::Hole, 0) };
    Walked { expr: join(expr), links: links + 1, at: base.at }
}
