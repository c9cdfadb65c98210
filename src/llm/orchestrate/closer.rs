//! The second look: where an answer asked for declarations that were not shown, the same questions are put again with them; and what
//! was found in a file is asked about more closely.

use std::collections::BTreeMap;

use super::batches::{Batch, places_of};
use super::run::Run;
use super::voice::{Heard, shown};
use super::{answers, answers::Outcome};
use crate::contract::model::Evidence;
use crate::contract::resolutions::questions::{Form, Question};
use crate::llm::call::{Asks, Call};
use crate::llm::evidence::gather::{Near, declarations};
use crate::llm::evidence::{self, Excerpt};
use crate::llm::ground::Finding;
use crate::llm::prompt::{Step, continued};

impl<A: Asks> Run<'_, A> {
    /// Where an answer asked for declarations, and they are found, the same questions are put again with them.
    pub(super) async fn look_closer(&mut self, calls: Vec<(Batch, Call)>, heard: Vec<Vec<Heard>>) -> (Vec<(Batch, Call)>, Vec<Vec<Heard>>) {
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
        let given = self.given(&limits);
        let questions: Vec<&Question> = batch.of.iter().flat_map(|(of, _)| of).filter_map(|index| self.questions.get(*index)).collect();
        let slugs: Vec<&str> = questions.iter().map(|question| question.feature.as_str()).collect();
        let places: Vec<_> = questions.iter().flat_map(|question| places_of(question)).collect();
        let files = given.near(&slugs, &places, &names);
        // What was said is repeated in some 2500 bytes.
        let room = (limits(batch.step.task()).bytes() / 4).saturating_sub(2500).max(1000);
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

    /// The bodies of operations that were found where no reader looks.
    pub(super) fn bodies(&self) -> Vec<Batch> {
        let limits = |task| self.asks.limits(task);
        let given = self.given(&limits);
        let told = answers::told_operations(self.contract);
        let of = |(index, outcome): (&usize, &Outcome)| {
            let findings = outcome.answers.iter().map(|answer| &answer.agreed.finding);
            let stand = findings.filter(|finding| !finding.is_candidate && !told.contains(&finding.key));
            let places = |finding: &Finding| finding.cited.iter().map(|cited| Evidence::new(&cited.text.path, "", cited.line)).collect();
            let mut operations: Vec<_> = stand.map(|finding| (finding.key.clone(), finding.value.clone(), places(finding))).collect();
            operations.sort_by(|a, b| a.0.cmp(&b.0));
            operations.dedup_by(|a, b| a.0 == b.0);
            given.bodies(*index, &operations)
        };
        self.outcomes
            .iter()
            .filter(|(index, _)| self.questions.get(**index).is_some_and(|question| question.form == Form::Findings))
            .flat_map(of)
            .collect()
    }
}

/// A second look replaces what it answers anew; what was answered before stays where it does not.
fn merge(known: &mut Vec<Heard>, more: Vec<Heard>) {
    let is_alone = known.len() == 1 && more.len() == 1;
    for mut after in more {
        let Some(voice) = &mut after.voice else { continue };
        let is_same = |before: &Heard| is_alone || before.voice.as_ref().is_some_and(|earlier| earlier.model == voice.model);
        let Some(before) = known.iter_mut().find(|before| is_same(before)) else {
            known.push(after);
            continue;
        };
        if let Some(earlier) = before.voice.take() {
            let answered: Vec<usize> = voice.findings.iter().map(|finding| finding.ask).collect();
            voice.findings.extend(earlier.findings.into_iter().filter(|finding| !answered.contains(&finding.ask)));
        }
        *before = after;
    }
}
