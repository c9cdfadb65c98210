//! One run: what is known so far, and one step after the other.

use std::collections::BTreeMap;

use super::answers::{self, Answered, Outcome};
use super::batches::{Batch, Given};
use super::survey::Survey;
use super::tally::Tally;
use super::voice::{Heard, Whom, hear};
use super::{Settled, parallel};
use crate::contract::model::{Contract, Resolution};
use crate::contract::resolutions::Evidenced;
use crate::contract::resolutions::questions::Question;
use crate::llm::call::{Asks, Call, Limits, Task};
use crate::llm::consensus::{self, Agreed, Rule};
use crate::llm::evidence::Pool;
use crate::llm::prompt::Step;

/// Calls that are under way at once; each provider has a limit of its own besides.
pub(super) const WIDTH: usize = 16;

/// What is known so far.
pub(super) struct Run<'a, A> {
    pub(super) asks: &'a A,
    pub(super) pool: &'a Pool<'a>,
    pub(super) contract: &'a Contract,
    pub(super) questions: &'a [Question],
    pub(super) survey: Survey,
    pub(super) outcomes: BTreeMap<usize, Outcome>,
    pub(super) tally: Tally,
    pub(super) is_over: bool,
}

impl<'a, A: Asks> Run<'a, A> {
    pub(super) fn new(asks: &'a A, pool: &'a Pool<'a>, contract: &'a Contract, questions: &'a [Question], survey: Survey) -> Self {
        let tally = Tally { questions: questions.len(), ..Tally::default() };
        Self { asks, pool, contract, questions, survey, outcomes: BTreeMap::new(), tally, is_over: false }
    }

    pub(super) fn given<'b>(&'b self, limits: &'b dyn Fn(Task) -> Limits) -> Given<'b> {
        Given { pool: self.pool, contract: self.contract, questions: self.questions, survey: &self.survey, limits }
    }

    /// Puts the questions of a step, and takes the answers.
    pub(super) async fn step(&mut self, step: Step) {
        let limits = |task| self.asks.limits(task);
        let given = self.given(&limits);
        let batches = given.batches(step);
        self.put(batches).await;
        if step == Step::ApiExtraction {
            let batches = self.bodies();
            self.put(batches).await;
        }
    }

    async fn put(&mut self, batches: Vec<Batch>) {
        if self.is_over {
            batches.iter().for_each(|batch| self.cut(batch));
            return;
        }
        let calls: Vec<(Batch, Call)> = batches.into_iter().map(|batch| (batch.clone(), batch.call())).collect();
        let heard = self.round(&calls).await;
        let (calls, heard) = self.look_closer(calls, heard).await;
        let heard = self.let_judge(&calls, heard).await;
        for ((batch, call), heard) in calls.iter().zip(heard) {
            self.take(batch, call, heard);
        }
    }

    /// Questions that are not put, since nothing more may be asked.
    fn cut(&mut self, batch: &Batch) {
        self.tally.not_asked += batch.asks.len();
        for index in batch.of.iter().flat_map(|(of, _)| of) {
            self.outcomes.entry(*index).or_default().is_cut = true;
        }
    }

    /// Who is asked: several families where nothing in the code settles it, else the route.
    fn members(&self, step: Step) -> Vec<String> {
        let is_asked_of_many = matches!(step, Step::ApiExtraction | Step::ApiValues | Step::EventFlow | Step::EventValues);
        let members = if is_asked_of_many { self.asks.members(step.task()) } else { Vec::new() };
        if members.len() < 2 { Vec::new() } else { members }
    }

