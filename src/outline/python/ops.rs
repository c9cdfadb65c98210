//! Operators.

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use super::text::{Values, percent};
use crate::base::Name;
use crate::base::code::{Expr, Op};
use crate::outline::builder::{MAX_CHAIN, add, binary};

impl<'t> Lowering<'_, '_, 't> {
    /// `a + b`, `a or b`, …; chains that lean left are lowered without recursion.
    pub(super) fn operation(&mut self, node: Node<'t>) -> Expr {
        let start = self.links.len();
        let mut base = node;
        while matches!(K::of(base), K::BinaryOperator | K::BooleanOperator)
            && let Some(left) = base.child_by_field_id(fields().left)
        {
            self.links.push(base);
            base = left;
        }
        if self.links.len() == start {
            self.insides(base);
            return Expr::Hole;
        }
        let weight = self.b.enter_chain(self.links.len() - start);
        let mut left = self.expr(base);
        let mut depth = 0;
        let mut sum = Vec::new();
        for index in (start..self.links.len()).rev() {
            let link = self.links[index];
            let operator = link.child_by_field_id(fields().operator).map_or(K::Other, K::of);
            let Some(right) = link.child_by_field_id(fields().right) else { continue };
            if operator == K::Plus {
                // Operands of one run of `+` are joined at once.
                if sum.is_empty() {
                    sum.push(std::mem::take(&mut left));
                }
                let right = self.expr(right);
                sum.push(right);
                continue;
            }
            if !sum.is_empty() {
                left = add(std::mem::take(&mut sum));
            }
            left = self.operate(operator, left, right);
            depth = if left == Expr::Hole { 0 } else { depth + 1 };
            if depth > MAX_CHAIN {
                left = Expr::Hole;
                depth = 0;
            }
        }
        self.b.leave_chain(weight);
        self.links.truncate(start);
        if sum.is_empty() { left } else { add(sum) }
    }

    fn operate(&mut self, operator: K, left: Expr, right: Node<'t>) -> Expr {
        let op = match operator {
            K::And => Op::And,
            K::Or => Op::Or,
            K::Pipe => Op::BitOr,
            K::Amp => Op::BitAnd,
            K::Slash => Op::Other,
            K::Percent => return self.percent(left, right),
            _ => {
                self.expr(right);
                return Expr::Hole;
            }
        };
        let right = self.expr(right);
        if op == Op::Other && (left == Expr::Hole || matches!(right, Expr::Int(_) | Expr::Float(_))) {
            return Expr::Hole;
        }
        binary(op, left, right)
    }

    fn percent(&mut self, left: Expr, right: Node<'t>) -> Expr {
        let is_tuple = K::of(right) == K::Tuple;
        let right = self.expr(right);
        match (left, right) {
            (Expr::Str(template), right) => {
                let values = match right {
                    Expr::List(values) if is_tuple => Values::Many(values),
                    value => Values::One(value),
                };
                percent(&template, &values).unwrap_or_else(|| {
                    let right = match values {
                        Values::Many(values) => Expr::List(values),
                        Values::One(value) => value,
                    };
                    binary(Op::Other, Expr::Str(template), right)
                })
            }
            (left @ Expr::Template(_), right) => binary(Op::Other, left, right),
            (Expr::Hole | Expr::Int(_), _) | (_, Expr::Int(_)) => Expr::Hole,
            (left, right) => binary(Op::Other, left, right),
        }
    }

    /// `a == b`; what compares otherwise, or more than two values, is a hole.
    pub(super) fn comparison(&mut self, node: Node<'t>) -> Expr {
        let mut operands = Vec::with_capacity(2);
        let mut op = None;
        self.each_child(node, |this, child, field| {
            if field == fields().operators {
                op = match K::of(child) {
                    K::EqEq | K::Is => Some(Op::Eq),
                    K::NotEq | K::NotEqOld | K::IsNot => Some(Op::Ne),
                    K::In => Some(Op::In),
                    _ => None,
                };
            } else if child.is_named() {
                let operand = this.expr(child);
                operands.push(operand);
            }
        });
        match (op, <[Expr; 2]>::try_from(operands)) {
            (Some(op), Ok([left, right])) => binary(op, left, right),
            _ => Expr::Hole,
        }
    }

    /// `not x` is told as `x is None`; what else is negated is a hole.
    pub(super) fn negated(&mut self, node: Node<'t>) -> Expr {
        match node.child_by_field_id(fields().argument).map_or(Expr::Hole, |argument| self.expr(argument)) {
            value @ (Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) | Expr::Call(_)) => binary(Op::Eq, value, Expr::Null),
            _ => Expr::Hole,
        }
    }

    /// `-1`; `~Q(…)` is told as `Q(…) != True`; any other sign is a hole.
    pub(super) fn unary(&mut self, node: Node<'t>) -> Expr {
        let value = node.child_by_field_id(fields().argument).map_or(Expr::Hole, |argument| self.expr(argument));
        let operator = node.child_by_field_id(fields().operator).map_or(K::Other, K::of);
        match (operator, value) {
            (K::Plus, value @ (Expr::Int(_) | Expr::Float(_))) => value,
            (K::Minus, Expr::Int(number)) => number.checked_neg().map_or(Expr::Hole, Expr::Int),
            (K::Tilde, value @ (Expr::Call(_) | Expr::Binary(_))) => binary(Op::Ne, value, Expr::Bool(true)),
            (K::Minus, Expr::Float(text)) if !text.starts_with('-') => Expr::Float(Name::from(format!("-{text}"))),
            _ => Expr::Hole,
        }
    }
}
