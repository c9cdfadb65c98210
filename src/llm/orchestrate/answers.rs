//! What models agreed on, as resolutions.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::batches::Part;
use crate::contract::model::resolution::{FileFindings, FoundChannel, FoundOperation, FoundTable};
use crate::contract::model::{Confidence, Contract, Origin, Quote, Resolution};
use crate::contract::path::shape_of;
use crate::contract::resolutions::Evidenced;
use crate::contract::resolutions::questions::{Form, Question, UNREAD};
use crate::llm::consensus::Agreed;
use crate::llm::evidence::blocks;
use crate::llm::ground::cited::Cited;

/// One agreed answer, with the question it belongs to.
#[derive(Clone, Debug)]
pub struct Answered {
    /// What of the question it answers.
    pub part: Part,
    /// The answer.
    pub agreed: Agreed,
    /// The prompt that asked for it.
    pub prompt: String,
}

/// What came of one question.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Answers, in the order in which they were given.
    pub answers: Vec<Answered>,
    /// Somebody answered every call of it, be it that there is nothing.
    pub is_heard: bool,
    /// A part of it was not asked: the budget is spent or the run was stopped. A later run asks for the rest.
    pub is_cut: bool,
    /// The prompt of the last call.
    pub prompt: String,
    /// Who answered last.
    pub models: Vec<String>,
}

/// The resolution of a question; `None` when it stays open.
#[must_use]
pub fn resolution(question: &Question, outcome: &Outcome, contract: &Contract, code: &dyn Evidenced) -> Option<Resolution> {
    let answers = &outcome.answers;
    if outcome.is_cut {
        return None;
    }
    let value = match question.form {
        Form::Findings => findings(question, outcome, contract)?,
        Form::Part => parts(question, answers)?,
        _ => answers.first()?.agreed.finding.value.clone(),
    };
    let evidence = quotes(question, answers, code);
    if evidence.is_empty() {
        return None;
    }
    let models: BTreeSet<String> = answers.iter().flat_map(|answer| answer.agreed.models.iter().cloned()).collect();
    let models: Vec<String> = if models.is_empty() { outcome.models.clone() } else { models.into_iter().collect() };
    let prompts: BTreeSet<&str> = answers.iter().map(|answer| answer.prompt.as_str()).collect();
    let prompt = if prompts.is_empty() { outcome.prompt.clone() } else { prompts.into_iter().collect::<Vec<_>>().join(" ") };
    let is_of_itself = |part: &Part| matches!(part, Part::Whole | Part::Hole(_));
    let certain = answers.iter().filter(|answer| is_of_itself(&answer.part) && !answer.agreed.finding.is_candidate);
    Some(Resolution {
        gap: question.gap.id.clone(),
        code: question.gap.code.clone(),
        subject: question.gap.subject.clone(),
        question: question.gap.question.clone(),
        origin: Origin::Model,
        value,
        // `High` comes first: the least sure answer counts.
        confidence: certain.clone().map(|answer| answer.agreed.confidence).max().unwrap_or(Confidence::Low),
        votes: certain.map(|answer| answer.agreed.votes).min().unwrap_or(u8::from(!outcome.models.is_empty())),
        models,
        prompt,
        evidence,
        note: String::new(),
    })
}

/// A string for the one hole, or one for each of them; all or nothing.
fn parts(question: &Question, answers: &[Answered]) -> Option<Value> {
    let holes = question.gap.holes();
    if holes.len() < 2 {
        return answers.first().map(|answer| answer.agreed.finding.value.clone());
    }
    let value_of = |hole: &str| {
        answers.iter().find(|answer| answer.part == Part::Hole(hole.to_owned())).map(|answer| answer.agreed.finding.value.clone())
    };
    let all: Option<Map<String, Value>> = holes.into_iter().map(|hole| Some((hole.to_owned(), value_of(hole)?))).collect();
    all.map(Value::Object)
}

