//! Statements.

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use crate::base::Name;
use crate::base::code::{Assign, Expr, NamedType, Op, Return, Type};
use crate::outline::builder::{at, binary};

impl<'t> Lowering<'_, '_, 't> {
    /// Lowers the statements of a block or file, and gives the string it begins with.
    pub(super) fn block(&mut self, node: Node<'t>) -> Option<Name> {
        let mut doc = None;
        let mut is_first = true;
        let mut before: Option<Node> = None;
        self.each_named(node, |this, child| {
            match this.doc_of(child) {
                Some(text) if is_first => doc = Some(text),
                Some(text) => {
                    if let Some(assignment) = before {
                        this.document(assignment, &text);
                    }
                }
                None => this.statement(child),
            }
            is_first = false;
            before = assignment_in(child);
        });
        doc
    }

    /// Lowers a statement, or an expression where a statement is expected.
    pub(super) fn statement(&mut self, node: Node<'t>) {
        if !self.b.enter() {
            return;
        }
        match K::of(node) {
            K::ExpressionStatement | K::Error => self.each_named(node, Self::statement),
            K::Assignment => self.assignment(node),
            K::AugmentedAssignment => self.augmented(node),
            K::ImportStatement => self.import(node),
            K::ImportFrom | K::FutureImport => self.import_from(node),
            K::Return => self.return_statement(node),
            K::Raise => self.raise(node),
            K::IfStatement | K::ElifClause | K::WhileStatement => self.branch(node),
            K::ForStatement => self.for_statement(node),
            K::WithStatement => self.with(node),
            K::MatchStatement => self.match_statement(node),
            K::ExceptClause => self.except(node),
            K::FunctionDefinition => self.function(node, Vec::new()),
            K::ClassDefinition => self.class(node, Vec::new()),
            K::DecoratedDefinition => self.decorated(node),
            K::TypeAlias => self.type_alias(node),
            K::Global | K::Nonlocal => self.elsewhere(node),
            K::Block => {
                self.block(node);
            }
            K::TryStatement | K::ElseClause | K::FinallyClause | K::CaseClause => self.each_named(node, Self::statement),
            K::Assert | K::Delete | K::Print | K::Chevron | K::Exec => self.insides(node),
            K::KeywordArgument => {
                self.argument(node);
            }
            K::Other => self.each_named(node, Self::statement),
            _ => {
                self.expr(node);
            }
        }
        self.b.leave();
    }

    /// What broken nodes within a statement that is read by its fields would lose.
    pub(super) fn errors_in(&mut self, node: Node<'t>) {
        self.each_named(node, |this, child| {
            if child.is_error() {
                this.statement(child);
            }
        });
    }

    fn return_statement(&mut self, node: Node<'t>) {
        let value = self.first_named(node).map_or(Expr::Null, |value| self.expr(value));
        self.add_return(value, false, node);
    }

    fn raise(&mut self, node: Node<'t>) {
        let mut value = None;
        self.each_child(node, |this, child, field| {
            if child.is_named() {
                let raised = this.expr(child);
                if field != fields().cause && value.is_none() {
                    value = Some(raised);
                }
            }
        });
        if let Some(value) = value {
            self.add_return(value, true, node);
        }
    }

    fn add_return(&mut self, value: Expr, is_raise: bool, node: Node<'t>) {
        if let Some(function) = self.b.function_around() {
            let scope = self.b.scope();
            self.b.outline.returns.push(Return { function, value, is_raise, at: at(node), scope });
        }
    }

    /// `if`, `elif`, `while`.
    fn branch(&mut self, node: Node<'t>) {
        let was_type_only = self.is_type_only;
        self.each_child(node, |this, child, field| {
            if field == fields().condition {
                let test = this.expr(child);
                this.is_type_only |= test.last_name().is_some_and(|name| name == "TYPE_CHECKING");
                this.b.add_test(test, at(child));
            } else if child.is_named() {
                if matches!(K::of(child), K::ElifClause | K::ElseClause) {
                    this.is_type_only = was_type_only;
                }
                this.statement(child);
            }
        });
        self.is_type_only = was_type_only;
    }

