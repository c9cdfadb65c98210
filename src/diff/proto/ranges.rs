//! Ranges of numbers: `6`, `9 to 11`, `100 to max`.

/// What `max` stands for in messages, and in enums.
const LARGEST: [i64; 2] = [536_870_911, 2_147_483_647];

/// A number as protocol buffers write it; `max` is the largest.
pub(super) fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits.trim()));
    let value = if digits == "max" {
        i64::MAX
    } else if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else {
        digits.parse().ok()?
    };
    value.checked_mul(sign)
}

/// Ranges in order, those that touch joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    /// Of ranges as they are written; what is none is passed over.
    pub fn of(texts: &[String]) -> Self {
        let range = |text: &String| {
            let (from, to) = text.split_once(" to ").unwrap_or((text, text));
            let (from, to) = (number(from)?, number(to)?);
            let to = if from < to && LARGEST.contains(&to) { i64::MAX } else { to };
            Some((from, to)).filter(|(from, to)| from <= to)
        };
        let mut all: Vec<(i64, i64)> = texts.iter().filter_map(range).collect();
        all.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::new();
        for (from, to) in all {
            match joined.last_mut().filter(|last| from <= last.1.saturating_add(1)) {
                Some(last) => last.1 = last.1.max(to),
                None => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    /// Whether a number lies in one of them.
    pub fn holds(&self, number: i64) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&number))
    }

    /// What of these is not in the others, as it is written.
    pub fn without(&self, other: &Self) -> Vec<String> {
        let mut left = Vec::new();
        for (from, to) in &self.0 {
            let mut at = *from;
            for (low, high) in other.0.iter().filter(|(low, high)| high >= from && low <= to) {
                if at < *low {
                    left.push(written(at, low - 1));
                }
                at = at.max(high.saturating_add(1));
            }
            // `max` cannot be passed.
            if at <= *to && !(at == i64::MAX && other.holds(i64::MAX)) {
                left.push(written(at, *to));
            }
        }
        left
    }
}

fn written(from: i64, to: i64) -> String {
    match to {
        _ if from == to => from.to_string(),
        i64::MAX => format!("{from} to max"),
        _ => format!("{from} to {to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_taken_from_one_another() {
        let check = |before: &[&str], after: &[&str], left: &[&str]| {
            let [before, after] = [before, after].map(|texts| texts.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(Ranges::of(&before).without(&Ranges::of(&after)), left, "{before:?} without {after:?}");
        };
        check(&["1 to 3"], &["1", "3", "2"], &[]);
        check(&["1 to 10"], &["4 to 5"], &["1 to 3", "6 to 10"]);
        check(&["5 to max"], &["5 to 100"], &["101 to max"]);
        check(&["5 to max"], &["1 to max"], &[]);
        check(&["5 to max"], &["5 to 536870911"], &[]);
        check(&["-3 to 2", "0x10"], &["-1"], &["-3 to -2", "0 to 2", "16"]);
        check(&["7", "nonsense", "9 to 2"], &[], &["7"]);
    }
}
