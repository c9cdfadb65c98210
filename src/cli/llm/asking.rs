//! Questions put and answers taken, until nothing new comes of it: what one answer opens the next pass asks. So a second run has
//! nothing left to pay for.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::files::{Files, Masked};
use super::{Models, words};
use crate::cli::answers::Answers;
use crate::cli::failure::Failure;
use crate::cli::terminal::note;
use crate::contract::model::{Contract, Problem, Resolution};
use crate::contract::resolutions::document;
use crate::contract::resolutions::questions::{Question, Unread, questions_of};
use crate::llm::client::{Client, Keys, Ledger, Setup};
use crate::llm::evidence::Pool;
use crate::llm::orchestrate::tally::Tally;
use crate::llm::orchestrate::{self, Settled};
use crate::pipeline::evidence::{Declarations, unread};
use crate::scan::Tree;

/// More often nothing new comes of answers.
const PASSES: usize = 4;

/// What came of asking.
#[derive(Debug)]
pub(in crate::cli) struct Asked {
    /// All answers, old and new.
    pub answers: Answers,
    /// Numbers.
    pub tally: Tally,
    /// Somebody pressed Ctrl-C.
    pub is_stopped: bool,
    /// What has to be said at the end, when models were required and something stays open for want of one.
    pub failure: Option<Failure>,
}

/// What a pass works on.
struct Pass<'a> {
    tree: &'a Tree,
    /// The contract as the code alone tells it.
    raw: &'a Contract,
    unread: Vec<Unread>,
}

impl Models {
    /// Asks what a contract leaves open. `raw` is what the code alone tells.
    pub fn ask(&self, raw: &Contract, answers: Answers, tree: &Tree, is_quiet: bool) -> Result<Asked, Failure> {
        let pass = Pass { tree, raw, unread: unread(tree) };
        let mut asked = Asked { answers, tally: Tally::default(), is_stopped: false, failure: None };
        let (contract, questions) = pass.open(&asked.answers);
        if questions.is_empty() {
            return Ok(asked);
        }
        let (files, masked) = (Files::new(tree), Masked(self.masker.clone()));
        let pool = Pool::new(&files, &masked);
        if !is_quiet {
            note(&words::before(self, &self.plan(&pool, &contract, &questions)));
        }
        let cannot = |error: &dyn std::error::Error| Failure::new("cannot ask models").because(error).help("`--llm off` goes on without");
        let cancel = CancellationToken::new();
        let client = self.client(&cancel).map_err(|why| cannot(&crate::cli::table::Why(why)))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| cannot(&error))?;
        runtime.block_on(stopped_by_ctrl_c(&cancel, self.passes(&pass, (&client, &pool), (contract, questions), &mut asked)));
        runtime.shutdown_background();
        asked.is_stopped = cancel.is_cancelled();
        self.close(&pool, &client.ledger(), &mut asked, is_quiet);
        Ok(asked)
    }

    fn client(&self, cancel: &CancellationToken) -> Result<Client, String> {
        Client::new(Setup {
            routing: self.routing.clone(),
            keys: Keys::of(&self.routing, &super::variable),
            masks: self.masker.clone(),
            shelf: self.shelf.clone(),
            witness: self.witness.clone(),
            cancel: cancel.clone(),
        })
    }

    async fn passes(
        &self,
        pass: &Pass<'_>,
        (client, pool): (&Client, &Pool<'_>),
        (mut contract, mut questions): (Contract, Vec<Question>),
        asked: &mut Asked,
    ) {
        let mut put: BTreeSet<String> = BTreeSet::new();
        let code = Declarations::new(pass.tree);
        for _ in 0..PASSES {
            put.extend(questions.iter().map(|question| question.gap.id.clone()));
            let Settled { resolutions, tally, .. } = orchestrate::settle(client, pool, &code, &contract, &questions).await;
            asked.tally.add(tally);
            // What the document could not hold would be an answer lost for all.
            let new: Vec<Resolution> = resolutions.into_iter().filter(|resolution| document::check(resolution).is_ok()).collect();
            if new.is_empty() {
                break;
            }
            document::merge(&mut asked.answers.list, new);
            (contract, questions) = pass.open(&asked.answers);
            if questions.is_empty() {
                break;
            }
        }
        asked.tally.questions = put.len();
    }

    /// Tells what came of it.
    fn close(&self, pool: &Pool, ledger: &Ledger, asked: &mut Asked, is_quiet: bool) {
        if !is_quiet {
            ledger.warnings.iter().for_each(|words| note(&format!("warning: {words}\n")));
            pool.problems().iter().for_each(|problem| note(&told(problem)));
            note(&words::after(&asked.tally, ledger));
        }
        let open = asked.tally.unanswered + asked.tally.not_asked;
        if self.is_required && open > 0 && !asked.is_stopped {
            let mut failure = Failure::new("models are required and not all questions could be put to one");
            failure.causes.clone_from(&asked.tally.reasons);
            asked.failure = Some(failure.help("what the code tells is written; `contract-agent models` shows who can be reached"));
        }
    }
}

impl Pass<'_> {
    /// The contract with answers laid over it, and what is open then.
    fn open(&self, answers: &Answers) -> (Contract, Vec<Question>) {
        let mut contract = self.raw.clone();
        answers.apply(&mut contract, self.tree);
        let questions = questions_of(&contract, &self.unread, &answers.fresh(self.tree));
        (contract, questions)
    }
}

/// Work that a first Ctrl-C asks to end.
async fn stopped_by_ctrl_c<T>(cancel: &CancellationToken, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    tokio::select! {
        // In this order: nothing is sent before the signal is listened to.
        biased;
        Ok(()) = tokio::signal::ctrl_c() => cancel.cancel(),
        done = &mut work => return done,
    }
    work.await
}

fn told(problem: &Problem) -> String {
    let line = if problem.line > 0 { format!(":{}", problem.line) } else { String::new() };
    let help = problem.help.as_ref().map(|help| format!("help: {help}\n")).unwrap_or_default();
    format!("warning: {}{line}: {} [{}]\n{help}", problem.file, problem.message, problem.code)
}
