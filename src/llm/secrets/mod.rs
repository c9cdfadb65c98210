//! What must not leave this machine, and the marks that stand in its place.
//!
//! Layers, from what knows most to what knows least: blocks of keys, formats that providers publish, places (addresses, headers, commands),
//! names that say that their value is secret, and strings that look drawn by chance. All work on bytes, in linear time. What several find is
//! masked as a whole. A text is masked until nothing more is found in it, so masking it again changes nothing.
//!
//! When it is not sure that all went well the text stays here: every failure is a refusal.

mod block;
mod checksum;
mod find;
mod format;
mod formats;
mod json;
mod kept;
mod looks;
mod marks;
mod named;
mod never;
mod span;
mod text;
mod tokens;
mod uri;
mod value;

use std::collections::BTreeMap;
use std::fmt;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use find::{Chance, credentials};
use json::Plain;
use marks::{Numbers, marks_in};
use span::{Span, settled};

/// Takes credentials out of text.
pub trait Masks: Send + Sync {
    /// The text with a mark in place of each credential. JSON stays JSON, and lines stay lines.
    fn mask(&self, text: &str) -> Result<MaskedText, MaskFailure>;
}

/// Text that may leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaskedText {
    /// The text.
    pub text: String,
    /// How many credentials were taken out, by the rule that found them.
    pub by_rule: BTreeMap<String, usize>,
}

/// Text could not be masked, so it stays here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be made sure that no credential leaves: {0}")]
pub struct MaskFailure(pub String);

/// Why a file stays here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Files of this name exist to hold secrets: the glob.
    Never(String),
    /// The settings say so: the glob.
    Sensitive(String),
    /// It is no text.
    NotText,
    /// It could not be masked.
    Unmasked(MaskFailure),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never(glob) => write!(f, "files named `{glob}` are never sent"),
            Self::Sensitive(glob) => write!(f, "the settings keep `{glob}` here"),
            Self::NotText => f.write_str("it is no text"),
            Self::Unmasked(failure) => failure.fmt(f),
        }
    }
}

/// A glob of the settings that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{glob}` is no glob: {why}")]
pub struct BadGlob {
    /// The glob.
    pub glob: String,
    /// What is wrong with it.
    pub why: String,
}

/// How often a text is gone over until nothing more is found.
const PASSES: usize = 5;

/// Masks the texts of one run. The same value has the same number in all of them; numbers follow the order in which values are met.
#[derive(Debug)]
pub struct Masker {
    numbers: Numbers,
    sensitive: GlobSet,
    globs: Vec<String>,
}

impl Masker {
    /// A masker that keeps files here that one of these globs fits.
    ///
    /// # Errors
    /// When one of them is no glob.
    pub fn new(sensitive: &[String]) -> Result<Self, BadGlob> {
        let mut set = GlobSetBuilder::new();
        let bad = |glob: &str, why: &globset::Error| BadGlob { glob: glob.to_owned(), why: why.kind().to_string() };
        let mut globs = Vec::new();
        for glob in sensitive {
            // As in ignore files: a name fits at any depth, and a folder stands for what is in it.
            let plain = glob.trim_start_matches("./").trim_end_matches('/');
            let rooted = match plain.strip_prefix('/') {
                Some(rooted) => rooted.to_owned(),
                None if plain.contains('/') => plain.to_owned(),
                None => format!("**/{plain}"),
            };
            for one in [format!("{rooted}/**"), rooted] {
                set.add(GlobBuilder::new(&one).literal_separator(true).case_insensitive(true).build().map_err(|why| bad(glob, &why))?);
                globs.push(glob.clone());
            }
        }
        let set = set.build().map_err(|why| bad("", &why))?;
        Ok(Self { numbers: Numbers::default(), sensitive: set, globs })
    }

    /// The text of a file that may leave.
    ///
    /// # Errors
    /// When it stays here, and why.
    pub fn file(&self, path: &str, bytes: &[u8]) -> Result<MaskedText, Refused> {
        if let Some(glob) = never::kept_by(path) {
            return Err(Refused::Never(glob.to_owned()));
        }
        if let Some(index) = self.sensitive.matches(path).first() {
            return Err(Refused::Sensitive(self.globs[*index].clone()));
        }
        if never::is_service_account(path, bytes) {
            return Err(Refused::Never("service-account*.json".to_owned()));
        }
        if memchr::memchr(0, bytes).is_some() {
            return Err(Refused::NotText);
        }
        let chance = if never::is_lock(path) { Chance::Passed } else { Chance::Looked };
        let masked = match str::from_utf8(bytes) {
            Ok(text) => self.text(text, chance),
            Err(_) => self.text(&String::from_utf8_lossy(bytes), chance),
        };
        masked.map_err(Refused::Unmasked)
    }

