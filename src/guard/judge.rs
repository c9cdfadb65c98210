//! Changes → findings: levels by the settings, the code behind each, who is affected, what is passed over.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::places::{Code, Index, Told, When};
use super::policy::Policy;
use crate::diff::change::{Change, Level};
use crate::diff::promises::Promises;

/// Lines are looked for on behalf of so many findings; a report with more is read by programs.
const PLACED: usize = 3_000;

/// One side of a comparison: what it promises, and a way to the bytes of its files.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What it promises.
    pub promises: &'a Promises,
    /// The bytes of a file, by path from the repository's top.
    pub read: &'a dyn Fn(&str) -> Option<Vec<u8>>,
}

/// The findings of changes, judged by the settings.
#[must_use]
pub fn findings(changes: Vec<Change>, before: View, after: View, policy: &Policy) -> Vec<Finding> {
    let (was_internal, is_internal) = (policy.internal_subjects(before.promises), policy.internal_subjects(after.promises));
    let is_public = |change: &Change| {
        let subject = change.location.subject.as_str();
        let served_before = serves(before.promises, subject);
        !(was_internal.contains(subject) || is_internal.contains(subject) && !served_before)
    };
    let told_levels = changes.into_iter().filter(is_public).filter_map(|change| {
        let level = policy.level_of(&change)?;
        Some(Finding::of(change.at_level(level)))
    });
    let mut findings: Vec<Finding> = told_levels.collect();
    if findings.is_empty() {
        return findings;
    }
    let (was, is) = (Index::new(before.promises), Index::new(after.promises));
    let (old, new) = (Code::new(before.promises, before.read), Code::new(after.promises, after.read));
    for (number, finding) in findings.iter_mut().enumerate() {
        let (was, is) = (was.told(finding), is.told(finding));
        if number < PLACED {
            place(finding, (&old, &was), (&new, &is));
        }
        finding.features = was.features.union(&is.features).cloned().collect();
        let mut consumers: Vec<String> = was.consumers.union(&is.consumers).cloned().collect();
        consumers.extend(policy.consumers_of(finding).cloned());
        consumers.sort();
        consumers.dedup();
        finding.consumers = consumers;
    }
    findings.retain(|finding| !policy.is_ignored(finding));
    findings
}

/// The code before and after. Where a member is gone, the type it was in stands for it.
fn place(finding: &mut Finding, (old, was): (&Code, &Told), (new, is): (&Code, &Told)) {
    let before = old.find(finding, was, When::Before, None);
    let class = before.as_ref().and_then(|found| found.class.as_deref());
    let after = new.find(finding, is, When::After, class);
    finding.source = after.map(|found| found.place);
    let is_new = finding.before.is_none() && finding.rule.ends_with("-added");
    finding.base_source = before.filter(|found| found.is_exact || !is_new).map(|found| found.place);
}

/// Whether an operation is served.
fn serves(promises: &Promises, subject: &str) -> bool {
    let Some((method, path)) = subject.split_once(' ') else { return true };
    let item = promises.api.as_ref().and_then(|api| api.get("paths")?.get(path));
    item.is_some_and(|item| item.get(method.to_lowercase()).is_some())
}

/// Puts two comparisons with the same later side together: what changed since the base, and what the committed contracts do
/// not say yet. A finding of both stands once.
#[must_use]
pub fn joined(since_base: Option<Vec<Finding>>, uncommitted: Vec<Finding>) -> Vec<Finding> {
    let has_base = since_base.is_some();
    // What was there is no part of a fingerprint: two that are gone from one place stay two.
    let key = |finding: &Finding| (finding.fingerprint.clone(), finding.before.as_ref().map(ToString::to_string));
    let mut all: BTreeMap<(String, Option<String>), Finding> = BTreeMap::new();
    for finding in since_base.into_iter().flatten() {
        all.entry(key(&finding)).or_insert(finding);
    }
    for finding in uncommitted {
        match all.get_mut(&key(&finding)) {
            Some(known) => known.stale = true,
            None => {
                // Against the base it is no change: only the committed contract said otherwise.
                let level = if has_base { Level::Info } else { finding.level };
                all.insert(key(&finding), Finding { stale: true, level, ..finding });
            }
        }
    }
    all.into_values().collect()
}
