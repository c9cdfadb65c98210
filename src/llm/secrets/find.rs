//! Which parts of a text are credentials: all layers together. One pass over the text finds keywords, what they stand for is looked at
//! where they stand, and each look is bounded, so the time is linear.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

use super::MaskFailure;
use super::block::{Block, block_at};
use super::checksum;
use super::format::{Form, Format, Matcher};
use super::formats;
use super::kept::{is_digest, is_glued};
use super::looks::Looks;
use super::marks::marks_in;
use super::named::{NOUNS, Noun, secret_behind};
use super::span::{BY_BLOCK, BY_FORMAT, BY_LOOK, BY_PLACE, Span, settled};
use super::text::covers;
use super::tokens::each_random;
use super::uri::password_at;
use super::value::{is_reference, is_stub};

/// What a keyword stands for.
#[derive(Clone, Copy)]
enum Sense {
    Token(usize, &'static str),
    Name(Noun),
    Address,
    Block,
}

/// The keywords, and what each stands for.
struct Keywords {
    automaton: AhoCorasick,
    senses: Vec<Vec<Sense>>,
    matchers: Vec<Matcher>,
}

static KEYWORDS: LazyLock<Option<Keywords>> = LazyLock::new(|| {
    let mut words: Vec<String> = Vec::new();
    let mut senses: Vec<Vec<Sense>> = Vec::new();
    let mut add = |word: &str, sense: Sense| {
        let word = word.to_ascii_lowercase();
        let index = words.iter().position(|known| *known == word).unwrap_or_else(|| {
            words.push(word);
            senses.push(Vec::new());
            words.len() - 1
        });
        senses[index].push(sense);
    };
    let matchers: Vec<Matcher> = formats::all().map(Matcher::new).collect();
    for (index, matcher) in matchers.iter().enumerate() {
        for keyword in matcher.format.keywords {
            add(keyword, Sense::Token(index, keyword));
        }
    }
    for (word, noun) in NOUNS {
        add(word, Sense::Name(*noun));
    }
    add("://", Sense::Address);
    add("----BEGIN ", Sense::Block);
    add("---- BEGIN ", Sense::Block);
    let automaton = AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(&words)
        .ok()?;
    Some(Keywords { automaton, senses, matchers })
});

/// Which strings of a text may be judged by their looks alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chance {
    /// All.
    Looked,
    /// None: a list of checksums.
    Passed,
}

/// The credentials of a text, in order.
pub(super) fn credentials(bytes: &[u8], chance: Chance) -> Result<Vec<Span>, MaskFailure> {
    let Some(keywords) = KEYWORDS.as_ref() else {
        return Err(MaskFailure("the keywords of the formats do not compile".to_owned()));
    };
    let marks = marks_in(bytes);
    let mut found = Found { bytes, matchers: &keywords.matchers, spans: Vec::new(), public: Vec::new(), until: 0 };
    for hit in keywords.automaton.find_overlapping_iter(bytes) {
        if !marks.is_empty() && covers(&marks, hit.start()) {
            continue;
        }
        for sense in &keywords.senses[hit.pattern().as_usize()] {
            found.look(*sense, hit.start()..hit.end())?;
        }
    }
    if chance == Chance::Looked {
        let Found { spans, public, .. } = &mut found;
        each_random(bytes, |token| {
            if !covers(public, token.start) {
                spans.push(Span { start: token.start, end: token.end, rule: "entropy", rank: BY_LOOK });
            }
        });
    }
    Ok(settled(bytes, found.spans, &marks))
}

struct Found<'a> {
    bytes: &'a [u8],
    matchers: &'a [Matcher],
    spans: Vec<Span>,
    /// Blocks that may be seen.
    public: Vec<Range<usize>>,
    /// Where the last block ends.
    until: usize,
}

