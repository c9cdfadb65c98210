//! Expressions that are neither chains nor operators.

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use crate::base::Name;
use crate::base::code::{Assign, Cond, Entry, Expr, Key, Pattern, Return};
use crate::outline::builder::{at, end};

impl<'t> Lowering<'_, '_, 't> {
    /// Lowers an expression; a hole where it nests too deep.
    pub(super) fn expr(&mut self, node: Node<'t>) -> Expr {
        // Leaves are most of all nodes and need no count of depth.
        match K::of(node) {
            K::Identifier => return self.reference(node),
            K::String => return self.string(node),
            K::Integer => return integer(self.b.text(node)),
            K::Float => return float(self.b.text(node)),
            K::True => return Expr::Bool(true),
            K::False => return Expr::Bool(false),
            K::None => return Expr::Null,
            K::Ellipsis => return Expr::Ref(Name::new_static("...")),
            _ => {}
        }
        if !self.b.enter() {
            return Expr::Hole;
        }
        let expr = self.composite(node);
        self.b.leave();
        expr
    }

    fn composite(&mut self, node: Node<'t>) -> Expr {
        match K::of(node) {
            K::Attribute | K::Subscript | K::Call | K::Await | K::Parenthesized => self.chain(node, true),
            K::ConcatenatedString => self.string(node),
            K::BinaryOperator | K::BooleanOperator => self.operation(node),
            K::Comparison => self.comparison(node),
            K::UnaryOperator => self.unary(node),
            K::NotOperator => self.negated(node),
            K::List | K::Tuple | K::Set | K::ExpressionList | K::PatternList | K::TuplePattern | K::ListPattern => self.list(node),
            K::Dictionary => self.dictionary(node),
            K::ListComprehension | K::SetComprehension | K::DictionaryComprehension | K::GeneratorExpression => self.comprehension(node),
            K::Lambda => self.lambda(node),
            K::Conditional => self.conditional(node),
            K::NamedExpression => self.walrus(node),
            K::ListSplat | K::ListSplatPattern | K::DictionarySplat => self.splat(node),
            K::Type | K::AsPatternTarget => self.first_named(node).map_or(Expr::Hole, |inner| self.expr(inner)),
            _ => {
                self.insides(node);
                Expr::Hole
            }
        }
    }

    /// Lowers the parts of something that is not read itself, for the calls in it.
    pub(super) fn insides(&mut self, node: Node<'t>) {
        self.each_named(node, |this, child| {
            this.expr(child);
        });
    }

    fn reference(&mut self, node: Node<'t>) -> Expr {
        let name = self.b.name(node);
        if name.is_empty() {
            return Expr::Hole;
        }
        self.note_use(&name);
        Expr::Ref(name)
    }

    fn list(&mut self, node: Node<'t>) -> Expr {
        let mut items = Vec::new();
        self.each_named(node, |this, child| {
            let item = this.expr(child);
            items.push(item);
        });
        Expr::List(items.into())
    }

    fn splat(&mut self, node: Node<'t>) -> Expr {
        let inner = self.first_named(node).map_or(Expr::Hole, |inner| self.expr(inner));
        Expr::Spread(Box::new(inner))
    }

    fn dictionary(&mut self, node: Node<'t>) -> Expr {
        let mut entries = Vec::new();
        self.each_named(node, |this, child| {
            let entry = match K::of(child) {
                K::Pair => {
                    let (key, value) = this.pair(child);
                    let key = if let Expr::Str(text) = key { Key::Name(text) } else { Key::Computed(key) };
                    Entry { key, value, at: at(child) }
                }
                K::DictionarySplat => {
                    let value = this.first_named(child).map_or(Expr::Hole, |inner| this.expr(inner));
                    Entry { key: Key::Spread, value, at: at(child) }
                }
                _ => return this.statement(child),
            };
            entries.push(entry);
        });
        Expr::Object(entries.into())
    }

    pub(super) fn pair(&mut self, node: Node<'t>) -> (Expr, Expr) {
        let key = node.child_by_field_id(fields().key).map_or(Expr::Hole, |key| self.expr(key));
        let value = node.child_by_field_id(fields().value).map_or(Expr::Hole, |value| self.expr(value));
        (key, value)
    }

    fn lambda(&mut self, node: Node<'t>) -> Expr {
        let id = self.b.open_function(at(node));
        let inner = self.b.step_out();
        let params = node.child_by_field_id(fields().parameters).map(|params| self.params(params, false)).unwrap_or_default();
        self.b.enter_scope(inner);
        let function = self.b.function(id);
        function.params = params;
        function.end = end(node);
        if let Some(body) = node.child_by_field_id(fields().body) {
            let value = self.expr(body);
            let scope = self.b.scope();
            self.b.outline.returns.push(Return { function: id, value, is_raise: false, at: at(body), scope });
        }
        self.b.pop_scope();
        Expr::Func(id)
    }

    fn conditional(&mut self, node: Node<'t>) -> Expr {
        let mut parts = Vec::with_capacity(3);
        self.each_named(node, |this, child| {
            let part = this.expr(child);
            parts.push(part);
        });
        match <[Expr; 3]>::try_from(parts) {
            Ok([yes, test, no]) => Expr::Cond(Box::new(Cond { test, yes, no })),
            Err(_) => Expr::Hole,
        }
    }

    fn walrus(&mut self, node: Node<'t>) -> Expr {
        let used = std::mem::take(&mut self.used_loop);
        let value = node.child_by_field_id(fields().value).map_or(Expr::Hole, |value| self.expr(value));
        if let Some(name) = node.child_by_field_id(fields().name) {
            let target = Pattern::Name(self.b.name(name));
            self.add_assign(Assign { target, value: value.clone(), at: at(node), ..Assign::default() });
        }
        self.used_loop = self.used_loop.max(used);
        value
    }
}

/// An integer as written, in any base; as text when it is too large.
fn integer(text: &str) -> Expr {
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    let digits = digits.trim_end_matches(['l', 'L']);
    let number = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => i64::from_str_radix(&digits[2..], 16),
        [b'0', b'o' | b'O', ..] => i64::from_str_radix(&digits[2..], 8),
        [b'0', b'b' | b'B', ..] => i64::from_str_radix(&digits[2..], 2),
        _ => digits.parse(),
    };
    match number {
        Ok(number) => Expr::Int(number),
        Err(_) => float(text),
    }
}

/// A float as written; complex numbers are not read.
fn float(text: &str) -> Expr {
    if text.ends_with(['j', 'J']) { Expr::Hole } else { Expr::Float(text.into()) }
}
