//! The text of a Prisma schema → its blocks. What cannot be read is passed over: reading goes on with the next line.
//!
//! Read from the Prisma schema reference (<https://www.prisma.io/docs/orm/reference/prisma-schema-reference>).

/// A block: `model User { … }`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// `model`, `view`, `type`, `enum`, `datasource`, `generator`.
    pub keyword: String,
    /// Its name.
    pub name: String,
    /// Its members: fields, labels, settings.
    pub members: Vec<Member>,
    /// `@@map("users")`.
    pub attributes: Vec<Attribute>,
    /// The `///` comment above it.
    pub doc: String,
    /// 1-based line.
    pub line: u32,
}

/// A member of a block: a field with its type, a label, or a setting with its value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// The type's name, of a field; `Unsupported` has its text among `arguments`.
    pub ty: String,
    /// Arguments of the type: `Unsupported("circle")`.
    pub arguments: Vec<Argument>,
    /// `[]`.
    pub is_list: bool,
    /// `?`.
    pub is_optional: bool,
    /// The value of a setting.
    pub value: Option<Value>,
    /// `@id`, `@db.VarChar(20)`.
    pub attributes: Vec<Attribute>,
    /// The `///` comment above it.
    pub doc: String,
    /// 1-based line.
    pub line: u32,
}

/// An attribute, without its `@`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribute {
    /// `id`, `db.VarChar`.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// An argument, named or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name; empty when it has none.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A name or a number, as it stands.
    Word(String),
    /// A list.
    List(Vec<Value>),
    /// A call: `dbgenerated("…")`, `name(sort: Desc)`.
    Call(String, Vec<Argument>),
}

impl Value {
    /// The word or text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Word(text) => Some(text),
            Self::Call(name, _) => Some(name),
            Self::List(_) => None,
        }
    }

    /// The items of a list; a single value is a list of one.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            single => std::slice::from_ref(single),
        }
    }
}

impl Attribute {
    /// The argument with this name, else the first one without a name when `is_first`.
    #[must_use]
    pub fn argument(&self, name: &str, is_first: bool) -> Option<&Value> {
        let named = self.arguments.iter().find(|argument| argument.name == name);
        named.or_else(|| self.arguments.iter().find(|argument| is_first && argument.name.is_empty())).map(|argument| &argument.value)
    }
}

/// An attribute of a list, by name.
#[must_use]
pub fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name == name)
}

/// Values nest no deeper than this.
const DEEPEST: usize = 32;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
    Doc(String),
    Line,
}

/// The blocks of a schema.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let mut reader = Reader { tokens: tokens(text), at: 0 };
    let mut blocks = Vec::new();
    let mut doc = String::new();
    while let Some((token, line)) = reader.next() {
        match token {
            Token::Doc(text) => add_line(&mut doc, &text),
            Token::Line => {}
            Token::Word(keyword) => {
                if let Some(name) = reader.word()
                    && reader.takes('{')
                {
                    let mut block = Block { keyword, name, doc: std::mem::take(&mut doc), line, ..Block::default() };
                    reader.members(&mut block);
                    blocks.push(block);
                }
                doc.clear();
            }
            _ => doc.clear(),
        }
    }
    blocks
}

fn add_line(doc: &mut String, text: &str) {
    if !doc.is_empty() {
        doc.push('\n');
    }
    doc.push_str(text);
}

struct Reader {
    tokens: Vec<(Token, u32)>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Option<(Token, u32)> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn takes(&mut self, mark: char) -> bool {
        let is_there = self.peek() == Some(&Token::Mark(mark));
        if is_there {
            self.at += 1;
        }
        is_there
    }