impl Found<'_> {
    fn look(&mut self, sense: Sense, at: Range<usize>) -> Result<(), MaskFailure> {
        match sense {
            Sense::Token(index, keyword) => {
                let matchers = self.matchers;
                self.look_for_token(&matchers[index], keyword, at)?;
            }
            Sense::Name(noun) => self.spans.extend(secret_behind(self.bytes, at, noun)),
            Sense::Address => {
                let password = password_at(self.bytes, at);
                self.spans.extend(password.map(|place| Span { start: place.start, end: place.end, rule: "uri-password", rank: BY_PLACE }));
            }
            Sense::Block => self.look_at_block(at.start),
        }
        Ok(())
    }

    fn look_for_token(&mut self, matcher: &Matcher, keyword: &str, at: Range<usize>) -> Result<(), MaskFailure> {
        let format = matcher.format;
        let Some(token) = matcher.token_at(self.bytes, at.clone(), keyword)? else {
            return Ok(());
        };
        let text = &self.bytes[token.clone()];
        let is_one = match format.form {
            Form::Prefix => is_token(format, text, &text[at.len()..]),
            Form::Around(_) => is_token(format, text, text),
            Form::Near => is_near(self.bytes, &token),
            Form::Phrase => !is_stub(text) && !is_reference(text) && is_phrase_value(format, text),
        };
        if is_one {
            let rank = if format.form == Form::Phrase { BY_PLACE } else { BY_FORMAT };
            self.spans.push(Span { start: token.start, end: token.end, rule: format.id, rank });
        }
        Ok(())
    }

    /// A block is looked at once, however many keywords begin in it.
    fn look_at_block(&mut self, at: usize) {
        if at < self.until {
            return;
        }
        let start = at - self.bytes[..at].iter().rev().take(3).take_while(|byte| **byte == b'-').count();
        match block_at(self.bytes, start) {
            Some(Block::Private(block)) => {
                self.until = block.end;
                self.spans.push(Span { start: block.start, end: block.end, rule: "private-key", rank: BY_BLOCK });
            }
            Some(Block::Public(block)) => {
                self.until = block.end;
                self.public.push(block);
            }
            None => {}
        }
    }
}

/// Whether a token that has its provider's mark is one: no stub and no words, or its checksum holds.
fn is_token(format: &Format, text: &[u8], rest: &[u8]) -> bool {
    let is_words = rest.iter().any(u8::is_ascii_lowercase) && Looks::of(rest).is_worded();
    !is_stub(text) && !is_words || checksum::holds(format.check, text)
}

/// Whether what stands near a provider's name is a key of it.
fn is_near(bytes: &[u8], token: &Range<usize>) -> bool {
    let text = &bytes[token.clone()];
    let looks = Looks::of(text);
    let is_number = looks.letters == 0 && looks.digits >= 14;
    let is_seen = is_digest(bytes, token) || looks.is_hex && is_glued(bytes, token, &looks);
    (looks.is_keylike() || is_number) && !looks.is_worded() && !is_stub(text) && !is_seen
}

/// Whether what a phrase holds is no word of prose.
fn is_phrase_value(format: &Format, text: &[u8]) -> bool {
    let looks = Looks::of(text);
    match format.id {
        "bearer-token" | "basic-credentials" | "authorization" | "docker-auth" => {
            looks.digits > 0 || looks.is_random() || text.ends_with(b"=")
        }
        "command-credentials" => {
            let password = memchr::memchr(b':', text).map_or(text, |colon| &text[colon + 1..]);
            password.is_empty() || !is_stub(password) && !is_reference(password)
        }
        "command-password" => {
            looks.digits > 0 || looks.is_gibberish() || text.iter().any(|byte| matches!(byte, b'!' | b'@' | b'#' | b'%' | b'^'))
        }
        "signed-url" | "connection-key" => looks.digits > 0,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn all_formats_compile_and_are_many() {
        let keywords = KEYWORDS.as_ref().expect("the keywords make an automaton");
        for matcher in &keywords.matchers {
            assert!(!matcher.format.keywords.is_empty() && matcher.compiles(), "{}", matcher.format.id);
            let is_name = matcher.format.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(is_name && matcher.format.id.len() <= 40, "{}", matcher.format.id);
        }
        let kinds: BTreeSet<&str> = keywords.matchers.iter().map(|matcher| matcher.format.id).collect();
        assert!(kinds.len() >= 180, "{} kinds", kinds.len());
    }
}
