//! JSON as people write it in configurations: with comments and trailing commas.

use serde_json::Value;

/// Reads it; `None` when it is broken beyond that.
pub(super) fn read(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&strict(text))).ok()
}

/// Drops comments, and commas before a closing bracket.
fn strict(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending_comma = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            let end = string_end(rest);
            flush(&mut out, &mut pending_comma);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
        } else {
            match first {
                ',' => {
                    flush(&mut out, &mut pending_comma);
                    pending_comma = true;
                }
                '}' | ']' => {
                    pending_comma = false;
                    out.push(first);
                }
                _ if first.is_whitespace() => out.push(first),
                _ => {
                    flush(&mut out, &mut pending_comma);
                    out.push(first);
                }
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn flush(out: &mut String, pending_comma: &mut bool) {
    if std::mem::take(pending_comma) {
        out.push(',');
    }
}

/// Where the string that `text` begins with ends, its closing quote included.
fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (offset, char) in text.char_indices().skip(1) {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return offset + 1,
            _ => {}
        }
    }
    text.len()
}
