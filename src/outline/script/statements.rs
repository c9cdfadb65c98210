//! Statements: blocks, loops, conditions, what leaves a function.

use super::kids::{Kid, in_slot};
use super::kinds::{Kind, Slot};
use super::{Intro, Script};
use crate::base::code::{Assign, Expr, Op, Return, ScopeKind};
use crate::outline::builder;

/// How far an overload looks for its implementation.
const OVERLOADS: usize = 64;

impl<'t> Script<'t> {
    /// Statements one after another. Of an overloaded function only the implementation is read.
    pub fn statements(&mut self, kids: &[Kid<'t>]) {
        for (index, kid) in kids.iter().enumerate() {
            if !self.is_overload(&kids[index..]) {
                self.any(*kid);
            }
        }
    }

    /// A statement, or any other node that holds some.
    pub fn any(&mut self, kid: Kid<'t>) {
        if is_leaf(kid.kind) {
            return;
        }
        if self.b.enter() {
            self.statement(kid);
            self.b.leave();
        }
    }

    /// One statement.
    pub fn statement(&mut self, kid: Kid<'t>) {
        match kid.kind {
            Kind::ExpressionStatement => self.expression_statement(kid),
            Kind::Lexical | Kind::Var => self.declaration(kid, &self.intro(kid)),
            Kind::FunctionDeclaration | Kind::FunctionSignature => drop(self.function(kid, self.intro(kid))),
            Kind::ClassDeclaration => drop(self.class(kid, self.intro(kid))),
            Kind::Interface | Kind::Enum | Kind::Alias => self.shape(kid, self.intro(kid)),
            Kind::Namespace => self.namespace(kid),
            Kind::Ambient => self.ambient(kid, self.intro(kid)),
            Kind::ImportAlias => self.import_alias(kid, &self.intro(kid)),
            Kind::ImportStatement => self.import(kid),
            Kind::ExportStatement => self.export(kid),
            Kind::Block => self.block(kid),
            Kind::If => self.condition(kid),
            Kind::Switch => self.switch(kid),
            Kind::For => self.counting(kid),
            Kind::ForIn => self.each(kid),
            Kind::Catch => self.catch(kid),
            Kind::Return | Kind::Throw => self.leaving(kid),
            Kind::StaticBlock => self.sweep(kid),
            _ => drop(self.expr(kid)),
        }
    }

    /// What is known of a declaration from its place alone.
    fn intro(&self, kid: Kid) -> Intro {
        Intro { doc: self.doc(kid), ..Intro::default() }
    }

    /// Whether the first of these is a signature whose implementation follows.
    fn is_overload(&self, kids: &[Kid<'t>]) -> bool {
        if !kids.first().is_some_and(|kid| matches!(kid.kind, Kind::FunctionSignature | Kind::ExportStatement)) {
            return false;
        }
        let name_of = |kid: &Kid<'t>| {
            let node = match kid.kind {
                Kind::ExportStatement => kid.node.child_by_field_name("declaration")?,
                _ => kid.node,
            };
            let kind = self.tables.kind(node);
            let is_function = matches!(kind, Kind::FunctionDeclaration | Kind::FunctionSignature);
            is_function.then(|| Some((kind, self.b.text(node.child_by_field_name("name")?))))?
        };
        let Some((Kind::FunctionSignature, name)) = name_of(&kids[0]) else { return false };
        let rest = kids.iter().skip(1).take(OVERLOADS).map(name_of);
        rest.take_while(|found| found.is_some_and(|found| found.1 == name)).any(|found| found == Some((Kind::FunctionDeclaration, name)))
    }

    fn expression_statement(&mut self, statement: Kid<'t>) {
        let kids = self.open(statement.node);
        for kid in &kids {
            match kid.kind {
                Kind::Assignment | Kind::Augmented => drop(self.assignment(kid.with_doc_of(statement))),
                _ => drop(self.expr(*kid)),
            }
        }
        self.close(kids);
    }

    /// `{ … }`: a scope only when something is declared in it.
    fn block(&mut self, kid: Kid<'t>) {
        let kids = self.open(kid.node);
        let is_scope = kids.iter().any(|kid| declares(kid.kind));
        if is_scope {
            self.b.push_scope(ScopeKind::Block);
        }
        self.statements(&kids);
        if is_scope {
            self.b.pop_scope();
        }
        self.close(kids);
    }

    /// `if`, with all its `else if` without recursion.
    fn condition(&mut self, kid: Kid<'t>) {
        let mut next = Some(kid);
        while let Some(kid) = next.take() {
            let kids = self.open(kid.node);
            for kid in &kids {
                match (kid.slot, kid.kind) {
                    (Slot::Condition, _) => {
                        let test = self.expr(*kid);
                        self.b.add_test(test, kid.at());
                    }
                    (_, Kind::Else) => match self.only(kid.node) {
                        Some(inner) if inner.kind == Kind::If => next = Some(inner),
                        Some(inner) => self.any(inner),
                        None => {}
                    },
                    (Slot::Consequence, _) => self.any(*kid),
                    _ => {}
                }
            }
            self.close(kids);
        }
    }

    fn switch(&mut self, kid: Kid<'t>) {
        let kids = self.open(kid.node);
        let subject = in_slot(&kids, Slot::Value).map(|kid| self.expr(kid)).unwrap_or_default();
        // A large subject is not repeated for every case.
        let is_small = matches!(subject, Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) | Expr::Call(_) | Expr::Bool(_));
        let subject = if is_small { subject } else { Expr::Hole };
        if let Some(body) = in_slot(&kids, Slot::Body) {
            let cases = self.open(body.node);
            cases.iter().for_each(|case| self.case(*case, &subject));
            self.close(cases);
        }
        self.close(kids);
    }

