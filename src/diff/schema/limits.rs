//! Limits: numbers, lengths, counts, divisors.

use std::cmp::Ordering;

use serde_json::Value;

use super::judge::Judge;
use super::shape::Shape;

/// Lengths and counts: keyword, its word in rules, whether it is an upper limit, and the value that limits nothing.
const COUNTS: &[(&str, &str, bool, u64)] = &[
    ("maxLength", "max-length", true, u64::MAX),
    ("maxItems", "max-items", true, u64::MAX),
    ("maxProperties", "max-properties", true, u64::MAX),
    ("minLength", "min-length", false, 0),
    ("minItems", "min-items", false, 0),
    ("minProperties", "min-properties", false, 0),
];
/// The same for matching items, which count where `contains` is.
const MATCHES: &[(&str, &str, bool, u64)] = &[("maxContains", "max-contains", true, u64::MAX), ("minContains", "min-contains", false, 1)];

/// A limit: the number, and how much of it is left out: -1 just below it, 1 just above it.
#[derive(Clone, Copy, Debug)]
struct Limit<'a> {
    number: Number,
    side: i8,
    written: &'a Value,
    keyword: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Number {
    Whole(i128),
    Real(f64),
}

impl Number {
    fn of(value: &Value) -> Option<Self> {
        let whole = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
        whole.map(Self::Whole).or_else(|| value.as_f64().map(Self::Real))
    }

    fn real(self) -> f64 {
        match self {
            // What is lost beyond 2^53 is looked at only when the other one is no whole number.
            #[expect(clippy::cast_precision_loss, reason = "compared with a number that has no more digits")]
            Self::Whole(number) => number as f64,
            Self::Real(number) => number,
        }
    }

    fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one.cmp(&other),
            _ => self.real().partial_cmp(&other.real()).unwrap_or(Ordering::Equal),
        }
    }
}

impl Limit<'_> {
    fn order(&self, other: &Self) -> Ordering {
        self.number.order(other.number).then(self.side.cmp(&other.side))
    }
}

impl<'a> Judge<'_, 'a> {
    /// Everything that is limited by a number.
    pub fn limits(&mut self) {
        for (word, upper) in [("maximum", true), ("minimum", false)] {
            let (before, after) = (number_limit(&self.before, upper), number_limit(&self.after, upper));
            self.limit(word, before, after);
        }
        for row in COUNTS {
            self.count(row);
        }
        if self.before.first("contains").is_some() && self.after.first("contains").is_some() {
            for row in MATCHES {
                self.count(row);
            }
        }
        self.divisors();
    }

    fn count(&mut self, (keyword, word, upper, nothing): &'static (&'static str, &'static str, bool, u64)) {
        let of = |shape: &Shape<'a>| {
            let limits = shape.all(keyword).filter(|(_, value)| value.as_u64() != Some(*nothing));
            let limits = limits.filter_map(|(_, value)| Some(Limit { number: Number::of(value)?, side: 0, written: value, keyword }));
            strictest(limits, *upper)
        };
        let (before, after) = (of(&self.before), of(&self.after));
        self.limit(word, before, after);
    }

    fn limit(&mut self, word: &str, before: Option<Limit<'a>>, after: Option<Limit<'a>>) {
        let change = match (&before, &after) {
            (None, None) => return,
            (None, Some(_)) => "added",
            (Some(_), None) => "removed",
            (Some(before), Some(after)) => match after.order(before) {
                Ordering::Equal => return,
                Ordering::Less => "decreased",
                Ordering::Greater => "increased",
            },
        };
        let keyword = after.or(before).map_or("maximum", |limit| limit.keyword);
        let spot = self.spot(keyword);
        let told = |limit: Option<Limit<'a>>| limit.map(|limit| limit.written.clone());
        self.tell(&format!("{word}-{change}"), spot, told(before), told(after));
    }

    fn divisors(&mut self) {
        let of = |shape: &Shape<'a>| shape.first("multipleOf").filter(|value| !is_idle(shape, value));
        let (before, after) = (of(&self.before), of(&self.after));
        let spot = self.spot("multipleOf");
        let (rule, spot) = match (before, after) {
            (None, Some(_)) => ("multiple-of-added", spot),
            (Some(_), None) => ("multiple-of-removed", spot),
            (Some(before), Some(after)) => {
                let (Some(old), Some(new)) = (before.as_f64(), after.as_f64()) else { return };
                if (old - new).abs() < f64::EPSILON {
                    return;
                }
                let within = match self.frame.direction {
                    super::Direction::Input => divides(new, old),
                    super::Direction::Output => divides(old, new),
                };
                ("multiple-of-changed", spot.info_if(within))
            }
            (None, None) => return,
        };
        self.tell(rule, spot, before.cloned(), after.cloned());
    }
}

/// Every integer is a multiple of one.
fn is_idle(shape: &Shape<'_>, value: &Value) -> bool {
    value.as_u64() == Some(1) && shape.types.is_some_and(super::types::Types::is_integer)
}

fn divides(divisor: f64, number: f64) -> bool {
    let times = number / divisor;
    divisor != 0.0 && (times - times.round()).abs() < 1e-9
}

fn strictest<'a>(limits: impl Iterator<Item = Limit<'a>>, upper: bool) -> Option<Limit<'a>> {
    let order = |one: &Limit<'a>, other: &Limit<'a>| one.order(other);
    if upper { limits.min_by(order) } else { limits.max_by(order) }
}

/// The strictest limit of a number, inclusive or exclusive. Integers know no difference between `< 10` and `<= 9`.
fn number_limit<'a>(shape: &Shape<'a>, upper: bool) -> Option<Limit<'a>> {
    let (inclusive, exclusive, side) = if upper { ("maximum", "exclusiveMaximum", -1) } else { ("minimum", "exclusiveMinimum", 1) };
    let strict = |part: &Value| part.get(exclusive) == Some(&Value::Bool(true));
    let open = shape.all(inclusive).filter_map(|(part, value)| {
        let side = if strict(part.value) { side } else { 0 };
        Some(Limit { number: Number::of(value)?, side, written: value, keyword: inclusive })
    });
    let closed =
        shape.all(exclusive).filter_map(|(_, value)| Some(Limit { number: Number::of(value)?, side, written: value, keyword: exclusive }));
    let whole = shape.types.is_some_and(super::types::Types::is_integer);
    let limits = open.chain(closed).map(|limit| match limit.number {
        Number::Whole(number) if whole => Limit { number: Number::Whole(number + i128::from(limit.side)), side: 0, ..limit },
        _ => limit,
    });
    strictest(limits, upper)
}
