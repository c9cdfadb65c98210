//! What a file declares that no reader knows: operations, tables, channels.

use serde_json::{Value, json};

use super::cited::{Cited, all_of_code, of_code, squashed};
use super::value::{LONGEST_SUMMARY, is_clean};
use super::{Finding, Judged, list, short, text};
use crate::contract::model::Method;
use crate::contract::path::shape_of;
use crate::llm::evidence::text::{has_word, words};
use crate::llm::evidence::{self, Excerpt};
use crate::llm::prompt::attempt;
use crate::llm::prompt::form::PROTOCOLS;
use crate::llm::prose::harmless;

/// More than this in one answer is not read.
const MOST: usize = 400;
/// So far from a route the name of its handler may stand.
const HANDLER_NEAR: u32 = 12;

/// Operations: a method that the code says, and a path that the cited pieces give when they are joined.
pub fn operations(excerpts: &[Excerpt], answer: &Value, judged: &mut Judged) {
    judged.need(answer);
    for said in list(answer, "operations").iter().take(MOST) {
        let place = short(&format!("{} {}", text(said, "method"), text(said, "path")));
        match operation(excerpts, said) {
            Ok(finding) => judged.findings.push(finding),
            Err(words) => judged.fault(&place, &words),
        }
    }
}

fn operation(excerpts: &[Excerpt], said: &Value) -> Result<Finding, String> {
    let method = Method::parse(text(said, "method")).ok_or("there is no such method")?;
    let path = normal(text(said, "path"));
    if path.len() > 200 || !is_clean(&path) {
        return Err("this is no path: it has at most 200 characters, no blanks and no quotes".to_owned());
    }
    let mut cited = Vec::new();
    let mut joined = String::new();
    for part in list(said, "parts").iter().take(12) {
        let line = of_code(excerpts, part.get("citation").unwrap_or(&Value::Null))?;
        let piece = text(part, "text");
        if !line.strings().iter().any(|string| is_piece(string, piece)) {
            return Err(format!("line {} of `{}` does not have the string `{}`", line.line, line.text.path, short(piece)));
        }
        joined = format!("{}/{}", joined.trim_end_matches('/'), route_of(piece).trim_start_matches('/'));
        cited.push(line);
    }
    let Some(route) = cited.last().cloned() else { return Err("it cites no piece of its path".to_owned()) };
    let at = said.get("method_at").filter(|value| !value.is_null()).map(|value| of_code(excerpts, value)).transpose()?;
    let says_method = at.as_ref().unwrap_or(&route).says_method(method);
    let handler = text(said, "handler");
    let handler = handler.rsplit(['.', ':', '#', '@']).next().unwrap_or(handler);
    if !handler.is_empty() && !route.around(HANDLER_NEAR).any(|code| has_word(code, handler)) {
        return Err(format!("`{}` does not stand near line {}", short(handler), route.line));
    }
    cited.extend(at);
    let is_composed = shape_of(&normal(&joined)) == shape_of(&path);
    let summary = summary_of(text(said, "summary"), excerpts);
    let value = json!({"method": method.key(), "path": path, "symbol": handler, "summary": summary});
    let key = format!("{method} {}", shape_of(&path));
    Ok(Finding { ask: 0, key, value, cited, is_literal: true, is_candidate: !is_composed || !says_method })
}

/// One line on what an operation does; nothing where the code speaks to models.
fn summary_of(said: &str, excerpts: &[Excerpt]) -> String {
    let is_tainted = excerpts.iter().any(|excerpt| !excerpt.text.attempts().is_empty()) || attempt::sign_of(said).is_some();
    if said.is_empty() || is_tainted { String::new() } else { harmless(said, &evidence::render(excerpts), LONGEST_SUMMARY) }
}

/// Whether a string in the code is a piece of a path: itself, or a method and itself.
fn is_piece(string: &str, piece: &str) -> bool {
    let bare = |text: &str| route_of(text).trim_matches('/').to_owned();
    bare(string) == bare(piece)
}

/// A route without the method and the host before it: `GET /users` → `/users`.
fn route_of(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(' ') {
        Some((method, rest)) if Method::parse(method).is_some() => rest.trim(),
        _ => text,
    }
}

/// A path as OpenAPI writes it, whatever framework wrote it: `:id`, `<int:id>`, `{id:[0-9]+}`, `*rest`.
fn normal(path: &str) -> String {
    let mut out = String::new();
    for segment in route_of(path).split('/').filter(|segment| !segment.is_empty()) {
        out.push('/');
        out.push_str(&normal_segment(segment));
    }
    if out.is_empty() { "/".into() } else { out }
}

