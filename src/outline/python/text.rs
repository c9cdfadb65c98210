//! String literals, f-strings and `str.format`.

use std::borrow::Cow;

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use crate::base::Name;
use crate::base::code::{Arg, Expr};
use crate::outline::builder::TextBuilder;

/// What the letters before a quote say.
#[derive(Clone, Copy)]
struct Prefix {
    is_raw: bool,
    is_format: bool,
}

impl Prefix {
    fn of(start: &str) -> Self {
        let has = |lower: char| start.chars().any(|c| c.to_ascii_lowercase() == lower);
        Self { is_raw: has('r'), is_format: has('f') || has('t') }
    }
}

impl<'t> Lowering<'_, '_, 't> {
    /// `"a"`, `f"a{b}"`, `"a" "b"`.
    pub(super) fn string(&mut self, node: Node<'t>) -> Expr {
        if K::of(node) == K::String
            && let Some(text) = self.plain(node)
        {
            return Expr::Str(text);
        }
        let mut text = TextBuilder::default();
        if K::of(node) == K::ConcatenatedString {
            self.each_named(node, |this, part| this.pieces(part, &mut text));
        } else {
            self.pieces(node, &mut text);
        }
        text.finish()
    }

    /// The text of a string of one stretch without anything to resolve.
    fn plain(&self, node: Node<'t>) -> Option<Name> {
        let (start, end) = self.content(node)?;
        let text = self.b.slice(start, end);
        let is_plain = !text.as_bytes().iter().any(|byte| matches!(byte, b'\\' | b'\r' | b'{' | b'}'));
        is_plain.then(|| Name::new(text))
    }

    /// Where the text between the quotes begins and ends.
    pub(super) fn content(&self, node: Node<'t>) -> Option<(usize, usize)> {
        let start = node.child(0).filter(|start| K::of(*start) == K::StringStart)?;
        let end = node.child(node.child_count().checked_sub(1)?).filter(|end| K::of(*end) == K::StringEnd)?;
        Some((start.end_byte(), end.start_byte()))
    }

    fn pieces(&mut self, string: Node<'t>, text: &mut TextBuilder) {
        let mut prefix = Prefix { is_raw: false, is_format: false };
        self.each_named(string, |this, part| match K::of(part) {
            K::StringStart => prefix = Prefix::of(this.b.text(part)),
            K::StringContent => text.push_str(&resolve(this.b.text(part), prefix)),
            K::Interpolation => this.interpolation(part, text),
            _ => {}
        });
    }

    fn interpolation(&mut self, node: Node<'t>, text: &mut TextBuilder) {
        let Some(inner) = node.child_by_field_id(fields().expression) else {
            text.push(Expr::Hole);
            return;
        };
        // `{x=}` says its own source first.
        if let Some(equals) = inner.next_sibling().filter(|next| K::of(*next) == K::Equals) {
            text.push_str(self.b.slice(inner.start_byte(), equals.end_byte()));
        }
        let value = self.expr(inner);
        text.push(value);
    }
}

/// Resolves the escapes of a stretch of literal text.
fn resolve(text: &str, prefix: Prefix) -> Cow<'_, str> {
    let has_escapes = !prefix.is_raw && text.contains('\\');
    let has_braces = prefix.is_format && text.contains(['{', '}']);
    if !has_escapes && !has_braces && !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' if !prefix.is_raw => rest = escape(rest, &mut out),
            '\r' => {
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                out.push('\n');
            }
            '{' | '}' if prefix.is_format => {
                rest = rest.strip_prefix(c).unwrap_or(rest);
                out.push(c);
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Resolves one escape, whose backslash was read, and gives what follows it.
fn escape<'s>(rest: &'s str, out: &mut String) -> &'s str {
    let mut chars = rest.chars();
    let simple = match chars.next() {
        Some('\n') => return chars.as_str(),
        Some('\r') => return chars.as_str().strip_prefix('\n').unwrap_or(chars.as_str()),
        Some('n') => '\n',
        Some('t') => '\t',
        Some('r') => '\r',
        Some('a') => '\x07',
        Some('b') => '\x08',
        Some('f') => '\x0c',
        Some('v') => '\x0b',
        Some(c @ ('\\' | '\'' | '"')) => c,
        Some('x') => return code(rest, &rest[1..], 2, 16, out),
        Some('u') => return code(rest, &rest[1..], 4, 16, out),
        Some('U') => return code(rest, &rest[1..], 8, 16, out),
        Some('0'..='7') => {
            let length = rest.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            return code(rest, rest, length, 8, out);
        }
        _ => {
            out.push('\\');
            return rest;
        }
    };
    out.push(simple);
    chars.as_str()
}

