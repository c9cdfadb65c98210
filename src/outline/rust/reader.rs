//! Reads the token trees of attributes and macros from their text: comma-separated members, named or not.
//!
//! What it cannot read, one member at a time, is parsed by the grammar as an expression; what is none is a hole.

use std::ops::Range;

use tree_sitter::Node;

use super::Lower;
use crate::base::Name;
use crate::base::code::{Arg, At, CallKind, Expr};

/// How the text is to be understood.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `(a = 1, B<C>, d(e))`: lists are [`Expr::Args`], calls are attributes, `<` opens type arguments.
    Attribute,
    /// Expressions.
    Macro,
    /// Expressions; one that is not read makes the whole fail.
    Strict,
}

/// A place in the text of a token tree.
pub(super) struct Reader<'l, 's, 't> {
    /// The outline being built.
    pub lower: &'l mut Lower<'s>,
    /// How to read.
    pub style: Style,
    /// The next byte.
    pub pos: usize,
    /// Where the text ends.
    pub end: usize,
    text: &'s str,
    node: Node<'t>,
    counted: (usize, u32),
}

impl<'l, 's, 't> Reader<'l, 's, 't> {
    /// A reader of a range inside a node.
    pub fn new(lower: &'l mut Lower<'s>, node: Node<'t>, range: Range<usize>, style: Style) -> Self {
        let text = lower.builder.source();
        let line = u32::try_from(node.start_position().row).unwrap_or(u32::MAX).saturating_add(1);
        let end = range.end.min(text.len());
        Self { lower, style, pos: range.start.min(end), end, text, node, counted: (node.start_byte(), line) }
    }

    /// What an attribute says: `a::b`, `a::b(…)`, `a = value`.
    pub fn attribute(&mut self) -> Option<Expr> {
        let at = self.at_next();
        let callee = self.path()?;
        if self.eat(b'=') {
            let value = self.value_or_hole();
            return Some(self.lower.text_call(callee, CallKind::Attribute, at, vec![Arg { name: None, value }]));
        }
        if !matches!(self.peek(), b'(' | b'[' | b'{') {
            return Some(callee);
        }
        let id = self.lower.builder.reserve_call(at);
        self.pos += 1;
        let args = self.members();
        let call = self.lower.builder.call(id);
        call.callee = callee;
        call.kind = CallKind::Attribute;
        call.args = args.into();
        Some(Expr::Call(id))
    }

    fn value_or_hole(&mut self) -> Expr {
        let start = self.pos;
        match self.value() {
            Some(value) if self.peek() == 0 => value,
            _ => self.parsed(start, self.end),
        }
    }

    /// Members up to and with the closing delimiter, or to the end.
    pub fn members(&mut self) -> Vec<Arg> {
        let mut members = Vec::new();
        if !self.lower.builder.enter() {
            self.skip_member();
            self.pos = (self.pos + 1).min(self.end);
            return members;
        }
        loop {
            match self.peek() {
                0 => break,
                b',' | b';' => self.pos += 1,
                b')' | b']' | b'}' => {
                    self.pos += 1;
                    break;
                }
                _ => members.push(self.member_or_hole()),
            }
        }
        self.lower.builder.leave();
        members
    }

    fn member_or_hole(&mut self) -> Arg {
        let start = self.pos;
        let mark = self.lower.mark();
        if let Some(member) = self.member()
            && matches!(self.peek(), 0 | b',' | b';' | b')' | b']' | b'}')
        {
            return member;
        }
        self.lower.rollback(&mark);
        self.pos = start;
        self.skip_member();
        if self.style == Style::Strict {
            self.pos = self.end;
            self.lower.is_unread = true;
            return Arg::default();
        }
        Arg { name: None, value: self.parsed(start, self.pos) }
    }

    /// `value`, `key = value`, `key: value`, `key => value` (a pair, or named in attributes), `key -> Type`.
    fn member(&mut self) -> Option<Arg> {
        while self.peek() == b'#' {
            self.skip_attribute();
        }
        let start = self.pos;
        let value = self.value()?;
        let stop = self.pos;
        let next = self.peek();
        let after = self.byte(1);
        if next == b'=' && after == b'>' {
            self.pos += 2;
            let right = self.value()?;
            if self.style != Style::Attribute {
                return Some(Arg { name: None, value: Expr::List([value, right].into()) });
            }
            return Some(Arg { name: Some(self.key(&value, start..stop)), value: right });
        }
        if next == b'=' || next == b':' && after != b':' {
            self.pos += 1;
            let name = Some(self.key(&value, start..stop));
            return Some(Arg { name, value: self.value()? });
        }
        if next == b'-' && after == b'>' {
            self.pos += 2;
            let name = Some(self.key(&value, start..stop));
            return Some(Arg { name, value: Expr::Type(Box::new(self.ty()?)) });
        }
        Some(Arg { name: None, value })
    }

    fn key(&self, key: &Expr, range: Range<usize>) -> Name {
        match key {
            Expr::Str(text) | Expr::Ref(text) => text.clone(),
            _ => Name::new(self.text.get(range).unwrap_or_default().trim()),
        }
    }

    /// `#[…]` before a member.
    pub fn skip_attribute(&mut self) {
        self.pos += 1;
        self.eat(b'!');
        if self.eat(b'[') {
            self.skip_group();
        }
    }

