//! Statements of a `.proto` file. One that cannot be read is skipped to its end.

use super::lex::{Kind, Token};
use super::options::{Said, literal, plain};
use crate::base::Name;
use crate::facts::proto::{ProtoExtend, ProtoField, ProtoFile, ProtoLabel, ProtoMessage, ProtoSyntax};

/// Nobody nests messages this deep.
const DEEPEST: u32 = 64;

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub line: u32,
    pub message: String,
}

/// Something read, or that its statement cannot be read.
pub(super) type Read<T> = Result<T, Trouble>;

/// Reads words into declarations.
pub(super) struct Parser<'t> {
    pub(super) tokens: &'t [Token<'t>],
    /// The next word.
    pub at: usize,
    /// The first thing that could not be read.
    pub trouble: Option<Trouble>,
}

impl<'t> Parser<'t> {
    pub fn new(tokens: &'t [Token<'t>]) -> Self {
        Self { tokens, at: 0, trouble: None }
    }

    pub fn peek(&self) -> Option<&'t Token<'t>> {
        self.tokens.get(self.at)
    }

    pub fn is(&self, text: &str) -> bool {
        self.peek().is_some_and(|token| token.text == text)
    }

    pub fn take(&mut self, text: &str) -> bool {
        let is = self.is(text);
        self.at += usize::from(is);
        is
    }

    pub fn fail<T>(&self, wanted: &str) -> Read<T> {
        let line = self.peek().or(self.tokens.last()).map_or(0, |token| token.line);
        let found = self.peek().map_or_else(|| "the end of the file".to_owned(), |token| format!("`{}`", shortened(token.text)));
        Err(Trouble { line, message: format!("{wanted} should stand where {found} stands") })
    }

    pub fn expect(&mut self, text: &str) -> Read<()> {
        if self.take(text) { Ok(()) } else { self.fail(&format!("`{text}`")) }
    }

    /// A name or keyword.
    pub fn word(&mut self) -> Read<Name> {
        let Some(token) = self.peek().filter(|token| token.kind == Kind::Word) else { return self.fail("a name") };
        self.at += 1;
        Ok(token.text.into())
    }

    /// `a.b.C`, `.a.b.C`.
    pub(super) fn path(&mut self) -> Read<Name> {
        let mut path = String::new();
        if self.take(".") {
            path.push('.');
        }
        path.push_str(&self.word()?);
        while self.take(".") {
            path.push('.');
            path.push_str(&self.word()?);
        }
        Ok(path.into())
    }

    fn text(&mut self) -> Read<String> {
        let Some(token) = self.peek().filter(|token| token.kind == Kind::Text) else { return self.fail("a text in quotes") };
        self.at += 1;
        Ok(literal(token.text))
    }

    pub(super) fn number(&mut self) -> Read<Name> {
        let sign = if self.take("-") { "-" } else { "" };
        let Some(token) = self.peek().filter(|token| token.kind == Kind::Number) else { return self.fail("a number") };
        self.at += 1;
        Ok(format!("{sign}{}", token.text).into())
    }

    /// Keeps the first trouble and goes to the end of the statement that has it.
    fn mend(&mut self, start: usize, trouble: Trouble) {
        self.trouble.get_or_insert(trouble);
        self.at = start;
        let mut open = 0u32;
        while let Some(token) = self.peek() {
            match token.text {
                "{" => open += 1,
                "}" if open == 0 => return,
                "}" => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 && matches!(token.text, ";" | "}") {
                return;
            }
        }
    }

    /// Reads statements up to the closing brace, mending those that cannot be read.
    pub(super) fn body(&mut self, mut statement: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.expect("{")?;
        while !self.take("}") {
            if self.peek().is_none() {
                // What was read up to the end of a cut file stands.
                if let Err(trouble) = self.fail::<()>("`}`") {
                    self.trouble.get_or_insert(trouble);
                }
                break;
            }
            let start = self.at;
            if let Err(trouble) = statement(self) {
                self.mend(start, trouble);
            }
        }
        self.take(";");
        Ok(())
    }

    /// The whole file.
    pub fn file(&mut self) -> ProtoFile {
        let mut file = ProtoFile::default();
        while self.peek().is_some() {
            let start = self.at;
            if let Err(trouble) = self.statement(&mut file) {
                self.mend(start, trouble);
                // A brace that closes nothing.
                self.take("}");
            }
        }
        file
    }

    fn statement(&mut self, file: &mut ProtoFile) -> Read<()> {
        if self.take(";") {
            return Ok(());
        }
        let doc = self.peek().map(|token| token.doc.clone()).unwrap_or_default();
        match self.peek().map_or("", |token| token.text) {
            "syntax" => {
                self.at += 1;
                self.expect("=")?;
                file.syntax = if self.text()? == "proto3" { ProtoSyntax::Proto3 } else { ProtoSyntax::Proto2 };
                self.expect(";")
            }
            "edition" => {
                self.at += 1;
                self.expect("=")?;
                file.syntax = ProtoSyntax::Edition(self.text()?.into());
                self.expect(";")
            }
            "package" => {
                self.at += 1;
                file.package = self.path()?;
                self.expect(";")
            }
            "import" => {
                self.at += 1;
                if !self.take("public") && !self.take("weak") {
                    self.take("option");
                }
                file.imports.push(self.text()?.into());
                self.expect(";")
            }
            "option" => self.option_statement().map(|said| file.options.extend(plain(vec![said]))),
            "message" => self.message(doc, 0).map(|message| file.messages.push(message)),
            "enum" => self.enumeration(doc).map(|one| file.enums.push(one)),
            "service" => self.service(doc).map(|service| file.services.push(service)),
            "extend" => self.extend(0).map(|extend| file.extends.push(extend)),
            "export" | "local" => {
                self.at += 1;
                self.statement(file)
            }
            _ => self.fail("a declaration"),
        }
    }

    /// `option x = 1;`
    pub(super) fn option_statement(&mut self) -> Read<Said> {
        self.expect("option")?;
        let said = self.option()?;
        self.expect(";")?;
        Ok(said)
    }

    fn message(&mut self, doc: String, depth: u32) -> Read<ProtoMessage> {
        let line = self.line();
        self.at += 1;
        let mut message = ProtoMessage { name: self.word()?, doc, line, ..ProtoMessage::default() };
        self.members(&mut message, depth)?;
        Ok(message)
    }

    pub(super) fn line(&self) -> u32 {
        self.peek().map_or(0, |token| token.line)
    }

    fn members(&mut self, message: &mut ProtoMessage, depth: u32) -> Read<()> {
        if depth > DEEPEST {
            return self.fail("a message that is not nested this deep");
        }
        self.body(|parser| parser.member(message, depth))
    }

    fn member(&mut self, message: &mut ProtoMessage, depth: u32) -> Read<()> {
        if self.take(";") {
            return Ok(());
        }
        let Some(token) = self.peek() else { return self.fail("a field") };
        let doc = token.doc.clone();
        let next = self.tokens.get(self.at + 1);
        // `message` and its like are names of fields and packages too: `optional message = 1` never begins a declaration.
        let declares = next.is_some_and(|next| next.kind == Kind::Word);
        match token.text {
            "message" if declares && self.opens_after(2) => self.message(doc, depth + 1).map(|inner| message.messages.push(inner)),
            "enum" if declares && self.opens_after(2) => self.enumeration(doc).map(|inner| message.enums.push(inner)),
            "extend" if next.is_some_and(|next| next.kind == Kind::Word || next.text == ".") && !self.is_field() => {
                self.extend(depth + 1).map(|extend| message.extends.push(extend))
            }
            "oneof" if declares && self.opens_after(2) => self.oneof(message, depth),
            "option" if !self.is_field() => self.option_statement().map(|said| message.options.extend(plain(vec![said]))),
            "reserved" if !self.is_field() => self.reserved(&mut message.reserved, &mut message.reserved_names),
            "extensions" if !self.is_field() => {
                self.at += 1;
                let ranges = self.ranges()?;
                message.extensions.extend(ranges);
                self.bracketed()?;
                self.expect(";")
            }
            "export" | "local" if declares && matches!(next.map_or("", |next| next.text), "message" | "enum") => {
                self.at += 1;
                self.member(message, depth)
            }
            _ => self.field(doc, None, depth).map(|(field, group)| {
                message.fields.push(field);
                message.messages.extend(group);
            }),
        }
    }

    fn opens_after(&self, count: usize) -> bool {
        self.tokens.get(self.at + count).is_some_and(|token| token.text == "{")
    }

    /// Whether `word name = number` stands here: a field whose type is called like a keyword.
    fn is_field(&self) -> bool {
        let [Some(name), Some(sign)] = [1, 2].map(|by| self.tokens.get(self.at + by)) else { return false };
        name.kind == Kind::Word && sign.text == "=" && self.peek().is_some_and(|token| token.text != "option")
    }

    fn oneof(&mut self, message: &mut ProtoMessage, depth: u32) -> Read<()> {
        self.at += 1;
        let name = self.word()?;
        self.body(|parser| {
            if parser.take(";") {
                return Ok(());
            }
            if parser.is("option") {
                return parser.option_statement().map(drop);
            }
            let doc = parser.peek().map(|token| token.doc.clone()).unwrap_or_default();
            let (field, group) = parser.field(doc, Some(&name), depth)?;
            message.fields.push(field);
            message.messages.extend(group);
            Ok(())
        })
    }

    /// A field, and the message of a group.
    fn field(&mut self, doc: String, oneof: Option<&Name>, depth: u32) -> Read<(ProtoField, Option<ProtoMessage>)> {
        let line = self.line();
        let mut field = ProtoField { doc, line, oneof: oneof.cloned(), ..ProtoField::default() };
        let is_label = |next: Option<&Token>| next.is_some_and(|next| next.kind == Kind::Word || next.text == ".");
        field.label = match self.peek().map_or("", |token| token.text) {
            "optional" if is_label(self.tokens.get(self.at + 1)) => ProtoLabel::Optional,
            "required" if is_label(self.tokens.get(self.at + 1)) => ProtoLabel::Required,
            "repeated" if is_label(self.tokens.get(self.at + 1)) => ProtoLabel::Repeated,
            _ => ProtoLabel::None,
        };
        // A field whose type is called `optional` has one word less.
        if field.label != ProtoLabel::None {
            self.at += 1;
        }
        if self.is("group") && !self.is_field_of_group_type() {
            return self.group(field, depth);
        }
        if self.is("map") && self.tokens.get(self.at + 1).is_some_and(|token| token.text == "<") {
            self.at += 2;
            field.map_key = Some(self.path()?);
            self.expect(",")?;
            field.ty = self.path()?;
            self.expect(">")?;
        } else {
            field.ty = self.path()?;
        }
        field.name = self.word()?;
        self.expect("=")?;
        field.number = self.number()?;
        field.options = plain(self.bracketed()?);
        self.expect(";")?;
        Ok((field, None))
    }

    /// `group = 1`-like fields whose type is a message called `group`: those have a small first letter behind.
    fn is_field_of_group_type(&self) -> bool {
        let name = self.tokens.get(self.at + 1);
        !name.is_some_and(|name| name.text.starts_with(|c: char| c.is_uppercase()))
    }

    fn group(&mut self, mut field: ProtoField, depth: u32) -> Read<(ProtoField, Option<ProtoMessage>)> {
        self.at += 1;
        let mut inner = ProtoMessage { name: self.word()?, line: field.line, ..ProtoMessage::default() };
        self.expect("=")?;
        field.number = self.number()?;
        field.options = plain(self.bracketed()?);
        self.members(&mut inner, depth + 1)?;
        field.ty = inner.name.clone();
        field.name = inner.name.to_ascii_lowercase().into();
        field.is_group = true;
        Ok((field, Some(inner)))
    }

    fn extend(&mut self, depth: u32) -> Read<ProtoExtend> {
        self.at += 1;
        let mut extend = ProtoExtend { extendee: self.path()?, ..ProtoExtend::default() };
        self.body(|parser| {
            if parser.take(";") {
                return Ok(());
            }
            let doc = parser.peek().map(|token| token.doc.clone()).unwrap_or_default();
            let (field, group) = parser.field(doc, None, depth)?;
            extend.fields.push(field);
            extend.messages.extend(group);
            Ok(())
        })?;
        Ok(extend)
    }

    pub(super) fn reserved(&mut self, numbers: &mut Vec<String>, names: &mut Vec<Name>) -> Read<()> {
        self.at += 1;
        loop {
            match self.peek() {
                Some(token) if token.kind == Kind::Text => names.push(self.text()?.into()),
                Some(token) if token.kind == Kind::Word => names.push(self.word()?),
                _ => {
                    numbers.extend(self.ranges()?);
                    break;
                }
            }
            if !self.take(",") {
                break;
            }
        }
        self.expect(";")
    }

    /// `1, 4 to 6, 100 to max`.
    fn ranges(&mut self) -> Read<Vec<String>> {
        let mut ranges = Vec::new();
        loop {
            let mut range = self.number()?.to_string();
            if self.take("to") {
                let end = if self.take("max") { "max".into() } else { self.number()? };
                range = format!("{range} to {end}");
            }
            ranges.push(range);
            if !self.take(",") {
                return Ok(ranges);
            }
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}
