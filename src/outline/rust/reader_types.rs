//! Types in token trees, as in `types`.

use super::reader::Reader;
use crate::base::Name;
use crate::base::code::{Arg, Expr, NamedType, Type};

impl Reader<'_, '_, '_> {
    /// A type.
    pub fn ty(&mut self) -> Option<Type> {
        if !self.lower.builder.enter() {
            return None;
        }
        let ty = self.ty_inside();
        self.lower.builder.leave();
        ty
    }

    fn ty_inside(&mut self) -> Option<Type> {
        match self.peek() {
            b'&' => {
                self.pos += 1;
                self.skip_reference();
                self.ty()
            }
            b'(' => {
                self.pos += 1;
                self.ty_list(b')').map(|members| Type::Tuple(members.into()))
            }
            b'[' => {
                self.pos += 1;
                let element = self.ty()?;
                if self.eat(b';') {
                    self.skip_member();
                }
                self.eat(b']').then(|| Type::List(Box::new(element)))
            }
            b'<' => self.qualified(),
            _ => self.named_ty(),
        }
    }

    /// `<T as Trait>::X`.
    fn qualified(&mut self) -> Option<Type> {
        self.pos += 1;
        let ty = self.ty()?;
        if self.peek() == b'a' && self.word() == Some("as") {
            self.ty()?;
        }
        if !self.eat(b'>') || !self.eat_all("::") {
            return None;
        }
        let Type::Named(named) = ty else { return None };
        let name = Name::new(self.word()?);
        Some(Type::Named(Box::new(NamedType { path: Expr::Member(Box::new(named.path), name), args: Box::default() })))
    }

    fn named_ty(&mut self) -> Option<Type> {
        let start = self.pos;
        if matches!(self.word()?, "dyn" | "impl") && !matches!(self.peek(), b':' | b'<' | b',' | b'>' | 0) {
            let mut bounds = vec![self.ty()?];
            while self.eat(b'+') {
                if self.peek() == b'\'' {
                    self.pos += 1;
                    self.word();
                } else {
                    bounds.push(self.ty()?);
                }
            }
            return Some(Type::Bounds(bounds.into()));
        }
        self.pos = start;
        let path = self.path()?;
        if path == Expr::Ref("_".into()) {
            return Some(Type::Unknown);
        }
        let mut args = Vec::new();
        self.eat_all("::");
        match self.peek() {
            b'<' => args = self.type_arguments()?,
            b'(' if path.last_name().is_some_and(|name| matches!(name.as_str(), "Fn" | "FnMut" | "FnOnce" | "fn")) => {
                self.pos += 1;
                let params = self.ty_list(b')')?;
                let returns = if self.eat_all("->") { self.ty()? } else { Type::Tuple(Box::default()) };
                return Some(Type::Function(Box::new((params.into(), returns))));
            }
            _ => {}
        }
        if self.peek() == b':' && self.byte(1) == b':' {
            self.pos += 2;
            let name = Name::new(self.word()?);
            return Some(Type::Named(Box::new(NamedType { path: Expr::Member(Box::new(path), name), args: args.into() })));
        }
        Some(Type::Named(Box::new(NamedType { path, args: args.into() })))
    }

    /// `<A, 'a, 3, Item = X>` with its opening mark.
    pub fn type_arguments(&mut self) -> Option<Vec<Type>> {
        if !self.eat(b'<') {
            return None;
        }
        self.ty_list(b'>')
    }

    fn ty_list(&mut self, close: u8) -> Option<Vec<Type>> {
        let mut types = Vec::new();
        loop {
            match self.peek() {
                0 => return None,
                b',' => self.pos += 1,
                b'\'' => {
                    self.pos += 1;
                    self.word()?;
                }
                byte if byte == close => {
                    self.pos += 1;
                    return Some(types);
                }
                b'0'..=b'9' | b'"' | b'-' | b'{' => {
                    let value = self.constant()?;
                    types.push(Type::Value(value));
                }
                _ => {
                    let ty = self.ty()?;
                    types.push(if self.eat(b'=') { self.binding(&ty)? } else { ty });
                }
            }
        }
    }

    /// A const generic argument: a literal; a block is skipped.
    fn constant(&mut self) -> Option<Expr> {
        if self.eat(b'{') {
            self.skip_group();
            return Some(Expr::Hole);
        }
        let start = self.pos;
        self.eat(b'-');
        if let Some(end) = self.string_end() {
            self.pos = end;
            return Some(Expr::Str(super::literals::string(self.slice(start, end))));
        }
        let number = super::literals::number(self.word()?);
        Some(if self.slice(start, start + 1) == "-" { super::literals::negated(number) } else { number })
    }

    fn binding(&mut self, name: &Type) -> Option<Type> {
        let value = Expr::Type(Box::new(self.ty()?));
        Some(Type::Value(Expr::Args([Arg { name: name.last_name().cloned(), value }].into())))
    }
}
