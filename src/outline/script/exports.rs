//! ESM exports, `export =`, and exports from other modules, which are imports too.

use super::kids::{Kid, has, in_slot, of_kind};
use super::kinds::{Kind, Slot};
use super::{Intro, Script};
use crate::base::Name;
use crate::base::code::{At, Export, ExportTarget, Expr, Import, Imported, Pattern};

impl<'t> Script<'t> {
    /// `export …`.
    pub fn export(&mut self, kid: Kid<'t>) {
        let kids = self.open(kid.node);
        let is_default = has(&kids, Kind::DefaultToken);
        if let Some(source) = in_slot(&kids, Slot::Source) {
            let module = self.string(source);
            self.reexport(&kids, &module, kid.at());
        } else if let Some(clause) = of_kind(&kids, Kind::ExportClause) {
            self.export_clause(clause);
        } else if let Some(declaration) = in_slot(&kids, Slot::Declaration) {
            let decorators = self.decorators(&kids);
            let declaration = declaration.with_doc_of(kid);
            let intro = Intro { doc: self.doc(declaration), decorators, is_public: true, ..Intro::default() };
            if is_default { self.default_declaration(declaration, intro) } else { self.declared(declaration, intro) }
        } else if let Some(value) = in_slot(&kids, Slot::Value) {
            let decorators = self.decorators(&kids);
            let intro = Intro { doc: self.doc(value.with_doc_of(kid)), decorators, is_public: true, ..Intro::default() };
            self.export_expression(Name::new_static("default"), value, intro);
        } else if has(&kids, Kind::EqualsToken) {
            let intro = Intro { doc: self.doc(kid), is_public: true, ..Intro::default() };
            if let Some(value) = kids.last().copied() {
                self.export_expression(Name::new_static("="), value, intro);
            }
        } else {
            kids.iter().filter(|kid| kid.node.is_named()).for_each(|kid| self.any(*kid));
        }
        self.close(kids);
    }

    /// A declaration with what is known of it from around; exported when it is public.
    pub fn declared(&mut self, kid: Kid<'t>, intro: Intro) {
        if intro.is_public && exports_its_name(kid.kind) {
            let name = self.declared_name(kid);
            self.export_names(&Pattern::Name(name), kid.at());
        }
        match kid.kind {
            Kind::Lexical | Kind::Var => self.declaration(kid, &intro),
            Kind::FunctionDeclaration | Kind::FunctionSignature => drop(self.function(kid, intro)),
            Kind::ClassDeclaration => drop(self.class(kid, intro)),
            Kind::Interface | Kind::Enum | Kind::Alias => self.shape(kid, intro),
            Kind::Ambient => self.ambient(kid, intro),
            Kind::ImportAlias => self.import_alias(kid, &intro),
            _ => self.any(kid),
        }
    }

    fn declared_name(&mut self, kid: Kid<'t>) -> Name {
        let kids = self.open(kid.node);
        let name = in_slot(&kids, Slot::Name).map(|name| self.member_name(name)).unwrap_or_default();
        self.close(kids);
        name
    }

    fn default_declaration(&mut self, kid: Kid<'t>, intro: Intro) {
        let name = self.declared_name(kid);
        self.push_export(Name::new_static("default"), ExportTarget::Local(name), kid.at());
        match kid.kind {
            Kind::FunctionDeclaration | Kind::FunctionSignature => drop(self.function(kid, intro)),
            Kind::ClassDeclaration => drop(self.class(kid, intro)),
            Kind::Interface | Kind::Enum | Kind::Alias => self.shape(kid, intro),
            _ => self.any(kid),
        }
    }

    /// `export default x`, `export = x`: a name stands for what it names, anything else for itself.
    fn export_expression(&mut self, name: Name, kid: Kid<'t>, intro: Intro) {
        let value = match kid.kind {
            Kind::Function => Expr::Func(self.function(kid, intro)),
            Kind::Class => Expr::Class(self.class(kid, intro)),
            _ => self.expr(kid),
        };
        let target = match value {
            Expr::Ref(local) if kid.kind == Kind::Identifier => ExportTarget::Local(local),
            value => ExportTarget::Value(value),
        };
        self.push_export(name, target, kid.at());
    }

    fn push_export(&mut self, name: Name, target: ExportTarget, at: At) {
        self.b.outline.exports.push(Export { name, target, at });
    }

    /// The public name, the inner name and the place of `a as b`.
    fn export_specifier(&mut self, kid: Kid<'t>) -> Option<(Name, Name, At)> {
        let kids = self.open(kid.node);
        let name = in_slot(&kids, Slot::Name).map(|name| self.member_name(name));
        let alias = in_slot(&kids, Slot::Alias).map(|alias| self.member_name(alias));
        self.close(kids);
        let name = name?;
        Some((alias.unwrap_or_else(|| name.clone()), name, kid.at()))
    }

    fn export_clause(&mut self, clause: Kid<'t>) {
        let kids = self.open(clause.node);
        for kid in &kids {
            if let Some((public, local, at)) = self.export_specifier(*kid) {
                self.push_export(public, ExportTarget::Local(local), at);
            }
        }
        self.close(kids);
    }

    fn reexport(&mut self, kids: &[Kid<'t>], module: &Name, at: At) {
        let type_only = has(kids, Kind::TypeToken);
        if let Some(clause) = of_kind(kids, Kind::ExportClause) {
            let specifiers = self.open(clause.node);
            for kid in &specifiers {
                let Some((public, name, at)) = self.export_specifier(*kid) else { continue };
                let what = if name == "default" { Imported::Default } else { Imported::Name(name.clone()) };
                self.reexport_import(module, what, type_only, at);
                self.push_export(public, ExportTarget::From(module.clone(), name), at);
            }
            self.close(specifiers);
            return;
        }
        let (what, public) = match of_kind(kids, Kind::NamespaceExport) {
            Some(namespace) => (Imported::Module, self.last_name(namespace)),
            None => (Imported::Glob, Name::new_static("*")),
        };
        self.reexport_import(module, what, type_only, at);
        self.push_export(public, ExportTarget::From(module.clone(), Name::new_static("*")), at);
    }

    fn reexport_import(&mut self, module: &Name, what: Imported, type_only: bool, at: At) {
        let scope = self.b.scope();
        let local = Name::default();
        self.b.outline.imports.push(Import { module: module.clone(), what, local, at, scope, type_only, reexport: true });
    }
}

/// Declarations of one name. Variables export the names of their patterns, `declare` what it declares.
fn exports_its_name(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::FunctionDeclaration
            | Kind::FunctionSignature
            | Kind::ClassDeclaration
            | Kind::Interface
            | Kind::Enum
            | Kind::Alias
            | Kind::Namespace
    )
}
