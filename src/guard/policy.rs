//! `[guard]` of the settings, checked against the catalogue: levels, what is passed over, what makes a run fail.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::finding::Finding;
use super::pattern::matches;
use crate::base::nearest::nearest;
use crate::diff::catalogue;
use crate::diff::change::{Change, Domain, Level};
use crate::diff::http;
use crate::diff::promises::Promises;
use crate::settings::guard::{FailOn, GuardSettings, IgnoreSettings, LevelSetting};

/// A setting names something that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {message}")]
pub struct PolicyError {
    /// The setting's key.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// How to go on.
    pub help: String,
}

/// Rules under which data is lost for good.
const DATA_LOSS: &[&str] = &[
    "db-column-removed",
    "db-column-type-narrowed",
    "db-enum-value-removed",
    "db-migration-truncates-data",
    "db-schema-removed",
    "db-table-removed",
    "infra-resource-removed",
    "infra-resource-replaced",
    "infra-stateful-storage-changed",
    "infra-stateful-storage-removed",
];

/// Rules under which a running database stalls.
const LOCKS: &[&str] = &["db-domain-constraint-added", "db-migration-locks-writes", "db-migration-rewrites-table"];

/// Groups of rules.
pub const GROUPS: [&str; 3] = ["client-facing", "data-loss", "locks"];

/// What marks a promise as nobody's business, unless the settings say otherwise.
const INTERNAL_MARKS: [&str; 2] = ["x-internal", "@internal"];

/// What makes a run fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// For contracts of any kind.
    pub fail_on: FailOn,
    /// For contracts of one kind.
    pub by_domain: BTreeMap<Domain, FailOn>,
}

impl Gate {
    /// Whether a finding, as it was judged, fails the run.
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        if finding.is_drift() {
            return self.fail_on >= FailOn::Drift;
        }
        let fail_on =
            if self.fail_on == FailOn::None { FailOn::None } else { *self.by_domain.get(&finding.contract).unwrap_or(&self.fail_on) };
        finding.accepted.is_none()
            && match fail_on {
                FailOn::None | FailOn::Drift => false,
                FailOn::Breaking => finding.level == Level::Breaking,
                FailOn::Warning => finding.level <= Level::Warning,
                FailOn::Any => true,
            }
    }
}

/// The settings, known to name only what exists.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    levels: BTreeMap<String, LevelSetting>,
    ignore: Vec<IgnoreSettings>,
    marks: Vec<String>,
    consumers: BTreeMap<String, Vec<String>>,
    by_domain: BTreeMap<Domain, FailOn>,
    is_major_allowed: bool,
    notice_days: u32,
    needs_sunset: bool,
}

impl Policy {
    /// Of settings.
    ///
    /// # Errors
    /// When they name a rule, group or kind that does not exist.
    pub fn new(settings: &GuardSettings) -> Result<Self, PolicyError> {
        for name in settings.levels.keys() {
            if catalogue::rule(name).is_none() && !GROUPS.contains(&name.as_str()) && domain_of(name).is_none() {
                return Err(unknown("guard.levels", name, catalogue::rules().map(|rule| rule.id.as_str()).chain(GROUPS).chain(DOMAINS)));
            }
        }
        for rule in settings.ignore.iter().filter_map(|entry| entry.rule.as_ref()) {
            if catalogue::rule(rule).is_none() {
                return Err(unknown("guard.ignore.rule", rule, catalogue::rules().map(|rule| rule.id.as_str())));
            }
        }
        let mut by_domain = BTreeMap::new();
        for (name, fail_on) in &settings.fail_on_domain {
            let Some(domain) = domain_of(name) else { return Err(unknown("guard.fail_on_domain", name, DOMAINS)) };
            by_domain.insert(domain, *fail_on);
        }
        if let Some(empty) =
            settings.ignore.iter().position(|entry| entry.location.is_none() && entry.file.is_none() && entry.rule.is_none())
        {
            return Err(PolicyError {
                key: format!("guard.ignore[{empty}]"),
                message: "it would pass over everything".into(),
                help: "say `location`, `file` or `rule`".into(),
            });
        }
        Ok(Self {
            levels: settings.levels.clone(),
            ignore: settings.ignore.clone(),
            marks: settings.internal_marks.clone().unwrap_or_else(|| INTERNAL_MARKS.map(String::from).to_vec()),
            consumers: settings.consumers.clone(),
            by_domain,
            is_major_allowed: settings.major_bump == crate::settings::guard::MajorBump::Allow,
            notice_days: settings.notice_days,
            needs_sunset: settings.needs_sunset,
        })
    }

    /// What is asked of HTTP APIs on a day (`2026-12-31`). Wording is told when it was given a level.
    #[must_use]
    pub fn of_http(&self, today: &str) -> http::Policy {
        let defaults = http::Policy::default();
        http::Policy {
            today: http::Date::of(today).unwrap_or(defaults.today),
            notice: self.notice_days,
            needs_sunset: self.needs_sunset,
            wording: self.levels.get("http-description-changed").is_some_and(|level| *level != LevelSetting::Off),
            ..defaults
        }
    }

