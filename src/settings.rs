//! `contract-agent.toml`, typed.
//!
//! Holds what the file may say and finds it. Knows nothing of the command line or the environment, which win over it.

pub mod guard;
pub mod llm;

use crate::base::kept::Kept;
use crate::base::nearest::nearest;
use guard::GuardSettings;
use llm::LlmSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Settings of contract-agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How many threads work; all cores by default.
    pub jobs: Option<usize>,
    /// Which files are read.
    pub scan: ScanSettings,
    /// Where the contracts are written.
    pub output: OutputSettings,
    /// HTTP APIs.
    pub http: HttpSettings,
    /// Features that are named by hand, by name.
    pub features: BTreeMap<String, FeatureSettings>,
    /// What `check` and `diff` fail on, and what they pass over.
    pub guard: GuardSettings,
    /// Models, as far as the repository has a say.
    pub llm: LlmSettings,
}

/// Which files are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScanSettings {
    /// When not empty, only files that match one of these globs.
    pub include: Vec<String>,
    /// Files and folders that match one of these globs are left out.
    pub exclude: Vec<String>,
    /// Code files with more bytes are left out; 1048576 by default.
    pub max_file_size: Option<u64>,
    /// What is read although it is left out by default.
    pub keep: Vec<Kept>,
}

/// Where the contracts are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutputSettings {
    /// The folder, from the repository's top.
    pub dir: PathBuf,
}

impl Default for OutputSettings {
    fn default() -> Self {
        Self { dir: PathBuf::from("contracts") }
    }
}

/// HTTP APIs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// What stands before every path, when a gateway adds it: `/api`.
    pub base_path: Option<String>,
}

/// One feature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureSettings {
    /// Globs of the files that belong to it.
    pub paths: Vec<String>,
    /// What it is for, in one sentence.
    pub purpose: Option<String>,
}

/// Settings and where they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The file, `None` when there is none and the defaults hold.
    pub file: Option<PathBuf>,
    /// What it says.
    pub settings: Settings,
}

/// The settings file cannot be read. Printed after `error: ` it says what, where, and how to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// The file.
    pub file: PathBuf,
    /// 1-based line and column, in characters; `None` when it is about the file as a whole.
    pub at: Option<(usize, usize)>,
    /// What is wrong there.
    pub message: String,
    /// How to go on.
    pub help: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read the settings\n  --> {}", self.file.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}\nhelp: {}", self.message, self.help)
    }
}

impl std::error::Error for SettingsError {}

/// Names of the file in a folder, the first found is taken.
pub const NAMES: [&str; 3] = ["contract-agent.toml", ".contract-agent.toml", ".config/contract-agent.toml"];

/// Where the keys are told.
const LISTS_KEYS: &str = "`contract-agent explain settings` lists the keys";

/// The keys and what they are for, one line each, for people.
#[must_use]
pub fn explained() -> String {
    let schema = schema().to_value();
    let mut lines = Vec::new();
    list_keys(&schema, &schema, "", &mut lines);
    lines.sort();
    lines.join("\n") + "\n"
}

/// Adds the keys of a part of the schema under the name that leads to it.
fn list_keys(root: &Value, part: &Value, under: &str, lines: &mut Vec<String>) {
    let part = resolved(root, part);
    for (key, value) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let name = if under.is_empty() { key.clone() } else { format!("{under}.{key}") };
        let inner = resolved(root, value);
        let each = inner.get("additionalProperties").filter(|each| each.is_object());
        match (inner.get("properties"), each) {
            (Some(_), _) => list_keys(root, inner, &name, lines),
            (None, Some(each)) if resolved(root, each).get("properties").is_some() => {
                list_keys(root, each, &format!("{name}.<name>"), lines);
            }
            _ => {
                let told = value.get("description").or_else(|| inner.get("description")).and_then(Value::as_str).unwrap_or_default();
                lines.push(format!("{name}: {}", told.replace('\n', " ")));
            }
        }
    }
}