    /// Goes behind the closing delimiter of the group that was opened.
    pub fn skip_group(&mut self) {
        loop {
            self.skip_member();
            match self.peek() {
                b',' | b';' => self.pos += 1,
                0 => break,
                _ => {
                    self.pos += 1;
                    break;
                }
            }
        }
    }

    /// Goes to the end of a member: its comma, or what closes the list.
    pub fn skip_member(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                0 => break,
                b',' | b';' if depth == 0 => break,
                b'(' | b'[' | b'{' => {
                    depth += 1;
                    self.pos += 1;
                }
                b')' | b']' | b'}' => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                    self.pos += 1;
                }
                b'\'' => self.pos = self.character_end().unwrap_or(self.pos + 1),
                _ => self.skip_token(),
            }
        }
    }

    fn skip_token(&mut self) {
        if let Some(end) = self.string_end() {
            self.pos = end;
        } else if self.word().is_none() {
            self.pos += 1;
        }
    }

    /// The member as an expression of the grammar.
    pub fn parsed(&mut self, start: usize, end: usize) -> Expr {
        self.lower.parsed_expr(self.node, start, end)
    }

    /// The next byte that is no blank and no comment; 0 at the end.
    pub fn peek(&mut self) -> u8 {
        loop {
            let byte = self.byte(0);
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.pos += 1,
                b'/' if self.byte(1) == b'/' => self.pos = self.find("\n"),
                b'/' if self.byte(1) == b'*' => self.pos = self.find("*/"),
                _ => return byte,
            }
        }
    }

    /// The offset behind the next occurrence of a text, or the end.
    fn find(&self, needle: &str) -> usize {
        let rest = self.text.get(self.pos + 2..self.end).unwrap_or_default();
        rest.find(needle).map_or(self.end, |i| self.pos + 2 + i + needle.len())
    }

    /// The byte some places on; 0 at the end.
    pub fn byte(&self, offset: usize) -> u8 {
        let pos = self.pos + offset;
        if pos < self.end { self.text.as_bytes()[pos] } else { 0 }
    }

    /// Takes one punctuation mark; `=` is not the begin of `==` or `=>`.
    pub fn eat(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == byte && !(byte == b'=' && matches!(self.byte(1), b'=' | b'>'));
        self.pos += usize::from(is_there);
        is_there
    }

    /// Takes some punctuation marks.
    pub fn eat_all(&mut self, marks: &str) -> bool {
        self.peek();
        let is_there = self.text.get(self.pos..self.end).is_some_and(|rest| rest.starts_with(marks));
        self.pos += if is_there { marks.len() } else { 0 };
        is_there
    }

    /// Takes an identifier, keyword or number.
    pub fn word(&mut self) -> Option<&'s str> {
        self.peek();
        let bytes = &self.text.as_bytes()[self.pos..self.end];
        let length = bytes.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80)).unwrap_or(bytes.len());
        let word = self.text.get(self.pos..self.pos + length).filter(|word| !word.is_empty())?;
        self.pos += length;
        Some(word)
    }

    /// The text between two places.
    pub fn slice(&self, start: usize, end: usize) -> &'s str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Where the next token stands.
    pub fn at_next(&mut self) -> At {
        self.peek();
        let (from, line) = if self.pos < self.counted.0 {
            (self.node.start_byte(), u32::try_from(self.node.start_position().row).unwrap_or(u32::MAX).saturating_add(1))
        } else {
            self.counted
        };
        let lines = self.text.as_bytes().get(from..self.pos).map_or(0, |bytes| memchr::memchr_iter(b'\n', bytes).count());
        let line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.counted = (self.pos, line);
        At { offset: u32::try_from(self.pos).unwrap_or(u32::MAX), line }
    }

    /// Where the string literal that begins here ends.
    pub fn string_end(&self) -> Option<usize> {
        let prefix = (0..2).take_while(|i| matches!(self.byte(*i), b'b' | b'c' | b'r')).count();
        let is_raw = prefix > 0 && self.byte(prefix - 1) == b'r';
        let hashes = if is_raw { (0..).take_while(|i| self.byte(prefix + i) == b'#').count() } else { 0 };
        if self.byte(prefix + hashes) != b'"' {
            return None;
        }
        let mut pos = self.pos + prefix + hashes + 1;
        let bytes = self.text.as_bytes();
        while pos < self.end {
            match bytes[pos] {
                b'\\' if !is_raw => pos += 1,
                b'"' if bytes[pos + 1..self.end].iter().take_while(|b| **b == b'#').count() >= hashes => return Some(pos + 1 + hashes),
                _ => {}
            }
            pos += 1;
        }
        None
    }

    /// Where the character literal that begins here ends; `None` for a lifetime.
    pub fn character_end(&self) -> Option<usize> {
        let rest = self.text.get(self.pos + 1..self.end)?;
        if let Some(escaped) = rest.strip_prefix('\\') {
            let skip = escaped.chars().next()?.len_utf8();
            let close = escaped.get(skip..)?.find('\'')?;
            return Some(self.pos + 2 + skip + close + 1);
        }
        let first = rest.chars().next()?;
        rest.get(first.len_utf8()..)?.starts_with('\'').then_some(self.pos + 2 + first.len_utf8())
    }
}
