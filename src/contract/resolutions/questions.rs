//! What a settled contract leaves open: its gaps, and questions that it raises without listing them, so that contracts of people
//! who use no model are not longer for it.
//!
//! A question is known by its id, which follows from its code, subject and evidence alone.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::model::{Conflict, Contract, Event, Evidence, FeatureContract, FeatureKind, Gap, Operation, Origin};
use crate::contract::settle::gap_id;

/// No response with a body is known of an operation.
pub const RESPONSE_TYPE: &str = "response-type-unknown";
/// An operation takes a body of which nothing is known.
pub const REQUEST_TYPE: &str = "request-type-unknown";
/// Nothing is known of what travels on a channel.
pub const PAYLOAD_TYPE: &str = "payload-type-unknown";
/// Nothing says what a feature is for.
pub const PURPOSE: &str = "feature-purpose-unknown";
/// Nothing says what the repository is for.
pub const SUMMARY: &str = "repo-summary-unknown";
/// A file of a language that no reader knows.
pub const UNREAD: &str = "file-without-reader";

/// Which form the value of an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// What stands for the hole in a path or a channel's name: a string; when there are several holes, an object with a string for
    /// each, by name ([`Gap::holes`]).
    Part,
    /// JSON Schemas of an operation's responses by status (`{"200": {…}, "204": null}`); null when there is no body.
    Responses,
    /// A JSON Schema.
    Schema,
    /// An OpenAPI security scheme object.
    Scheme,
    /// What a feature is for: a string, or [`crate::contract::model::resolution::Described`].
    Purpose,
    /// One or two sentences.
    Text,
    /// [`crate::contract::model::resolution::FileFindings`].
    Findings,
    /// Which side of a conflict holds: its number, counted from 0.
    Side,
}

/// The form of answers to questions of this code; `None` when such a question cannot be answered in a way that a contract could use.
#[must_use]
pub fn form_of(code: &str) -> Option<Form> {
    Some(match code {
        "route-path-unknown" | "channel-unknown" => Form::Part,
        RESPONSE_TYPE => Form::Responses,
        REQUEST_TYPE | PAYLOAD_TYPE | "schema-unknown" => Form::Schema,
        "security-scheme-unknown" => Form::Scheme,
        PURPOSE => Form::Purpose,
        SUMMARY => Form::Text,
        UNREAD | "mount-target-unknown" | "migration-step-unknown" | "migration-file-unknown" | "api-document-unknown" => Form::Findings,
        "route-two-handlers" | "table-model-and-migrations-differ" | "channel-payloads-differ" => Form::Side,
        _ => return None,
    })
}

/// A file of a program language that no reader knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Path from the repository's root.
    pub path: String,
    /// The language by the name people use: `Go`.
    pub language: String,
}

/// A question, and what its answer looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Id, code, subject, question and the first place to look; of a listed gap, or made for this question alone.
    pub gap: Gap,
    /// The form of the answer.
    pub form: Form,
    /// The slug of the feature it is about; empty when it is about the repository or a file of no feature.
    pub feature: String,
    /// Further places to look: the other sides of a conflict, other files of a feature.
    pub more: Vec<Evidence>,
    /// The language of a file without a reader; empty for others.
    pub language: String,
}

/// How many places are named where a question is about many.
const MOST_PLACES: usize = 10;

/// What a settled contract leaves open, sorted by place and code, but for questions that are answered (by id).
#[must_use]
pub fn questions_of(contract: &Contract, unread: &[Unread], answered: &BTreeSet<String>) -> Vec<Question> {
    let mut questions: Vec<Question> = contract.features.iter().flat_map(of_feature).collect();
    questions.extend(contract.repo.gaps.iter().filter_map(|gap| of_gap(gap, "")));
    questions.extend(contract.repo.conflicts.iter().filter(|conflict| conflict.chosen.is_none()).filter_map(of_conflict));
    if contract.repo.summary.is_empty() && !contract.features.is_empty() {
        let more = contract.repo.entry_points.iter().map(|entry| entry.evidence.clone()).take(MOST_PLACES).collect();
        questions.push(Question { gap: summary_gap(contract), form: Form::Text, more, ..Question::about("") });
    }
    questions.extend(unread.iter().map(of_file));
    questions.retain(|question| !answered.contains(&question.gap.id));
    questions.sort_by(|a, b| (&a.gap.evidence, &a.gap.code, &a.gap).cmp(&(&b.gap.evidence, &b.gap.code, &b.gap)));
    questions.dedup_by(|a, b| a.gap.id == b.gap.id);
    questions
}

/// Whether a purpose only counts what a feature serves: nobody has said what it is for.
#[must_use]
pub fn is_counted(purpose: &str) -> bool {
    let rest = purpose.strip_prefix("Serves ").filter(|rest| rest.ends_with('.')).and_then(|rest| rest.split_once(' '));
    let is_count = |(first, more): (&str, &str)| {
        more.starts_with('/') || first.bytes().all(|byte| byte.is_ascii_digit()) && more.starts_with("HTTP operations")
    };
    purpose.is_empty() || rest.is_some_and(is_count)
}

/// The question what an operation responds.
#[must_use]
pub fn response_gap(operation: &Operation) -> Gap {
    let question = format!("what does {} respond, by status?", operation.key());
    with_id(Gap::new(RESPONSE_TYPE, format!("responses of {}", operation.key()), question, operation.evidence.clone()))
}

/// The question what an operation takes.
#[must_use]
pub fn request_gap(operation: &Operation) -> Gap {
    let question = format!("what does the body of {} look like?", operation.key());
    with_id(Gap::new(REQUEST_TYPE, format!("request of {}", operation.key()), question, operation.evidence.clone()))
}

