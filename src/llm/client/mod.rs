//! Asks models: in the order of the table, as often as their limits allow, within the budget, and nothing twice.
//!
//! Nothing of this exists in a run that may ask nobody.

mod attempt;
mod bucket;
mod converse;
mod http;
mod kept;
mod keys;
mod lane;
mod plan;
mod purse;
mod reach;
mod settle;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::call::{Answer, Asks, Call, Limits, NoAnswer, Said, Shelf, Task, Usage, Witness};
use super::provider;
use super::routing::{Model, Routing};
use super::secrets::Masks;

pub use http::{How, Http, Lost, Outgoing, Sends};
pub use keys::Keys;
pub use plan::{Planned, planned};
pub use purse::Taken;
pub use reach::{Reach, reach};

use kept::{End, Finished, Kept};
use lane::{Lane, lanes};
use purse::Purse;

/// What a client is made of.
pub struct Setup {
    /// Who is asked what.
    pub routing: Arc<Routing>,
    /// The keys that are there.
    pub keys: Keys,
    /// What takes credentials out of all that leaves.
    pub masks: Arc<dyn Masks>,
    /// Where finished calls are kept, when they may be.
    pub shelf: Option<Arc<dyn Shelf>>,
    /// Who writes down what leaves.
    pub witness: Arc<dyn Witness>,
    /// Stops the run.
    pub cancel: CancellationToken,
}

/// Asks models.
pub struct Client<S = Http> {
    routing: Arc<Routing>,
    lanes: BTreeMap<String, Lane>,
    finished: Finished,
    purse: Arc<Purse>,
    masks: Arc<dyn Masks>,
    witness: Arc<dyn Witness>,
    cancel: CancellationToken,
    sends: S,
    ledger: Mutex<Ledger>,
}

/// What a run has asked, by model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Models and what was asked of them.
    pub models: BTreeMap<String, Entry>,
    /// What somebody should know, in the order it came up, each once.
    pub warnings: Vec<String>,
}

/// What was asked of one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Requests, those without an answer too.
    pub requests: u64,
    /// Answers that were paid for.
    pub answers: u64,
    /// Answers that an earlier run has paid for.
    pub kept: u64,
    /// Tokens.
    pub input: u64,
    /// Tokens of answers.
    pub output: u64,
    /// US dollars; `None` when the price is not known.
    pub cost_usd: Option<f64>,
}

/// Why one model gave no answer.
enum Stop {
    Said(String),
    Refused(String),
    Budget(String),
    Unmasked(String),
    Cancelled,
}

impl Client<Http> {
    /// A client that speaks to the services of the table.
    ///
    /// # Errors
    /// When this machine can make no connections.
    pub fn new(setup: Setup) -> Result<Self, String> {
        let sends = Http::new(&setup.routing)?;
        Ok(Self::over(setup, sends))
    }
}

impl<S: Sends> Client<S> {
    /// A client over another way to send requests.
    pub fn over(setup: Setup, sends: S) -> Self {
        let wrong = setup.keys.wrong.iter().map(|variable| format!("`{variable}` holds what no key is, and is left out"));
        let warnings = setup.routing.notes.iter().cloned().chain(wrong).collect();
        Self {
            lanes: lanes(&setup.routing, &setup.keys),
            purse: Purse::new(setup.routing.budget),
            finished: Finished::new(setup.shelf),
            routing: setup.routing,
            masks: setup.masks,
            witness: setup.witness,
            cancel: setup.cancel,
            sends,
            ledger: Mutex::new(Ledger { warnings, ..Ledger::default() }),
        }
    }

    /// What the run has taken so far.
    #[must_use]
    pub fn taken(&self) -> Taken {
        self.purse.taken()
    }

