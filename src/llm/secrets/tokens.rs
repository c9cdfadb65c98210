//! Strings that look drawn by chance and stand nowhere in particular.

use std::ops::Range;

use super::kept::is_kept;
use super::looks::Looks;
use super::value::{is_stub, without_uuids};

/// Shorter strings are not looked at.
const SHORTEST: usize = 20;
/// Longer ones are data.
const LONGEST: usize = 1200;

fn belongs(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'~')
}

/// All of them, told to `found`.
pub(super) fn each_random(bytes: &[u8], mut found: impl FnMut(Range<usize>)) {
    let mut at = 0;
    while at + SHORTEST <= bytes.len() {
        // The window's last byte that no token has: none begins before it.
        if let Some(gap) = bytes[at..at + SHORTEST].iter().rposition(|byte| !belongs(*byte)) {
            at += gap + 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|byte| belongs(**byte)).count();
        let token = trimmed(bytes, at..end);
        if is_credential(bytes, &token) {
            found(token);
        }
        at = end;
    }
}

/// Without the signs around it that belong to the language: `key=`, `--`, `//`.
fn trimmed(bytes: &[u8], run: Range<usize>) -> Range<usize> {
    // The letter of an escape as `\n` is no part of it.
    let is_escape = run.start > 0 && bytes[run.start - 1] == b'\\' && matches!(bytes[run.start], b'n' | b'r' | b't' | b'b' | b'f');
    let mut start = run.start + usize::from(is_escape);
    let is_sign = |byte: u8| matches!(byte, b'-' | b'=' | b'/' | b'+' | b'~');
    while start < run.end && is_sign(bytes[start]) {
        start += 1;
    }
    // `name=value` in one run: the value is what stands behind the first sign of equality that is not padding.
    if let Some(equals) = memchr::memchr(b'=', &bytes[start..run.end]) {
        let behind = start + equals + 1;
        if run.end - behind >= 8 {
            start = behind;
        }
    }
    start..run.end
}

fn is_credential(bytes: &[u8], token: &Range<usize>) -> bool {
    let text = &bytes[token.clone()];
    if text.len() < SHORTEST || text.len() > LONGEST {
        return false;
    }
    if !text.iter().any(u8::is_ascii_digit) || !text.iter().any(u8::is_ascii_alphabetic) || without_uuids(text).len() < SHORTEST {
        return false;
    }
    let looks = Looks::of(text);
    let is_high = if looks.is_hex { looks.entropy > 3.0 && text.len() >= 32 } else { looks.entropy > 3.9 };
    is_high && looks.is_mixed() && !is_stub(text) && !is_kept(bytes, token, &looks)
}
