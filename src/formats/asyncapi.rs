//! AsyncAPI 2 and 3 files, in JSON or YAML: their channels and which way messages go.
//!
//! Reads what a file promises; does not judge whether it is a valid document.

use memchr::memmem;
use serde_json::{Map, Value};

use crate::base::problem::Problem;
use crate::facts::document::EventDocument;
use crate::facts::event::Direction;

/// Whether bytes may hold an AsyncAPI document: cheap, and sure about the negative.
#[must_use]
pub fn may_be_document(bytes: &[u8]) -> bool {
    let has = |needle: &str| memmem::find(bytes, needle.as_bytes()).is_some();
    has("asyncapi") && has("channels") && !has("\"x-written-by\": \"contract-agent\"")
}

/// Reads a document; `None` when the file is something else.
///
/// # Errors
/// When the file says that it is an AsyncAPI document and cannot be read.
pub fn read(path: &str, bytes: &[u8]) -> Option<Result<EventDocument, Problem>> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let value = match super::openapi::parse(text) {
        Ok(value) => value,
        Err(message) => {
            let says_so = text.lines().take(50).any(|line| line.trim_start_matches([' ', '{', '"']).starts_with("asyncapi"));
            return says_so.then(|| Err(broken(path, &message)));
        }
    };
    let root = value.as_object()?;
    let version = root.get("asyncapi")?.as_str()?;
    let channels = root.get("channels").and_then(Value::as_object)?;
    let ends = if version.starts_with('2') { of_second(channels) } else { of_third(channels, root) };
    let title = root.get("info").and_then(|info| info.get("title")).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Ok(EventDocument { file: path.to_owned(), format: format!("AsyncAPI {version}"), title, ends }))
}

fn broken(path: &str, message: &str) -> Problem {
    let first = message.lines().next().unwrap_or_default();
    Problem::of_file(path, "event-document-not-read", format!("cannot read the AsyncAPI document: {first}"))
        .with_help("mend the file, or leave it out with `exclude` in contract-agent.toml")
}

/// In version 2 a channel says what others may do: what is published to it the program hears.
fn of_second(channels: &Map<String, Value>) -> Vec<(String, Option<Direction>)> {
    let mut ends = Vec::new();
    for (address, channel) in channels {
        let ways = [("publish", Direction::Receive), ("subscribe", Direction::Send)];
        let said: Vec<Direction> = ways.into_iter().filter(|(key, _)| channel.get(key).is_some()).map(|(_, way)| way).collect();
        if said.is_empty() {
            ends.push((address.clone(), None));
        }
        ends.extend(said.into_iter().map(|way| (address.clone(), Some(way))));
    }
    ends
}

fn of_third(channels: &Map<String, Value>, root: &Map<String, Value>) -> Vec<(String, Option<Direction>)> {
    let address =
        |key: &str| channels.get(key).and_then(|channel| channel.get("address")).and_then(Value::as_str).unwrap_or(key).to_owned();
    let operations = root.get("operations").and_then(Value::as_object);
    let mut ends: Vec<(String, Option<Direction>)> = Vec::new();
    for operation in operations.into_iter().flat_map(|operations| operations.values()) {
        let channel = operation.pointer("/channel/$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next());
        let way = match operation.get("action").and_then(Value::as_str) {
            Some("send") => Some(Direction::Send),
            Some("receive") => Some(Direction::Receive),
            _ => None,
        };
        ends.extend(channel.map(|key| (address(&key.replace("~1", "/")), way)));
    }
    for key in channels.keys() {
        let address = address(key);
        if !ends.iter().any(|(known, _)| *known == address) {
            ends.push((address, None));
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_say_which_way() {
        let second = b"asyncapi: 2.6.0\ninfo: {title: Shop}\nchannels:\n  orders:\n    publish: {}\n";
        let document = read("a.yaml", second).and_then(Result::ok).unwrap_or_default();
        assert_eq!(document.ends, [("orders".to_owned(), Some(Direction::Receive))]);
        let third = br##"{"asyncapi": "3.0.0", "channels": {"o": {"address": "orders"}, "p": {}}, "operations": {"x": {"action": "send", "channel": {"$ref": "#/channels/o"}}}}"##;
        let document = read("a.json", third).and_then(Result::ok).unwrap_or_default();
        assert_eq!(document.ends, [("orders".to_owned(), Some(Direction::Send)), ("p".to_owned(), None)]);
        assert!(read("a.yaml", b"asyncapi: [").is_some_and(|read| read.is_err()));
        assert!(read("a.yaml", b"a: 1").is_none());
    }
}
