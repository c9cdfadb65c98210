//! The prompts: one file per step under `prompts/`, with a name and a version in its first line and seven sections.
//!
//! What is alike for all questions of a step comes first (role and rules, then task and form), repository text comes last and
//! between marks. No section that comes first can name anything of the repository: it is not there when they are rendered.

pub mod attempt;
pub mod fence;
pub mod form;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::{Environment, UndefinedBehavior, context};
use serde_json::Value;

use super::call::{Prompt, Task};

/// Rules that all steps share.
pub const RULES: &str = include_str!("../../../prompts/rules.md");

/// A step of a sequence, each with a prompt of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// What the repository is and what it is made with.
    RepositoryUnderstanding,
    /// Which files no reader knows are worth a closer look.
    Triage,
    /// What features are for.
    FeatureAnalysis,
    /// Operations of a file no reader knows.
    ApiExtraction,
    /// Missing pieces of operations.
    ApiValues,
    /// Missing types of bodies.
    ApiTypes,
    /// Tables of a file no reader knows.
    SchemaAnalysis,
    /// Missing types.
    SchemaTypes,
    /// Channels of a file no reader knows.
    EventFlow,
    /// Missing pieces of channels.
    EventValues,
    /// Which side of a conflict holds.
    ContractMerging,
    /// The same questions with more code.
    DeepDive,
    /// The same questions with what did not hold.
    Repair,
}

impl Step {
    /// All steps, in the order they are taken.
    pub const ALL: [Self; 13] = [
        Self::RepositoryUnderstanding,
        Self::Triage,
        Self::FeatureAnalysis,
        Self::ApiExtraction,
        Self::ApiValues,
        Self::ApiTypes,
        Self::SchemaAnalysis,
        Self::SchemaTypes,
        Self::EventFlow,
        Self::EventValues,
        Self::ContractMerging,
        Self::DeepDive,
        Self::Repair,
    ];

    /// Its name, as its file is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RepositoryUnderstanding => "repository_understanding",
            Self::Triage => "triage",
            Self::FeatureAnalysis => "feature_analysis",
            Self::ApiExtraction => "api_extraction",
            Self::ApiValues => "api_values",
            Self::ApiTypes => "api_types",
            Self::SchemaAnalysis => "schema_analysis",
            Self::SchemaTypes => "schema_types",
            Self::EventFlow => "event_flow",
            Self::EventValues => "event_values",
            Self::ContractMerging => "contract_merging",
            Self::DeepDive => "deep_dive",
            Self::Repair => "repair",
        }
    }

    /// Whose models are asked.
    #[must_use]
    pub fn task(self) -> Task {
        match self {
            Self::RepositoryUnderstanding => Task::CodeStructure,
            Self::Triage | Self::DeepDive | Self::Repair => Task::Triage,
            Self::FeatureAnalysis => Task::Documentation,
            Self::ApiExtraction | Self::ApiValues | Self::ApiTypes => Task::ApiContract,
            Self::SchemaAnalysis | Self::SchemaTypes => Task::Schema,
            Self::EventFlow | Self::EventValues => Task::EventFlow,
            Self::ContractMerging => Task::ContractMerge,
        }
    }

    /// Its prompt's text, as it stands in its file.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::RepositoryUnderstanding => include_str!("../../../prompts/repository_understanding.md"),
            Self::Triage => include_str!("../../../prompts/triage.md"),
            Self::FeatureAnalysis => include_str!("../../../prompts/feature_analysis.md"),
            Self::ApiExtraction => include_str!("../../../prompts/api_extraction.md"),
            Self::ApiValues => include_str!("../../../prompts/api_values.md"),
            Self::ApiTypes => include_str!("../../../prompts/api_types.md"),
            Self::SchemaAnalysis => include_str!("../../../prompts/schema_analysis.md"),
            Self::SchemaTypes => include_str!("../../../prompts/schema_types.md"),
            Self::EventFlow => include_str!("../../../prompts/event_flow.md"),
            Self::EventValues => include_str!("../../../prompts/event_values.md"),
            Self::ContractMerging => include_str!("../../../prompts/contract_merging.md"),
            Self::DeepDive => include_str!("../../../prompts/deep_dive.md"),
            Self::Repair => include_str!("../../../prompts/repair.md"),
        }
    }

    /// The version in its first line.
    #[must_use]
    pub fn version(self) -> u32 {
        let first = self.text().lines().next().unwrap_or_default();
        let digits = first.split("version:").nth(1).and_then(|rest| rest.split(',').next()).map(str::trim);
        digits.and_then(|digits| digits.parse().ok()).expect("every prompt's first line carries its version; a test reads them all")
    }

    /// Whether its answers are lists of what a file declares; else each question has one answer.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::ApiExtraction | Self::SchemaAnalysis | Self::EventFlow)
    }

    /// By its name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// One section without its heading.
    fn section(self, heading: &str) -> &'static str {
        let text = self.text();
        let start = format!("\n[{heading}]\n");
        let Some(from) = text.find(&start).map(|at| at + start.len()) else { return "" };
        let rest = text.get(from..).unwrap_or_default();
        rest.find("\n[").map_or(rest, |end| rest.get(..end).unwrap_or(rest)).trim()
    }
}