    /// What the run has asked so far.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, model: &str, change: impl FnOnce(&mut Entry)) {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        change(ledger.models.entry(model.to_owned()).or_default());
    }

    fn warn(&self, words: String) {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if !ledger.warnings.contains(&words) {
            tracing::warn!("{words}");
            ledger.warnings.push(words);
        }
    }

    /// Waits for something, unless the run is stopped.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Stop::Cancelled),
            done = work => Ok(done),
        }
    }

    /// The answer that an earlier call of the chain has brought: the first that can be used.
    fn kept(&self, call: &Call) -> Option<Answer> {
        let lanes = self.routing.route(call.task).models().filter_map(|name| self.lanes.get(name));
        let mut found = lanes.filter_map(|lane| {
            let kept = self.finished.find(&kept::key(&self.routing, &lane.model, call), call)?;
            let is_usable = kept.end == End::Fine || (kept.end == End::Misshapen && call.round == 0);
            is_usable.then_some((lane, kept))
        });
        let (lane, kept) = found.next()?;
        self.told(lane, call, &kept, From::Kept).ok()
    }

    async fn chain(&self, call: &Call) -> Result<Answer, NoAnswer> {
        // Who asks the same meanwhile waits for the answer, whichever model gives it.
        let first = self.routing.route(call.task).models().find_map(|name| self.routing.models.get(name));
        let question = first.map(|model| format!("chain {}", kept::key(&self.routing, model, call))).unwrap_or_default();
        let _turn = self.unless_stopped(self.finished.turn(&question)).await.map_err(|stop| stop.ended(""))?;
        if let Some(answer) = self.kept(call) {
            return Ok(answer);
        }
        let (mut said, mut is_refused) = (Vec::new(), false);
        for name in self.routing.route(call.task).models() {
            let words = match self.one(name, call).await {
                Ok(answer) if answer.problems.is_empty() || call.round == 0 => return Ok(answer),
                Ok(answer) => format!("its answer has another form: {}", answer.problems.join(", ")),
                Err(Stop::Said(words)) => words,
                Err(Stop::Refused(words)) => {
                    is_refused = true;
                    words
                }
                Err(stop) => return Err(stop.ended(name)),
            };
            tracing::debug!("{name}: {words}");
            said.push(Said { model: name.to_owned(), words });
        }
        Err(if is_refused { NoAnswer::Refused(said) } else { NoAnswer::Static(said) })
    }

    /// Asks one model, or finds what it has answered before.
    async fn one(&self, name: &str, call: &Call) -> Result<Answer, Stop> {
        let lane = self.routing.resolve(name).and_then(|name| self.lanes.get(name));
        let lane = lane.ok_or_else(|| Stop::Said(format!("the routing table has no model `{name}`")))?;
        let key = kept::key(&self.routing, &lane.model, call);
        let _turn = self.unless_stopped(self.finished.turn(&key)).await?;
        if let Some(kept) = self.finished.find(&key, call) {
            return self.told(lane, call, &kept, From::Kept);
        }
        let kept = self.converse(lane, call, &key).await?;
        self.told(lane, call, &kept, From::Service)
    }

    /// Keeps a finished call. That it could not be kept is told, and no harm to this run.
    fn keep(&self, kept: Kept) -> Result<Arc<Kept>, Stop> {
        let copy = kept.clone();
        match self.finished.keep(kept) {
            Ok(kept) => Ok(kept),
            Err(why) => {
                self.warn(format!("answers cannot be kept, and another run will pay for them again: {why}"));
                Ok(Arc::new(copy))
            }
        }
    }

    /// What a finished call says.
    fn told(&self, lane: &Lane, call: &Call, kept: &Kept, from: From) -> Result<Answer, Stop> {
        match kept.end {
            End::Fine | End::Misshapen => {}
            End::Refused => return Err(Stop::Refused(kept.text.clone())),
            End::Nothing => return Err(Stop::Said(kept.text.clone())),
        }
        let form = provider::form(&call.schema, &kept.text);
        let from_cache = from == From::Kept;
        if from_cache {
            self.note(&lane.name, |entry| entry.kept += 1);
        }
        Ok(Answer {
            value: form.value,
            problems: form.problems,
            model: lane.name.clone(),
            id: lane.model.id.clone(),
            family: lane.model.family(),
            usage: if from_cache { Usage::default() } else { kept.usage },
            cost_usd: if from_cache { Some(0.0) } else { kept.cost_usd },
            from_cache,
        })
    }

    fn is_reachable(&self, name: &str) -> bool {
        self.lanes.get(name).is_some_and(|lane| lane.absence(Instant::now()).is_none())
    }
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Kept,
    Service,
}

impl Stop {
    fn ended(self, model: &str) -> NoAnswer {
        let said = |words: String| vec![Said { model: model.to_owned(), words }];
        match self {
            Self::Said(words) => NoAnswer::Static(said(words)),
            Self::Refused(words) => NoAnswer::Refused(said(words)),
            Self::Budget(words) => NoAnswer::Budget(words),
            Self::Unmasked(words) => NoAnswer::Unmasked(words),
            Self::Cancelled => NoAnswer::Cancelled,
        }
    }
}

impl<S: Sends> Asks for Client<S> {
    fn ask(&self, call: &Call) -> impl Future<Output = Result<Answer, NoAnswer>> + Send {
        self.chain(call)
    }

    async fn ask_one(&self, model: &str, call: &Call) -> Result<Answer, NoAnswer> {
        self.one(model, call).await.map_err(|stop| stop.ended(model))
    }

    fn members(&self, task: Task) -> Vec<String> {
        let consensus = &self.routing.orchestration.consensus;
        if !consensus.routes.contains(&task) {
            return Vec::new();
        }
        let family = |name: &str| self.routing.models.get(name).map(Model::family);
        let mut members: Vec<String> = Vec::new();
        let chain = self.routing.route(task).models().filter(|name| consensus.members.iter().any(|member| member == name));
        for name in chain.chain(consensus.members.iter().map(String::as_str)).filter(|name| self.is_reachable(name)) {
            if !members.iter().any(|member| family(member) == family(name)) {
                members.push(name.to_owned());
            }
        }
        members
    }

    fn judge(&self, task: Task) -> Option<String> {
        let consensus = &self.routing.orchestration.consensus;
        let judge = consensus.escalate.as_ref().filter(|judge| consensus.routes.contains(&task) && self.is_reachable(judge))?;
        Some(judge.clone())
    }

    fn limits(&self, task: Task) -> Limits {
        self.routing.limits(task)
    }
}

#[cfg(test)]
mod tests;