    /// `except A as e:`: `e` is an `A`.
    fn except(&mut self, node: Node<'t>) {
        let alias = node.child_by_field_id(fields().alias);
        self.each_named(node, |this, child| match K::of(child) {
            K::Block | K::Error => this.statement(child),
            K::AsPattern => {
                let caught = this.first_named(child).map_or(Expr::Hole, |value| this.expr(value));
                if let Some(alias) = child.child_by_field_id(fields().alias) {
                    this.bind_caught(caught, alias);
                }
            }
            _ if Some(child) == alias => {}
            _ => {
                let caught = this.expr(child);
                if let Some(alias) = alias {
                    this.bind_caught(caught, alias);
                }
            }
        });
    }

    fn bind_caught(&mut self, caught: Expr, alias: Node<'t>) {
        let target = self.pattern(alias);
        let ty = match caught {
            Expr::List(items) => Type::Union(items.into_iter().map(instance_of).collect()),
            caught => instance_of(caught),
        };
        self.used_loop = 0;
        self.add_assign(Assign { target, ty, at: at(alias), ..Assign::default() });
    }

    fn match_statement(&mut self, node: Node<'t>) {
        let mut subjects = Vec::with_capacity(1);
        self.each_child(node, |this, child, field| {
            if field == fields().subject {
                let subject = this.expr(child);
                subjects.push(subject);
            }
        });
        let subject = if subjects.len() == 1 { subjects.pop().unwrap_or_default() } else { Expr::List(subjects.into()) };
        self.each_child(node, |this, child, field| match K::of(child) {
            K::Block => this.each_named(child, |this, case| this.case(&subject, case)),
            _ if child.is_named() && field != fields().subject => this.case(&subject, child),
            _ => {}
        });
    }

    fn case(&mut self, subject: &Expr, node: Node<'t>) {
        if K::of(node) != K::CaseClause {
            return self.statement(node);
        }
        self.each_named(node, |this, child| match K::of(child) {
            K::CasePattern => this.case_pattern(subject, child),
            K::IfClause => {
                if let Some(guard) = this.first_named(child) {
                    let test = this.expr(guard);
                    this.b.add_test(test, at(guard));
                }
            }
            _ => this.statement(child),
        });
    }

    /// Each value a case names is a test of its own.
    fn case_pattern(&mut self, subject: &Expr, node: Node<'t>) {
        if !self.b.enter() {
            return;
        }
        match K::of(node) {
            K::CasePattern | K::UnionPattern => {
                let mut is_negative = false;
                self.each_child(node, |this, child, _| {
                    if child.is_named() && !is_negative {
                        this.case_pattern(subject, child);
                    }
                    is_negative = K::of(child) == K::Minus;
                });
            }
            K::AsPattern => {
                if let Some(inner) = self.first_named(node) {
                    self.case_pattern(subject, inner);
                }
            }
            _ => {
                if let Some(value) = self.case_value(node) {
                    self.b.add_test(binary(Op::Eq, subject.clone(), value), at(node));
                }
            }
        }
        self.b.leave();
    }

    fn case_value(&mut self, node: Node<'t>) -> Option<Expr> {
        match K::of(node) {
            K::String | K::ConcatenatedString | K::Integer | K::Float | K::True | K::False | K::None => Some(self.expr(node)),
            // A name alone binds, a dotted one compares.
            K::DottedName => {
                let path = self.dotted(node);
                let mut parts = path.split('.');
                let base = Expr::Ref(Name::new(parts.next().unwrap_or_default()));
                let member = |base, part| Expr::Member(Box::new(base), Name::new(part));
                path.contains('.').then(|| parts.take(32).fold(base, member))
            }
            K::CasePattern => self.first_named(node).and_then(|inner| self.case_value(inner)),
            K::TuplePattern | K::ListPattern => {
                let mut values = Vec::new();
                self.each_named(node, |this, child| {
                    let value = if this.b.enter() {
                        let value = this.case_value(child);
                        this.b.leave();
                        value
                    } else {
                        None
                    };
                    values.push(value);
                });
                let has_values = values.iter().any(Option::is_some);
                has_values.then(|| Expr::List(values.into_iter().map(Option::unwrap_or_default).collect()))
            }
            _ => None,
        }
    }
}

/// The assignment a statement is, if it is one.
fn assignment_in(statement: Node) -> Option<Node> {
    if K::of(statement) != K::ExpressionStatement {
        return None;
    }
    statement.named_child(0).filter(|child| K::of(*child) == K::Assignment)
}

fn instance_of(class: Expr) -> Type {
    match class {
        path @ (Expr::Ref(_) | Expr::Member(..)) => Type::Named(Box::new(NamedType { path, args: Box::default() })),
        _ => Type::Unknown,
    }
}