/// What a file declares. An empty list is an answer too, when everything was heard.
fn findings(question: &Question, outcome: &Outcome, contract: &Contract) -> Option<Value> {
    let mut found = FileFindings::default();
    let mut seen = BTreeSet::new();
    // Lines of other files are shown too: what stands in them alone is theirs.
    let own = &question.gap.evidence.file;
    let is_own =
        |answer: &&Answered| question.gap.code != UNREAD || answer.agreed.finding.cited.iter().any(|cited| cited.text.path == *own);
    for answer in outcome.answers.iter().filter(|answer| answer.part == Part::Whole).filter(is_own) {
        let (finding, confidence) = (&answer.agreed.finding, answer.agreed.confidence);
        if !seen.insert(&finding.key) {
            continue;
        }
        let value = finding.value.clone();
        match answer.prompt.split('@').next() {
            Some("schema_analysis") => found.tables.extend(read::<FoundTable>(value).map(|table| FoundTable { confidence, ..table })),
            Some("event_flow") => found.channels.extend(read::<FoundChannel>(value).map(|channel| FoundChannel { confidence, ..channel })),
            _ => {
                let operation = read::<FoundOperation>(value).map(|operation| with_bodies(operation, &finding.key, outcome));
                found.operations.extend(operation.map(|operation| FoundOperation {
                    confidence,
                    candidate: finding.is_candidate,
                    ..operation
                }));
            }
        }
    }
    let told = told_operations(contract);
    found.operations.retain(|operation| !told.contains(&format!("{} {}", operation.method, shape_of(&operation.path))));
    found.operations.sort_by(|a, b| (&a.path, a.method).cmp(&(&b.path, b.method)));
    found.tables.sort_by(|a, b| a.name.cmp(&b.name));
    found.channels.sort_by(|a, b| (&a.channel, a.action).cmp(&(&b.channel, b.action)));
    let is_empty = found == FileFindings::default();
    (!is_empty || outcome.is_heard && question.gap.code == UNREAD).then(|| json!(found))
}

/// An operation with what it takes and responds, where that was told.
fn with_bodies(operation: FoundOperation, key: &str, outcome: &Outcome) -> FoundOperation {
    let told = |part: Part| outcome.answers.iter().find(|answer| answer.part == part).map(|answer| answer.agreed.finding.value.clone());
    let responses = told(Part::Responses(key.to_owned())).and_then(read).unwrap_or_default();
    let request = told(Part::Request(key.to_owned())).filter(Value::is_object);
    FoundOperation { responses, request, ..operation }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

/// Operations that code or documents tell, by method and shape.
#[must_use]
pub fn told_operations(contract: &Contract) -> BTreeSet<String> {
    let all = contract.features.iter().flat_map(|feature| feature.http.iter().chain(&feature.hidden));
    let told = all.filter(|operation| matches!(operation.origin, Origin::Code | Origin::Document));
    told.map(|operation| format!("{} {}", operation.method, shape_of(&operation.path))).collect()
}

/// The lines that answers rest on, with digests of the code around them; where nothing is declared, the file as a whole.
fn quotes(question: &Question, answers: &[Answered], code: &dyn Evidenced) -> Vec<Quote> {
    const MOST: usize = 20;
    let cited = answers.iter().flat_map(|answer| &answer.agreed.finding.cited);
    let mut quotes: BTreeSet<Quote> = cited.map(|cited| quote(question, cited)).collect();
    if question.gap.code == UNREAD && quotes.is_empty() {
        quotes.insert(Quote { file: question.gap.evidence.file.clone(), ..Quote::default() });
    }
    let tied = quotes.into_iter().filter_map(|quote| Some(Quote { digest: code.digest(&quote.file, &quote.symbol)?, ..quote }));
    tied.take(MOST).collect()
}

/// A line, with the declaration that the question is about when it stands in it.
fn quote(question: &Question, cited: &Cited) -> Quote {
    let place = &question.gap.evidence;
    let declares = || {
        let line = cited.text.place(&place.symbol, place.line)?;
        let block = blocks::around(cited.text.lines(), line).into_iter().next()?;
        (block.0..=block.1).contains(&cited.line).then(|| place.symbol.clone())
    };
    let symbol = if place.file == cited.text.path && !place.symbol.is_empty() { declares().unwrap_or_default() } else { String::new() };
    Quote { file: cited.text.path.clone(), symbol, quote: cited.quote(), digest: String::new() }
}
