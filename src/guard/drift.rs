//! Drift: committed documents that are not what the code yields.

use std::collections::{BTreeMap, BTreeSet};

use super::contracts::Contracts;
use super::finding::{Finding, Place};
use crate::contract::documents::{Document, FEATURES, README};
use crate::diff::change::{Change, Domain, Level, Location};

/// Which documents differ, by path under the contracts folder; each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Those that differ, are missing, or are too many.
    pub stale: Vec<String>,
    /// Of these, those that somebody edited by hand.
    pub edited: Vec<String>,
    /// Nothing is committed at all.
    pub is_missing: bool,
}

impl Drift {
    /// Between what is committed and what the code yields.
    #[must_use]
    pub fn between(committed: &Contracts, derived: &[Document]) -> Self {
        if committed.is_empty() {
            let stale = derived.iter().map(|document| document.path.clone()).collect();
            return Self { stale, edited: Vec::new(), is_missing: true };
        }
        let wanted: BTreeMap<&str, &[u8]> = derived.iter().map(|document| (document.path.as_str(), document.bytes.as_slice())).collect();
        let mut stale: BTreeSet<String> = BTreeSet::new();
        let differs = |(path, bytes): &(&&str, &&[u8])| committed.documents.get(**path).is_none_or(|there| there.as_slice() != **bytes);
        stale.extend(wanted.iter().filter(differs).map(|(path, _)| (*path).to_owned()));
        let extra = committed.documents.keys().filter(|path| committed.is_listed(path) && !wanted.contains_key(path.as_str()));
        stale.extend(extra.cloned());
        let edited = committed.edited().into_iter().filter(|path| stale.contains(path)).collect();
        Self { stale: stale.into_iter().collect(), edited, is_missing: false }
    }

    /// Whether the committed documents are what the code yields.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.stale.is_empty()
    }

    /// The findings: one cause, one finding, however many documents it reaches. `folder` is where the contracts are
    /// committed, `command` what writes them anew.
    #[must_use]
    pub fn findings(&self, folder: &str, written_by: Option<&str>, command: &str) -> Vec<Finding> {
        let rest: Vec<&String> = self.stale.iter().filter(|path| !self.edited.contains(path)).collect();
        let mut findings = Vec::new();
        let ours = env!("CARGO_PKG_VERSION");
        if self.is_missing {
            let message = "code yields a contract and none is committed".to_owned();
            findings.push(finding("meta-contract-missing", folder, &rest, command, message));
        } else if !rest.is_empty() {
            let message = match written_by {
                Some(version) if version != ours => {
                    format!("the committed contract was written by contract-agent {version}, this is {ours}: it has to be written anew")
                }
                _ => "the committed contract differs from what the code yields".to_owned(),
            };
            findings.push(finding("meta-contract-stale", folder, &rest, command, message));
        }
        if !self.edited.is_empty() {
            let edited: Vec<&String> = self.edited.iter().collect();
            let message = "a generated contract was edited by hand".to_owned();
            findings.push(finding("meta-contract-hand-edited", folder, &edited, command, message));
        }
        findings
    }
}

fn finding(rule: &str, folder: &str, documents: &[&String], command: &str, message: String) -> Finding {
    let affects: Vec<String> = documents.iter().map(|path| format!("{folder}/{path}")).collect();
    let first = documents.iter().find(|path| path.starts_with(FEATURES) && !path.ends_with(README)).or_else(|| documents.first());
    let location = Location { subject: folder.to_owned(), ..Location::default() };
    let change = Change { affects, ..Change::new(rule, Domain::Meta, location).at_level(Level::Breaking) };
    let mut finding = Finding::of(change);
    finding.message = message;
    finding.help = command.to_owned();
    finding.contract_source = first.map(|path| Place { file: format!("{folder}/{path}"), line: 0 });
    finding.features = features_of(documents);
    finding.stale = true;
    finding
}

/// The slugs of the features whose documents these are.
fn features_of(documents: &[&String]) -> Vec<String> {
    let slugs = documents.iter().filter_map(|path| path.strip_prefix(FEATURES)?.strip_prefix('/')?.split_once('/'));
    slugs.map(|(slug, _)| slug.to_owned()).collect::<BTreeSet<String>>().into_iter().collect()
}