fn normal_segment(segment: &str) -> String {
    if let Some(name) = segment.strip_prefix([':', '*']) {
        let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        return format!("{{{}}}", if name.is_empty() { "rest" } else { &name });
    }
    if let Some(inner) = segment.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        return format!("{{{}}}", inner.rsplit(':').next().unwrap_or(inner));
    }
    let Some((before, rest)) = segment.split_once('{') else { return segment.to_owned() };
    let Some((inner, after)) = rest.rsplit_once('}') else { return segment.to_owned() };
    let name = inner.split([':', '=', '?', '*']).find(|name| !name.is_empty()).unwrap_or("rest");
    format!("{before}{{{name}}}{after}")
}

impl Cited {
    /// Whether a line, or one next to it, says a method: `GET`, `.Get(`, `@GetMapping`, `[HttpGet]`, `http.MethodGet`, `get_users`.
    fn says_method(&self, method: Method) -> bool {
        let is_said = |code: &str| words(code).any(|word| is_method_word(word, method));
        is_said(self.code()) || self.around(2).any(|code| !code.contains(['"', '\'']) && is_said(code))
    }
}

fn is_method_word(word: &str, method: Method) -> bool {
    let (word, key) = (word.to_ascii_lowercase().replace('_', ""), method.key());
    let around = [
        ("", ""),
        ("http", ""),
        ("method", ""),
        ("", "mapping"),
        ("map", ""),
        ("", "func"),
        ("", "handler"),
        ("do", ""),
        ("api", ""),
        ("", "api"),
    ];
    around.iter().any(|(before, after)| word.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)) == Some(key))
        || (method == Method::Delete && word == "del")
}

/// Tables: a name that the code says, or that follows from the name of a model; columns only with the line that declares them.
pub fn tables(excerpts: &[Excerpt], answer: &Value, judged: &mut Judged) {
    judged.need(answer);
    for said in list(answer, "tables").iter().take(MOST) {
        let place = format!("table {}", short(text(said, "name")));
        match table(excerpts, said, &place, judged) {
            Ok(finding) => judged.findings.push(finding),
            Err(words) => judged.fault(&place, &words),
        }
    }
}

fn table(excerpts: &[Excerpt], said: &Value, place: &str, judged: &mut Judged) -> Result<Finding, String> {
    let name = text(said, "name");
    if !is_name(name) {
        return Err("this is no name of a table".to_owned());
    }
    let line = of_code(excerpts, said.get("citation").unwrap_or(&Value::Null))?;
    let is_literal = line.strings().iter().any(|string| string == name) || has_word(line.code(), name);
    let model = words(line.code()).find(|word| is_plural_of(name, word)).unwrap_or_default().to_owned();
    if !is_literal && model.is_empty() {
        return Err(format!("line {} of `{}` does not name it", line.line, line.text.path));
    }
    let mut cited = vec![line];
    let mut columns = Vec::new();
    for said in list(said, "columns").iter().take(MOST) {
        match column(excerpts, said) {
            Ok((column, line)) => {
                columns.push(column);
                cited.push(line);
            }
            Err(words) => judged.fault(place, &format!("column `{}`: {words}", short(text(said, "name")))),
        }
    }
    cited.truncate(4);
    let value = json!({"name": name, "symbol": model, "columns": columns});
    Ok(Finding { ask: 0, key: name.to_lowercase(), value, cited, is_literal, is_candidate: false })
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 128 && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '$'))
}

fn column(excerpts: &[Excerpt], said: &Value) -> Result<(Value, Cited), String> {
    let name = text(said, "name");
    let line = of_code(excerpts, said.get("citation").unwrap_or(&Value::Null))?;
    if !is_name(name) || !line.names(name) && !line.strings().iter().any(|string| string == name) {
        return Err(format!("line {} does not name it", line.line));
    }
    let ty = sql_type(text(said, "type"), line.code()).ok_or("its type in SQL is not known")?;
    let is = |name: &str| said.get(name).and_then(Value::as_bool).unwrap_or_default();
    Ok((json!({"name": name, "type": ty, "nullable": is("nullable"), "key": is("key")}), line))
}

