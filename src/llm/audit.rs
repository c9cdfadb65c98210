//! The log of what left this machine: one line of JSON for each request, each bound to the one before by its hash.
//!
//! An entry that was changed, left out or put in breaks the chain, and reading tells where. That entries at the end were cut off cannot be
//! seen from the log alone: keep the last hash elsewhere for that. A line that a process had only begun to write when it died is no entry;
//! it is told, and the chain goes on behind it. Where the log lies is not known here.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::call::{Exchange, Sent, Task, Usage};

/// How a line goes on behind what is hashed.
const HASH: &str = ",\"hash\":\"";
/// The length of a hash and of what closes the line.
const AFTER_HASH: usize = 64 + "\"}".len();

/// One request, as it is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Which it is; the first is 1.
    pub number: u64,
    /// When it was sent, in milliseconds since 1970.
    pub at: u64,
    /// The provider, by its name in the table.
    pub provider: String,
    /// The host it went to.
    pub host: String,
    /// The model, as the service calls it.
    pub model: String,
    /// What it was about.
    pub task: Task,
    /// The prompt's name and version.
    pub prompt: String,
    /// The files of which text was sent.
    pub files: Vec<Sent>,
    /// Bytes of the request's body.
    pub bytes: usize,
    /// The digest of the request's body, blake3 in hex.
    pub digest: String,
    /// Credentials that were found in the finished body only, by rule.
    pub masks: BTreeMap<String, usize>,
    /// The status, or why there is none.
    pub outcome: String,
    /// How the service calls the request.
    pub request_id: Option<String>,
    /// Tokens, when the service told.
    pub usage: Usage,
    /// What it cost, when the price is known.
    pub cost_usd: Option<f64>,
    /// The hash of the entry before; nothing but zeros before the first.
    pub previous: String,
}

/// The end of a chain, to which the next entry is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The last entry's number; 0 when there is none.
    pub number: u64,
    /// The last entry's hash.
    pub hash: String,
}

impl Default for End {
    fn default() -> Self {
        Self { number: 0, hash: "0".repeat(64) }
    }
}

impl Entry {
    /// The hash and the line of an entry, with its line end.
    #[must_use]
    pub fn line(exchange: &Exchange, end: &End) -> String {
        let since = exchange.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let exchange = exchange.clone();
        let entry = Self {
            number: end.number.saturating_add(1),
            at: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            provider: exchange.provider,
            host: exchange.host,
            model: exchange.model,
            task: exchange.task,
            prompt: exchange.prompt,
            files: exchange.files,
            bytes: exchange.bytes,
            digest: exchange.digest,
            masks: exchange.masks,
            outcome: exchange.outcome,
            request_id: exchange.request_id,
            usage: exchange.usage,
            // JSON has no number for what is not finite.
            cost_usd: exchange.cost_usd.filter(|cost| cost.is_finite()),
            previous: end.hash.clone(),
        };
        let text = serde_json::to_string(&entry).expect("an entry has text as keys and finite numbers");
        let open = text.strip_suffix('}').expect("an object ends with its brace");
        format!("{open}{HASH}{}\"}}\n", hash_of(open))
    }

    /// When it was sent.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        UNIX_EPOCH + std::time::Duration::from_millis(self.at)
    }
}

fn hash_of(open: &str) -> String {
    blake3::hash(open.as_bytes()).to_hex().to_string()
}

/// A line taken apart: what is hashed, and the hash it claims; `None` when it is no whole entry.
fn parted(line: &str) -> Option<(&str, &str)> {
    let at = line.len().checked_sub(AFTER_HASH + HASH.len())?;
    let (open, rest) = line.split_at_checked(at)?;
    let hash = rest.strip_prefix(HASH)?.strip_suffix("\"}")?;
    (hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some((open, hash))
}

/// Where the chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The line, 1-based.
    pub line: usize,
    /// The number that the entry there should have.
    pub entry: u64,
    /// What is wrong.
    pub why: String,
}

/// A log that was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Log {
    /// All entries that can be read, whether the chain holds or not.
    pub entries: Vec<Entry>,
    /// Where the chain is broken first.
    pub broken: Option<Break>,
    /// Lines that are no whole entry: somebody was stopped while writing.
    pub cut: Vec<usize>,
    /// The last entry's hash, to be kept elsewhere.
    pub last_hash: String,
}

/// Reads a log and goes along its chain.
#[must_use]
pub fn read(bytes: &[u8]) -> Log {
    let text = String::from_utf8_lossy(bytes);
    let mut log = Log::default();
    let mut end = End::default();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let whole = parted(line).and_then(|(open, hash)| Some((serde_json::from_str::<Entry>(&format!("{open}}}")).ok()?, open, hash)));
        let Some((entry, open, hash)) = whole else {
            log.cut.push(number);
            continue;
        };
        let why = complaint(&entry, open, hash, &end);
        if let (Some(why), None) = (why, &log.broken) {
            log.broken = Some(Break { line: number, entry: end.number.saturating_add(1), why: why.to_owned() });
        }
        end = End { number: entry.number, hash: hash.to_owned() };
        log.entries.push(entry);
    }
    log.last_hash = end.hash;
    log
}

