//! Answers held against the code they were given for. What a model says enters only when the lines it cites were sent, stand where
//! it says, and show what it claims; what code in comments, or text that speaks to models, says does not count.
//!
//! Nothing here can remove or replace what code says: a finding is something more, or it is nothing.

pub mod body;
pub mod cited;
pub mod found;
pub mod value;

use serde_json::Value;

use super::evidence::Excerpt;
use super::prompt::Step;
use cited::Cited;

/// What a question asks for, as far as checking goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A piece of a path or of a channel's name.
    Part,
    /// How somebody proves who they are.
    Scheme,
    /// One of so many sides, each in a file.
    Side(Vec<String>),
    /// Sentences; with one line for each of these operations.
    Prose(Vec<String>),
    /// Bodies by status.
    Responses,
    /// One body.
    Body,
    /// What a file declares; the list depends on the step.
    Declared,
}

/// One question as it is put to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How the answer names it: `q1`.
    pub key: String,
    /// What is asked, one line.
    pub words: String,
    /// What is asked for.
    pub kind: Kind,
}

/// Something that a model said and that stands.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which of the questions it answers.
    pub ask: usize,
    /// Equal for findings that say the same.
    pub key: String,
    /// What it says, in the form that resolutions have.
    pub value: Value,
    /// The lines that show it.
    pub cited: Vec<Cited>,
    /// The value itself stands in the lines, nothing of it was concluded.
    pub is_literal: bool,
    /// It stands, but its path could not be put together from the code.
    pub is_candidate: bool,
}

/// What of an answer stands.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// What stands.
    pub findings: Vec<Finding>,
    /// What does not, in words for whoever said it.
    pub faults: Vec<String>,
    /// Names of declarations that would have helped.
    pub needs: Vec<String>,
}

impl Judged {
    fn fault(&mut self, place: &str, words: &str) {
        const MOST: usize = 40;
        if self.faults.len() < MOST {
            self.faults.push(format!("{place}: {words}"));
        }
    }

    fn need(&mut self, value: &Value) {
        const MOST: usize = 12;
        let names =
            list(value, "needs").iter().filter_map(Value::as_str).map(str::trim).filter(|name| !name.is_empty() && name.len() <= 120);
        for name in names {
            if self.needs.len() < MOST && !self.needs.iter().any(|known| known == name) {
                self.needs.push(name.to_owned());
            }
        }
    }
}

/// Holds an answer against the lines that were sent with its questions.
#[must_use]
pub fn judge(step: Step, asks: &[Ask], excerpts: &[Excerpt], answer: &Value) -> Judged {
    let mut judged = Judged::default();
    match step {
        Step::ApiExtraction => found::operations(excerpts, answer, &mut judged),
        Step::SchemaAnalysis => found::tables(excerpts, answer, &mut judged),
        Step::EventFlow => found::channels(excerpts, answer, &mut judged),
        _ => each_answer(asks, excerpts, answer, &mut judged),
    }
    judged
}

/// One answer for each question; an answer to what was not asked is a fault, a second answer to one question too.
fn each_answer(asks: &[Ask], excerpts: &[Excerpt], answer: &Value, judged: &mut Judged) {
    let mut seen = vec![false; asks.len()];
    for given in list(answer, "answers") {
        let key = text(given, "question");
        let asked = asks.iter().enumerate().find(|(_, ask)| ask.key == key);
        let Some((index, ask)) = asked.filter(|(index, _)| !seen.get(*index).copied().unwrap_or(true)) else {
            judged.fault(&short(key), "this was not asked, or is answered already");
            continue;
        };
        if let Some(seen) = seen.get_mut(index) {
            *seen = true;
        }
        judged.need(given);
        let read = match &ask.kind {
            Kind::Responses | Kind::Body => body::read(&ask.kind, excerpts, given),
            _ => value::read(&ask.kind, excerpts, given),
        };
        match read {
            Ok(Some(finding)) => judged.findings.push(Finding { ask: index, ..finding }),
            Ok(None) => {}
            Err(faults) => faults.iter().for_each(|words| judged.fault(key, words)),
        }
    }
}

/// A list in an object; empty when it is missing or no list.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text in an object, trimmed; empty when it is missing or no text.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default().trim()
}

/// What a model said, short enough to be said back.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests;
