//! Calendar days: enough of them to tell whether one comes before another.

use std::time::{SystemTime, UNIX_EPOCH};

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Days since the first of January 1970.
    days: i64,
}

impl Date {
    /// Today, in UTC.
    #[must_use]
    pub fn today() -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
        Self { days: i64::try_from(seconds / 86_400).unwrap_or_default() }
    }

    /// `2026-11-20`, with or without a time behind it.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let (day, time) = text.split_at_checked(10)?;
        if !time.is_empty() && !time.starts_with(['T', 't', ' ']) {
            return None;
        }
        let parts: Vec<i64> = day.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let [year, month, day] = parts[..] else { return None };
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let longest = match month {
            2 => 28 + i64::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (year >= 0 && (1..=longest).contains(&day)).then(|| Self { days: days_of(year, month, day) })
    }

    /// So many days later.
    #[must_use]
    pub fn after_days(self, days: u32) -> Self {
        Self { days: self.days + i64::from(days) }
    }
}

/// Days since 1970-01-01 of a day of the Gregorian calendar: years begin in March, so that leap days come last.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
