//! Breaks that somebody accepted: one file per decision under `contracts/accepted/`, and what they let through.
//!
//! A list that cannot be read silences nothing: no verdict is given. A decision goes inert once it is in the base, since
//! its break is there too; so the same break made again has to be decided again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::contracts::{ACCEPTED, Contracts};
use super::finding::{Accepted, Finding};
use super::pattern::matches;
use crate::base::nearest::nearest;
use crate::diff::catalogue;
use crate::diff::change::{Change, Domain, Level, Location};

/// A decision as its file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The finding's fingerprint; absent when a place with `*` says what is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The rule. With a fingerprint it is for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The place, in the words of the contract. Without a fingerprint, `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Why.
    pub reason: String,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The day it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The last day it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A decision cannot be read; nothing is accepted then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a list of accepted breaks cannot be read: {message}")]
pub struct Malformed {
    /// The file, under the contracts folder, with its line when that is known.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

/// One decision, wherever it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// What it lets through.
    pub what: What,
    /// Who, why, until when, told where.
    pub told: Accepted,
    /// It was made in the very range that is compared. Older ones are inert.
    pub is_new: bool,
}

/// What a decision lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// One finding.
    Fingerprint(String),
    /// All findings of a rule at places of a pattern.
    Pattern {
        /// The rule.
        rule: String,
        /// The places.
        location: String,
    },
}

impl What {
    fn covers(&self, finding: &Finding) -> bool {
        match self {
            Self::Fingerprint(fingerprint) => *fingerprint == finding.fingerprint,
            Self::Pattern { rule, location } => {
                *rule == finding.rule && (matches(location, &finding.location.told()) || matches(location, &finding.location.subject))
            }
        }
    }

    /// The name of its file, without the extension.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Fingerprint(fingerprint) => fingerprint.clone(),
            Self::Pattern { rule, location } => blake3::hash(format!("{rule}\0{location}").as_bytes()).to_hex()[..12].to_owned(),
        }
    }
}

/// The decisions of a set of contracts; `base` are those of the earlier side.
///
/// # Errors
/// When one of them cannot be read.
pub fn read(head: &Contracts, base: &Contracts) -> Result<Vec<Acceptance>, Malformed> {
    let before: BTreeMap<&str, &[u8]> = base.accepted.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let mut found = Vec::new();
    for (path, bytes) in &head.accepted {
        let decision = read_one(path, bytes)?;
        let is_new = before.get(path.as_str()).is_none_or(|there| *there != bytes.as_slice());
        found.push(acceptance(path, decision, is_new)?);
    }
    Ok(found)
}

/// One file's decision.
///
/// # Errors
/// When it is none.
pub fn read_one(path: &str, bytes: &[u8]) -> Result<Decision, Malformed> {
    let malformed = |message: String| Malformed { place: path.to_owned(), message };
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8".into()))?;
    toml::from_str(text).map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
        let message = error.message().lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
        Malformed { place: format!("{path}:{line}"), message }
    })
}

fn acceptance(path: &str, decision: Decision, is_new: bool) -> Result<Acceptance, Malformed> {
    let malformed = |message: String| Malformed { place: path.to_owned(), message };
    if decision.reason.trim().is_empty() {
        return Err(malformed("`reason` is empty: say why the break is let through".into()));
    }
    if let Some(until) = decision.until.as_ref().filter(|day| !is_day(day)) {
        return Err(malformed(format!("`until` is `{until}`, and no day: write it as 2026-12-31")));
    }
    if let Some(rule) = decision.rule.as_ref().filter(|rule| catalogue::rule(rule).is_none()) {
        let near = nearest(rule, catalogue::rules().map(|rule| rule.id.as_str()));
        let near = near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        return Err(malformed(format!("there is no rule `{rule}`{near}")));
    }
    let stem = path.strip_prefix(ACCEPTED).and_then(|name| name.strip_suffix(".toml")).unwrap_or(path);
    let what = match (decision.fingerprint, decision.rule, decision.location) {
        (Some(fingerprint), ..) if !is_fingerprint(&fingerprint) => {
            return Err(malformed(format!("`{fingerprint}` is no fingerprint: twelve hexadecimal digits")));
        }
        (Some(fingerprint), ..) if fingerprint != stem => {
            return Err(malformed(format!("the file is named `{stem}`, and accepts `{fingerprint}`")));
        }
        (Some(fingerprint), ..) => What::Fingerprint(fingerprint),
        (None, Some(rule), Some(location)) => What::Pattern { rule, location },
        (None, ..) => return Err(malformed("it says neither `fingerprint` nor both `rule` and `location`".into())),
    };
    let told = Accepted {
        by: decision.by.unwrap_or_else(|| "somebody".into()),
        reason: decision.reason.trim().to_owned(),
        until: decision.until,
        told_in: path.to_owned(),
    };
    Ok(Acceptance { what, told, is_new })
}

/// Whether a text is a fingerprint.
#[must_use]
pub fn is_fingerprint(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether a text is a day, `2026-12-31`.
#[must_use]
pub fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |text: &str, digits: usize| (text.len() == digits).then(|| text.parse::<u32>().ok()).flatten();
    let (Some(_), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else { return false };
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Marks what is accepted; the findings about decisions themselves come back: new ones that let nothing through, and
/// those whose day is over. `folder` is where the contracts lie.
pub fn apply(acceptances: &[Acceptance], findings: &mut [Finding], today: &str, folder: &str) -> Vec<Finding> {
    let mut about = Vec::new();
    for acceptance in acceptances.iter().filter(|acceptance| acceptance.is_new) {
        let is_over = acceptance.told.until.as_deref().is_some_and(|until| until < today);
        let mut is_used = false;
        for finding in findings.iter_mut().filter(|finding| acceptance.what.covers(finding) && !finding.is_about_contracts()) {
            is_used = true;
            if !is_over && finding.accepted.is_none() {
                finding.accepted = Some(acceptance.told.clone());
                finding.help = String::new();
            }
        }
        let place = match acceptance.told.told_in.starts_with(ACCEPTED) {
            true => format!("{folder}/{}", acceptance.told.told_in),
            false => acceptance.told.told_in.clone(),
        };
        match (is_used, is_over) {
            (true, true) => {
                let until = acceptance.told.until.clone().unwrap_or_default();
                let words = format!("an accepted break is past its date ({until}): decide again");
                about.push(about_decision("meta-acceptance-expired", &place, words, Level::Breaking));
            }
            (false, _) => {
                let words = "an accepted break did not happen: delete the decision".to_owned();
                about.push(about_decision("meta-unused-acceptance", &place, words, Level::Warning));
            }
            (true, false) => {}
        }
    }
    about
}

/// A finding about a decision: a file, a commit, a comment (`file:line`).
pub(super) fn about_decision(rule: &str, place: &str, message: String, level: Level) -> Finding {
    let location = Location { subject: place.to_owned(), ..Location::default() };
    let mut finding = Finding::of(Change::new(rule, Domain::Meta, location).at_level(level));
    let (file, line) = match place.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
        Some((file, line)) => (file, line),
        None => (place, 0),
    };
    finding.source = (file.contains(['/', '.'])).then(|| super::Place { file: file.to_owned(), line });
    finding.message = message;
    finding.help = String::new();
    finding
}
