//! One model and its service: how it stands with them in this run.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OnceCell, Semaphore};
use tokio::time::Instant;

use super::bucket::Bucket;
use super::keys::{Keys, Ring};
use crate::llm::call::Task;
use crate::llm::provider::Meter;
use crate::llm::routing::{Model, Provider, Routing};

/// Tokens that an answer must be allowed to have, lest it be cut.
const LEAST_OUTPUT: u64 = 256;
/// Tokens that an estimate may be wrong by.
const MARGIN: u64 = 64;

/// A service.
pub(super) struct Service {
    pub name: String,
    pub provider: Provider,
    pub ring: Ring,
    pub places: Semaphore,
    /// Connections that failed, one after another.
    failed_connects: AtomicU32,
    gone: Mutex<Option<String>>,
}

impl Service {
    fn new(name: &str, provider: &Provider, keys: &Keys) -> Self {
        let places = Semaphore::new(provider.max_concurrency.min(Semaphore::MAX_PERMITS));
        Self {
            name: name.to_owned(),
            provider: provider.clone(),
            ring: keys.ring(name),
            places,
            failed_connects: AtomicU32::new(0),
            gone: Mutex::default(),
        }
    }

    /// Counts a connection that failed; whether there were more than `most` in a row.
    pub fn has_failed_to_connect(&self, most: u32) -> bool {
        self.failed_connects.fetch_add(1, Ordering::Relaxed) >= most
    }

    /// A connection stands.
    pub fn has_connected(&self) {
        self.failed_connects.store(0, Ordering::Relaxed);
    }

    /// Takes it out for the rest of the run. Whether it was there until now.
    pub fn leave(&self, words: &str) -> bool {
        let mut gone = locked(&self.gone);
        let is_first = gone.is_none();
        gone.get_or_insert_with(|| words.to_owned());
        is_first
    }
}

/// A model.
pub(super) struct Lane {
    pub name: String,
    pub model: Model,
    pub service: Arc<Service>,
    pub freed: Notify,
    bucket: Mutex<Bucket>,
    standing: Mutex<Standing>,
    gates: Mutex<BTreeMap<u64, Arc<Gate>>>,
}

#[derive(Default)]
struct Standing {
    gone: Option<String>,
    rests: Option<(Instant, String)>,
    /// Whether it has failed again and again, and nothing came since.
    has_failed: bool,
    /// Schemas that it was found not to take, by digest.
    in_words: HashSet<blake3::Hash>,
    /// Tokens that were counted over tokens that were estimated.
    ratio: Option<f64>,
    /// How many answers there were to a task, and how long the longest was.
    answers: BTreeMap<Task, (u32, u64)>,
}

/// Lets the first of many alike through alone, so that the others find limits and caches known.
#[derive(Default)]
pub(super) struct Gate {
    turn: tokio::sync::Mutex<()>,
    opened: OnceCell<()>,
}

/// The first; others wait until it is dropped.
pub(super) struct Lead<'g> {
    gate: &'g Gate,
    _turn: tokio::sync::MutexGuard<'g, ()>,
}

impl Lead<'_> {
    /// Lets all others through.
    pub fn open(self) {
        // It may be open already, which is as good.
        let _ = self.gate.opened.set(());
    }
}

impl Gate {
    /// Waits until the gate is open; `Some` for who goes first.
    pub async fn pass(&self) -> Option<Lead<'_>> {
        if self.opened.initialized() {
            return None;
        }
        let turn = self.turn.lock().await;
        (!self.opened.initialized()).then_some(Lead { gate: self, _turn: turn })
    }
}

impl Lane {
    fn new(name: &str, model: &Model, service: Arc<Service>) -> Self {
        let bucket = Mutex::new(Bucket::new(model.limits));
        let (name, model) = (name.to_owned(), model.clone());
        Self { name, model, service, bucket, freed: Notify::new(), standing: Mutex::default(), gates: Mutex::default() }
    }

    /// The gate for prompts that begin alike.
    pub fn gate(&self, start: &str) -> Arc<Gate> {
        let hash = blake3::hash(start.as_bytes());
        let mut short = [0; 8];
        short.copy_from_slice(&hash.as_bytes()[..8]);
        Arc::clone(locked(&self.gates).entry(u64::from_le_bytes(short)).or_default())
    }

    /// Why it cannot be asked now.
    pub fn absence(&self, now: Instant) -> Option<String> {
        if let Some(words) = &*locked(&self.service.gone) {
            return Some(words.clone());
        }
        let standing = locked(&self.standing);
        let rests = standing.rests.as_ref().filter(|(until, _)| now < *until).map(|(_, words)| words);
        standing.gone.as_ref().or(rests).cloned()
    }

    /// Takes it out for the rest of the run. Whether it was there until now.
    pub fn leave(&self, words: &str) -> bool {
        let mut standing = locked(&self.standing);
        let is_first = standing.gone.is_none();
        standing.gone.get_or_insert_with(|| words.to_owned());
        is_first
    }