    /// Puts calls, each to all who are asked. The first goes alone: what all calls of a step share is in the services' caches then.
    pub(super) async fn round(&mut self, calls: &[(Batch, Call)]) -> Vec<Vec<Heard>> {
        let Some((first, rest)) = calls.split_first() else { return Vec::new() };
        let asks = self.asks;
        let members = self.members(first.0.step);
        let one = |(batch, call): &'_ (Batch, Call)| {
            let whom: Vec<Whom> =
                if members.is_empty() { vec![Whom::Route] } else { members.iter().map(|model| Whom::One(model)).collect() };
            let (batch, call) = (batch.clone(), call.clone());
            async move {
                let voices: Vec<_> = whom.into_iter().map(|whom| hear(asks, whom, &batch, &call)).collect();
                parallel::all(WIDTH, voices).await
            }
        };
        let mut heard = vec![one(first).await];
        if heard.iter().flatten().any(|heard| heard.is_over) {
            heard.extend(rest.iter().map(|_| Vec::new()));
        } else {
            heard.extend(parallel::all(WIDTH, rest.iter().map(one).collect::<Vec<_>>()).await);
        }
        for ((batch, _), heard) in calls.iter().zip(&mut heard) {
            // Nobody was asked, or nobody could be any more.
            if heard.is_empty() || heard.iter().all(|heard| heard.voice.is_none()) && heard.iter().any(|heard| heard.is_over) {
                self.cut(batch);
            }
            for heard in heard {
                self.is_over |= heard.is_over;
                self.tally.add(std::mem::take(&mut heard.tally));
            }
        }
        heard
    }

    fn rule(&self, step: Step) -> Rule {
        Rule { quorum: self.asks.limits(step.task()).quorum, is_single: !step.is_list() }
    }

    /// Where families are divided, one more model is asked.
    async fn let_judge(&mut self, calls: &[(Batch, Call)], mut heard: Vec<Vec<Heard>>) -> Vec<Vec<Heard>> {
        let mut divided: Vec<(usize, String)> = Vec::new();
        for (index, ((batch, call), heard)) in calls.iter().zip(&heard).enumerate() {
            let voices: Vec<_> = heard.iter().filter_map(|heard| heard.voice.clone()).collect();
            let judge = self.asks.judge(call.task).filter(|judge| voices.iter().all(|voice| voice.model != *judge));
            if let Some(judge) = judge.filter(|_| !self.is_over && consensus::is_divided(&voices, self.rule(batch.step))) {
                divided.push((index, judge));
            }
        }
        let asks = self.asks;
        let more =
            divided.iter().filter_map(|(index, judge)| calls.get(*index).map(|(batch, call)| hear(asks, Whom::One(judge), batch, call)));
        let more = parallel::all(WIDTH, more.collect::<Vec<_>>()).await;
        for ((index, _), mut more) in divided.into_iter().zip(more) {
            self.is_over |= more.is_over;
            self.tally.add(std::mem::take(&mut more.tally));
            heard.get_mut(index).into_iter().for_each(|heard| heard.push(std::mem::take(&mut more)));
        }
        heard
    }

    /// Weighs what was heard.
    fn take(&mut self, batch: &Batch, call: &Call, heard: Vec<Heard>) {
        let rule = self.rule(batch.step);
        // Somebody whose findings did not stand has not said that there are none.
        let all_heard = heard.iter().any(|heard| heard.voice.is_some() && heard.is_whole);
        let voices: Vec<_> = heard.into_iter().filter_map(|heard| heard.voice).collect();
        if voices.is_empty() && batch.step.is_list() {
            // A part that nobody answered: what other parts tell is not all of it.
            for index in batch.of.iter().flat_map(|(of, _)| of) {
                self.outcomes.entry(*index).or_default().is_cut = true;
            }
        }
        let agreement = consensus::agree(&voices, rule);
        self.tally.unsupported += agreement.unsupported;
        let prompt = call.prompt.id();
        for (ask, (of, part)) in batch.of.iter().enumerate() {
            let own: Vec<Agreed> = agreement.agreed.iter().filter(|agreed| agreed.finding.ask == ask).cloned().collect();
            self.tally.candidates += own.iter().filter(|agreed| agreed.finding.is_candidate).count();
            for index in of {
                let outcome = self.outcomes.entry(*index).or_insert_with(|| Outcome { is_heard: true, ..Outcome::default() });
                outcome.is_heard &= all_heard;
                outcome.prompt.clone_from(&prompt);
                outcome.models = voices.iter().map(|voice| voice.model.clone()).collect();
                outcome.models.sort();
                outcome.answers.extend(own.iter().map(|agreed| Answered {
                    part: part.clone(),
                    agreed: agreed.clone(),
                    prompt: prompt.clone(),
                }));
            }
        }
    }

    pub(super) fn settled(mut self, code: &dyn Evidenced) -> Settled {
        let told = answers::told_operations(self.contract);
        let keys = self.outcomes.values().flat_map(|outcome| &outcome.answers).map(|answer| &answer.agreed.finding.key);
        self.tally.known = keys.filter(|key| told.contains(*key)).count();
        let resolutions = self
            .outcomes
            .iter()
            .filter_map(|(index, outcome)| answers::resolution(self.questions.get(*index)?, outcome, self.contract, code));
        let mut resolutions: Vec<Resolution> = resolutions.collect();
        resolutions.sort_by(|a, b| (&a.gap, &a.code, &a.subject).cmp(&(&b.gap, &b.code, &b.subject)));
        self.tally.answered = resolutions.len();
        Settled { resolutions, problems: self.pool.problems(), tally: self.tally }
    }
}
