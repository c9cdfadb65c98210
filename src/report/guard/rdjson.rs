//! Reviewdog's diagnostic format (rdjson).

use serde_json::{Value, json};

use super::place::{main_place, paragraph};
use crate::diff::change::Level;
use crate::guard::{Finding, Report};

pub(super) fn render(report: &Report) -> String {
    let open = report.findings.iter().filter(|finding| finding.accepted.is_none());
    let document = json!({
        "source": { "name": report.tool.name },
        "diagnostics": open.map(diagnostic).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&document).expect("JSON values always serialize");
    text.push('\n');
    text
}

fn diagnostic(finding: &Finding) -> Value {
    let severity = match finding.level {
        Level::Breaking => "ERROR",
        Level::Warning => "WARNING",
        Level::Info => "INFO",
    };
    let mut diagnostic = json!({ "message": paragraph(finding), "severity": severity, "code": { "value": finding.rule } });
    if let Some(place) = main_place(finding) {
        diagnostic["location"] = json!({ "path": place.file });
        if place.line > 0 {
            diagnostic["location"]["range"] = json!({ "start": { "line": place.line, "column": 1 } });
        }
    }
    diagnostic
}
