//! Types as written in source code. What they mean is decided in `link`.

use serde::{Deserialize, Serialize};

use super::{Expr, Field, Op};
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

/// How deep types spelled by expressions may nest.
const MAX_SPELLED: u32 = 64;

impl Type {
    /// An expression as the type it spells (`List[User]`, `A | B`, `"User"`); [`Type::Value`] when it spells none.
    #[must_use]
    pub fn spelled(expr: &Expr) -> Self {
        spelled_at(expr, 0)
    }

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

fn spelled_at(expr: &Expr, depth: u32) -> Type {
    if depth > MAX_SPELLED {
        return Type::Unknown;
    }
    match expr {
        Expr::Hole => Type::Unknown,
        Expr::Null => Type::Literal(Expr::Null),
        Expr::Type(ty) => (**ty).clone(),
        Expr::Cast(pair) => spelled_at(&pair.0, depth + 1),
        Expr::Ref(_) | Expr::Member(..) => Type::Named(Box::new(NamedType { path: expr.clone(), args: Box::default() })),
        Expr::Index(pair) => generic_from(&pair.0, &pair.1, depth),
        Expr::Binary(binary) if binary.op == Op::BitOr => {
            Type::Union([spelled_at(&binary.left, depth + 1), spelled_at(&binary.right, depth + 1)].into())
        }
        Expr::Str(text) if is_dotted(text) => {
            let mut parts = text.split('.');
            let first = Expr::Ref(parts.next().unwrap_or_default().into());
            let path = parts.take(32).fold(first, |base, part| Expr::Member(Box::new(base), part.into()));
            Type::Named(Box::new(NamedType { path, args: Box::default() }))
        }
        other => Type::Value(other.clone()),
    }
}

fn generic_from(path: &Expr, args: &Expr, depth: u32) -> Type {
    let name = path.last_name().map_or("", |name| name.as_str());
    let listed: Vec<&Expr> = match args {
        Expr::List(items) => items.iter().collect(),
        one => vec![one],
    };
    let args = listed
        .into_iter()
        .enumerate()
        .map(|(index, arg)| match name {
            "Literal" => Type::Value(arg.clone()),
            "Annotated" if index > 0 => Type::Value(arg.clone()),
            _ => spelled_at(arg, depth + 1),
        })
        .collect();
    Type::Named(Box::new(NamedType { path: path.clone(), args }))
}

fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        part.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic()) && part.chars().all(|c| c == '_' || c.is_alphanumeric())
    })
}
