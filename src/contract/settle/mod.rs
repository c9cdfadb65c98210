//! Brings a contract into its canonical form: sorted, joined, complete enough to be written as standard documents.
//! Settling twice changes nothing.
//!
//! It finds nothing new: what is missing becomes a gap, what contradicts itself a conflict.

mod database;
mod events;
mod infrastructure;
mod interfaces;
mod keywords;
mod operations;
mod schemas;
mod slug;

use std::collections::BTreeMap;

pub use events::legal;
pub(super) use operations::{route_word_of, status_of};
pub use schemas::each_schema_mut;
pub use slug::slug_of;

use super::documents::fingerprint_of;
use super::model::{Contract, Dependency, Evidence, FeatureContract, FeatureNode, Gap, LeftOut, Relationship, Relationships, RepoContract};

/// How many places are kept where one would do.
const EVIDENCE_CAP: usize = 10;

impl Contract {
    /// Brings the contract into its canonical form.
    pub fn settle(&mut self) {
        slug::settle(self);
        for feature in &mut self.features {
            let conflicts = settle_feature(feature);
            self.repo.conflicts.extend(conflicts);
        }
        settle_relationships(&mut self.relationships, &self.features);
        settle_repo(&mut self.repo);
    }
}

fn settle_feature(feature: &mut FeatureContract) -> Vec<super::model::Conflict> {
    for list in [&mut feature.files, &mut feature.languages, &mut feature.frameworks] {
        sort_unique(list);
    }
    sort_unique(&mut feature.entry_points);
    sort_unique(&mut feature.packages);
    settle_dependencies(&mut feature.dependencies, &feature.slug);
    let conflicts = operations::settle(feature);
    operations::settle_hidden(&mut feature.hidden);
    schemas::settle(feature);
    events::settle(feature);
    database::settle(&mut feature.databases);
    keywords::settle(feature);
    interfaces::settle(&mut feature.grpc, &mut feature.graphql);
    infrastructure::settle(&mut feature.infrastructure);
    for operation in &mut feature.http {
        settle_gaps(&mut operation.gaps);
    }
    settle_gaps(&mut feature.gaps);
    sort_unique(&mut feature.problems);
    feature.fingerprint.clear();
    let version = std::mem::take(&mut feature.version);
    feature.fingerprint = fingerprint_of(feature);
    feature.version = version;
    conflicts
}

fn settle_repo(repo: &mut RepoContract) {
    sort_unique(&mut repo.frameworks);
    sort_unique(&mut repo.entry_points);
    if let Some(architecture) = &mut repo.architecture {
        sort_unique(&mut architecture.reasons);
        settle_evidence(&mut architecture.evidence);
    }
    sort_unique(&mut repo.documents);
    sort_unique(&mut repo.conflicts);
    settle_gaps(&mut repo.gaps);
    settle_left_out(&mut repo.left_out);
    sort_unique(&mut repo.problems);
}

fn settle_left_out(left_out: &mut Vec<LeftOut>) {
    let mut by_reason: BTreeMap<String, LeftOut> = BTreeMap::new();
    for entry in left_out.drain(..) {
        let kept = by_reason.entry(entry.reason.clone()).or_insert_with(|| LeftOut { reason: entry.reason, ..LeftOut::default() });
        kept.count = kept.count.saturating_add(entry.count);
        kept.examples.extend(entry.examples);
    }
    left_out.extend(by_reason.into_values().map(|mut entry| {
        sort_unique(&mut entry.examples);
        entry.examples.truncate(EVIDENCE_CAP);
        entry
    }));
}

/// Joins dependencies on the same feature by the same means, and drops those on itself.
fn settle_dependencies(dependencies: &mut Vec<Dependency>, own: &str) {
    let mut joined: BTreeMap<_, Dependency> = BTreeMap::new();
    for dependency in dependencies.drain(..).filter(|dependency| dependency.on != own) {
        match joined.entry((dependency.on.clone(), dependency.kind)) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(dependency);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                slot.get_mut().weight = slot.get().weight.saturating_add(dependency.weight);
                slot.get_mut().evidence.extend(dependency.evidence);
            }
        }
    }
    dependencies.extend(joined.into_values());
    for dependency in dependencies {
        settle_evidence(&mut dependency.evidence);
    }
}

/// The nodes always follow the features; edges do when none were given.
fn settle_relationships(relationships: &mut Relationships, features: &[FeatureContract]) {
    relationships.features =
        features.iter().map(|feature| FeatureNode { slug: feature.slug.clone(), name: feature.name.clone(), kind: feature.kind }).collect();
    if relationships.edges.is_empty() {
        relationships.edges = features.iter().flat_map(edges_of).collect();
    }
    for edge in &mut relationships.edges {
        settle_evidence(&mut edge.evidence);
    }
    sort_unique(&mut relationships.edges);
    for cycle in &mut relationships.cycles {
        sort_unique(cycle);
    }
    sort_unique(&mut relationships.cycles);
    for layer in &mut relationships.layers {
        sort_unique(layer);
    }
}

fn edges_of(feature: &FeatureContract) -> impl Iterator<Item = Relationship> {
    feature.dependencies.iter().map(|dependency| Relationship {
        from: feature.slug.clone(),
        to: dependency.on.clone(),
        kind: dependency.kind,
        weight: dependency.weight,
        evidence: dependency.evidence.clone(),
    })
}

fn settle_gaps(gaps: &mut Vec<Gap>) {
    for gap in gaps.iter_mut() {
        gap.id = gap_id(gap);
    }
    gaps.sort_by(|a, b| (&a.subject, &a.code, a).cmp(&(&b.subject, &b.code, b)));
    gaps.dedup_by(|a, b| a.id == b.id);
}

/// The id of a gap.
#[must_use]
pub fn gap_id(gap: &Gap) -> String {
    let text = [gap.code.as_str(), &gap.subject, &gap.evidence.file, &gap.evidence.symbol].join("\0");
    blake3::hash(text.as_bytes()).to_hex().chars().take(12).collect()
}

fn settle_evidence(evidence: &mut Vec<Evidence>) {
    evidence.sort();
    evidence.dedup_by(|a, b| a.is_same_place(b));
    evidence.truncate(EVIDENCE_CAP);
}

fn sort_unique<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}
