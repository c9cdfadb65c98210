//! The catalogue of rules: what each is about, how bad it is, why, and what to do about it. Works offline.
//!
//! One JSON file per domain beside this one. A rule that is told has an `example` (a pair under which it fires) and a `quiet`
//! pair (a near miss); a test runs both and the example's mirror image.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::change::Level;

/// The files, by domain.
const FILES: &[(&str, &str)] = &[
    ("db", include_str!("db.json")),
    ("event", include_str!("event.json")),
    ("feature", include_str!("feature.json")),
    ("graphql", include_str!("graphql.json")),
    ("http", include_str!("http.json")),
    ("infra", include_str!("infra.json")),
    ("meta", include_str!("meta.json")),
    ("proto", include_str!("proto.json")),
    ("schema", include_str!("schema.json")),
];

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Its name, for good.
    pub id: String,
    /// Its domain: the name of its file.
    #[serde(default)]
    pub domain: String,
    /// How bad it is unless its context says otherwise.
    pub level: Level,
    /// Which way the data flows: `input` (the application accepts it), `output` (it emits it), `both`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// Where it can stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<String>,
    /// Contexts with a level of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub level_when: Vec<LevelWhen>,
    /// Wording and style: not told unless the settings give it a level.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_off: bool,
    /// What happened.
    pub change: String,
    /// Why it matters, in one sentence.
    pub rationale: String,
    /// How to make such a change safely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safely: Option<String>,
    /// Why no comparison tells it, when none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untold: Option<String>,
    /// The rule of the opposite change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<String>,
    /// A pair under which it fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Pair>,
    /// A pair that looks alike and under which it must not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Pair>,
}

/// A context that changes a rule's level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LevelWhen {
    /// The context.
    pub when: String,
    /// The level in it.
    pub level: Level,
}

/// Two states of the same thing: pieces of JSON documents, or texts (SQL, GraphQL, proto).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    /// The earlier one; null when there is none.
    pub before: Value,
    /// The later one; null when there is none.
    pub after: Value,
}

/// The rules of one file, by id.
type Shelf = BTreeMap<String, Rule>;

/// A shelf for each file, read when a rule of it is first asked for: most runs need one or two.
static SHELVES: [LazyLock<Shelf>; FILES.len()] = [
    LazyLock::new(read::<0>),
    LazyLock::new(read::<1>),
    LazyLock::new(read::<2>),
    LazyLock::new(read::<3>),
    LazyLock::new(read::<4>),
    LazyLock::new(read::<5>),
    LazyLock::new(read::<6>),
    LazyLock::new(read::<7>),
    LazyLock::new(read::<8>),
];

fn read<const FILE: usize>() -> Shelf {
    let (domain, text) = FILES[FILE];
    let rules: Vec<Rule> = serde_json::from_str(text).expect("the catalogue is tested to be readable");
    rules.into_iter().map(|rule| (rule.id.clone(), Rule { domain: domain.to_owned(), ..rule })).collect()
}

/// A rule by its id. Its first word names its file; those of schemas begin with a direction.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    let first = id.split('-').next().unwrap_or_default();
    let shelf = FILES.iter().position(|(domain, _)| *domain == first).unwrap_or(FILES.len() - 1);
    SHELVES.get(shelf)?.get(id)
}

/// All rules, sorted by id.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let all: BTreeMap<&String, &Rule> = SHELVES.iter().flat_map(|shelf| shelf.iter()).collect();
    all.into_values()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_says_why() {
        for rule in rules() {
            assert_eq!(rule.example.is_none(), rule.untold.is_some(), "{}", rule.id);
        }
    }

    #[test]
    fn inverses_are_rules_and_point_back() {
        for rule in rules() {
            let Some(inverse) = &rule.inverse else { continue };
            assert!(super::rule(inverse).is_some(), "{}: no rule `{inverse}`", rule.id);
        }
        assert!(rules().count() > 600);
        assert!(rules().all(|rule| super::rule(&rule.id) == Some(rule)));
    }
}
