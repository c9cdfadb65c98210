//! Answers laid over a settled contract.

mod found;
mod holes;
mod schemas;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use super::places::{self, Place};
use super::questions::{UNREAD, form_of, unread_gap};
use super::values::Value;
use super::{Evidenced, is_stale};
use crate::contract::model::{Answered, Choice, Confidence, Contract, Gap, Origin, Resolution};

/// An answer to one question may open the next one; so often that is followed.
const ROUNDS: usize = 4;

/// What became of answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Gaps whose answers are in the contract and still hold.
    pub applied: BTreeSet<String>,
    /// Answers that are followed though the code they rest on has changed.
    pub stale: Vec<Told>,
    /// Answers to what no code asks any more.
    pub unused: Vec<Told>,
    /// Answers that cannot stand beside what code says.
    pub refused: Vec<Told>,
    /// What had a hole in its path or name and has none now, as it was called before: no code has changed by that.
    pub filled: BTreeSet<String>,
    /// How many findings of models are kept without being believed.
    pub candidates: usize,
}

/// One answer, and what is to be said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The gap.
    pub gap: String,
    /// What it is about.
    pub subject: String,
    /// Why; empty when there is no more to say.
    pub why: String,
}

impl Told {
    fn of(resolution: &Resolution, why: impl Into<String>) -> Self {
        Self { gap: resolution.gap.clone(), subject: resolution.subject.clone(), why: why.into() }
    }
}

/// Lays answers over a settled contract, and settles it again. Without answers nothing is touched.
pub fn apply(contract: &mut Contract, resolutions: &[Resolution], code: &dyn Evidenced) -> Outcome {
    let mut outcome = Outcome::default();
    let mut left: Vec<&Resolution> = resolutions.iter().collect();
    left.sort_by(|a, b| a.gap.cmp(&b.gap));
    for _ in 0..ROUNDS {
        let open = places::open(contract);
        let before = left.len();
        left.retain(|resolution| {
            let places = places_of(resolution, &open, code);
            if !places.is_empty() {
                answer(contract, resolution, &places, is_stale(resolution, code), &mut outcome);
            }
            places.is_empty()
        });
        if left.len() == before || left.is_empty() {
            break;
        }
    }
    outcome.unused = left.iter().map(|resolution| Told::of(resolution, "no gap of the code has this id any more")).collect();
    if outcome.unused.len() < resolutions.len() {
        contract.settle();
    }
    outcome
}

/// Where an answer goes. Files without a reader raise no gap that is listed: they have to be there.
fn places_of(resolution: &Resolution, open: &BTreeMap<String, Vec<(Place, Gap)>>, code: &dyn Evidenced) -> Vec<(Place, Gap)> {
    if let Some(places) = open.get(&resolution.gap) {
        return places.clone();
    }
    let gap = unread_gap(&resolution.subject);
    let is_file = resolution.code == UNREAD && gap.id == resolution.gap && code.digest(&resolution.subject, "").is_some();
    if is_file { vec![(Place::Repo, gap)] } else { Vec::new() }
}

/// One answer, on its way into the contract.
struct Given {
    by: Answered,
}

impl Given {
    /// How sure a part of it can be at most.
    fn confidence(&self, own: Confidence) -> Confidence {
        own.max(self.by.confidence)
    }
}

fn answer(contract: &mut Contract, resolution: &Resolution, places: &[(Place, Gap)], stale: bool, outcome: &mut Outcome) {
    let confidence = if stale { Confidence::Low } else { resolution.confidence };
    let given = Given { by: Answered { origin: resolution.origin, confidence, stale } };
    let mut refused = None;
    for (place, gap) in places {
        let done = form_of(&gap.code)
            .ok_or_else(|| format!("a gap of the code `{}` cannot be answered here", gap.code))
            .and_then(|form| Value::read(form, &resolution.value))
            .and_then(|value| put(contract, (*place, gap), value, &given, outcome));
        match done {
            Ok(()) => close(contract, *place, gap, stale),
            Err(why) => refused = Some(why),
        }
    }
    match refused {
        Some(why) => outcome.refused.push(Told::of(resolution, why)),
        None if stale => outcome.stale.push(Told::of(resolution, "the code it rests on has changed")),
        None => drop(outcome.applied.insert(resolution.gap.clone())),
    }
}