/// The question what travels on a channel.
#[must_use]
pub fn payload_gap(event: &Event) -> Gap {
    let evidence = event.evidence.first().cloned().unwrap_or_default();
    let question = format!("what does a message on `{}` look like?", event.channel);
    with_id(Gap::new(PAYLOAD_TYPE, format!("{} {}", event.action.key(), event.channel), question, evidence))
}

/// The question what a feature is for.
#[must_use]
pub fn purpose_gap(feature: &FeatureContract) -> Gap {
    let question = format!("what is the feature `{}` for, in one or two sentences?", feature.name);
    with_id(Gap::new(PURPOSE, feature.slug.clone(), question, Evidence::default()))
}

/// The question what the repository is for.
#[must_use]
pub fn summary_gap(contract: &Contract) -> Gap {
    let question = "what is this repository for, in one or two sentences?";
    with_id(Gap::new(SUMMARY, contract.repo.name.clone(), question, Evidence::default()))
}

/// The question what a file promises.
#[must_use]
pub fn unread_gap(path: &str) -> Gap {
    let question = "which HTTP operations, tables and channels does this file declare?".to_owned();
    with_id(Gap::new(UNREAD, path, question, Evidence::new(path, "", 0)))
}

/// The question which side of a conflict holds.
#[must_use]
pub fn conflict_gap(conflict: &Conflict) -> Gap {
    let evidence = conflict.sides.first().map(|side| side.evidence.clone()).unwrap_or_default();
    let question = format!("{}: which side holds?", conflict.message);
    with_id(Gap::new(&conflict.code, conflict.subject.clone(), question, evidence))
}

/// Whether nothing is known of what an operation gives back, though it may well give something.
#[must_use]
pub fn lacks_response(operation: &Operation) -> bool {
    let is_silent = |status: &str| matches!(status, "204" | "205" | "304") || status.starts_with(['1', '3']);
    let tells = |(status, response): (&String, &crate::contract::model::Response)| {
        is_silent(status) || status.starts_with('2') && response.content.values().any(|schema| !is_empty(schema))
    };
    is_read(operation) && !matches!(operation.method.key(), "head" | "options") && !operation.responses.iter().any(tells)
}

/// Whether an operation takes a body of which nothing is known.
#[must_use]
pub fn lacks_request(operation: &Operation) -> bool {
    let content = operation.request_body.as_ref().map(|body| &body.content);
    is_read(operation) && content.is_some_and(|content| content.values().all(is_empty))
}

/// Whether nothing is known of what travels on a channel.
#[must_use]
pub fn lacks_payload(event: &Event) -> bool {
    !event.frameworks.is_empty() && event.kind != "signal" && event.messages.iter().all(|message| is_empty(&message.payload))
}

/// Whether a reader found it in code, wherever the last part of its path comes from.
fn is_read(operation: &Operation) -> bool {
    !operation.framework.is_empty() && operation.origin != Origin::Document
}

/// Whether a schema says nothing.
#[must_use]
pub fn is_empty(schema: &Value) -> bool {
    schema.as_object().is_none_or(serde_json::Map::is_empty)
}

fn of_feature(feature: &FeatureContract) -> Vec<Question> {
    let slug = feature.slug.as_str();
    let operations = feature.http.iter().flat_map(|operation| &operation.gaps);
    let events = feature.events.iter().flat_map(|event| &event.gaps);
    let listed = feature.gaps.iter().chain(operations).chain(events);
    let mut questions: Vec<Question> = listed.filter_map(|gap| of_gap(gap, slug)).collect();
    let mut ask = |gap: Gap, form: Form| questions.push(Question { gap, form, ..Question::about(slug) });
    feature.http.iter().filter(|operation| lacks_response(operation)).for_each(|operation| ask(response_gap(operation), Form::Responses));
    feature.http.iter().filter(|operation| lacks_request(operation)).for_each(|operation| ask(request_gap(operation), Form::Schema));
    feature.events.iter().filter(|event| lacks_payload(event)).for_each(|event| ask(payload_gap(event), Form::Schema));
    let is_described = feature.kind != FeatureKind::Feature || feature.purpose_by.is_some() || !is_counted(&feature.purpose);
    if !is_described && !feature.files.is_empty() {
        let handlers = feature.http.iter().map(|operation| operation.evidence.clone());
        let files = feature.files.iter().map(|file| Evidence::new(file, "", 0));
        let mut more: Vec<Evidence> = handlers.collect::<BTreeSet<_>>().into_iter().collect();
        more.extend(files);
        more.truncate(MOST_PLACES);
        questions.push(Question { gap: purpose_gap(feature), form: Form::Purpose, more, ..Question::about(slug) });
    }
    questions
}

impl Question {
    fn about(feature: &str) -> Self {
        Self { gap: Gap::default(), form: Form::Text, feature: feature.to_owned(), more: Vec::new(), language: String::new() }
    }
}

fn of_gap(gap: &Gap, feature: &str) -> Option<Question> {
    Some(Question { gap: gap.clone(), form: form_of(&gap.code)?, ..Question::about(feature) })
}

fn of_conflict(conflict: &Conflict) -> Option<Question> {
    let form = form_of(&conflict.code)?;
    let feature = conflict.sides.first().map_or("", |side| side.feature.as_str());
    let more = conflict.sides.iter().skip(1).map(|side| side.evidence.clone()).take(MOST_PLACES).collect();
    Some(Question { gap: conflict_gap(conflict), form, more, ..Question::about(feature) })
}

fn of_file(file: &Unread) -> Question {
    Question { gap: unread_gap(&file.path), form: Form::Findings, language: file.language.clone(), ..Question::about("") }
}

fn with_id(mut gap: Gap) -> Gap {
    gap.id = gap_id(&gap);
    gap
}
