//! Declarations: imports, exports, functions, classes, assignments.

use serde::{Deserialize, Serialize};

use super::{At, ClassId, Expr, FuncId, Pattern, ScopeId, Type};
use crate::base::Name;

/// One imported name. `import {a, b as c} from "m"` gives two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// The module as written: `.models`, `a.b`, `./x.js`, `@scope/pkg`; Rust: the path before the last segment, joined
    /// with `::` (`crate::api`, `super`, `axum::routing`).
    pub module: Name,
    /// What of it.
    pub what: Imported,
    /// The local name; empty when nothing is bound (side effects, globs).
    pub local: Name,
    /// Where.
    pub at: At,
    /// The scope that gets the name.
    pub scope: ScopeId,
    /// `import type`, `if TYPE_CHECKING:`.
    pub type_only: bool,
    /// `pub use`, `export … from` (which also stands in [`super::Outline::exports`]).
    pub reexport: bool,
}

/// What an import takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Imported {
    /// The module itself: `import a.b as m`, `import * as m`, `use a::b::{self}`.
    Module,
    /// Python `import a.b.c`: binds `a`, loads all three.
    Path,
    /// `import x from "m"`.
    Default,
    /// One name: `from m import x`, `import {x}`, `use m::x`.
    Name(Name),
    /// `from m import *`, `use m::*`.
    Glob,
    /// `const m = require("m")`, `import m = require("m")`: whatever the module's exports are.
    Require,
    /// `import "m"`: nothing is bound.
    Effect,
}

/// One exported name (TypeScript, JavaScript). Python and Rust export by their scopes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// The public name; `default`; `=` for `module.exports = …` and `export =`; `*` for `export * from`.
    pub name: Name,
    /// What stands behind it.
    pub target: ExportTarget,
    /// Where.
    pub at: At,
}

/// What an export names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExportTarget {
    /// A name of the module's scope.
    Local(Name),
    /// A value (`export default express()`, `module.exports = {…}`, `exports.a = …`).
    Value(Expr),
    /// `export {name} from "module"`; name is `*` for the whole module.
    From(Name, Name),
}

/// Properties of a declaration, as bits would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags {
    /// `async`.
    pub is_async: bool,
    /// `static`, `@staticmethod`; Rust: no `self` parameter.
    pub is_static: bool,
    /// `export`, `pub`.
    pub is_public: bool,
    /// `private`, `protected`, `#name`.
    pub is_private: bool,
    /// `abstract`.
    pub is_abstract: bool,
    /// `readonly`, `const`, `final`.
    pub is_readonly: bool,
    /// A getter, setter or `@property`.
    pub is_accessor: bool,
    /// Stands under `#[cfg(test)]` or is a test.
    pub is_test: bool,
}

/// A function, method, lambda or closure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Its name; empty for lambdas.
    pub name: Name,
    /// Where it begins (the name's line).
    pub at: At,
    /// Byte offset where it ends.
    pub end: u32,
    /// The scope it is declared in.
    pub scope: ScopeId,
    /// The scope of its parameters and body.
    pub inner: ScopeId,
    /// The class whose method it is (Rust methods have none: see [`Impl`]).
    pub class: Option<ClassId>,
    /// Decorators and attributes, outermost first.
    pub decorators: Vec<Expr>,
    /// Type parameters.
    pub type_params: Vec<TypeParam>,
    /// Parameters, `self`/`this` included.
    pub params: Vec<Param>,
    /// Return type.
    pub returns: Type,
    /// Docstring, JSDoc or `///` text, markers removed.
    pub doc: Option<Name>,
    /// Modifiers.
    pub flags: Flags,
}

/// A parameter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// What it binds: a name, or a pattern (`{ id, name }`, Rust `Path(id)` is a `List` of the inner pattern).
    pub pattern: Pattern,
    /// Its type.
    pub ty: Type,
    /// Its default.
    pub default: Option<Expr>,
    /// How it is passed.
    pub kind: ParamKind,
    /// `x?:`.
    pub optional: bool,
    /// Decorators (`@Body() dto`), Rust attributes.
    pub decorators: Vec<Expr>,
    /// TypeScript parameter properties (`constructor(private x: X)`).
    pub is_property: bool,
    /// Where.
    pub at: At,
}

impl Param {
    /// The name, when it binds just one.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        match &self.pattern {
            Pattern::Name(name) => Some(name),
            _ => None,
        }
    }
}

/// How a parameter is passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParamKind {
    /// By position or name.
    #[default]
    Normal,
    /// `self`, `cls`, `this`, Rust receivers.
    Receiver,
    /// Before `/` in Python.
    Positional,
    /// After `*` in Python.
    Keyword,
    /// `*args`, `...args`.
    Rest,
    /// `**kwargs`.
    KeywordRest,
}

/// A type parameter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TypeParam {
    /// Its name.
    pub name: Name,
    /// Bound (`extends`, `:`).
    pub bound: Type,
    /// Default.
    pub default: Type,
}

