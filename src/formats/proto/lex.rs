//! The words of a `.proto` file, with the comments before them.

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'s> {
    /// What it is.
    pub kind: Kind,
    /// As it is written.
    pub text: &'s str,
    /// 1-based line.
    pub line: u32,
    /// The comment right above it.
    pub doc: String,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word,
    /// A number, without its sign.
    Number,
    /// A string literal, with its quotes.
    Text,
    /// Any other character.
    Sign,
}

/// All words of a text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { text, at: 0, line: 1, doc: Comment::default(), last_line: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next() {
        tokens.push(token);
    }
    tokens
}

/// A comment on its way to the word below it.
#[derive(Default)]
struct Comment {
    lines: Vec<String>,
    end: u32,
}

struct Lexer<'s> {
    text: &'s str,
    at: usize,
    line: u32,
    doc: Comment,
    last_line: u32,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<Token<'s>> {
        self.skip();
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            c if c == '_' || c.is_alphabetic() => (Kind::Word, run(rest, |c| c == '_' || c.is_alphanumeric())),
            c if c.is_ascii_digit() => (Kind::Number, number(rest)),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => (Kind::Number, number(rest)),
            '"' | '\'' => (Kind::Text, quoted(rest, first)),
            c => (Kind::Sign, c.len_utf8()),
        };
        let text = rest.get(..length)?;
        let comment = std::mem::take(&mut self.doc);
        let doc = if comment.end + 1 >= self.line { comment.lines.join("\n").trim().to_owned() } else { String::new() };
        let token = Token { kind, text, line: self.line, doc };
        self.advance(length);
        self.last_line = self.line;
        Some(token)
    }

    fn advance(&mut self, length: usize) {
        let passed = self.rest().get(..length).unwrap_or_default();
        self.line += u32::try_from(passed.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or_default();
        self.at += length;
    }

    /// Goes past blanks and comments.
    fn skip(&mut self) {
        loop {
            let blank = run(self.rest(), |c| c.is_whitespace() || c == '\u{feff}');
            self.advance(blank);
            let rest = self.rest();
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return;
            };
            let (begin, words) = (self.line, rest.get(..length).unwrap_or_default());
            self.advance(length);
            self.gather(begin, words);
        }
    }

    /// A comment behind a word is about that word and passed over; one after a blank line begins anew.
    fn gather(&mut self, begin: u32, words: &str) {
        if begin == self.last_line {
            return;
        }
        if self.doc.end + 1 < begin {
            self.doc.lines.clear();
        }
        let inner = words.strip_prefix("/*").map_or(words, |inner| inner.strip_suffix("*/").unwrap_or(inner));
        let is_block = words.starts_with("/*");
        for line in inner.lines() {
            let line = if is_block { line.trim().trim_start_matches('*') } else { line.trim_start_matches('/') };
            self.doc.lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned());
        }
        self.doc.end = self.line;
    }
}

/// How many bytes at the start hold such characters.
fn run(text: &str, is_in: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_in(c)).unwrap_or(text.len())
}

fn number(text: &str) -> usize {
    let mut before = ' ';
    let is_hex = text.starts_with("0x") || text.starts_with("0X");
    for (at, c) in text.char_indices() {
        let is_exponent = matches!(c, '+' | '-') && matches!(before, 'e' | 'E') && !is_hex;
        if !(c.is_ascii_alphanumeric() || c == '.' || is_exponent) {
            return at;
        }
        before = c;
    }
    text.len()
}

/// A literal ends at its quote, or at the end of its line when it has none.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
