//! Options: `option x = 1;`, `[deprecated = true]`, and the message literals that `google.api.http` is written in.

use super::lex::Kind;
use super::parse::{Parser, Read};
use crate::base::Name;
use crate::facts::proto::{HttpBinding, ProtoOption};

/// Nobody nests literals this deep.
const DEEPEST: u32 = 32;

/// An option's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A number, name or text as it is written.
    Plain(String),
    /// `{ a: 1 b { … } }`.
    Block(Vec<(Name, Value)>),
    /// `[a, b]`.
    List(Vec<Value>),
}

/// An option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// `deprecated`, `(google.api.http).get`.
    pub name: Name,
    /// Its value.
    pub value: Value,
}

impl Said {
    /// Whether it says `deprecated = true`.
    pub fn is_deprecated(&self) -> bool {
        self.name == "deprecated" && self.value == Value::Plain("true".into())
    }
}

/// The options with plain values; of `features = { a: 1 }` what stands inside, as `features.a`.
pub(super) fn plain(options: Vec<Said>) -> Vec<ProtoOption> {
    let mut plain = Vec::new();
    options.into_iter().for_each(|said| flatten(said.name, said.value, &mut plain));
    plain
}

fn flatten(name: Name, value: Value, plain: &mut Vec<ProtoOption>) {
    match value {
        Value::Block(fields) => {
            for (key, value) in fields {
                let is_extension = key.contains('.');
                let name = if is_extension { format!("{name}.({key})") } else { format!("{name}.{key}") };
                flatten(name.into(), value, plain);
            }
        }
        value => plain.push(ProtoOption { name, value: written(&value) }),
    }
}

/// A value on one line.
fn written(value: &Value) -> String {
    match value {
        Value::Plain(text) => text.clone(),
        Value::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Block(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{key}: {}", written(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The bindings that `google.api.http` options say.
pub(super) fn http(options: &[Said]) -> Vec<HttpBinding> {
    let mut bindings = Vec::new();
    let mut parts = Vec::new();
    for said in options {
        let Some(rest) = said.name.trim_start_matches('.').strip_prefix("(google.api.http)") else { continue };
        match (&said.value, rest.strip_prefix('.')) {
            (Value::Block(fields), None) => rule(fields, &mut bindings, 0),
            (value, Some(field)) => parts.push((Name::new(field), value.clone())),
            _ => {}
        }
    }
    if !parts.is_empty() {
        rule(&parts, &mut bindings, 0);
    }
    bindings
}

fn rule(fields: &[(Name, Value)], bindings: &mut Vec<HttpBinding>, depth: u32) {
    let text = |name: &str| fields.iter().find(|(key, _)| key == name).and_then(|(_, value)| unquoted(value)).unwrap_or_default();
    let body = text("body");
    for (key, value) in fields {
        let method = match key.as_str() {
            "get" | "put" | "post" | "delete" | "patch" => Name::from(key.to_ascii_uppercase()),
            "custom" => match value {
                Value::Block(inner) => {
                    let of = |name: &str| inner.iter().find(|(key, _)| key == name).and_then(|(_, value)| unquoted(value));
                    if let (Some(kind), Some(path)) = (of("kind"), of("path")) {
                        bindings.push(HttpBinding { method: kind, path, body: body.clone() });
                    }
                    continue;
                }
                _ => continue,
            },
            "additional_bindings" if depth < DEEPEST => {
                match value {
                    Value::Block(inner) => rule(inner, bindings, depth + 1),
                    Value::List(items) => {
                        items.iter().for_each(|item| {
                            if let Value::Block(inner) = item {
                                rule(inner, bindings, depth + 1);
                            }
                        });
                    }
                    Value::Plain(_) => {}
                }
                continue;
            }
            _ => continue,
        };
        if let Some(path) = unquoted(value) {
            bindings.push(HttpBinding { method, path, body: body.clone() });
        }
    }
}

/// What a string literal holds; other plain values as they are.
fn unquoted(value: &Value) -> Option<Name> {
    let Value::Plain(text) = value else { return None };
    Some(Name::from(literal(text)))
}

/// What a string literal holds, the usual escapes undone.
pub(super) fn literal(text: &str) -> String {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return text.to_owned() };
    let inner = text.strip_prefix(quote).unwrap_or(text);
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

impl Parser<'_> {
    /// `name = value`, as it stands in `option` statements and between brackets.
    pub(super) fn option(&mut self) -> Read<Said> {
        let mut name = String::new();
        while !self.is("=") {
            match self.peek() {
                Some(token) if token.kind == Kind::Word || matches!(token.text, "." | "(" | ")") => name.push_str(token.text),
                _ => return self.fail("an option's name"),
            }
            self.at += 1;
        }
        self.expect("=")?;
        let value = self.value(0)?;
        Ok(Said { name: name.into(), value })
    }

    /// `[a = 1, b = 2]`, when it stands here.
    pub(super) fn bracketed(&mut self) -> Read<Vec<Said>> {
        let mut options = Vec::new();
        if !self.take("[") {
            return Ok(options);
        }
        while !self.take("]") {
            options.push(self.option()?);
            if !self.take(",") && !self.is("]") {
                return self.fail("`,` or `]` among options");
            }
        }
        Ok(options)
    }

    fn value(&mut self, depth: u32) -> Read<Value> {
        if depth > DEEPEST {
            return self.fail("a literal that is not nested this deep");
        }
        if self.take("{") {
            return self.block("}", depth);
        }
        if self.take("<") {
            return self.block(">", depth);
        }
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.value(depth + 1)?);
                if !self.take(",") && !self.is("]") {
                    return self.fail("`,` or `]` in a list");
                }
            }
            return Ok(Value::List(items));
        }
        let mut text = String::new();
        while self.is("-") || self.is("+") {
            text.push_str(self.peek().map_or("", |token| token.text));
            self.at += 1;
        }
        let Some(token) = self.peek().filter(|token| token.kind != Kind::Sign).cloned() else { return self.fail("a value") };
        self.at += 1;
        text.push_str(token.text);
        if token.kind == Kind::Word {
            while self.take(".") {
                text.push('.');
                text.push_str(&self.word()?);
            }
        }
        // Literals that stand side by side are one.
        while let Some(next) = self.peek().filter(|next| token.kind == Kind::Text && next.kind == Kind::Text) {
            text = format!("\"{}{}\"", text.trim_matches(['"', '\'']), next.text.trim_matches(['"', '\'']));
            self.at += 1;
        }
        Ok(Value::Plain(text))
    }

    fn block(&mut self, close: &str, depth: u32) -> Read<Value> {
        let mut fields = Vec::new();
        while !self.take(close) {
            let key = if self.take("[") {
                let mut key = String::new();
                while !self.take("]") {
                    let Some(token) = self.peek() else { return self.fail("`]`") };
                    key.push_str(token.text);
                    self.at += 1;
                }
                key
            } else {
                self.word()?.to_string()
            };
            if !self.take(":") && !self.is("{") && !self.is("<") {
                return self.fail("`:` in a literal");
            }
            fields.push((key.into(), self.value(depth + 1)?));
            if !self.take(",") {
                self.take(";");
            }
        }
        Ok(Value::Block(fields))
    }
}
