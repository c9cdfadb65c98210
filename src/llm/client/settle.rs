//! What a request has taken: of limits, of the budget, of the log.

use std::time::SystemTime;

use tokio::time::Instant;

use super::Client;
use super::attempt::Bid;
use super::bucket::{Cost, Outcome, Ticket};
use super::http::{How, Lost, Sends};
use super::lane::Lane;
use super::purse::Reserved;
use crate::llm::call::{Call, Exchange, Usage};
use crate::llm::provider::{self, Level, Reply, Response, Then, Trouble};
use crate::llm::secrets::MaskedText;

/// How often a connection is tried anew.
const CONNECTS: u32 = 2;

/// A request that has left.
pub(super) struct Gone {
    pub at: SystemTime,
    pub bid: Bid,
    pub body: MaskedText,
}

impl<S: Sends> Client<S> {
    /// Settles what a request has taken, and writes it down.
    pub(super) fn settle(
        &self,
        lane: &Lane,
        call: &Call,
        gone: &Gone,
        (ticket, reserved): (Ticket, Reserved),
        heard: Result<Response, Lost>,
    ) -> Result<Reply, Trouble> {
        let now = SystemTime::now();
        let levels = heard.as_ref().map(|response| levels_of(response, now)).unwrap_or_default();
        let (outcome, request_id) = match &heard {
            Ok(response) => (response.status.to_string(), response.headers.request_id()),
            Err(lost) => (lost.words.clone(), None),
        };
        let is_unknown = heard.as_ref().is_err_and(|lost| lost.how != How::Unsent);
        let result = match heard {
            Ok(response) => provider::read(lane.service.provider.kind, &response, now).map(|reply| counted(gone.bid, reply)),
            Err(lost) => Err(trouble_of(lane, lost)),
        };
        let usage = match &result {
            Ok(reply) => reply.usage,
            Err(trouble) => trouble.usage,
        };
        let outcome_of_bucket = match &result {
            _ if is_unknown => Outcome::Unknown,
            Err(trouble) if trouble.usage == Usage::default() => Outcome::Turned,
            _ => Outcome::Took(Cost { input: usage.input - usage.cached.min(usage.input), output: usage.output }),
        };
        lane.bucket().done(Instant::now(), ticket, outcome_of_bucket, &levels);
        lane.freed.notify_waiters();
        let cost_usd = lane.model.price.map(|price| price.cost(usage));
        if result.is_ok() {
            lane.learn(gone.bid.estimate, usage.input);
            lane.learn_answer(call.task, usage.output);
        }
        self.note(&lane.name, |entry| {
            entry.requests += 1;
            entry.input = entry.input.saturating_add(usage.input);
            entry.output = entry.output.saturating_add(usage.output);
            entry.cost_usd = cost_usd.map(|cost| entry.cost_usd.unwrap_or_default() + cost);
        });
        if is_unknown {
            drop(reserved);
        } else {
            reserved.settle(usage, cost_usd.unwrap_or_default());
        }
        self.witness(lane, call, gone, (outcome, request_id, usage));
        result
    }

    /// Writes down what has left. When that cannot be done, nothing more leaves.
    pub(super) fn witness(&self, lane: &Lane, call: &Call, gone: &Gone, came: (String, Option<String>, Usage)) {
        let (outcome, request_id, usage) = came;
        let exchange = Exchange {
            at: gone.at,
            provider: lane.service.name.clone(),
            host: lane.service.provider.base_url.host(),
            model: lane.model.id.clone(),
            task: call.task,
            prompt: call.prompt.id(),
            files: call.files.clone(),
            bytes: gone.body.text.len(),
            digest: blake3::hash(gone.body.text.as_bytes()).to_hex().to_string(),
            masks: gone.body.by_rule.clone(),
            outcome,
            request_id,
            usage,
            cost_usd: lane.model.price.map(|price| price.cost(usage)),
        };
        if let Err(why) = self.witness.saw(&exchange) {
            let words = format!("what leaves can no longer be written down, so nothing more is sent: {why}");
            for lane in self.lanes.values() {
                lane.service.leave(&words);
            }
            self.warn(words);
        }
    }
}

/// Services of one's own may not count: then the estimate holds.
fn counted(bid: Bid, reply: Reply) -> Reply {
    if reply.usage != Usage::default() {
        return reply;
    }
    let output = (reply.text.len() as u64 / 3).min(bid.cost.output);
    Reply { usage: Usage { input: bid.cost.input, output, ..Usage::default() }, ..reply }
}

/// What a response says is left. One that says when to come again is believed in that, whatever else it says of its limits.
fn levels_of(response: &Response, now: SystemTime) -> Vec<Level> {
    let mut levels = response.headers.levels(now);
    if let (429, Some(wait)) = (response.status, response.headers.retry_after(now)) {
        levels.retain(|level| level.reset <= wait);
    }
    levels
}

/// What follows when no response came.
fn trouble_of(lane: &Lane, lost: Lost) -> Trouble {
    let then = match lost.how {
        How::Unsent if lane.service.has_failed_to_connect(CONNECTS) => Then::ServiceGone,
        How::Unsent | How::OnTheWay => Then::Again(None),
        How::Unread => Then::Next,
    };
    Trouble { words: lost.words, then, usage: Usage::default() }
}
