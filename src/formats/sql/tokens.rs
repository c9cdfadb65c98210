//! SQL text cut into tokens: words, quoted names, strings, dollar-quoted bodies, symbols. Knows what differs between dialects in
//! quoting and comments, and nothing of statements.

use crate::facts::database::Dialect;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keyword or a plain name.
    Word,
    /// A quoted name: `"a"`, `` `a` ``, `[a]`.
    Quoted,
    /// A string, with its prefix.
    String,
    /// A number.
    Number,
    /// A dollar-quoted body.
    Dollar,
    /// `$1`, `?`.
    Param,
    /// One character of anything else.
    Symbol(u8),
}

/// A token: what it is and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// Byte behind it.
    pub end: usize,
}

impl Token {
    /// Its text.
    #[must_use]
    pub fn text(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or_default()
    }
}

/// Reads tokens one after the other.
pub struct Lexer<'t> {
    source: &'t str,
    bytes: &'t [u8],
    /// The next byte to read.
    pub at: usize,
    has_brackets: bool,
    has_escapes: bool,
    has_hash_comments: bool,
}

impl<'t> Lexer<'t> {
    /// A reader of `source` from its beginning.
    #[must_use]
    pub fn new(source: &'t str, dialect: Option<Dialect>) -> Self {
        Self {
            source,
            bytes: source.as_bytes(),
            at: 0,
            has_brackets: dialect == Some(Dialect::SqlServer),
            has_escapes: dialect == Some(Dialect::MySql),
            has_hash_comments: dialect == Some(Dialect::MySql),
        }
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or_default()
    }

