//! Assignments, `with … as`, and what they bind.

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use crate::base::Name;
use crate::base::code::{Assign, ClassId, Expr, Field, Op, Pattern, ScopeId, ScopeKind, Type};
use crate::outline::builder::{at, binary};

/// How many names of one function and those around it may be bound elsewhere.
const MAX_ELSEWHERE: usize = 256;

impl<'t> Lowering<'_, '_, 't> {
    /// `a = b = v`, `a: T = v`, `a: T`.
    pub(super) fn assignment(&mut self, node: Node<'t>) {
        let mut targets = Vec::with_capacity(1);
        let mut ty = Type::Unknown;
        let mut value = Some(node);
        while let Some(link) = value
            && K::of(link) == K::Assignment
        {
            targets.extend(link.child_by_field_id(fields().left));
            if let Some(annotation) = link.child_by_field_id(fields().r#type) {
                ty = self.ty(annotation);
            }
            value = link.child_by_field_id(fields().right);
        }
        self.used_loop = 0;
        let value = match value {
            Some(value) if K::of(value) == K::AugmentedAssignment => {
                self.augmented(value);
                Expr::Hole
            }
            Some(value) => self.expr(value),
            None => Expr::Hole,
        };
        for target in targets {
            let used = self.used_loop;
            let target = self.pattern(target);
            self.used_loop = used;
            self.add_field(&target, &ty, &value, node);
            self.add_assign(Assign { target, ty: ty.clone(), value: value.clone(), at: at(node), ..Assign::default() });
        }
        if node.has_error() {
            self.errors_in(node);
        }
    }

    /// `a += v`; any other operator makes a new value of both.
    pub(super) fn augmented(&mut self, node: Node<'t>) {
        self.used_loop = 0;
        let Some(left) = node.child_by_field_id(fields().left) else { return self.insides(node) };
        let operator = node.child_by_field_id(fields().operator).map_or(K::Other, K::of);
        let value = node.child_by_field_id(fields().right).map_or(Expr::Hole, |right| self.expr(right));
        let used = self.used_loop;
        let target = self.pattern(left);
        self.used_loop = used;
        let is_append = operator == K::PlusEquals;
        let value = match (&target, operator) {
            (_, K::PlusEquals) => value,
            (Pattern::Name(name), K::PipeEquals) => binary(Op::BitOr, Expr::Ref(name.clone()), value),
            (Pattern::Place(place), K::PipeEquals) => binary(Op::BitOr, place.clone(), value),
            _ => Expr::Hole,
        };
        self.add_assign(Assign { target, value, is_append, at: at(node), ..Assign::default() });
    }

    /// Adds an assignment that stands here; the scope it binds in is found.
    pub(super) fn add_assign(&mut self, mut assign: Assign) {
        assign.scope = self.bind_in_loop(&assign.target).unwrap_or_else(|| self.scope_of(&assign.target));
        self.b.outline.assigns.push(assign);
    }

    fn scope_of(&self, target: &Pattern) -> ScopeId {
        let scope = self.b.binding_scope();
        if self.elsewhere.is_empty() {
            return scope;
        }
        let Pattern::Name(target) = target else { return scope };
        let says = |(around, name, _): &&(ScopeId, Name, ScopeId)| *around == scope && name == target;
        self.elsewhere.iter().find(says).map_or(scope, |(_, _, elsewhere)| *elsewhere)
    }

    /// `global a, b` and `nonlocal a, b`.
    pub(super) fn elsewhere(&mut self, node: Node<'t>) {
        let scope = self.b.binding_scope();
        let target = if K::of(node) == K::Global { ScopeId(0) } else { self.function_scope_around(scope) };
        self.each_named(node, |this, name| {
            if this.elsewhere.len() < MAX_ELSEWHERE {
                let name = this.b.name(name);
                this.elsewhere.push((scope, name, target));
            }
        });
    }

    fn function_scope_around(&self, scope: ScopeId) -> ScopeId {
        let outline = &self.b.outline;
        let mut around = outline.scopes_from(scope).skip(1);
        around.find(|(_, around)| matches!(around.kind, ScopeKind::Function(_))).map_or(ScopeId(0), |(id, _)| id)
    }

