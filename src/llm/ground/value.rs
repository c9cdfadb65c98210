//! Single values: pieces of names, security schemes, sides of conflicts, sentences.

use serde_json::{Map, Value, json};

use super::cited::{Cited, all_of_code, citation, squashed};
use super::{Finding, Kind, list, short, text};
use crate::llm::evidence::{self, Excerpt};
use crate::llm::prompt::attempt;
use crate::llm::prose::harmless;

/// A summary is one line.
pub(super) const LONGEST_SUMMARY: usize = 120;

/// Reads one answer; `None` when it says that the code does not tell.
pub fn read(kind: &Kind, excerpts: &[Excerpt], given: &Value) -> Result<Option<Finding>, Vec<String>> {
    let said = text(given, "value");
    if said.is_empty() {
        return Ok(None);
    }
    let read = match kind {
        Kind::Part => part(said, all_of_code(excerpts, list(given, "citations"))),
        Kind::Scheme => scheme(said, all_of_code(excerpts, list(given, "citations"))),
        Kind::Side(files) => side(said, files, all_of_code(excerpts, list(given, "citations"))),
        Kind::Prose(operations) => prose(said, operations, excerpts, given),
        Kind::Responses | Kind::Body | Kind::Declared => Err("this is no single value".to_owned()),
    };
    read.map(Some).map_err(|words| vec![words])
}

fn finding(value: Value, cited: Vec<Cited>, is_literal: bool) -> Finding {
    Finding { ask: 0, key: value.to_string(), value, cited, is_literal, is_candidate: false }
}

/// A piece of a name stands as a string in a cited line, or is put together from one string of each, in their order.
fn part(said: &str, cited: Result<Vec<Cited>, String>) -> Result<Finding, String> {
    const LONGEST: usize = 200;
    if said.len() > LONGEST || !is_clean(said) {
        return Err("a piece of a name is one word of at most 200 characters, without quotes and the like".to_owned());
    }
    let cited = cited?;
    let strings: Vec<Vec<String>> = cited.iter().map(Cited::strings).collect();
    let wanted = said.trim_matches('/');
    if strings.iter().flatten().any(|string| string.trim_matches('/') == wanted) {
        return Ok(Finding { key: wanted.to_owned(), ..finding(json!(said), cited, true) });
    }
    if joins_to(&strings, wanted) {
        return Ok(Finding { key: wanted.to_owned(), ..finding(json!(said), cited, false) });
    }
    Err(format!("no cited line has the string `{}`, and their strings do not join to it", short(said)))
}

/// Whether a text may stand in a path or in the name of a channel.
pub(super) fn is_clean(text: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "?#\\\"'<>|`^«»".contains(c);
    !text.contains(is_odd) && text.matches('{').count() == text.matches('}').count()
}

/// Whether one string of each line, in order, joins to a text, with or without a slash between them.
fn joins_to(lines: &[Vec<String>], wanted: &str) -> bool {
    const MOST: usize = 200;
    let mut begun = vec![String::new()];
    for strings in lines {
        let mut next: Vec<String> = Vec::new();
        for before in &begun {
            for string in strings {
                let plain = format!("{before}{string}");
                let slashed = format!("{}/{}", before.trim_end_matches('/'), string.trim_start_matches('/'));
                next.extend([plain, slashed].into_iter().filter(|text| wanted.starts_with(text.trim_matches('/'))));
            }
        }
        next.sort();
        next.dedup();
        next.truncate(MOST);
        begun = next;
    }
    begun.iter().any(|text| text.trim_matches('/') == wanted && !wanted.is_empty())
}

fn scheme(said: &str, cited: Result<Vec<Cited>, String>) -> Result<Finding, String> {
    let cited = cited?;
    let is_said = |word: &str| cited.iter().any(|cited| squashed(cited.code()).contains(&squashed(word)));
    if matches!(said, "bearer" | "basic") {
        let stands = is_said(said);
        return if stands {
            Ok(finding(json!({"type": "http", "scheme": said}), cited, true))
        } else {
            Err(format!("no cited line says `{said}`"))
        };
    }
    let Some((place, name)) = said.split_once(':').filter(|(place, _)| matches!(*place, "header" | "query" | "cookie")) else {
        return Err("a scheme is `bearer`, `basic`, `header:<name>`, `query:<name>` or `cookie:<name>`".to_owned());
    };
    let name = name.trim();
    let stands = cited.iter().flat_map(Cited::strings).any(|string| string.eq_ignore_ascii_case(name));
    if name.is_empty() || !stands {
        return Err(format!("no cited line has the string `{}`", short(name)));
    }
    Ok(finding(json!({"type": "apiKey", "in": place, "name": name}), cited, true))
}

fn side(said: &str, files: &[String], cited: Result<Vec<Cited>, String>) -> Result<Finding, String> {
    let cited = cited?;
    let Some((number, file)) = said.parse().ok().and_then(|number: usize| Some((number, files.get(number)?))) else {
        return Err(format!("there is no side `{}`", short(said)));
    };
    if !cited.iter().any(|cited| cited.text.path == *file) {
        return Err(format!("no cited line is of side {number}"));
    }
    Ok(finding(json!(number), cited, false))
}

/// Sentences rest on lines that stand, comments included. Where a file speaks to models, nothing is described in their words.
fn prose(said: &str, operations: &[String], excerpts: &[Excerpt], given: &Value) -> Result<Finding, String> {
    const LONGEST: usize = 400;
    if said.chars().count() > LONGEST {
        return Err(format!("sentences have at most {LONGEST} characters"));
    }
    if excerpts.iter().any(|excerpt| !excerpt.text.attempts().is_empty()) || attempt::sign_of(said).is_some() {
        return Err("the code speaks to models: it is described by nobody".to_owned());
    }
    let cited = list(given, "citations").iter().take(4).map(|value| citation(excerpts, value)).collect::<Result<Vec<_>, _>>()?;
    if cited.is_empty() {
        return Err("it cites no line".to_owned());
    }
    let source = evidence::render(excerpts);
    let purpose = harmless(said, &source, LONGEST);
    if purpose.trim().is_empty() {
        return Err("nothing is left of it that may be shown".to_owned());
    }
    let summaries = summaries(operations, excerpts, given, &source);
    let value = if summaries.is_empty() { json!(purpose) } else { json!({"purpose": purpose, "summaries": summaries}) };
    Ok(Finding { key: "prose".into(), ..finding(value, cited, false) })
}

/// One line for operations that have none; only for those that were named, and with a line that stands.
fn summaries(operations: &[String], excerpts: &[Excerpt], given: &Value, source: &str) -> Map<String, Value> {
    let mut lines: Vec<(String, Value)> = Vec::new();
    for summary in list(given, "summaries") {
        let (operation, said) = (text(summary, "operation"), text(summary, "value"));
        let is_asked = operations.iter().any(|known| known == operation) && lines.iter().all(|(known, _)| known != operation);
        let is_fit = !said.is_empty() && attempt::sign_of(said).is_none();
        if is_asked && is_fit && summary.get("citation").is_some_and(|value| citation(excerpts, value).is_ok()) {
            let line = harmless(said, source, LONGEST_SUMMARY);
            if !line.trim().is_empty() {
                lines.push((operation.to_owned(), json!(line)));
            }
        }
    }
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    lines.into_iter().collect()
}
