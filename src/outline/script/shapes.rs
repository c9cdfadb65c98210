//! Declarations of types: interfaces, aliases, enums. Namespaces and ambient declarations.

use super::kids::{Kid, in_slot, of_kind};
use super::kinds::{Kind, Slot};
use super::{Intro, Script};
use crate::base::Name;
use crate::base::code::{Assign, Class, ClassKind, Field, Flags, ModDecl, Pattern, ScopeKind, Variant};
use crate::outline::builder::{at, end};

impl<'t> Script<'t> {
    /// `interface`, `type` or `enum`.
    pub fn shape(&mut self, kid: Kid<'t>, intro: Intro) {
        let kids = self.open(kid.node);
        let name = in_slot(&kids, Slot::Name);
        let id = self.b.open_class(at(name.map_or(kid.node, |name| name.node)));
        let type_params = in_slot(&kids, Slot::TypeParameters).map(|kid| self.type_params(kid)).unwrap_or_default();
        let own = name.map(|name| self.b.name(name.node)).unwrap_or_default();
        let class = self.b.class(id);
        (class.name, class.doc, class.end) = (own, intro.doc, end(kid.node));
        (class.decorators, class.type_params) = (intro.decorators, type_params);
        class.flags = Flags { is_public: intro.is_public, ..Flags::default() };
        match kid.kind {
            Kind::Interface => {
                let bases = of_kind(&kids, Kind::ExtendsTypes).map(|kid| self.type_args(kid).into_vec()).unwrap_or_default();
                let fields = in_slot(&kids, Slot::Body).map(|kid| self.signatures(kid)).unwrap_or_default();
                let class = self.b.class(id);
                (class.kind, class.bases, class.fields) = (ClassKind::Interface, bases, fields);
            }
            Kind::Enum => {
                let variants = in_slot(&kids, Slot::Body).map(|kid| self.variants(kid)).unwrap_or_default();
                let class = self.b.class(id);
                (class.kind, class.variants) = (ClassKind::Enum, variants);
            }
            _ => {
                let alias = in_slot(&kids, Slot::Value).map(|kid| self.ty(kid)).unwrap_or_default();
                let class: &mut Class = self.b.class(id);
                (class.kind, class.alias) = (ClassKind::Alias, alias);
            }
        }
        self.b.pop_scope();
        self.close(kids);
    }

    fn variants(&mut self, body: Kid<'t>) -> Vec<Variant> {
        let kids = self.open(body.node);
        let mut variants = Vec::with_capacity(kids.len());
        for kid in &kids {
            let (name, value) = match kid.kind {
                Kind::EnumAssignment => {
                    let kids = self.open(kid.node);
                    let name = in_slot(&kids, Slot::Name).map(|name| self.member_name(name));
                    let value = in_slot(&kids, Slot::Value).map(|kid| self.expr(kid));
                    self.close(kids);
                    (name.unwrap_or_default(), value)
                }
                _ if kid.slot == Slot::Name => (self.member_name(*kid), None),
                _ => continue,
            };
            variants.push(Variant { name, value, doc: self.doc(*kid), at: kid.at(), ..Variant::default() });
        }
        self.close(kids);
        variants
    }

    /// The members of an interface or object type as fields. Call and construct signatures have no name and are left out.
    pub fn signatures(&mut self, body: Kid<'t>) -> Vec<Field> {
        let kids = self.open(body.node);
        let mut fields = Vec::with_capacity(kids.len());
        for kid in &kids {
            match kid.kind {
                Kind::PropertySignature | Kind::MethodSignature => fields.push(self.signature(*kid)),
                Kind::IndexSignature => fields.push(self.index_field(*kid)),
                _ => {}
            }
        }
        self.close(kids);
        fields
    }

    fn signature(&mut self, kid: Kid<'t>) -> Field {
        let kids = self.open(kid.node);
        let name = in_slot(&kids, Slot::Name);
        let flags = self.flags(&kids);
        let ty = match kid.kind {
            Kind::MethodSignature if flags.is_accessor => in_slot(&kids, Slot::ReturnType).map(|kid| self.ty(kid)).unwrap_or_default(),
            Kind::MethodSignature => self.function_type(&kids),
            _ => in_slot(&kids, Slot::Type).map(|kid| self.ty(kid)).unwrap_or_default(),
        };
        let field = Field {
            name: name.map(|name| self.member_name(name)).unwrap_or_default(),
            ty,
            optional: kids.iter().any(|kid| kid.kind == Kind::QuestionToken),
            doc: self.doc(kid),
            flags,
            at: name.unwrap_or(kid).at(),
            ..Field::default()
        };
        self.close(kids);
        field
    }

    /// `[key: K]: V` among other members: a field named `[key]`.
    pub fn index_field(&mut self, kid: Kid<'t>) -> Field {
        let ty = self.index_signature(kid);
        Field { name: Name::new_static("[key]"), ty, doc: self.doc(kid), at: kid.at(), ..Field::default() }
    }

    /// `namespace A.B { … }`, `declare module "m" { … }`.
    pub fn namespace(&mut self, kid: Kid<'t>) {
        let kids = self.open(kid.node);
        let name = in_slot(&kids, Slot::Name).map(|name| self.member_name(name)).unwrap_or_default();
        self.inline_module(kid, name, in_slot(&kids, Slot::Body));
        self.close(kids);
    }

    fn inline_module(&mut self, kid: Kid<'t>, name: Name, body: Option<Kid<'t>>) {
        let scope = self.b.scope();
        let inline = body.map(|_| self.b.push_scope(ScopeKind::Namespace(name.clone())));
        self.b.outline.mods.push(ModDecl { name, inline, scope, at: kid.at(), ..ModDecl::default() });
        if let Some(body) = body {
            self.sweep(body);
            self.b.pop_scope();
        }
    }

    /// `declare …`.
    pub fn ambient(&mut self, ambient: Kid<'t>, intro: Intro) {
        let kids = self.open(ambient.node);
        let is_global = kids.iter().any(|kid| kid.kind == Kind::GlobalToken);
        for kid in &kids {
            match kid.kind {
                Kind::Block if is_global => self.inline_module(ambient, Name::new_static("global"), Some(*kid)),
                Kind::Other | Kind::GlobalToken | Kind::Property => {}
                _ => {
                    self.declared(
                        kid.with_doc_of(ambient),
                        Intro { is_public: intro.is_public, doc: intro.doc.clone(), ..Intro::default() },
                    );
                }
            }
        }
        self.close(kids);
    }

    /// `import x = a.b;`
    pub fn import_alias(&mut self, kid: Kid<'t>, intro: &Intro) {
        let kids = self.open(kid.node);
        let mut names = kids.iter().filter(|kid| matches!(kid.kind, Kind::Identifier | Kind::Member));
        let target = names.next().map(|kid| self.b.name(kid.node));
        let value = names.next().copied();
        if let (Some(name), Some(value)) = (target, value) {
            let value = if value.kind == Kind::Member { self.place(value) } else { self.expr(value) };
            let (at, scope) = (kid.at(), self.b.scope());
            let (target, doc) = (Pattern::Name(name), intro.doc.clone());
            if intro.is_public {
                self.export_names(&target, at);
            }
            let assign = Assign { target, value, declares: true, doc, is_public: intro.is_public, at, scope, ..Assign::default() };
            self.b.outline.assigns.push(assign);
        }
        self.close(kids);
    }
}
