//! Where in a contract the answers to its questions go.

use std::collections::BTreeMap;

use super::questions::{
    conflict_gap, is_counted, lacks_payload, lacks_request, lacks_response, payload_gap, purpose_gap, request_gap, response_gap,
    summary_gap,
};
use crate::contract::model::{Contract, FeatureContract, Gap};

/// Where an answer goes; features, operations and events by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A gap of an operation.
    Operation(usize, usize),
    /// A gap of an event.
    Event(usize, usize),
    /// A gap of a feature.
    Feature(usize),
    /// A gap of the repository.
    Repo,
    /// The responses of an operation.
    Responses(usize, usize),
    /// The request's body of an operation.
    Request(usize, usize),
    /// What travels on a channel.
    Payload(usize, usize),
    /// What a feature is for.
    Purpose(usize),
    /// What the repository is for.
    Summary,
    /// A conflict.
    Conflict(usize),
}

/// The open questions of a contract by id, with the places that their answers go to.
pub(super) fn open(contract: &Contract) -> BTreeMap<String, Vec<(Place, Gap)>> {
    let mut open: BTreeMap<String, Vec<(Place, Gap)>> = BTreeMap::new();
    let mut add = |place: Place, gap: Gap| open.entry(gap.id.clone()).or_default().push((place, gap));
    for (index, feature) in contract.features.iter().enumerate() {
        in_feature(index, feature, &mut add);
    }
    contract.repo.gaps.iter().for_each(|gap| add(Place::Repo, gap.clone()));
    for (index, conflict) in contract.repo.conflicts.iter().enumerate().filter(|(_, conflict)| conflict.chosen.is_none()) {
        add(Place::Conflict(index), conflict_gap(conflict));
    }
    if contract.repo.summary.is_empty() {
        add(Place::Summary, summary_gap(contract));
    }
    open
}

fn in_feature(index: usize, feature: &FeatureContract, add: &mut dyn FnMut(Place, Gap)) {
    for (number, operation) in feature.http.iter().enumerate() {
        operation.gaps.iter().for_each(|gap| add(Place::Operation(index, number), gap.clone()));
        if lacks_response(operation) {
            add(Place::Responses(index, number), response_gap(operation));
        }
        if lacks_request(operation) {
            add(Place::Request(index, number), request_gap(operation));
        }
    }
    for (number, event) in feature.events.iter().enumerate() {
        event.gaps.iter().for_each(|gap| add(Place::Event(index, number), gap.clone()));
        if lacks_payload(event) {
            add(Place::Payload(index, number), payload_gap(event));
        }
    }
    feature.gaps.iter().for_each(|gap| add(Place::Feature(index), gap.clone()));
    if feature.purpose_by.is_none() && is_counted(&feature.purpose) {
        add(Place::Purpose(index), purpose_gap(feature));
    }
}