    /// A text that is no JSON.
    fn text(&self, text: &str, chance: Chance) -> Result<MaskedText, MaskFailure> {
        self.until_stable(text, |text| {
            let spans = credentials(text.as_bytes(), chance)?;
            Ok(self.replaced(text, &spans, |part| (part.to_owned(), newlines(part))))
        })
    }

    /// A text that is JSON: each string as it reads without escapes, and the whole as it is written, for names and their values.
    fn json(&self, text: &str) -> Result<MaskedText, MaskFailure> {
        let masked = self.until_stable(text, |text| {
            let spans = json_credentials(text)?;
            Ok(self.replaced(text, &spans, |part| {
                let plain = Plain::of(part).bytes;
                let lines = plain.iter().filter(|byte| **byte == b'\n').count();
                (String::from_utf8_lossy(&plain).into_owned(), "\\n".repeat(lines))
            }))
        })?;
        if is_json(&masked.text) { Ok(masked) } else { Err(MaskFailure("masking left no valid JSON".to_owned())) }
    }

    /// The text with marks in place of the spans. `read` says what a part stands for and which line ends it keeps.
    fn replaced(&self, text: &str, spans: &[Span], read: impl Fn(&str) -> (String, String)) -> MaskedText {
        let mut masked = MaskedText { text: String::with_capacity(text.len()), by_rule: BTreeMap::new() };
        let mut from = 0;
        for span in spans {
            let (value, lines) = read(&text[span.start..span.end]);
            masked.text.push_str(&text[from..span.start]);
            masked.text.push_str(&self.numbers.mark(span.rule, value.as_bytes()));
            masked.text.push_str(&lines);
            *masked.by_rule.entry(span.rule.to_owned()).or_default() += 1;
            from = span.end;
        }
        masked.text.push_str(&text[from..]);
        masked
    }

    /// Goes over a text until nothing more is found.
    fn until_stable(&self, text: &str, pass: impl Fn(&str) -> Result<MaskedText, MaskFailure>) -> Result<MaskedText, MaskFailure> {
        let mut all = pass(text)?;
        let mut last = all.by_rule.is_empty();
        for _ in 0..PASSES {
            if last {
                break;
            }
            let next = pass(&all.text)?;
            last = next.by_rule.is_empty();
            all.text = next.text;
            for (rule, count) in next.by_rule {
                *all.by_rule.entry(rule).or_default() += count;
            }
        }
        let count = |text: &str| memchr::memchr_iter(b'\n', text.as_bytes()).count();
        if !last {
            return Err(MaskFailure("each pass finds more".to_owned()));
        }
        if count(text) != count(&all.text) {
            return Err(MaskFailure("masking moved lines".to_owned()));
        }
        Ok(all)
    }
}

impl Masks for Masker {
    fn mask(&self, text: &str) -> Result<MaskedText, MaskFailure> {
        if is_json(text) { self.json(text) } else { self.text(text, Chance::Looked) }
    }
}

/// The line ends of a part.
fn newlines(part: &str) -> String {
    "\n".repeat(memchr::memchr_iter(b'\n', part.as_bytes()).count())
}

fn is_json(text: &str) -> bool {
    let opens = matches!(text.trim_start().bytes().next(), Some(b'{' | b'[' | b'"'));
    opens && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The credentials inside the strings of a JSON text.
fn json_credentials(text: &str) -> Result<Vec<Span>, MaskFailure> {
    let whole = credentials(text.as_bytes(), Chance::Looked)?;
    let mut spans = Vec::new();
    for string in json::strings(text) {
        let plain = Plain::of(&text[string.clone()]);
        for span in credentials(&plain.bytes, Chance::Looked)? {
            let raw = plain.raw(&(span.start..span.end));
            spans.push(Span { start: string.start + raw.start, end: string.start + raw.end, ..span });
        }
        let first = whole.partition_point(|span| span.start < string.start);
        for span in whole[first..].iter().take_while(|span| span.start < string.end) {
            let snapped = plain.snapped(&(span.start - string.start..span.end.min(string.end) - string.start));
            spans.push(Span { start: string.start + snapped.start, end: string.start + snapped.end, ..span.clone() });
        }
    }
    Ok(settled(text.as_bytes(), spans, &marks_in(text.as_bytes())))
}
