//! Markdown for a pull request's comment or a job's summary.
//!
//! The first line has the verdict and the true counts; what breaks comes first, what is harmless is folded away. Whole
//! findings are left out when it would grow too long, and the text says how many. The last line is a hidden mark by which the
//! same comment is found and written anew.

use super::place::main_place;
use super::text::{counts_of, told_side};
use crate::diff::change::Level;
use crate::guard::{Finding, Report, Verdict};

/// GitHub takes comments of 65,536 characters; this leaves room for whoever wraps them.
const MOST: usize = 60_000;
/// By this a comment is known.
const MARK: &str = "<!-- contract-agent -->";

pub(super) fn render(report: &Report) -> String {
    let mut page = Page { text: format!("{}\n\n", headline(report)), room: MOST - 200 };
    let open: Vec<&Finding> = report.findings.iter().filter(|finding| finding.accepted.is_none()).collect();
    let drift: Vec<&Finding> = open.iter().copied().filter(|finding| finding.is_drift()).collect();
    let of =
        |level: Level| -> Vec<&Finding> { open.iter().copied().filter(|finding| finding.level == level && !finding.is_drift()).collect() };
    page.drift(&drift);
    page.table("Breaking", &of(Level::Breaking));
    let accepted: Vec<&Finding> = report.findings.iter().filter(|finding| finding.accepted.is_some()).collect();
    page.list("Accepted", &accepted, false);
    page.list("Warnings", &of(Level::Warning), true);
    page.list("Harmless", &of(Level::Info), true);
    for note in &report.notes {
        page.add(&format!("> {}\n", inline(note)));
    }
    format!("{}\n{MARK}\n", page.text.trim_end())
}

fn headline(report: &Report) -> String {
    let mark = match report.verdict {
        Verdict::Pass => "✅",
        Verdict::Fail => "❌",
    };
    let against = report.base.as_ref().map(|base| format!(" against {}", inline(&told_side(base)))).unwrap_or_default();
    let mut kinds: Vec<String> = report.findings.iter().map(|finding| format!("{:?}", finding.contract).to_lowercase()).collect();
    kinds.sort();
    kinds.dedup();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" in {}", kinds.join(", ")) };
    format!("{mark} **Contracts**: {}{kinds}{against}", counts_of(report))
}

struct Page {
    text: String,
    /// How many characters may still come.
    room: usize,
}

impl Page {
    /// Adds text when there is room for it.
    fn add(&mut self, text: &str) -> bool {
        let length = text.chars().count();
        if length > self.room {
            return false;
        }
        self.room -= length;
        self.text.push_str(text);
        true
    }

    /// Adds each finding while there is room, and says how many were left out.
    fn each(&mut self, findings: &[&Finding], line: impl Fn(&Finding) -> String, rest: impl Fn(usize) -> String) {
        for (index, finding) in findings.iter().enumerate() {
            if !self.add(&line(finding)) {
                // Kept out of the count: the sentence itself always fits.
                self.text.push_str(&rest(findings.len() - index));
                self.room = 0;
                return;
            }
        }
    }

    fn drift(&mut self, findings: &[&Finding]) {
        if findings.is_empty() || !self.add("### Out of date\n\n") {
            return;
        }
        self.each(findings, |finding| format!("- {}\n", inline(&super::place::sentence(finding))), |rest| format!("- and {rest} more\n"));
        let help = findings.iter().map(|finding| finding.help.as_str()).find(|help| !help.is_empty());
        if let Some(help) = help {
            self.add(&format!("\nTo bring them up to date: {}\n\n", code(help)));
        }
    }

    fn table(&mut self, title: &str, findings: &[&Finding]) {
        if findings.is_empty() || !self.add(&format!("### {title}\n\n| Where | What | Code | To let it through |\n|---|---|---|---|\n")) {
            return;
        }
        let row = |finding: &Finding| {
            let affects = match finding.affects.len() {
                0 => String::new(),
                count => format!("<br>reaches {count}: {}", inline(&first_of(&finding.affects))),
            };
            format!(
                "| {} | `{}` {}{affects} | {} | {} |\n",
                code(&finding.location.told()),
                finding.rule,
                inline(&finding.message),
                place(finding),
                code(&finding.help),
            )
        };
        self.each(findings, row, |rest| format!("| | and {rest} more | | |\n"));
        self.add("\n");
    }

    fn list(&mut self, title: &str, findings: &[&Finding], is_folded: bool) {
        let count = findings.len();
        let (head, tail) = match is_folded {
            true => (format!("<details><summary>{title} ({count})</summary>\n\n"), "\n</details>\n\n"),
            false => (format!("### {title}\n\n"), "\n"),
        };
        if findings.is_empty() || self.room < head.len() + tail.len() + 200 {
            return;
        }
        self.room -= tail.len();
        self.add(&head);
        let line = |finding: &Finding| {
            let accepted = finding.accepted.as_ref().map(|accepted| {
                let until = accepted.until.as_ref().map(|day| format!(", until {}", inline(day))).unwrap_or_default();
                format!(" — accepted by {}: {}{until}", inline(&accepted.by), inline(&accepted.reason))
            });
            let at = place(finding);
            let at = if at.is_empty() { at } else { format!(" ({at})") };
            let (where_, what) = (code(&finding.location.told()), inline(&finding.message));
            format!("- {where_} `{}` {what}{at}{}\n", finding.rule, accepted.unwrap_or_default())
        };
        self.each(findings, line, |rest| format!("- and {rest} more\n"));
        self.text.push_str(tail);
    }
}

fn first_of(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
    format!("{}{}", shown.join(", "), if names.len() > shown.len() { ", …" } else { "" })
}

fn place(finding: &Finding) -> String {
    match main_place(finding) {
        Some(place) if place.line > 0 => code(&format!("{}:{}", place.file, place.line)),
        Some(place) => code(&place.file),
        None => String::new(),
    }
}

/// Text inside a line of Markdown: no markup of its own, no line breaks, safe in a table's cell.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\n' | '\r' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' => {
                out.push('\\');
                out.push(char);
            }
            char if char.is_control() => {}
            char => out.push(char),
        }
    }
    out
}

/// Text as code. Backticks cannot stand in it, and a bar would end a table's cell.
fn code(text: &str) -> String {
    let clean: String = text.chars().filter(|char| !char.is_control() && *char != '`').collect();
    if clean.is_empty() { clean } else { format!("`{}`", clean.replace('|', "\\|")) }
}
