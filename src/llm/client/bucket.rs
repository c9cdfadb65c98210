//! How much a model may be asked now: what was sent in the last minute, and what the service says is left.
//!
//! Services count in one of two ways, and say not which. Where what is left grows steadily, it is believed to the second. Elsewhere
//! no minute, wherever it starts, holds more than the limit: that keeps every way of counting.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::llm::provider::{Level, Meter};
use crate::llm::routing::RateLimits;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Requests do not take equally long to arrive: a minute here is a little longer than one there.
const SLACK: Duration = Duration::from_millis(500);
/// How many times what is left must fit steady growth before it is believed.
const PROOFS: u8 = 3;

/// What a request takes of each limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// Tokens of the question.
    pub input: u64,
    /// Tokens that the answer may have, or has.
    pub output: u64,
}

impl Cost {
    fn of(self, meter: Meter) -> u64 {
        match meter {
            Meter::Requests => 1,
            Meter::Tokens => self.input.saturating_add(self.output),
            Meter::Input => self.input,
            Meter::Output => self.output,
        }
    }
}

/// A request that was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An answer that took this.
    Took(Cost),
    /// The service would not have it; nothing was taken but the request.
    Turned,
    /// It was not sent.
    Unsent,
    /// Nobody knows.
    Unknown,
}

/// All limits of one model.
#[derive(Debug)]
pub(super) struct Bucket {
    limits: BTreeMap<Meter, Limit>,
    table: RateLimits,
    paused: Option<Instant>,
    /// Whether the service says what is left.
    is_telling: bool,
    next: u64,
}

impl Bucket {
    pub fn new(table: RateLimits) -> Self {
        let per_minute =
            [(Meter::Requests, table.rpm), (Meter::Tokens, table.tpm), (Meter::Input, table.itpm), (Meter::Output, table.otpm)];
        let limits = per_minute.into_iter().map(|(meter, limit)| (meter, Limit::new(limit))).collect();
        Self { limits, table, paused: None, is_telling: false, next: 0 }
    }

    /// The most tokens that one request may take.
    pub fn largest(&self, meter: Meter) -> Option<u64> {
        self.limits.get(&meter)?.limit
    }

    /// How long to wait until a request may go; nothing when it may go now.
    pub fn wait(&mut self, now: Instant, cost: Cost) -> Duration {
        let paused = self.paused.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        self.limits.iter_mut().map(|(meter, limit)| limit.wait(now, cost.of(*meter))).fold(paused, Duration::max)
    }

    /// Lets a request through.
    pub fn take(&mut self, now: Instant, cost: Cost) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        for (meter, limit) in &mut self.limits {
            limit.log.push_back(Entry { ticket, at: now, amount: cost.of(*meter), is_open: true });
        }
        ticket
    }

    /// Tells what came of a request.
    pub fn done(&mut self, now: Instant, ticket: Ticket, outcome: Outcome, levels: &[Level]) {
        self.is_telling |= !levels.is_empty();
        for (meter, limit) in &mut self.limits {
            let level = levels.iter().find(|level| level.meter == *meter);
            let amount = match outcome {
                Outcome::Took(cost) => Some(cost.of(*meter)),
                Outcome::Turned if *meter != Meter::Requests => Some(0),
                Outcome::Unsent => Some(0),
                _ => None,
            };
            let at = limit.close(ticket, amount, level.is_none());
            if let Some(level) = level {
                limit.tell(now, at.unwrap_or(now), *level, *meter);
            }
        }
        self.scale_requests();
    }

    /// Where the service allows more tokens than the table says, the account is of a larger plan, and may send more requests.
    fn scale_requests(&mut self) {
        let told = self.limits.get(&Meter::Tokens).and_then(|limit| limit.limit);
        if let (Some(told), Some(table), Some(rpm)) = (told, self.table.tpm.filter(|table| *table > 0), self.table.rpm)
            && told > table
            && let Some(requests) = self.limits.get_mut(&Meter::Requests)
            && !requests.is_told
        {
            requests.limit = Some(rpm.saturating_mul(told) / table);
        }
    }

    /// Lets nothing through for a while, since the service said «too often». Where that is all it says, what it took in the last
    /// minute is believed to be its limit.
    pub fn pause(&mut self, now: Instant, wait: Duration) {
        const ENOUGH: u64 = 5;
        self.paused = Some(self.paused.map_or(now + wait, |until| until.max(now + wait)));
        if self.is_telling {
            return;
        }
        let requests = self.limits.get(&Meter::Requests).map_or(0, |limit| limit.recent(now)).saturating_sub(1);
        for (meter, limit) in self.limits.iter_mut().filter(|_| requests >= ENOUGH) {
            let recent = if *meter == Meter::Requests { requests } else { limit.recent(now) };
            limit.learned = limit.learned.min(recent);
        }
    }
}

