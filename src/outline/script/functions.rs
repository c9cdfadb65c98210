//! Functions of every kind, their parameters and type parameters.

use super::kids::{Kid, Kids, has, in_slot, of_kind};
use super::kinds::{Kind, Slot};
use super::{Intro, Script};
use crate::base::Name;
use crate::base::code::{ClassId, Expr, Field, Flags, FuncId, Param, ParamKind, Pattern, TypeParam};
use crate::outline::builder::{at, end};

impl<'t> Script<'t> {
    /// A function: declaration, expression, arrow, method or signature.
    pub fn function(&mut self, kid: Kid<'t>, intro: Intro) -> FuncId {
        self.function_of(kid, intro, None).0
    }

    /// A function that belongs to a class, and the fields that its parameters declare.
    pub fn function_of(&mut self, kid: Kid<'t>, intro: Intro, class: Option<ClassId>) -> (FuncId, Vec<Field>) {
        let kids = self.open(kid.node);
        let name = in_slot(&kids, Slot::Name);
        let id = self.b.open_function(at(name.map_or(kid.node, |name| name.node)));
        let own = name.filter(|_| kid.kind != Kind::Method || class.is_some()).map(|name| self.member_name(name));
        let flags = Flags { is_public: intro.is_public, ..self.flags(&kids) };
        let type_params = in_slot(&kids, Slot::TypeParameters).map(|kid| self.type_params(kid)).unwrap_or_default();
        let (params, fields) = self.params(&kids);
        let returns = in_slot(&kids, Slot::ReturnType).map(|kid| self.ty(kid)).unwrap_or_default();
        let mut decorators = intro.decorators;
        decorators.extend(self.decorators(&kids));
        let function = self.b.function(id);
        (function.name, function.doc) = (own.unwrap_or(intro.name), intro.doc);
        (function.end, function.class, function.flags) = (end(kid.node), class, flags);
        (function.decorators, function.type_params) = (decorators, type_params);
        (function.params, function.returns) = (params, returns);
        if let Some(body) = in_slot(&kids, Slot::Body) {
            self.function_body(body);
        }
        self.b.pop_scope();
        self.close(kids);
        (id, fields)
    }

    fn function_body(&mut self, body: Kid<'t>) {
        if body.kind == Kind::Block {
            self.sweep(body);
        } else {
            let value = self.expr(body);
            self.leave_with(value, body);
        }
    }

    /// The name of a method, field or declaration; a computed one as it is written.
    pub fn member_name(&mut self, kid: Kid<'t>) -> Name {
        match kid.kind {
            Kind::Str => self.string(kid),
            _ => self.b.name(kid.node),
        }
    }

    /// The decorators among these.
    pub fn decorators(&mut self, kids: &[Kid<'t>]) -> Vec<Expr> {
        kids.iter().filter(|kid| kid.kind == Kind::Decorator).map(|kid| self.expr(*kid)).collect()
    }

    /// The modifiers among these.
    pub fn flags(&self, kids: &[Kid<'t>]) -> Flags {
        let mut flags = Flags::default();
        for kid in kids {
            match kid.kind {
                Kind::AsyncToken => flags.is_async = true,
                Kind::StaticToken => flags.is_static = true,
                Kind::AbstractToken => flags.is_abstract = true,
                Kind::ReadonlyToken => flags.is_readonly = true,
                Kind::GetToken | Kind::SetToken => flags.is_accessor = true,
                Kind::Accessibility => flags.is_private = self.b.text(kid.node) != "public",
                Kind::Property if kid.slot == Slot::Name || kid.slot == Slot::Property => {
                    flags.is_private |= self.b.text(kid.node).starts_with('#');
                }
                _ => {}
            }
        }
        flags
    }

    /// The parameters, and the fields that a constructor's parameters declare.
    fn params(&mut self, kids: &Kids<'t>) -> (Vec<Param>, Vec<Field>) {
        let mut fields = Vec::new();
        if let Some(single) = in_slot(kids, Slot::Parameter) {
            let param = Param { pattern: self.pattern(single), at: single.at(), ..Param::default() };
            return (vec![param], fields);
        }
        let Some(list) = in_slot(kids, Slot::Parameters) else { return (Vec::new(), fields) };
        let kids = self.open(list.node);
        let mut params = Vec::with_capacity(kids.len());
        for kid in &kids {
            let (param, flags) = self.param(*kid);
            if param.is_property {
                fields.push(self.field_of(&param, flags, *kid));
            }
            params.push(param);
        }
        self.close(kids);
        (params, fields)
    }

    fn param(&mut self, kid: Kid<'t>) -> (Param, Flags) {
        if !matches!(kid.kind, Kind::Parameter | Kind::OptionalParameter) {
            let (pattern, default) = self.defaulted(kid);
            return (received(Param { pattern, default, at: kid.at(), ..Param::default() }), Flags::default());
        }
        let kids = self.open(kid.node);
        let decorators = self.decorators(&kids);
        let pattern = in_slot(&kids, Slot::Pattern);
        let at = pattern.unwrap_or(kid).at();
        let param = Param {
            pattern: pattern.map(|kid| self.pattern(kid)).unwrap_or_default(),
            ty: in_slot(&kids, Slot::Type).map(|kid| self.ty(kid)).unwrap_or_default(),
            default: in_slot(&kids, Slot::Value).map(|kid| self.expr(kid)),
            kind: ParamKind::Normal,
            optional: kid.kind == Kind::OptionalParameter,
            decorators,
            is_property: has(&kids, Kind::Accessibility) || has(&kids, Kind::ReadonlyToken) || has(&kids, Kind::Override),
            at,
        };
        let flags = self.flags(&kids);
        self.close(kids);
        (received(param), flags)
    }

    /// The field that `constructor(private readonly x: X)` declares.
    fn field_of(&self, param: &Param, flags: Flags, kid: Kid) -> Field {
        Field {
            name: param.name().cloned().unwrap_or_default(),
            ty: param.ty.clone(),
            default: param.default.clone(),
            optional: param.optional,
            decorators: param.decorators.clone(),
            doc: self.doc(kid),
            flags,
            at: param.at,
        }
    }

    /// `<T extends A = B>`.
    pub fn type_params(&mut self, kid: Kid<'t>) -> Vec<TypeParam> {
        let list = self.open(kid.node);
        let mut params = Vec::with_capacity(list.len());
        for kid in list.iter().filter(|kid| kid.kind == Kind::TypeParameter) {
            let kids = self.open(kid.node);
            let name = in_slot(&kids, Slot::Name).or_else(|| of_kind(&kids, Kind::Identifier));
            params.push(TypeParam {
                name: name.map(|name| self.b.name(name.node)).unwrap_or_default(),
                bound: in_slot(&kids, Slot::Constraint).map(|kid| self.ty(kid)).unwrap_or_default(),
                default: in_slot(&kids, Slot::Value).map(|kid| self.ty(kid)).unwrap_or_default(),
            });
            self.close(kids);
        }
        self.close(list);
        params
    }
}

/// A parameter as it is passed: `...args` and `this` are told by what they bind.
fn received(mut param: Param) -> Param {
    match param.pattern {
        Pattern::Rest(inner) => {
            param.pattern = *inner;
            param.kind = ParamKind::Rest;
        }
        Pattern::Name(ref name) if name == "this" => param.kind = ParamKind::Receiver,
        _ => {}
    }
    param
}
