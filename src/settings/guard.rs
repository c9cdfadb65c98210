//! `[guard]`: what `check` and `diff` fail on, and what they pass over.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `check` and `diff` fail on, and what they pass over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GuardSettings {
    /// What makes `check` fail; `breaking` by default, and `drift` for `check --staged`.
    pub fail_on: Option<FailOn>,
    /// What makes `check --staged` fail.
    pub fail_on_staged: Option<FailOn>,
    /// What makes it fail for one kind of contract: `http`, `event`, `db`, `graphql`, `proto`, `infra`, `feature`, `meta`.
    pub fail_on_domain: BTreeMap<String, FailOn>,
    /// Levels of rules, of kinds of contracts, or of groups (`client-facing`, `data-loss`, `locks`). A rule's own level
    /// wins over a group's, a group's over that of a kind.
    pub levels: BTreeMap<String, LevelSetting>,
    /// What is not told at all.
    pub ignore: Vec<IgnoreSettings>,
    /// Promises with one of these marks are nobody's business: an extension that is `true`, or a word of the
    /// description. `x-internal` and `@internal` by default.
    pub internal_marks: Option<Vec<String>>,
    /// `allow`: what a feature breaks in a new major version is accepted.
    pub major_bump: MajorBump,
    /// So many days must lie between the deprecation of an operation or parameter and its `x-sunset`; none by default.
    pub notice_days: u32,
    /// Whether whatever is deprecated needs an `x-sunset`.
    pub needs_sunset: bool,
    /// Who relies on what besides this repository: places (`GET /orders*`, `orders`) and names.
    pub consumers: BTreeMap<String, Vec<String>>,
}

/// What makes a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Nothing; a verdict is given all the same.
    None,
    /// Committed contracts that are not what the code yields.
    Drift,
    /// That, and breaking changes.
    #[default]
    Breaking,
    /// That, and warnings.
    Warning,
    /// Any change at all.
    Any,
}

/// How bad a change is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LevelSetting {
    /// Somebody is let down.
    Breaking,
    /// May hurt somebody.
    Warning,
    /// Hurts nobody.
    Info,
    /// Is not told.
    Off,
}

/// Whether a new major version lets breaks through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MajorBump {
    /// It does.
    Allow,
    /// Each break is accepted by itself.
    #[default]
    Deny,
}

/// What is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IgnoreSettings {
    /// Where, in the words of the contract, with `*` for anything: `GET /internal/*`.
    pub location: Option<String>,
    /// Code files, with `*` for anything.
    pub file: Option<String>,
    /// Only this rule.
    pub rule: Option<String>,
    /// Why.
    pub reason: Option<String>,
}
