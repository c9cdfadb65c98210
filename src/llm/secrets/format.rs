//! One kind of token as its provider publishes it, and where in a text it stands. Knows no provider.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::MaskFailure;
use super::text::{is_boundary_before, is_word};

/// The longest token that is looked for, so that each look is bounded.
const TOKEN: usize = 8_192;
/// How far behind a provider's name its key may stand.
const REACH: usize = 48;
/// How long a phrase may be.
const PHRASE: usize = 1024;

/// A kind of token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    /// The name of its rule, as it stands in marks.
    pub id: &'static str,
    /// What must occur for it to be looked for.
    pub keywords: &'static [&'static str],
    /// How keyword and token lie to one another.
    pub form: Form,
    /// What is looked for, as a regular expression over bytes.
    pub pattern: &'static str,
    /// What its provider adds so that typing errors are noticed.
    pub check: Check,
}

/// A kind of token with its pattern, compiled when its keyword is first met.
#[derive(Debug)]
pub(super) struct Matcher {
    pub format: &'static Format,
    compiled: OnceLock<Option<Regex>>,
}

/// How the keyword of a format and the token lie to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The token begins with the keyword, in this case; the pattern is what follows.
    Prefix,
    /// The token has no mark of its own and stands a little behind the keyword, a name.
    Near,
    /// The token has the keyword inside; the pattern is all of it, and what precedes the keyword is of this kind.
    Around(Back),
    /// The keyword opens a phrase of which the pattern's group is the credential.
    Phrase,
}

/// What a token may have before its keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Back {
    Digits,
    Hex,
    Alnum,
    Word,
    Base64,
}

/// What a provider adds to a token so that typing errors are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    None,
    /// The last six characters are the CRC-32 of what stands between the prefix and them, in base 62.
    Crc32,
}

