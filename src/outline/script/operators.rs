//! Operators: joined text, alternatives, comparisons. Arithmetic is a hole whose operands are still read.

use super::Script;
use super::kids::{Kid, in_slot};
use super::kinds::{Kind, Slot};
use crate::base::code::{Cond, Expr, Op};
use crate::outline::builder;

/// The longest chain of one operator that is kept, text apart.
const LONGEST: usize = 64;

impl<'t> Script<'t> {
    /// A binary expression. A chain of one operator is walked down without recursion.
    pub fn binary(&mut self, kid: Kid<'t>) -> Expr {
        let mut rights = Vec::new();
        let (mut base, mut op) = (kid, None);
        while base.kind == Kind::Binary {
            let kids = self.open(base.node);
            let found = in_slot(&kids, Slot::Operator).and_then(|token| operation(token.kind));
            let sides = in_slot(&kids, Slot::Left).zip(in_slot(&kids, Slot::Right));
            self.close(kids);
            let Some((left, right)) = sides else { break };
            if !rights.is_empty() && found != op {
                break;
            }
            op = found;
            rights.push(right);
            base = left;
        }
        if rights.is_empty() {
            self.sweep(kid);
            return Expr::Hole;
        }
        self.operation(op, base, &rights)
    }

    fn operation(&mut self, op: Option<Op>, base: Kid<'t>, rights: &[Kid<'t>]) -> Expr {
        let Some(op) = op else {
            self.expr(base);
            rights.iter().rev().for_each(|right| drop(self.expr(*right)));
            return Expr::Hole;
        };
        let is_text = |kid: &Kid| matches!(kid.kind, Kind::Str | Kind::Template);
        if op == Op::Add && (is_text(&base) || rights.iter().any(is_text)) {
            let mut operands = vec![self.expr(base)];
            operands.extend(rights.iter().rev().map(|right| self.expr(*right)));
            return builder::add(operands);
        }
        // Each operand is as deep as the operators around it; those beyond the bound are read and dropped.
        let kept = (0..rights.len().min(LONGEST)).take_while(|_| self.b.enter()).count();
        let surplus = rights.len() - kept;
        let mut value = self.expr(base);
        for (index, right) in rights.iter().rev().enumerate() {
            let right = self.expr(*right);
            if index < surplus {
                value = Expr::Hole;
            } else {
                self.b.leave();
                value = join(op, value, right);
            }
        }
        value
    }

    /// `-1`, `void 0`, `!x` as `x == null`; any other is a hole.
    pub fn unary(&mut self, kid: Kid<'t>) -> Expr {
        let kids = self.open(kid.node);
        let operator = in_slot(&kids, Slot::Operator).map(|kid| kid.kind);
        let value = in_slot(&kids, Slot::Argument).map(|kid| self.expr(kid)).unwrap_or_default();
        self.close(kids);
        match (operator, value) {
            (Some(Kind::Minus), Expr::Int(value)) => value.checked_neg().map_or(Expr::Hole, Expr::Int),
            (Some(Kind::Minus), Expr::Float(text)) => Expr::Float(format!("-{text}").into()),
            (Some(Kind::Plus), value @ (Expr::Int(_) | Expr::Float(_))) => value,
            (Some(Kind::VoidToken), _) => Expr::Null,
            (Some(Kind::Not), value @ (Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) | Expr::Call(_))) => {
                builder::binary(Op::Eq, value, Expr::Null)
            }
            _ => Expr::Hole,
        }
    }

    /// `test ? yes : no`.
    pub fn ternary(&mut self, kid: Kid<'t>) -> Expr {
        let kids = self.open(kid.node);
        let mut side = |slot| in_slot(&kids, slot).map(|kid| self.expr(kid)).unwrap_or_default();
        let cond = Cond { test: side(Slot::Condition), yes: side(Slot::Consequence), no: side(Slot::Alternative) };
        self.close(kids);
        Expr::Cond(Box::new(cond))
    }
}

fn operation(token: Kind) -> Option<Op> {
    Some(match token {
        Kind::Plus => Op::Add,
        Kind::Or => Op::Or,
        Kind::And => Op::And,
        Kind::Coalesce => Op::Coalesce,
        Kind::BitOr => Op::BitOr,
        Kind::BitAnd => Op::BitAnd,
        Kind::Equal => Op::Eq,
        Kind::NotEqual => Op::Ne,
        Kind::In => Op::In,
        _ => return None,
    })
}

/// Joins two operands; text joins as text.
fn join(op: Op, left: Expr, right: Expr) -> Expr {
    if op == Op::Add && (builder::is_text(&left) || builder::is_text(&right)) {
        return builder::add(vec![left, right]);
    }
    builder::binary(op, left, right)
}
