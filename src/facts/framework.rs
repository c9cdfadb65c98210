//! What a framework file provides. The registry in `frameworks` lists them; `pipeline` hands it to `link`.

use super::document::DocumentId;
use super::finding::Findings;
use super::program::{ClassRef, FileId, Mode, Program, Site};
use super::shape::Shape;
use crate::base::Name;
use crate::base::code::{Expr, Type};
use crate::base::language::Language;

/// A framework or library whose code is read.
#[derive(Clone, Copy)]
pub struct Framework {
    /// `python/fastapi`.
    pub id: &'static str,
    /// `FastAPI`.
    pub label: &'static str,
    /// Languages it is used in.
    pub languages: &'static [Language],
    /// First segments of the modules it is imported from: `fastapi`, `@nestjs/common`, `axum`. It counts as used where one is imported.
    pub modules: &'static [&'static str],
    /// What it tells: for the support table.
    pub tells: &'static [Tells],
    /// Finds what one file says; may ask about all others. Called for every file of its languages when the program uses it.
    pub read: Option<fn(&dyn Program, FileId, &mut Findings)>,
    /// Reads types.
    pub types: Option<&'static dyn TypeReader>,
}

/// Kinds of promises a framework tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tells {
    /// HTTP operations.
    Http,
    /// Types of bodies and parameters.
    Types,
    /// Tables.
    Tables,
    /// Migrations.
    Migrations,
    /// Events.
    Events,
    /// GraphQL operations and types.
    Graphql,
    /// gRPC services it implements or calls.
    Grpc,
    /// What is needed to run it.
    Infrastructure,
}

impl Tells {
    /// The word in the support table.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Http => "operations",
            Self::Types => "types",
            Self::Tables => "tables",
            Self::Migrations => "migrations",
            Self::Events => "events",
            Self::Graphql => "GraphQL",
            Self::Grpc => "gRPC",
            Self::Infrastructure => "infrastructure",
        }
    }
}

/// Reads the types of a library. Each method answers `None` for what is not the library's.
pub trait TypeReader: Sync {
    /// The shape behind a class of the program (a pydantic model, a serde struct, a serializer).
    fn class(&self, _program: &dyn Program, _class: ClassRef, _args: &[Shape], _mode: Mode) -> Option<Shape> {
        None
    }

    /// A library's own type, named by its dotted path, with its arguments as written: `pydantic.EmailStr`, `uuid.UUID`, `chrono.DateTime`.
    fn outside(&self, _program: &dyn Program, _path: &str, _args: &[Type], _site: &Site, _mode: Mode) -> Option<Shape> {
        None
    }

    /// A schema value: a call like `z.object({…})` or `UserSchema(many=True)`, the call in head form.
    fn value(&self, _program: &dyn Program, _expr: &Expr, _site: &Site, _mode: Mode) -> Option<Shape> {
        None
    }

    /// A variation of a class under a name that this reader gave out in a [`super::shape::TypeSource::Variant`].
    fn variant(&self, _program: &dyn Program, _class: ClassRef, _variant: &Name, _mode: Mode) -> Option<Shape> {
        None
    }

    /// A schema of an API document, under the pointer that this reader gave out in a [`super::shape::TypeSource::Document`].
    fn document(&self, _program: &dyn Program, _document: DocumentId, _pointer: &Name) -> Option<Shape> {
        None
    }
}