/// How a service counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    /// Not known yet: this many levels fit steady growth.
    Unknown(u8),
    /// What is left grows steadily; the time in which all of it comes back.
    Steadily(Duration),
    /// In windows.
    InWindows,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    ticket: Ticket,
    at: Instant,
    amount: u64,
    is_open: bool,
}

/// What the service said.
#[derive(Clone, Copy, Debug)]
struct Told {
    at: Instant,
    remaining: f64,
    limit: u64,
    until: Instant,
}

#[derive(Debug)]
struct Limit {
    /// For a minute; `None`: as much as one likes.
    limit: Option<u64>,
    /// Whether the service has said so, not the table.
    is_told: bool,
    /// What the service would not go beyond, without saying so.
    learned: u64,
    log: VecDeque<Entry>,
    told: Option<Told>,
    counts: Counts,
    /// When the service said what is left, and when its window would end.
    last_end: Option<(Instant, Instant)>,
    /// Whether windows end later with every request.
    ends_move: bool,
}

impl Limit {
    fn new(limit: Option<u64>) -> Self {
        Self {
            limit,
            is_told: false,
            learned: u64::MAX,
            log: VecDeque::new(),
            told: None,
            counts: Counts::Unknown(0),
            last_end: None,
            ends_move: false,
        }
    }

    fn wait(&mut self, now: Instant, amount: u64) -> Duration {
        while self.log.front().is_some_and(|entry| !entry.is_open && entry.at + MINUTE + SLACK <= now) {
            self.log.pop_front();
        }
        let by_told = self.wait_by_told(now, amount);
        match self.counts {
            Counts::Steadily(period) if period == MINUTE => by_told,
            _ => by_told.max(self.wait_by_log(now, amount)),
        }
    }

    /// What was sent in the last minute.
    fn recent(&self, now: Instant) -> u64 {
        self.log.iter().filter(|entry| entry.at + MINUTE + SLACK > now).map(|entry| entry.amount).fold(0, u64::saturating_add)
    }

    /// Until enough of what was sent is a minute old.
    fn wait_by_log(&self, now: Instant, amount: u64) -> Duration {
        let limit = self.limit.unwrap_or(u64::MAX).min(self.learned);
        let recent = self.log.iter().filter(|entry| entry.at + MINUTE + SLACK > now);
        let mut sum: u64 = recent.clone().map(|entry| entry.amount).fold(amount, u64::saturating_add);
        let mut wait = Duration::ZERO;
        for entry in recent {
            if sum <= limit {
                break;
            }
            sum = sum.saturating_sub(entry.amount);
            wait = (entry.at + MINUTE + SLACK).saturating_duration_since(now);
        }
        wait
    }

    /// Until enough is left by what the service said. Requests under way may or may not be in it: they are taken off.
    fn wait_by_told(&self, now: Instant, amount: u64) -> Duration {
        // What grows steadily grows until it is whole, and is never more.
        let is_steady = matches!(self.counts, Counts::Steadily(_));
        let Some(told) = self.told.filter(|told| is_steady || now < told.until) else { return Duration::ZERO };
        let under_way: u64 = self.log.iter().filter(|entry| entry.is_open).map(|entry| entry.amount).fold(0, u64::saturating_add);
        let wanted = float(under_way.saturating_add(amount));
        let Counts::Steadily(period) = self.counts else {
            return if wanted <= told.remaining { Duration::ZERO } else { told.until - now };
        };
        let missing = wanted - left(&told, period, now);
        if missing <= 0.0 {
            return Duration::ZERO;
        }
        let seconds = missing * period.as_secs_f64() / float(told.limit.max(1));
        Duration::try_from_secs_f64(seconds).unwrap_or(period).min(period) + SLACK / 10
    }