    fn case(&mut self, case: Kid<'t>, subject: &Expr) {
        let kids = self.open(case.node);
        let is_scope = kids.iter().any(|kid| declares(kid.kind));
        if let Some(value) = in_slot(&kids, Slot::Value) {
            let test = self.expr(value);
            self.b.add_test(builder::binary(Op::Eq, subject.clone(), test), value.at());
        }
        if is_scope {
            self.b.push_scope(ScopeKind::Block);
        }
        for kid in kids.iter().filter(|kid| kid.slot != Slot::Value) {
            self.any(*kid);
        }
        if is_scope {
            self.b.pop_scope();
        }
        self.close(kids);
    }

    /// `for (let i = 0; …)`.
    fn counting(&mut self, kid: Kid<'t>) {
        let kids = self.open(kid.node);
        let is_scope = kids.iter().any(|kid| kid.kind == Kind::Lexical);
        if is_scope {
            self.b.push_scope(ScopeKind::Block);
        }
        self.statements(&kids);
        if is_scope {
            self.b.pop_scope();
        }
        self.close(kids);
    }

    /// `for (const x of xs)`. The keys that `in` gives are no values: the iterable is a hole.
    fn each(&mut self, kid: Kid<'t>) {
        let kids = self.open(kid.node);
        let right = in_slot(&kids, Slot::Right).map(|kid| self.expr(kid)).unwrap_or_default();
        let is_in = in_slot(&kids, Slot::Operator).is_some_and(|kid| kid.kind == Kind::In);
        let pattern = in_slot(&kids, Slot::Left).map(|kid| self.pattern(kid)).unwrap_or_default();
        self.b.push_scope(ScopeKind::Loop(pattern, if is_in { Expr::Hole } else { right }));
        match in_slot(&kids, Slot::Body) {
            Some(body) if body.kind == Kind::Block => self.sweep(body),
            Some(body) => self.any(body),
            None => {}
        }
        self.b.pop_scope();
        self.close(kids);
    }

    fn catch(&mut self, kid: Kid<'t>) {
        let kids = self.open(kid.node);
        self.b.push_scope(ScopeKind::Block);
        for kid in &kids {
            match (kid.slot, kid.kind) {
                (Slot::Parameter, _) => {
                    let target = self.pattern(*kid);
                    let scope = self.b.scope();
                    self.b.outline.assigns.push(Assign { target, declares: true, at: kid.at(), scope, ..Assign::default() });
                }
                (_, Kind::Block) => self.sweep(*kid),
                _ => {}
            }
        }
        self.b.pop_scope();
        self.close(kids);
    }

    /// `return x`, `throw x`.
    fn leaving(&mut self, kid: Kid<'t>) {
        if let Some(value) = self.only(kid.node) {
            let value = self.expr(value);
            self.leave_with(value, kid);
        }
    }

    /// A value that leaves the function around it.
    pub fn leave_with(&mut self, value: Expr, kid: Kid<'t>) {
        if let Some(function) = self.b.function_around() {
            let (at, scope) = (kid.at(), self.b.scope());
            self.b.outline.returns.push(Return { function, value, is_raise: kid.kind == Kind::Throw, at, scope });
        }
    }
}

/// Whether a statement binds a name in its block.
fn declares(kind: Kind) -> bool {
    matches!(kind, Kind::Lexical | Kind::FunctionDeclaration | Kind::ClassDeclaration | Kind::Enum | Kind::Alias | Kind::Interface)
}

/// Nodes with nothing in them that is read.
fn is_leaf(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Identifier
            | Kind::Property
            | Kind::Str
            | Kind::Number
            | Kind::Regex
            | Kind::True
            | Kind::False
            | Kind::Null
            | Kind::Undefined
            | Kind::This
            | Kind::Fragment
            | Kind::Escape
    )
}
