//! The forms of a report: valid for whoever reads them, bounded, and the same every time.

use contract_agent::diff::change::{Change, Domain, Location};
use contract_agent::guard::finding::Accepted;
use contract_agent::guard::{Finding, Gate, Place, Report, Side};
use contract_agent::report::Paint;
use contract_agent::report::guard::GuardFormat;
use serde_json::{Value, json};

fn finding(number: usize, rule: &str) -> Finding {
    let location =
        Location { subject: format!("GET /things/{number}"), part: "200 body".into(), path: "items[].price".into(), shared: None };
    let change = Change::new(rule, Domain::Http, location).with(Some(json!("number")), None);
    Finding { source: Some(Place { file: format!("src/with space/{number}.py"), line: 7 }), ..Finding::of(change) }
}

fn report(findings: Vec<Finding>) -> Report {
    let base = Side { name: "main".into(), ..Side::default() };
    Report::new(Some(base), Side { name: "the work tree".into(), ..Side::default() }, &Gate::default(), findings)
}

fn rendered(format: GuardFormat, report: &Report) -> String {
    format.render(report, Paint::Plain)
}

fn many(count: usize) -> Report {
    report((0..count).map(|number| finding(number, "output-required-property-removed")).collect())
}

#[test]
fn every_form_is_the_same_every_time() {
    let mut accepted = finding(3, "output-required-property-removed");
    accepted.accepted = Some(Accepted { by: "ada".into(), reason: "agreed".into(), ..Accepted::default() });
    let findings = vec![finding(2, "output-optional-property-added"), finding(1, "output-required-property-removed"), accepted];
    let mut turned = findings.clone();
    turned.reverse();
    for format in GuardFormat::ALL {
        let first = rendered(format, &report(findings.clone()));
        assert!(!first.is_empty(), "{}", format.name());
        for _ in 0..20 {
            assert_eq!(rendered(format, &report(turned.clone())), first, "{}", format.name());
        }
    }
}

#[test]
fn markdown_stays_short_and_counts_truly() {
    let text = rendered(GuardFormat::Markdown, &many(2_000));
    assert!(text.chars().count() <= 65_000, "{} characters", text.chars().count());
    let first = text.lines().next().expect("a first line");
    assert!(first.contains("2000 breaking"), "{first}");
    assert!(text.contains("more"), "says that something is left out");
    assert!(text.ends_with("<!-- contract-agent -->\n"), "keeps its mark");
}

#[test]
fn markdown_without_changes_says_so() {
    let text = rendered(GuardFormat::Markdown, &report(Vec::new()));
    assert!(text.lines().next().expect("a first line").contains("no contract changes"), "{text}");
}

#[test]
fn markdown_takes_no_markup_from_names() {
    let mut hostile = finding(1, "output-required-property-removed");
    hostile.message = "a | b\n</details><img src=x> @team `code` [link](there)".into();
    hostile.location.subject = "GET /a|b`c".into();
    let text = rendered(GuardFormat::Markdown, &report(vec![hostile]));
    assert!(!text.contains("<img") && !text.contains("</details>"), "{text}");
    assert!(!text.contains(" @team") && !text.contains("[link]("), "{text}");
    let row = text.lines().find(|line| line.starts_with("| `GET")).expect("a row");
    assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
}

#[test]
fn sarif_has_what_services_ask_for() {
    let document: Value = serde_json::from_str(&rendered(GuardFormat::Sarif, &many(5_010))).expect("JSON");
    let run = &document["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 5_000);
    assert_eq!(run["properties"]["leftOut"], 10);
    let (first, rules) = (&results[0], &run["tool"]["driver"]["rules"]);
    let index = usize::try_from(first["ruleIndex"].as_u64().expect("an index")).expect("small");
    assert_eq!(rules[index]["id"], first["ruleId"]);
    assert_eq!(first["level"], "error");
    let physical = &first["locations"][0]["physicalLocation"];
    assert!(physical["artifactLocation"]["uri"].as_str().expect("a URI").starts_with("src/with%20space/"));
    assert_eq!(physical["region"]["startLine"], 7);
}

#[test]
fn what_is_accepted_is_suppressed_and_still_there() {
    let mut accepted = finding(1, "output-required-property-removed");
    accepted.accepted = Some(Accepted { by: "ada".into(), reason: "agreed".into(), ..Accepted::default() });
    let report = report(vec![accepted]);
    let sarif: Value = serde_json::from_str(&rendered(GuardFormat::Sarif, &report)).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["status"], "accepted");
    assert!(rendered(GuardFormat::Markdown, &report).contains("accepted by ada"));
    assert_eq!(rendered(GuardFormat::Github, &report), "");
}

#[test]
fn annotations_are_few_and_escaped() {
    let mut odd = finding(0, "output-required-property-removed");
    odd.message = "100% gone\nreally".into();
    odd.source = Some(Place { file: "a,b:c.py".into(), line: 3 });
    let mut findings: Vec<Finding> = (1..30).map(|number| finding(number, "output-required-property-removed")).collect();
    findings.push(odd);
    let text = rendered(GuardFormat::Github, &report(findings));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 10, "{text}");
    assert!(lines.iter().all(|line| line.starts_with("::error ")), "{text}");
    assert!(lines[9].contains("and 21 more"), "{text}");
    let odd = lines.iter().find(|line| line.contains("a%2Cb%3Ac.py")).expect("the odd file");
    assert!(odd.contains("100%25 gone%0Areally") && odd.contains("line=3"), "{odd}");
}

#[test]
fn quality_issues_have_fingerprints_of_their_own() {
    let twice = vec![finding(1, "output-required-property-removed"), finding(1, "output-required-property-removed")];
    let issues: Vec<Value> = serde_json::from_str(&rendered(GuardFormat::Gitlab, &report(twice))).expect("JSON");
    assert_ne!(issues[0]["fingerprint"], issues[1]["fingerprint"]);
    assert_eq!(issues[0]["location"]["lines"]["begin"], 7);
    assert_eq!(issues[0]["severity"], "critical");
}

#[test]
fn junit_counts_what_fails_and_escapes() {
    let mut odd = finding(1, "output-required-property-removed");
    odd.message = "<a & \"b\"> \u{1}".into();
    let text = rendered(GuardFormat::Junit, &report(vec![odd, finding(2, "output-optional-property-added")]));
    assert!(text.contains("tests=\"2\" failures=\"1\""), "{text}");
    assert!(text.contains("&lt;a &amp; &quot;b&quot;&gt;") && !text.contains('\u{1}'), "{text}");
}

#[test]
fn diagnostics_name_their_range() {
    let document: Value = serde_json::from_str(&rendered(GuardFormat::Rdjson, &many(1))).expect("JSON");
    let diagnostic = &document["diagnostics"][0];
    assert_eq!(diagnostic["location"]["range"]["start"]["line"], 7);
    assert_eq!(diagnostic["severity"], "ERROR");
    assert_eq!(diagnostic["code"]["value"], "output-required-property-removed");
}