/// The sections of a prompt, in the order of the files.
pub const SECTIONS: [&str; 7] = ["ROLE", "CONTEXT", "TASK", "INPUT", "OUTPUT FORMAT", "CONSTRAINTS", "REASONING"];
/// Rendered without anything of the repository.
const SYSTEM: [&str; 2] = ["ROLE", "CONSTRAINTS"];
const STABLE: [&str; 3] = ["TASK", "OUTPUT FORMAT", "REASONING"];
const INPUT: [&str; 2] = ["CONTEXT", "INPUT"];

/// The words of a question: `data` are the pieces of repository text by the names that the step's sections use.
///
/// # Panics
/// When a section names what is not there: a test renders every step.
#[must_use]
pub fn render(step: Step, data: &BTreeMap<&'static str, String>) -> Prompt {
    let mark = fence::mark_of(data.values().map(String::as_str));
    let fenced: BTreeMap<&str, String> = data.iter().map(|(name, text)| (*name, fence::fenced(&mark, name, text))).collect();
    let schema = form::compact(&form::schema_of(step));
    Prompt {
        name: step.name().into(),
        version: step.version(),
        system: sections(step, &SYSTEM, &context! { rules => RULES.trim() }),
        stable: sections(step, &STABLE, &context! { schema => schema }),
        input: sections(step, &INPUT, &minijinja::Value::from_pairs(fenced)),
    }
}

/// More text behind the input of a question that was asked before: the sections of `step` that may hold repository text, after
/// its task.
#[must_use]
pub fn continued(before: &Prompt, step: Step, data: &BTreeMap<&'static str, String>) -> Prompt {
    let mark = fence::mark_of(data.values().map(String::as_str).chain([before.input.as_str()]));
    let fenced: BTreeMap<&str, String> = data.iter().map(|(name, text)| (*name, fence::fenced(&mark, name, text))).collect();
    let values = minijinja::Value::from_pairs(fenced);
    let more = sections(step, &["ROLE", "CONTEXT", "TASK", "INPUT", "OUTPUT FORMAT"], &values);
    Prompt { input: format!("{}\n\n{more}", before.input), ..before.clone() }
}

fn sections(step: Step, headings: &[&str], values: &minijinja::Value) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut out = String::new();
    for heading in headings {
        let body = environment
            .render_str(step.section(heading), values)
            .expect("a section names only what its place in the prompt provides; a test renders every step");
        let _ = write!(out, "{}[{heading}]\n{body}", if out.is_empty() { "" } else { "\n\n" });
    }
    out
}

/// One question's form: the name that services know it by, and the schema.
#[must_use]
pub fn form_of(step: Step) -> (String, Value) {
    (step.name().to_owned(), form::schema_of(step))
}

#[cfg(test)]
mod tests;
