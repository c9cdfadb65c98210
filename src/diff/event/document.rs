//! Reads an AsyncAPI document, JSON or YAML, into the one form that is compared.

use serde_json::Value;

use super::form::form_of;

/// Why bytes are no AsyncAPI document.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReadError {
    /// They are neither JSON nor YAML.
    #[error("cannot read the AsyncAPI document: {0}")]
    Broken(String),
    /// They are something else.
    #[error("it is no AsyncAPI document: it has no `asyncapi: 2.…` or `asyncapi: 3.…` at its top")]
    Other,
}

/// An AsyncAPI document of version 2 or 3 in the form that [`super::compare`] works on: 3.0, traits merged, schemas in JSON
/// Schema 2020-12.
///
/// # Errors
/// When the bytes are no such document: why.
pub fn read(bytes: &[u8]) -> Result<Value, ReadError> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let document = parse(text).map_err(|message| ReadError::Broken(message.lines().next().unwrap_or_default().to_owned()))?;
    let version = document.get("asyncapi").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with(['2', '3']) {
        return Err(ReadError::Other);
    }
    Ok(form_of(&document))
}

fn parse(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! { max_depth: 256, max_nodes: 5_000_000 },
        strict_booleans: true,
        with_snippet: false,
    };
    serde_yaml::from_str_with_options(text, options).map_err(|error| error.to_string())
}