/// A class, struct, enum, interface, trait or type alias.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Its name; empty for an anonymous class.
    pub name: Name,
    /// What it is.
    pub kind: ClassKind,
    /// Where it begins.
    pub at: At,
    /// Byte offset where it ends.
    pub end: u32,
    /// The scope it is declared in.
    pub scope: ScopeId,
    /// The scope of its body (Python class bodies bind names there).
    pub inner: ScopeId,
    /// The class it is nested in (`class Meta` inside a model).
    pub outer: Option<ClassId>,
    /// Decorators and attributes (`#[serde(…)]` is a call of kind `Attribute`).
    pub decorators: Vec<Expr>,
    /// Type parameters; Python `Generic[T]` stays a base.
    pub type_params: Vec<TypeParam>,
    /// Bases in order: Python bases, `extends`, `implements` after them, trait supertypes. `Mixin(Base)` calls are [`Type::Value`].
    pub bases: Vec<Type>,
    /// Keyword arguments of a Python class statement (`table=True`).
    pub keywords: Vec<(Name, Expr)>,
    /// Fields: annotated names and assignments of a class body, properties, struct fields.
    pub fields: Vec<Field>,
    /// Methods, constructors included (named `constructor`, `__init__`). Rust methods are in [`Impl`].
    pub methods: Vec<FuncId>,
    /// Members of an enum.
    pub variants: Vec<Variant>,
    /// The aliased type, when the kind is `Alias`.
    pub alias: Type,
    /// Documentation.
    pub doc: Option<Name>,
    /// Modifiers.
    pub flags: Flags,
}

/// Kinds of [`Class`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClassKind {
    /// `class`.
    #[default]
    Class,
    /// Rust `struct` with named fields, or none.
    Struct,
    /// Rust tuple struct: fields are named `0`, `1`, ….
    TupleStruct,
    /// TypeScript and Rust `enum`. (A Python enum is a class.)
    Enum,
    /// `interface`.
    Interface,
    /// Rust `trait`.
    Trait,
    /// `type X = …`, Rust and Python `type` statements.
    Alias,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its name as written, quotes removed.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// The value it is assigned or defaults to.
    pub default: Option<Expr>,
    /// `x?:`.
    pub optional: bool,
    /// Decorators and attributes.
    pub decorators: Vec<Expr>,
    /// Documentation (a comment above it, or a string below it in Python).
    pub doc: Option<Name>,
    /// Modifiers.
    pub flags: Flags,
    /// Where.
    pub at: At,
}

/// A member of an enum.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name.
    pub name: Name,
    /// `= value`.
    pub value: Option<Expr>,
    /// Fields of a Rust variant: named, or `0`, `1`, ….
    pub fields: Vec<Field>,
    /// Whether the fields have no names (a tuple variant).
    pub is_tuple: bool,
    /// Attributes.
    pub decorators: Vec<Expr>,
    /// Documentation.
    pub doc: Option<Name>,
    /// Where.
    pub at: At,
}

/// A Rust `impl` block (and the methods of a trait, with `ty` the trait itself).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Impl {
    /// What it is for.
    pub ty: Type,
    /// `impl Trait for …`.
    pub of_trait: Option<Type>,
    /// Its functions.
    pub methods: Vec<FuncId>,
    /// Associated types: `type Item = X`.
    pub types: Vec<(Name, Type)>,
    /// Attributes (`#[OpenApi]`).
    pub decorators: Vec<Expr>,
    /// The scope it stands in.
    pub scope: ScopeId,
    /// The scope of its body (binds its associated constants).
    pub inner: ScopeId,
    /// Where.
    pub at: At,
}

/// `target = value`, a declaration with a value, `with x as y`, a Rust `let`, `const` or `static`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Assign {
    /// What is bound.
    pub target: Pattern,
    /// Its annotation.
    pub ty: Type,
    /// The value; `Hole` when only declared.
    pub value: Expr,
    /// `+=`: the value is appended.
    pub is_append: bool,
    /// `const`, `let`, `var`, Rust `let`; Python's plain assignments are not (they bind the innermost function or module scope).
    pub declares: bool,
    /// Documentation above it.
    pub doc: Option<Name>,
    /// `export`, `pub`.
    pub is_public: bool,
    /// Where.
    pub at: At,
    /// The scope that gets the names.
    pub scope: ScopeId,
}

/// A value that leaves a function: `return x`, the body of an expression lambda, a Rust tail expression; or one raised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Return {
    /// The function it leaves.
    pub function: FuncId,
    /// The value.
    pub value: Expr,
    /// `raise x`, `throw x`.
    pub is_raise: bool,
    /// Where.
    pub at: At,
    /// The scope it stands in.
    pub scope: ScopeId,
}

/// A Rust `mod x;` or `mod x { … }`, a TypeScript `namespace`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModDecl {
    /// Its name.
    pub name: Name,
    /// `#[path = "…"]`.
    pub path: Option<Name>,
    /// The scope of an inline module's body.
    pub inline: Option<ScopeId>,
    /// The scope it is declared in.
    pub scope: ScopeId,
    /// `#[cfg(test)]`.
    pub is_test: bool,
    /// Where.
    pub at: At,
}
