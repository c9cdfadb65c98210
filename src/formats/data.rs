//! JSON (with comments, when there are some) and TOML as trees.

use crate::facts::tree::{Node, Value};

/// A JSON file; comments and commas behind the last member are passed over. `None` when it is none.
#[must_use]
pub fn json(text: &str) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value = serde_json::from_str(text).or_else(|_| serde_json::from_str(&plain(text))).ok()?;
    Some(of_json(value))
}

/// A TOML file; `None` when it is none.
#[must_use]
pub fn toml(text: &str) -> Option<Node> {
    let table: toml::Table = text.parse().ok()?;
    Some(of_toml(toml::Value::Table(table)))
}

/// The nesting of both is bounded by their parsers.
fn of_json(value: serde_json::Value) -> Node {
    Node::new(match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Plain(value.to_string()),
        serde_json::Value::Number(number) => Value::Plain(number.to_string()),
        serde_json::Value::String(text) => Value::Quoted(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(of_json).collect()),
        serde_json::Value::Object(members) => {
            Value::Map(members.into_iter().map(|(key, value)| (key.as_str().into(), of_json(value))).collect())
        }
    })
}

fn of_toml(value: toml::Value) -> Node {
    Node::new(match value {
        toml::Value::String(text) => Value::Quoted(text),
        toml::Value::Array(items) => Value::List(items.into_iter().map(of_toml).collect()),
        toml::Value::Table(table) => Value::Map(table.into_iter().map(|(key, value)| (key.as_str().into(), of_toml(value))).collect()),
        other => Value::Plain(other.to_string()),
    })
}

/// JSON without comments and without commas before a closing bracket.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                out.push(c);
                while let Some(c) = chars.next() {
                    out.push(c);
                    match c {
                        '\\' => out.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'*') => {
                let mut before = ' ';
                for c in chars.by_ref().skip(1) {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            ']' | '}' => {
                let kept = out.trim_end().trim_end_matches(',').len();
                if out.trim_end().ends_with(',') {
                    out.truncate(kept);
                }
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
