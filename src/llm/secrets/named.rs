//! Values that stand behind a name which says that they are secret: `password = "…"`, `API_KEY=…`, `"token": "…"`, `--secret …`.

mod operator;
mod verdict;

use std::ops::Range;

use operator::{Held, value_behind};
use verdict::is_secret;

use super::span::{BY_NAME, Span};

/// What a name says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noun {
    /// People make it up.
    Password,
    /// Machines make it up.
    Token,
    /// It may be one, or something else.
    Vague,
}

/// Words in names, and what they say.
pub(super) const NOUNS: &[(&str, Noun)] = &[
    ("password", Noun::Password),
    ("passwd", Noun::Password),
    ("passphrase", Noun::Password),
    ("passwort", Noun::Password),
    ("pwd", Noun::Password),
    ("pass", Noun::Password),
    ("secret", Noun::Token),
    ("token", Noun::Token),
    ("apikey", Noun::Token),
    ("api_key", Noun::Token),
    ("api-key", Noun::Token),
    ("api key", Noun::Token),
    ("accesskey", Noun::Token),
    ("access_key", Noun::Token),
    ("access-key", Noun::Token),
    ("access key", Noun::Token),
    ("authkey", Noun::Token),
    ("auth_key", Noun::Token),
    ("auth-key", Noun::Token),
    ("private_key", Noun::Token),
    ("privatekey", Noun::Token),
    ("private-key", Noun::Token),
    ("private key", Noun::Token),
    ("licensekey", Noun::Token),
    ("license_key", Noun::Token),
    ("signing_key", Noun::Token),
    ("signingkey", Noun::Token),
    ("encryption_key", Noun::Token),
    ("encryptionkey", Noun::Token),
    ("credential", Noun::Token),
    ("creds", Noun::Token),
    ("_pat", Noun::Token),
    ("key", Noun::Vague),
    ("access", Noun::Vague),
    ("private", Noun::Vague),
    ("auth", Noun::Vague),
    ("api", Noun::Vague),
    ("login", Noun::Vague),
    ("license", Noun::Vague),
    ("session", Noun::Vague),
    ("client_id", Noun::Vague),
    ("salt", Noun::Vague),
    ("webhook", Noun::Vague),
];

/// The value of a name that has this word in it at `at`, when it is secret.
pub(super) fn secret_behind(bytes: &[u8], at: Range<usize>, noun: Noun) -> Option<Span> {
    if at.len() == "pass".len() && noun == Noun::Password && !is_whole(bytes, &at) {
        return None;
    }
    let start = at.start - bytes[..at.start].iter().rev().take(48).take_while(|byte| is_name(**byte)).count();
    // `/etc/passwd`
    if noun == Noun::Password && start > 0 && bytes[start - 1] == b'/' {
        return None;
    }
    let (name_end, held) = value_behind(bytes, at.end)?;
    let name = &bytes[start..name_end];
    let Held { value, form } = held;
    if !is_secret(name, noun, form, &bytes[value.clone()], bytes.get(value.end).copied()) {
        return None;
    }
    let rule = match noun {
        Noun::Password => "password",
        Noun::Token => "secret",
        Noun::Vague => "key",
    };
    Some(Span { start: value.start, end: value.end, rule, rank: BY_NAME })
}

/// Whether a short word is one of its own and not part of another: not `bypass`, not `passes`.
fn is_whole(bytes: &[u8], at: &Range<usize>) -> bool {
    let goes_on = bytes.get(at.end).is_some_and(u8::is_ascii_alphanumeric);
    let is_hump = bytes[at.start].is_ascii_uppercase();
    let begins_before = at.start > 0 && bytes[at.start - 1].is_ascii_alphabetic() && !(is_hump && bytes[at.start - 1].is_ascii_lowercase());
    !goes_on && !begins_before
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