    /// What makes a run fail, with what the command line or the settings say for contracts of any kind.
    #[must_use]
    pub fn gate(&self, fail_on: FailOn) -> Gate {
        Gate { fail_on, by_domain: self.by_domain.clone() }
    }

    /// Whether breaks in a new major version are accepted.
    #[must_use]
    pub fn is_major_allowed(&self) -> bool {
        self.is_major_allowed
    }

    /// How bad a change is by the settings; `None` when it is not told.
    #[must_use]
    pub fn level_of(&self, change: &Change) -> Option<Level> {
        let by_group = || GROUPS.iter().filter(|group| is_in(change, group)).find_map(|group| self.levels.get(*group));
        let by_domain = || DOMAINS.iter().find(|name| domain_of(name) == Some(change.contract)).and_then(|name| self.levels.get(*name));
        match self.levels.get(&change.rule).or_else(by_group).or_else(by_domain) {
            None => (!catalogue::rule(&change.rule).is_some_and(|rule| rule.is_off)).then_some(change.level),
            Some(LevelSetting::Breaking) => Some(Level::Breaking),
            Some(LevelSetting::Warning) => Some(Level::Warning),
            Some(LevelSetting::Info) => Some(Level::Info),
            Some(LevelSetting::Off) => None,
        }
    }

    /// Whether a finding is passed over.
    #[must_use]
    pub fn is_ignored(&self, finding: &Finding) -> bool {
        let place = finding.location.told();
        let file = finding.source.as_ref().or(finding.base_source.as_ref()).map(|place| place.file.as_str());
        self.ignore.iter().any(|entry| {
            let by_rule = entry.rule.as_ref().is_none_or(|rule| *rule == finding.rule);
            let by_place =
                entry.location.as_ref().is_none_or(|pattern| matches(pattern, &place) || matches(pattern, &finding.location.subject));
            let by_file = entry.file.as_ref().is_none_or(|pattern| file.is_some_and(|file| matches(pattern, file)));
            by_rule && by_place && by_file
        })
    }

    /// Who else is said to rely on the place of a finding.
    pub fn consumers_of<'a>(&'a self, finding: &'a Finding) -> impl Iterator<Item = &'a String> {
        let place = finding.location.told();
        let concerns = move |pattern: &str| {
            matches(pattern, &place)
                || matches(pattern, &finding.location.subject)
                || finding.affects.iter().any(|affected| matches(pattern, affected))
        };
        self.consumers.iter().filter(move |(pattern, _)| concerns(pattern)).flat_map(|(_, names)| names)
    }

    /// The operations and channels that are marked as nobody's business.
    #[must_use]
    pub fn internal_subjects(&self, promises: &Promises) -> BTreeSet<String> {
        let paths = promises.api.as_ref().and_then(|api| api.get("paths")).and_then(Value::as_object);
        let mut found = BTreeSet::new();
        for (path, item) in paths.into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if operation.is_object() && (self.is_marked(operation) || self.is_marked(item)) {
                    found.insert(format!("{} {path}", method.to_uppercase()));
                }
            }
        }
        found
    }

    fn is_marked(&self, value: &Value) -> bool {
        let says = |key: &str, mark: &str| value.get(key).and_then(Value::as_str).is_some_and(|text| text.contains(mark));
        self.marks
            .iter()
            .any(|mark| value.get(mark.as_str()) == Some(&Value::Bool(true)) || says("description", mark) || says("summary", mark))
    }
}

/// The kinds of contracts, as settings name them.
const DOMAINS: [&str; 8] = ["http", "event", "db", "graphql", "proto", "infra", "feature", "meta"];

fn domain_of(name: &str) -> Option<Domain> {
    DOMAINS.contains(&name).then(|| serde_json::from_value(Value::from(name)).ok()).flatten()
}

fn is_in(change: &Change, group: &str) -> bool {
    match group {
        "client-facing" => matches!(change.contract, Domain::Http | Domain::Event | Domain::Graphql | Domain::Proto),
        "data-loss" => DATA_LOSS.contains(&change.rule.as_str()),
        _ => LOCKS.contains(&change.rule.as_str()),
    }
}

fn unknown<'a>(key: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> PolicyError {
    let help = match nearest(name, known) {
        Some(meant) => format!("did you mean `{meant}`? `contract-agent rules` lists them"),
        None => "`contract-agent rules` lists them".into(),
    };
    PolicyError { key: key.into(), message: format!("there is no rule, group or kind of contract `{name}`"), help }
}

/// What fails a run, by the word people use.
///
/// # Errors
/// When there is no such word.
pub fn fail_on_of(word: &str) -> Result<FailOn, String> {
    Ok(match word {
        "none" => FailOn::None,
        "drift" => FailOn::Drift,
        "breaking" => FailOn::Breaking,
        "warning" => FailOn::Warning,
        "any" => FailOn::Any,
        _ => return Err(format!("`{word}` is none of `drift`, `breaking`, `warning`, `any`, `none`")),
    })
}
