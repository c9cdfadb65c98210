//! What went wrong with one file or setting: said once, with the place and the way on.

use serde::{Deserialize, Serialize};

/// A problem that costs part of the result, never the run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Path from the repository's root, `/`-separated; empty when it is about the repository.
    pub file: String,
    /// 1-based line, 0 when unknown.
    pub line: u32,
    /// Names the trouble (`file-not-read`, `file-parse-timeout`), never the cure; never reused.
    pub code: String,
    /// What happened: lower case, no full stop.
    pub message: String,
    /// How to go on, when there is a way.
    pub help: Option<String>,
}

impl Problem {
    /// A problem with a file as a whole.
    pub fn of_file(file: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, code: code.into(), message: message.into(), help: None }
    }

    /// Adds how to go on.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
