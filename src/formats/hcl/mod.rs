//! HCL files. What cannot be read is passed over up to the end of its line; the rest of the file stays.

mod texts;

use crate::base::Name;
use crate::facts::hcl::{Block, Body, Expr, Part};

/// Deeper nesting is nobody's configuration.
const DEPTH: usize = 64;

/// Reads a file.
#[must_use]
pub fn read(text: &str) -> Body {
    let mut reader = Reader { text, at: 0, line: 1, depth: 0 };
    let mut body = Body::default();
    while !reader.is_done() {
        let more = reader.body();
        body.attributes.extend(more.attributes);
        body.blocks.extend(more.blocks);
        // A closing brace without an opening one.
        reader.bump();
    }
    body
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        self.line += u32::from(c == '\n');
        Some(c)
    }

    fn eat(&mut self, word: &str) -> bool {
        let is_next = self.rest().starts_with(word);
        if is_next {
            word.chars().for_each(|_| {
                self.bump();
            });
        }
        is_next
    }

    fn line_end(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.bump();
        }
    }

    /// Passes over blanks and comments; line breaks too, when they mean nothing here.
    fn blank(&mut self, lines: bool) {
        loop {
            match self.peek() {
                Some('\n') if !lines => return,
                Some(c) if c.is_whitespace() => {
                    self.bump();
                }
                Some('#') => self.line_end(),
                Some('/') if self.rest().starts_with("//") => self.line_end(),
                Some('/') if self.rest().starts_with("/*") => {
                    while !self.is_done() && !self.eat("*/") {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let is_start = rest.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
        if !is_start {
            return None;
        }
        self.at += end;
        rest.get(..end)
    }

    /// Attributes and blocks up to a closing brace or the end.
    fn body(&mut self) -> Body {
        let mut body = Body::default();
        loop {
            self.blank(true);
            if self.is_done() || self.peek() == Some('}') {
                return body;
            }
            let line = self.line;
            let Some(name) = self.word() else {
                self.bump();
                continue;
            };
            self.blank(false);
            if self.peek() == Some('=') && !self.rest().starts_with("==") {
                self.bump();
                let expr = self.expr();
                body.attributes.push((name.into(), expr));
                self.after_attribute();
            } else if let Some(block) = self.block(name, line) {
                body.blocks.push(block);
            } else {
                self.line_end();
            }
        }
    }

    /// What is left of a line that an expression did not take.
    fn after_attribute(&mut self) {
        self.blank(false);
        if !matches!(self.peek(), None | Some('\n' | '}' | ',')) {
            self.line_end();
        } else if self.peek() == Some(',') {
            self.bump();
        }
    }

    fn block(&mut self, kind: &str, line: u32) -> Option<Block> {
        let mut labels = Vec::new();
        loop {
            self.blank(false);
            match self.peek()? {
                '{' => break,
                '"' => labels.push(self.text_parts().iter().filter_map(plain).collect::<String>().into()),
                _ => labels.push(self.word()?.into()),
            }
        }
        self.bump();
        let body = if self.depth < DEPTH {
            self.depth += 1;
            let body = self.body();
            self.depth -= 1;
            body
        } else {
            self.skip_to('}');
            Body::default()
        };
        self.eat("}");
        Some(Block { kind: kind.into(), labels, body, line })
    }

    /// An expression with its operators.
    fn expr(&mut self) -> Expr {
        if self.depth >= DEPTH {
            self.line_end();
            return Expr::Other;
        }
        self.depth += 1;
        let mut expr = self.operand();
        loop {
            self.blank(false);
            if self.peek() == Some('?') {
                self.bump();
                self.blank(true);
                let one = self.expr();
                self.blank(true);
                self.eat(":");
                self.blank(true);
                let other = self.expr();
                expr = Expr::Choice(Box::new([expr, one, other]));
                break;
            }
            let operators = ["==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "<", ">"];
            if !operators.iter().any(|operator| self.eat(operator)) {
                break;
            }
            self.blank(true);
            self.operand();
            expr = Expr::Other;
        }
        self.depth -= 1;
        expr
    }

    fn operand(&mut self) -> Expr {
        self.blank(false);
        match self.peek() {
            Some('"') => Expr::Text(self.text_parts()),
            Some('<') if self.rest().starts_with("<<") => self.heredoc(),
            Some('[') => self.list(),
            Some('{') => self.map(),
            Some('(') => {
                self.bump();
                self.blank(true);
                let expr = self.expr();
                self.blank(true);
                self.skip_to(')');
                self.eat(")");
                self.traversal(expr)
            }
            Some('!' | '-') => {
                let is_minus = self.bump() == Some('-');
                match self.deeper() {
                    Expr::Word(number) if is_minus => Expr::Word(format!("-{number}").into()),
                    _ => Expr::Other,
                }
            }
            Some(c) if c.is_ascii_digit() => {
                let rest = self.rest();
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len());
                self.at += end;
                Expr::Word(rest.get(..end).unwrap_or_default().into())
            }
            Some(c) if c.is_alphabetic() || c == '_' => self.named(),
            _ => Expr::Other,
        }
    }

    /// An operand below another; signs may stand in a long row.
    fn deeper(&mut self) -> Expr {
        if self.depth >= DEPTH {
            return Expr::Other;
        }
        self.depth += 1;
        let expr = self.operand();
        self.depth -= 1;
        expr
    }

    /// A word, a path or a call.
    fn named(&mut self) -> Expr {
        let mut name = self.word().unwrap_or_default().to_owned();
        while self.eat("::") {
            name.push_str("::");
            name.push_str(self.word().unwrap_or_default());
        }
        if self.peek() == Some('(') {
            self.bump();
            let args = self.items(')');
            return self.traversal(Expr::Call(name.into(), args));
        }
        match name.as_str() {
            "true" | "false" | "null" => Expr::Word(name.into()),
            _ => self.traversal(Expr::Path(name)),
        }
    }

    /// What is taken from a value: `.name`, `[0]`, `[*]`. Of a path it becomes a part, of anything else the value is not known.
    fn traversal(&mut self, mut expr: Expr) -> Expr {
        loop {
            let from = self.at;
            match self.peek() {
                Some('.') => {
                    self.bump();
                    let rest = self.rest();
                    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '*'))).unwrap_or(rest.len());
                    self.at += end;
                }
                Some('[') => {
                    self.bump();
                    self.skip_to(']');
                    self.eat("]");
                }
                _ => return expr,
            }
            let taken = self.text.get(from..self.at).unwrap_or_default();
            expr = match expr {
                Expr::Path(mut path) => {
                    path.push_str(taken);
                    Expr::Path(path)
                }
                _ => Expr::Other,
            };
        }
    }

    fn list(&mut self) -> Expr {
        self.bump();
        self.blank(true);
        if self.is_for() {
            self.skip_to(']');
            self.eat("]");
            return self.traversal(Expr::Other);
        }
        let items = self.items(']');
        self.traversal(Expr::List(items))
    }

    fn is_for(&self) -> bool {
        self.rest().strip_prefix("for").is_some_and(|rest| rest.starts_with(char::is_whitespace))
    }

    /// Expressions between commas up to a closing bracket.
    fn items(&mut self, end: char) -> Vec<Expr> {
        let mut items = Vec::new();
        loop {
            self.blank(true);
            match self.peek() {
                None => return items,
                Some(c) if c == end => {
                    self.bump();
                    return items;
                }
                Some(',') => {
                    self.bump();
                }
                Some(_) => {
                    let from = self.at;
                    items.push(self.expr());
                    self.eat("...");
                    self.blank(true);
                    if !matches!(self.peek(), Some(c) if c == ',' || c == end) && self.at == from {
                        self.bump();
                    }
                }
            }
        }
    }

    fn map(&mut self) -> Expr {
        self.bump();
        self.blank(true);
        if self.is_for() {
            self.skip_to('}');
            self.eat("}");
            return Expr::Other;
        }
        let mut entries: Vec<(Name, Expr)> = Vec::new();
        loop {
            self.blank(true);
            match self.peek() {
                None => break,
                Some('}') => {
                    self.bump();
                    break;
                }
                Some(',') => {
                    self.bump();
                    continue;
                }
                _ => {}
            }
            let from = self.at;
            let key = match self.deeper() {
                Expr::Path(path) => path.into(),
                Expr::Word(word) => word,
                Expr::Text(parts) => parts.iter().map(|part| plain(part).unwrap_or("${}")).collect::<String>().into(),
                _ => Name::default(),
            };
            self.blank(false);
            if self.eat("=") || self.eat(":") {
                self.blank(true);
                let value = self.expr();
                entries.push((key, value));
            } else if self.at == from {
                self.bump();
            }
        }
        self.traversal(Expr::Map(entries))
    }

    /// Passes over everything up to a closing bracket, with the brackets and texts in between.
    fn skip_to(&mut self, end: char) {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                None => return,
                Some(c) if open == 0 && c == end => return,
                Some('"') => self.skip_text(),
                Some('#') => self.line_end(),
                Some(c) => {
                    match c {
                        '(' | '[' | '{' => open += 1,
                        ')' | ']' | '}' => open = open.saturating_sub(1),
                        _ => {}
                    }
                    self.bump();
                }
            }
        }
    }
}

fn plain(part: &Part) -> Option<&str> {
    match part {
        Part::Text(text) => Some(text),
        Part::Hole(_) => None,
    }
}
