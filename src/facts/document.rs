//! What a document beside the code promises: a committed OpenAPI or Swagger file. It is matched with what the code says, never merged into it.

use super::finding::Method;

/// A committed API document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiDocument {
    /// Path from the repository's root.
    pub file: String,
    /// `OpenAPI 3.0.3`, `Swagger 2.0`.
    pub format: String,
    /// `info.title`.
    pub title: String,
    /// Its operations, in the document's order.
    pub operations: Vec<DocumentOperation>,
}

/// One operation of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentOperation {
    /// The path with the first server's path before it.
    pub path: String,
    /// Its method.
    pub method: Method,
}
