//! JUnit's XML, as CI servers read it: one test suite for each kind of contract, one test case for each finding.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::place::{main_place, paragraph, sentence};
use crate::diff::change::{Domain, Level};
use crate::guard::{Finding, Report};

pub(super) fn render(report: &Report) -> String {
    let mut suites: BTreeMap<Domain, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        suites.entry(finding.contract).or_default().push(finding);
    }
    let failures = |findings: &[&Finding]| findings.iter().filter(|finding| report.fails(finding)).count();
    let all: Vec<&Finding> = report.findings.iter().collect();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, failed) = (all.len().max(1), failures(&all));
    writeln!(text, "<testsuites name=\"contract-agent\" tests=\"{tests}\" failures=\"{failed}\">").expect("a string takes all");
    if suites.is_empty() {
        text.push_str("  <testsuite name=\"contracts\" tests=\"1\" failures=\"0\">\n");
        text.push_str("    <testcase classname=\"contracts\" name=\"no contract changes\"/>\n  </testsuite>\n");
    }
    for (domain, findings) in &suites {
        let name = format!("{domain:?}").to_lowercase();
        let (tests, failed) = (findings.len(), failures(findings));
        writeln!(text, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\">").expect("a string takes all");
        for finding in findings {
            case(&mut text, finding, report.fails(finding));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn case(text: &mut String, finding: &Finding, fails: bool) {
    let place = main_place(finding);
    let file = place.map(|place| format!(" file=\"{}\"", escaped(&place.file))).unwrap_or_default();
    let line = place.filter(|place| place.line > 0).map(|place| format!(" line=\"{}\"", place.line)).unwrap_or_default();
    let (class, name) = (escaped(&finding.rule), escaped(&format!("{} [{}]", finding.location.told(), finding.fingerprint)));
    write!(text, "    <testcase classname=\"{class}\" name=\"{name}\"{file}{line}").expect("a string takes all");
    if fails {
        let kind = if finding.level == Level::Breaking { "breaking" } else { "warning" };
        let (message, body) = (escaped(&sentence(finding)), escaped(&paragraph(finding)));
        write!(text, ">\n      <failure type=\"{kind}\" message=\"{message}\">{body}</failure>\n    </testcase>\n")
            .expect("a string takes all");
    } else {
        let body = escaped(&paragraph(finding));
        write!(text, ">\n      <system-out>{body}</system-out>\n    </testcase>\n").expect("a string takes all");
    }
}

/// Text for XML 1.0: markup escaped, characters that it cannot hold left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            char if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') => {}
            char => out.push(char),
        }
    }
    out
}
