//! Headers of responses: what is left of the limits, how long to wait, and the forms that services write times in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The longest time that any header is believed.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Headers, names in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Of names and values.
    pub fn of<N: AsRef<str>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.as_ref().to_ascii_lowercase(), value.into())).collect())
    }

    /// The value of the first header of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// How the service calls the request.
    #[must_use]
    pub fn request_id(&self) -> Option<String> {
        let id = self.get("request-id").or_else(|| self.get("x-request-id"))?;
        Some(id.chars().filter(char::is_ascii_graphic).take(100).collect())
    }

    /// Whether the service says that the same shall be sent again.
    #[must_use]
    pub fn should_retry(&self) -> Option<bool> {
        match self.get("x-should-retry")? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// How long the service wants one to wait.
    #[must_use]
    pub fn retry_after(&self, now: SystemTime) -> Option<Duration> {
        if let Some(millis) = self.get("retry-after-ms").and_then(number) {
            return Some(seconds(millis / 1000.0));
        }
        let text = self.get("retry-after")?;
        match number(text) {
            Some(count) => Some(seconds(count)),
            None => go_duration(text).or_else(|| {
                let until = httpdate::parse_http_date(text).ok()?;
                Some(until.duration_since(self.clock(now)).unwrap_or_default().min(LONGEST))
            }),
        }
    }

    /// The service's own clock, so that a wrong one here does no harm.
    fn clock(&self, now: SystemTime) -> SystemTime {
        self.get("date").and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now)
    }

    /// What is left of the limits.
    #[must_use]
    pub fn levels(&self, now: SystemTime) -> Vec<Level> {
        const NAMES: [(&str, &str, Meter); 6] = [
            ("x-ratelimit-", "requests", Meter::Requests),
            ("x-ratelimit-", "tokens", Meter::Tokens),
            ("anthropic-ratelimit-requests-", "", Meter::Requests),
            ("anthropic-ratelimit-tokens-", "", Meter::Tokens),
            ("anthropic-ratelimit-input-tokens-", "", Meter::Input),
            ("anthropic-ratelimit-output-tokens-", "", Meter::Output),
        ];
        let level = |(prefix, suffix, meter): (&str, &str, Meter)| {
            let header = |what: &str| match suffix {
                "" => self.get(&format!("{prefix}{what}")),
                suffix => self.get(&format!("{prefix}{what}-{suffix}")),
            };
            let limit = header("limit")?.parse().ok()?;
            let remaining = header("remaining")?.parse().ok()?;
            let reset = self.reset(header("reset")?, now)?;
            (limit > 0).then_some(Level { meter, limit, remaining, reset })
        };
        NAMES.into_iter().filter_map(level).collect()
    }

    /// When a limit is whole again: a duration, or a time by the service's clock.
    fn reset(&self, text: &str, now: SystemTime) -> Option<Duration> {
        if let Some(duration) = go_duration(text) {
            return Some(duration);
        }
        if let Some(count) = number(text) {
            return Some(seconds(count));
        }
        let until = rfc3339(text)?;
        Some(until.duration_since(self.clock(now)).unwrap_or_default().min(LONGEST))
    }
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meter {
    /// Requests.
    Requests,
    /// Tokens of questions and answers.
    Tokens,
    /// Tokens of questions.
    Input,
    /// Tokens of answers.
    Output,
}

/// What is left of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// What it counts.
    pub meter: Meter,
    /// All of it.
    pub limit: u64,
    /// What is left.
    pub remaining: u64,
    /// When it is whole again.
    pub reset: Duration,
}

/// A number of seconds or the like: not negative, and finite.
fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

fn seconds(count: f64) -> Duration {
    Duration::try_from_secs_f64(count).map_or(LONGEST, |duration| duration.min(LONGEST))
}

/// A duration as Go writes it: `2m59.56s`, `7.66s`, `120ms`, `1h0m0s`.
pub(super) fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    if rest.is_empty() || rest == "0" {
        return (rest == "0").then_some(Duration::ZERO);
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (count, after) = rest.split_at(digits);
        let unit = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let factor = match unit {
            "d" => 86_400.0,
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        sum += number(count)? * factor;
        rest = after;
    }
    Some(seconds(sum))
}

