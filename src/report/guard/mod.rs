//! What `check` and `diff` found, in every form people and programs read it.
//!
//! One file per form; each takes a finished [`Report`] and changes nothing of what it says.

mod text;

use super::Paint;
use crate::guard::Report;

/// A form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuardFormat {
    /// For people at a terminal.
    #[default]
    Text,
    /// For programs; `contract-agent schema check` prints its JSON Schema.
    Json,
}

impl GuardFormat {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// As the command line names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }

    /// By name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The report in this form.
    #[must_use]
    pub fn render(self, report: &Report, paint: Paint) -> String {
        match self {
            Self::Text => text::render(report, paint),
            Self::Json => report.to_json(),
        }
    }
}
