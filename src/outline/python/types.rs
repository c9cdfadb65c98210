//! Annotations.

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use crate::base::Name;
use crate::base::code::{Expr, NamedType, Type};
use crate::base::language::Language;
use crate::outline::parse;

/// What the arguments of a generic type are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arguments {
    /// Types.
    Types,
    /// `Literal[…]`: values.
    Values,
    /// `Annotated[T, …]`: a type, then values.
    TypeThenValues,
    /// `Callable[[A], B]`.
    Signature,
}

impl<'t> Lowering<'_, '_, 't> {
    /// Lowers an annotation, or an expression that stands for a type.
    pub(super) fn ty(&mut self, node: Node<'t>) -> Type {
        match K::of(node) {
            K::Identifier => return named(self.expr(node)),
            K::None => return Type::Literal(Expr::Null),
            _ => {}
        }
        if !self.b.enter() {
            return Type::Unknown;
        }
        let ty = self.composite_type(node);
        self.b.leave();
        ty
    }

    fn composite_type(&mut self, node: Node<'t>) -> Type {
        match K::of(node) {
            K::Type | K::Parenthesized => self.first_named(node).map(|inner| self.ty(inner)).unwrap_or_default(),
            K::Attribute => named(self.chain(node, false)),
            K::MemberType => self.member_type(node),
            K::Ellipsis => named(self.expr(node)),
            K::String => self.quoted(node),
            K::Subscript | K::GenericType => self.generic(node),
            K::UnionType | K::BinaryOperator => self.union(node),
            K::List | K::Tuple => Type::Tuple(self.types_in(node)),
            K::ConstrainedType => self.first_named(node).map(|inner| self.ty(inner)).unwrap_or_default(),
            K::SplatType => Type::Value(Expr::Spread(Box::new(Expr::Ref(self.b.text(node).trim_start_matches('*').into())))),
            _ => Type::Value(self.expr(node)),
        }
    }

    fn types_in(&mut self, node: Node<'t>) -> Box<[Type]> {
        let mut types = Vec::new();
        self.each_named(node, |this, child| {
            let ty = this.ty(child);
            types.push(ty);
        });
        types.into()
    }

    /// `a.b` where the grammar reads a type.
    fn member_type(&mut self, node: Node<'t>) -> Type {
        match &*self.types_in(node) {
            [Type::Named(base), Type::Named(member)] => {
                let name = member.path.last_name().cloned().unwrap_or_default();
                named(Expr::Member(Box::new(base.path.clone()), name))
            }
            _ => Type::Unknown,
        }
    }

    /// `A | B | C`, flat, without recursion to the left. Any other operator is a value.
    fn union(&mut self, node: Node<'t>) -> Type {
        let mut members = Vec::new();
        let mut base = node;
        loop {
            let (left, right) = match K::of(base) {
                K::BinaryOperator if base.child_by_field_id(fields().operator).is_some_and(|op| K::of(op) == K::Pipe) => {
                    (base.child_by_field_id(fields().left), base.child_by_field_id(fields().right))
                }
                K::UnionType => (base.named_child(0), base.named_child(1)),
                K::Type => match base.named_child(0) {
                    Some(inner) => {
                        base = inner;
                        continue;
                    }
                    None => break,
                },
                _ => break,
            };
            let (Some(left), Some(right)) = (left, right) else { break };
            members.push(right);
            base = left;
        }
        if members.is_empty() {
            return Type::Value(self.expr(node));
        }
        members.push(base);
        let mut types = Vec::with_capacity(members.len());
        for member in members.into_iter().rev() {
            match self.ty(member) {
                Type::Union(inner) => types.extend(inner),
                ty => types.push(ty),
            }
        }
        Type::Union(types.into())
    }

    /// `C[A, B]`.
    fn generic(&mut self, node: Node<'t>) -> Type {
        let mut path = None;
        let mut args = Vec::new();
        let mut kind = Arguments::Types;
        self.each_child(node, |this, child, field| {
            if field == fields().value || (path.is_none() && K::of(child) == K::Identifier) {
                let ty = this.ty(child);
                kind = arguments_of(&ty);
                path = Some(ty);
            } else if field == fields().subscript {
                this.type_arguments(child, kind, &mut args);
            } else if K::of(child) == K::TypeParameter {
                this.each_named(child, |this, arg| this.type_arguments(arg, kind, &mut args));
            }
        });
        let Some(Type::Named(named)) = path else { return Type::Unknown };
        if kind == Arguments::Signature
            && let [Type::Tuple(_), _] = &*args
            && let (Some(returns), Some(Type::Tuple(params))) = (args.pop(), args.pop())
        {
            return Type::Function(Box::new((params, returns)));
        }
        Type::Named(Box::new(NamedType { path: named.path, args: args.into() }))
    }

    fn type_arguments(&mut self, node: Node<'t>, kind: Arguments, args: &mut Vec<Type>) {
        let inner = if K::of(node) == K::Type { self.first_named(node).unwrap_or(node) } else { node };
        if matches!(K::of(inner), K::Tuple | K::ExpressionList) {
            // `dict[(K, V)]` is `dict[K, V]`, but `tuple[()]` holds an empty tuple.
            if inner.named_child_count() > 0 && self.b.enter() {
                self.each_named(inner, |this, part| this.type_arguments(part, kind, args));
                self.b.leave();
                return;
            }
        }
        let is_value = kind == Arguments::Values || (kind == Arguments::TypeThenValues && !args.is_empty());
        let arg = if is_value { Type::Value(self.expr(inner)) } else { self.ty(inner) };
        args.push(arg);
    }

    /// `"Foo | None"`: a type within a string.
    fn quoted(&mut self, node: Node<'t>) -> Type {
        let Some((start, end)) = self.content(node) else { return Type::Unknown };
        let text = self.b.slice(start, end);
        let trimmed = text.trim();
        if is_dotted(trimmed) {
            let mut parts = trimmed.split('.');
            let base = Expr::Ref(Name::new(parts.next().unwrap_or_default()));
            return named(parts.take(32).fold(base, |base, part| Expr::Member(Box::new(base), Name::new(part))));
        }
        let start = start + (text.len() - text.trim_start().len());
        let end = start + trimmed.len();
        if trimmed.is_empty() || trimmed.contains('\\') {
            return Type::Unknown;
        }
        let Some(tree) = parse::fragment(Language::Python, self.b.source(), node, start, end) else { return Type::Unknown };
        let root = tree.root_node();
        let statement = root.named_child(0).filter(|_| !root.has_error() && root.named_child_count() == 1);
        let inner = statement.filter(|it| K::of(*it) == K::ExpressionStatement).and_then(|it| it.named_child(0));
        inner.map(|inner| Lowering::new(self.b).ty(inner)).unwrap_or_default()
    }
}

fn named(path: Expr) -> Type {
    match path {
        Expr::Ref(_) | Expr::Member(..) => Type::Named(Box::new(NamedType { path, args: Box::default() })),
        Expr::Hole => Type::Unknown,
        value => Type::Value(value),
    }
}

fn arguments_of(path: &Type) -> Arguments {
    match path.last_name().map(Name::as_str) {
        Some("Literal") => Arguments::Values,
        Some("Annotated") => Arguments::TypeThenValues,
        Some("Callable") => Arguments::Signature,
        _ => Arguments::Types,
    }
}

fn is_dotted(text: &str) -> bool {
    let is_name = |part: &str| {
        part.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic()) && part.chars().all(|c| c == '_' || c.is_alphanumeric())
    };
    text != "None" && text.split('.').all(is_name)
}
