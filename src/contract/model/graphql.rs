//! GraphQL: operations, and the types they speak in. Types of fields and arguments stand as GraphQL writes them: `[User!]!`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Confidence, Evidence, Origin};

/// What a feature serves over GraphQL, and the types it declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphqlContract {
    /// The fields of the root types.
    pub operations: Vec<GraphqlOperation>,
    /// Types: the feature's own, and those of others that its own need.
    pub types: Vec<GraphqlType>,
    /// What there is to say of root types besides their fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roots: Vec<GraphqlRoot>,
    /// Directives that are defined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<GraphqlDirective>,
    /// Directives put on the schema itself, as GraphQL writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_schema: Vec<String>,
}

/// A root type with another name than the usual one, or of which more is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphqlRoot {
    /// Which root type it is.
    pub kind: GraphqlOperationKind,
    /// Its name.
    pub name: String,
    /// Its interfaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Directives put on it but `@deprecated`, as GraphQL writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<String>,
}

/// A directive's definition.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphqlDirective {
    /// Its name, without the sign.
    pub name: String,
    /// What it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<GraphqlArgument>,
    /// Where it may stand: `FIELD_DEFINITION`.
    pub locations: Vec<String>,
    /// May be given more than once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_repeatable: bool,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where it is defined.
    pub evidence: Evidence,
}

/// A field of a root type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphqlOperation {
    /// Of which root type it is a field.
    pub kind: GraphqlOperationKind,
    /// Its name.
    pub name: String,
    /// What it takes.
    pub args: Vec<GraphqlArgument>,
    /// What it gives.
    pub returns: String,
    /// What it does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Why it is deprecated, when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The functions that answer it, where the evidence is a document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implemented_by: Vec<Evidence>,
    /// Framework id; empty for documents.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub framework: String,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where it stands.
    pub evidence: Evidence,
    /// Directives put on it but `@deprecated`, as GraphQL writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<String>,
}

/// The three root types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GraphqlOperationKind {
    /// `Query`.
    #[default]
    Query,
    /// `Mutation`.
    Mutation,
    /// `Subscription`.
    Subscription,
}

impl GraphqlOperationKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Mutation, Self::Subscription];

    /// The root type's usual name.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Mutation => "Mutation",
            Self::Subscription => "Subscription",
        }
    }

    /// As a word: `query`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

/// An argument, or a field of an input type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphqlArgument {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// Its default as GraphQL writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Why it is deprecated, when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Directives put on it but `@deprecated`, as GraphQL writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<String>,
}

/// A type that is no root type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphqlType {
    /// Its name.
    pub name: String,
    /// What sort of type it is.
    pub kind: GraphqlTypeKind,
    /// What it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Interfaces of objects and interfaces, members of a union.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Fields of objects, interfaces and inputs; values of enums (without a type).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<GraphqlField>,
    /// Whether the feature declares it; it is another's that a promise needs otherwise.
    #[serde(skip)]
    pub is_own: bool,
    /// Who says so.
    pub origin: Origin,
    /// Where it stands; no file when it is declared nowhere in the repository.
    pub evidence: Evidence,
    /// Directives put on it but `@deprecated`, as GraphQL writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<String>,
}

/// Sorts of types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GraphqlTypeKind {
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

/// A field of an object, interface or input, or a value of an enum.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphqlField {
    /// Its name.
    pub name: String,
    /// Its type; empty for values of enums.
    #[serde(rename = "type", default, skip_serializing_if = "String::is_empty")]
    pub ty: String,
    /// What it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<GraphqlArgument>,
    /// Its default, in inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Why it is deprecated, when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Directives put on it but `@deprecated`, as GraphQL writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<String>,
}

/// The name in a type: `User` of `[User!]!`.
#[must_use]
pub fn base_of(ty: &str) -> &str {
    ty.trim_matches(['[', ']', '!', ' '])
}

/// The scalars that every schema has.
pub const SCALARS: &[&str] = &["Int", "Float", "String", "Boolean", "ID"];
