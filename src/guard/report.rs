//! What a comparison came to: the sides, the findings, the verdict. Every format is written from it.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::finding::Finding;
use super::policy::Gate;
use crate::contract::documents::head::Extractor;
use crate::diff::change::Level;
use crate::settings::guard::FailOn;

/// Names the JSON Schema of the report.
pub const REPORT_SCHEMA: &str = "urn:contract-agent:schema:check:1";

/// Whether the gate opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing stands against it.
    #[default]
    Pass,
    /// Something has to be done or accepted first.
    Fail,
}

/// Where the promises of a side come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Derived from the code.
    #[default]
    Derived,
    /// Contracts as they were committed or written.
    Written,
    /// A single document.
    Document,
    /// There is nothing yet.
    Empty,
}

/// One side of the comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// As whoever asked names it: `HEAD~1`, `the index`, a path.
    pub name: String,
    /// The commit, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Where its promises come from.
    pub state: State,
}

/// A report in numbers. What is about the contracts themselves (`meta` rules) counts under `stale` or by its level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Breaking changes that nobody accepted.
    pub breaking: usize,
    /// Warnings that nobody accepted.
    pub warning: usize,
    /// Changes that hurt nobody.
    pub info: usize,
    /// What somebody accepted.
    pub accepted: usize,
    /// Committed documents that are not what the code yields.
    pub stale: usize,
}

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "contract-agent check, diff")]
pub struct Report {
    /// Names this form.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// The form's version.
    pub version: u32,
    /// Who compared.
    pub tool: Extractor,
    /// The earlier side; null when nothing but drift was looked at.
    pub base: Option<Side>,
    /// The later side.
    pub head: Side,
    /// What makes it fail.
    pub fail_on: FailOn,
    /// Whether the gate opens.
    pub verdict: Verdict,
    /// All of it in numbers.
    pub summary: Summary,
    /// The findings: open ones first, worst first.
    pub findings: Vec<Finding>,
    /// What a reader should know of how it was compared, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What makes it fail, for each kind of contract.
    #[serde(skip)]
    gate: Gate,
}

impl Report {
    /// Of findings that were judged, with the documents that are stale; sorts, counts and gives the verdict.
    #[must_use]
    pub fn new(base: Option<Side>, head: Side, gate: &Gate, findings: Vec<Finding>) -> Self {
        let mut report = Self {
            schema: REPORT_SCHEMA.into(),
            version: 1,
            tool: Extractor { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
            base,
            head,
            fail_on: gate.fail_on,
            verdict: Verdict::Pass,
            summary: Summary::default(),
            findings,
            notes: Vec::new(),
            gate: gate.clone(),
        };
        report.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        report.summary = Summary::of(&report.findings);
        if report.findings.iter().any(|finding| gate.fails(finding)) {
            report.verdict = Verdict::Fail;
        }
        report
    }

    /// Whether a finding makes it fail.
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        self.gate.fails(finding)
    }

    /// As JSON, ending in a line break.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a report has text as keys and no fallible fields");
        text.push('\n');
        text
    }

    /// The JSON Schema of reports.
    #[must_use]
    pub fn json_schema() -> Value {
        let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Self>().to_value();
        schema["$id"] = REPORT_SCHEMA.into();
        schema
    }
}

impl Summary {
    /// Counts findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            let slot = match finding {
                _ if finding.is_drift() => {
                    summary.stale += finding.affects.len().max(1);
                    continue;
                }
                _ if finding.accepted.is_some() => &mut summary.accepted,
                _ => match finding.level {
                    Level::Breaking => &mut summary.breaking,
                    Level::Warning => &mut summary.warning,
                    Level::Info => &mut summary.info,
                },
            };
            *slot += 1;
        }
        summary
    }
}
