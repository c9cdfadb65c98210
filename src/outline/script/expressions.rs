//! Expressions. What the outline has no form for is a hole, but what stands in it (calls, functions) is still read.

use super::chains::is_link;
use super::kids::{Kid, in_slot, of_kind};
use super::kinds::{Kind, Slot};
use super::{Intro, Script};
use crate::base::Name;
use crate::base::code::{Entry, Expr, Key, Type};

impl<'t> Script<'t> {
    /// An expression, or whatever stands where one may.
    pub fn expr(&mut self, kid: Kid<'t>) -> Expr {
        match kid.kind {
            Kind::Identifier => self.reference(kid),
            Kind::Str => Expr::Str(self.string(kid)),
            Kind::Number => self.number(kid),
            Kind::This => Expr::Ref(Name::new_static("this")),
            Kind::Super => Expr::Ref(Name::new_static("super")),
            Kind::Import => Expr::Ref(Name::new_static("import")),
            Kind::True => Expr::Bool(true),
            Kind::False => Expr::Bool(false),
            Kind::Null | Kind::Undefined => Expr::Null,
            Kind::Regex => self.regex(kid),
            _ if self.b.enter() => {
                let value = self.compound(kid);
                self.b.leave();
                value
            }
            _ => Expr::Hole,
        }
    }

    fn reference(&self, kid: Kid) -> Expr {
        match self.b.text(kid.node) {
            "" => Expr::Hole,
            text => Expr::Ref(Name::new(text)),
        }
    }

    fn compound(&mut self, kid: Kid<'t>) -> Expr {
        match kid.kind {
            kind if is_link(kind) => self.chain(kid),
            Kind::Template => self.template(kid),
            Kind::New => self.new_expression(kid),
            Kind::Object => self.object(kid),
            Kind::Array => self.array(kid),
            Kind::Function | Kind::Method => {
                let intro = Intro { doc: self.doc(kid), ..Intro::default() };
                Expr::Func(self.function(kid, intro))
            }
            Kind::Class => Expr::Class(self.class(kid, Intro::default())),
            Kind::Binary => self.binary(kid),
            Kind::Ternary => self.ternary(kid),
            Kind::Unary => self.unary(kid),
            Kind::Assignment | Kind::Augmented => self.assigned(kid),
            Kind::Sequence => self.sequence(kid),
            Kind::Spread => Expr::Spread(Box::new(self.inner(kid))),
            Kind::Cast => self.cast(kid),
            Kind::Assertion => self.assertion(kid),
            Kind::Decorator => self.inner(kid),
            Kind::Meta => self.meta(kid),
            kind if is_statement(kind) => {
                self.statement(kid);
                Expr::Hole
            }
            _ => {
                self.sweep(kid);
                Expr::Hole
            }
        }
    }

    /// The one expression in a node.
    fn inner(&mut self, kid: Kid<'t>) -> Expr {
        match self.only(kid.node) {
            Some(kid) => self.expr(kid),
            None => Expr::Hole,
        }
    }

    /// Reads what stands in a node that has no form of its own (JSX, `yield`, broken text).
    pub fn sweep(&mut self, kid: Kid<'t>) {
        let kids = self.open(kid.node);
        self.statements(&kids);
        self.close(kids);
    }

    fn sequence(&mut self, kid: Kid<'t>) -> Expr {
        let kids = self.open(kid.node);
        let value = kids.iter().map(|kid| self.expr(*kid)).last();
        self.close(kids);
        value.unwrap_or_default()
    }

    fn array(&mut self, kid: Kid<'t>) -> Expr {
        let kids = self.open(kid.node);
        let mut items = Vec::with_capacity(kids.len());
        for kid in &kids {
            // What is left out (`[, a]`) is undefined.
            while items.len() < kid.place as usize {
                items.push(Expr::Null);
            }
            items.push(self.expr(*kid));
        }
        self.close(kids);
        Expr::List(items.into())
    }

