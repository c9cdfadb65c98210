//! A place in the tokens of one statement: keywords, names, groups in parentheses, and text as it reads without its comments.

use std::ops::Range;

use super::tokens::{Kind, Token};
use crate::base::Name;
use crate::facts::database::{Dialect, ObjectName};

/// Where a reader of one statement stands.
#[derive(Clone)]
pub struct Cursor<'t> {
    source: &'t str,
    tokens: &'t [Token],
    /// The next token.
    pub at: usize,
    dialect: Option<Dialect>,
    /// The schema of names that say none.
    schema: Option<&'t str>,
    /// Parentheses that were not closed; after some no more are looked for.
    misses: u32,
}

/// So many open parentheses are looked to the end for.
const MOST_MISSES: u32 = 64;

impl<'t> Cursor<'t> {
    /// At the beginning of a statement.
    #[must_use]
    pub fn new(source: &'t str, tokens: &'t [Token], dialect: Option<Dialect>, schema: Option<&'t str>) -> Self {
        Self { source, tokens, at: 0, dialect, schema, misses: 0 }
    }

    /// The same over a part of the tokens.
    #[must_use]
    pub fn within(&self, range: Range<usize>) -> Self {
        let tokens = self.tokens.get(range).unwrap_or_default();
        Self { tokens, at: 0, ..self.clone() }
    }

