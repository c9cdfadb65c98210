//! What `check` and `diff` found, in every form people and programs read it.
//!
//! One file per form; each takes a finished [`Report`] and changes nothing of what it says.

mod github;
mod gitlab;
mod junit;
mod markdown;
mod place;
mod rdjson;
mod sarif;
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
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
    /// Reviewdog's diagnostics.
    Rdjson,
    /// A comment of a pull request.
    Markdown,
}

impl GuardFormat {
    /// All of them.
    pub const ALL: [Self; 8] = [Self::Text, Self::Json, Self::Sarif, Self::Github, Self::Gitlab, Self::Junit, Self::Rdjson, Self::Markdown];

    /// As the command line names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Rdjson => "rdjson",
            Self::Markdown => "markdown",
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
            Self::Sarif => sarif::render(report),
            Self::Github => github::render(report),
            Self::Gitlab => gitlab::render(report),
            Self::Junit => junit::render(report),
            Self::Rdjson => rdjson::render(report),
            Self::Markdown => markdown::render(report),
        }
    }
}
