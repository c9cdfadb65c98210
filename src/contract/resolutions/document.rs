//! `resolutions.json`: written by `analyze` when models are asked, and by people at any time.
//!
//! It is read strictly. What is misspelt would be an answer lost, so every mistake is told with its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::questions::form_of;
use super::values::Value;
use crate::contract::documents::head::{SCHEMA_PREFIX, SCHEMA_VERSION};
use crate::contract::documents::json_of;
use crate::contract::model::{Origin, Resolution};

/// Its name.
pub const RESOLUTIONS: &str = "resolutions.json";

/// The longest quote, in characters.
const LONGEST_QUOTE: usize = 120;

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "resolutions.json")]
pub struct ResolutionsDocument {
    /// Names the document's JSON Schema; `contract-agent schema resolutions` prints it.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// The version of the document's form.
    pub schema_version: String,
    /// The answers, sorted by subject, code and gap.
    pub resolutions: Vec<Resolution>,
}

/// What is wrong with the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Malformed {
    /// 1-based line and column; `None` when it is about the document.
    pub at: Option<(usize, usize)>,
    /// Where in the document: `resolutions[3].value`; empty when the line says it.
    pub place: String,
    /// What: lower case, no full stop.
    pub message: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Malformed {}

/// Reads the document, whose line ends do not matter.
///
/// # Errors
/// When it is not what its schema says: where, and why.
pub fn read(bytes: &[u8]) -> Result<Vec<Resolution>, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| about("", "it is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(line) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
        return Err(Malformed { at: Some((line + 1, 1)), ..about("", "a merge left its marks; keep the answers of both sides") });
    }
    let document: ResolutionsDocument = serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
        Malformed { at: Some((error.line().max(1), error.column().max(1))), ..about("", words) }
    })?;
    let major = |version: &str| version.split('.').next().and_then(|number| number.parse::<u64>().ok());
    if !document.schema.starts_with(&format!("{SCHEMA_PREFIX}resolutions:")) {
        return Err(about("$schema", format!("it must be `{}`", schema_name())));
    }
    if major(&document.schema_version).is_none_or(|version| Some(version) > major(SCHEMA_VERSION)) {
        return Err(about("schemaVersion", format!("this program knows {SCHEMA_VERSION}")));
    }
    check_all(text, &document.resolutions)?;
    let mut resolutions = document.resolutions;
    sort(&mut resolutions);
    Ok(resolutions)
}

/// The document's bytes; `None` when there is nothing to say.
#[must_use]
pub fn bytes_of(resolutions: &[Resolution]) -> Option<Vec<u8>> {
    if resolutions.is_empty() {
        return None;
    }
    let mut resolutions = resolutions.to_vec();
    sort(&mut resolutions);
    Some(json_of(&ResolutionsDocument { schema: schema_name(), schema_version: SCHEMA_VERSION.into(), resolutions }))
}

/// Adds new answers. What a person said stays; a model's answer gives way to a newer one for the same gap. Gives the gaps that were
/// answered before and now are anew, sorted.
pub fn merge(known: &mut Vec<Resolution>, new: Vec<Resolution>) -> Vec<String> {
    let mut by_gap: BTreeMap<String, Resolution> = known.drain(..).map(|resolution| (resolution.gap.clone(), resolution)).collect();
    let mut renewed = BTreeSet::new();
    for resolution in new {
        if by_gap.get(&resolution.gap).is_some_and(|known| known.origin == Origin::Human) {
            continue;
        }
        let gap = resolution.gap.clone();
        if by_gap.insert(gap.clone(), resolution).is_some() {
            renewed.insert(gap);
        }
    }
    known.extend(by_gap.into_values());
    sort(known);
    renewed.into_iter().collect()
}

fn schema_name() -> String {
    let major = SCHEMA_VERSION.split('.').next().unwrap_or_default();
    format!("{SCHEMA_PREFIX}resolutions:{major}")
}

fn sort(resolutions: &mut [Resolution]) {
    for resolution in resolutions.iter_mut() {
        resolution.models.sort();
        resolution.models.dedup();
        resolution.evidence.sort();
        resolution.evidence.dedup();
    }
    resolutions.sort_by(|a, b| (&a.subject, &a.code, &a.gap).cmp(&(&b.subject, &b.code, &b.gap)));
}

fn about(place: &str, message: impl Into<String>) -> Malformed {
    Malformed { at: None, place: place.into(), message: message.into() }
}

fn check_all(text: &str, resolutions: &[Resolution]) -> Result<(), Malformed> {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, resolution) in resolutions.iter().enumerate() {
        let wrong = check(resolution).err().or_else(|| {
            let first = known.insert(&resolution.gap, index)?;
            Some(("gap", format!("resolutions[{first}] answers the same gap; keep one")))
        });
        if let Some((field, message)) = wrong {
            let at = line_of(text, index).map(|line| (line, 1));
            return Err(Malformed { at, place: format!("resolutions[{index}].{field}"), message });
        }
    }
    Ok(())
}

/// Whether the document can hold an answer.
///
/// # Errors
/// The field that is wrong, and why.
pub fn check(resolution: &Resolution) -> Result<(), (&'static str, String)> {
    let is_id = resolution.gap.len() == 12 && resolution.gap.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if !is_id {
        return Err(("gap", "a gap's id has 12 hexadecimal digits; `gaps` in the contracts list them".into()));
    }
    let Some(form) = form_of(&resolution.code) else {
        return Err(("code", format!("a gap of the code `{}` cannot be answered here", resolution.code)));
    };
    Value::read(form, &resolution.value).map_err(|message| ("value", message))?;
    if resolution.origin != Origin::Model {
        return Ok(());
    }
    if resolution.evidence.is_empty() || resolution.evidence.iter().any(|quote| quote.digest.is_empty()) {
        let message = "an answer of a model needs evidence with a digest; what you say yourself has the origin `human`";
        return Err(("evidence", message.into()));
    }
    if resolution.evidence.iter().any(|quote| quote.quote.chars().count() > LONGEST_QUOTE || quote.quote.contains('\n')) {
        return Err(("evidence", format!("a quote is one line of at most {LONGEST_QUOTE} characters")));
    }
    Ok(())
}

/// The line at which an answer names its gap, when every answer does so on a line of its own.
fn line_of(text: &str, index: usize) -> Option<usize> {
    let named = text.lines().enumerate().filter(|(_, line)| line.trim_start().trim_start_matches('{').trim_start().starts_with("\"gap\""));
    named.map(|(line, _)| line + 1).nth(index)
}
