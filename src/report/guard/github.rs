//! Workflow commands of GitHub Actions, which become annotations.
//!
//! A step may show ten errors and ten warnings, so the worst come first and the last of each kind says how many more there
//! are. What is harmless or accepted stands in the job summary only.

use std::fmt::Write as _;

use super::place::{main_place, paragraph};
use crate::diff::change::Level;
use crate::guard::{Finding, Report};

/// How many annotations of one kind a step shows.
const MOST: usize = 10;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    for (level, command) in [(Level::Breaking, "error"), (Level::Warning, "warning")] {
        let open: Vec<&Finding> = report.findings.iter().filter(|finding| finding.level == level && finding.accepted.is_none()).collect();
        let shown = if open.len() > MOST { MOST - 1 } else { open.len() };
        for finding in &open[..shown] {
            writeln!(text, "{}", annotation(command, finding)).expect("a string takes all");
        }
        if open.len() > shown {
            let rest = open.len() - shown;
            writeln!(text, "::{command} title=contract-agent::and {rest} more; the job summary has them all").expect("a string takes all");
        }
    }
    text
}

fn annotation(command: &str, finding: &Finding) -> String {
    let mut properties = Vec::new();
    if let Some(place) = main_place(finding) {
        properties.push(format!("file={}", property(&place.file)));
        if place.line > 0 {
            properties.push(format!("line={}", place.line));
        }
    }
    properties.push(format!("title={}", property(&finding.rule)));
    format!("::{command} {}::{}", properties.join(","), data(&paragraph(finding)))
}

/// Escapes what a command's message may not hold.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what a command's property may not hold.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
