//! The broad calls: what the repository is, and which files are worth a closer look.

use std::collections::BTreeMap;

use super::answers::Answered;
use super::batches::{Part, call_of};
use super::run::{Run, WIDTH};
use super::survey::{Signs, Survey};
use super::{facts, parallel, survey, unread_of};
use crate::contract::model::Contract;
use crate::contract::resolutions::questions::{Form, Question};
use crate::llm::call::{Asks, Call, Limits, NoAnswer, Task};
use crate::llm::consensus::{self, Rule};
use crate::llm::evidence::{self, Excerpt, Pool};
use crate::llm::prompt::Step;

/// With so few files nobody is asked which of them are worth a look.
const FEW_FILES: usize = 8;
/// Files of one triage: what is said of them fits into a short answer.
const TRIAGED: usize = 5;

/// The first, broad call: asked when there are files nobody reads, or when nothing says what the repository is for.
pub(super) fn understanding(
    pool: &Pool,
    contract: &Contract,
    questions: &[Question],
    survey: &Survey,
    limits: &dyn Fn(Task) -> Limits,
) -> Option<(Call, Vec<Excerpt>)> {
    let is_wanted = unread_of(questions).iter().any(|path| survey.signs.contains_key(*path))
        || questions.iter().any(|question| question.form == Form::Text);
    let step = Step::RepositoryUnderstanding;
    let paths = pool.paths();
    let listing = survey::listing(&paths);
    let room = limits(step.task()).bytes().saturating_sub(listing.len() + 6000).max(1500);
    let excerpts = is_wanted.then(|| survey::telling(pool, &paths, room)).filter(|excerpts| !excerpts.is_empty())?;
    let data =
        BTreeMap::from([("facts", facts::of_repository(contract, survey)), ("listing", listing), ("code", evidence::render(&excerpts))]);
    Some((call_of(step, &data, &excerpts), excerpts))
}

impl<A: Asks> Run<'_, A> {
    /// Asks what the repository is.
    pub(super) async fn understand(&mut self) {
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
        let answers = agreed.into_iter().map(|agreed| Answered { part: Part::Whole, agreed, prompt: prompt.clone() });
        self.outcomes.entry(index).or_default().answers.extend(answers);
    }

    fn lose(&mut self, why: &NoAnswer) {
        self.is_over |= matches!(why, NoAnswer::Budget(_) | NoAnswer::Cancelled);
        self.tally.no_answer(why);
    }

    /// Asks which of many files are worth a closer look.
    pub(super) async fn triage(&mut self) {
        let asked = unread_of(self.questions);
        let asked: Vec<(&String, &Signs)> = self.survey.signs.iter().filter(|(path, _)| asked.contains(path.as_str())).collect();
        if self.is_over || asked.len() <= FEW_FILES {
            return;
        }
        let facts = facts::of_repository(self.contract, &self.survey);
        let shown = |(path, signs): (&String, &Signs)| Some(Excerpt::new(self.pool.text(path)?, signs.lines()));
        let files: Vec<Excerpt> = asked.into_iter().filter_map(shown).collect();
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
}
