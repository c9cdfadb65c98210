//! The one place that formats with room for one are given.

use crate::guard::{Finding, Place};

/// Where a reader should look: the code that says it, else the committed contract, else the code that said it.
pub(super) fn main_place(finding: &Finding) -> Option<&Place> {
    finding.source.as_ref().or(finding.contract_source.as_ref()).or(finding.base_source.as_ref())
}

/// What happened where, in one line without colours.
pub(super) fn sentence(finding: &Finding) -> String {
    let at = finding.location.told();
    match at.is_empty() {
        true => finding.message.clone(),
        false => format!("{at}: {}", finding.message),
    }
}

/// The sentence, why it matters, whom it reaches and how to go on, a line each.
pub(super) fn paragraph(finding: &Finding) -> String {
    let mut lines = vec![sentence(finding)];
    if !finding.affects.is_empty() {
        lines.push(format!("affects: {}", finding.affects.join(", ")));
    }
    if !finding.consumers.is_empty() {
        lines.push(format!("used by: {}", finding.consumers.join(", ")));
    }
    lines.extend((!finding.why.is_empty()).then(|| format!("why: {}", finding.why)));
    lines.extend((!finding.help.is_empty()).then(|| format!("help: {}", finding.help)));
    if let Some(accepted) = &finding.accepted {
        lines.push(format!("accepted by {}: {} ({})", accepted.by, accepted.reason, accepted.told_in));
    }
    lines.join("\n")
}
