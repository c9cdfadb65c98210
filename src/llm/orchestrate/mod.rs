//! The order in which questions are put: first the broad ones, then what builds on their answers; independent questions at once;
//! those that lack code a second time with more of it.
//!
//! Whatever happens, what code says stays: an outcome is a list of answers, and what is not answered stays open.

pub mod answers;
pub mod batches;
mod broad;
mod closer;
pub mod facts;
pub mod parallel;
mod run;
pub mod survey;
pub mod tally;
pub mod voice;

use std::collections::BTreeSet;

use super::call::{Asks, Call, Limits, Task};
use super::evidence::Pool;
use super::prompt::Step;
use crate::contract::model::{Contract, Problem, Resolution};
use crate::contract::resolutions::Evidenced;
use crate::contract::resolutions::questions::{Question, UNREAD};
use batches::Given;
use broad::understanding;
use run::Run;
use survey::Survey;
use tally::Tally;

/// The steps that answer questions, in their order.
const STEPS: [Step; 9] = [
    Step::ApiExtraction,
    Step::ApiValues,
    Step::SchemaAnalysis,
    Step::EventFlow,
    Step::EventValues,
    Step::ApiTypes,
    Step::SchemaTypes,
    Step::ContractMerging,
    Step::FeatureAnalysis,
];

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// Answers that stand, sorted by question.
    pub resolutions: Vec<Resolution>,
    /// What was noticed on the way: text that speaks to models, files that are not sent.
    pub problems: Vec<Problem>,
    /// What came of it in numbers.
    pub tally: Tally,
}

/// Puts questions and gives the answers that stand, each tied to the code it rests on.
pub async fn settle<A: Asks>(asks: &A, pool: &Pool<'_>, code: &dyn Evidenced, contract: &Contract, questions: &[Question]) -> Settled {
    let mut run = Run::new(asks, pool, contract, questions, Survey::of(pool, &unread_of(questions)));
    run.understand().await;
    run.triage().await;
    for step in STEPS {
        run.step(step).await;
    }
    run.settled(code)
}

/// The calls that a run would begin with: what depends on answers is not among them.
#[must_use]
pub fn plan(limits: &dyn Fn(Task) -> Limits, pool: &Pool, contract: &Contract, questions: &[Question]) -> Vec<Call> {
    let survey = Survey::of(pool, &unread_of(questions));
    let given = Given { pool, contract, questions, survey: &survey, limits };
    let mut calls: Vec<Call> = understanding(pool, contract, questions, &survey, limits).map(|(call, _)| call).into_iter().collect();
    calls.extend(STEPS.into_iter().flat_map(|step| given.batches(step)).map(|batch| batch.call()));
    calls
}

/// The files without a reader that are asked about.
fn unread_of(questions: &[Question]) -> BTreeSet<&str> {
    questions.iter().filter(|question| question.gap.code == UNREAD).map(|question| question.gap.evidence.file.as_str()).collect()
}

#[cfg(test)]
mod tests;
