//! One question to one model: tries, waits, and what is kept of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::time::Instant;

use super::bucket::{Cost, Outcome, Ticket};
use super::http::{How, Lost, Outgoing, Sends};
use super::kept::{End, Kept};
use super::lane::{Lane, backoff, no_key};
use super::purse::Reserved;
use super::{Client, Stop};
use crate::llm::call::{Call, Exchange, Usage};
use crate::llm::provider::{self, Asking, Reply, Request, Response, Then, Trouble};
use crate::llm::routing::JsonMode;
use crate::llm::secrets::MaskedText;

/// How long a request under way may go on when the run is stopped.
const GRACE: Duration = Duration::from_secs(2);
/// How long a model that fails again and again is left alone.
const REST: Duration = Duration::from_secs(60);
/// How often a connection is tried anew.
const CONNECTS: u32 = 2;

/// How a question to one model stands.
#[derive(Clone, Copy, Debug, Default)]
struct Course {
    tries: u32,
    /// Whether it was sent again where that is done once.
    is_repeated: bool,
    /// The first key that may do.
    key: usize,
}

/// A request that is ready to go.
struct Ready {
    request: Request,
    masked: MaskedText,
    /// Tokens of the question, before and after correction.
    estimate: u64,
    cost: Cost,
    worst_usd: f64,
}

/// What came of a request.
struct Heard {
    result: Result<Reply, Trouble>,
    key: usize,
}

impl<S: Sends> Client<S> {
    /// Asks until there is something to keep, or nothing more is to be had.
    pub(super) async fn converse(&self, lane: &Lane, call: &Call, key: &str) -> Result<Arc<Kept>, Stop> {
        let mut course = Course::default();
        loop {
            if let Some(words) = lane.absence(Instant::now()) {
                return Err(Stop::Said(words));
            }
            let heard = self.attempt(lane, call, course).await?;
            let trouble = match heard.result {
                Ok(reply) => return self.finish(lane, call, key, reply),
                Err(trouble) => trouble,
            };
            if trouble.usage != Usage::default() && trouble.then != Then::AgainOnce || course.is_repeated && trouble.usage.output > 0 {
                let end = if trouble.then == Then::Refused { End::Refused } else { End::Nothing };
                let kept = Kept::new(key, &lane.model.id, end, trouble.words);
                return self.keep(kept.taking(trouble.usage, lane.model.price));
            }
            self.follow(lane, call, &mut course, heard.key, trouble).await?;
        }
    }

    fn finish(&self, lane: &Lane, call: &Call, key: &str, reply: Reply) -> Result<Arc<Kept>, Stop> {
        let text = self.masks.mask(&reply.text).map_err(|failure| Stop::Unmasked(failure.to_string()))?.text;
        let is_fine = provider::form(&call.schema, &text).problems.is_empty();
        let end = if is_fine { End::Fine } else { End::Misshapen };
        let kept = Kept::new(key, &lane.model.id, end, text);
        self.note(&lane.name, |entry| entry.answers += 1);
        self.keep(kept.taking(reply.usage, lane.model.price))
    }

    /// Does what follows from trouble. When it comes back, the question is put again.
    async fn follow(&self, lane: &Lane, call: &Call, course: &mut Course, key: usize, trouble: Trouble) -> Result<(), Stop> {
        let Trouble { words, then, .. } = trouble;
        let service = &lane.service;
        match then {
            Then::Again(after) => {
                let wait = self.wait_before_next(lane, course, after, &words)?;
                self.unless_stopped(tokio::time::sleep(wait)).await
            }
            Then::Slower(after) => {
                let wait = self.wait_before_next(lane, course, after, &words)?;
                lane.bucket().pause(Instant::now(), wait);
                Ok(())
            }
            Then::AgainOnce if !course.is_repeated => {
                course.is_repeated = true;
                self.unless_stopped(tokio::time::sleep(backoff(0))).await
            }
            Then::OtherKey | Then::OtherAccount => {
                course.key = key + 1;
                if then == Then::OtherKey {
                    service.ring.refuse(key);
                }
                if service.ring.from(course.key).is_some() {
                    return Ok(());
                }
                let words = format!("{words}: {}", keys_told(lane));
                let is_first = if then == Then::OtherKey { service.leave(&words) } else { lane.leave(&words) };
                if is_first {
                    let who = if then == Then::OtherKey { &service.name } else { &lane.name };
                    self.warn(format!("{who}: {words}"));
                }
                Err(Stop::Said(words))
            }
            Then::SchemaInPrompt => {
                let schema = blake3::hash(call.schema.to_string().as_bytes());
                if lane.takes_in_words(&schema) {
                    return Err(Stop::Said(words));
                }
                lane.ask_in_words(schema);
                Ok(())
            }
            Then::Refused => Err(Stop::Refused(words)),
            Then::ModelGone => {
                if lane.leave(&words) {
                    self.warn(format!("`{}` is no longer asked: {words}", lane.model.id));
                }
                Err(Stop::Said(words))
            }
            Then::ServiceGone => {
                if service.leave(&words) {
                    self.warn(format!("{} is no longer asked: {words}", service.provider.base_url.host()));
                }
                Err(Stop::Said(words))
            }
            Then::AgainOnce | Then::Next => Err(Stop::Said(words)),
        }
    }

