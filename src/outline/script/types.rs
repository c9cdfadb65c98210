//! Types as written. Conditional types, `infer` and constructor types are not read.

use super::Script;
use super::kids::{Kid, has, in_slot, of_kind};
use super::kinds::{Kind, Slot};
use crate::base::Name;
use crate::base::code::{Expr, Field, NamedType, Type};

impl<'t> Script<'t> {
    /// A type, or the annotation around it.
    pub fn ty(&mut self, kid: Kid<'t>) -> Type {
        match kid.kind {
            Kind::Identifier => Type::named(self.b.text(kid.node)),
            Kind::Predefined => self.predefined(kid),
            Kind::TemplateType => Type::named("string"),
            Kind::Predicate => Type::named("boolean"),
            Kind::Asserts => Type::named("void"),
            Kind::Import => Type::Unknown,
            _ if self.b.enter() => {
                let ty = self.compound_type(kid);
                self.b.leave();
                ty
            }
            _ => Type::Unknown,
        }
    }

    fn predefined(&self, kid: Kid) -> Type {
        let text = self.b.text(kid.node);
        Type::named(if text.starts_with("unique") { "symbol" } else { text })
    }

    fn compound_type(&mut self, kid: Kid<'t>) -> Type {
        match kid.kind {
            Kind::Annotation | Kind::OptionalAnnotation => self.wrapped(kid),
            Kind::GenericType => self.generic(kid),
            Kind::NestedType | Kind::Member | Kind::Call | Kind::This => self.named_type(kid, Box::default()),
            Kind::UnionType => Type::Union(self.members_of(kid)),
            Kind::IntersectionType => Type::Inter(self.members_of(kid)),
            Kind::ObjectType => self.object_type(kid),
            Kind::ArrayType => Type::List(Box::new(self.wrapped(kid))),
            Kind::TupleType => {
                let kids = self.open(kid.node);
                let items = kids.iter().map(|kid| self.parameter_type(*kid)).collect();
                self.close(kids);
                Type::Tuple(items)
            }
            Kind::FunctionType => {
                let kids = self.open(kid.node);
                let ty = self.function_type(&kids);
                self.close(kids);
                ty
            }
            Kind::LiteralType => self.literal_type(kid),
            Kind::TypeQuery => self.only(kid.node).map_or(Type::Unknown, |_| self.type_query(kid)),
            Kind::KeyOf => self.last_type(kid).map_or(Type::Unknown, |ty| Type::KeyOf(Box::new(ty))),
            Kind::Lookup => {
                let kids = self.open(kid.node);
                let pair = match kids[..] {
                    [object, index] => Type::Indexed(Box::new((self.ty(object), self.ty(index)))),
                    _ => Type::Unknown,
                };
                self.close(kids);
                pair
            }
            Kind::MaybeType => {
                let inner = self.last_type(kid).unwrap_or_default();
                Type::Union([inner, Type::Literal(Expr::Null)].into())
            }
            _ => Type::Unknown,
        }
    }

    /// The one type in a node; words before it (`readonly`, `extends`) do not count.
    fn wrapped(&mut self, kid: Kid<'t>) -> Type {
        let kids = self.open(kid.node);
        let inner = kids.iter().find(|kid| kid.node.is_named()).copied();
        let ty = inner.map(|kid| self.ty(kid)).unwrap_or_default();
        self.close(kids);
        ty
    }

    fn last_type(&mut self, kid: Kid<'t>) -> Option<Type> {
        let kids = self.open(kid.node);
        let last = kids.last().copied().filter(|kid| kid.node.is_named());
        self.close(kids);
        last.map(|kid| self.ty(kid))
    }

    /// The members of a union or intersection, which leans to the left: no recursion.
    fn members_of(&mut self, kid: Kid<'t>) -> Box<[Type]> {
        let mut rights = Vec::new();
        let mut next = Some(kid);
        while let Some(inner) = next.take() {
            if inner.kind != kid.kind {
                rights.push(inner);
                break;
            }
            let kids = self.open(inner.node);
            let mut types = kids.iter().rev().filter(|kid| kid.node.is_named()).copied();
            rights.extend(types.next());
            next = types.next();
            self.close(kids);
        }
        rights.into_iter().rev().map(|kid| self.ty(kid)).collect()
    }

    fn generic(&mut self, kid: Kid<'t>) -> Type {
        let kids = self.open(kid.node);
        let args = in_slot(&kids, Slot::TypeArguments).map(|kid| self.type_args(kid)).unwrap_or_default();
        let name = in_slot(&kids, Slot::Name);
        self.close(kids);
        name.map_or(Type::Unknown, |name| self.named_type(name, args))
    }

    fn named_type(&mut self, kid: Kid<'t>, args: Box<[Type]>) -> Type {
        Type::Named(Box::new(NamedType { path: self.type_path(kid), args }))
    }

