//! How each of our own documents begins: which schema it follows and who wrote it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every `$schema` of ours begins with.
pub const SCHEMA_PREFIX: &str = "urn:contract-agent:schema:";
/// The version of the documents' form; its first number is raised when a reader would break.
pub const SCHEMA_VERSION: &str = "1.0.0";

/// The first keys of each of our own documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// Names the document's JSON Schema; `contract-agent schema` prints it.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// The version of the document's form.
    #[serde(rename = "schemaVersion")]
    pub schema_version: String,
    /// Who wrote it.
    pub extractor: Extractor,
}

/// The program that wrote a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Extractor {
    /// Always `contract-agent`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Head {
    /// The head of a document of this name: `feature_contract`.
    #[must_use]
    pub fn of(document: &str) -> Self {
        let major = SCHEMA_VERSION.split('.').next().unwrap_or_default();
        Self {
            schema: format!("{SCHEMA_PREFIX}{document}:{major}"),
            schema_version: SCHEMA_VERSION.into(),
            extractor: Extractor { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
        }
    }
}
