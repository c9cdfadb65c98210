//! The words of GraphQL text.

use std::borrow::Cow;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'s> {
    /// What it is.
    pub kind: Kind,
    /// A name, number or sign as written; of a string what it holds.
    pub text: Cow<'s, str>,
    /// Lines before it.
    pub line: u32,
    /// Begins its line.
    pub is_first: bool,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A string of either sort.
    Text,
    /// Any other character; `...` is one.
    Sign,
}

/// All words of a text; commas and comments are none.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 0u32);
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let is_first = at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n');
        let (kind, length) = match first {
            ',' | '\u{feff}' => (None, first.len_utf8()),
            c if c.is_whitespace() => (None, c.len_utf8()),
            '#' => (None, rest.find('\n').unwrap_or(rest.len())),
            c if c == '_' || c.is_alphabetic() => (Some(Kind::Word), run(rest, |c| c == '_' || c.is_alphanumeric())),
            c if c == '-' || c.is_ascii_digit() => {
                (Some(Kind::Number), 1 + run(&rest[1..], |c| c.is_ascii_alphanumeric() || ".+-".contains(c)))
            }
            '"' => (Some(Kind::Text), quoted(rest)),
            '.' if rest.starts_with("...") => (Some(Kind::Sign), 3),
            c => (Some(Kind::Sign), c.len_utf8()),
        };
        let word = rest.get(..length).unwrap_or_default();
        if let Some(kind) = kind {
            let text = if kind == Kind::Text { Cow::Owned(held(word)) } else { Cow::Borrowed(word) };
            tokens.push(Token { kind, text, line, is_first });
        }
        line += u32::try_from(word.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or_default();
        at += length;
    }
    tokens
}

/// How many bytes at the start hold such characters.
fn run(text: &str, is_in: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_in(c)).unwrap_or(text.len())
}

/// How long a string literal is; one without an end goes to the end of its line, or of the text.
fn quoted(text: &str) -> usize {
    if text.starts_with("\"\"\"") {
        let mut at = 3;
        while let Some(found) = text.get(at..).and_then(|rest| rest.find("\"\"\"")) {
            if !text[..at + found].ends_with('\\') {
                return at + found + 3;
            }
            at += found + 3;
        }
        return text.len();
    }
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// What a string literal holds.
fn held(word: &str) -> String {
    if let Some(block) = word.strip_prefix("\"\"\"") {
        return dedented(&block.strip_suffix("\"\"\"").unwrap_or(block).replace("\\\"\"\"", "\"\"\""));
    }
    let inner = word.strip_prefix('"').unwrap_or(word);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r' | 'b' | 'f') => {}
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                out.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// A block string without what all its lines begin with, and without blank lines around.
fn dedented(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or_default();
    let lines =
        text.lines().enumerate().map(|(index, line)| if index == 0 { line.trim_start() } else { line.get(common..).unwrap_or_default() });
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}
