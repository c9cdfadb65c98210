//! The values of answers, by the form that a question asks for.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::questions::{Form, is_empty};
use crate::contract::model::resolution::{Described, FileFindings};
use crate::contract::schema::{COMPONENTS, Step, step_of};
use crate::contract::settle::status_of;

/// The longest part of a path or channel, and the longest name.
const LONGEST_NAME: usize = 200;
/// The longest prose.
const LONGEST_TEXT: usize = 600;
/// How deep a schema may be, and how many keywords it may have.
const DEEPEST: usize = 24;
const MOST_KEYWORDS: usize = 5_000;
/// How much one file may be said to declare.
const MOST_FINDINGS: usize = 500;

/// An answer that can be used.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// What stands for the only hole.
    Part(String),
    /// What stands for each hole, by name.
    Parts(BTreeMap<String, String>),
    /// Schemas by status; null without a body.
    Responses(BTreeMap<String, Json>),
    /// A schema.
    Schema(Json),
    /// A security scheme object.
    Scheme(Json),
    /// What a feature is for.
    Described(Described),
    /// Prose.
    Text(String),
    /// What a file declares.
    Findings(FileFindings),
    /// The number of a side.
    Side(usize),
}

impl Value {
    /// Reads a value.
    ///
    /// # Errors
    /// When it has not the form: why.
    pub fn read(form: Form, value: &Json) -> Result<Self, String> {
        match form {
            Form::Part => parts(value),
            Form::Responses => responses(value).map(Self::Responses),
            Form::Schema => schema(value).map(|()| Self::Schema(value.clone())),
            Form::Scheme => scheme(value).map(|()| Self::Scheme(value.clone())),
            Form::Purpose => described(value).map(Self::Described),
            Form::Text => value.as_str().ok_or_else(|| wants("a text")).and_then(prose).map(Self::Text),
            Form::Findings => findings(value).map(Self::Findings),
            Form::Side => {
                let side = value.as_u64().and_then(|number| usize::try_from(number).ok());
                side.map(Self::Side).ok_or_else(|| wants("the number of a side, counted from 0"))
            }
        }
    }
}

fn wants(what: &str) -> String {
    format!("it must be {what}")
}

fn parts(value: &Json) -> Result<Value, String> {
    match value {
        Json::String(text) => part(text).map(|()| Value::Part(text.clone())),
        Json::Object(map) if !map.is_empty() => {
            let each = |(name, text): (&String, &Json)| {
                let text = text.as_str().ok_or_else(|| format!("what stands for `{name}` must be a text"))?;
                part(text).map(|()| (name.clone(), text.to_owned()))
            };
            map.iter().map(each).collect::<Result<_, _>>().map(Value::Parts)
        }
        _ => Err(wants("what stands for the hole: a text, or an object with a text for each hole")),
    }
}

/// What may stand in a path or in the name of a channel.
fn part(text: &str) -> Result<(), String> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "?#\\\"'<>|`^".contains(c);
    if text.chars().count() > LONGEST_NAME {
        return Err(format!("it has more than {LONGEST_NAME} characters"));
    }
    if let Some(odd) = text.chars().find(|c| is_odd(*c)) {
        return Err(format!("`{}` cannot stand in a path or in the name of a channel", odd.escape_default()));
    }
    if text.matches('{').count() == text.matches('}').count() { Ok(()) } else { Err("its braces do not match".into()) }
}

fn responses(value: &Json) -> Result<BTreeMap<String, Json>, String> {
    let map = value.as_object().filter(|map| !map.is_empty()).ok_or_else(|| wants("an object with a schema for each status"))?;
    let mut responses = BTreeMap::new();
    for (status, body) in map {
        let status = status_of(status).ok_or_else(|| format!("`{status}` is no status"))?;
        if !body.is_null() {
            schema(body).map_err(|why| format!("{status}: {why}"))?;
        }
        responses.insert(status, body.clone());
    }
    Ok(responses)
}

/// A schema that says something, and is not too large to be one.
fn schema(value: &Json) -> Result<(), String> {
    if is_empty(value) {
        return Err(wants("a JSON Schema that says something"));
    }
    let mut left = MOST_KEYWORDS;
    walk(value, 0, &mut left)
}

fn walk(value: &Json, depth: usize, left: &mut usize) -> Result<(), String> {
    let map = match value {
        Json::Bool(_) => return Ok(()),
        Json::Object(map) => map,
        _ => return Err(wants("a JSON Schema: an object")),
    };
    if depth > DEEPEST {
        return Err(format!("the schema is nested deeper than {DEEPEST}"));
    }
    for (keyword, inner) in map {
        *left = left.checked_sub(1).ok_or_else(|| format!("the schema has more than {MOST_KEYWORDS} keywords"))?;
        match (step_of(keyword), inner) {
            (Step::Schema, inner) => walk(inner, depth + 1, left)?,
            (Step::List, Json::Array(list)) => list.iter().try_for_each(|inner| walk(inner, depth + 1, left))?,
            (Step::Map, Json::Object(map)) => {
                *left = left.saturating_sub(map.len());
                map.values().try_for_each(|inner| walk(inner, depth + 1, left))?;
            }
            (Step::List | Step::Map, _) => return Err(format!("`{keyword}` does not hold schemas")),
            (Step::Data, inner) => data(keyword, inner)?,
        }
    }
    Ok(())
}

