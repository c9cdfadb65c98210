//! Expressions in token trees. What holds statements or closures is left to the grammar.

use super::literals;
use super::reader::{Reader, Style};
use crate::base::Name;
use crate::base::code::{Arg, At, CallKind, Entry, Expr, Key, Op, Type};
use crate::outline::builder::{MAX_DEPTH, add, binary, chain};

impl<'s> Reader<'_, 's, '_> {
    /// An expression, operators between its operands included. Several different operators make a hole.
    pub fn value(&mut self) -> Option<Expr> {
        if !self.lower.builder.enter() {
            return None;
        }
        let value = self.value_inside();
        self.lower.builder.leave();
        value
    }

    fn value_inside(&mut self) -> Option<Expr> {
        let mut operands = vec![self.operand()?];
        let mut operators: Vec<&str> = Vec::new();
        loop {
            if self.peek() == b'a' && self.slice(self.pos, self.pos + 3) == "as " {
                self.pos += 3;
                let ty = self.ty()?;
                let value = operands.pop().unwrap_or_default();
                operands.push(Expr::Cast(Box::new((value, ty))));
                continue;
            }
            let Some(operator) = self.operator() else { break };
            operators.push(operator);
            operands.push(self.operand()?);
        }
        let Some(first) = operators.first().copied() else { return operands.pop() };
        if operators.iter().any(|operator| *operator != first) {
            return Some(Expr::Hole);
        }
        let op = match first {
            "+" => return Some(add(operands)),
            "&&" => Op::And,
            "||" => Op::Or,
            "|" => Op::BitOr,
            "&" => Op::BitAnd,
            "==" => Op::Eq,
            "!=" => Op::Ne,
            _ => return Some(Expr::Hole),
        };
        Some(chain(operands, |left, right| binary(op, left, right)))
    }

    fn operator(&mut self) -> Option<&'static str> {
        self.peek();
        if self.byte(0) == b'-' && self.byte(1) == b'>' || self.byte(0) == b'=' && self.byte(1) != b'=' {
            return None;
        }
        ["&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "..=", "..", "+", "-", "*", "/", "%", "^", "|", "&", "<", ">"]
            .into_iter()
            .find(|operator| self.eat_all(operator))
    }

    /// A value with what hangs on it: `.name`, `.name(…)`, `(…)`, `[…]`, `?`.
    fn operand(&mut self) -> Option<Expr> {
        match self.peek() {
            b'&' => {
                self.pos += 1;
                self.skip_reference();
                return self.operand_again();
            }
            b'*' => {
                self.pos += 1;
                return self.operand_again();
            }
            b'-' => {
                self.pos += 1;
                return self.operand_again().map(literals::negated);
            }
            b'!' => {
                self.pos += 1;
                return self.operand_again().map(|_| Expr::Hole);
            }
            _ => {}
        }
        let at = self.at_next();
        let mut value = self.primary()?;
        let mut links = 0;
        loop {
            match self.peek() {
                b'.' if self.byte(1) != b'.' => {
                    value = self.member_of(value, &mut links, at)?;
                    if links > MAX_DEPTH {
                        return None;
                    }
                }
                b'?' => self.pos += 1,
                b'[' if self.style != Style::Attribute => {
                    self.pos += 1;
                    let index = self.members().into_iter().next().map(|arg| arg.value).unwrap_or_default();
                    value = Expr::Index(Box::new((value, index)));
                    links += 1;
                }
                _ => break,
            }
        }
        self.read(&value, links, at);
        Some(value)
    }

    /// A chain of two links or more is a read.
    fn read(&mut self, value: &Expr, links: u32, at: At) {
        if links >= 2 {
            self.lower.builder.add_read(value, at);
        }
    }

    fn operand_again(&mut self) -> Option<Expr> {
        if !self.lower.builder.enter() {
            return None;
        }
        let operand = self.operand();
        self.lower.builder.leave();
        operand
    }

    /// `'a` and `mut` behind a `&`.
    pub fn skip_reference(&mut self) {
        if self.peek() == b'\'' && self.character_end().is_none() {
            self.pos += 1;
            self.word();
        }
        let start = self.pos;
        if self.word() != Some("mut") {
            self.pos = start;
        }
    }

