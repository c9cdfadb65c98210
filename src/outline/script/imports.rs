//! ESM imports, and `import x = require("m")`.

use super::Script;
use super::kids::{Kid, has, in_slot};
use super::kinds::{Kind, Slot};
use crate::base::Name;
use crate::base::code::{At, Import, Imported};

/// What all names of one statement share.
#[derive(Clone)]
struct From {
    module: Name,
    type_only: bool,
}

impl<'t> Script<'t> {
    /// `import … from "m"`.
    pub fn import(&mut self, kid: Kid<'t>) {
        let kids = self.open(kid.node);
        let module = in_slot(&kids, Slot::Source).map(|kid| self.string(kid));
        let from = From { module: module.unwrap_or_default(), type_only: has(&kids, Kind::TypeToken) };
        let mut is_bare = true;
        for kid in &kids {
            match kid.kind {
                Kind::ImportClause => {
                    is_bare = false;
                    self.import_clause(*kid, &from);
                }
                Kind::ImportRequire => {
                    is_bare = false;
                    self.import_require(*kid, &from);
                }
                _ => {}
            }
        }
        if is_bare && !from.module.is_empty() {
            self.bind(&from, Imported::Effect, Name::default(), kid.at());
        }
        self.close(kids);
    }

    fn bind(&mut self, from: &From, what: Imported, local: Name, at: At) {
        let From { module, type_only } = from.clone();
        let scope = self.b.scope();
        self.b.outline.imports.push(Import { module, what, local, at, scope, type_only, reexport: false });
    }

    fn import_clause(&mut self, kid: Kid<'t>, from: &From) {
        let kids = self.open(kid.node);
        for kid in &kids {
            match kid.kind {
                Kind::Identifier => self.bind(from, Imported::Default, self.b.name(kid.node), kid.at()),
                Kind::NamespaceImport => {
                    let local = self.last_name(*kid);
                    self.bind(from, Imported::Module, local, kid.at());
                }
                Kind::NamedImports => {
                    let specifiers = self.open(kid.node);
                    specifiers.iter().for_each(|kid| self.specifier(*kid, from));
                    self.close(specifiers);
                }
                _ => {}
            }
        }
        self.close(kids);
    }

    fn specifier(&mut self, kid: Kid<'t>, from: &From) {
        let kids = self.open(kid.node);
        if let Some(name) = in_slot(&kids, Slot::Name) {
            let name = self.member_name(name);
            let local = in_slot(&kids, Slot::Alias).map_or_else(|| name.clone(), |alias| self.b.name(alias.node));
            let from = From { type_only: from.type_only || has(&kids, Kind::TypeToken), ..from.clone() };
            let what = if name == "default" { Imported::Default } else { Imported::Name(name) };
            self.bind(&from, what, local, kid.at());
        }
        self.close(kids);
    }

    fn import_require(&mut self, kid: Kid<'t>, from: &From) {
        let kids = self.open(kid.node);
        let module = in_slot(&kids, Slot::Source).map(|kid| self.string(kid));
        let local = kids.first().map(|kid| self.b.name(kid.node)).unwrap_or_default();
        let from = From { module: module.unwrap_or_default(), ..from.clone() };
        self.bind(&from, Imported::Require, local, kid.at());
        self.close(kids);
    }

    /// The name that ends `* as x`.
    pub fn last_name(&mut self, kid: Kid<'t>) -> Name {
        let kids = self.open(kid.node);
        let name = kids.last().map(|kid| self.member_name(*kid)).unwrap_or_default();
        self.close(kids);
        name
    }
}