/// A type as SQL writes it: usual ones by name, others as they stand in the line.
fn sql_type(said: &str, code: &str) -> Option<String> {
    let bare = said.trim_start_matches(['*', '?']).trim_end_matches(['?', '!']).rsplit(['.', ':']).next().unwrap_or(said).to_lowercase();
    let usual = match bare.as_str() {
        "string" | "str" | "text" | "char" | "citext" => "TEXT",
        "int" | "integer" | "int32" | "uint" | "uint32" | "i32" => "INTEGER",
        "long" | "bigint" | "int64" | "uint64" | "i64" | "bigserial" => "BIGINT",
        "short" | "smallint" | "int16" => "SMALLINT",
        "bool" | "boolean" => "BOOLEAN",
        "float" | "float32" | "real" => "REAL",
        "double" | "float64" => "DOUBLE PRECISION",
        "decimal" | "numeric" | "bigdecimal" => "NUMERIC",
        "date" | "localdate" => "DATE",
        "datetime" | "timestamp" | "time" | "instant" | "localdatetime" | "naive_datetime" => "TIMESTAMP",
        "datetimeoffset" | "timestamptz" | "utc_datetime" | "offsetdatetime" | "zoneddatetime" => "TIMESTAMP WITH TIME ZONE",
        "uuid" | "guid" | "binary_id" => "UUID",
        "bytes" | "[]byte" | "binary" | "blob" | "byte[]" => "BYTEA",
        "json" | "jsonb" | "map" => "JSONB",
        _ => "",
    };
    if !usual.is_empty() {
        return Some(usual.to_owned());
    }
    let is_written = said.starts_with(|c: char| c.is_ascii_alphabetic())
        && said.len() <= 60
        && said.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '(' | ')' | ','))
        && said.matches('(').count() == said.matches(')').count();
    (is_written && code.to_lowercase().contains(&said.to_lowercase())).then(|| said.to_owned())
}

/// Whether a table's name follows from a model's: `OrderLine` → `order_line`, `order_lines`.
fn is_plural_of(table: &str, model: &str) -> bool {
    let (table, model) = (squashed(table), squashed(model));
    let stem = |text: &str, ending: &str, with: &str| text.strip_suffix(ending).map(|stem| format!("{stem}{with}"));
    model.len() > 2
        && (table == model
            || table == format!("{model}s")
            || table == format!("{model}es")
            || stem(&model, "y", "ies").is_some_and(|plural| plural == table))
}

/// Channels: an address that stands as a string, and a line that sends or hears.
pub fn channels(excerpts: &[Excerpt], answer: &Value, judged: &mut Judged) {
    judged.need(answer);
    for said in list(answer, "channels").iter().take(MOST) {
        let place = format!("{} {}", short(text(said, "action")), short(text(said, "address")));
        match channel(excerpts, said) {
            Ok(finding) => judged.findings.push(finding),
            Err(words) => judged.fault(&place, &words),
        }
    }
}

const SENDS: [&str; 10] = ["publish", "produce", "send", "emit", "dispatch", "enqueue", "notify", "broadcast", "push", "write"];
const HEARS: [&str; 11] = ["subscribe", "consume", "listen", "receive", "handle", "poll", "read", "process", "worker", "queue", "channel"];

fn channel(excerpts: &[Excerpt], said: &Value) -> Result<Finding, String> {
    let (action, address) = (text(said, "action"), text(said, "address"));
    let verbs: &[&str] = match action {
        "send" => &SENDS,
        "receive" => &HEARS,
        _ => return Err("it is `send` or `receive`".to_owned()),
    };
    if address.is_empty() || address.len() > 200 || !is_clean(address) {
        return Err("this is no address of a channel".to_owned());
    }
    let cited = all_of_code(excerpts, list(said, "citations"))?;
    if !cited.iter().any(|line| line.strings().iter().any(|string| string == address)) {
        return Err(format!("no cited line has the string `{}`", short(address)));
    }
    let is_verb = |code: &str| words(code).map(squashed).any(|word| verbs.iter().any(|verb| word.contains(verb.trim_end_matches('e'))));
    if !cited.iter().any(|line| line.around(3).any(is_verb)) {
        return Err(format!("nothing near the cited lines would {action}"));
    }
    let symbol = text(said, "symbol");
    let symbol = symbol.rsplit(['.', ':', '#']).next().unwrap_or(symbol);
    if !symbol.is_empty() && !cited.iter().any(|line| line.around(HANDLER_NEAR).any(|code| has_word(code, symbol))) {
        return Err(format!("`{}` does not stand near the cited lines", short(symbol)));
    }
    let protocol = protocol_of(text(said, "protocol"), excerpts).ok_or("nothing in the code that was sent says what carries it")?;
    let value = json!({"action": action, "channel": address, "protocol": protocol, "symbol": symbol});
    Ok(Finding { ask: 0, key: format!("{action} {address}"), value, cited, is_literal: true, is_candidate: false })
}

/// What carries the messages, when the code that was sent speaks of it.
fn protocol_of(said: &str, excerpts: &[Excerpt]) -> Option<&'static str> {
    let protocol = PROTOCOLS.into_iter().find(|known| *known == said)?;
    let signs: &[&str] = match protocol {
        "amqp" => &["amqp", "rabbit"],
        "googlepubsub" => &["pubsub"],
        "jms" => &["jms", "activemq"],
        _ => &[protocol],
    };
    let is_told = |code: &str| signs.iter().any(|sign| code.to_lowercase().contains(sign));
    let mut lines = excerpts.iter().flat_map(|excerpt| excerpt.lines().map(|(line, _)| excerpt.text.code(line)));
    lines.any(is_told).then_some(protocol)
}
