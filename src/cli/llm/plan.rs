//! What a run would send, to whom, and at what cost.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Models;
use super::files::{Files, Masked};
use crate::cli::answers::Answers;
use crate::contract::model::Contract;
use crate::contract::resolutions::questions::{Question, questions_of};
use crate::llm::call::{Call, Task};
use crate::llm::client::{Planned, planned};
use crate::llm::evidence::Pool;
use crate::llm::orchestrate;
use crate::pipeline::evidence::unread;
use crate::scan::Tree;

/// The calls that a run begins with.
pub(super) struct Plan {
    /// How many questions they put.
    pub questions: usize,
    /// The calls; `None` where nobody can be reached.
    pub calls: Vec<(Call, Option<Planned>)>,
    /// Every service that may be asked, those beside the first too.
    pub hosts: BTreeSet<String>,
}

/// Calls in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sum {
    /// Calls that would be sent.
    pub calls: usize,
    /// Calls that an earlier run has paid for.
    pub kept: usize,
    /// Tokens.
    pub input: u64,
    /// US dollars at most.
    pub cost_usd: f64,
    /// What of.
    pub files: BTreeSet<String>,
}

impl Models {
    /// The calls that a run begins with. What depends on answers is not among them.
    pub(super) fn plan(&self, pool: &Pool, contract: &Contract, questions: &[Question]) -> Plan {
        let limits = |task| self.routing.limits(task);
        let calls = orchestrate::plan(&limits, pool, contract, questions);
        let taken = |call: &Call| planned(&self.routing, &self.keys, self.shelf.as_ref(), call);
        let hosts = calls.iter().flat_map(|call| self.hosts(call.task)).collect();
        Plan { questions: questions.len(), calls: calls.into_iter().map(|call| (call.clone(), taken(&call))).collect(), hosts }
    }

    /// The services that a task's questions may go to: of its route, and of those who are asked beside it.
    fn hosts(&self, task: Task) -> BTreeSet<String> {
        let consensus = &self.routing.orchestration.consensus;
        let is_shared = consensus.routes.contains(&task);
        let beside = consensus.members.iter().chain(&consensus.escalate).filter(|_| is_shared).map(String::as_str);
        let models = self.routing.route(task).models().chain(beside).filter_map(|name| self.routing.model(name));
        models.filter(|(model, _)| self.keys.opens(&self.routing, &model.provider)).map(|(_, provider)| provider.base_url.host()).collect()
    }

    /// All of it as text: what a run would send about a contract with the answers that are there.
    pub fn told(&self, mut contract: Contract, answers: &Answers, tree: &Tree) -> String {
        answers.apply(&mut contract, tree);
        let questions = questions_of(&contract, &unread(tree), &answers.fresh(tree));
        let (files, masked) = (Files::new(tree), Masked(self.masker.clone()));
        let plan = self.plan(&Pool::new(&files, &masked), &contract, &questions);
        let mut text = String::new();
        let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
        questions.iter().for_each(|question| *codes.entry(&question.gap.code).or_default() += 1);
        let mut line = |words: std::fmt::Arguments| writeln!(text, "{words}").expect("a string takes all");
        line(format_args!("{} open", counted(questions.len(), "question")));
        codes.iter().for_each(|(code, count)| line(format_args!("  {count:>4}  {code}")));
        for (call, planned) in &plan.calls {
            let files: Vec<&str> = call.files.iter().map(|sent| sent.path.as_str()).collect();
            let masks: usize = call.files.iter().flat_map(|sent| sent.masks.values()).sum();
            let masks = if masks > 0 { format!(", {} masked", counted(masks, "credential")) } else { String::new() };
            match planned {
                Some(to) if to.is_kept => line(format_args!("{}: answered before, nothing is sent", call.prompt.id())),
                Some(to) => {
                    let cost = to.cost_usd.map_or_else(|| "price unknown".to_owned(), |cost| format!("at most ${cost:.4}"));
                    let (id, host) = (&to.id, &to.host);
                    line(format_args!("{}: {id} at {host}, about {} tokens, {cost}{masks}", call.prompt.id(), to.input));
                }
                None => line(format_args!("{}: nobody can be reached for `{}`", call.prompt.id(), call.task)),
            }
            files.iter().for_each(|file| line(format_args!("    {file}")));
        }
        let sum = plan.sum();
        let cost =
            format!("about {} tokens, ${:.4} or more and never over ${:.2}", sum.input, sum.cost_usd, self.routing.budget.max_cost_usd);
        let hosts = plan.hosts.iter().map(String::as_str).collect::<Vec<_>>().join(" and ");
        line(format_args!("{} would be sent to {hosts}, {cost}; nothing was sent", counted(sum.calls, "call")));
        text
    }
}

impl Plan {
    /// The calls in numbers.
    pub fn sum(&self) -> Sum {
        let mut sum = Sum::default();
        for (call, planned) in &self.calls {
            let Some(planned) = planned else { continue };
            if planned.is_kept {
                sum.kept += 1;
                continue;
            }
            sum.calls += 1;
            sum.input = sum.input.saturating_add(planned.input);
            sum.cost_usd += planned.cost_usd.unwrap_or(0.0);
            sum.files.extend(call.files.iter().map(|sent| sent.path.clone()));
        }
        sum
    }
}

/// `1 call`, `2 calls`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
