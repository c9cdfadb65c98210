//! Several features' documents as one: what `export` prints.
//!
//! It gets the documents of a contracts folder as paths and bytes; whoever calls reads them.

mod asyncapi;
mod infrastructure;
mod interfaces;
mod openapi;
mod refs;
mod sql;
mod whole;

use serde_json::Value;

use super::documents::feature::FeatureDocument;
use super::documents::{
    API_CONTRACT, EVENTS_CONTRACT, FEATURE_CONTRACT, FEATURES, INFRASTRUCTURE_CONTRACT, REPO_CONTRACT, YAML_MARK, json_of,
};
use super::yaml::to_yaml;
pub use whole::Whole;

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// OpenAPI 3.1, as YAML.
    OpenApi,
    /// AsyncAPI 3.0, as JSON.
    AsyncApi,
    /// DDL of one database.
    Sql,
    /// What all features need to run.
    Infrastructure,
    /// A GraphQL schema.
    Graphql,
    /// A protocol buffer file.
    Proto,
}

/// One document out of many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The document.
    pub bytes: Vec<u8>,
    /// What could not stand in it, one line each.
    pub notes: Vec<String>,
}

/// Why nothing can be exported.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ExportError {
    /// A document cannot be read.
    #[error("{path}: {message}")]
    Unreadable {
        /// The document, under the contracts folder.
        path: String,
        /// Why.
        message: String,
    },
    /// No database has that name.
    #[error("there is no database `{wanted}`; there are {known}")]
    NoDatabase {
        /// The name that was asked for.
        wanted: String,
        /// Those there are.
        known: String,
    },
}

/// A document of one feature.
struct Part {
    slug: String,
    document: Value,
}

/// The documents of a contracts folder.
pub struct Folder<'a> {
    files: &'a [(String, Vec<u8>)],
    /// The slugs that were asked for; empty: all.
    wanted: &'a [String],
}

impl<'a> Folder<'a> {
    /// Of files (paths under the folder, and bytes) and the features that count; none: all.
    #[must_use]
    pub fn new(files: &'a [(String, Vec<u8>)], wanted: &'a [String]) -> Self {
        Self { files, wanted }
    }

    /// The slugs of the features there are, sorted.
    #[must_use]
    pub fn slugs(&self) -> Vec<&str> {
        let mut slugs: Vec<&str> = self
            .files
            .iter()
            .filter_map(|(path, _)| split(path))
            .filter(|(_, name)| *name == FEATURE_CONTRACT)
            .map(|(slug, _)| slug)
            .collect();
        slugs.sort_unstable();
        slugs
    }

    /// One document of this kind.
    ///
    /// # Errors
    /// When a document of the folder cannot be read: which one, and why.
    pub fn export(&self, kind: Kind, database: Option<&str>) -> Result<Exported, ExportError> {
        match kind {
            Kind::OpenApi => {
                let merged = openapi::merge(&self.title(), &self.parts(API_CONTRACT)?);
                Ok(Exported { bytes: format!("{YAML_MARK}{}", to_yaml(&merged.document)).into_bytes(), notes: merged.notes })
            }
            Kind::AsyncApi => {
                let parts = self.parts(EVENTS_CONTRACT)?;
                let bytes = if parts.is_empty() { Vec::new() } else { json_of(&asyncapi::merge(&self.title(), parts)) };
                Ok(Exported { bytes, notes: Vec::new() })
            }
            Kind::Infrastructure => infrastructure::merge(&self.title(), self.parts(INFRASTRUCTURE_CONTRACT)?),
            Kind::Sql => sql::merge(&self.title(), self.features()?, database),
            Kind::Graphql => Ok(interfaces::graphql(self.everybody().features()?, |slug| self.is_wanted(slug))),
            Kind::Proto => Ok(interfaces::proto(self.everybody().features()?, |slug| self.is_wanted(slug))),
        }
    }

    /// The same folder with all features.
    fn everybody(&self) -> Self {
        Self { files: self.files, wanted: &[] }
    }

    fn is_wanted(&self, slug: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| wanted == slug)
    }

    /// The features' own documents.
    fn features(&self) -> Result<Vec<FeatureDocument>, ExportError> {
        let mut features: Vec<FeatureDocument> = Vec::new();
        for Part { slug, document } in self.parts(FEATURE_CONTRACT)? {
            let read = serde_json::from_value(document);
            features.push(read.map_err(|error| ExportError::Unreadable {
                path: format!("{FEATURES}/{slug}/{FEATURE_CONTRACT}"),
                message: error.to_string(),
            })?);
        }
        Ok(features)
    }

    /// The repository's name.
    fn title(&self) -> String {
        let repo = self.files.iter().find(|(path, _)| path == REPO_CONTRACT);
        let repo = repo.and_then(|(_, bytes)| serde_json::from_slice::<Value>(bytes).ok());
        repo.as_ref().and_then(|repo| repo.get("name")).and_then(Value::as_str).unwrap_or("contracts").to_owned()
    }

    /// The features' documents of a name, by slug.
    fn parts(&self, name: &str) -> Result<Vec<Part>, ExportError> {
        let mut parts = Vec::new();
        for (path, bytes) in self.files {
            let Some((slug, _)) = split(path).filter(|(_, file)| *file == name) else { continue };
            if self.is_wanted(slug) {
                let document =
                    super::validate::read(path, bytes).map_err(|message| ExportError::Unreadable { path: path.clone(), message })?;
                parts.push(Part { slug: slug.to_owned(), document });
            }
        }
        parts.sort_by(|a, b| a.slug.cmp(&b.slug));
        Ok(parts)
    }
}

/// `features/auth/api_contract.yaml` → `auth`, `api_contract.yaml`.
fn split(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix(FEATURES)?.strip_prefix('/')?.split_once('/')
}
