//! One request: its place in the line, its share of the limits, its bytes.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;

use super::bucket::{Cost, Outcome, Ticket};
use super::converse::{Course, keys_told};
use super::http::{How, Outgoing, Sends};
use super::lane::{Lane, Lead};
use super::purse::Reserved;
use super::settle::Gone;
use super::{Client, Stop};
use crate::llm::call::{Call, Usage};
use crate::llm::provider::{self, Asking, Reply, Request, Trouble};
use crate::llm::routing::JsonMode;
use crate::llm::secrets::MaskedText;

/// How long a request under way may go on when the run is stopped.
const GRACE: Duration = Duration::from_secs(2);

/// What came of a request.
pub(super) struct Heard {
    pub result: Result<Reply, Trouble>,
    pub key: usize,
    /// Whether no response came although the request was sent.
    pub is_late: bool,
    /// Whether the answer might have been longer.
    pub is_short: bool,
}

/// What a request asks of limits and budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bid {
    /// Tokens of the question, as they were estimated at first.
    pub estimate: u64,
    /// What it may take.
    pub cost: Cost,
    worst_usd: f64,
    /// Whether the answer is given less room than the route allows.
    is_short: bool,
}

/// A request that may go.
struct Ready<'l> {
    request: Request,
    body: MaskedText,
    key: usize,
    secret: Option<&'l SecretString>,
    reserved: Reserved,
}

impl<S: Sends> Client<S> {
    /// Sends the question once.
    pub(super) async fn attempt(&self, lane: &Lane, call: &Call, course: Course) -> Result<Heard, Stop> {
        // One goes first to learn the limits, and one of each kind to fill the service's cache.
        let (first, alike) = (lane.gate(""), lane.gate(&format!("{}\0{}", call.prompt.system, call.prompt.stable)));
        let lead = self.unless_stopped(first.pass()).await?;
        let lead_alike = self.unless_stopped(alike.pass()).await?;
        let (place, ticket, bid, ready) = self.made_ready(lane, call, course).await?;
        let Ready { request, body, key, secret, reserved } = ready;
        let gone = Gone { at: SystemTime::now(), bid, body };
        let out = Outgoing { service: &lane.service.name, provider: &lane.service.provider, request: &request, key: secret };
        let heard = tokio::select! {
            biased;
            heard = self.sends.send(out) => Some(heard),
            () = self.grace() => None,
        };
        drop(place);
        let Some(heard) = heard else {
            self.witness(lane, call, &gone, ("stopped".to_owned(), None, Usage::default()));
            return Err(Stop::Cancelled);
        };
        if heard.is_ok() {
            lane.service.has_connected();
            lead.into_iter().chain(lead_alike).for_each(Lead::open);
        }
        let is_late = heard.as_ref().is_err_and(|lost| lost.how == How::OnTheWay);
        let result = self.settle(lane, call, &gone, (ticket, reserved), heard);
        Ok(Heard { result, key, is_late, is_short: bid.is_short })
    }