    /// `.name` or `.name(…)`; `links` counts the members the chain ends with.
    fn member_of(&mut self, value: Expr, links: &mut u32, begin: At) -> Option<Expr> {
        self.pos += 1;
        let at = self.at_next();
        let name = self.word()?;
        if name == "await" {
            return Some(value);
        }
        let mut type_args = Vec::new();
        if self.eat_all("::") {
            type_args = self.type_arguments()?;
        }
        if self.peek() != b'(' {
            *links += 1;
            return Some(Expr::Member(Box::new(value), Name::new(name)));
        }
        self.read(&value, std::mem::take(links), begin);
        let callee = Expr::Member(Box::new(value), Name::new(name));
        self.call(callee, type_args, CallKind::Plain, at)
    }

    /// A call whose parenthesis comes next.
    fn call(&mut self, callee: Expr, type_args: Vec<Type>, kind: CallKind, at: At) -> Option<Expr> {
        let id = self.lower.builder.reserve_call(at);
        self.pos += 1;
        let args = self.members();
        let call = self.lower.builder.call(id);
        call.callee = callee;
        call.type_args = type_args.into();
        call.kind = kind;
        call.args = args.into();
        Some(Expr::Call(id))
    }

    /// A literal, a path, a call or a group.
    pub fn primary(&mut self) -> Option<Expr> {
        let byte = self.peek();
        if let Some(end) = self.string_end() {
            let text = literals::string(self.slice(self.pos, end));
            self.pos = end;
            return Some(Expr::Str(text));
        }
        match byte {
            b'0'..=b'9' => Some(self.number()),
            b'(' => Some(self.list()),
            b'[' => {
                self.pos += 1;
                Some(Expr::List(self.members().into_iter().map(unnamed).collect()))
            }
            b'{' => self.object(),
            b'\'' => {
                if let Some(end) = self.character_end() {
                    let text = literals::character(self.slice(self.pos, end));
                    self.pos = end;
                    return Some(Expr::Str(text));
                }
                self.pos += 1;
                self.word().map(|_| Expr::Hole)
            }
            b':' if self.byte(1) == b':' => self.path_value(),
            b'<' => self.ty().map(|ty| Expr::Type(Box::new(ty))),
            b'.' if self.eat_all("..") => {
                self.eat(b'=');
                Some(if matches!(self.peek(), 0 | b',' | b')' | b'}' | b']') { Expr::Hole } else { Expr::Spread(Box::new(self.value()?)) })
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 => self.path_value(),
            _ => None,
        }
    }

    /// `(a, b)`: a list, a parenthesised value or, in attributes, arguments.
    fn list(&mut self) -> Expr {
        self.pos += 1;
        let members = self.members();
        if self.style == Style::Attribute || members.iter().any(|member| member.name.is_some()) {
            return Expr::Args(members.into());
        }
        let is_tuple = self.slice(0, self.pos).strip_suffix(')').is_some_and(|text| text.trim_end().ends_with(','));
        let mut values: Vec<Expr> = members.into_iter().map(|member| member.value).collect();
        match values.len() {
            0 => Expr::Null,
            1 if !is_tuple => values.remove(0),
            _ => Expr::List(values.into()),
        }
    }

    fn number(&mut self) -> Expr {
        let start = self.pos;
        self.word();
        if self.byte(0) == b'.' && self.byte(1).is_ascii_digit() {
            self.pos += 1;
            self.word();
        }
        literals::number(self.slice(start, self.pos))
    }

    /// `{ "a": b, c: d }`; anything else in braces is left to the grammar.
    pub fn object(&mut self) -> Option<Expr> {
        if !self.lower.builder.enter() {
            return None;
        }
        let entries = self.entries();
        self.lower.builder.leave();
        entries.map(|entries| Expr::Object(entries.into()))
    }

    fn entries(&mut self) -> Option<Vec<Entry>> {
        self.pos += 1;
        let mut entries = Vec::new();
        loop {
            match self.peek() {
                b'}' => {
                    self.pos += 1;
                    return Some(entries);
                }
                b',' => {
                    self.pos += 1;
                    continue;
                }
                0 => return None,
                _ => {}
            }
            let at = self.at_next();
            let key = match self.value()? {
                Expr::Str(text) | Expr::Ref(text) => Key::Name(text),
                Expr::Int(number) => Key::Name(number.to_string().into()),
                key => Key::Computed(key),
            };
            if !self.eat(b':') && !self.eat_all("=>") {
                return None;
            }
            entries.push(Entry { key, value: self.entry_value()?, at });
        }
    }

    /// A value in an object; one that only the grammar can read is given to it.
    fn entry_value(&mut self) -> Option<Expr> {
        let start = self.pos;
        let mark = self.lower.mark();
        if let Some(value) = self.value()
            && matches!(self.peek(), b',' | b'}')
        {
            return Some(value);
        }
        self.lower.rollback(&mark);
        self.pos = start;
        self.skip_member();
        Some(self.parsed(start, self.pos))
    }

    /// A path: a reference, a call, a macro call, a struct literal or, with arguments, a type.
    fn path_value(&mut self) -> Option<Expr> {
        let at = self.at_next();
        let start = self.pos;
        if self.style != Style::Attribute {
            match self.word() {
                Some("true") => return Some(Expr::Bool(true)),
                Some("false") => return Some(Expr::Bool(false)),
                Some("None") if self.peek() != b':' || self.byte(1) != b':' => return Some(Expr::Null),
                Some(word) if is_keyword(word) => return None,
                _ => self.pos = start,
            }
        }
        let path = self.path()?;
        if let (Style::Attribute, Expr::Ref(name)) = (self.style, &path) {
            match name.as_str() {
                "true" => return Some(Expr::Bool(true)),
                "false" => return Some(Expr::Bool(false)),
                "dyn" | "impl" | "mut" if !matches!(self.peek(), b'=' | b'(' | b',' | b')') => {
                    self.pos = start;
                    return self.ty().map(|ty| Expr::Type(Box::new(ty)));
                }
                _ => {}
            }
        }
        let mut type_args = Vec::new();
        let mut path = path;
        let is_attribute = self.style == Style::Attribute;
        if self.peek() == b'<' && is_attribute || self.slice(self.pos, self.pos + 3) == "::<" {
            self.eat_all("::");
            type_args = self.type_arguments()?;
            if self.peek() == b':' && self.byte(1) == b':' {
                path = self.path_on(path)?;
            } else if self.peek() != b'(' {
                self.pos = start;
                return self.ty().map(|ty| Expr::Type(Box::new(ty)));
            }
        }
        match self.peek() {
            b'(' => self.call(path, type_args, if is_attribute { CallKind::Attribute } else { CallKind::Plain }, at),
            b'!' if matches!(self.after_mark(), b'(' | b'[' | b'{') => {
                self.pos += 1;
                self.peek();
                self.call(path, type_args, CallKind::Macro, at)
            }
            b'{' if !is_attribute => self.call(path, type_args, CallKind::Struct, at),
            _ => Some(path),
        }
    }

    /// The byte behind `!`, blanks skipped.
    fn after_mark(&mut self) -> u8 {
        let start = self.pos;
        self.pos += 1;
        let byte = self.peek();
        self.pos = start;
        byte
    }

    /// `a::b::c`, without type arguments.
    pub fn path(&mut self) -> Option<Expr> {
        self.eat_all("::");
        let first = self.segment()?;
        self.path_on(Expr::Ref(first))
    }

    /// The rest of a path.
    fn path_on(&mut self, mut path: Expr) -> Option<Expr> {
        let mut length = 0;
        while self.peek() == b':' && self.byte(1) == b':' && self.byte(2) != b'<' {
            self.pos += 2;
            let name = self.segment()?;
            length += 1;
            if length < MAX_DEPTH {
                path = Expr::Member(Box::new(path), name);
            }
        }
        Some(path)
    }

    fn segment(&mut self) -> Option<Name> {
        self.peek();
        if self.byte(0) == b'r' && self.byte(1) == b'#' {
            self.pos += 2;
        }
        self.word().map(Name::new)
    }
}

fn unnamed(member: Arg) -> Expr {
    if member.name.is_some() { Expr::Args([member].into()) } else { member.value }
}

/// Words that begin what only the grammar reads.
fn is_keyword(word: &str) -> bool {
    const WORDS: &str = "if match loop while for unsafe async move return let fn static break const continue use pub struct enum impl \
        mod type trait extern else in where ref mut dyn";
    WORDS.split_whitespace().any(|keyword| keyword == word)
}
