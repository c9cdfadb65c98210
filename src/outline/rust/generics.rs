//! Type parameters with their bounds, `where` clauses included.

use tree_sitter::Node;

use super::{K, Lower, child, fields, named, parts};
use crate::base::code::{Type, TypeParam};

impl Lower<'_> {
    /// The type parameters of an item; lifetimes left out, a const parameter's bound is its type. A `where` clause adds to
    /// the bounds of a parameter; what it says of other types is dropped.
    pub(super) fn type_params(&mut self, item: Node) -> Vec<TypeParam> {
        let list = child(item, fields().type_parameters).map(named).unwrap_or_default();
        let mut params: Vec<TypeParam> = list.into_iter().filter_map(|param| self.type_param(param)).collect();
        if params.is_empty() {
            return params;
        }
        for part in parts(item) {
            if part.kind() == "where_clause" {
                parts(part).into_iter().for_each(|predicate| self.where_predicate(predicate, &mut params));
            }
        }
        params
    }

    fn type_param(&mut self, node: Node) -> Option<TypeParam> {
        let name = self.ident(child(node, fields().name)?);
        Some(match K::of(node) {
            K::TypeParameter => {
                let bounds = child(node, fields().bounds).map(|bounds| self.bounds(bounds)).unwrap_or_default();
                TypeParam { name, bound: joined(bounds), default: self.ty_of(node, fields().default_type) }
            }
            K::ConstParameter => {
                let default = child(node, fields().value).map(|value| Type::Value(self.expr(value))).unwrap_or_default();
                TypeParam { name, bound: self.ty_of(node, fields().r#type), default }
            }
            _ => return None,
        })
    }

    fn where_predicate(&mut self, node: Node, params: &mut [TypeParam]) {
        let (Some(left), Some(bounds)) = (child(node, fields().left), child(node, fields().bounds)) else { return };
        let text = self.builder.text(left);
        let Some(param) = params.iter_mut().find(|param| param.name == text) else { return };
        let mut all = match std::mem::take(&mut param.bound) {
            Type::Unknown => Vec::new(),
            Type::Bounds(bounds) => bounds.into(),
            bound => vec![bound],
        };
        all.extend(self.bounds(bounds));
        param.bound = joined(all);
    }

    /// `: A + B`.
    pub(super) fn bounds(&mut self, node: Node) -> Vec<Type> {
        parts(node).into_iter().flat_map(|bound| self.bound(bound)).collect()
    }
}

/// No bound, the one, or all of them.
pub(super) fn joined(mut bounds: Vec<Type>) -> Type {
    match bounds.len() {
        0 => Type::Unknown,
        1 => bounds.remove(0),
        _ => Type::Bounds(bounds.into()),
    }
}
