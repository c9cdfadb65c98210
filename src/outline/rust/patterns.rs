//! Patterns. Which constructor a pattern asks for is dropped: `Some(x)`, `(x,)` and `[x]` are all lists.

use tree_sitter::Node;

use super::{K, Lower, child, fields, first, parts};
use crate::base::code::{Expr, Op, Pattern, PatternField};
use crate::outline::builder::binary;

impl Lower<'_> {
    /// What a pattern binds.
    pub(super) fn pattern(&mut self, node: Node) -> Pattern {
        if !self.builder.enter() {
            return Pattern::Ignore;
        }
        let pattern = self.pattern_inside(node);
        self.builder.leave();
        pattern
    }

    fn pattern_inside(&mut self, node: Node) -> Pattern {
        match K::of(node) {
            K::Identifier | K::ShorthandFieldIdentifier => {
                let name = self.ident(node);
                // `None`, `MAX`: constants and unit variants by convention, never bindings.
                if name.starts_with(char::is_uppercase) { Pattern::Ignore } else { Pattern::Name(name) }
            }
            K::SelfName => Pattern::Name("self".into()),
            K::TuplePattern | K::SlicePattern => Pattern::List(parts_of_list(node).into_iter().map(|part| self.pattern(part)).collect()),
            K::TupleStructPattern => Pattern::List(parts_of_list(node).into_iter().skip(1).map(|part| self.pattern(part)).collect()),
            K::StructPattern => Pattern::Object(parts(node).into_iter().filter_map(|part| self.field_pattern(part)).collect()),
            K::RefPattern | K::MutPattern | K::ReferencePattern | K::MatchPattern => {
                let inner = parts(node).into_iter().find(|part| K::of(*part) != K::Mutable);
                inner.map(|inner| self.pattern(inner)).unwrap_or_default()
            }
            K::Captured => first(node).map(|name| Pattern::Name(self.ident(name))).unwrap_or_default(),
            K::OrPattern => first(node).map(|first| self.pattern(first)).unwrap_or_default(),
            K::RemainingField => Pattern::Rest(Box::default()),
            _ => Pattern::Ignore,
        }
    }

    fn field_pattern(&mut self, node: Node) -> Option<PatternField> {
        if K::of(node) != K::FieldPattern {
            return None;
        }
        let name = child(node, fields().name)?;
        let key = self.ident(name);
        let target = child(node, fields().pattern).map_or_else(|| Pattern::Name(key.clone()), |pattern| self.pattern(pattern));
        Some(PatternField { key, target, default: None })
    }

    /// The test that a pattern makes of `subject`: equality with a literal or with the constructor's path; a hole when it
    /// always holds or is not read.
    pub(super) fn case(&mut self, node: Node, subject: &Expr) -> Expr {
        if !self.builder.enter() {
            return Expr::Hole;
        }
        let case = match K::of(node) {
            K::OrPattern => {
                let cases: Vec<Expr> = parts(node).into_iter().map(|part| self.case(part, subject)).collect();
                cases.into_iter().reduce(|left, right| binary(Op::Or, left, right)).unwrap_or_default()
            }
            K::MatchPattern | K::ReferencePattern | K::RefPattern | K::MutPattern => {
                first(node).map(|inner| self.case(inner, subject)).unwrap_or_default()
            }
            K::Captured => parts(node).last().map(|inner| self.case(*inner, subject)).unwrap_or_default(),
            _ => match self.case_value(node) {
                Expr::Hole => Expr::Hole,
                value => binary(Op::Eq, subject.clone(), value),
            },
        };
        self.builder.leave();
        case
    }

    fn case_value(&mut self, node: Node) -> Expr {
        match K::of(node) {
            K::Identifier if !self.builder.text(node).starts_with(char::is_uppercase) => Expr::Hole,
            K::Identifier | K::ScopedIdentifier | K::Str | K::RawString | K::Char | K::Bool | K::Integer | K::Float | K::Negative => {
                self.expr(node)
            }
            K::TupleStructPattern | K::StructPattern => child(node, fields().r#type).map(|path| self.path(path).expr).unwrap_or_default(),
            _ => Expr::Hole,
        }
    }
}

/// The members of a list pattern, the anonymous `_` included so that positions stay.
fn parts_of_list(node: Node) -> Vec<Node> {
    let mut cursor = node.walk();
    node.children(&mut cursor)
        .filter(|part| matches!(K::of(*part), K::Underscore) || part.is_named() && !super::is_comment(*part))
        .collect()
}

/// Whether a pattern binds any name.
pub(super) fn binds(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Name(_) => true,
        Pattern::Ignore | Pattern::Place(_) => false,
        Pattern::List(parts) => parts.iter().any(binds),
        Pattern::Object(parts) => parts.iter().any(|part| binds(&part.target)),
        Pattern::Rest(inner) => binds(inner),
    }
}
