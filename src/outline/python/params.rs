//! Parameters.

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use crate::base::code::{Param, ParamKind, Pattern};
use crate::outline::builder::at;

impl<'t> Lowering<'_, '_, 't> {
    /// The parameters of a function or lambda; the first is the receiver when `has_receiver`.
    pub(super) fn params(&mut self, node: Node<'t>, has_receiver: bool) -> Vec<Param> {
        let mut params: Vec<Param> = Vec::new();
        let mut kind = ParamKind::Normal;
        self.each_named(node, |this, child| match K::of(child) {
            K::KeywordSeparator => kind = ParamKind::Keyword,
            K::PositionalSeparator => {
                params.iter_mut().filter(|param| param.kind == ParamKind::Normal).for_each(|param| param.kind = ParamKind::Positional);
            }
            K::Error => this.statement(child),
            _ => {
                let mut param = this.param(child);
                match param.kind {
                    ParamKind::Rest => kind = ParamKind::Keyword,
                    ParamKind::KeywordRest => {}
                    _ if has_receiver && params.is_empty() => param.kind = ParamKind::Receiver,
                    _ => param.kind = kind,
                }
                params.push(param);
            }
        });
        params
    }

    fn param(&mut self, node: Node<'t>) -> Param {
        let ty = node.child_by_field_id(fields().r#type).map(|ty| self.ty(ty)).unwrap_or_default();
        let (target, default) = match K::of(node) {
            K::DefaultParameter | K::TypedDefaultParameter => {
                let default = node.child_by_field_id(fields().value).map(|value| self.expr(value));
                (node.child_by_field_id(fields().name), default)
            }
            K::TypedParameter => (self.first_named(node), None),
            _ => (Some(node), None),
        };
        let (pattern, kind) = match target {
            Some(target) => self.bound(target),
            None => (Pattern::Ignore, ParamKind::Normal),
        };
        Param { pattern, ty, default, kind, at: at(node), ..Param::default() }
    }

    fn bound(&mut self, target: Node<'t>) -> (Pattern, ParamKind) {
        let kind = match K::of(target) {
            K::ListSplatPattern => ParamKind::Rest,
            K::DictionarySplatPattern => ParamKind::KeywordRest,
            _ => return (self.pattern(target), ParamKind::Normal),
        };
        (self.first_named(target).map(|inner| self.pattern(inner)).unwrap_or_default(), kind)
    }
}
