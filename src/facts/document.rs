//! What a document beside the code promises: a committed OpenAPI or Swagger file. It is matched with what the code says, and never
//! merged into it; where a program takes it for its router, it is what the code says.

use super::database::{Change, Dialect, EnumType, Table};
use serde_json::{Map, Value};

use super::finding::Method;

/// A document among those of a repository, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub u32);
use crate::base::Name;

/// A committed API document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiDocument {
    /// Path from the repository's root.
    pub file: String,
    /// `OpenAPI 3.0.3`, `Swagger 2.0`.
    pub format: String,
    /// `info.title`.
    pub title: String,
    /// The path of its first server.
    pub base: String,
    /// Its operations, in the document's order.
    pub operations: Vec<DocumentOperation>,
    /// All of it, for what reads its operations as a program's router does.
    pub root: Map<String, Value>,
}

/// One operation of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentOperation {
    /// The path with the first server's path before it.
    pub path: String,
    /// Its method.
    pub method: Method,
}

/// A place in a document that is no program code.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Path from the repository's root.
    pub file: String,
    /// What stands there: a table, a service; empty when it is the file.
    pub symbol: Name,
    /// 1-based line, for terminals only.
    pub line: u32,
}

/// A file of SQL statements.
#[derive(Clone, Debug, Default)]
pub struct SqlDocument {
    /// Path from the repository's root.
    pub file: String,
    /// The dialect its statements are written in, as far as they tell.
    pub dialect: Option<Dialect>,
    /// What changes the schema, in order; only the way up.
    pub changes: Vec<(Change, Spot)>,
    /// Statements that could not be read: the place and the statement's first words.
    pub unread: Vec<(Spot, String)>,
    /// Tables read or written by statements that change no schema.
    pub uses: Vec<(super::database::ObjectName, super::database::Access)>,
    /// What running it brings with it: what it is (`locks-writes`), and the statement's first words.
    pub cautions: Vec<(Name, String)>,
}

/// A schema that is declared in a document of its own (a Prisma schema, a DBML file): the tables as they are.
#[derive(Clone, Debug, Default)]
pub struct SchemaDocument {
    /// Path from the repository's root.
    pub file: String,
    /// Who reads it: `document/prisma`.
    pub format: &'static str,
    /// The dialect it names.
    pub dialect: Option<Dialect>,
    /// Its tables, with the place and the model's name.
    pub tables: Vec<(Table, Name, Spot)>,
    /// Its enumerated types.
    pub enums: Vec<EnumType>,
}

/// A committed AsyncAPI document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventDocument {
    /// Path from the repository's root.
    pub file: String,
    /// `AsyncAPI 3.0.0`.
    pub format: String,
    /// `info.title`.
    pub title: String,
    /// The addresses of its channels and which way messages go, seen from the program, when it says so.
    pub ends: Vec<(String, Option<super::event::Direction>)>,
}