    /// `a.b.C`; `import("m").C` begins with a reference named `import(m)`.
    fn type_path(&mut self, kid: Kid<'t>) -> Expr {
        if !matches!(kid.kind, Kind::NestedType | Kind::Member | Kind::Call | Kind::Subscript | Kind::Instantiation) {
            return if kid.kind == Kind::Identifier { Expr::Ref(self.b.name(kid.node)) } else { self.expr(kid) };
        }
        if !self.b.enter() {
            return Expr::Hole;
        }
        let kids = self.open(kid.node);
        let path = match kid.kind {
            Kind::Call => self.imported_type(&kids),
            Kind::Subscript => match (in_slot(&kids, Slot::Object), in_slot(&kids, Slot::Index)) {
                (Some(object), Some(index)) => Expr::Index(Box::new((self.type_path(object), self.expr(index)))),
                _ => Expr::Hole,
            },
            Kind::Instantiation => kids.first().map(|kid| self.type_path(*kid)).unwrap_or_default(),
            _ => match kids[..] {
                [base, name] => Expr::Member(Box::new(self.type_path(base)), self.b.name(name.node)),
                _ => Expr::Hole,
            },
        };
        self.close(kids);
        self.b.leave();
        path
    }

    fn imported_type(&mut self, kids: &[Kid<'t>]) -> Expr {
        let Some(args) = in_slot(kids, Slot::Arguments).filter(|_| has(kids, Kind::Import)) else { return Expr::Hole };
        match self.only(args.node) {
            Some(module) if module.kind == Kind::Str => Expr::Ref(Name::from(format!("import({})", self.string(module)))),
            _ => Expr::Hole,
        }
    }

    /// `typeof a.b`.
    fn type_query(&mut self, kid: Kid<'t>) -> Type {
        let kids = self.open(kid.node);
        let value = kids.last().copied();
        self.close(kids);
        value.map_or(Type::Unknown, |value| Type::TypeOf(self.type_path(value)))
    }

    fn literal_type(&mut self, kid: Kid<'t>) -> Type {
        match self.only(kid.node) {
            Some(value) if value.kind == Kind::Undefined => Type::named("undefined"),
            Some(value) => Type::Literal(self.expr(value)),
            None => Type::Unknown,
        }
    }

    /// `(a: A) => R`, and the signature of a method.
    pub fn function_type(&mut self, kids: &[Kid<'t>]) -> Type {
        let mut params = Vec::new();
        if let Some(list) = in_slot(kids, Slot::Parameters) {
            let kids = self.open(list.node);
            params.extend(kids.iter().map(|kid| self.parameter_type(*kid)));
            self.close(kids);
        }
        let returns = in_slot(kids, Slot::ReturnType).map(|kid| self.ty(kid)).unwrap_or_default();
        Type::Function(Box::new((params.into(), returns)))
    }

    /// The type of a parameter, or of a tuple's member with or without a name.
    fn parameter_type(&mut self, kid: Kid<'t>) -> Type {
        if !matches!(kid.kind, Kind::Parameter | Kind::OptionalParameter) {
            return self.ty(kid);
        }
        let kids = self.open(kid.node);
        let ty = in_slot(&kids, Slot::Type).map(|kid| self.ty(kid)).unwrap_or_default();
        self.close(kids);
        ty
    }

    /// `{ … }`: a map or mapped type when an index signature is all there is, a function when a call signature is.
    fn object_type(&mut self, kid: Kid<'t>) -> Type {
        let kids = self.open(kid.node);
        let single = match kids[..] {
            [single] => Some(single),
            _ => None,
        };
        self.close(kids);
        match single.map(|single| (single, single.kind)) {
            Some((single, Kind::IndexSignature)) => self.index_signature(single),
            Some((single, Kind::CallSignature)) => {
                let kids = self.open(single.node);
                let ty = self.function_type(&kids);
                self.close(kids);
                ty
            }
            _ => Type::Object(Vec::<Field>::into(self.signatures(kid))),
        }
    }

    /// `[key: K]: V`, `[K in Keys]?: V`.
    pub fn index_signature(&mut self, kid: Kid<'t>) -> Type {
        let kids = self.open(kid.node);
        let annotation = in_slot(&kids, Slot::Type);
        let value = annotation.map(|kid| self.ty(kid)).unwrap_or_default();
        let ty = if let Some(clause) = of_kind(&kids, Kind::MappedClause) {
            let parts = self.open(clause.node);
            let name = in_slot(&parts, Slot::Name).map(|name| self.b.name(name.node)).unwrap_or_default();
            let keys = in_slot(&parts, Slot::Type).map(|kid| self.ty(kid)).unwrap_or_default();
            self.close(parts);
            let is_optional = annotation.is_some_and(|kid| kid.kind == Kind::OptionalAnnotation);
            Type::Mapped(Box::new((name, keys, value, is_optional)))
        } else {
            let key = in_slot(&kids, Slot::IndexType).map(|kid| self.ty(kid)).unwrap_or_default();
            Type::Map(Box::new((key, value)))
        };
        self.close(kids);
        ty
    }
}
