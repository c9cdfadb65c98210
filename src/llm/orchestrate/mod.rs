//! The order in which questions are put: first the broad ones, then what builds on their answers; independent questions at once;
//! those that lack code a second time with more of it.
//!
//! Whatever happens, what code says stays: an outcome is a list of answers, and what is not answered stays open.

pub mod answers;
pub mod batches;
pub mod facts;
pub mod parallel;
pub mod survey;
pub mod tally;
pub mod voice;

use std::collections::BTreeMap;

use super::call::{Asks, Call, Limits, Task};
use super::consensus::{self, Agreed, Rule};
use super::evidence::gather::{Near, declarations};
use super::evidence::{self, Excerpt, Pool};
use super::ground::Kind;
use super::prompt::{Step, continued};
use crate::contract::model::{Contract, Problem, Resolution};
use crate::contract::resolutions::Evidenced;
use crate::contract::resolutions::questions::{Form, Question, UNREAD};
use answers::{Answered, Outcome};
use batches::{Batch, Given, call_of};
use survey::{Signs, Survey};
use tally::Tally;
use voice::{Heard, Whom, hear, shown};

/// Calls that are under way at once; each provider has a limit of its own besides.
const WIDTH: usize = 16;
/// With so few files nobody is asked which of them are worth a look.
const FEW_FILES: usize = 8;
/// Files of one triage.
const TRIAGED: usize = 12;

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
    let mut run = Run {
        asks,
        pool,
        contract,
        questions,
        survey: Survey::default(),
        outcomes: BTreeMap::new(),
        tally: Tally::default(),
        is_over: false,
    };
    run.tally.questions = questions.len();
    run.look_at_unread();
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
    let survey = Survey { signs: signs_of(pool, questions), ..Survey::default() };
    let given = Given { pool, contract, questions, survey: &survey, limits };
    let mut calls: Vec<Call> = understanding(pool, contract, questions, &survey, limits).map(|(call, _)| call).into_iter().collect();
    calls.extend(STEPS.into_iter().flat_map(|step| given.batches(step)).map(|batch| batch.call()));
    calls
}

/// Files that no reader knows and that look like something.
fn signs_of(pool: &Pool, questions: &[Question]) -> BTreeMap<String, Signs> {
    let unread = questions.iter().filter(|question| question.gap.code == UNREAD).map(|question| &question.gap.evidence.file);
    unread.filter_map(|path| Some((path.clone(), Signs::of(&*pool.text(path)?)))).filter(|(_, signs)| !signs.is_empty()).collect()
}

/// The first, broad call: asked when there are files nobody reads, or when nothing says what the repository is for.
fn understanding(
    pool: &Pool,
    contract: &Contract,
    questions: &[Question],
    survey: &Survey,
    limits: &dyn Fn(Task) -> Limits,
) -> Option<(Call, Vec<Excerpt>)> {
    let is_wanted = !survey.signs.is_empty() || questions.iter().any(|question| question.form == Form::Text);
    let step = Step::RepositoryUnderstanding;
    let paths = pool.paths();
    let listing = survey::listing(&paths);
    let room = limits(step.task()).bytes().saturating_sub(listing.len() + 6000).max(1500);
    let excerpts = is_wanted.then(|| survey::telling(pool, &paths, room)).filter(|excerpts| !excerpts.is_empty())?;
    let data =
        BTreeMap::from([("facts", facts::of_repository(contract, survey)), ("listing", listing), ("code", evidence::render(&excerpts))]);
    Some((call_of(step, &data, &excerpts), excerpts))
}

struct Run<'a, A> {
    asks: &'a A,
    pool: &'a Pool<'a>,
    contract: &'a Contract,
    questions: &'a [Question],
    survey: Survey,
    outcomes: BTreeMap<usize, Outcome>,
    tally: Tally,
    is_over: bool,
}

