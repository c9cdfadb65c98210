//! Literals: strings with their escapes, templates, numbers, regular expressions.

use super::Script;
use super::kids::Kid;
use super::kinds::Kind;
use crate::base::Name;
use crate::base::code::Expr;
use crate::outline::builder::TextBuilder;

impl<'t> Script<'t> {
    /// The text of a string literal, escapes resolved.
    pub fn string(&self, kid: Kid) -> Name {
        let text = self.b.text(kid.node);
        let Some(quote @ ('"' | '\'')) = text.chars().next() else { return Name::new(text) };
        let inner = text.get(1..).unwrap_or_default();
        let inner = inner.strip_suffix(quote).unwrap_or(inner);
        if inner.contains('\\') { Name::new(unescaped(inner)) } else { Name::new(inner) }
    }

    /// A template literal: text when nothing is interpolated.
    pub fn template(&mut self, kid: Kid<'t>) -> Expr {
        let kids = self.open(kid.node);
        let mut text = TextBuilder::default();
        for kid in &kids {
            match kid.kind {
                Kind::Fragment => text.push_str(self.b.text(kid.node)),
                Kind::Escape => text.push_str(&unescaped(self.b.text(kid.node))),
                Kind::Substitution => {
                    let value = match self.only(kid.node) {
                        Some(kid) => self.expr(kid),
                        None => Expr::Hole,
                    };
                    text.push(value);
                }
                _ => self.any(*kid),
            }
        }
        self.close(kids);
        text.finish()
    }

    /// The pattern of a regular expression.
    pub fn regex(&self, kid: Kid) -> Expr {
        let text = self.b.text(kid.node);
        let inner = text.strip_prefix('/').and_then(|text| Some(text.rsplit_once('/')?.0));
        inner.map_or(Expr::Hole, |pattern| Expr::Regex(Name::new(pattern)))
    }

    /// A number: an integer when it is one and fits.
    pub fn number(&self, kid: Kid) -> Expr {
        number(self.b.text(kid.node))
    }
}

fn number(text: &str) -> Expr {
    if let Ok(value) = text.parse() {
        return Expr::Int(value);
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let digits = plain.strip_suffix('n').unwrap_or(&plain);
    let radix = match digits.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 10,
    };
    let digits = if radix == 10 { digits } else { digits.get(2..).unwrap_or_default() };
    i64::from_str_radix(digits, radix).map_or_else(|_| Expr::Float(Name::new(text)), Expr::Int)
}

/// Resolves the escapes of a string or template literal. What is no valid escape stands for itself.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(index) = rest.find('\\') {
        out.push_str(&rest[..index]);
        rest = one_escape(&rest[index + 1..], &mut out);
    }
    out.push_str(rest);
    out
}

/// Reads one escape after its backslash; what follows it is returned.
fn one_escape<'a>(text: &'a str, out: &mut String) -> &'a str {
    let mut chars = text.chars();
    let Some(c) = chars.next() else { return text };
    let rest = chars.as_str();
    match c {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        'b' => out.push('\u{8}'),
        'f' => out.push('\u{c}'),
        'v' => out.push('\u{b}'),
        '0' => out.push('\0'),
        '\r' => return rest.strip_prefix('\n').unwrap_or(rest),
        '\n' | '\u{2028}' | '\u{2029}' => {}
        'x' => return code_point(rest, 2, c, out),
        'u' => return unicode(rest, out),
        c => out.push(c),
    }
    rest
}

fn unicode<'a>(text: &'a str, out: &mut String) -> &'a str {
    if let Some((digits, rest)) = text.strip_prefix('{').and_then(|text| text.split_once('}'))
        && let Some(c) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
    {
        out.push(c);
        return rest;
    }
    // A pair of surrogates is one character.
    if let (Some(high), Some("\\u"), Some(low)) = (hex(text, 0), text.get(4..6), hex(text, 6))
        && let Some(Ok(c)) = char::decode_utf16([high, low]).next()
        && u32::from(c) > 0xFFFF
    {
        out.push(c);
        return text.get(10..).unwrap_or_default();
    }
    code_point(text, 4, 'u', out)
}

fn hex(text: &str, from: usize) -> Option<u16> {
    u16::from_str_radix(text.get(from..from + 4)?, 16).ok()
}

fn code_point<'a>(text: &'a str, digits: usize, letter: char, out: &mut String) -> &'a str {
    let value = text.get(..digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match value {
        Some(value) => {
            out.push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
            text.get(digits..).unwrap_or_default()
        }
        None => {
            out.push(letter);
            text
        }
    }
}
