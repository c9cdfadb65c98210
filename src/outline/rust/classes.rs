//! Structs, unions, enums, type aliases, traits and `impl` blocks.

use tree_sitter::Node;

use super::attributes::Pending;
use super::{K, Lower, child, fields, named};
use crate::base::Name;
use crate::base::code::{Class, ClassId, ClassKind, Expr, Field, NamedType, ScopeKind, Type, Variant};
use crate::outline::builder::{at, end};

impl Lower<'_> {
    /// A struct, union, enum or type alias. They open no scope.
    pub(super) fn class(&mut self, node: Node, pending: Pending) {
        let Some(id) = self.declare_class(node, pending) else { return };
        let body = child(node, fields().body);
        let mut class = Class { kind: ClassKind::Struct, ..Class::default() };
        match (K::of(node), body) {
            (K::Enum, body) => {
                class.kind = ClassKind::Enum;
                class.variants = body.map(|body| self.variants(body)).unwrap_or_default();
            }
            (K::TypeItem, _) => {
                class.kind = ClassKind::Alias;
                class.alias = self.ty_of(node, fields().r#type);
            }
            (_, Some(body)) => {
                class.kind = if K::of(body) == K::OrderedFields { ClassKind::TupleStruct } else { ClassKind::Struct };
                class.fields = self.fields(body);
            }
            (_, None) => {}
        }
        let slot = self.builder.class(id);
        slot.kind = class.kind;
        slot.fields = class.fields;
        slot.variants = class.variants;
        slot.alias = class.alias;
    }

    /// What every class has: name, place, attributes, type parameters, documentation.
    fn declare_class(&mut self, node: Node, pending: Pending) -> Option<ClassId> {
        let name = child(node, fields().name)?;
        let scope = self.builder.scope();
        let class = Class {
            name: self.ident(name),
            at: at(name),
            end: end(node),
            scope,
            inner: scope,
            decorators: pending.decorators,
            type_params: self.type_params(node),
            doc: pending.doc.map(Name::from),
            flags: self.flags(node),
            ..Class::default()
        };
        let id = ClassId(u32::try_from(self.builder.outline.classes.len()).unwrap_or(u32::MAX));
        let is_generic = !class.type_params.is_empty();
        self.builder.outline.classes.push(class);
        if is_generic {
            // Its parameters must not be bound around it.
            let inner = self.builder.push_scope(ScopeKind::Class(id));
            self.builder.pop_scope();
            self.builder.class(id).inner = inner;
        }
        Some(id)
    }

    /// Named fields, or those of a tuple (`0`, `1`, …).
    fn fields(&mut self, body: Node) -> Vec<Field> {
        let mut found: Vec<Field> = Vec::new();
        let mut pending = Pending::default();
        let mut is_public = false;
        for node in named(body) {
            match K::of(node) {
                K::LineComment | K::BlockComment => self.comment(node, &mut pending),
                K::Attribute => self.attribute(node, &mut pending),
                K::Visibility => is_public = true,
                K::FieldDeclaration => {
                    let Some(name) = child(node, fields().name) else { continue };
                    let (place, name) = (at(name), self.ident(name));
                    let ty = self.ty_of(node, fields().r#type);
                    let mut field = field(name, ty, std::mem::take(&mut pending));
                    field.flags = self.flags(node);
                    found.push(Field { at: place, ..field });
                }
                K::Error => {}
                _ => {
                    let name = Name::new(found.len().to_string());
                    let mut field = field(name, self.ty(node), std::mem::take(&mut pending));
                    field.flags.is_public = std::mem::take(&mut is_public);
                    field.flags.is_test = self.is_in_test;
                    found.push(Field { at: at(node), ..field });
                }
            }
        }
        found
    }

    fn variants(&mut self, body: Node) -> Vec<Variant> {
        let mut variants = Vec::new();
        let mut pending = Pending::default();
        for node in named(body) {
            match K::of(node) {
                K::LineComment | K::BlockComment => self.comment(node, &mut pending),
                K::Attribute => self.attribute(node, &mut pending),
                K::EnumVariant => {
                    let pending = std::mem::take(&mut pending);
                    variants.extend(self.variant(node, pending));
                }
                _ => {}
            }
        }
        variants
    }

    fn variant(&mut self, node: Node, pending: Pending) -> Option<Variant> {
        let name = child(node, fields().name)?;
        let body = child(node, fields().body);
        Some(Variant {
            name: self.ident(name),
            value: child(node, fields().value).map(|value| self.expr(value)),
            fields: body.map(|body| self.fields(body)).unwrap_or_default(),
            is_tuple: body.is_some_and(|body| K::of(body) == K::OrderedFields),
            decorators: pending.decorators,
            doc: pending.doc.map(Name::from),
            at: at(name),
        })
    }

    /// A trait: a class for its name, supertypes and documentation, and an `impl` of itself for its members.
    pub(super) fn trait_item(&mut self, node: Node, pending: Pending) {
        let Some(id) = self.declare_class(node, pending) else { return };
        let bases = child(node, fields().bounds).map(|bounds| self.bounds(bounds)).unwrap_or_default();
        let (place, name) = (self.builder.class(id).at, self.builder.class(id).name.clone());
        let index = self.builder.open_impl(place);
        let inner = self.builder.scope();
        let class = self.builder.class(id);
        class.kind = ClassKind::Trait;
        class.bases = bases;
        class.inner = inner;
        self.builder.outline.impls[index as usize].ty = Type::Named(Box::new(NamedType { path: Expr::Ref(name), args: Box::default() }));
        if let Some(body) = child(node, fields().body) {
            self.associated(body, index);
        }
        self.builder.pop_scope();
    }

    /// `impl Trait for Type { … }`.
    pub(super) fn impl_item(&mut self, node: Node, pending: Pending) {
        let ty = self.ty_of(node, fields().r#type);
        let of_trait = child(node, fields().r#trait).map(|of_trait| self.ty(of_trait));
        let index = self.builder.open_impl(at(node));
        let block = &mut self.builder.outline.impls[index as usize];
        block.ty = ty;
        block.of_trait = of_trait;
        block.decorators = pending.decorators;
        if let Some(body) = child(node, fields().body) {
            self.associated(body, index);
        }
        self.builder.pop_scope();
    }
}

fn field(name: Name, ty: Type, pending: Pending) -> Field {
    Field { name, ty, decorators: pending.decorators, doc: pending.doc.map(Name::from), ..Field::default() }
}