    /// Takes it out for a while.
    pub fn rest(&self, until: Instant, words: &str) {
        locked(&self.standing).rests = Some((until, words.to_owned()));
    }

    /// It has failed again and again: it is left alone for a while, and the next time for the rest of the run. Whether it is that.
    pub fn fail(&self, now: Instant, rest: Duration, words: &str) -> bool {
        let mut standing = locked(&self.standing);
        if standing.rests.as_ref().is_some_and(|(until, _)| now < *until) {
            // Others were under way when it was found out.
            return false;
        }
        if std::mem::replace(&mut standing.has_failed, true) {
            drop(standing);
            return self.leave(words);
        }
        standing.rests = Some((now + rest, words.to_owned()));
        false
    }

    pub fn bucket(&self) -> MutexGuard<'_, Bucket> {
        locked(&self.bucket)
    }

    pub fn takes_in_words(&self, schema: &blake3::Hash) -> bool {
        locked(&self.standing).in_words.contains(schema)
    }

    pub fn ask_in_words(&self, schema: blake3::Hash) {
        locked(&self.standing).in_words.insert(schema);
    }

    /// An estimate, corrected by what was counted so far.
    pub fn corrected(&self, estimate: u64) -> u64 {
        let ratio = locked(&self.standing).ratio.unwrap_or(1.0);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
        let tokens = (estimate as f64 * ratio).ceil() as u64;
        tokens
    }

    /// Learns from what was counted. Estimates go up at once and down slowly: too low a guess is an error of the service.
    pub fn learn(&self, estimate: u64, counted: u64) {
        locked(&self.standing).has_failed = false;
        if estimate == 0 || counted == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let seen = (counted as f64 * 1.05 / estimate as f64).clamp(0.4, 3.0);
        let mut standing = locked(&self.standing);
        standing.ratio = Some(match standing.ratio {
            Some(ratio) if seen < ratio => ratio * 0.8 + seen * 0.2,
            Some(_) => seen,
            None => seen.max(0.8),
        });
    }

    /// Learns how long answers are.
    pub fn learn_answer(&self, task: Task, tokens: u64) {
        let mut standing = locked(&self.standing);
        let (count, longest) = standing.answers.entry(task).or_default();
        *count += 1;
        *longest = (*longest).max(tokens);
    }

    /// How long an answer probably is at most, where that matters: services count what an answer may have against their limits, and
    /// most have far less.
    pub fn likely_answer(&self, task: Task) -> Option<u64> {
        const ENOUGH: u32 = 3;
        let limits = self.model.limits;
        let is_limited = limits.tpm.or(limits.otpm).is_some();
        let (count, longest) = locked(&self.standing).answers.get(&task).copied()?;
        (is_limited && count >= ENOUGH).then(|| longest.saturating_add(longest / 2).max(LEAST_OUTPUT))
    }

    /// How many tokens an answer may have when the question has `input`; why it cannot be asked otherwise.
    pub fn room(&self, input: u64, wanted: u64) -> Result<u64, String> {
        let (tokens, inputs, outputs) = {
            let bucket = self.bucket();
            (bucket.largest(Meter::Tokens), bucket.largest(Meter::Input), bucket.largest(Meter::Output))
        };
        if inputs.is_some_and(|limit| input + MARGIN > limit) {
            return Err(format!("a question of about {input} tokens is more than it may be asked in a minute"));
        }
        let both = tokens.unwrap_or(u64::MAX).min(self.model.context);
        let left = both.saturating_sub(input.saturating_add(MARGIN));
        let room = left.min(wanted).min(self.model.max_output).min(outputs.unwrap_or(u64::MAX));
        if room < LEAST_OUTPUT.min(wanted) {
            return Err(format!("a question of about {input} tokens leaves no room for an answer in its {both} tokens"));
        }
        Ok(room)
    }
}

/// A lane for each model of a table.
pub(super) fn lanes(routing: &Routing, keys: &Keys) -> BTreeMap<String, Lane> {
    let services: BTreeMap<&str, Arc<Service>> =
        routing.providers.iter().map(|(name, provider)| (name.as_str(), Arc::new(Service::new(name, provider, keys)))).collect();
    let lane = |(name, model): (&String, &Model)| {
        let service = Arc::clone(services.get(model.provider.as_str())?);
        if let Some(words) = keys.missing(routing, &model.provider) {
            service.leave(&words);
        }
        Some((name.clone(), Lane::new(name, model, service)))
    };
    routing.models.iter().filter_map(lane).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The wait before a request is sent again when the service names none: up to twice as long each time.
pub(super) fn backoff(tries: u32) -> Duration {
    let most = Duration::from_millis(500).saturating_mul(1 << tries.min(4));
    most.mul_f64(0.5 + fastrand::f64() * 0.5)
}