/// A character by its number; what is no number stays as written.
fn code<'s>(rest: &'s str, digits: &'s str, length: usize, radix: u32, out: &mut String) -> &'s str {
    let number = digits.get(..length).and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let Some(number) = number else {
        out.push('\\');
        return rest;
    };
    out.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
    &digits[length..]
}

/// `"{}/x/{name}".format(v, name=w)`; `None` when a placeholder is more than a position or a name.
pub(super) fn format(template: &str, args: &[Arg]) -> Option<Expr> {
    let mut text = TextBuilder::default();
    let mut next = 0;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
            continue;
        }
        let (placeholder, after) = rest.split_once('}').filter(|_| brace == "{")?;
        if placeholder.contains('{') {
            return None;
        }
        let key = placeholder.split([':', '!']).next().unwrap_or_default();
        text.push(argument(key, args, &mut next)?.clone());
        rest = after;
    }
    text.push_str(rest);
    Some(text.finish())
}

fn argument<'a>(key: &str, args: &'a [Arg], next: &mut usize) -> Option<&'a Expr> {
    if args.iter().any(|arg| arg.name.as_deref() == Some("**") || matches!(arg.value, Expr::Spread(_))) {
        return None;
    }
    let mut positional = args.iter().filter(|arg| arg.name.is_none());
    let found = if key.is_empty() {
        *next += 1;
        positional.nth(*next - 1)
    } else if let Ok(position) = key.parse() {
        positional.nth(position)
    } else {
        args.iter().find(|arg| arg.name.as_deref() == Some(key))
    };
    found.map(|arg| &arg.value)
}

/// What `%` formats a text with.
pub(super) enum Values {
    /// A tuple: one by one.
    Many(Box<[Expr]>),
    /// Anything else: one value, or the dict behind `%(name)s`.
    One(Expr),
}

/// `"%s/x" % v`; `None` when a placeholder is more than a value, or values are missing or left over.
pub(super) fn percent(template: &str, values: &Values) -> Option<Expr> {
    let mut text = TextBuilder::default();
    let mut next = 0;
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            text.push_str("%");
            rest = after;
        } else if let Some(named) = after.strip_prefix('(') {
            let (name, after) = named.split_once(')')?;
            text.push(entry(name, values)?);
            rest = after.strip_prefix(['s', 'd', 'i', 'r'])?;
            next = 1;
        } else {
            rest = after.strip_prefix(['s', 'd', 'i', 'r'])?;
            let value = match values {
                Values::Many(values) => values.get(next),
                Values::One(value) => Some(value).filter(|_| next == 0),
            };
            text.push(value.filter(|value| !matches!(value, Expr::Spread(_)))?.clone());
            next += 1;
        }
    }
    text.push_str(rest);
    let is_used_up = match values {
        Values::Many(values) => next == values.len(),
        Values::One(_) => next == 1,
    };
    is_used_up.then(|| text.finish())
}

fn entry(name: &str, values: &Values) -> Option<Expr> {
    use crate::base::code::Key;
    let Values::One(value) = values else { return None };
    match value {
        Expr::Object(entries) => {
            let named = |key: &Key| matches!(key, Key::Name(key) if key == name);
            entries.iter().rev().find(|entry| named(&entry.key)).map(|entry| entry.value.clone())
        }
        Expr::Hole => Some(Expr::Hole),
        value => Some(Expr::Index(Box::new((value.clone(), Expr::Str(name.into()))))),
    }
}
