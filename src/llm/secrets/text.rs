//! Bytes of text: where words begin and end, and which line is which. Knows no credential.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};

/// A list of words that is looked for in many strings, whatever the case.
pub(super) type Words = LazyLock<Option<AhoCorasick>>;

/// What finds one of the words in one pass.
pub(super) fn automaton(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasickBuilder::new().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words).ok()
}

/// Whether one of the words is in it.
pub(super) fn has_any(part: &[u8], words: &Words) -> bool {
    words.as_ref().is_some_and(|words| words.is_match(part))
}

/// Whether a byte belongs to a name in most languages.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a token may begin here: no word goes on, or what precedes is an escape (`\n`) or a percent code (`%3D`).
pub(super) fn is_boundary_before(bytes: &[u8], at: usize) -> bool {
    let Some(previous) = at.checked_sub(1).map(|index| bytes[index]) else {
        return true;
    };
    if !previous.is_ascii_alphanumeric() {
        return true;
    }
    let second = at.checked_sub(2).map(|index| bytes[index]);
    let third = at.checked_sub(3).map(|index| bytes[index]);
    let is_escape = second == Some(b'\\') && matches!(previous, b'n' | b'r' | b't');
    let is_percent = third == Some(b'%') && previous.is_ascii_hexdigit() && second.is_some_and(|byte| byte.is_ascii_hexdigit());
    is_escape || is_percent
}

/// What stands on the same line before a place, at most `most` bytes of it.
pub(super) fn before(bytes: &[u8], at: usize, most: usize) -> &[u8] {
    let from = at.saturating_sub(most);
    let part = &bytes[from..at];
    let start = memchr::memrchr(b'\n', part).map_or(0, |line| line + 1);
    &part[start..]
}

/// What stands on the same line from a place on, at most `most` bytes of it.
pub(super) fn after(bytes: &[u8], at: usize, most: usize) -> &[u8] {
    let part = &bytes[at..(at + most).min(bytes.len())];
    &part[..memchr::memchr(b'\n', part).unwrap_or(part.len())]
}

/// Whether one of the ranges has this place in it. They are sorted and do not touch.
pub(super) fn covers(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= at);
    after > 0 && ranges[after - 1].end > at
}
