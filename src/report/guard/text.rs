//! The report for a terminal: worst first, each finding with its place, its code, who is affected and how to go on.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::diff::change::Level;
use crate::guard::finding::shown;
use crate::guard::{Finding, Place, Report, Side, Verdict};
use crate::report::Paint;
use crate::report::level::{style_of, word_of};
use crate::report::text::{clean, counted, painted};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// How many changes that hurt nobody are shown one by one.
const HARMLESS_SHOWN: usize = 20;
/// How many of what a change reaches are named.
const AFFECTED_SHOWN: usize = 8;

pub(super) fn render(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    let mut line = |words: String| writeln!(text, "{}", words.trim_end()).expect("a string takes all");
    let (open, accepted): (Vec<&Finding>, Vec<&Finding>) = report.findings.iter().partition(|finding| finding.accepted.is_none());
    let (harmless, open): (Vec<&Finding>, Vec<&Finding>) =
        open.into_iter().partition(|finding| finding.level == Level::Info && !finding.is_drift());
    for finding in open {
        told(finding, paint).into_iter().for_each(&mut line);
        line(String::new());
    }
    for finding in &accepted {
        line(in_one_line(finding, paint));
        if let Some(accepted) = &finding.accepted {
            let until = accepted.until.as_ref().map(|day| format!(", until {}", clean(day))).unwrap_or_default();
            let words = format!("accepted by {}: {}{until} ({})", clean(&accepted.by), clean(&accepted.reason), clean(&accepted.told_in));
            line(format!("  {}", painted(&words, DIM, paint)));
        }
    }
    if !accepted.is_empty() {
        line(String::new());
    }
    for finding in harmless.iter().take(HARMLESS_SHOWN) {
        line(in_one_line(finding, paint));
    }
    if harmless.len() > HARMLESS_SHOWN {
        let rest = harmless.len() - HARMLESS_SHOWN;
        line(painted(&format!("and {} that hurt nobody; `--format json` has them all", counted(rest, "more change")), DIM, paint));
    }
    if !harmless.is_empty() {
        line(String::new());
    }
    for note in &report.notes {
        line(format!("{}: {}", painted("note", CYAN, paint), clean(note)));
    }
    if report.summary.breaking > 0 {
        let words = "a break is let through by its command, or by `Contract-Break: FINGERPRINT REASON` in a commit's message";
        line(format!("{}: {words}", painted("help", CYAN, paint)));
    }
    line(last_line(report, paint));
    text
}

/// One finding with everything a reader asks, in the order they ask it.
fn told(finding: &Finding, paint: Paint) -> Vec<String> {
    let mut lines = vec![format!(
        "{}[{}] {}",
        painted(word_of(finding.level), style_of(finding.level), paint),
        finding.rule,
        painted(&clean(&finding.location.told()), BOLD, paint),
    )];
    lines.push(format!("  {}", clean(&finding.message)));
    let is_compound = |value: &Value| value.is_object() || value.is_array();
    if let (Some(before), Some(after)) = (&finding.before, &finding.after)
        && (is_compound(before) || is_compound(after))
    {
        lines.push(format!("    - {}", clean(&shown(before))));
        lines.push(format!("    + {}", clean(&shown(after))));
    }
    let place = |place: &Place| format!("  {} {}", painted("-->", CYAN, paint), told_place(place));
    lines.extend(finding.source.as_ref().map(place));
    if finding.source.is_none() {
        lines.extend(finding.base_source.as_ref().map(|base| format!("{} (before)", place(base))));
    }
    lines.extend(finding.contract_source.as_ref().map(place));
    if !finding.affects.is_empty() {
        let named: Vec<String> = finding.affects.iter().take(AFFECTED_SHOWN).map(|one| clean(one)).collect();
        let rest = finding.affects.len().saturating_sub(AFFECTED_SHOWN);
        let rest = if rest > 0 { format!(", and {rest} more") } else { String::new() };
        lines.push(format!("  {} {}{rest}", painted("affects:", DIM, paint), named.join(", ")));
    }
    if !finding.consumers.is_empty() {
        let named: Vec<String> = finding.consumers.iter().map(|one| clean(one)).collect();
        lines.push(format!("  {} {}", painted("used by:", DIM, paint), named.join(", ")));
    }
    if !finding.why.is_empty() {
        lines.push(format!("  {} {}", painted("why:", DIM, paint), clean(&finding.why)));
    }
    if !finding.help.is_empty() {
        lines.push(format!("  {} {}", painted("help:", DIM, paint), clean(&finding.help)));
    }
    lines
}

fn in_one_line(finding: &Finding, paint: Paint) -> String {
    let place = finding.source.as_ref().map(|place| format!("  {}", painted(&told_place(place), DIM, paint))).unwrap_or_default();
    let word = match finding.accepted {
        Some(_) => painted(&format!("accepted {}", word_of(finding.level)), DIM, paint),
        None => painted(word_of(finding.level), style_of(finding.level), paint),
    };
    format!("{word}[{}] {}: {}{place}", finding.rule, clean(&finding.location.told()), clean(&finding.message))
}

fn told_place(place: &Place) -> String {
    match place.line {
        0 => clean(&place.file),
        line => format!("{}:{line}", clean(&place.file)),
    }
}

/// The verdict and the counts.
fn last_line(report: &Report, paint: Paint) -> String {
    let (word, style) = match report.verdict {
        Verdict::Pass => ("ok", GREEN),
        Verdict::Fail => ("failed", RED),
    };
    let counts = counts_of(report);
    let against = report.base.as_ref().map(|base| format!(" (against {})", clean(&told_side(base)))).unwrap_or_default();
    format!("{}: {counts}{against}", painted(word, style, paint))
}

/// The counts: `2 breaking, 1 warning`.
pub(super) fn counts_of(report: &Report) -> String {
    let summary = report.summary;
    let mut counts = Vec::new();
    if summary.stale > 0 {
        counts.push(format!("{} out of date", counted(summary.stale, "document")));
    }
    for (count, word) in [(summary.breaking, "breaking"), (summary.accepted, "accepted")] {
        counts.extend((count > 0).then(|| format!("{count} {word}")));
    }
    counts.extend((summary.warning > 0).then(|| counted(summary.warning, "warning")));
    counts.extend((summary.info > 0).then(|| format!("{} that hurt nobody", counted(summary.info, "change"))));
    if counts.is_empty() { "no contract changes".to_owned() } else { counts.join(", ") }
}

/// `HEAD~1 (1a2b3c4)`.
pub(super) fn told_side(side: &Side) -> String {
    match &side.commit {
        Some(commit) if !commit.starts_with(&side.name) => {
            format!("{} at {}", side.name, commit.get(..10).unwrap_or(commit))
        }
        Some(commit) => commit.get(..10).unwrap_or(commit).to_owned(),
        None => side.name.clone(),
    }
}