    /// A request is no longer under way. Gives back when it was sent.
    fn close(&mut self, ticket: Ticket, amount: Option<u64>, is_unheard: bool) -> Option<Instant> {
        let entry = self.log.iter_mut().find(|entry| entry.ticket == ticket)?;
        entry.is_open = false;
        entry.amount = amount.unwrap_or(entry.amount);
        if let (true, Some(told)) = (is_unheard, &mut self.told) {
            told.remaining = (told.remaining - float(entry.amount)).max(0.0);
        }
        Some(entry.at)
    }

    /// Believes what the service says is left.
    fn tell(&mut self, now: Instant, sent: Instant, level: Level, meter: Meter) {
        self.learn(level, meter);
        let is_minute = meter != Meter::Requests || self.counts == Counts::Steadily(MINUTE) || self.limit == Some(level.limit);
        if is_minute {
            self.limit = Some(level.limit);
            self.is_told = true;
        }
        let mut remaining = float(level.remaining);
        if let Some(told) = self.told.filter(|told| sent < told.at && now < told.until) {
            // It may have been counted before what is known by now.
            let known = match self.counts {
                Counts::Steadily(period) => left(&told, period, now),
                _ => told.remaining,
            };
            remaining = remaining.min(known);
        }
        self.learn_ends(now, now + level.reset);
        // In windows without an end of their own, what is left says more than the own count only when it is less: then others use the
        // account too.
        let known = float(level.limit.saturating_sub(self.recent(now)));
        // No minute takes six to pass, whatever some servers say.
        let is_credible = meter == Meter::Requests || level.reset <= MINUTE + SLACK * 10;
        let is_news = !is_minute || self.counts != Counts::InWindows || !self.ends_move || remaining < known * 0.98;
        self.told = (is_credible && is_news).then_some(Told { at: now, remaining, limit: level.limit, until: now + level.reset });
    }

    /// Learns whether windows end when they end, or later with every request.
    fn learn_ends(&mut self, now: Instant, end: Instant) {
        const APART: Duration = Duration::from_millis(1500);
        match self.last_end {
            Some((at, last)) if now < last && now < at + APART => return,
            Some((_, last)) if now < last => self.ends_move = end > last + Duration::from_secs(1),
            _ => {}
        }
        self.last_end = Some((now, end));
    }

    /// Learns how the service counts. Where it counts steadily, what is gone comes back in proportion.
    fn learn(&mut self, level: Level, meter: Meter) {
        let used = float(level.limit.saturating_sub(level.remaining));
        let share = used / float(level.limit);
        let fits = |period: Duration| {
            let expected = share * period.as_secs_f64();
            (expected - level.reset.as_secs_f64()).abs() <= 1.5 + expected * 0.03
        };
        let periods: &[Duration] = if meter == Meter::Requests { &[MINUTE, DAY] } else { &[MINUTE] };
        let fitting = periods.iter().copied().find(|period| fits(*period));
        self.counts = match (self.counts, fitting) {
            (Counts::InWindows, _) | (_, None) => Counts::InWindows,
            (Counts::Steadily(period), Some(_)) => Counts::Steadily(period),
            // So little is gone that all periods fit.
            (Counts::Unknown(proofs), Some(period)) if share * period.as_secs_f64() < 3.0 => Counts::Unknown(proofs),
            (Counts::Unknown(proofs), Some(period)) if proofs + 1 >= PROOFS => Counts::Steadily(period),
            (Counts::Unknown(proofs), Some(_)) => Counts::Unknown(proofs + 1),
        };
    }
}

/// What is left by now where it grows steadily.
fn left(told: &Told, period: Duration, now: Instant) -> f64 {
    let limit = float(told.limit);
    (told.remaining + limit * (now - told.at).as_secs_f64() / period.as_secs_f64()).min(limit)
}