/// A time as RFC 3339 writes it: `2026-11-20T19:24:18.5Z`, `2026-11-20T20:24:18+01:00`.
fn rfc3339(text: &str) -> Option<SystemTime> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 20 || bytes[4] != b'-' || bytes[7] != b'-' || !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    }
    let field = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    let is_time = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_time || !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..=60).contains(&second) {
        return None;
    }
    let rest = text.get(19..)?;
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let fraction = match rest.get(..zone)? {
        "" => 0.0,
        part => number(part)?,
    };
    let offset = match rest.get(zone..)? {
        "Z" | "z" => 0,
        signed => {
            let (hours, minutes) = signed.get(1..)?.split_once(':')?;
            let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
            if !(0..24).contains(&hours) || !(0..60).contains(&minutes) {
                return None;
            }
            let minutes = hours * 60 + minutes;
            if signed.starts_with('-') { -minutes } else { minutes }
        }
    };
    let whole = days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset * 60;
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(whole).ok()?))?.checked_add(Duration::try_from_secs_f64(fraction).ok()?)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years are counted from March, so that the leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year / 400;
    let year_of_era = year % 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Option<u128> {
        go_duration(text).map(|duration| duration.as_millis())
    }

    #[test]
    fn durations_are_read_as_go_writes_them() {
        assert_eq!(millis("2m59.56s"), Some(179_560));
        assert_eq!(millis("7.66s"), Some(7_660));
        assert_eq!(millis("120ms"), Some(120));
        assert_eq!(millis("1h0m0s"), Some(3_600_000));
        assert_eq!(millis("0s"), Some(0));
        for wrong in ["", "s", "7", "7 s", "-1s", "1y", "1.2.3s", "é1s", "NaNs"] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
        assert_eq!(millis("99999999999999h"), Some(LONGEST.as_millis()));
    }

    #[test]
    fn times_are_read_by_the_service_s_clock() {
        let now = UNIX_EPOCH + Duration::from_secs(5);
        let headers = Headers::of([
            ("Date", "Fri, 20 Nov 2026 19:24:18 GMT"),
            ("anthropic-ratelimit-input-tokens-limit", "30000"),
            ("anthropic-ratelimit-input-tokens-remaining", "12000"),
            ("anthropic-ratelimit-input-tokens-reset", "2026-11-20T20:24:54.5+01:00"),
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "49"),
            ("anthropic-ratelimit-requests-reset", "2026-11-20T19:24:00Z"),
            ("retry-after", "Fri, 20 Nov 2026 19:24:28 GMT"),
        ]);
        assert_eq!(
            headers.levels(now),
            [
                Level { meter: Meter::Requests, limit: 50, remaining: 49, reset: Duration::ZERO },
                Level { meter: Meter::Input, limit: 30_000, remaining: 12_000, reset: Duration::from_millis(36_500) },
            ]
        );
        assert_eq!(headers.retry_after(now), Some(Duration::from_secs(10)));
    }

    #[test]
    fn hostile_times_are_no_times() {
        for text in [
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00+1",
            "20x6-01-01T00:00:00Z",
            "9999-99-99T99:99:99Z",
            "é026-01-01T00:00:00Z",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
        assert_eq!(rfc3339("2000-02-29T00:00:00Z"), Some(UNIX_EPOCH + Duration::from_secs(951_782_400)));
        assert_eq!(rfc3339("1970-01-01T00:00:00Z"), Some(UNIX_EPOCH));
    }

    #[test]
    fn waits_are_read_in_all_forms() {
        let now = UNIX_EPOCH;
        let wait = |name: &str, value: &str| Headers::of([(name, value)]).retry_after(now).map(|wait| wait.as_millis());
        assert_eq!(wait("retry-after-ms", "1500"), Some(1500));
        assert_eq!(wait("Retry-After", "2"), Some(2000));
        assert_eq!(wait("retry-after", "1.5"), Some(1500));
        assert_eq!(wait("retry-after", "7.66s"), Some(7660));
        assert_eq!(wait("retry-after", "1e300"), Some(LONGEST.as_millis()));
        assert_eq!(wait("retry-after", "soon"), None);
    }
}