    /// How long to wait before the same is sent again; that it is not, when there were tries enough or the wait is too long.
    fn wait_before_next(&self, lane: &Lane, course: &mut Course, after: Option<Duration>, words: &str) -> Result<Duration, Stop> {
        let budget = &self.routing.budget;
        let now = Instant::now();
        if let Some(after) = after.filter(|after| after.as_secs() > budget.retry_after_cap_s) {
            let words = format!("{words}; it asks to wait for {} s (`budget.retry_after_cap_s`)", after.as_secs());
            lane.rest(now + after, &words);
            return Err(Stop::Said(words));
        }
        course.tries += 1;
        if course.tries > budget.max_retries {
            let words = format!("{words}, {} times", course.tries);
            lane.rest(now + REST, &words);
            return Err(Stop::Said(words));
        }
        Ok(backoff(course.tries - 1).max(after.unwrap_or_default()))
    }

    /// Sends the question once.
    async fn attempt(&self, lane: &Lane, call: &Call, course: Course) -> Result<Heard, Stop> {
        // One goes first to learn the limits, and one of each kind to fill the service's cache.
        let (first, alike) = (lane.gate(""), lane.gate(&format!("{}\0{}", call.prompt.system, call.prompt.stable)));
        let lead = self.unless_stopped(first.pass()).await?;
        let lead_alike = self.unless_stopped(alike.pass()).await?;
        let mut ready = self.ready(lane, call)?;
        self.purse.check(ready.worst_usd, ready.cost.input).map_err(Stop::Budget)?;
        let (place, ticket) = self.admitted(lane, &mut ready).await?;
        // Only what is about to leave is reserved: a crowd that waits would hold more than it takes.
        let allowed = self.purse.reserve(ready.worst_usd, ready.cost.input).map_err(Stop::Budget);
        let keyed = key_of(lane, course.key).ok_or_else(|| Stop::Said(keys_told(lane)));
        let ((reserved, key), secret) = match (allowed, keyed) {
            (Ok(reserved), Ok((key, secret))) => ((reserved, key), secret),
            (Err(stop), _) | (_, Err(stop)) => {
                lane.bucket().done(Instant::now(), ticket, Outcome::Unsent, &[]);
                return Err(stop);
            }
        };
        let at = SystemTime::now();
        let out = Outgoing { service: &lane.service.name, provider: &lane.service.provider, request: &ready.request, key: secret };
        let heard = tokio::select! {
            biased;
            heard = self.sends.send(out) => Some(heard),
            () = self.grace() => None,
        };
        drop(place);
        let Some(heard) = heard else {
            self.witness(lane, call, &ready, at, ("stopped".to_owned(), None, Usage::default()));
            return Err(Stop::Cancelled);
        };
        if heard.is_ok() {
            lane.service.has_connected();
            lead.into_iter().chain(lead_alike).for_each(super::lane::Lead::open);
        }
        let result = self.settle(lane, call, &ready, (ticket, reserved), at, heard);
        Ok(Heard { result, key })
    }

    /// Waits until a stopped run has had its time.
    async fn grace(&self) {
        self.cancel.cancelled().await;
        tokio::time::sleep(GRACE).await;
    }

    /// The finished request, masked, and what it may take.
    fn ready(&self, lane: &Lane, call: &Call) -> Result<Ready, Stop> {
        let model = &lane.model;
        let budget = &self.routing.budget;
        let is_free = lane.service.provider.base_url.is_loopback() || budget.max_cost_usd.is_infinite();
        if model.price.is_none() && !is_free {
            let words = "its price is not known, so that no budget holds: add `price` to it in routing.toml, or `max_cost_usd = inf`";
            return Err(Stop::Said(words.to_owned()));
        }
        let mode = if lane.takes_in_words(&blake3::hash(call.schema.to_string().as_bytes())) { JsonMode::Prompt } else { model.json };
        let asking = Asking {
            model,
            effort: self.routing.effort(call.task, model),
            max_output: 0,
            prompt: &call.prompt,
            schema_name: &call.schema_name,
            schema: &call.schema,
            mode,
        };
        // The schema counts wherever it stands.
        let estimate = self.routing.tokens(model, call.prompt.bytes() + call.schema.to_string().len());
        let input = lane.corrected(estimate);
        let output = lane.room(input, self.routing.route(call.task).max_output_tokens).map_err(Stop::Said)?;
        let mut request = provider::request(&lane.service.provider, &Asking { max_output: output, ..asking });
        let body = request.body.take().unwrap_or_default();
        let masked = self.masks.mask(&body).map_err(|failure| Stop::Unmasked(failure.to_string()))?;
        if serde_json::from_str::<serde::de::IgnoredAny>(&masked.text).is_err() {
            return Err(Stop::Unmasked("the request could not be masked without breaking it".to_owned()));
        }
        request.body = Some(masked.text.clone());
        let worst_usd = model.price.map_or(0.0, |price| price.worst(input, output));
        Ok(Ready { request, masked, estimate, cost: Cost { input, output }, worst_usd })
    }

