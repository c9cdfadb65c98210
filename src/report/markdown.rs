//! The summary for a pull request or a CI job's page.

use super::{Summary, Unsure, UnsureKind};
use crate::contract::documents::markdown::{code, table, text};

/// How many doubts of each kind are listed.
const CAP: usize = 20;

/// The summary as Markdown.
#[must_use]
pub fn to_markdown(summary: &Summary) -> String {
    let totals = summary.totals;
    let mut out = format!("## Contracts of {}\n\n", text(&summary.name));
    out.push_str(&format!("{} features, {} HTTP operations", totals.features, totals.operations));
    for (count, word) in totals.counts.words().into_iter().filter(|(count, _)| *count > 0) {
        out.push_str(&format!(", {count} {word}{}", if count == 1 { "" } else { "s" }));
    }
    out.push_str(&format!(", {} files\n", totals.files));
    let rows: Vec<Vec<String>> = summary
        .features
        .iter()
        .map(|feature| {
            let needs: Vec<String> = feature.depends_on.iter().map(|slug| code(slug)).collect();
            let counts = [feature.operations, feature.counts.tables, feature.counts.channels, feature.files].map(|count| count.to_string());
            let [operations, tables, channels, files] = counts;
            vec![text(&feature.name), operations, tables, channels, files, needs.join(", ")]
        })
        .collect();
    push_section(&mut out, "Features", &table(&["Feature", "Operations", "Tables", "Channels", "Files", "Depends on"], &rows));
    let left_out: Vec<Vec<String>> = summary.left_out.iter().map(|entry| vec![text(&entry.reason), entry.count.to_string()]).collect();
    push_section(&mut out, "Left out", &table(&["Why", "Files"], &left_out));
    for (kind, title) in [(UnsureKind::Conflict, "Contradictions"), (UnsureKind::Warning, "Warnings"), (UnsureKind::Gap, "Not known")] {
        let entries: Vec<&Unsure> = summary.unsure.iter().filter(|entry| entry.kind == kind).collect();
        let mut list: String = entries.iter().take(CAP).map(|entry| format!("- {}\n", line_of(entry))).collect();
        if let Some(more) = entries.len().checked_sub(CAP).filter(|more| *more > 0) {
            list.push_str(&format!("- and {more} more\n"));
        }
        push_section(&mut out, title, &list);
    }
    out
}

fn push_section(out: &mut String, title: &str, body: &str) {
    if !body.is_empty() {
        out.push_str(&format!("\n### {title}\n\n{body}"));
    }
}

fn line_of(entry: &Unsure) -> String {
    let subject = if entry.subject.is_empty() { String::new() } else { format!("{}: ", code(&entry.subject)) };
    let places: Vec<String> = entry.places.iter().map(|place| code(&format!("{}:{}", place.file, place.line))).collect();
    let places = if places.is_empty() { String::new() } else { format!(" ({})", places.join(", ")) };
    format!("{subject}{}{places}", text(&entry.message))
}