fn complaint(entry: &Entry, open: &str, hash: &str, end: &End) -> Option<&'static str> {
    if hash_of(open) != hash {
        return Some("it was changed after it was written");
    }
    if entry.previous != end.hash || entry.number != end.number.saturating_add(1) {
        return Some("it does not follow the entry before it");
    }
    None
}

/// The end of the chain, from the last bytes of a log; `None` when no whole entry is among them.
#[must_use]
pub fn end_of(tail: &[u8]) -> Option<End> {
    let text = String::from_utf8_lossy(tail);
    text.lines().rev().find_map(|line| {
        let (open, hash) = parted(line)?;
        let entry: Entry = serde_json::from_str(&format!("{open}}}")).ok()?;
        Some(End { number: entry.number, hash: hash.to_owned() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(model: &str) -> Exchange {
        Exchange {
            at: UNIX_EPOCH + std::time::Duration::from_millis(1_700_000_000_123),
            provider: "groq".to_owned(),
            host: "api.groq.com".to_owned(),
            model: model.to_owned(),
            task: Task::ApiContract,
            prompt: "api_extraction@1".to_owned(),
            files: vec![Sent { path: "src/a.go".to_owned(), digest: "ab".repeat(32), bytes: 120, masks: BTreeMap::new() }],
            bytes: 2048,
            digest: "cd".repeat(32),
            masks: BTreeMap::from([("entropy".to_owned(), 1)]),
            outcome: "200".to_owned(),
            request_id: None,
            usage: Usage { input: 500, output: 60, ..Usage::default() },
            cost_usd: Some(0.0004),
        }
    }

    fn log_of(count: usize) -> Vec<String> {
        let mut end = End::default();
        let mut lines = Vec::new();
        for index in 0..count {
            let line = Entry::line(&exchange(&format!("model-{index}")), &end);
            end = end_of(line.as_bytes()).expect("a whole entry");
            lines.push(line);
        }
        lines
    }

    /// What reading tells: entries, lines that were cut, and the line and number where the chain breaks.
    fn check(text: &str, entries: usize, cut: &[usize], broken: Option<(usize, u64)>) {
        let log = read(text.as_bytes());
        assert_eq!(log.entries.len(), entries, "{text}");
        assert_eq!(log.cut, cut);
        assert_eq!(log.broken.as_ref().map(|broken| (broken.line, broken.entry)), broken, "{:?}", log.broken);
    }

    #[test]
    fn a_chain_holds_and_tells_what_left() {
        let lines = log_of(4);
        check(&lines.concat(), 4, &[], None);
        check("", 0, &[], None);
        let log = read(lines.concat().as_bytes());
        assert_eq!(log.entries[2].number, 3);
        assert_eq!(log.entries[2].model, "model-2");
        assert_eq!(log.entries[0].at, 1_700_000_000_123);
    }

    #[test]
    fn what_was_changed_left_out_swapped_or_put_in_breaks_the_chain() {
        let lines = log_of(4);
        check(&lines.concat().replacen("model-1", "model-9", 1), 4, &[], Some((2, 2)));
        check(&[&*lines[0], &lines[2], &lines[3]].concat(), 3, &[], Some((2, 2)));
        check(&[&*lines[1], &lines[2]].concat(), 2, &[], Some((1, 1)));
        check(&[&*lines[0], &lines[2], &lines[1], &lines[3]].concat(), 4, &[], Some((2, 2)));
        check(&[&*lines[0], &lines[0], &lines[1]].concat(), 3, &[], Some((2, 2)));
    }

    #[test]
    fn a_line_that_was_only_begun_is_told_and_the_chain_goes_on() {
        let lines = log_of(3);
        let begun = &lines[2][..lines[2].len() / 2];
        check(&[&*lines[0], &lines[1], begun].concat(), 2, &[3], None);
        let end = end_of([&*lines[0], &lines[1], begun].concat().as_bytes()).expect("an entry");
        assert_eq!(end.number, 2);
        let next = Entry::line(&exchange("next"), &end);
        check(&[&*lines[0], &lines[1], begun, "\n", &next].concat(), 3, &[3], None);
    }

    #[test]
    fn any_bytes_are_read() {
        check("\u{0}\n{}\n,\"hash\":\"\"}\né", 0, &[1, 2, 3, 4], None);
        assert_eq!(end_of(&[0xff, 0xfe, b'\n']), None);
    }
}