fn float(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "limits are far below that")]
    let float = number as f64;
    float
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: RateLimits = RateLimits { rpm: Some(3), tpm: Some(1000), itpm: None, otpm: None };

    fn cost(input: u64) -> Cost {
        Cost { input, output: 0 }
    }

    fn level(meter: Meter, limit: u64, remaining: u64, reset: f64) -> Level {
        Level { meter, limit, remaining, reset: Duration::from_secs_f64(reset) }
    }

    #[test]
    fn no_minute_holds_more_than_the_limit() {
        let start = Instant::now();
        let mut bucket = Bucket::new(LIMITS);
        for second in [0, 10, 20] {
            let now = start + Duration::from_secs(second);
            assert_eq!(bucket.wait(now, cost(100)), Duration::ZERO);
            let ticket = bucket.take(now, cost(100));
            bucket.done(now, ticket, Outcome::Took(cost(100)), &[]);
        }
        let now = start + Duration::from_secs(30);
        assert_eq!(bucket.wait(now, cost(100)), Duration::from_millis(30_500));
        assert_eq!(bucket.wait(start + Duration::from_millis(60_500), cost(100)), Duration::ZERO);
        assert_eq!(bucket.wait(start + Duration::from_millis(60_500), cost(900)), Duration::from_secs(10));
    }

    #[test]
    fn what_was_not_taken_is_given_back() {
        let now = Instant::now();
        let mut bucket = Bucket::new(LIMITS);
        let ticket = bucket.take(now, Cost { input: 100, output: 800 });
        assert!(bucket.wait(now, cost(200)) > Duration::ZERO);
        bucket.done(now, ticket, Outcome::Took(Cost { input: 100, output: 10 }), &[]);
        assert_eq!(bucket.wait(now, cost(800)), Duration::ZERO);
    }

    #[test]
    fn too_often_is_a_pause_and_tells_the_limit() {
        let mut now = Instant::now();
        let mut bucket = Bucket::new(RateLimits::default());
        for _ in 0..6 {
            assert_eq!(bucket.wait(now, cost(100)), Duration::ZERO);
            let ticket = bucket.take(now, cost(100));
            bucket.done(now, ticket, Outcome::Took(cost(100)), &[]);
            now += Duration::from_secs(1);
        }
        let ticket = bucket.take(now, cost(100));
        bucket.done(now, ticket, Outcome::Turned, &[]);
        bucket.pause(now, Duration::from_secs(2));
        assert_eq!(bucket.wait(now, cost(1)), Duration::from_millis(55_500), "six in a minute, and two were sent a while ago");
    }

    #[test]
    fn the_service_knows_better() {
        let now = Instant::now();
        let mut bucket = Bucket::new(LIMITS);
        let ticket = bucket.take(now, cost(100));
        let levels = [level(Meter::Tokens, 250_000, 50, 40.0), level(Meter::Requests, 1000, 999, 86.4)];
        bucket.done(now, ticket, Outcome::Took(cost(100)), &levels);
        assert_eq!(bucket.largest(Meter::Tokens), Some(250_000));
        assert_eq!(bucket.largest(Meter::Requests), Some(750), "a larger plan");
        assert_eq!(bucket.wait(now, cost(51)), Duration::from_secs(40));
        assert_eq!(bucket.wait(now + Duration::from_secs(40), cost(51)), Duration::ZERO);
    }

    #[test]
    fn steady_growth_is_believed_after_some_proofs() {
        let mut now = Instant::now();
        let mut bucket = Bucket::new(RateLimits { tpm: Some(6000), ..RateLimits::default() });
        for (remaining, reset) in [(5000, 10.0), (4000, 20.0), (3000, 30.0), (0, 60.0)] {
            let ticket = bucket.take(now, cost(1000));
            bucket.done(now, ticket, Outcome::Took(cost(1000)), &[level(Meter::Tokens, 6000, remaining, reset)]);
        }
        assert_eq!(bucket.wait(now, cost(1000)), Duration::from_secs(10) + SLACK / 10);
        now += Duration::from_secs(10);
        assert_eq!(bucket.wait(now, cost(1000)), Duration::ZERO);
        now += Duration::from_secs(600);
        for _ in 0..6 {
            assert_eq!(bucket.wait(now, cost(1000)), Duration::ZERO);
            bucket.take(now, cost(1000));
        }
        assert!(bucket.wait(now, cost(1000)) > Duration::ZERO, "a rest gives no more than all");
    }

    #[test]
    fn a_day_s_requests_that_are_gone_are_a_long_wait() {
        let now = Instant::now();
        let mut bucket = Bucket::new(LIMITS);
        let ticket = bucket.take(now, cost(1));
        bucket.done(now, ticket, Outcome::Took(cost(1)), &[level(Meter::Requests, 1000, 0, 7200.0)]);
        assert_eq!(bucket.wait(now, cost(1)), Duration::from_secs(7200));
    }
}
