//! One finding: a change, where the code says it, whom it reaches, and whether somebody let it through.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::diff::catalogue;
use crate::diff::change::{Change, Domain, Level, Location};

/// A line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Path from the repository's top, `/`-separated.
    pub file: String,
    /// 1-based line; 0 when only the file is known.
    pub line: u32,
}

/// Who let a finding through, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// Who: a person, `comment`, `major version`.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The last day it holds, `2026-12-31`; absent when it holds for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The file, commit or comment that says so.
    pub told_in: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's id in the catalogue.
    pub rule: String,
    /// How bad it is, by the rule, its context and the settings. What is accepted keeps its level.
    pub level: Level,
    /// Twelve hexadecimal digits over rule, contract, place and new value: what acceptances name.
    pub fingerprint: String,
    /// What kind of contract it is about.
    pub contract: Domain,
    /// The features whose contract it stands in, by slug; sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Where, in the words of the contract.
    pub location: Location,
    /// What was there.
    pub before: Option<Value>,
    /// What is there now.
    pub after: Option<Value>,
    /// The code that says it now.
    pub source: Option<Place>,
    /// The code that said it before, at the base.
    pub base_source: Option<Place>,
    /// The committed contract's line.
    pub contract_source: Option<Place>,
    /// What else the same change reaches: operations, channels, documents; sorted.
    pub affects: Vec<String>,
    /// Who is known to rely on it: features of the repository, and consumers that the settings name; sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consumers: Vec<String>,
    /// Who let it through; null when nobody did.
    pub accepted: Option<Accepted>,
    /// The committed contract does not say it yet.
    pub stale: bool,
    /// What happened, one line.
    pub message: String,
    /// Why it matters, one sentence.
    pub why: String,
    /// How to go on: a command.
    pub help: String,
}

impl Finding {
    /// Of a change, before anybody judged it.
    #[must_use]
    pub fn of(change: Change) -> Self {
        let rule = catalogue::rule(&change.rule);
        let fingerprint = change.fingerprint();
        let help = match change.level {
            Level::Info => String::new(),
            _ => format!("contract-agent accept {fingerprint} --reason \"…\""),
        };
        Self {
            message: message_of(&change, rule.map(|rule| rule.change.as_str()).unwrap_or_default()),
            why: rule.map(|rule| rule.rationale.clone()).unwrap_or_default(),
            rule: change.rule,
            level: change.level,
            fingerprint,
            contract: change.contract,
            features: Vec::new(),
            location: change.location,
            before: change.before,
            after: change.after,
            source: None,
            base_source: None,
            contract_source: None,
            affects: change.affects,
            consumers: Vec::new(),
            accepted: None,
            stale: false,
            help,
        }
    }

    /// Whether it is about the contracts themselves and no change of a promise.
    #[must_use]
    pub fn is_about_contracts(&self) -> bool {
        self.contract == Domain::Meta
    }

    /// Whether the committed contracts are not what the code yields.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        matches!(self.rule.as_str(), "meta-contract-stale" | "meta-contract-missing" | "meta-contract-hand-edited")
    }

    /// Worst first, what is accepted last; then by contract and place.
    pub(crate) fn sort_key(&self) -> impl Ord + '_ {
        (self.accepted.is_some(), self.level, self.contract, &self.location, &self.rule, &self.fingerprint)
    }
}

impl Location {
    /// `POST /orders → 201 body.items[].price`; for a change of a shared schema the schema and its member.
    #[must_use]
    pub fn told(&self) -> String {
        if let Some(shared) = self.shared.as_ref().filter(|_| self.subject.is_empty()) {
            return shared.clone();
        }
        let mut text = self.subject.clone();
        if !self.part.is_empty() {
            text.push_str(if text.is_empty() { "" } else { " → " });
            text.push_str(&self.part);
        }
        if !self.path.is_empty() {
            let glue = match (text.is_empty(), self.part.is_empty()) {
                (true, _) => "",
                (_, true) => " → ",
                _ if self.path.starts_with('[') => "",
                _ => ".",
            };
            text.push_str(glue);
            text.push_str(&self.path);
        }
        text
    }
}

/// How many characters of a value a line shows.
const SHOWN: usize = 120;

fn message_of(change: &Change, what: &str) -> String {
    let values = match (&change.before, &change.after) {
        (None, None) => String::new(),
        (Some(before), None) => format!(" (was {})", shown(before)),
        (None, Some(after)) => format!(" ({})", shown(after)),
        (Some(before), Some(after)) => format!(" ({} → {})", shown(before), shown(after)),
    };
    format!("{what}{values}")
}

/// A value as a reader sees it: text without quotes, the rest as JSON, cut when long.
#[must_use]
pub fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