    /// Waits for a place and for the limits.
    async fn admitted<'l>(&self, lane: &'l Lane, ready: &mut Ready) -> Result<(tokio::sync::SemaphorePermit<'l>, Ticket), Stop> {
        let cap = Duration::from_secs(self.routing.budget.retry_after_cap_s);
        loop {
            let place = self.unless_stopped(lane.service.places.acquire()).await?;
            let place = place.map_err(|_| Stop::Cancelled)?;
            let now = Instant::now();
            if let Some(words) = lane.absence(now) {
                return Err(Stop::Said(words));
            }
            // Registered before the bucket is looked at, lest what is freed in between goes unnoticed.
            let freed = lane.freed.notified();
            // Estimates get better while one waits.
            let cost = Cost { input: lane.corrected(ready.estimate), ..ready.cost };
            ready.cost = cost;
            let wait = {
                let mut bucket = lane.bucket();
                let wait = bucket.wait(now, cost);
                if wait.is_zero() {
                    return Ok((place, bucket.take(now, cost)));
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

    /// Settles what a request has taken, and writes it down.
    fn settle(
        &self,
        lane: &Lane,
        call: &Call,
        ready: &Ready,
        held: (Ticket, Reserved),
        at: SystemTime,
        heard: Result<Response, Lost>,
    ) -> Result<Reply, Trouble> {
        let (ticket, reserved) = held;
        let now = SystemTime::now();
        let levels = heard.as_ref().map(|response| response.headers.levels(now)).unwrap_or_default();
        let (outcome, request_id) = match &heard {
            Ok(response) => (response.status.to_string(), response.headers.request_id()),
            Err(lost) => (lost.words.clone(), None),
        };
        let is_unknown = heard.as_ref().is_err_and(|lost| lost.how != How::Unsent);
        let result = match heard {
            Ok(response) => provider::read(lane.service.provider.kind, &response, now).map(|reply| self.counted(ready, reply)),
            Err(lost) => Err(self.lost(lane, lost)),
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
            lane.learn(ready.estimate, usage.input);
        }
        self.note(&lane.name, |entry| {
            entry.requests += 1;
            entry.input += usage.input;
            entry.output += usage.output;
            entry.cost_usd = cost_usd.map(|cost| entry.cost_usd.unwrap_or_default() + cost);
        });
        if is_unknown {
            drop(reserved);
        } else {
            reserved.settle(usage, cost_usd.unwrap_or_default());
        }
        self.witness(lane, call, ready, at, (outcome, request_id, usage));
        result
    }

    /// Services of one's own may not count: then the estimate holds.
    fn counted(&self, ready: &Ready, reply: Reply) -> Reply {
        if reply.usage != Usage::default() {
            return reply;
        }
        let output = (reply.text.len() as u64 / 3).min(ready.cost.output);
        Reply { usage: Usage { input: ready.cost.input, output, ..Usage::default() }, ..reply }
    }

    /// What follows when no response came.
    fn lost(&self, lane: &Lane, lost: Lost) -> Trouble {
        let then = match lost.how {
            How::Unsent if lane.service.has_failed_to_connect(CONNECTS) => Then::ServiceGone,
            How::Unsent | How::OnTheWay => Then::Again(None),
            How::Unread => Then::Next,
        };
        Trouble { words: lost.words, then, usage: Usage::default() }
    }

    /// Writes down what has left. When that cannot be done, nothing more leaves.
    fn witness(&self, lane: &Lane, call: &Call, ready: &Ready, at: SystemTime, came: (String, Option<String>, Usage)) {
        let (outcome, request_id, usage) = came;
        let exchange = Exchange {
            at,
            provider: lane.service.name.clone(),
            host: lane.service.provider.base_url.host(),
            model: lane.model.id.clone(),
            task: call.task,
            prompt: call.prompt.id(),
            files: call.files.clone(),
            bytes: ready.masked.text.len(),
            digest: blake3::hash(ready.masked.text.as_bytes()).to_hex().to_string(),
            masks: ready.masked.by_rule.clone(),
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

/// The key to use and its place; a service that asks for none has a place without a key.
fn key_of(lane: &Lane, from: usize) -> Option<(usize, Option<&SecretString>)> {
    let ring = &lane.service.ring;
    if ring.is_open() {
        return (from == 0).then_some((0, None));
    }
    ring.from(from).map(|(place, key)| (place, Some(key)))
}

/// What somebody can do about keys.
fn keys_told(lane: &Lane) -> String {
    match lane.service.ring.variables().as_str() {
        "" => no_key(&lane.service.provider),
        variables => format!("see the key in {variables}"),
    }
}
