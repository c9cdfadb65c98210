//! Passwords in addresses: `postgres://user:password@host/`.

use std::ops::Range;

use super::looks::Looks;
use super::value::{is_monotonous, is_reference};

/// No userinfo is longer.
const LONGEST: usize = 2048;
/// Passwords that only examples have.
const SHOWN: &[&str] = &["xxx", "xxxx", "port", "changeme", "placeholder", "your_password", "your-password", "yourpassword"];

/// The password of the address whose `://` is at `at`, or its user when that is a token.
pub(super) fn password_at(bytes: &[u8], at: Range<usize>) -> Option<Range<usize>> {
    if at.start == 0 || !bytes[at.start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let window = &bytes[at.end..(at.end + LONGEST).min(bytes.len())];
    // Another address may begin before this one ends; then this one has no password.
    let window = &window[..memchr::memmem::find(window, b"://").unwrap_or(window.len())];
    let stops = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>');
    let line = &window[..window.iter().position(stops).unwrap_or(window.len())];
    let host = line.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(line.len());
    // A password may have what ends an authority, when somebody did not encode it.
    let sign = memchr::memrchr(b'@', &line[..host]).or_else(|| late_sign(line, host))?;
    let userinfo = &line[..sign];
    let Some(colon) = memchr::memchr(b':', userinfo) else {
        return is_token(userinfo).then(|| at.end..at.end + sign);
    };
    let password = &userinfo[colon + 1..];
    let is_shown = password.len() < 3
        || is_reference(password)
        || (is_monotonous(password) && password.len() < 20)
        || SHOWN.iter().any(|word| password.eq_ignore_ascii_case(word.as_bytes()));
    (!is_shown).then(|| at.end + colon + 1..at.end + sign)
}

/// An `@` behind the first slash, when a port cannot be what stands before it.
fn late_sign(line: &[u8], host: usize) -> Option<usize> {
    let colon = memchr::memchr(b':', &line[..host])?;
    let is_port = line[colon + 1..host].iter().all(u8::is_ascii_digit);
    let sign = memchr::memrchr(b'@', line)?;
    let has_path = line[..sign].iter().filter(|byte| **byte == b'/').count();
    (!is_port && has_path <= 2).then_some(sign)
}

fn is_token(userinfo: &[u8]) -> bool {
    let looks = Looks::of(userinfo);
    userinfo.len() >= 16 && looks.digits > 0 && looks.is_random() && !is_reference(userinfo)
}
