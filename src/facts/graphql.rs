//! What code and documents declare of a GraphQL schema. Types of fields and arguments stand as GraphQL writes them: `[User!]!`.
//! Several findings may be about one type (`extend type`, a base class's fields); `link` brings them together.

use super::document::Spot;
use crate::base::Name;

/// What was found of GraphQL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphqlFindings {
    /// Types, root types among them.
    pub types: Vec<GraphqlType>,
    /// Which types are the roots, where something says so.
    pub roots: Vec<GraphqlRoot>,
    /// Functions that answer fields which a document declares.
    pub resolvers: Vec<GraphqlResolver>,
    /// Schema text that stands in code.
    pub texts: Vec<GraphqlText>,
    /// Directives that are defined.
    pub directives: Vec<GraphqlDirective>,
    /// Directives put on the schema itself, and where.
    pub on_schema: Vec<(String, Spot)>,
}

impl GraphqlFindings {
    /// Adds what another file gave.
    pub fn append(&mut self, mut other: Self) {
        self.types.append(&mut other.types);
        self.roots.append(&mut other.roots);
        self.resolvers.append(&mut other.resolvers);
        self.texts.append(&mut other.texts);
        self.directives.append(&mut other.directives);
        self.on_schema.append(&mut other.on_schema);
    }
}

/// A type, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphqlType {
    /// Its name.
    pub name: Name,
    /// What sort of type it is.
    pub kind: GraphqlKind,
    /// Of a root type: which.
    pub root: Option<GraphqlRootKind>,
    /// Adds to a type of this name that is declared elsewhere.
    pub is_extension: bool,
    /// Stands as schema text, in a document or in code.
    pub is_text: bool,
    /// What it is.
    pub doc: String,
    /// Interfaces of objects and interfaces, members of a union.
    pub of: Vec<Name>,
    /// Fields of objects, interfaces and inputs, values of enums.
    pub fields: Vec<GraphqlField>,
    /// The framework's id; empty for documents.
    pub framework: &'static str,
    /// Where it is declared.
    pub spot: Spot,
    /// Directives put on it, as [`GraphqlField::directives`].
    pub directives: Vec<String>,
}

/// Sorts of types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GraphqlKind {
    /// `type`.
    #[default]
    Object,
    /// `interface`.
    Interface,
    /// `input`.
    Input,
    /// `enum`.
    Enum,
    /// `union`.
    Union,
    /// `scalar`.
    Scalar,
}

/// The three root types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GraphqlRootKind {
    /// `Query`.
    #[default]
    Query,
    /// `Mutation`.
    Mutation,
    /// `Subscription`.
    Subscription,
}

impl GraphqlRootKind {
    /// By the type's usual name, or the word for it: `Query`, `query`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Query" | "query" => Self::Query,
            "Mutation" | "mutation" => Self::Mutation,
            "Subscription" | "subscription" => Self::Subscription,
            _ => return None,
        })
    }

    /// The type's usual name.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Mutation => "Mutation",
            Self::Subscription => "Subscription",
        }
    }
}

/// A field of an object, interface or input, or a value of an enum.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphqlField {
    /// Its name.
    pub name: Name,
    /// Its type; empty for values of enums.
    pub ty: String,
    /// What it takes.
    pub args: Vec<GraphqlArgument>,
    /// Its default as GraphQL writes it, in inputs.
    pub default: Option<String>,
    /// What it is.
    pub doc: String,
    /// Why it is deprecated, when it is.
    pub deprecated: Option<String>,
    /// Where it is declared, when that is not where its type is.
    pub spot: Option<Spot>,
    /// A step from the code to its type is missing.
    pub is_unsure: bool,
    /// Directives put on it but `@deprecated`, as GraphQL writes them, arguments in order: `@tag(name: "a")`.
    pub directives: Vec<String>,
}

/// An argument of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphqlArgument {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: String,
    /// Its default as GraphQL writes it.
    pub default: Option<String>,
    /// What it is for.
    pub doc: String,
    /// Why it is deprecated, when it is.
    pub deprecated: Option<String>,
    /// Directives put on it, as [`GraphqlField::directives`].
    pub directives: Vec<String>,
}

/// A directive's definition.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphqlDirective {
    /// Its name, without the sign.
    pub name: Name,
    /// What it takes.
    pub args: Vec<GraphqlArgument>,
    /// Where it may stand: `FIELD_DEFINITION`.
    pub locations: Vec<Name>,
    /// May be given more than once.
    pub is_repeatable: bool,
    /// What it is for.
    pub doc: String,
    /// Where it is defined.
    pub spot: Spot,
}

/// `schema { query: RootQuery }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphqlRoot {
    /// Which root.
    pub kind: GraphqlRootKind,
    /// The type's name.
    pub name: Name,
    /// Where that is said.
    pub spot: Spot,
}

/// A function that answers a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphqlResolver {
    /// The type's name.
    pub of: Name,
    /// The field's name.
    pub field: Name,
    /// The framework's id.
    pub framework: &'static str,
    /// Where it is.
    pub spot: Spot,
}

/// Schema text in code: a tagged template, a string given to a library.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphqlText {
    /// The text; what could not be folded is left out of it.
    pub text: String,
    /// The framework's id.
    pub framework: &'static str,
    /// Where it begins.
    pub spot: Spot,
}

/// The scalars that every schema has.
pub const SCALARS: &[&str] = &["Int", "Float", "String", "Boolean", "ID"];

/// The name in a type: `User` of `[User!]!`.
#[must_use]
pub fn base_of(ty: &str) -> &str {
    ty.trim_matches(['[', ']', '!', ' '])
}

/// A type that is never null.
#[must_use]
pub fn non_null(ty: &str) -> String {
    if ty.is_empty() || ty.ends_with('!') { ty.to_owned() } else { format!("{ty}!") }
}

/// A type that may be null.
#[must_use]
pub fn nullable(ty: &str) -> String {
    ty.strip_suffix('!').unwrap_or(ty).to_owned()
}
