//! GitLab's code quality report: a JSON array of issues.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::place::{main_place, sentence};
use crate::diff::change::Level;
use crate::guard::{Finding, Report};

pub(super) fn render(report: &Report) -> String {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let issues: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let count = seen.entry(&finding.fingerprint).or_default();
            *count += 1;
            issue(finding, *count)
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&issues).expect("JSON values always serialize");
    text.push('\n');
    text
}

/// One issue. The widget tells issues apart by their fingerprints, so a repeated one is numbered.
fn issue(finding: &Finding, number: usize) -> Value {
    let (path, line) = main_place(finding).map_or(("", 1), |place| (place.file.as_str(), place.line.max(1)));
    let fingerprint = if number > 1 { format!("{}-{number}", finding.fingerprint) } else { finding.fingerprint.clone() };
    let (severity, description) = match (&finding.accepted, finding.level) {
        (Some(accepted), _) => ("info", format!("{} (accepted by {}: {})", sentence(finding), accepted.by, accepted.reason)),
        (None, Level::Breaking) => ("critical", sentence(finding)),
        (None, Level::Warning) => ("minor", sentence(finding)),
        (None, Level::Info) => ("info", sentence(finding)),
    };
    json!({
        "description": description,
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": { "path": path, "lines": { "begin": line } },
    })
}
