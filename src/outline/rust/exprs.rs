//! Expressions. Calls and everything that hangs on a receiver is in `chains`, what holds statements in `blocks`.

use tree_sitter::Node;

use super::{K, Lower, child, fields, first, literals, named, parts};
use crate::base::code::{Arg, Assign, CallKind, Expr, Op, Param, Pattern, Return, Type};
use crate::outline::builder::{add, at, binary, end};

impl Lower<'_> {
    /// An expression's value. References, dereferences, `?` and `.await` are dropped.
    pub(super) fn expr(&mut self, node: Node) -> Expr {
        if !self.builder.enter() {
            return Expr::Hole;
        }
        let expr = self.expr_inside(node);
        self.builder.leave();
        expr
    }

    fn expr_inside(&mut self, node: Node) -> Expr {
        match K::of(node) {
            K::Identifier if self.builder.text(node) == "None" => Expr::Null,
            K::Identifier | K::SelfName | K::Super | K::Crate | K::FieldIdentifier | K::ShorthandFieldIdentifier => {
                Expr::Ref(self.ident(node))
            }
            K::ScopedIdentifier => self.path(node).expr,
            K::GenericFunction | K::Call | K::FieldExpression | K::Index | K::Try | K::Await | K::Parenthesized | K::Reference => {
                self.chain(node)
            }
            K::Str | K::RawString => Expr::Str(literals::string(self.builder.text(node))),
            K::Char => Expr::Str(literals::character(self.builder.text(node))),
            K::Integer | K::Float => literals::number(self.builder.text(node)),
            K::Negative => literals::negated(first(node).map(|inner| self.expr(inner)).unwrap_or_default()),
            K::Bool => Expr::Bool(self.builder.text(node) == "true"),
            K::UnitExpression => Expr::Null,
            K::Tuple => Expr::List(self.members(node)),
            K::Array => self.array(node),
            K::Unary => self.unary(node),
            K::Binary => self.binary(node),
            K::Cast => self.cast(node),
            K::StructExpression => self.struct_expression(node),
            K::Closure => self.closure(node),
            K::MacroInvocation => self.macro_call(node, false),
            K::Return => self.return_expression(node),
            K::Assignment | K::Compound => self.assignment(node),
            K::Range | K::Break | K::Yield => {
                named(node).into_iter().for_each(|part| self.drop_expr(part));
                Expr::Hole
            }
            K::If | K::Match | K::While | K::Loop | K::For => self.control(node),
            K::Block => self.block(node),
            K::UnsafeBlock | K::AsyncBlock | K::GenBlock | K::TryBlock | K::ConstBlock => {
                let block = parts(node).into_iter().find(|part| K::of(*part) == K::Block);
                block.map(|block| self.block(block)).unwrap_or_default()
            }
            K::Error => {
                self.declarations(node);
                Expr::Hole
            }
            _ => Expr::Hole,
        }
    }

    /// Lowers what stands in an expression whose value is not read.
    pub(super) fn drop_expr(&mut self, node: Node) {
        self.expr(node);
    }

    /// The expressions in a list; attributes on them are dropped.
    fn members(&mut self, node: Node) -> Box<[Expr]> {
        parts(node).into_iter().filter(|part| K::of(*part) != K::Attribute).map(|part| self.expr(part)).collect()
    }

    /// `[a, b]`, `[a; n]` (a list of one).
    fn array(&mut self, node: Node) -> Expr {
        let mut members = self.members(node).into_vec();
        if child(node, fields().length).is_some() {
            members.truncate(1);
        }
        Expr::List(members.into())
    }

    fn unary(&mut self, node: Node) -> Expr {
        let operator = node.child(0).map(|operator| self.builder.text(operator)).unwrap_or_default();
        let value = first(node).map(|value| self.expr(value)).unwrap_or_default();
        match operator {
            "-" => literals::negated(value),
            "*" => value,
            _ => Expr::Hole,
        }
    }

    /// A chain of one operator is walked from the right, so that `a + b + …` may be long.
    fn binary(&mut self, node: Node) -> Expr {
        let operator = self.operator(node);
        let mut operands = Vec::new();
        let mut left = Some(node);
        while let Some(node) = left {
            if K::of(node) != K::Binary || self.operator(node) != operator {
                operands.push(node);
                break;
            }
            operands.extend(child(node, fields().right));
            left = child(node, fields().left);
        }
        let operands: Vec<Expr> = operands.into_iter().rev().map(|operand| self.expr(operand)).collect();
        let op = match operator {
            "+" => return add(operands),
            "&&" => Op::And,
            "||" => Op::Or,
            "|" => Op::BitOr,
            "&" => Op::BitAnd,
            "==" => Op::Eq,
            "!=" => Op::Ne,
            _ => return Expr::Hole,
        };
        crate::outline::builder::chain(operands, |left, right| binary(op, left, right))
    }

    fn operator(&self, node: Node) -> &'static str {
        let text = child(node, fields().operator).map(|operator| self.builder.text(operator)).unwrap_or_default();
        ["+", "&&", "||", "|", "&", "==", "!=", "-", "*", "/", "%", "^", "<", ">", "<=", ">=", "<<", ">>"]
            .into_iter()
            .find(|operator| *operator == text)
            .unwrap_or_default()
    }

    fn cast(&mut self, node: Node) -> Expr {
        let value = child(node, fields().value).map(|value| self.expr(value)).unwrap_or_default();
        let ty = self.ty_of(node, fields().r#type);
        Expr::Cast(Box::new((value, ty)))
    }

    /// `X { a: 1, b, ..rest }`.
    fn struct_expression(&mut self, node: Node) -> Expr {
        let id = self.builder.reserve_call(at(node));
        let path = child(node, fields().name).map(|name| self.path(name)).unwrap_or_default();
        let body = child(node, fields().body).map(parts).unwrap_or_default();
        let args = body.into_iter().filter_map(|member| self.initializer(member)).collect();
        let call = self.builder.call(id);
        call.callee = path.expr;
        call.type_args = path.args.into();
        call.kind = CallKind::Struct;
        call.args = args;
        Expr::Call(id)
    }

    fn initializer(&mut self, node: Node) -> Option<Arg> {
        match K::of(node) {
            K::FieldInitializer => {
                let name = child(node, fields().field).map(|name| self.ident(name));
                let value = child(node, fields().value).map(|value| self.expr(value)).unwrap_or_default();
                Some(Arg { name, value })
            }
            K::ShorthandField => {
                let name = parts(node).into_iter().find(|part| K::of(*part) == K::Identifier)?;
                let name = self.ident(name);
                Some(Arg { name: Some(name.clone()), value: Expr::Ref(name) })
            }
            K::BaseField => Some(Arg { name: None, value: Expr::Spread(Box::new(first(node).map(|rest| self.expr(rest))?)) }),
            _ => None,
        }
    }

    /// `move |a, b: T| body`.
    fn closure(&mut self, node: Node) -> Expr {
        let id = self.builder.open_function(at(node));
        let params = child(node, fields().parameters).map(parts).unwrap_or_default();
        let params = params.into_iter().map(|param| self.closure_param(param)).collect();
        let returns = self.ty_of(node, fields().return_type);
        let is_async = (0..3).filter_map(|i| node.child(i)).any(|modifier| self.builder.text(modifier) == "async");
        let is_test = self.is_in_test;
        let function = self.builder.function(id);
        function.end = end(node);
        function.params = params;
        function.returns = returns;
        function.flags.is_async = is_async;
        function.flags.is_test = is_test;
        match child(node, fields().body) {
            Some(body) if K::of(body) == K::Block => self.body(body, id),
            Some(body) => {
                let value = self.expr(body);
                self.add_return(value, body, id);
            }
            None => {}
        }
        self.builder.pop_scope();
        Expr::Func(id)
    }

    fn closure_param(&mut self, node: Node) -> Param {
        if K::of(node) == K::Parameter {
            self.typed_param(node)
        } else {
            Param { pattern: self.pattern(node), at: at(node), ..Param::default() }
        }
    }

    /// A parameter with its type.
    pub(super) fn typed_param(&mut self, node: Node) -> Param {
        let pattern = child(node, fields().pattern).map(|pattern| self.pattern(pattern)).unwrap_or_default();
        Param { pattern, ty: self.ty_of(node, fields().r#type), at: at(node), ..Param::default() }
    }

    fn return_expression(&mut self, node: Node) -> Expr {
        let value = first(node).map_or(Expr::Null, |value| self.expr(value));
        if let Some(function) = self.builder.function_around() {
            self.add_return(value, node, function);
        }
        Expr::Hole
    }

    /// A value that leaves a function here.
    pub(super) fn add_return(&mut self, value: Expr, node: Node, function: crate::base::code::FuncId) {
        let scope = self.builder.scope();
        self.builder.outline.returns.push(Return { function, value, is_raise: false, at: at(node), scope });
    }

    /// `a = b`, `a += b`; other compound assignments are only walked.
    fn assignment(&mut self, node: Node) -> Expr {
        let (Some(left), Some(right)) = (child(node, fields().left), child(node, fields().right)) else { return Expr::Hole };
        let operator = child(node, fields().operator).map(|operator| self.builder.text(operator));
        let target = self.place(left);
        let value = self.expr(right);
        if operator.is_none_or(|operator| operator == "+=") && target != Pattern::Ignore {
            let scope = self.builder.scope();
            let is_append = operator.is_some();
            self.builder.outline.assigns.push(Assign {
                target,
                ty: Type::Unknown,
                value,
                is_append,
                at: at(left),
                scope,
                ..Assign::default()
            });
        }
        Expr::Hole
    }

    /// What an assignment writes to.
    fn place(&mut self, node: Node) -> Pattern {
        match K::of(node) {
            K::Identifier => Pattern::Name(self.ident(node)),
            K::Tuple | K::Array => Pattern::List(parts(node).into_iter().map(|part| self.place(part)).collect()),
            _ => match self.expr(node) {
                Expr::Hole => Pattern::Ignore,
                place => Pattern::Place(place),
            },
        }
    }
}
