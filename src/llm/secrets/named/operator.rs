//! From a name to its value: what languages and formats put between.

use std::ops::Range;

use super::super::text::is_word;

/// No value is longer.
const LONGEST: usize = 800;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Form {
    /// In quotes.
    Quoted,
    /// In quotes, behind a comma or a bracket.
    Listed,
    /// Behind a sign, without quotes.
    Bare,
    /// Behind a blank, a dash or a line's end.
    Loose,
}

/// A value and how it is written.
#[derive(Debug)]
pub(in super::super) struct Held {
    pub value: Range<usize>,
    pub form: Form,
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip(&mut self, most: usize, belongs: impl Fn(u8) -> bool) -> usize {
        let count = self.bytes[self.at..].iter().take(most).take_while(|byte| belongs(**byte)).count();
        self.at += count;
        count
    }

    fn has(&self, word: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(word)
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Where the name that goes on at `at` ends, and the value behind it.
pub(in super::super) fn value_behind(bytes: &[u8], at: usize) -> Option<(usize, Held)> {
    let mut cursor = Cursor { bytes, at };
    cursor.skip(40, is_word);
    let name_end = cursor.at;
    cursor.skip(4, |byte| is_quote(byte) || matches!(byte, b'\\' | b']' | b')'));
    let closed = cursor.at > name_end;
    let blanks = cursor.skip(12, is_blank);
    if closed && passes_pair(&mut cursor) || blanks > 0 && passes_attribute(&mut cursor) {
        return quoted(&mut cursor).map(|held| (name_end, held));
    }
    if let Some(sign) = passes_sign(&mut cursor) {
        let lines = cursor.skip(60, |byte| byte.is_ascii_whitespace());
        let crossed = bytes[cursor.at - lines..cursor.at].contains(&b'\n');
        // What stands bare behind these is code.
        let is_code = matches!(sign, b"," | b"(" | b"->" | b"<-" | b"==" | b"!=" | b"===" | b"!==");
        let mut held = quoted(&mut cursor).or_else(|| if is_code { None } else { bare(&mut cursor) })?;
        if is_code && held.form == Form::Bare || crossed && matches!(sign, b",") {
            return None;
        }
        if matches!(sign, b"," | b"(") {
            held.form = Form::Listed;
        }
        // `<password>…</password>`
        if sign == b">" && held.form == Form::Bare && bytes.get(held.value.end) == Some(&b'<') {
            held.form = Form::Quoted;
        }
        held.form = if crossed && held.form == Form::Bare { Form::Loose } else { held.form };
        return Some((name_end, held));
    }
    if blanks > 0 && (passes_type(&mut cursor) || passes_is(&mut cursor)) {
        return quoted(&mut cursor).map(|held| (name_end, held));
    }
    // `TOKEN abc`, `KEY-abc`: a blank or a dash is all there is.
    let dashes = if blanks == 0 { cursor.skip(2, |byte| byte == b'-') } else { 0 };
    if blanks + dashes == 0 {
        return None;
    }
    let mut held = quoted(&mut cursor).or_else(|| bare(&mut cursor))?;
    held.form = if held.form == Form::Bare { Form::Loose } else { held.form };
    Some((name_end, held))
}

/// `"name": "PASSWORD", "value": "…"`.
fn passes_pair(cursor: &mut Cursor) -> bool {
    let start = cursor.at;
    if cursor.peek() == Some(b',') {
        cursor.at += 1;
        cursor.skip(60, |byte| byte.is_ascii_whitespace());
        cursor.skip(2, |byte| is_quote(byte) || byte == b'\\');
        for word in [&b"value"[..], b"Value", b"default", b"defaultValue", b"initialValue"] {
            if cursor.has(word) && cursor.bytes.get(cursor.at + word.len()).is_some_and(|byte| !is_word(*byte)) {
                cursor.at += word.len();
                cursor.skip(2, |byte| is_quote(byte) || byte == b'\\');
                cursor.skip(4, is_blank);
                if matches!(cursor.peek(), Some(b':' | b'=')) {
                    cursor.at += 1;
                    cursor.skip(4, is_blank);
                    return true;
                }
            }
        }
    }
    cursor.at = start;
    false
}

/// `<add key="Password" value="…" />`, `export PASSWORD value='…'`.
fn passes_attribute(cursor: &mut Cursor) -> bool {
    let start = cursor.at;
    for word in [&b"value"[..], b"Value", b"VALUE", b"content"] {
        if cursor.has(word) {
            cursor.at += word.len();
            cursor.skip(3, is_blank);
            if cursor.peek() == Some(b'=') {
                cursor.at += 1;
                cursor.skip(3, is_blank);
                return true;
            }
        }
        cursor.at = start;
    }
    false
}

/// An assignment, a pair, an argument, a tag's end. A type between is passed over: `token: &str = "…"`.
fn passes_sign(cursor: &mut Cursor) -> Option<&'static [u8]> {
    const SIGNS: [&[u8]; 24] = [
        b":::=", b"::=", b"===", b"!==", b"||=", b"??=", b":=", b"=>", b"==", b"!=", b"?=", b"+=", b".=", b"->", b"<-", b"||", b"??", b"=",
        b":", b">", b",", b"(", b"%3D", b"%3A",
    ];
    let Some(sign) = SIGNS.iter().find(|sign| cursor.has(sign)) else {
        return (cursor.has(b"?:") && passes_optional(cursor)).then_some(&b"?:"[..]);
    };
    cursor.at += sign.len();
    if *sign == b":" {
        let start = cursor.at;
        cursor.skip(2, is_blank);
        if !passes_type(cursor) {
            cursor.at = start;
        }
    }
    // YAML's block: `token: |` and the value on the next line.
    if *sign == b":" {
        let start = cursor.at;
        cursor.skip(2, is_blank);
        let marks = cursor.skip(2, |byte| matches!(byte, b'|' | b'>' | b'-'));
        if marks == 0 || !matches!(cursor.peek(), Some(b'\n' | b'\r')) {
            cursor.at = start;
        }
    }
    Some(sign)
}

fn passes_optional(cursor: &mut Cursor) -> bool {
    cursor.at += 2;
    cursor.skip(2, is_blank);
    passes_type(cursor)
}

/// `the password is "…"`, `token - "…"`.
fn passes_is(cursor: &mut Cursor) -> bool {
    let is_quoted = |word: &[u8]| cursor.has(word) && cursor.bytes.get(cursor.at + word.len()).is_some_and(|byte| is_quote(*byte));
    let Some(word) = [&b"is "[..], b"to ", b"of ", b"- "].into_iter().find(|word| is_quoted(word)) else {
        return false;
    };
    cursor.at += word.len();
    true
}

/// A type and the sign behind it.
fn passes_type(cursor: &mut Cursor) -> bool {
    let start = cursor.at;
    let is_type = |byte: u8| is_word(byte) || matches!(byte, b'&' | b'\'' | b'<' | b'>' | b'[' | b']' | b'?' | b'.' | b'*' | b' ' | b':');
    let first = cursor.peek().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'&' | b'*' | b'['));
    let count = cursor.skip(40, is_type);
    if first && count >= 3 && cursor.peek() == Some(b'=') && !cursor.has(b"==") && !cursor.has(b"=>") {
        cursor.at += 1;
        cursor.skip(4, is_blank);
        if cursor.peek().is_some_and(|byte| is_quote(byte) || matches!(byte, b'@' | b'b' | b'r' | b'f' | b'u')) {
            return true;
        }
    }
    cursor.at = start;
    false
}

