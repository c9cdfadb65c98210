//! Classes and their members.

use super::chains::is_link;
use super::kids::{Kid, in_slot, of_kind};
use super::kinds::{Kind, Slot};
use super::{Intro, Script};
use crate::base::Name;
use crate::base::code::{ClassId, ClassKind, Expr, Field, Flags, FuncId, NamedType, Type};
use crate::outline::builder::{at, end};

/// How far an overloaded method looks for its implementation.
const OVERLOADS: usize = 64;

/// What a class body has given so far.
#[derive(Default)]
struct Members {
    fields: Vec<Field>,
    methods: Vec<FuncId>,
}

impl<'t> Script<'t> {
    /// A class declaration or expression.
    pub fn class(&mut self, kid: Kid<'t>, intro: Intro) -> ClassId {
        let kids = self.open(kid.node);
        let mut decorators = intro.decorators;
        decorators.extend(self.decorators(&kids));
        let name = in_slot(&kids, Slot::Name);
        let bases = of_kind(&kids, Kind::Heritage).map(|kid| self.heritage(kid)).unwrap_or_default();
        let id = self.b.open_class(at(name.map_or(kid.node, |name| name.node)));
        let type_params = in_slot(&kids, Slot::TypeParameters).map(|kid| self.type_params(kid)).unwrap_or_default();
        let flags = Flags { is_public: intro.is_public, ..self.flags(&kids) };
        let outer = self.class_around();
        let own = name.map(|name| self.b.name(name.node));
        let class = self.b.class(id);
        (class.name, class.doc, class.kind) = (own.unwrap_or(intro.name), intro.doc, ClassKind::Class);
        (class.end, class.outer, class.flags) = (end(kid.node), outer, flags);
        (class.decorators, class.type_params, class.bases) = (decorators, type_params, bases);
        if let Some(body) = in_slot(&kids, Slot::Body) {
            let members = self.members(body, id);
            let class = self.b.class(id);
            (class.fields, class.methods) = (members.fields, members.methods);
        }
        self.b.pop_scope();
        self.close(kids);
        id
    }

    /// The class whose body the class that was just opened stands in.
    fn class_around(&self) -> Option<ClassId> {
        let around = self.b.scopes().iter().rev().nth(1)?;
        match self.b.outline.scope(*around).kind {
            crate::base::code::ScopeKind::Class(id) => Some(id),
            _ => None,
        }
    }

    /// `extends A<T>, implements B`; JavaScript has the expression alone.
    fn heritage(&mut self, kid: Kid<'t>) -> Vec<Type> {
        let kids = self.open(kid.node);
        let mut bases = Vec::with_capacity(kids.len());
        for kid in &kids {
            match kid.kind {
                Kind::Extends => self.extends(*kid, &mut bases),
                Kind::Implements => {
                    let types = self.open(kid.node);
                    bases.extend(types.iter().map(|kid| self.ty(*kid)));
                    self.close(types);
                }
                _ => bases.push(self.base(*kid)),
            }
        }
        self.close(kids);
        bases
    }

    fn extends(&mut self, kid: Kid<'t>, bases: &mut Vec<Type>) {
        let kids = self.open(kid.node);
        for kid in &kids {
            if kid.slot != Slot::TypeArguments {
                bases.push(self.base(*kid));
            } else if let Some(Type::Named(named)) = bases.last_mut() {
                named.args = self.type_args(*kid);
            }
        }
        self.close(kids);
    }

    /// A base: a name, or the value that `mixin(A)` gives.
    fn base(&mut self, kid: Kid<'t>) -> Type {
        match if is_link(kid.kind) { self.place(kid) } else { self.expr(kid) } {
            path @ (Expr::Ref(_) | Expr::Member(..)) => Type::Named(Box::new(NamedType { path, args: Box::default() })),
            value => Type::Value(value),
        }
    }

    fn members(&mut self, body: Kid<'t>, class: ClassId) -> Members {
        let kids = self.open(body.node);
        let mut members = Members::default();
        let mut decorators = Vec::new();
        for (index, kid) in kids.iter().enumerate() {
            let intro = |decorators| Intro { doc: self.doc(*kid), decorators, ..Intro::default() };
            match kid.kind {
                Kind::Decorator => decorators.push(self.expr(*kid)),
                Kind::MethodSignature if self.is_overloaded(&kids[index..]) => decorators.clear(),
                Kind::Method | Kind::MethodSignature => {
                    let intro = intro(std::mem::take(&mut decorators));
                    let (id, fields) = self.function_of(*kid, intro, Some(class));
                    members.methods.push(id);
                    members.fields.extend(fields);
                }
                Kind::FieldDefinition => {
                    let intro = intro(std::mem::take(&mut decorators));
                    members.fields.push(self.field(*kid, intro, class));
                }
                Kind::IndexSignature => members.fields.push(self.index_field(*kid)),
                _ => self.any(*kid),
            }
        }
        self.close(kids);
        members
    }

    /// Whether the first of these is a method's signature whose implementation follows.
    fn is_overloaded(&self, kids: &[Kid<'t>]) -> bool {
        let name_of = |kid: &Kid<'t>| kid.node.child_by_field_name("name").map(|name| self.b.text(name));
        let Some(name) = kids.first().and_then(name_of) else { return false };
        let mut rest = kids.iter().skip(1).take(OVERLOADS);
        rest.find(|kid| kid.kind != Kind::MethodSignature || name_of(kid) != Some(name))
            .is_some_and(|kid| kid.kind == Kind::Method && name_of(kid) == Some(name))
    }

    fn field(&mut self, kid: Kid<'t>, intro: Intro, class: ClassId) -> Field {
        let kids = self.open(kid.node);
        let mut decorators = intro.decorators;
        decorators.extend(self.decorators(&kids));
        let name = in_slot(&kids, Slot::Name).or_else(|| in_slot(&kids, Slot::Property));
        let at = name.unwrap_or(kid).at();
        let name = name.map(|name| self.member_name(name)).unwrap_or_default();
        let ty = in_slot(&kids, Slot::Type).map(|kid| self.ty(kid)).unwrap_or_default();
        let default = in_slot(&kids, Slot::Value).map(|kid| self.field_value(kid, &name, class));
        let flags = self.flags(&kids);
        let optional = kids.iter().any(|kid| kid.kind == Kind::QuestionToken);
        self.close(kids);
        Field { name, ty, default, optional, decorators, doc: intro.doc, flags, at }
    }

    /// The value of a field. A function is named after the field and belongs to the class (`list = async () => …`).
    fn field_value(&mut self, kid: Kid<'t>, name: &Name, class: ClassId) -> Expr {
        if kid.kind == Kind::Function {
            let intro = Intro { name: name.clone(), ..Intro::default() };
            return Expr::Func(self.function_of(kid, intro, Some(class)).0);
        }
        self.expr(kid)
    }
}