/// What a reference, or the one alternative that is not null, leads to.
fn resolved<'s>(root: &'s Value, part: &'s Value) -> &'s Value {
    if let Some(name) = part.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix("#/$defs/")) {
        return root.get("$defs").and_then(|defs| defs.get(name)).unwrap_or(part);
    }
    let mut choices = part.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    match choices.find(|choice| choice.get("$ref").is_some()) {
        Some(choice) => resolved(root, choice),
        None => part,
    }
}

/// Finds the settings for the folder at `start`: there, or in a folder above it, up to the repository's top. Outside a repository only
/// the folder itself is looked at.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn find(start: &Path) -> Result<Found, SettingsError> {
    let full = start.canonicalize().unwrap_or_else(|_| start.to_owned());
    let top = full.ancestors().find(|folder| folder.join(".git").exists());
    for folder in full.ancestors() {
        let present = NAMES.iter().map(|name| folder.join(name)).find(|file| file.is_file());
        if let Some(file) = present {
            let settings = read_shown_as(&file, &shown(&file, start, &full))?;
            return Ok(Found { file: Some(file), settings });
        }
        if top.is_none_or(|top| top == folder) {
            break;
        }
    }
    Ok(Found::default())
}

/// The file as somebody who said `start` would name it.
fn shown(file: &Path, start: &Path, full: &Path) -> PathBuf {
    match file.strip_prefix(full) {
        Ok(below) if start == Path::new(".") || start.as_os_str().is_empty() => below.to_owned(),
        Ok(below) => start.join(below),
        Err(_) => file.to_owned(),
    }
}

/// Reads the settings in `file`.
///
/// # Errors
/// When it cannot be read.
pub fn read(file: &Path) -> Result<Settings, SettingsError> {
    read_shown_as(file, file)
}

fn read_shown_as(file: &Path, shown: &Path) -> Result<Settings, SettingsError> {
    let failed = |message: String, help: &str| SettingsError { file: shown.to_owned(), at: None, message, help: help.to_owned() };
    let bytes = std::fs::read(file).map_err(|error| failed(format!("cannot open it: {error}"), "check the path and its permissions"))?;
    let text = String::from_utf8(bytes).map_err(|_| failed("not UTF-8".into(), "save the file as UTF-8"))?;
    parse(&text, shown)
}

/// Reads settings from text. `file` is only named in errors.
///
/// # Errors
/// When the text is not TOML, or says what no setting can.
pub fn parse(text: &str, file: &Path) -> Result<Settings, SettingsError> {
    let settings: Settings = toml::from_str(text).map_err(|error| {
        let at = error.span().map(|span| line_and_column(text, span.start));
        let (message, help) = tell(error.message());
        SettingsError { file: file.to_owned(), at, message, help }
    })?;
    if settings.jobs == Some(0) {
        let help = "leave `jobs` out to use all cores".to_owned();
        return Err(SettingsError { file: file.to_owned(), at: None, message: "`jobs` must be at least 1".into(), help });
    }
    Ok(settings)
}

/// Message and help for what the reader complains about.
fn tell(complaint: &str) -> (String, String) {
    let mut words = complaint.split('`').skip(1).step_by(2);
    let what = if complaint.starts_with("unknown field ") {
        "key"
    } else if complaint.starts_with("unknown variant ") {
        "value"
    } else {
        let message = complaint.lines().next().unwrap_or(complaint).trim_end_matches('.').to_owned();
        return (message, LISTS_KEYS.to_owned());
    };
    let word = words.next().unwrap_or_default();
    let help = match nearest(word, words) {
        Some(meant) => format!("did you mean `{meant}`? {LISTS_KEYS}"),
        None => LISTS_KEYS.to_owned(),
    };
    (format!("unknown {what} `{word}`"), help)
}

/// 1-based line and column of a byte offset.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The JSON Schema of the settings file.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Settings)
}
