//! The marks that stand in place of credentials: `«SECRET:github-token:1»`. One value has one number in a run.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::formats;

/// How a mark begins.
const OPEN: &str = "«SECRET:";
/// How it ends.
const CLOSE: &str = "»";
/// No mark is longer.
const LONGEST: usize = 96;

/// Rules that are no format.
pub(super) const RULES: &[&str] = &["private-key", "uri-password", "password", "secret", "key", "entropy"];

/// The numbers that values have got, by their digests.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    given: Mutex<HashMap<[u8; 32], usize>>,
}

impl Numbers {
    /// The mark for a value.
    pub(super) fn mark(&self, rule: &str, value: &[u8]) -> String {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let next = given.len() + 1;
        let number = *given.entry(*blake3::hash(value).as_bytes()).or_insert(next);
        format!("{OPEN}{rule}:{number}{CLOSE}")
    }
}

/// Where marks stand already. Only rules that exist make a mark, so that nothing can hide in one.
pub(super) fn marks_in(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for start in memchr::memmem::find_iter(bytes, OPEN) {
        let end = (start + LONGEST).min(bytes.len());
        let inside = &bytes[start + OPEN.len()..end.max(start + OPEN.len())];
        let Some(close) = memchr::memmem::find(inside, CLOSE.as_bytes()) else {
            continue;
        };
        let Some(colon) = memchr::memrchr(b':', &inside[..close]) else {
            continue;
        };
        let (rule, number) = (&inside[..colon], &inside[colon + 1..close]);
        let is_number = (1..=9).contains(&number.len()) && number.iter().all(u8::is_ascii_digit);
        if is_number && is_rule(rule) {
            found.push(start..start + OPEN.len() + close + CLOSE.len());
        }
    }
    found
}

fn is_rule(name: &[u8]) -> bool {
    RULES.iter().any(|rule| rule.as_bytes() == name) || formats::all().any(|format| format.id.as_bytes() == name)
}
