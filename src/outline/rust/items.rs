//! Statements and items: what stands in files, modules, `impl` blocks and function bodies.

use tree_sitter::Node;

use super::attributes::Pending;
use super::{K, Lower, child, fields, first, named, parts};
use crate::base::Name;
use crate::base::code::{Assign, Flags, FuncId, ModDecl, Param, ParamKind, Pattern, ScopeKind, Type};
use crate::outline::builder::{at, end};

/// Where a function stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a module or another function.
    Free,
    /// In an `impl` block or trait.
    Associated,
}

impl Lower<'_> {
    /// Everything a file, module or broken piece of code declares, in the innermost scope.
    pub(super) fn declarations(&mut self, parent: Node) {
        let mut pending = Pending::default();
        for node in named(parent) {
            self.declaration(node, &mut pending);
        }
    }

    /// One statement or item; attributes and documentation wait in `pending` for the item they stand before.
    pub(super) fn declaration(&mut self, node: Node, pending: &mut Pending) {
        match K::of(node) {
            K::LineComment | K::BlockComment => self.comment(node, pending),
            K::Attribute => self.attribute(node, pending),
            K::InnerAttribute => self.inner_attribute(node),
            _ if !self.builder.enter() => *pending = Pending::default(),
            _ => {
                let before = self.is_in_test;
                let pending = std::mem::take(pending);
                self.is_in_test |= pending.is_test;
                self.item(node, pending);
                self.is_in_test = before;
                self.builder.leave();
            }
        }
    }

    fn item(&mut self, node: Node, pending: Pending) {
        match K::of(node) {
            K::Function | K::FunctionSignature => {
                self.function(node, pending, Place::Free);
            }
            K::Use => self.use_declaration(node),
            K::ExternCrate => self.extern_crate(node),
            K::Mod => self.mod_item(node, pending),
            K::Struct | K::Union | K::Enum | K::TypeItem => self.class(node, pending),
            K::Trait => self.trait_item(node, pending),
            K::Impl => self.impl_item(node, pending),
            K::Const | K::Static => self.constant(node, pending),
            K::Let => self.let_declaration(node, pending),
            K::ForeignMod => {
                if let Some(body) = child(node, fields().body) {
                    self.declarations(body);
                }
            }
            K::MacroInvocation => {
                self.macro_call(node, true);
            }
            K::ExpressionStatement => {
                if let Some(inner) = first(node) {
                    let is_item = K::of(inner) == K::MacroInvocation;
                    if is_item {
                        self.macro_call(inner, true)
                    } else {
                        self.expr(inner)
                    };
                }
            }
            K::Error => self.broken(node),
            _ => self.drop_expr(node),
        }
    }

    /// A function or method, with or without a body.
    pub(super) fn function(&mut self, node: Node, pending: Pending, place: Place) -> Option<FuncId> {
        let name = child(node, fields().name)?;
        let id = self.builder.open_function(at(name));
        let type_params = self.type_params(node);
        let params = child(node, fields().parameters).map(|params| self.params(params)).unwrap_or_default();
        let returns = match child(node, fields().return_type) {
            Some(returns) => self.ty(returns),
            None => Type::Tuple(Box::default()),
        };
        let is_unit = matches!(&returns, Type::Tuple(parts) if parts.is_empty());
        let has_receiver = params.iter().any(|param| param.kind == ParamKind::Receiver);
        let mut flags = self.flags(node);
        flags.is_static = place == Place::Associated && !has_receiver;
        let name = self.ident(name);
        let function = self.builder.function(id);
        function.name = name;
        function.end = end(node);
        function.decorators = pending.decorators;
        function.type_params = type_params;
        function.params = params;
        function.returns = returns;
        function.doc = pending.doc.map(Name::from);
        function.flags = flags;
        match child(node, fields().body) {
            Some(body) if is_unit => {
                self.statements(&named(body));
            }
            Some(body) => self.body(body, id),
            None => {}
        }
        self.builder.pop_scope();
        Some(id)
    }

    pub(super) fn params(&mut self, list: Node) -> Vec<Param> {
        let mut params = Vec::new();
        let mut pending = Pending::default();
        for node in named(list) {
            match K::of(node) {
                K::LineComment | K::BlockComment => {}
                K::Attribute => self.attribute(node, &mut pending),
                kind => {
                    let decorators = std::mem::take(&mut pending).decorators;
                    let param = match kind {
                        K::Parameter => self.typed_param(node),
                        K::SelfParameter => {
                            Param { pattern: Pattern::Name("self".into()), kind: ParamKind::Receiver, at: at(node), ..Param::default() }
                        }
                        K::Variadic => Param { kind: ParamKind::Rest, at: at(node), ..Param::default() },
                        _ => Param { ty: self.ty(node), at: at(node), ..Param::default() },
                    };
                    let is_receiver = params.is_empty() && matches!(&param.pattern, Pattern::Name(name) if name == "self");
                    let kind = if is_receiver { ParamKind::Receiver } else { param.kind };
                    params.push(Param { decorators, kind, ..param });
                }
            }
        }
        params
    }

    /// `pub`, `async`, and whether it is a test.
    pub(super) fn flags(&self, node: Node) -> Flags {
        let mut flags = Flags { is_test: self.is_in_test, ..Flags::default() };
        for modifier in (0..3).filter_map(|i| node.child(i)) {
            match K::of(modifier) {
                K::Visibility => flags.is_public = true,
                K::FunctionModifiers => {
                    flags.is_async = self.builder.text(modifier).split_whitespace().any(|word| word == "async");
                }
                _ => {}
            }
        }
        flags
    }

    /// Whether a visibility stands before it.
    pub(super) fn is_public(&self, node: Node) -> bool {
        node.child(0).is_some_and(|modifier| K::of(modifier) == K::Visibility)
    }

    /// `mod x;`, `mod x { … }`.
    fn mod_item(&mut self, node: Node, pending: Pending) {
        let Some(name) = child(node, fields().name) else { return };
        let place = at(name);
        let name = self.ident(name);
        let scope = self.builder.scope();
        let index = self.builder.outline.mods.len();
        let is_test = self.is_in_test;
        self.builder.outline.mods.push(ModDecl { name: name.clone(), path: pending.path, inline: None, scope, is_test, at: place });
        let Some(body) = child(node, fields().body) else { return };
        let inline = self.builder.push_scope(ScopeKind::Namespace(name));
        self.builder.outline.mods[index].inline = Some(inline);
        self.declarations(body);
        self.builder.pop_scope();
    }

    /// `const X: T = value;`, `static X: T = value;`.
    pub(super) fn constant(&mut self, node: Node, pending: Pending) {
        let Some(name) = child(node, fields().name) else { return };
        let ty = self.ty_of(node, fields().r#type);
        let value = child(node, fields().value).map(|value| self.expr(value)).unwrap_or_default();
        let scope = self.builder.scope();
        let assign = Assign {
            target: Pattern::Name(self.ident(name)),
            ty,
            value,
            is_append: false,
            declares: true,
            doc: pending.doc.map(Name::from),
            is_public: self.is_public(node),
            at: at(name),
            scope,
        };
        self.builder.outline.assigns.push(assign);
    }

    /// The members of an `impl` block or trait.
    pub(super) fn associated(&mut self, body: Node, index: u32) {
        let mut pending = Pending::default();
        for node in named(body) {
            match K::of(node) {
                K::Function | K::FunctionSignature => {
                    let before = self.is_in_test;
                    let pending = std::mem::take(&mut pending);
                    self.is_in_test |= pending.is_test;
                    let id = self.function(node, pending, Place::Associated);
                    self.builder.outline.impls[index as usize].methods.extend(id);
                    self.is_in_test = before;
                }
                K::TypeItem | K::AssociatedType => {
                    pending = Pending::default();
                    let Some(name) = child(node, fields().name) else { continue };
                    let name = self.ident(name);
                    let ty = match child(node, fields().r#type) {
                        Some(ty) => self.ty(ty),
                        None => child(node, fields().bounds).map(|bounds| super::generics::joined(self.bounds(bounds))).unwrap_or_default(),
                    };
                    self.builder.outline.impls[index as usize].types.push((name, ty));
                }
                K::Error => parts(node).into_iter().for_each(|part| self.declaration(part, &mut pending)),
                _ => self.declaration(node, &mut pending),
            }
        }
    }
}