const fn format(id: &'static str, keywords: &'static [&'static str], form: Form, pattern: &'static str) -> Format {
    Format { id, keywords, form, pattern, check: Check::None }
}

/// A token that begins with one of these words.
pub(super) const fn prefixed(id: &'static str, keywords: &'static [&'static str], rest: &'static str) -> Format {
    format(id, keywords, Form::Prefix, rest)
}

/// A token without a mark of its own, after the name of its provider.
pub(super) const fn near(id: &'static str, keywords: &'static [&'static str], token: &'static str) -> Format {
    format(id, keywords, Form::Near, token)
}

/// A token that has the keyword inside.
pub(super) const fn around(id: &'static str, keywords: &'static [&'static str], back: Back, token: &'static str) -> Format {
    format(id, keywords, Form::Around(back), token)
}

/// A phrase that holds a credential: the pattern's first group.
pub(super) const fn phrase(id: &'static str, keywords: &'static [&'static str], pattern: &'static str) -> Format {
    format(id, keywords, Form::Phrase, pattern)
}

impl Format {
    /// The same with a checksum.
    pub(super) const fn checked(mut self, check: Check) -> Self {
        self.check = check;
        self
    }
}

impl Matcher {
    pub(super) fn new(format: &'static Format) -> Self {
        Self { format, compiled: OnceLock::new() }
    }

    /// The pattern, compiled when it is first needed.
    fn regex(&self) -> Result<&Regex, MaskFailure> {
        let compiled = self.compiled.get_or_init(|| {
            let anchored = format!(r"\A(?:{})", self.format.pattern);
            RegexBuilder::new(&anchored).unicode(false).build().ok()
        });
        compiled.as_ref().ok_or_else(|| MaskFailure(format!("the pattern of `{}` does not compile", self.format.id)))
    }

    #[cfg(test)]
    pub(super) fn compiles(&self) -> bool {
        self.regex().is_ok()
    }

    /// The token at a keyword that stands at `at`.
    pub(super) fn token_at(&self, bytes: &[u8], at: Range<usize>, keyword: &str) -> Result<Option<Range<usize>>, MaskFailure> {
        match self.format.form {
            Form::Prefix => self.behind_prefix(bytes, at, keyword),
            Form::Near => self.near_name(bytes, at),
            Form::Around(back) => self.around_keyword(bytes, &at, back, keyword),
            Form::Phrase => self.in_phrase(bytes, at),
        }
    }

    fn behind_prefix(&self, bytes: &[u8], at: Range<usize>, keyword: &str) -> Result<Option<Range<usize>>, MaskFailure> {
        if bytes[at.clone()] != *keyword.as_bytes() || !is_boundary_before(bytes, at.start) {
            return Ok(None);
        }
        let last = (at.end + TOKEN).min(bytes.len());
        let rest = self.regex()?.find(&bytes[at.end..last]).map(|found| at.start..at.end + found.end());
        Ok(rest.filter(|token| token.end == last || ends_there(bytes, token.end)))
    }

    fn near_name(&self, bytes: &[u8], at: Range<usize>) -> Result<Option<Range<usize>>, MaskFailure> {
        // The name begins a word, or a hump of one.
        let is_inside = |before: u8| before.is_ascii_alphabetic() && !(before.is_ascii_lowercase() && bytes[at.start].is_ascii_uppercase());
        if at.start > 0 && is_inside(bytes[at.start - 1]) {
            return Ok(None);
        }
        let regex = self.regex()?;
        let last = (at.end + REACH).min(bytes.len());
        let mut breaks = 0;
        for start in at.end..last {
            breaks += usize::from(bytes[start] == b'\n');
            if breaks > 1 {
                break;
            }
            if is_word(bytes[start]) && bytes[start] != b'_' && !bytes[start - 1].is_ascii_alphanumeric() {
                let end = (start + TOKEN).min(bytes.len());
                let found = regex.find(&bytes[start..end]).map(|found| start..start + found.end());
                if let Some(token) = found.filter(|token| token.end == end || ends_there(bytes, token.end)) {
                    return Ok(Some(token));
                }
            }
        }
        Ok(None)
    }

    fn around_keyword(&self, bytes: &[u8], at: &Range<usize>, back: Back, keyword: &str) -> Result<Option<Range<usize>>, MaskFailure> {
        if bytes[at.clone()] != *keyword.as_bytes() {
            return Ok(None);
        }
        let belongs = |byte: &u8| match back {
            Back::Digits => byte.is_ascii_digit(),
            Back::Hex => byte.is_ascii_hexdigit(),
            Back::Alnum => byte.is_ascii_alphanumeric(),
            Back::Word => is_word(*byte) || matches!(byte, b'-' | b'.' | b'~'),
            Back::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'),
        };
        let before = bytes[..at.start].iter().rev().take(128).take_while(|byte| belongs(byte)).count();
        if before == 0 {
            return Ok(None);
        }
        let start = at.start - before;
        let last = (start + TOKEN).min(bytes.len());
        let found = self.regex()?.find(&bytes[start..last]).map(|found| start..start + found.end());
        let is_whole = |token: &Range<usize>| token.end == last || ends_there(bytes, token.end);
        Ok(found.filter(|token| token.end >= at.end && is_boundary_before(bytes, start) && is_whole(token)))
    }

    fn in_phrase(&self, bytes: &[u8], at: Range<usize>) -> Result<Option<Range<usize>>, MaskFailure> {
        if at.start > 0 && bytes[at.start].is_ascii_alphabetic() && bytes[at.start - 1].is_ascii_alphanumeric() {
            return Ok(None);
        }
        let end = (at.start + PHRASE).min(bytes.len());
        let captures = self.regex()?.captures(&bytes[at.start..end]);
        let group = captures.and_then(|captures| captures.get(1));
        Ok(group.map(|group| at.start + group.start()..at.start + group.end()))
    }
}

/// Whether no token goes on at this place.
fn ends_there(bytes: &[u8], end: usize) -> bool {
    bytes.get(end).is_none_or(|byte| !is_word(*byte))
}
