//! One question to one model: what follows from trouble, and what is kept in the end.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::http::Sends;
use super::kept::{End, Kept};
use super::lane::{Lane, backoff};
use super::{Client, Stop};
use crate::llm::call::{Call, Usage};
use crate::llm::provider::{self, Reply, Then, Trouble};

/// How long a model that fails again and again is left alone.
const REST: Duration = Duration::from_secs(60);

/// How a question to one model stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Course {
    pub tries: u32,
    /// Whether it was sent again where that is done once.
    pub is_repeated: bool,
    /// Whether the answer was cut, and may be as long as the route allows.
    pub is_long: bool,
    /// The first key that may do.
    pub key: usize,
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
            if trouble.then == Then::Longer && heard.is_short {
                course.is_long = true;
                lane.learn_answer(call.task, trouble.usage.output);
                continue;
            }
            let is_last = trouble.then != Then::AgainOnce || course.is_repeated;
            if is_last && trouble.usage != Usage::default() {
                let end = if trouble.then == Then::Refused { End::Refused } else { End::Nothing };
                let kept = Kept::new(key, &lane.model.id, end, trouble.words);
                return self.keep(kept.taking(trouble.usage, lane.model.price));
            }
            if heard.is_late {
                // Who has waited so long once waits so long once more, not as often as for quick troubles.
                course.tries = course.tries.max(self.routing.budget.max_retries.saturating_sub(1));
            }
            self.follow(lane, call, &mut course, heard.key, trouble).await?;
        }
    }

    fn finish(&self, lane: &Lane, call: &Call, key: &str, reply: Reply) -> Result<Arc<Kept>, Stop> {
        let text = match self.masks.mask(&reply.text) {
            Ok(masked) => masked.text,
            // It is paid for: what cannot be used is not asked for again.
            Err(failure) => {
                self.note(&lane.name, |entry| entry.answers += 1);
                let kept = Kept::new(key, &lane.model.id, End::Nothing, format!("its answer is not used: {failure}"));
                return self.keep(kept.taking(reply.usage, lane.model.price));
            }
        };
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
                self.take_next_key(lane, key, then, &words)
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
            Then::AgainOnce | Then::Longer | Then::Next => Err(Stop::Said(words)),
        }
    }

    /// Goes on with the next key, if there is one: for all of the service when this one is no key, for this question when it is one
    /// that may not have the model.
    fn take_next_key(&self, lane: &Lane, key: usize, then: Then, words: &str) -> Result<(), Stop> {
        let service = &lane.service;
        if then == Then::OtherKey {
            service.ring.refuse(key);
        }
        if service.ring.from(key + 1).is_some() {
            return Ok(());
        }
        let words = format!("{words}: {}", keys_told(lane));
        let (is_first, who) = match then {
            Then::OtherKey if service.ring.from(0).is_none() => (service.leave(&words), &service.name),
            _ => (lane.leave(&words), &lane.name),
        };
        if is_first {
            self.warn(format!("{who}: {words}"));
        }
        Err(Stop::Said(words))
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
            let words = format!("{words}, again and again");
            if lane.fail(now, REST, &words) {
                self.warn(format!("`{}` is no longer asked: {words}", lane.model.id));
            }
            return Err(Stop::Said(words));
        }
        Ok(backoff(course.tries - 1).max(after.unwrap_or_default()))
    }
}

/// What somebody can do about keys.
pub(super) fn keys_told(lane: &Lane) -> String {
    match lane.service.ring.variables().as_str() {
        "" => "the service wants a key: name the variable that holds it in `key_env`".to_owned(),
        variables => format!("see the key in {variables}"),
    }
}