    /// Waits for a place, for the limits, and for a share of the budget: what others have set aside is seldom all taken.
    async fn made_ready<'l>(
        &'l self,
        lane: &'l Lane,
        call: &Call,
        course: Course,
    ) -> Result<(SemaphorePermit<'l>, Ticket, Bid, Ready<'l>), Stop> {
        loop {
            // Registered before anything is reserved, lest what is freed in between goes unnoticed.
            let freed = self.purse.freed.notified();
            let (place, ticket, bid) = self.admitted(lane, call, course).await?;
            let stop = match self.ready(lane, call, course, bid) {
                Ok(ready) => return Ok((place, ticket, bid, ready)),
                Err(stop) => stop,
            };
            lane.bucket().done(Instant::now(), ticket, Outcome::Unsent, &[]);
            lane.freed.notify_waiters();
            let is_spent = self.purse.check(bid.worst_usd, bid.cost.input).is_err();
            if is_spent || !matches!(stop, Stop::Budget(_)) {
                return Err(stop);
            }
            drop(place);
            self.unless_stopped(freed).await?;
        }
    }

    /// Waits until a stopped run has had its time.
    async fn grace(&self) {
        self.cancel.cancelled().await;
        tokio::time::sleep(GRACE).await;
    }

    /// What a request asks for now: estimates get better, and limits known, while one waits.
    fn bid(&self, lane: &Lane, call: &Call, estimate: u64, is_long: bool) -> Result<Bid, Stop> {
        let input = lane.corrected(estimate);
        let room = lane.room(input, self.routing.route(call.task).max_output_tokens).map_err(Stop::Said)?;
        let output = lane.likely_answer(call.task).filter(|_| !is_long).map_or(room, |likely| likely.min(room));
        let worst_usd = lane.model.price.map_or(0.0, |price| price.worst(input, output));
        self.purse.check(worst_usd, input).map_err(Stop::Budget)?;
        Ok(Bid { estimate, cost: Cost { input, output }, worst_usd, is_short: output < room })
    }

    /// Waits for a place and for the limits.
    async fn admitted<'l>(&self, lane: &'l Lane, call: &Call, course: Course) -> Result<(SemaphorePermit<'l>, Ticket, Bid), Stop> {
        self.check_price(lane)?;
        let cap = Duration::from_secs(self.routing.budget.retry_after_cap_s);
        // The schema counts wherever it stands.
        let estimate = self.routing.tokens(&lane.model, call.prompt.bytes() + call.schema.to_string().len());
        loop {
            let place = self.unless_stopped(lane.service.places.acquire()).await?;
            let place = place.map_err(|_| Stop::Cancelled)?;
            let now = Instant::now();
            if let Some(words) = lane.absence(now) {
                return Err(Stop::Said(words));
            }
            let bid = self.bid(lane, call, estimate, course.is_long)?;
            // Registered before the bucket is looked at, lest what is freed in between goes unnoticed.
            let freed = lane.freed.notified();
            let wait = {
                let mut bucket = lane.bucket();
                let wait = bucket.wait(now, bid.cost);
                if wait.is_zero() {
                    return Ok((place, bucket.take(now, bid.cost), bid));
                }
                wait
            };
            drop(place);
            if wait > cap {
                let words = format!("its limit is used up for another {} s (`budget.retry_after_cap_s`)", wait.as_secs());
                lane.rest(now + wait, &words);
                return Err(Stop::Said(words));
            }
            let woken = async {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = freed => {}
                }
            };
            self.unless_stopped(woken).await?;
        }
    }

    /// No budget holds for a model whose price is not known, except for one on this machine.
    fn check_price(&self, lane: &Lane) -> Result<(), Stop> {
        let is_free = lane.service.provider.base_url.is_loopback() || self.routing.budget.max_cost_usd.is_infinite();
        if lane.model.price.is_some() || is_free {
            return Ok(());
        }
        let words = "its price is not known, so that no budget holds: add `price` to it in routing.toml, or `max_cost_usd = inf`";
        Err(Stop::Said(words.to_owned()))
    }

    /// Nothing leaves that the log could not tell of.
    fn can_be_written_down(&self) -> Result<(), Stop> {
        self.witness.ready().map_err(|why| {
            let words = format!("what leaves cannot be written down, so nothing is sent: {why}");
            for lane in self.lanes.values() {
                lane.service.leave(&words);
            }
            self.warn(words.clone());
            Stop::Said(words)
        })
    }

    /// The bytes, the key, and the share of the budget of a request that is let through. Only what is about to leave is reserved: a
    /// crowd that waits would hold more than it takes.
    fn ready<'l>(&self, lane: &'l Lane, call: &Call, course: Course, bid: Bid) -> Result<Ready<'l>, Stop> {
        let (key, secret) = key_of(lane, course.key).ok_or_else(|| Stop::Said(keys_told(lane)))?;
        let is_in_words = lane.takes_in_words(&blake3::hash(call.schema.to_string().as_bytes()));
        let asking = Asking {
            model: &lane.model,
            effort: self.routing.effort(call.task, &lane.model),
            max_output: bid.cost.output,
            prompt: &call.prompt,
            schema_name: &call.schema_name,
            schema: &call.schema,
            mode: if is_in_words { JsonMode::Prompt } else { lane.model.json },
        };
        let mut request = provider::request(&lane.service.provider, &asking);
        let body = request.body.take().unwrap_or_default();
        let body = self.masks.mask(&body).map_err(|failure| Stop::Unmasked(failure.to_string()))?;
        if serde_json::from_str::<serde::de::IgnoredAny>(&body.text).is_err() {
            return Err(Stop::Unmasked("the request could not be masked without breaking it".to_owned()));
        }
        request.body = Some(body.text.clone());
        self.can_be_written_down()?;
        let reserved = self.purse.reserve(bid.worst_usd, bid.cost.input).map_err(Stop::Budget)?;
        Ok(Ready { request, body, key, secret, reserved })
    }
}

/// The key to use and its place; a service that asks for none has a place without a key.
fn key_of(lane: &Lane, from: usize) -> Option<(usize, Option<&SecretString>)> {
    let ring = &lane.service.ring;
    if ring.is_open() {
        return (from == 0).then_some((0, None));
    }
    ring.from(from).map(|(place, key)| (place, Some(key)))
}