impl<A: Asks> Run<'_, A> {
    fn look_at_unread(&mut self) {
        self.survey.signs = signs_of(self.pool, self.questions);
    }

    async fn understand(&mut self) {
        let limits = |task| self.asks.limits(task);
        let Some((call, excerpts)) = understanding(self.pool, self.contract, self.questions, &self.survey, &limits) else { return };
        let answer = match self.asks.ask(&call).await {
            Ok(answer) => answer,
            Err(why) => return self.lose(&why),
        };
        self.tally.answer(&answer);
        let Some(finding) = self.survey.understand(&excerpts, &answer.value) else { return };
        let Some(index) = self.questions.iter().position(|question| question.form == Form::Text) else { return };
        let voice = consensus::Voice { model: answer.model, family: answer.family, findings: vec![finding] };
        let agreed = consensus::agree(&[voice], Rule { quorum: 2, is_single: true }).agreed;
        let prompt = call.prompt.id();
        self.tally.grounded += agreed.len();
        let answers = agreed.into_iter().map(|agreed| Answered { hole: None, agreed, prompt: prompt.clone() });
        self.outcomes.entry(index).or_default().answers.extend(answers);
    }

    fn lose(&mut self, why: &super::call::NoAnswer) {
        self.is_over |= matches!(why, super::call::NoAnswer::Budget(_) | super::call::NoAnswer::Cancelled);
        self.tally.no_answer(why);
    }

    /// Asks which of many files are worth a closer look.
    async fn triage(&mut self) {
        if self.is_over || self.survey.signs.len() <= FEW_FILES {
            return;
        }
        let facts = facts::of_repository(self.contract, &self.survey);
        let shown = |(path, signs): (&String, &Signs)| Some(Excerpt::new(self.pool.text(path)?, signs.lines()));
        let files: Vec<Excerpt> = self.survey.signs.iter().filter_map(shown).collect();
        let calls: Vec<(Call, &[Excerpt])> = files
            .chunks(TRIAGED)
            .map(|files| {
                let data = BTreeMap::from([("facts", facts.clone()), ("code", evidence::render(files))]);
                (call_of(Step::Triage, &data, files), files)
            })
            .collect();
        let answers = parallel::all(WIDTH, calls.iter().map(|(call, _)| self.asks.ask(call)).collect::<Vec<_>>()).await;
        for ((_, files), answer) in calls.iter().zip(answers) {
            match answer {
                Ok(answer) => {
                    self.tally.answer(&answer);
                    self.survey.narrow(files, &answer.value);
                }
                Err(why) => self.lose(&why),
            }
        }
    }

    async fn step(&mut self, step: Step) {
        let limits = |task| self.asks.limits(task);
        let given = Given { pool: self.pool, contract: self.contract, questions: self.questions, survey: &self.survey, limits: &limits };
        let batches = given.batches(step);
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
        for (index, _) in &batch.of {
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
    async fn round(&mut self, calls: &[(Batch, Call)]) -> Vec<Vec<Heard>> {
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
            if heard.is_empty() {
                self.cut(batch);
            }
            for heard in heard {
                self.is_over |= heard.is_over;
                self.tally.add(std::mem::take(&mut heard.tally));
            }
        }
        heard
    }

    /// Where an answer asked for declarations, and they are found, the same questions are put again with them.
    async fn look_closer(&mut self, calls: Vec<(Batch, Call)>, heard: Vec<Vec<Heard>>) -> (Vec<(Batch, Call)>, Vec<Vec<Heard>>) {
        let mut deeper: Vec<(usize, (Batch, Call))> = Vec::new();
        for (index, ((batch, call), heard)) in calls.iter().zip(&heard).enumerate() {
            let is_allowed = !self.is_over && self.asks.limits(batch.step.task()).max_rounds > 1;
            if let Some(deep) = is_allowed.then(|| self.deeper(batch, call, heard)).flatten() {
                deeper.push((index, deep));
            }
        }
        let (places, again): (Vec<usize>, Vec<(Batch, Call)>) = deeper.into_iter().unzip();
        self.tally.deep_dives += again.len();
        let more = self.round(&again).await;
        let (mut calls, mut heard) = (calls, heard);
        for ((place, call), more) in places.into_iter().zip(again).zip(more) {
            let (Some(known), Some(before)) = (heard.get_mut(place), calls.get_mut(place)) else { continue };
            merge(known, more);
            *before = call;
        }
        (calls, heard)
    }

    fn deeper(&self, batch: &Batch, call: &Call, heard: &[Heard]) -> Option<(Batch, Call)> {
        let mut names: Vec<String> = heard.iter().flat_map(|heard| &heard.needs).cloned().collect();
        names.sort();
        names.dedup();
        let findings = || heard.iter().filter_map(|heard| heard.voice.as_ref()).flat_map(|voice| &voice.findings);
        let is_open = |ask: usize| !findings().any(|finding| finding.ask == ask && !finding.is_candidate);
        if names.is_empty() || !(0..batch.asks.len()).any(is_open) {
            return None;
        }
        let limits = |task| self.asks.limits(task);
        let given = Given { pool: self.pool, contract: self.contract, questions: self.questions, survey: &self.survey, limits: &limits };
        let questions: Vec<&Question> = batch.of.iter().filter_map(|(index, _)| self.questions.get(*index)).collect();
        let slugs: Vec<&str> = questions.iter().map(|question| question.feature.as_str()).collect();
        let places: Vec<_> = questions.iter().flat_map(|question| batches::places_of(question)).collect();
        let files = given.near(&slugs, &places, &names);
        let room = limits(batch.step.task()).bytes() / 3;
        let more = declarations(self.pool, Near { files: &files, names: &names }, room);
        let is_new = |excerpt: &Excerpt| {
            excerpt.lines().any(|(line, _)| !batch.excerpts.iter().any(|known| known.text.path == excerpt.text.path && known.has(line)))
        };
        let more: Vec<Excerpt> = more.into_iter().filter(is_new).collect();
        let said = heard.iter().find(|heard| heard.voice.is_some()).map(|heard| shown(&heard.said)).unwrap_or_default();
        if more.is_empty() {
            return None;
        }
        let earlier = format!("your answer:\n{said}\nyou asked for: {}", names.join(", "));
        let data = BTreeMap::from([("earlier", earlier), ("code", evidence::render(&more))]);
        let excerpts = evidence::joined(batch.excerpts.iter().cloned().chain(more).collect());
        let files = excerpts.iter().map(Excerpt::sent).collect();
        let call = Call { prompt: continued(&call.prompt, Step::DeepDive, &data), files, ..call.clone() };
        Some((Batch { excerpts, ..batch.clone() }, call))
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
        let voices: Vec<_> = heard.into_iter().filter_map(|heard| heard.voice).collect();
        let all_heard = !voices.is_empty();
        let agreement = consensus::agree(&voices, rule);
        self.tally.unsupported += agreement.unsupported;
        let prompt = call.prompt.id();
        for (ask, (index, hole)) in batch.of.iter().enumerate() {
            let is_list = matches!(batch.asks.get(ask).map(|ask| &ask.kind), Some(Kind::Declared));
            let own = agreement.agreed.iter().filter(|agreed| agreed.finding.ask == ask);
            let own: Vec<Agreed> = own.cloned().collect();
            let outcome = self.outcomes.entry(*index).or_insert_with(|| Outcome { is_heard: true, ..Outcome::default() });
            outcome.is_heard &= all_heard && is_list;
            outcome.prompt.clone_from(&prompt);
            outcome.models = voices.iter().map(|voice| voice.model.clone()).collect();
            outcome.models.sort();
            self.tally.candidates += own.iter().filter(|agreed| agreed.finding.is_candidate).count();
            outcome.answers.extend(own.into_iter().map(|agreed| Answered { hole: hole.clone(), agreed, prompt: prompt.clone() }));
        }
    }

    fn settled(mut self, code: &dyn Evidenced) -> Settled {
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

/// A second look replaces what it answers anew; what was answered before stays where it does not.
fn merge(known: &mut [Heard], more: Vec<Heard>) {
    if known.len() != more.len() {
        return;
    }
    for (before, after) in known.iter_mut().zip(more) {
        let Some(mut voice) = after.voice else { continue };
        if let Some(earlier) = before.voice.take() {
            let answered: Vec<usize> = voice.findings.iter().map(|finding| finding.ask).collect();
            voice.findings.extend(earlier.findings.into_iter().filter(|finding| !answered.contains(&finding.ask)));
        }
        before.voice = Some(voice);
    }
}

#[cfg(test)]
mod tests;
