//! `use` trees and `extern crate`.

use tree_sitter::Node;

use super::{K, Lower, child, fields, first, named};
use crate::base::Name;
use crate::base::code::{Import, Imported};
use crate::outline::builder::at;

impl Lower<'_> {
    /// `use a::{b, c as d, e::*};`
    pub(super) fn use_declaration(&mut self, node: Node) {
        let is_public = self.is_public(node);
        if let Some(clause) = child(node, fields().argument) {
            self.use_clause(clause, "", is_public);
        }
    }

    /// `extern crate a as b;`
    pub(super) fn extern_crate(&mut self, node: Node) {
        let Some(name) = child(node, fields().name) else { return };
        let local = self.ident(child(node, fields().alias).unwrap_or(name));
        let reexport = self.is_public(node);
        self.import(name, Names { module: self.ident(name), what: Imported::Module, local }, reexport);
    }

    fn use_clause(&mut self, node: Node, prefix: &str, is_public: bool) {
        if !self.builder.enter() {
            return;
        }
        match K::of(node) {
            K::UseList => named(node).into_iter().for_each(|clause| self.use_clause(clause, prefix, is_public)),
            K::ScopedUseList => {
                let prefix = join(prefix, &child(node, fields().path).map(|path| self.path_text(path)).unwrap_or_default());
                if let Some(list) = child(node, fields().list) {
                    self.use_clause(list, &prefix, is_public);
                }
            }
            K::UseWildcard => {
                let module = join(prefix, &first(node).map(|path| self.path_text(path)).unwrap_or_default());
                self.import(node, Names { module: module.into(), what: Imported::Glob, local: Name::default() }, is_public);
            }
            K::UseAs => {
                let alias = child(node, fields().alias).map(|alias| self.ident(alias)).filter(|alias| alias != "_");
                if let Some(path) = child(node, fields().path) {
                    let names = self.used(path, prefix);
                    self.import(path, Names { local: alias.unwrap_or_default(), ..names }, is_public);
                }
            }
            K::Identifier | K::ScopedIdentifier | K::SelfName | K::Super | K::Crate => {
                let names = self.used(node, prefix);
                self.import(node, names, is_public);
            }
            _ => {}
        }
        self.builder.leave();
    }

    /// What `a::b`, `b` or `self` below a prefix names.
    fn used(&self, path: Node, prefix: &str) -> Names {
        if K::of(path) == K::SelfName && !prefix.is_empty() {
            let local = prefix.rsplit("::").next().unwrap_or(prefix).into();
            return Names { module: prefix.into(), what: Imported::Module, local };
        }
        let whole = join(prefix, &self.path_text(path));
        let (module, name) = whole.rsplit_once("::").unwrap_or(("", &whole));
        Names { module: module.into(), what: Imported::Name(name.into()), local: name.into() }
    }

    fn import(&mut self, node: Node, names: Names, reexport: bool) {
        let Names { module, what, local } = names;
        let scope = self.builder.scope();
        self.builder.outline.imports.push(Import { module, what, local, at: at(node), scope, type_only: false, reexport });
    }

    /// A path as text, without blanks, comments kept out of it by the grammar, and without a leading `::`.
    fn path_text(&self, node: Node) -> String {
        let text: String = self.builder.text(node).chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.trim_start_matches("::");
        if text.contains("r#") { text.replace("r#", "") } else { text.to_owned() }
    }
}

struct Names {
    module: Name,
    what: Imported,
    local: Name,
}

fn join(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        ("", _) => path.to_owned(),
        (_, "") => prefix.to_owned(),
        _ => format!("{prefix}::{path}"),
    }
}