    /// The class whose body this is.
    pub(super) fn class_here(&self) -> Option<ClassId> {
        match self.b.outline.scope(self.b.binding_scope()).kind {
            ScopeKind::Class(id) => Some(id),
            _ => None,
        }
    }

    fn add_field(&mut self, target: &Pattern, ty: &Type, value: &Expr, node: Node<'t>) {
        let Some(class) = self.class_here() else { return };
        let has_value = node.child_by_field_id(fields().right).is_some();
        match target {
            Pattern::Name(name) => {
                let default = has_value.then(|| value.clone());
                let field = Field { name: name.clone(), ty: ty.clone(), default, at: at(node), ..Field::default() };
                self.b.class(class).fields.push(field);
            }
            Pattern::List(targets) => {
                let values = match value {
                    Expr::List(values) if values.len() == targets.len() => &**values,
                    _ => &[],
                };
                for (index, target) in targets.iter().enumerate() {
                    self.add_field(target, ty, values.get(index).unwrap_or(&Expr::Hole), node);
                }
            }
            _ => {}
        }
    }

    /// Gives the string below an assignment to what was assigned last.
    pub(super) fn document(&mut self, statement: Node<'t>, doc: &Name) {
        let place = at(statement);
        for assign in self.b.outline.assigns.iter_mut().rev().take_while(|assign| assign.at == place) {
            assign.doc = Some(doc.clone());
        }
        if let Some(class) = self.class_here() {
            for field in self.b.class(class).fields.iter_mut().rev().take_while(|field| field.at == place) {
                field.doc = Some(doc.clone());
            }
        }
    }

    /// `with a as b, c:`.
    pub(super) fn with(&mut self, node: Node<'t>) {
        self.each_child(node, |this, child, _| match K::of(child) {
            K::WithClause => this.each_named(child, |this, item| this.with_item(item)),
            K::Block | K::Error => this.statement(child),
            _ => {}
        });
    }

    fn with_item(&mut self, item: Node<'t>) {
        let Some(value) = (if K::of(item) == K::WithItem { item.child_by_field_id(fields().value) } else { Some(item) }) else { return };
        match K::of(value) {
            K::AsPattern => self.bind_as(value),
            // `with (a as b, c as d):` may come out as a tuple of patterns.
            K::Tuple | K::Parenthesized if value.has_error() || self.holds_pattern(value) => {
                self.each_named(value, |this, inner| this.with_item(inner));
            }
            _ => {
                self.expr(value);
            }
        }
    }

    fn holds_pattern(&mut self, node: Node<'t>) -> bool {
        let mut holds = false;
        self.each_named(node, |_, child| holds |= K::of(child) == K::AsPattern);
        holds
    }

    fn bind_as(&mut self, node: Node<'t>) {
        self.used_loop = 0;
        let Some(value) = self.first_named(node) else { return };
        let value = self.expr(value);
        let Some(alias) = node.child_by_field_id(fields().alias) else { return };
        let used = self.used_loop;
        let target = self.pattern(alias);
        self.used_loop = used;
        self.add_assign(Assign { target, value, at: at(node), ..Assign::default() });
    }

    /// What the left side of an assignment binds.
    pub(super) fn pattern(&mut self, node: Node<'t>) -> Pattern {
        if !self.b.enter() {
            return Pattern::Ignore;
        }
        let pattern = match K::of(node) {
            K::Identifier => Pattern::Name(self.b.name(node)),
            K::Attribute | K::Subscript | K::Call => Pattern::Place(self.chain(node, false)),
            K::TuplePattern | K::ListPattern | K::PatternList | K::Tuple | K::List | K::ExpressionList => {
                let mut targets = Vec::new();
                self.each_named(node, |this, child| {
                    let target = this.pattern(child);
                    targets.push(target);
                });
                Pattern::List(targets.into())
            }
            K::ListSplatPattern | K::ListSplat | K::DictionarySplatPattern => {
                let inner = self.first_named(node).map(|inner| self.pattern(inner)).unwrap_or_default();
                Pattern::Rest(Box::new(inner))
            }
            K::Parenthesized | K::AsPatternTarget => self.first_named(node).map(|inner| self.pattern(inner)).unwrap_or_default(),
            _ => {
                self.expr(node);
                Pattern::Ignore
            }
        };
        self.b.leave();
        pattern
    }
}
