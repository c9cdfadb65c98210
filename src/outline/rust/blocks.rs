//! Blocks, `let`, `if`, `match` and loops.
//!
//! A block's value is its tail expression. Blocks have a scope only when they declare something; `if let`, `while let` and
//! match arms have one when their pattern binds a name.

use tree_sitter::Node;

use super::attributes::Pending;
use super::patterns::binds;
use super::{K, Lower, child, fields, first, named, parts};
use crate::base::code::{Assign, Cond, Expr, FuncId, Op, ScopeKind};
use crate::outline::builder::{at, binary, chain};

/// How many arms of a `match` or `else if` chain a conditional value holds; the tests of all arms are kept.
const MAX_ARMS: usize = 100;

impl Lower<'_> {
    /// The body of a function that returns something: its tail expression leaves it.
    pub(super) fn body(&mut self, block: Node, function: FuncId) {
        let children = named(block);
        let value = self.statements(&children);
        if let (Some(tail), true) = (tail_of(&children), value != Expr::Hole) {
            self.add_return(value, tail, function);
        }
    }

    /// A block; the value of its tail expression, a hole when it has none.
    pub(super) fn block(&mut self, block: Node) -> Expr {
        let children = named(block);
        let declares = children.iter().any(|child| declares(*child));
        if declares {
            self.builder.push_scope(ScopeKind::Block);
        }
        let value = self.statements(&children);
        if declares {
            self.builder.pop_scope();
        }
        value
    }

    /// Statements in the innermost scope, and the value of the tail expression.
    pub(super) fn statements(&mut self, children: &[Node]) -> Expr {
        let tail = tail_of(children).map(|tail| tail.id());
        let mut pending = Pending::default();
        let mut value = Expr::Hole;
        for child in children {
            if tail == Some(child.id()) {
                let inner = if K::of(*child) == K::ExpressionStatement { first(*child) } else { Some(*child) };
                value = inner.map(|inner| self.expr(inner)).unwrap_or_default();
            } else {
                self.declaration(*child, &mut pending);
            }
        }
        value
    }

    /// `let pattern: T = value else { … };`
    pub(super) fn let_declaration(&mut self, node: Node, pending: Pending) {
        let Some(pattern) = child(node, fields().pattern) else { return };
        let target = self.pattern(pattern);
        let ty = self.ty_of(node, fields().r#type);
        let value = child(node, fields().value).map(|value| self.expr(value)).unwrap_or_default();
        if let Some(alternative) = child(node, fields().alternative) {
            self.block(alternative);
        }
        let scope = self.builder.scope();
        let doc = pending.doc.map(Into::into);
        self.builder.outline.assigns.push(Assign { target, ty, value, declares: true, doc, at: at(pattern), scope, ..Assign::default() });
    }

    /// `if`, `match` and loops.
    pub(super) fn control(&mut self, node: Node) -> Expr {
        match K::of(node) {
            K::If => self.if_expression(node),
            K::Match => self.match_expression(node),
            K::For => self.for_expression(node),
            K::While => {
                let is_scoped = self.condition_scope(node);
                child(node, fields().condition).map(|condition| self.condition(condition));
                self.loop_body(node);
                if is_scoped {
                    self.builder.pop_scope();
                }
                Expr::Hole
            }
            _ => {
                self.loop_body(node);
                Expr::Hole
            }
        }
    }

    fn loop_body(&mut self, node: Node) {
        if let Some(body) = child(node, fields().body) {
            self.block(body);
        }
    }

    fn for_expression(&mut self, node: Node) -> Expr {
        let iterated = child(node, fields().value).map(|value| self.expr(value)).unwrap_or_default();
        let pattern = child(node, fields().pattern).map(|pattern| self.pattern(pattern)).unwrap_or_default();
        self.builder.push_scope(ScopeKind::Loop(pattern, iterated));
        if let Some(body) = child(node, fields().body) {
            self.statements(&named(body));
        }
        self.builder.pop_scope();
        Expr::Hole
    }

    /// An `if` with its `else if`s, walked in a loop.
    fn if_expression(&mut self, node: Node) -> Expr {
        let mut arms = Vec::new();
        let mut last = Expr::Hole;
        let mut next = Some(node);
        while let Some(node) = next.take() {
            let is_scoped = self.condition_scope(node);
            let test = child(node, fields().condition).map(|condition| self.condition(condition)).unwrap_or_default();
            let yes = child(node, fields().consequence).map(|block| self.block(block)).unwrap_or_default();
            if is_scoped {
                self.builder.pop_scope();
            }
            arms.push((test, yes));
            match child(node, fields().alternative).and_then(first) {
                Some(alternative) if K::of(alternative) == K::If => next = Some(alternative),
                Some(alternative) => last = self.expr(alternative),
                None => {}
            }
        }
        conditional(arms, last)
    }

    /// Opens a scope for what `if let` and `while let` bind.
    fn condition_scope(&mut self, node: Node) -> bool {
        let binds = child(node, fields().condition).is_some_and(|it| matches!(K::of(it), K::LetCondition | K::LetChain));
        if binds {
            self.builder.push_scope(ScopeKind::Block);
        }
        binds
    }

    /// A condition, kept as a test; what `let` binds in it is assigned.
    fn condition(&mut self, node: Node) -> Expr {
        let test = match K::of(node) {
            K::LetCondition => self.let_condition(node),
            K::LetChain => {
                let tests = self.let_chain(node);
                chain(tests, |left, right| binary(Op::And, left, right))
            }
            _ => self.expr(node),
        };
        self.builder.add_test(test.clone(), at(node));
        test
    }

    fn let_chain(&mut self, node: Node) -> Vec<Expr> {
        let mut conditions = Vec::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            match K::of(node) {
                K::LetChain => open.extend(parts(node).into_iter().rev()),
                K::LetCondition => conditions.push(self.let_condition(node)),
                _ => conditions.push(self.expr(node)),
            }
        }
        conditions
    }

    fn let_condition(&mut self, node: Node) -> Expr {
        let (Some(pattern), Some(value)) = (child(node, fields().pattern), child(node, fields().value)) else { return Expr::Hole };
        let value = self.expr(value);
        let test = self.case(pattern, &subject_of(&value));
        self.bind(pattern, value);
        test
    }

    /// A pattern takes a value here; nothing happens when it binds no name.
    fn bind(&mut self, pattern: Node, value: Expr) {
        let target = self.pattern(pattern);
        if binds(&target) {
            let scope = self.builder.scope();
            self.builder.outline.assigns.push(Assign { target, value, declares: true, at: at(pattern), scope, ..Assign::default() });
        }
    }

    fn match_expression(&mut self, node: Node) -> Expr {
        let value = child(node, fields().value).map(|value| self.expr(value)).unwrap_or_default();
        let subject = subject_of(&value);
        let mut arms = Vec::new();
        let mut last = Expr::Hole;
        for arm in child(node, fields().body).map(named).unwrap_or_default() {
            if K::of(arm) != K::MatchArm {
                continue;
            }
            match self.match_arm(arm, &subject) {
                (Expr::Hole, value) => last = value,
                arm => arms.push(arm),
            }
        }
        conditional(arms, last)
    }

    /// The test of an arm and its value.
    fn match_arm(&mut self, arm: Node, subject: &Expr) -> (Expr, Expr) {
        let Some(pattern) = child(arm, fields().pattern) else { return <_>::default() };
        let case = self.case(pattern, subject);
        self.builder.add_test(case.clone(), at(pattern));
        let target = self.pattern(pattern);
        let guard = child(pattern, fields().condition);
        let is_scoped = binds(&target) || guard.is_some();
        if is_scoped {
            let scope = self.builder.push_scope(ScopeKind::Block);
            let value = subject.clone();
            self.builder.outline.assigns.push(Assign { target, value, declares: true, at: at(pattern), scope, ..Assign::default() });
        }
        let guard = guard.map(|guard| self.condition(guard));
        let value = child(arm, fields().value).map(|value| self.expr(value)).unwrap_or_default();
        if is_scoped {
            self.builder.pop_scope();
        }
        let test = match (case, guard) {
            (Expr::Hole, guard) => guard.unwrap_or_default(),
            (case, Some(guard)) => binary(Op::And, case, guard),
            (case, None) => case,
        };
        (test, value)
    }
}