    fn word(&mut self) -> Option<String> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.at += 1;
                Some(word)
            }
            _ => None,
        }
    }

    /// To the end of the line, or to the brace that closes the block.
    fn skip_line(&mut self) {
        while self.peek().is_some_and(|token| !matches!(token, Token::Line | Token::Mark('}'))) {
            self.at += 1;
        }
    }

    fn members(&mut self, block: &mut Block) {
        let mut doc = String::new();
        while let Some((token, line)) = self.next() {
            match token {
                Token::Mark('}') => return,
                Token::Doc(text) => add_line(&mut doc, &text),
                Token::Word(name) => {
                    let member = Member { name, doc: std::mem::take(&mut doc), line, ..Member::default() };
                    block.members.push(self.member(member));
                    self.skip_line();
                }
                Token::Mark('@') if self.takes('@') => {
                    block.attributes.extend(self.attribute());
                    self.skip_line();
                }
                Token::Line => {}
                _ => self.skip_line(),
            }
        }
    }

    fn member(&mut self, mut member: Member) -> Member {
        if self.takes('=') {
            member.value = self.value(0);
            return member;
        }
        if let Some(ty) = self.word() {
            member.ty = ty;
            if self.peek() == Some(&Token::Mark('(')) {
                member.arguments = self.arguments(0);
            }
        }
        loop {
            if self.takes('[') {
                member.is_list = self.takes(']');
            } else if self.takes('?') {
                member.is_optional = true;
            } else if self.takes('@') {
                member.attributes.extend(self.attribute());
            } else {
                return member;
            }
        }
    }

    fn attribute(&mut self) -> Option<Attribute> {
        let mut name = self.word()?;
        while self.takes('.') {
            name = format!("{name}.{}", self.word()?);
        }
        Some(Attribute { name, arguments: self.arguments(0) })
    }

    fn arguments(&mut self, depth: usize) -> Vec<Argument> {
        let mut arguments = Vec::new();
        if !self.takes('(') {
            return arguments;
        }
        while let Some(token) = self.peek() {
            match token {
                Token::Mark(')') => {
                    self.at += 1;
                    break;
                }
                Token::Mark(',') | Token::Line | Token::Doc(_) => self.at += 1,
                Token::Mark('}') => break,
                _ => arguments.extend(self.argument(depth + 1)),
            }
        }
        arguments
    }

    fn argument(&mut self, depth: usize) -> Option<Argument> {
        let start = self.at;
        if let Some(name) = self.word() {
            if self.takes(':') {
                return self.value(depth).map(|value| Argument { name, value });
            }
            self.at = start;
        }
        let value = self.value(depth);
        if value.is_none() {
            self.at = self.at.max(start + 1);
        }
        value.map(|value| Argument { name: String::new(), value })
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            self.at += 1;
            return None;
        }
        match self.next()?.0 {
            Token::Text(text) => Some(Value::Text(text)),
            Token::Word(mut word) => {
                while self.peek() == Some(&Token::Mark('.')) {
                    self.at += 1;
                    word = format!("{word}.{}", self.word()?);
                }
                if self.peek() == Some(&Token::Mark('(')) {
                    return Some(Value::Call(word, self.arguments(depth + 1)));
                }
                Some(Value::Word(word))
            }
            Token::Mark('[') => {
                let mut items = Vec::new();
                while let Some(token) = self.peek() {
                    match token {
                        Token::Mark(']') => {
                            self.at += 1;
                            break;
                        }
                        Token::Mark(',') | Token::Line | Token::Doc(_) => self.at += 1,
                        Token::Mark('}' | ')') => break,
                        _ => items.extend(self.value(depth + 1)),
                    }
                }
                Some(Value::List(items))
            }
            _ => None,
        }
    }
}

fn tokens(text: &str) -> Vec<(Token, u32)> {
    let mut tokens = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            if let Some(doc) = rest.strip_prefix("///") {
                tokens.push((Token::Doc(doc.trim().to_owned()), number));
                break;
            }
            if rest.starts_with("//") {
                break;
            }
            let (token, length) = match first {
                '"' => text_token(rest),
                c if c.is_alphanumeric() || matches!(c, '_' | '-') => {
                    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
                    // A number keeps its fraction.
                    let end = match rest.get(end..).and_then(|tail| tail.strip_prefix('.')) {
                        Some(tail) if c.is_ascii_digit() || c == '-' => {
                            end + 1 + tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len())
                        }
                        _ => end,
                    };
                    (Token::Word(rest[..end].to_owned()), end)
                }
                c => (Token::Mark(c), c.len_utf8()),
            };
            tokens.push((token, number));
            rest = rest[length..].trim_start();
        }
        tokens.push((Token::Line, number));
    }
    tokens
}

/// A text with its escapes undone, and how many bytes it takes.
fn text_token(rest: &str) -> (Token, usize) {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (Token::Text(text), at + 1),
            '\\' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, c)) => text.push(c),
                None => {}
            },
            c => text.push(c),
        }
    }
    (Token::Text(text), rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read() {
        let text = "/// People.\nmodel User {\n  id Int @id @default(autoincrement()) // key\n  tags String[]\n  p Decimal? @db.Decimal(10, 2)\n  a X @relation(\"n\", fields: [b,\n c], references: [d, e])\n  @@index([id, p(sort: Desc)], map: \"i\")\n}\nenum E {\n A @map(\"a-b\")\n B\n}\n";
        let [user, ty] = blocks(text).try_into().expect("two blocks");
        assert_eq!((user.name.as_str(), user.doc.as_str(), user.members.len()), ("User", "People.", 4));
        let price = &user.members[2];
        assert!(price.is_optional && price.ty == "Decimal" && price.attributes[0].name == "db.Decimal");
        let relation = attribute(&user.members[3].attributes, "relation").expect("a relation");
        assert_eq!(relation.argument("fields", false).map(|fields| fields.items().len()), Some(2));
        assert_eq!(user.attributes[0].arguments.len(), 2);
        assert_eq!(ty.members.len(), 2);
    }

    #[test]
    fn broken_text_ends() {
        for text in [
            "model",
            "model A {",
            "model A { x @default(",
            "model A {\n x String @a([[[[[[\n}",
            "}{)(",
            "a b { \"",
            "model A {\n  (((\n b Int\n}",
        ] {
            let _ = blocks(text);
        }
        assert_eq!(blocks("model A {\n  ((( \n b Int\n}")[0].members.len(), 1);
    }
}
