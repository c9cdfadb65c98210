//! JSON values as YAML: block style, two spaces, and every scalar quoted that any of YAML 1.1 and 1.2 would read as
//! something else, so that all parsers read back the same value and the output never changes with a library.
//!
//! It writes no comments, anchors or tags.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// Longer keys than this need YAML's explicit form (`? key`); the limit of implicit ones is 1024 characters.
const LONGEST_KEY: usize = 1000;

/// Words that YAML 1.1 or 1.2 reads as something else than text, in any case.
const RESERVED: [&str; 14] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "none", "nan", "inf", "infinity"];

/// A value as a YAML document, ending in a line break.
#[must_use]
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write_entries(&mut out, value, 0),
        Value::Array(list) if !list.is_empty() => write_entries(&mut out, value, 0),
        Value::String(text) => out.push_str(&quoted(text)),
        scalar => out.push_str(&flow(scalar)),
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// The entries of a collection that is not empty, each line indented.
fn write_entries(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) => {
            for (index, (key, value)) in map.iter().enumerate() {
                if index > 0 {
                    pad(out, indent);
                }
                write_key(out, key, indent);
                write_value(out, value, indent);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                if index > 0 {
                    pad(out, indent);
                }
                out.push('-');
                write_item(out, value, indent);
            }
        }
        _ => {}
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn write_key(out: &mut String, key: &str, indent: usize) {
    let text = scalar(key);
    if text.len() > LONGEST_KEY {
        let _ = writeln!(out, "? {text}");
        pad(out, indent);
    } else {
        out.push_str(&text);
    }
    out.push(':');
}

/// What follows `key:`.
fn write_value(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => begin_block(out, value, indent + 2),
        Value::Array(list) if !list.is_empty() => begin_block(out, value, indent + 2),
        value => write_scalar(out, value, indent + 2),
    }
}

fn begin_block(out: &mut String, value: &Value, indent: usize) {
    out.push('\n');
    pad(out, indent);
    write_entries(out, value, indent);
}

/// What follows the `-` of a list's entry: a map begins on the same line.
fn write_item(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push(' ');
            write_entries(out, value, indent + 2);
        }
        Value::Array(list) if !list.is_empty() => begin_block(out, value, indent + 2),
        value => write_scalar(out, value, indent + 2),
    }
}

fn write_scalar(out: &mut String, value: &Value, indent: usize) {
    out.push(' ');
    match value {
        Value::String(text) if is_block(text) => write_block(out, text, indent),
        Value::String(text) => {
            out.push_str(&scalar(text));
            out.push('\n');
        }
        value => {
            out.push_str(&flow(value));
            out.push('\n');
        }
    }
}

/// Empty collections and scalars that are no text.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(_) => "{}".into(),
        Value::Array(_) => "[]".into(),
        Value::Number(number) => number_text(number),
        value => value.to_string(),
    }
}

/// YAML 1.1 takes a number with an exponent for text unless it has a point and a signed exponent.
fn number_text(number: &Number) -> String {
    let text = number.to_string();
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return text };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// Text on one line: as it is when it cannot be mistaken for anything, else in double quotes.
fn scalar(text: &str) -> String {
    if is_plain(text) { text.into() } else { quoted(text) }
}

fn is_plain(text: &str) -> bool {
    let first_is_safe = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '$' | '_'));
    let last_is_safe = !text.ends_with([' ', ':']);
    let all_are_safe = text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || "_./-:{}()$,;+=@%&?!<>~^*'#".contains(c));
    first_is_safe
        && last_is_safe
        && all_are_safe
        && !text.contains(": ")
        && !text.contains(" #")
        && !RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word))
        && !is_exponent(text)
}

/// `e1`: some parsers of YAML 1.1 take it for a number without digits.
fn is_exponent(text: &str) -> bool {
    text.strip_prefix(['e', 'E']).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b"_+-.".contains(&b)))
}

/// JSON's double quotes, except that characters outside the basic plane stand for themselves: YAML has no surrogates.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) <= 0xFFFF => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// Characters that may stand for themselves: no controls, no line breaks other than `\n`, nothing that reorders text.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            u32::from(c),
            0x00AD | 0x061C | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF0..=0xFFFF | 0xE_0000..=0x0010_FFFF
        )
}

/// Whether text of several lines can stand as a literal block that no editor or hook will touch.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with(['\n', ' '])
        && body.split('\n').all(|line| !line.ends_with(' ') && line.chars().all(is_printable))
}

fn write_block(out: &mut String, text: &str, indent: usize) {
    let (sign, body) = text.strip_suffix('\n').map_or(("|-", text), |body| ("|", body));
    out.push_str(sign);
    out.push('\n');
    for line in body.split('\n') {
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
        out.push('\n');
    }
}
