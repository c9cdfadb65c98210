//! Comprehensions and `for` statements: names that take the values of something, and the scopes they make.

use tree_sitter::Node;

use super::kind::{K, fields};
use super::{Loop, Lowering};
use crate::base::Name;
use crate::base::code::{Each, Expr, Pattern, ScopeId, ScopeKind};

impl<'t> Lowering<'_, '_, 't> {
    /// `[x for x in xs if y]` and its like: one scope for each `for`, the element in the innermost.
    pub(super) fn comprehension(&mut self, node: Node<'t>) -> Expr {
        let mut opened = 0;
        self.each_named(node, |this, child| match K::of(child) {
            K::ForInClause => {
                let (pattern, iterable) = this.round(child);
                this.b.push_scope(ScopeKind::Loop(pattern, iterable));
                opened += 1;
            }
            K::IfClause => this.insides(child),
            _ => {}
        });
        let element = match node.child_by_field_id(fields().body) {
            Some(body) if K::of(body) == K::Pair => {
                let (key, value) = self.pair(body);
                Expr::List([key, value].into())
            }
            Some(body) => self.expr(body),
            None => Expr::Hole,
        };
        let scope = self.b.scope();
        (0..opened).for_each(|_| self.b.pop_scope());
        Expr::Each(Box::new(Each { element, scope }))
    }

    /// `for x in xs:`. Its body stands in a loop scope; what it binds otherwise belongs to the function.
    pub(super) fn for_statement(&mut self, node: Node<'t>) {
        let (pattern, iterable) = self.round(node);
        let mut names = Vec::new();
        collect(&pattern, &mut names);
        let scope = self.b.push_scope(ScopeKind::Loop(pattern, iterable));
        self.loops.push(Loop { scope, names });
        if let Some(body) = node.child_by_field_id(fields().body) {
            self.block(body);
        }
        self.loops.pop();
        self.b.pop_scope();
        self.each_child(node, |this, child, field| {
            if K::of(child) == K::Error || field == fields().alternative {
                this.statement(child);
            }
        });
    }

    /// What a round binds, and what it goes over.
    fn round(&mut self, node: Node<'t>) -> (Pattern, Expr) {
        let pattern = node.child_by_field_id(fields().left).map(|left| self.pattern(left)).unwrap_or_default();
        let iterable = node.child_by_field_id(fields().right).map_or(Expr::Hole, |right| self.expr(right));
        (pattern, iterable)
    }

    /// Remembers that a name of a `for` statement around this place was used.
    pub(super) fn note_use(&mut self, name: &Name) {
        if let Some(index) = self.loops.iter().rposition(|around| around.names.contains(name)) {
            self.used_loop = self.used_loop.max(index + 1);
        }
    }

    /// The loop whose names were used since `used_loop` was reset. What is bound with them changes with them.
    pub(super) fn bind_in_loop(&mut self, target: &Pattern) -> Option<ScopeId> {
        let around = self.loops.get_mut(self.used_loop.checked_sub(1)?)?;
        if around.names.len() < 64 {
            collect(target, &mut around.names);
        }
        Some(around.scope)
    }
}

/// The names a pattern binds.
pub(super) fn collect(pattern: &Pattern, names: &mut Vec<Name>) {
    match pattern {
        Pattern::Name(name) => names.push(name.clone()),
        Pattern::List(inner) => inner.iter().for_each(|inner| collect(inner, names)),
        Pattern::Rest(inner) => collect(inner, names),
        Pattern::Ignore | Pattern::Place(_) | Pattern::Object(_) => {}
    }
}