/// Nested conditionals; a hole when no arm has a value.
fn conditional(mut arms: Vec<(Expr, Expr)>, last: Expr) -> Expr {
    if last == Expr::Hole && arms.iter().all(|(_, value)| *value == Expr::Hole) {
        return Expr::Hole;
    }
    let last = if arms.len() > MAX_ARMS { Expr::Hole } else { last };
    arms.truncate(MAX_ARMS);
    arms.into_iter().rev().fold(last, |no, (test, yes)| Expr::Cond(Box::new(Cond { test, yes, no })))
}

/// What each case is compared with: the matched value, when it is cheap to repeat.
fn subject_of(value: &Expr) -> Expr {
    let mut inner = value;
    for _ in 0..8 {
        match inner {
            Expr::Member(base, _) => inner = base,
            Expr::Ref(_) | Expr::Call(_) => return value.clone(),
            Expr::List(parts) if parts.len() <= 4 && parts.iter().all(|part| matches!(part, Expr::Ref(_) | Expr::Call(_))) => {
                return value.clone();
            }
            _ => break,
        }
    }
    Expr::Hole
}

fn declares(statement: Node) -> bool {
    !matches!(
        K::of(statement),
        K::ExpressionStatement
            | K::MacroInvocation
            | K::LineComment
            | K::BlockComment
            | K::EmptyStatement
            | K::Attribute
            | K::InnerAttribute
    ) && !is_value(statement)
}

/// The tail expression among a block's statements.
fn tail_of<'t>(children: &[Node<'t>]) -> Option<Node<'t>> {
    let last = children.iter().rev().find(|child| !super::is_comment(**child))?;
    let is_tail = match K::of(*last) {
        K::ExpressionStatement => {
            last.child_count().checked_sub(1).and_then(|i| last.child(i)).is_none_or(|end| K::of(end) != K::Semicolon)
        }
        _ => is_value(*last),
    };
    is_tail.then_some(*last)
}

/// Whether a node that stands among statements is an expression.
fn is_value(node: Node) -> bool {
    !matches!(
        K::of(node),
        K::Other
            | K::Error
            | K::Let
            | K::EmptyStatement
            | K::Attribute
            | K::InnerAttribute
            | K::Label
            | K::Function
            | K::FunctionSignature
            | K::Use
            | K::ExternCrate
            | K::Mod
            | K::ForeignMod
            | K::Struct
            | K::Union
            | K::Enum
            | K::Trait
            | K::Impl
            | K::TypeItem
            | K::AssociatedType
            | K::Const
            | K::Static
            | K::MacroDefinition
            | K::LineComment
            | K::BlockComment
    )
}
