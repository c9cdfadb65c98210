//! Types as written.
//!
//! References, pointers, lifetimes and `?Sized` are dropped. `impl Stream<Item = X>` has the argument
//! `Value(Args([Item = Type(X)]))`. `<T as Trait>::X` is the path `T.X`. An array's length is dropped.

use tree_sitter::Node;

use super::{K, Lower, child, fields, first, parts};
use crate::base::code::{Arg, Expr, NamedType, Type};

/// A path, and the last generic arguments written in it.
#[derive(Default)]
pub(super) struct Path {
    /// `Ref` or `Member` chain.
    pub expr: Expr,
    /// `T` of `Vec::<T>::new`.
    pub args: Vec<Type>,
}

impl Lower<'_> {
    /// A type.
    pub(super) fn ty(&mut self, node: Node) -> Type {
        if !self.builder.enter() {
            return Type::Unknown;
        }
        let ty = self.ty_inside(node);
        self.builder.leave();
        ty
    }

    /// The type in a field of a node; unknown when it has none.
    pub(super) fn ty_of(&mut self, node: Node, field: u16) -> Type {
        child(node, field).map(|ty| self.ty(ty)).unwrap_or_default()
    }

    fn ty_inside(&mut self, node: Node) -> Type {
        match K::of(node) {
            K::TypeIdentifier | K::Identifier | K::Primitive => self.named_type(node),
            K::ScopedType | K::ScopedIdentifier | K::GenericType | K::GenericTurbofish => {
                let Path { expr, args } = self.path(node);
                Type::Named(Box::new(NamedType { path: expr, args: args.into() }))
            }
            K::ReferenceType | K::Pointer => self.ty_of(node, fields().r#type),
            K::ArrayType => Type::List(Box::new(self.ty_of(node, fields().element))),
            K::TupleType => Type::Tuple(parts(node).into_iter().map(|part| self.ty(part)).collect()),
            K::UnitType => Type::Tuple(Box::default()),
            K::FunctionType => self.function_type(node),
            K::Abstract | K::Dynamic => {
                let bounds = child(node, fields().r#trait).into_iter().flat_map(|bound| self.bound(bound)).collect();
                Type::Bounds(bounds)
            }
            K::Bounded => Type::Bounds(self.bound(node).into()),
            K::HigherRanked => self.ty_of(node, fields().r#type),
            K::Qualified => self.ty_of(node, fields().r#type),
            K::Bracketed => first(node).map(|inner| self.ty(inner)).unwrap_or_default(),
            K::Never => Type::named("!"),
            _ => Type::Unknown,
        }
    }

    fn named_type(&self, node: Node) -> Type {
        let name = self.ident(node);
        if name == "_" { Type::Unknown } else { Type::Named(Box::new(NamedType { path: Expr::Ref(name), args: Box::default() })) }
    }

    /// The members of `A + B`, flat; lifetimes, `?Sized` and `use<…>` left out.
    pub(super) fn bound(&mut self, node: Node) -> Vec<Type> {
        let mut bounds = Vec::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            match K::of(node) {
                K::Bounded => open.extend(parts(node).into_iter().rev()),
                K::Lifetime | K::RemovedBound | K::UseBounds => {}
                K::Abstract | K::Dynamic => open.extend(child(node, fields().r#trait)),
                _ => bounds.push(self.ty(node)),
            }
        }
        bounds
    }

    /// `fn(A) -> B`, `Fn(A) -> B`.
    fn function_type(&mut self, node: Node) -> Type {
        let params = child(node, fields().parameters).map(parts).unwrap_or_default();
        let params = params
            .into_iter()
            .filter(|param| K::of(*param) != K::Attribute)
            .map(|param| if K::of(param) == K::Parameter { self.ty_of(param, fields().r#type) } else { self.ty(param) })
            .collect();
        let returns = match child(node, fields().return_type) {
            Some(returns) => self.ty(returns),
            None => Type::Tuple(Box::default()),
        };
        Type::Function(Box::new((params, returns)))
    }

    /// `<A, 'a, 3, Item = X>`, lifetimes left out.
    pub(super) fn type_arguments(&mut self, node: Node) -> Vec<Type> {
        parts(node).into_iter().filter_map(|part| self.type_argument(part)).collect()
    }

    fn type_argument(&mut self, node: Node) -> Option<Type> {
        Some(match K::of(node) {
            K::Lifetime | K::TraitBounds => return None,
            K::TypeBinding => {
                let name = child(node, fields().name).map(|name| self.ident(name));
                let value = Expr::Type(Box::new(self.ty_of(node, fields().r#type)));
                Type::Value(Expr::Args([Arg { name, value }].into()))
            }
            K::Block | K::Str | K::RawString | K::Char | K::Bool | K::Integer | K::Float | K::Negative => Type::Value(self.expr(node)),
            _ => self.ty(node),
        })
    }

    /// A path of an expression, a type or a pattern.
    pub(super) fn path(&mut self, node: Node) -> Path {
        if !self.builder.enter() {
            return Path::default();
        }
        let path = match K::of(node) {
            K::ScopedIdentifier | K::ScopedType => self.scoped_path(node),
            K::GenericType | K::GenericTurbofish | K::GenericFunction => {
                let field = if K::of(node) == K::GenericFunction { fields().function } else { fields().r#type };
                let expr = child(node, field).map(|path| self.path(path).expr).unwrap_or_default();
                let args = child(node, fields().type_arguments).map(|args| self.type_arguments(args)).unwrap_or_default();
                Path { expr, args }
            }
            K::Bracketed => match first(node).map(|inner| self.ty(inner)) {
                Some(Type::Named(named)) => Path { expr: named.path, args: named.args.into() },
                _ => Path::default(),
            },
            K::Metavariable | K::MacroInvocation => Path::default(),
            _ => Path { expr: Expr::Ref(self.ident(node)), args: Vec::new() },
        };
        self.builder.leave();
        path
    }

    fn scoped_path(&mut self, node: Node) -> Path {
        let Some(name) = child(node, fields().name) else { return Path::default() };
        let name = self.ident(name);
        let Some(path) = child(node, fields().path) else { return Path { expr: Expr::Ref(name), args: Vec::new() } };
        let Path { expr, args } = self.path(path);
        Path { expr: Expr::Member(Box::new(expr), name), args }
    }
}
