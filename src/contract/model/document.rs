//! Committed API documents, beside what the code serves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An OpenAPI or Swagger file of the repository and how far the code agrees with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiDocument {
    /// Path from the repository's root.
    pub file: String,
    /// `OpenAPI 3.0.3`, `Swagger 2.0`.
    pub format: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// How many operations it tells.
    pub operations: usize,
    /// How many of them the code serves.
    pub matched: usize,
    /// What the code serves its paths under, when the document leaves it out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Operations (`GET /users/{id}`) that the code was not seen to serve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_in_document: Vec<String>,
    /// Operations of the same package that the document does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_in_code: Vec<String>,
}