    /// Whether the text goes on with this.
    #[must_use]
    pub fn is_at(&self, text: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    /// Whether only blanks stand before on the line.
    #[must_use]
    pub fn is_line_start(&self) -> bool {
        self.bytes[..self.at.min(self.bytes.len())]
            .iter()
            .rev()
            .find(|byte| !matches!(byte, b' ' | b'\t'))
            .is_none_or(|byte| *byte == b'\n')
    }

    /// Goes on behind the end of the line.
    pub fn skip_line(&mut self) {
        self.at = self.line_end(self.at) + 1;
        self.at = self.at.min(self.bytes.len());
    }

    fn line_end(&self, from: usize) -> usize {
        memchr::memchr(b'\n', self.bytes.get(from..).unwrap_or_default()).map_or(self.bytes.len(), |at| from + at)
    }

    /// Goes over blanks and comments.
    pub fn skip_blanks(&mut self) {
        loop {
            match self.byte(0) {
                0 if self.at >= self.bytes.len() => return,
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c | 0 => self.at += 1,
                0xEF if self.is_at("\u{feff}") => self.at += 3,
                b'-' if self.byte(1) == b'-' => self.at = self.line_end(self.at),
                b'#' if self.has_hash_comments || self.is_line_start() => self.at = self.line_end(self.at),
                b'/' if self.byte(1) == b'*' => self.skip_comment(),
                _ => return,
            }
        }
    }

    /// A comment in stars; they nest.
    fn skip_comment(&mut self) {
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match (self.byte(0), self.byte(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// The next token behind blanks and comments.
    pub fn token(&mut self) -> Option<Token> {
        self.skip_blanks();
        let start = self.at;
        let first = *self.bytes.get(start)?;
        let kind = match first {
            b'\'' => self.string(start, self.has_escapes),
            b'"' => self.quoted(b'"'),
            b'`' => self.quoted(b'`'),
            b'[' if self.has_brackets => self.quoted(b']'),
            b'$' => self.dollar(),
            b'?' => {
                self.at += 1;
                Kind::Param
            }
            b'0'..=b'9' => self.number(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. | b'@' => self.word(),
            other => {
                self.at += 1;
                Kind::Symbol(other)
            }
        };
        Some(Token { kind, start, end: self.at })
    }

    fn word(&mut self) -> Kind {
        let start = self.at;
        while matches!(self.byte(0), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | b'@' | b'#' | 0x80..) {
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        match (self.byte(0), self.byte(1), word) {
            (b'\'', _, b"e" | b"E") => self.string(self.at, true),
            (b'\'', _, b"n" | b"N" | b"b" | b"B" | b"x" | b"X") => self.string(self.at, self.has_escapes),
            (b'&', b'\'', b"u" | b"U") => {
                self.at += 1;
                self.string(self.at, false)
            }
            (b'&', b'"', b"u" | b"U") => {
                self.at += 1;
                self.quoted(b'"')
            }
            _ => Kind::Word,
        }
    }

    fn number(&mut self) -> Kind {
        let mut before = 0;
        loop {
            let byte = self.byte(0);
            let goes_on = match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' => true,
                b'.' => self.byte(1) != b'.',
                b'+' | b'-' => matches!(before, b'e' | b'E') && self.byte(1).is_ascii_digit(),
                _ => false,
            };
            if !goes_on {
                return Kind::Number;
            }
            before = byte;
            self.at += 1;
        }
    }

    /// A string whose quote stands at `quote`. One that runs over the beginning of another statement was never closed: it ends
    /// with its line.
    fn string(&mut self, quote: usize, has_escapes: bool) -> Kind {
        let mut at = quote + 1;
        loop {
            let Some(byte) = self.bytes.get(at) else {
                self.at = self.line_end(quote);
                return Kind::Symbol(b'\'');
            };
            match byte {
                b'\\' if has_escapes => at += 2,
                b'\'' if self.bytes.get(at + 1) == Some(&b'\'') => at += 2,
                b'\'' => break,
                b'\n' if self.begins_statement(at + 1) => {
                    self.at = self.line_end(quote);
                    return Kind::Symbol(b'\'');
                }
                _ => at += 1,
            }
        }
        self.at = at + 1;
        Kind::String
    }

    fn begins_statement(&self, at: usize) -> bool {
        ["CREATE TABLE ", "ALTER TABLE ", "CREATE INDEX ", "CREATE UNIQUE ", "CREATE TYPE "]
            .iter()
            .any(|begin| self.bytes.get(at..at + begin.len()).is_some_and(|line| line.eq_ignore_ascii_case(begin.as_bytes())))
    }

    /// A quoted name; it ends with its line at the latest.
    fn quoted(&mut self, close: u8) -> Kind {
        let start = self.at;
        self.at += 1;
        while self.at < self.bytes.len() {
            let byte = self.byte(0);
            self.at += 1;
            if byte == close {
                if self.byte(0) != close {
                    return Kind::Quoted;
                }
                self.at += 1;
            }
        }
        self.at = self.line_end(start);
        Kind::Symbol(b'"')
    }

    fn dollar(&mut self) -> Kind {
        let start = self.at;
        self.at += 1;
        if self.byte(0).is_ascii_digit() {
            while self.byte(0).is_ascii_digit() {
                self.at += 1;
            }
            return Kind::Param;
        }
        while matches!(self.byte(0), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80..) {
            self.at += 1;
        }
        if self.byte(0) != b'$' {
            return Kind::Param;
        }
        self.at += 1;
        let tag = &self.bytes[start..self.at];
        match memchr::memmem::find(&self.bytes[self.at..], tag) {
            Some(found) => {
                self.at += found + tag.len();
                Kind::Dollar
            }
            None => Kind::Param,
        }
    }

    /// Goes to the end of a statement without making tokens: behind the next `;` outside quotes.
    pub fn skip_statement(&mut self) {
        while self.at < self.bytes.len() {
            match self.byte(0) {
                b';' => return,
                b'\'' => {
                    self.string(self.at, self.has_escapes);
                }
                b'"' => {
                    self.quoted(b'"');
                }
                b'-' if self.byte(1) == b'-' => self.at = self.line_end(self.at),
                _ => self.at += 1,
            }
        }
    }

    /// The text that is read.
    #[must_use]
    pub fn source(&self) -> &'t str {
        self.source
    }
}
