//! What of a repository is sent with a question: masked lines of files, by declaration.
//!
//! Knows no question and no model.

pub mod blocks;
pub mod chunk;
pub mod code;
pub mod gather;
pub mod text;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use super::call::Sent;
use super::prompt::attempt;
use super::secrets::Masker;
use crate::contract::model::Problem;
use text::Text;

/// The files of a repository.
pub trait Source: Sync {
    /// The bytes of a file; `None` when there is none or nobody may read it.
    fn bytes(&self, path: &str) -> Option<Arc<[u8]>>;

    /// The paths of all files that may be read, sorted.
    fn paths(&self) -> Vec<String>;
}

/// Takes credentials out of one file.
pub trait Veil: Sync {
    /// Its text without credentials, lines kept, and how many were taken out by rule. An error says why it is not sent.
    fn veiled(&self, path: &str, bytes: &[u8]) -> Result<(String, BTreeMap<String, usize>), String>;
}

impl Veil for Masker {
    fn veiled(&self, path: &str, bytes: &[u8]) -> Result<(String, BTreeMap<String, usize>), String> {
        self.file(path, bytes).map(|masked| (masked.text, masked.by_rule)).map_err(|refused| refused.to_string())
    }
}

/// The files that questions of one run are about, each masked once.
pub struct Pool<'a> {
    source: &'a dyn Source,
    veil: &'a dyn Veil,
    texts: Mutex<BTreeMap<String, Option<Arc<Text>>>>,
    problems: Mutex<Vec<Problem>>,
}

impl<'a> Pool<'a> {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(source: &'a dyn Source, veil: &'a dyn Veil) -> Self {
        Self { source, veil, texts: Mutex::default(), problems: Mutex::default() }
    }

    /// A file that may be sent.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<Arc<Text>> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = texts.get(path) {
            return known.clone();
        }
        let read = self.read(path);
        texts.insert(path.to_owned(), read.clone());
        read
    }

    /// All paths that may be asked for.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.source.paths()
    }

    /// What was noticed while files were read: text that speaks to models, files that are not sent.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone();
        problems.sort();
        problems.dedup();
        problems
    }

    fn read(&self, path: &str) -> Option<Arc<Text>> {
        let bytes = self.source.bytes(path)?;
        if bytes.len() > text::LARGEST || bytes.contains(&0) {
            return None;
        }
        let (masked, masks) = match self.veil.veiled(path, &bytes) {
            Ok(veiled) => veiled,
            Err(words) => {
                self.notice(path, "file-not-sent", &format!("it is not sent to a model: {words}"), 0);
                return None;
            }
        };
        let text = Text::new(path, &masked, masks);
        for attempt in text.attempts() {
            let message = format!("text in this file speaks to models ({}); it is held back", attempt.sign);
            self.notice(path, "instructions-in-text", &message, attempt.line);
        }
        Some(Arc::new(text))
    }

    fn notice(&self, path: &str, code: &str, message: &str, line: u32) {
        let help = (code == "instructions-in-text").then(|| "look at who wrote it, and why".to_owned());
        let problem = Problem { file: path.to_owned(), code: code.into(), message: message.to_owned(), help, line };
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(problem);
    }
}

/// Lines of one file.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The file.
    pub text: Arc<Text>,
    /// 1-based, first and last; sorted and apart from one another.
    ranges: Vec<(u32, u32)>,
}

impl Excerpt {
    /// Some lines of a file; ranges may touch and overlap.
    #[must_use]
    pub fn new(text: Arc<Text>, mut ranges: Vec<(u32, u32)>) -> Self {
        let last = text.len();
        ranges.retain(|(from, to)| from <= to && *from <= last);
        ranges.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::new();
        for (from, to) in ranges {
            let (from, to) = (from.max(1), to.min(last));
            match joined.last_mut() {
                // A line or two that are left out cost more to mark than to send.
                Some(before) if from <= before.1.saturating_add(3) => before.1 = before.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        Self { text, ranges: joined }
    }

    /// All of a file.
    #[must_use]
    pub fn whole(text: Arc<Text>) -> Self {
        let last = text.len();
        Self::new(text, vec![(1, last)])
    }

    /// Whether a line is sent.
    #[must_use]
    pub fn has(&self, line: u32) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&line))
    }

    /// The lines that are sent, by number.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &str)> {
        self.ranges.iter().flat_map(|(from, to)| *from..=*to).filter_map(|line| Some((line, self.text.line(line)?)))
    }

    /// The same file with more lines.
    #[must_use]
    pub fn with(&self, ranges: &[(u32, u32)]) -> Self {
        Self::new(self.text.clone(), self.ranges.iter().chain(ranges).copied().collect())
    }

    /// The ranges of lines.
    #[must_use]
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// As it is sent: the path, and numbered lines.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = format!("file: {}\n", self.text.path);
        for (index, (from, to)) in self.ranges.iter().enumerate() {
            if index > 0 || *from > 1 {
                out.push_str("…\n");
            }
            for line in *from..=*to {
                let _ = writeln!(out, "{line}| {}", self.text.shown(line));
            }
        }
        if self.ranges.last().is_some_and(|(_, to)| *to < self.text.len()) {
            out.push_str("…\n");
        }
        out
    }

    /// How many bytes that is.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let lines: usize = self.ranges.iter().flat_map(|(from, to)| *from..=*to).map(|line| self.text.shown(line).len() + 8).sum();
        self.text.path.len() + 8 + lines
    }

    /// What is written down about it.
    #[must_use]
    pub fn sent(&self) -> Sent {
        Sent { path: self.text.path.clone(), digest: self.text.digest.clone(), bytes: self.bytes(), masks: self.text.masks.clone() }
    }
}

/// Excerpts as one text, and joined where they are of one file.
#[must_use]
pub fn render(excerpts: &[Excerpt]) -> String {
    excerpts.iter().map(Excerpt::render).collect::<Vec<_>>().join("\n")
}

/// Excerpts of the same file as one.
#[must_use]
pub fn joined(excerpts: Vec<Excerpt>) -> Vec<Excerpt> {
    let mut out: Vec<Excerpt> = Vec::new();
    for excerpt in excerpts {
        match out.iter_mut().find(|known| known.text.path == excerpt.text.path) {
            Some(known) => *known = known.with(excerpt.ranges()),
            None => out.push(excerpt),
        }
    }
    out
}

/// What a held-back line reads.
const HELD: &str = attempt::WITHHELD;