    /// The dialect at hand.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    /// The tokens' count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The tokens.
    #[must_use]
    pub fn tokens(&self) -> &'t [Token] {
        self.tokens
    }

    /// Whether all is read.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The token so many ahead.
    #[must_use]
    pub fn peek(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    /// The kind of the next token.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.peek(0).map(|token| token.kind)
    }

    /// The text of the next token.
    #[must_use]
    pub fn next_text(&self) -> &'t str {
        self.peek(0).map_or("", |token| token.text(self.source))
    }

    /// Whether the word so many ahead is this keyword.
    #[must_use]
    pub fn is_at(&self, ahead: usize, keyword: &str) -> bool {
        self.peek(ahead).is_some_and(|token| token.kind == Kind::Word && token.text(self.source).eq_ignore_ascii_case(keyword))
    }

    /// Whether the next word is this keyword.
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        self.is_at(0, keyword)
    }

    /// Whether the next word is one of these keywords.
    #[must_use]
    pub fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// Whether the next token is this symbol.
    #[must_use]
    pub fn is_symbol(&self, symbol: u8) -> bool {
        self.kind() == Some(Kind::Symbol(symbol))
    }

    /// Goes over a keyword.
    pub fn eat(&mut self, keyword: &str) -> bool {
        let is = self.is(keyword);
        self.at += usize::from(is);
        is
    }

    /// Goes over keywords in a row, all or none.
    pub fn eat_all(&mut self, keywords: &[&str]) -> bool {
        let are = keywords.iter().enumerate().all(|(ahead, keyword)| self.is_at(ahead, keyword));
        if are {
            self.at += keywords.len();
        }
        are
    }

    /// Goes over one of these keywords.
    pub fn eat_any(&mut self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.eat(keyword))
    }

    /// Goes over a symbol.
    pub fn eat_symbol(&mut self, symbol: u8) -> bool {
        let is = self.is_symbol(symbol);
        self.at += usize::from(is);
        is
    }

    /// `IF NOT EXISTS`.
    pub fn eat_if_absent(&mut self) -> bool {
        self.eat_all(&["if", "not", "exists"])
    }

    /// `IF EXISTS`.
    pub fn eat_if_exists(&mut self) -> bool {
        self.eat_all(&["if", "exists"])
    }

    /// A name, as the database sees it.
    pub fn ident(&mut self) -> Option<Name> {
        let token = self.peek(0)?;
        let text = token.text(self.source);
        let name = match token.kind {
            Kind::Word if self.dialect.is_none_or(|dialect| dialect == Dialect::Postgres) => text.to_ascii_lowercase().into(),
            Kind::Word => text.into(),
            Kind::Quoted => unquoted(text),
            // MySQL and SQLite take a string for a name here and there.
            Kind::String if self.dialect != Some(Dialect::Postgres) => self.string_at(self.at)?,
            _ => return None,
        };
        self.at += 1;
        (!name.is_empty()).then_some(name)
    }

    /// A name that may say its schema (and its database before).
    pub fn object(&mut self) -> Option<ObjectName> {
        let mut parts = Vec::new();
        loop {
            if self.is_symbol(b'{') {
                // A hole for a schema is left out; one for the name cannot be read.
                self.hole();
                if !self.eat_symbol(b'.') {
                    return None;
                }
                continue;
            }
            parts.push(self.ident()?);
            if !self.eat_symbol(b'.') {
                break;
            }
            if self.is_symbol(b'.') {
                self.at += 1;
            }
        }
        let name = parts.pop()?;
        Some(match parts.pop() {
            Some(schema) if self.dialect == Some(Dialect::SqlServer) && schema.eq_ignore_ascii_case("dbo") => ObjectName::new(name),
            // Databases of MySQL and attached files of SQLite are no schemas.
            Some(_) if matches!(self.dialect, Some(Dialect::MySql | Dialect::Sqlite)) => ObjectName::new(name),
            Some(schema) => ObjectName::in_schema(schema, name),
            None => ObjectName::in_schema(self.schema.unwrap_or_default(), name),
        })
    }

    fn hole(&mut self) {
        if self.enclosed(b'{', b'}').is_none() {
            self.at = self.len();
        }
    }

    /// Names in parentheses: `(a, b DESC)`.
    pub fn names(&mut self) -> Option<Vec<Name>> {
        let inner = self.group()?;
        let mut names = Vec::new();
        for item in self.split(inner) {
            names.push(self.within(item).ident()?);
        }
        Some(names)
    }

    /// The tokens in the parentheses that begin here; goes behind them. `None` when they do not begin or do not end.
    pub fn group(&mut self) -> Option<Range<usize>> {
        self.enclosed(b'(', b')')
    }

    fn enclosed(&mut self, open: u8, close: u8) -> Option<Range<usize>> {
        if !self.is_symbol(open) || self.misses > MOST_MISSES {
            return None;
        }
        let start = self.at + 1;
        let mut depth = 0usize;
        for index in self.at..self.tokens.len() {
            match self.tokens[index].kind {
                Kind::Symbol(symbol) if symbol == open => depth += 1,
                Kind::Symbol(symbol) if symbol == close => {
                    depth -= 1;
                    if depth == 0 {
                        self.at = index + 1;
                        return Some(start..index);
                    }
                }
                _ => {}
            }
        }
        self.misses += 1;
        None
    }

    /// The parts of a range between its commas.
    #[must_use]
    pub fn split(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = range.start;
        let mut depth = 0usize;
        for index in range.clone() {
            match self.tokens.get(index).map(|token| token.kind) {
                Some(Kind::Symbol(b'(' | b'[' | b'{')) => depth += 1,
                Some(Kind::Symbol(b')' | b']' | b'}')) => depth = depth.saturating_sub(1),
                Some(Kind::Symbol(b',')) if depth == 0 => {
                    parts.push(start..index);
                    start = index + 1;
                }
                _ => {}
            }
        }
        if start < range.end || !parts.is_empty() {
            parts.push(start..range.end);
        }
        parts
    }

    /// Goes over one token, or a whole group.
    pub fn skip(&mut self) {
        if self.group().is_none() && self.enclosed(b'[', b']').is_none() {
            self.at += 1;
        }
    }

    /// Whether a token follows the one before without a blank.
    #[must_use]
    pub fn is_joined(&self, index: usize) -> bool {
        match (index.checked_sub(1).and_then(|before| self.tokens.get(before)), self.tokens.get(index)) {
            (Some(before), Some(token)) => before.end == token.start,
            _ => false,
        }
    }

    /// The text of a range of tokens, one blank where there were blanks or comments.
    #[must_use]
    pub fn text(&self, range: Range<usize>) -> Name {
        let tokens = self.tokens.get(range).unwrap_or_default();
        let mut text = String::new();
        for (index, token) in tokens.iter().enumerate() {
            if index > 0 && tokens[index - 1].end < token.start {
                text.push(' ');
            }
            text.push_str(token.text(self.source));
        }
        text.into()
    }

    /// The text from here to the end.
    #[must_use]
    pub fn rest(&self) -> Name {
        self.text(self.at..self.tokens.len())
    }

    /// The statement as it stands in the source, comments and lines kept.
    #[must_use]
    pub fn whole(&self) -> Name {
        let (Some(first), Some(last)) = (self.tokens.first(), self.tokens.last()) else { return Name::default() };
        self.source.get(first.start..last.end).unwrap_or_default().into()
    }

    /// A string's value.
    pub fn string(&mut self) -> Option<Name> {
        let value = self.string_at(self.at)?;
        self.at += 1;
        Some(value)
    }

    fn string_at(&self, index: usize) -> Option<Name> {
        let token = self.tokens.get(index)?;
        let text = token.text(self.source);
        match token.kind {
            Kind::String => Some(value_of(text, self.dialect == Some(Dialect::MySql))),
            Kind::Dollar => dollar_body(text).map(Name::from),
            _ => None,
        }
    }

    /// The byte at which the body of a dollar-quoted string begins in the source, and the body.
    #[must_use]
    pub fn body(&self) -> Option<&'t str> {
        let token = self.peek(0)?;
        match token.kind {
            Kind::Dollar => dollar_body(token.text(self.source)),
            _ => None,
        }
    }
}

fn dollar_body(text: &str) -> Option<&str> {
    let tag = text.get(1..)?.find('$')? + 2;
    text.get(tag..text.len().checked_sub(tag)?)
}

/// A quoted name without its quotes.
fn unquoted(text: &str) -> Name {
    let text = text.trim_start_matches(['U', 'u', '&']);
    let Some(open) = text.chars().next() else { return Name::default() };
    let close = if open == '[' { ']' } else { open };
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if inner.contains(close) { inner.replace(&format!("{close}{close}"), &close.to_string()).into() } else { inner.into() }
}

/// A string literal's value.
fn value_of(text: &str, has_escapes: bool) -> Name {
    let Some(quote) = text.find('\'') else { return text.into() };
    let inner = text.get(quote + 1..text.len().saturating_sub(1)).unwrap_or_default();
    let has_escapes = has_escapes || matches!(text.as_bytes().first(), Some(b'e' | b'E'));
    let is_escaped = inner.contains('\'') || (has_escapes && inner.contains('\\'));
    if !is_escaped {
        return inner.into();
    }
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                chars.next();
                value.push('\'');
            }
            '\\' if has_escapes => match chars.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('r') => value.push('\r'),
                Some(other) => value.push(other),
                None => {}
            },
            _ => value.push(c),
        }
    }
    value.into()
}
