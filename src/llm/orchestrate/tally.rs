//! What came of a run's questions, in numbers.

use crate::llm::call::{Answer, NoAnswer};

/// Counts of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Questions that the contract leaves open and that can be put.
    pub questions: usize,
    /// Questions with an answer that stands.
    pub answered: usize,
    /// Calls that were answered.
    pub calls: usize,
    /// Calls that an earlier run had paid for.
    pub from_cache: usize,
    /// Calls that asked for a repair.
    pub repairs: usize,
    /// Calls that asked again with more code.
    pub deep_dives: usize,
    /// Findings that stand.
    pub grounded: usize,
    /// Findings that did not stand, even after a repair.
    pub dropped: usize,
    /// Operations that stand but whose path could not be put together from the code.
    pub candidates: usize,
    /// Findings that one secondary model had alone.
    pub unsupported: usize,
    /// Findings that code tells already.
    pub known: usize,
    /// Calls that nobody answered.
    pub unanswered: usize,
    /// Questions that were not put: the budget is spent or the run was stopped.
    pub not_asked: usize,
    /// Why calls were not answered, each reason once, sorted.
    pub reasons: Vec<String>,
}

impl Tally {
    /// Counts an answer.
    pub fn answer(&mut self, answer: &Answer) {
        self.calls += 1;
        self.from_cache += usize::from(answer.from_cache);
    }

    /// Counts a call that nobody answered.
    pub fn no_answer(&mut self, why: &NoAnswer) {
        self.unanswered += 1;
        let reason = why.to_string();
        if let Err(place) = self.reasons.binary_search(&reason) {
            self.reasons.insert(place, reason);
        }
    }

    /// Adds what another part of the run counted.
    pub fn add(&mut self, other: Self) {
        self.questions += other.questions;
        self.answered += other.answered;
        self.calls += other.calls;
        self.from_cache += other.from_cache;
        self.repairs += other.repairs;
        self.deep_dives += other.deep_dives;
        self.grounded += other.grounded;
        self.dropped += other.dropped;
        self.candidates += other.candidates;
        self.unsupported += other.unsupported;
        self.known += other.known;
        self.unanswered += other.unanswered;
        self.not_asked += other.not_asked;
        self.reasons.extend(other.reasons);
        self.reasons.sort();
        self.reasons.dedup();
    }
}