    fn object(&mut self, kid: Kid<'t>) -> Expr {
        let kids = self.open(kid.node);
        let mut entries = Vec::with_capacity(kids.len());
        for kid in &kids {
            let at = kid.at();
            let (key, value) = match kid.kind {
                Kind::Pair => self.pair(*kid),
                Kind::Spread => (Key::Spread, self.inner(*kid)),
                Kind::Identifier => (Key::Name(self.b.name(kid.node)), self.reference(*kid)),
                Kind::Method => (self.method_key(*kid), self.expr(*kid)),
                _ => {
                    self.any(*kid);
                    continue;
                }
            };
            entries.push(Entry { key, value, at });
        }
        self.close(kids);
        Expr::Object(entries.into())
    }

    fn pair(&mut self, pair: Kid<'t>) -> (Key, Expr) {
        let kids = self.open(pair.node);
        let key = in_slot(&kids, Slot::Key).map(|kid| self.key(kid));
        let value = in_slot(&kids, Slot::Value).map(|kid| self.expr(kid.with_doc_of(pair)));
        self.close(kids);
        (key.unwrap_or(Key::Computed(Expr::Hole)), value.unwrap_or_default())
    }

    fn method_key(&mut self, kid: Kid<'t>) -> Key {
        let kids = self.open(kid.node);
        let name = in_slot(&kids, Slot::Name);
        self.close(kids);
        name.map_or(Key::Computed(Expr::Hole), |name| self.key(name))
    }

    /// The key of an object's member.
    pub fn key(&mut self, kid: Kid<'t>) -> Key {
        match kid.kind {
            Kind::Str => Key::Name(self.string(kid)),
            Kind::Computed => match self.inner(kid) {
                Expr::Str(text) => Key::Name(text),
                value => Key::Computed(value),
            },
            _ => Key::Name(self.b.name(kid.node)),
        }
    }

    /// `x as T`, `x satisfies T`, `x as const`.
    fn cast(&mut self, kid: Kid<'t>) -> Expr {
        let kids = self.open(kid.node);
        let value = kids.first().map(|kid| self.expr(*kid)).unwrap_or_default();
        let ty = match kids.last() {
            Some(kid) if kid.kind == Kind::ConstToken => Type::named("const"),
            Some(kid) if kids.len() > 1 => self.ty(*kid),
            _ => Type::Unknown,
        };
        self.close(kids);
        Expr::Cast(Box::new((value, ty)))
    }

    /// `<T>x`.
    fn assertion(&mut self, kid: Kid<'t>) -> Expr {
        let kids = self.open(kid.node);
        let ty = of_kind(&kids, Kind::TypeArguments).and_then(|kid| self.type_args(kid).into_iter().next());
        let value = kids.last().filter(|kid| kid.kind != Kind::TypeArguments).map(|kid| self.expr(*kid));
        self.close(kids);
        Expr::Cast(Box::new((value.unwrap_or_default(), ty.unwrap_or_default())))
    }

    /// `import.meta`; `new.target` is a hole.
    fn meta(&self, kid: Kid) -> Expr {
        if self.b.text(kid.node).starts_with("import") {
            return Expr::Member(Box::new(Expr::Ref(Name::new_static("import"))), Name::new_static("meta"));
        }
        Expr::Hole
    }
}

/// Declarations and statements that can stand among expressions (`namespace`, broken text).
fn is_statement(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Namespace
            | Kind::Lexical
            | Kind::Var
            | Kind::FunctionDeclaration
            | Kind::FunctionSignature
            | Kind::ClassDeclaration
            | Kind::Interface
            | Kind::Enum
            | Kind::Alias
            | Kind::ImportStatement
            | Kind::ExportStatement
            | Kind::ExpressionStatement
            | Kind::Block
            | Kind::If
            | Kind::Switch
            | Kind::For
            | Kind::ForIn
            | Kind::Catch
            | Kind::Return
            | Kind::Throw
            | Kind::Ambient
            | Kind::ImportAlias
            | Kind::StaticBlock
    )
}
