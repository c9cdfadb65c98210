//! Literals and documentation comments: text to values. Knows no syntax tree.

use crate::base::Name;
use crate::base::code::Expr;

/// A string, byte string or C string literal with its quotes, raw or not.
pub(super) fn string(literal: &str) -> Name {
    let text = literal.trim_start_matches(['b', 'c']);
    if let Some(raw) = text.strip_prefix('r') {
        let raw = raw.trim_start_matches('#').strip_prefix('"').unwrap_or_default();
        return Name::new(raw.trim_end_matches('#').strip_suffix('"').unwrap_or(raw));
    }
    let inner = text.strip_prefix('"').unwrap_or(text);
    unescape(inner.strip_suffix('"').unwrap_or(inner))
}

/// A character or byte literal with its quotes.
pub(super) fn character(literal: &str) -> Name {
    let inner = literal.trim_start_matches('b').strip_prefix('\'').unwrap_or_default();
    unescape(inner.strip_suffix('\'').unwrap_or(inner))
}

fn unescape(text: &str) -> Name {
    if !text.contains('\\') {
        return Name::new(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('\\') {
        out.push_str(&rest[..start]);
        rest = escape(&rest[start + 1..], &mut out);
    }
    out.push_str(rest);
    out.into()
}

/// Reads what follows a backslash, and returns what follows that.
fn escape<'a>(text: &'a str, out: &mut String) -> &'a str {
    let mut chars = text.chars();
    match chars.next() {
        Some('n') => out.push('\n'),
        Some('r') => out.push('\r'),
        Some('t') => out.push('\t'),
        Some('0') => out.push('\0'),
        Some('\n' | '\r') => return chars.as_str().trim_start(),
        Some('x') => {
            let digits = text.get(1..3).unwrap_or_default();
            let Ok(code) = u8::from_str_radix(digits, 16) else { return chars.as_str() };
            out.push(char::from(code));
            return text.get(3..).unwrap_or_default();
        }
        Some('u') => {
            let Some((digits, rest)) = chars.as_str().strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
                return chars.as_str();
            };
            out.extend(u32::from_str_radix(&digits.replace('_', ""), 16).ok().and_then(char::from_u32));
            return rest;
        }
        Some(c) => out.push(c),
        None => {}
    }
    chars.as_str()
}

/// A number as written: an integer that fits, else its text.
pub(super) fn number(text: &str) -> Expr {
    let plain = text.replace('_', "");
    let (radix, digits) = match plain.get(..2) {
        Some("0x") => (16, &plain[2..]),
        Some("0o") => (8, &plain[2..]),
        Some("0b") => (2, &plain[2..]),
        _ => (10, plain.as_str()),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let is_integer = matches!(digits.as_bytes().get(end), None | Some(b'u' | b'i'));
    match i64::from_str_radix(&digits[..end], radix) {
        Ok(value) if is_integer => Expr::Int(value),
        _ => Expr::Float(Name::new(text)),
    }
}

/// A number with a minus before it.
pub(super) fn negated(expr: Expr) -> Expr {
    match expr {
        Expr::Int(value) => value.checked_neg().map_or(Expr::Hole, Expr::Int),
        Expr::Float(text) => Expr::Float(Name::new(format!("-{text}"))),
        _ => Expr::Hole,
    }
}

/// The text of an outer documentation comment (`///`, `/** */`), or of an inner one (`//!`, `/*! */`) with `marker` `!`;
/// `None` for any other comment.
pub(super) fn doc_comment(comment: &str, marker: char) -> Option<String> {
    if let Some(line) = comment.strip_prefix("//") {
        let text = line.strip_prefix(marker)?;
        let text = if marker == '/' && text.starts_with('/') { return None } else { text.trim_end() };
        return Some(text.strip_prefix(' ').unwrap_or(text).to_owned());
    }
    let marker = if marker == '/' { '*' } else { marker };
    let text = comment.strip_prefix("/*")?.strip_prefix(marker)?;
    if marker == '*' && text.starts_with(['*', '/']) {
        return None;
    }
    Some(block_text(text.strip_suffix("*/").unwrap_or(text)))
}

fn block_text(text: &str) -> String {
    let lines = text.lines().enumerate().map(|(i, line)| {
        let line = line.trim_end();
        let starred = if i == 0 { Some(line) } else { line.trim_start().strip_prefix('*') };
        let line = starred.unwrap_or(line.trim_start());
        line.strip_prefix(' ').unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}