/// A value in quotes that end on the same line.
fn quoted(cursor: &mut Cursor) -> Option<Held> {
    let start = cursor.at;
    let prefixes = cursor.skip(2, |byte| matches!(byte, b'@' | b'$' | b'b' | b'r' | b'u' | b'f' | b'B' | b'R' | b'N'));
    let escaped = cursor.skip(3, |byte| byte == b'\\') > 0;
    let Some(quote) = cursor.peek().filter(|byte| is_quote(*byte)) else {
        if cursor.has(b"&quot;") && prefixes == 0 {
            return entity(cursor);
        }
        cursor.at = start;
        return None;
    };
    cursor.skip(3, |byte| byte == quote);
    let window = &cursor.bytes[cursor.at..(cursor.at + LONGEST).min(cursor.bytes.len())];
    let mut end = 0;
    while end < window.len() && window[end] != b'\n' {
        if window[end] == b'\\' && !escaped {
            end += 2;
            continue;
        }
        if window[end] == quote {
            let stop = if escaped { window[..end].iter().rev().take_while(|byte| **byte == b'\\').count() } else { 0 };
            return Some(Held { value: cursor.at..cursor.at + end - stop, form: Form::Quoted });
        }
        end += 1;
    }
    // Nothing closes it: what stands there is looked at without quotes.
    bare(cursor)
}

fn entity(cursor: &mut Cursor) -> Option<Held> {
    cursor.at += b"&quot;".len();
    let window = &cursor.bytes[cursor.at..(cursor.at + LONGEST).min(cursor.bytes.len())];
    let end = memchr::memmem::find(window, b"&quot;")?;
    Some(Held { value: cursor.at..cursor.at + end, form: Form::Quoted })
}

/// A value without quotes.
fn bare(cursor: &mut Cursor) -> Option<Held> {
    let window = &cursor.bytes[cursor.at..(cursor.at + LONGEST).min(cursor.bytes.len())];
    let stops = |byte: &u8| {
        byte.is_ascii_whitespace()
            || is_quote(*byte)
            || matches!(byte, b',' | b';' | b')' | b']' | b'}' | b'<' | b'>' | b'&' | b'|' | b'\\')
    };
    let end = window.iter().position(stops).unwrap_or(window.len());
    (end > 0).then(|| Held { value: cursor.at..cursor.at + end, form: Form::Bare })
}
