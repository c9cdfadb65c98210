//! Checks documents: against their JSON Schemas, and for what no schema can say (references into nothing, names twice,
//! digests that do not fit).
//!
//! It gets bytes; whoever calls reads them.

mod asyncapi;
mod digests;
mod openapi;

use jsonschema::Validator;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::documents::feature::FeatureDocument;
use super::documents::infrastructure::InfrastructureDocument;
use super::documents::relationships::RelationshipsDocument;
use super::documents::repo::RepoDocument;
use super::documents::{API_CONTRACT, EVENTS_CONTRACT, FEATURE_CONTRACT, INFRASTRUCTURE_CONTRACT, RELATIONSHIPS, REPO_CONTRACT};
use super::resolutions::document::{self as answers, RESOLUTIONS, ResolutionsDocument};

/// How many schema errors of one document are told.
const ERROR_CAP: usize = 50;

/// The documents that have a JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentKind {
    /// `repo_contract.json`.
    Repo,
    /// `relationships.json`.
    Relationships,
    /// `feature_contract.json`.
    Feature,
    /// `api_contract.yaml`: the official schema of OpenAPI 3.1.
    Api,
    /// `infrastructure_contract.json`.
    Infrastructure,
    /// `events_contract.json`: the official schema of AsyncAPI 3.0.
    Events,
    /// `resolutions.json`, which people write too.
    Resolutions,
}

impl DocumentKind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Repo, Self::Relationships, Self::Feature, Self::Api, Self::Infrastructure, Self::Events, Self::Resolutions];

    /// As people name it: `repo_contract`.
    #[must_use]
    pub fn name(self) -> &'static str {
        let file = self.file();
        file.split_once('.').map_or(file, |(name, _)| name)
    }

    /// By name, with or without its extension.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| text == kind.name() || text == kind.file())
    }

    /// By path.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let file = path.rsplit('/').next()?;
        Self::ALL.into_iter().find(|kind| file == kind.file())
    }

    fn file(self) -> &'static str {
        match self {
            Self::Repo => REPO_CONTRACT,
            Self::Relationships => RELATIONSHIPS,
            Self::Feature => FEATURE_CONTRACT,
            Self::Api => API_CONTRACT,
            Self::Infrastructure => INFRASTRUCTURE_CONTRACT,
            Self::Events => EVENTS_CONTRACT,
            Self::Resolutions => RESOLUTIONS,
        }
    }
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The document.
    pub path: String,
    /// JSON pointer into it; empty when it is the document.
    pub pointer: String,
    /// Names the trouble: `document-schema`.
    pub code: String,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

impl Finding {
    fn new(path: &str, pointer: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { path: path.into(), pointer: pointer.into(), code: code.into(), message: message.into() }
    }
}

/// The JSON Schema of a document.
#[must_use]
pub fn schema_of(document: DocumentKind) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let schema = match document {
        DocumentKind::Repo => generator.into_root_schema_for::<RepoDocument>(),
        DocumentKind::Relationships => generator.into_root_schema_for::<RelationshipsDocument>(),
        DocumentKind::Feature => generator.into_root_schema_for::<FeatureDocument>(),
        DocumentKind::Infrastructure => generator.into_root_schema_for::<InfrastructureDocument>(),
        DocumentKind::Resolutions => generator.into_root_schema_for::<ResolutionsDocument>(),
        DocumentKind::Events => {
            return serde_json::from_str(include_str!("../schemas/asyncapi-3.0.json")).expect("the vendored schema is JSON");
        }
        DocumentKind::Api => {
            return serde_json::from_str(include_str!("../schemas/openapi-3.1.json")).expect("the vendored schema is JSON");
        }
    };
    schema.to_value()
}

/// Checks the documents of an output folder, given as paths under it and bytes. Files that are no documents of ours are
/// passed over, except that a digest may name them. Sorted.
#[must_use]
pub fn validate_folder(files: &[(String, Vec<u8>)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let meta = openapi::meta_validator();
    for kind in DocumentKind::ALL {
        let mut documents = files.iter().filter(|(path, _)| DocumentKind::of_path(path) == Some(kind)).peekable();
        if documents.peek().is_none() {
            continue;
        }
        let validator = jsonschema::validator_for(&schema_of(kind)).expect("the schemas of this program are valid");
        for (path, bytes) in documents {
            let document = match read(path, bytes) {
                Ok(document) => document,
                Err(message) => {
                    findings.push(Finding::new(path, "", "document-unreadable", message));
                    continue;
                }
            };
            findings.extend(against_schema(path, &document, &validator));
            match kind {
                DocumentKind::Api => findings.extend(openapi::check(path, &document, &meta)),
                DocumentKind::Events => findings.extend(asyncapi::check(path, &document)),
                DocumentKind::Resolutions => findings.extend(answers::read(bytes).err().map(|error| malformed(path, &error))),
                DocumentKind::Repo if path == REPO_CONTRACT => findings.extend(digests::check(&document, files)),
                _ => {}
            }
        }
    }
    if !files.iter().any(|(path, _)| path == REPO_CONTRACT) {
        findings.push(Finding::new(REPO_CONTRACT, "", "document-missing", "there is no such document"));
    }
    findings.sort();
    findings.dedup();
    findings
}

/// What no schema can say of answers.
fn malformed(path: &str, error: &answers::Malformed) -> Finding {
    let pointer = error.place.replace(['[', '.'], "/").replace(']', "");
    let pointer = if pointer.is_empty() { pointer } else { format!("/{pointer}") };
    Finding::new(path, pointer, "document-schema", error.message.clone())
}

fn against_schema(path: &str, document: &Value, validator: &Validator) -> Vec<Finding> {
    let errors = validator.iter_errors(document).take(ERROR_CAP);
    errors.map(|error| Finding::new(path, error.instance_path().to_string(), "document-schema", error.masked().to_string())).collect()
}

/// The value of a JSON or YAML document of any name: JSON when it begins as JSON does.
///
/// # Errors
/// When it is neither: why.
pub fn read_any(path: &str, bytes: &[u8]) -> Result<Value, String> {
    let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| matches!(first, b'{' | b'['));
    if is_json && let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    let name = if path.ends_with(".json") { path } else { "document.yaml" };
    read(name, bytes)
}

/// The value of a JSON or YAML document.
///
/// # Errors
/// When it is neither: why.
pub(super) fn read(path: &str, bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_string())?;
    if path.ends_with(".json") {
        return serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"));
    }
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! { max_depth: 100, max_nodes: 5_000_000, max_events: 20_000_000 },
        with_snippet: false,
    };
    serde_yaml::from_str_with_options(text, options).map_err(|error| format!("it is not YAML: {error}"))
}
