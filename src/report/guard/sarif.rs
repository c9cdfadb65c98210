//! SARIF 2.1.0 (OASIS standard), as code scanning services read it.
//!
//! GitHub shows no more than 5,000 results of a run, so no more are written, the worst first; what was left out is counted in
//! the run's properties. What is accepted stands as a suppression.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::place::{main_place, paragraph, sentence};
use crate::diff::catalogue::{self, Rule};
use crate::diff::change::Level;
use crate::guard::{Finding, Place, Report};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// How many results a run may have.
const MOST: usize = 5_000;

pub(super) fn render(report: &Report) -> String {
    let findings: Vec<&Finding> = report.findings.iter().take(MOST).collect();
    let mut rules: BTreeMap<&str, usize> = findings.iter().map(|finding| (finding.rule.as_str(), 0)).collect();
    rules.values_mut().zip(0..).for_each(|(index, number)| *index = number);
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, rules[finding.rule.as_str()])).collect();
    let driver = json!({
        "name": report.tool.name,
        "version": report.tool.version,
        "semanticVersion": report.tool.version,
        "rules": rules.keys().map(|id| rule(id)).collect::<Vec<_>>(),
    });
    let mut run = json!({
        "tool": { "driver": driver },
        "columnKind": "utf16CodeUnits",
        "automationDetails": { "id": format!("{}/", report.tool.name) },
        "results": results,
    });
    if report.findings.len() > MOST {
        run["properties"] = json!({ "total": report.findings.len(), "leftOut": report.findings.len() - MOST });
    }
    let document = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    let mut text = serde_json::to_string_pretty(&document).expect("JSON values always serialize");
    text.push('\n');
    text
}

fn rule(id: &str) -> Value {
    let Some(Rule { change, rationale, safely, level, domain, .. }) = catalogue::rule(id) else { return json!({ "id": id }) };
    let help = match safely {
        Some(safely) => format!("{rationale}. {safely}"),
        None => rationale.clone(),
    };
    json!({
        "id": id,
        "shortDescription": { "text": change },
        "fullDescription": { "text": rationale },
        "help": { "text": help },
        "defaultConfiguration": { "level": level_of(*level) },
        "properties": { "tags": [domain] },
    })
}

fn result(finding: &Finding, rule_index: usize) -> Value {
    let mut result = Map::new();
    result.insert("ruleId".into(), finding.rule.as_str().into());
    result.insert("ruleIndex".into(), rule_index.into());
    result.insert("level".into(), level_of(finding.level).into());
    result.insert("message".into(), json!({ "text": paragraph(finding) }));
    let mut location = Map::new();
    if let Some(place) = main_place(finding) {
        location.insert("physicalLocation".into(), physical(place));
    }
    location.insert("logicalLocations".into(), json!([{ "fullyQualifiedName": finding.location.told() }]));
    result.insert("locations".into(), json!([location]));
    let related: Vec<Value> = finding
        .contract_source
        .iter()
        .filter(|place| Some(*place) != main_place(finding))
        .map(|place| json!({ "id": 1, "physicalLocation": physical(place), "message": { "text": "the committed contract" } }))
        .collect();
    if !related.is_empty() {
        result.insert("relatedLocations".into(), related.into());
    }
    result.insert("partialFingerprints".into(), json!({ "contractAgent/v1": finding.fingerprint }));
    if let Some(accepted) = &finding.accepted {
        let justification = format!("{}: {} ({})", accepted.by, accepted.reason, accepted.told_in);
        result.insert("suppressions".into(), json!([{ "kind": "external", "status": "accepted", "justification": justification }]));
    }
    result.insert("properties".into(), json!({ "summary": sentence(finding), "contract": finding.contract }));
    result.into()
}

fn physical(place: &Place) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri_of(&place.file), "uriBaseId": "%SRCROOT%" } });
    if place.line > 0 {
        physical["region"] = json!({ "startLine": place.line });
    }
    physical
}

fn level_of(level: Level) -> &'static str {
    match level {
        Level::Breaking => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

/// A path as a relative URI reference (RFC 3986): what is not unreserved goes percent-encoded.
fn uri_of(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
