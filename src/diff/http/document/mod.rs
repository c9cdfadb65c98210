//! OpenAPI documents of every version, in JSON or YAML → one form: OpenAPI 3.1, with everything in one document.
//!
//! Reads what is there; does not judge whether it is a valid document.

mod bundle;
pub mod spot;
mod swagger;
mod upgrade;

use serde_json::Value;

pub use bundle::Files;

use upgrade::Reading;

/// A document in the form that is compared.
#[derive(Clone, Debug)]
pub struct Document {
    /// OpenAPI 3.1.
    pub value: Value,
    /// References to other files or addresses that could not be followed; sorted.
    pub missing: Vec<String>,
}

/// Why a document cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Neither JSON nor YAML.
    #[error("it is neither JSON nor YAML: {0}")]
    Syntax(String),
    /// It does not say that it is an API document.
    #[error("it names no version (`openapi` or `swagger`)")]
    NoVersion,
}

/// Reads an OpenAPI document (2.0, 3.0, 3.1) that may refer to other files; they are asked for by their path from the document's
/// folder. Give a reader that has none when there is no folder.
///
/// # Errors
/// When it is no API document.
pub fn read(bytes: &[u8], files: &mut Files<'_>) -> Result<Document, DocumentError> {
    let value = parse(bytes)?;
    if version_of(&value).is_none() {
        return Err(DocumentError::NoVersion);
    }
    let bundle::Bundled { document, missing } = bundle::bundled(value, files);
    Ok(Document { value: document_of_3_1(&document), missing })
}

/// A document of any version in the words of OpenAPI 3.1; its `openapi` keeps what was written, so that a change of it is seen.
#[must_use]
pub fn document_of_3_1(document: &Value) -> Value {
    let version = version_of(document).unwrap_or_default();
    let mut out = match document {
        Value::Object(members) if members.contains_key("swagger") && !members.contains_key("openapi") => {
            upgrade::upgraded(&swagger::converted(members), Reading { siblings: false })
        }
        _ => upgrade::upgraded(document, Reading { siblings: !version.starts_with("3.0") }),
    };
    if let Some(members) = out.as_object_mut() {
        members.insert("openapi".into(), Value::String(version));
    }
    out
}

/// `3.0.3`, `2.0`.
#[must_use]
pub fn version_of(document: &Value) -> Option<String> {
    match document.get("openapi").or_else(|| document.get("swagger"))? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The value of a JSON or YAML text.
fn parse(bytes: &[u8]) -> Result<Value, DocumentError> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let json = text.trim_start().starts_with(['{', '[']).then(|| serde_json::from_str(text));
    if let Some(Ok(value)) = json {
        return Ok(value);
    }
    let budget = serde_yaml::budget! { max_depth: 256, max_nodes: 5_000_000 };
    let options = serde_yaml::options! {
        budget: budget,
        strict_booleans: true,
        duplicate_keys: serde_yaml::options::DuplicateKeyPolicy::LastWins,
    };
    serde_yaml::from_str_with_options(text, options).map_err(|error| {
        let error = json.and_then(Result::err).map_or_else(|| error.to_string(), |error| error.to_string());
        DocumentError::Syntax(error.lines().next().unwrap_or_default().to_owned())
    })
}
