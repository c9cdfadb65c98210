//! Expressions, patterns and calls.

use serde::{Deserialize, Serialize};

use super::{At, CallId, ClassId, FuncId, ScopeId, Type};
use crate::base::Name;

/// An expression. What the outline does not read is a [`Expr::Hole`]; nothing is guessed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    /// Something the outline does not read (arithmetic, `yield`, JSX, …).
    #[default]
    Hole,
    /// `None`, `null`, `undefined`, `()`.
    Null,
    /// `True`, `false`.
    Bool(bool),
    /// An integer literal, sign folded.
    Int(i64),
    /// A float literal as written.
    Float(Name),
    /// A string literal, escapes resolved, adjacent literals joined. Bytes literals too.
    Str(Name),
    /// A regular-expression literal, without delimiters and flags.
    Regex(Name),
    /// f-string, template literal, or a `+`/`concat!`/`format!` of text: literal text and expressions in order.
    Template(Box<[Piece]>),
    /// A plain identifier. `self`, `this`, `cls`, `super` and `Self` are refs of that name.
    Ref(Name),
    /// `a.b`, `a?.b`, `a::b`. Rust paths start from a `Ref` (`crate`, `self`, `super` included).
    Member(Box<Expr>, Name),
    /// `a[b]`.
    Index(Box<(Expr, Expr)>),
    /// A call, `new X()`, a macro call, a decorator's call. `await`, `?`, parentheses and `!` are dropped around it.
    Call(CallId),
    /// List, tuple, set, array literal.
    List(Box<[Expr]>),
    /// Dict or object literal.
    Object(Box<[Entry]>),
    /// Lambda, arrow function, closure, function expression.
    Func(FuncId),
    /// A class expression.
    Class(ClassId),
    /// An operator that may matter.
    Binary(Box<Binary>),
    /// `a if t else b`, `t ? a : b`, Rust `if`/`match` used as a value (arms nested in `no`).
    Cond(Box<Cond>),
    /// `*xs`, `**kw`, `...xs`.
    Spread(Box<Expr>),
    /// A comprehension or generator: `[element for target in iter]`; the loop is the scope.
    Each(Box<Each>),
    /// A type where a value may stand (turbofish argument, `body = Vec<T>` in an attribute).
    Type(Box<Type>),
    /// `x as T`, `<T>x`, `x satisfies T`, `cast(T, x)` is a plain call.
    Cast(Box<(Expr, Type)>),
    /// A parenthesised list with named members, as in Rust attributes: `(status = 200, body = X)`.
    Args(Box<[Arg]>),
}

/// A part of an [`Expr::Template`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// Literal text.
    Text(Name),
    /// An interpolated expression.
    Expr(Expr),
}

/// One member of a dict or object literal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// How it is keyed.
    pub key: Key,
    /// Its value. Shorthand `{a}` has `Ref(a)`; a method has `Func`.
    pub value: Expr,
    /// Where it stands.
    pub at: At,
}

/// The key of an [`Entry`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Key {
    /// A literal key: identifier, string or number, as text.
    Name(Name),
    /// `[expr]: …`, or a Python key that is not a string literal.
    Computed(Expr),
    /// `...x`, `**x`: the value is the spread object.
    Spread,
}

/// A binary operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binary {
    /// The operator.
    pub op: Op,
    /// Left operand.
    pub left: Expr,
    /// Right operand.
    pub right: Expr,
}

/// Operators that are kept. Any other operation is a [`Expr::Hole`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// `+` that is not known to join text (lists, or unknown operands).
    Add,
    /// Python `or`, JS `||`.
    Or,
    /// JS `??`, Rust `unwrap_or` stays a call.
    Coalesce,
    /// `and`, `&&`.
    And,
    /// `|` (a union of types or flags; DRF permission composition).
    BitOr,
    /// `&`.
    BitAnd,
    /// `==`, `===`, `is`, a `case`.
    Eq,
    /// `!=`, `!==`, `is not`.
    Ne,
    /// `in`.
    In,
    /// Python `%` with a string on the left, `/` of pathlib-like values and so on.
    Other,
}

/// A conditional expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cond {
    /// The condition.
    pub test: Expr,
    /// Value when it holds.
    pub yes: Expr,
    /// Value when it does not.
    pub no: Expr,
}

/// A comprehension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Each {
    /// The value made in each round (for a dict comprehension a `List` of key and value).
    pub element: Expr,
    /// The [`super::ScopeKind::Loop`] scope that binds the loop's names; `element` is evaluated in it.
    pub scope: ScopeId,
}

/// A call with its arguments, wherever it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What is called. For `new X()` the class, for `m!()` the macro's path, for a Rust struct literal its type's path.
    pub callee: Expr,
    /// Arguments in order.
    pub args: Box<[Arg]>,
    /// `f<T>()`, `f::<T>()`, `Vec::<T>::new()`.
    pub type_args: Box<[Type]>,
    /// What kind of call.
    pub kind: CallKind,
    /// Where the call begins (of a chain `a().b()`: where the method's name stands, so that a chain is ordered and lined as written).
    pub at: At,
    /// The innermost scope it stands in.
    pub scope: ScopeId,
}

/// Kinds of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallKind {
    /// `f(x)`.
    #[default]
    Plain,
    /// `new X(…)`.
    New,
    /// `m!(…)`.
    Macro,
    /// Rust `X { a: 1, ..rest }`: named arguments; `rest` is a `Spread`.
    Struct,
    /// A tagged template literal: one argument, the template.
    Tagged,
    /// A Rust attribute `#[x(…)]` or `#[x = "…"]` (one argument).
    Attribute,
}

/// An argument.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Arg {
    /// Keyword (`prefix=`), attribute key (`path = `) or struct-literal field. `**kw` has the name `**`.
    pub name: Option<Name>,
    /// The value; `*xs` and `...xs` are `Spread`.
    pub value: Expr,
}

/// What an assignment, loop or parameter binds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Pattern {
    /// Nothing that has a name.
    #[default]
    Ignore,
    /// A name.
    Name(Name),
    /// `a.b = …`, `a[b] = …`, `exports.x = …`.
    Place(Expr),
    /// `[a, b]`, `(a, b)`; Rust tuple and tuple-struct patterns.
    List(Box<[Pattern]>),
    /// `{a, b: c, d = 1}`.
    Object(Box<[PatternField]>),
    /// `...rest`, `*rest`.
    Rest(Box<Pattern>),
}

/// One member of an object pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatternField {
    /// The key that is read.
    pub key: Name,
    /// What it is bound to.
    pub target: Pattern,
    /// `= default`.
    pub default: Option<Expr>,
}