fn put(contract: &mut Contract, (place, gap): (Place, &Gap), value: Value, given: &Given, outcome: &mut Outcome) -> Result<(), String> {
    match (value, place) {
        (value @ (Value::Part(_) | Value::Parts(_)), Place::Operation(feature, operation)) => {
            outcome.filled.extend([gap.subject.clone(), contract.features[feature].http[operation].key()]);
            holes::in_path(contract, (feature, operation), gap, &value, given)
        }
        (value @ (Value::Part(_) | Value::Parts(_)), Place::Event(feature, event)) => {
            outcome.filled.extend([gap.subject.clone(), contract.features[feature].events[event].channel.clone()]);
            holes::in_channel(contract, (feature, event), gap, &value, given)
        }
        (Value::Responses(responses), Place::Responses(feature, operation)) => {
            schemas::responses(&mut contract.features[feature], operation, &responses, given)
        }
        (Value::Schema(schema), Place::Request(feature, operation)) => {
            schemas::request(&mut contract.features[feature], operation, &schema, given)
        }
        (Value::Schema(schema), Place::Payload(feature, event)) => schemas::payload(&mut contract.features[feature], event, &schema, given),
        (Value::Schema(schema), Place::Feature(feature)) => schemas::component(&mut contract.features[feature], gap, &schema, given),
        (Value::Scheme(scheme), Place::Feature(feature)) => schemas::scheme(&mut contract.features[feature], gap, scheme, given),
        (Value::Described(described), Place::Purpose(feature)) => words::describe(&mut contract.features[feature], described, given),
        (Value::Text(text), Place::Summary) => {
            contract.repo.summary = text;
            contract.repo.summary_by = Some(given.by);
            Ok(())
        }
        (Value::Findings(found), place) => {
            outcome.candidates += found.operations.iter().filter(|operation| operation.candidate).count();
            found::add(contract, place, gap, found, given)
        }
        (Value::Side(side), Place::Conflict(index)) => choose(contract, index, side, given),
        _ => Err("the answer does not fit where its gap stands".into()),
    }
}

/// A choice is noted. What the contract follows is what the code does.
fn choose(contract: &mut Contract, index: usize, side: usize, given: &Given) -> Result<(), String> {
    let conflict = &mut contract.repo.conflicts[index];
    if side >= conflict.sides.len() {
        return Err(format!("the conflict has {} sides, counted from 0", conflict.sides.len()));
    }
    conflict.chosen = Some(Choice { side, by: given.by });
    Ok(())
}

/// The gap goes; one whose answer is stale stays, and says so.
fn close(contract: &mut Contract, place: Place, gap: &Gap, stale: bool) {
    let listed = match place {
        Place::Operation(feature, operation) => &mut contract.features[feature].http[operation].gaps,
        Place::Event(feature, event) => &mut contract.features[feature].events[event].gaps,
        Place::Repo | Place::Summary | Place::Conflict(_) => &mut contract.repo.gaps,
        Place::Feature(feature)
        | Place::Purpose(feature)
        | Place::Responses(feature, _)
        | Place::Request(feature, _)
        | Place::Payload(feature, _) => &mut contract.features[feature].gaps,
    };
    listed.retain(|known| known.id != gap.id);
    if stale {
        listed.push(Gap { stale, ..gap.clone() });
    }
}

/// Whether a model or a person says it.
fn is_answered(origin: Origin) -> bool {
    matches!(origin, Origin::Model | Origin::Human)
}
