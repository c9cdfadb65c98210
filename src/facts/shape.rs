//! The one form of every type: pydantic models, interfaces, structs, zod values, serializers. It turns into JSON Schema once, in `link`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::DocumentId;
use super::program::{CallRef, ClassRef, FuncRef, Mode};
use crate::base::Name;

/// What values of a type look like on the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Shape {
    /// Anything, or not known.
    #[default]
    Any,
    /// Nothing is ever valid (`never`).
    Never,
    /// `null`.
    Null,
    /// A boolean.
    Bool,
    /// An integer.
    Int,
    /// A number.
    Number,
    /// A string, with a JSON Schema format (`date-time`, `uuid`, `email`, `binary`, …).
    Text(Option<Name>),
    /// One of these literals.
    Enum(Vec<Value>),
    /// An array.
    List(Box<Shape>),
    /// An array of fixed positions.
    Tuple(Vec<Shape>),
    /// An object with any keys.
    Map(Box<Shape>),
    /// An object with named members.
    Record(Box<Record>),
    /// Any of these.
    AnyOf(Vec<Shape>),
    /// Exactly one of these, told apart by a property when it is named.
    OneOf(Vec<Shape>, Option<Name>),
    /// All of these.
    AllOf(Vec<Shape>),
    /// A type with a name, expanded through [`super::program::Program::expand`].
    Named(Box<TypeKey>),
    /// A shape with further JSON Schema keywords: `minimum`, `maxLength`, `pattern`, `description`, `default`, `title`, `examples`, ….
    Refined(Box<Shape>, Box<BTreeMap<Name, Value>>),
    /// A JSON Schema that was written down as such in the code; its `$ref`s are already resolved.
    Schema(Box<Value>),
}

/// A named type: what declares it, its arguments, and which way it is used.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeKey {
    /// What declares it.
    pub source: TypeSource,
    /// The name it should have in documents, before it is made unique.
    pub name: Name,
    /// Arguments of a generic type.
    pub args: Vec<Shape>,
    /// Which way it is used.
    pub mode: Mode,
}

/// What declares a named type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TypeSource {
    /// A class, interface, struct, enum or alias.
    Class(ClassRef),
    /// A schema value bound to a name (`const User = z.object({…})`): the call that makes it.
    Call(CallRef),
    /// A variation of a class that a reader knows how to expand: `PartialType(X)`, a serializer used partially.
    Variant(ClassRef, Name),
    /// A schema of an API document: the JSON pointer to it.
    Document(DocumentId, Name),
    /// A type parameter that is not filled in yet. `expand` fills them in behind every reader, so readers leave them alone.
    Param(Generic, Name),
}

/// What has type parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generic {
    /// A class, interface, struct, enum or alias.
    Class(ClassRef),
    /// A function.
    Function(FuncRef),
}

/// An object with named members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Members in source order.
    pub members: Vec<Member>,
    /// What other members may be: `None` when nothing is said, `Never` when there are none.
    pub rest: Option<Shape>,
    /// Documentation of the type.
    pub doc: Option<Name>,
}

/// A member of a [`Record`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    /// Its name on the wire.
    pub name: Name,
    /// Its shape.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// Documentation.
    pub doc: Option<Name>,
    /// Only in responses.
    pub read_only: bool,
    /// Only in requests.
    pub write_only: bool,
    /// `deprecated`.
    pub deprecated: bool,
}

impl Shape {
    /// This shape or `null`.
    #[must_use]
    pub fn or_null(self) -> Self {
        match self {
            Self::Any | Self::Null => self,
            Self::AnyOf(mut shapes) => {
                if !shapes.contains(&Self::Null) {
                    shapes.push(Self::Null);
                }
                Self::AnyOf(shapes)
            }
            other => Self::AnyOf(vec![other, Self::Null]),
        }
    }

    /// A string with a format.
    #[must_use]
    pub fn format(format: &str) -> Self {
        Self::Text(Some(format.into()))
    }

    /// A list of this.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// An object with these members.
    #[must_use]
    pub fn record(members: Vec<Member>) -> Self {
        Self::Record(Box::new(Record { members, rest: None, doc: None }))
    }

    /// This shape with one more JSON Schema keyword.
    #[must_use]
    pub fn with(self, keyword: &str, value: impl Into<Value>) -> Self {
        let (shape, mut keywords) = match self {
            Self::Refined(shape, keywords) => (shape, keywords),
            other => (Box::new(other), Box::default()),
        };
        keywords.insert(keyword.into(), value.into());
        Self::Refined(shape, keywords)
    }

    /// Whether nothing is known of it.
    #[must_use]
    pub fn is_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Refined(shape, _) => shape.is_any(),
            _ => false,
        }
    }

    /// Whether `null` is among its values, as far as can be seen without expanding names.
    #[must_use]
    pub fn is_nullable(&self) -> bool {
        match self {
            Self::Null => true,
            Self::AnyOf(shapes) | Self::OneOf(shapes, _) => shapes.iter().any(Self::is_nullable),
            Self::Refined(shape, _) => shape.is_nullable(),
            _ => false,
        }
    }
}

impl Member {
    /// A required member.
    #[must_use]
    pub fn required(name: impl Into<Name>, shape: Shape) -> Self {
        Self { name: name.into(), shape, required: true, ..Self::default() }
    }

    /// An optional member.
    #[must_use]
    pub fn optional(name: impl Into<Name>, shape: Shape) -> Self {
        Self { name: name.into(), shape, ..Self::default() }
    }
}
