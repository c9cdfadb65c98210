//! Types as written in source code. What they mean is decided in `link`.

use serde::{Deserialize, Serialize};

use super::{Expr, Field};
use crate::base::Name;

/// A type as written. Python annotations, TypeScript types and Rust types share it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Type {
    /// Absent or not read (conditional types, …).
    #[default]
    Unknown,
    /// `a.b.C<T, U>`, `Optional[X]`, `Vec<T>`. Primitive keywords (`string`, `u64`, `int`) too. `T | None` is a `Union`.
    Named(Box<NamedType>),
    /// A literal type: `"a"`, `3`, `true`, `null`, the members of `Literal[...]` stay arguments (as [`Type::Value`]).
    Literal(Expr),
    /// `A | B`.
    Union(Box<[Type]>),
    /// `A & B`.
    Inter(Box<[Type]>),
    /// `T[]`, `readonly T[]`, Rust `[T]`, `[T; N]`, slices. References (`&T`) are dropped.
    List(Box<Type>),
    /// `[A, B]`, `(A, B)`. The unit type is an empty tuple.
    Tuple(Box<[Type]>),
    /// `{ a: T; b?: U }` written inline.
    Object(Box<[Field]>),
    /// `{ [key: K]: V }` written inline: key and value.
    Map(Box<(Type, Type)>),
    /// A function type: parameter types, then the returned type.
    Function(Box<(Box<[Type]>, Type)>),
    /// `typeof x`.
    TypeOf(Expr),
    /// `keyof T`.
    KeyOf(Box<Type>),
    /// `T["k"]`, Rust associated types `T::Item` are `Named`.
    Indexed(Box<(Type, Type)>),
    /// `{ [K in Keys]: V }`: parameter name, keys, value, and whether `?` makes it optional.
    Mapped(Box<(Name, Type, Type, bool)>),
    /// `impl A + B`, `dyn A`.
    Bounds(Box<[Type]>),
    /// A value among type arguments: `Annotated[int, Query(gt=1)]`, `Literal["a"]`, a const generic.
    Value(Expr),
}

/// A named type with its arguments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamedType {
    /// `Ref` or `Member` chain.
    pub path: Expr,
    /// Type arguments.
    pub args: Box<[Type]>,
}

impl Type {
    /// A named type without arguments.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::Named(Box::new(NamedType { path: Expr::Ref(name.into()), args: Box::default() }))
    }

    /// The last segment of a named type's path (`C` of `a.b.C`).
    #[must_use]
    pub fn last_name(&self) -> Option<&Name> {
        match self {
            Self::Named(named) => named.path.last_name(),
            _ => None,
        }
    }

    /// Type arguments of a named type, none otherwise.
    #[must_use]
    pub fn args(&self) -> &[Type] {
        match self {
            Self::Named(named) => &named.args,
            _ => &[],
        }
    }
}

impl Expr {
    /// The last segment of a `Ref` or `Member` chain.
    #[must_use]
    pub fn last_name(&self) -> Option<&Name> {
        match self {
            Self::Ref(name) | Self::Member(_, name) => Some(name),
            _ => None,
        }
    }

    /// The text of a string literal.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A `Ref`/`Member` chain joined with dots (`a.b.c`), when it is nothing but names.
    #[must_use]
    pub fn dotted(&self) -> Option<String> {
        match self {
            Self::Ref(name) => Some(name.to_string()),
            Self::Member(base, name) => base.dotted().map(|b| format!("{b}.{name}")),
            _ => None,
        }
    }
}