fn data(keyword: &str, value: &Json) -> Result<(), String> {
    const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
    let is_type = |value: &Json| value.as_str().is_some_and(|name| TYPES.contains(&name));
    match keyword {
        "type" if is_type(value) || value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_type)) => Ok(()),
        "type" => Err(format!("{value} is no type of JSON")),
        "$ref" if value.as_str().is_some_and(|reference| reference.starts_with(COMPONENTS)) => Ok(()),
        "$ref" => Err("`$ref` may lead to `#/components/schemas/` only".into()),
        "enum" if value.as_array().is_none_or(Vec::is_empty) => Err("`enum` must list values".into()),
        _ => Ok(()),
    }
}

fn scheme(value: &Json) -> Result<(), String> {
    let text = |key: &str| value.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    match text("type") {
        Some("http") if text("scheme").is_some() => Ok(()),
        Some("http") => Err("`scheme` is missing: `bearer`, `basic`".into()),
        Some("apiKey") if matches!(text("in"), Some("header" | "query" | "cookie")) && text("name").is_some() => Ok(()),
        Some("apiKey") => Err("`in` (header, query, cookie) and `name` are needed".into()),
        Some("openIdConnect") if text("openIdConnectUrl").is_some() => Ok(()),
        Some("oauth2") if value.get("flows").is_some_and(Json::is_object) => Ok(()),
        Some("mutualTLS") => Ok(()),
        _ => Err(wants("an OpenAPI security scheme object")),
    }
}

fn described(value: &Json) -> Result<Described, String> {
    let described = match value {
        Json::String(text) => Described { purpose: text.clone(), ..Described::default() },
        Json::Object(_) => serde_json::from_value(value.clone()).map_err(|error| error.to_string())?,
        _ => return Err(wants("a text, or an object with `purpose` and `summaries`")),
    };
    let purpose = prose(&described.purpose)?;
    let each = |(key, text): (&String, &String)| Ok((key.clone(), prose(text)?));
    Ok(Described { purpose, summaries: described.summaries.iter().map(each).collect::<Result<_, String>>()? })
}

/// Words in one paragraph.
fn prose(text: &str) -> Result<String, String> {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.chars().count() {
        0 => Err("it is empty".into()),
        count if count > LONGEST_TEXT => Err(format!("it has more than {LONGEST_TEXT} characters")),
        _ if folded.chars().any(char::is_control) => Err("it holds control characters".into()),
        _ => Ok(folded),
    }
}

fn findings(value: &Json) -> Result<FileFindings, String> {
    let found: FileFindings = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    if found.operations.len() + found.tables.len() + found.channels.len() > MOST_FINDINGS {
        return Err(format!("it lists more than {MOST_FINDINGS} findings"));
    }
    for (index, operation) in found.operations.iter().enumerate() {
        let wrong = |why: String| format!("operations[{index}]: {why}");
        if !operation.path.starts_with('/') {
            return Err(wrong("`path` begins with `/`".into()));
        }
        part(&operation.path).map_err(wrong)?;
        operation.request.iter().try_for_each(schema).map_err(wrong)?;
        if !operation.responses.is_empty() {
            responses(&serde_json::json!(operation.responses)).map_err(wrong)?;
        }
    }
    for (index, table) in found.tables.iter().enumerate() {
        let mut texts = table.columns.iter().flat_map(|column| [&column.name, &column.ty]);
        let all = name(&table.name).and_then(|()| texts.try_for_each(|text| name(text)));
        all.map_err(|why| format!("tables[{index}]: {why}"))?;
    }
    for (index, channel) in found.channels.iter().enumerate() {
        let wrong = |why: String| format!("channels[{index}]: {why}");
        name(&channel.protocol).and_then(|()| name(&channel.channel)).and_then(|()| part(&channel.channel)).map_err(wrong)?;
        channel.payload.iter().try_for_each(schema).map_err(wrong)?;
    }
    Ok(found)
}

/// What may be a name or a type in SQL. Quotes and semicolons would end it.
fn name(text: &str) -> Result<(), String> {
    if text.trim().is_empty() || text.chars().count() > LONGEST_NAME {
        return Err(format!("a name has 1 to {LONGEST_NAME} characters"));
    }
    match text.chars().find(|c| c.is_control() || "\"'`;\\".contains(*c)) {
        Some(odd) => Err(format!("`{}` cannot stand in `{}`", odd.escape_default(), text.escape_default())),
        None => Ok(()),
    }
}
