//! Imports.

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use crate::base::Name;
use crate::base::code::{Import, Imported};
use crate::outline::builder::at;

impl<'t> Lowering<'_, '_, 't> {
    /// `import a`, `import a.b`, `import a.b as c`.
    pub(super) fn import(&mut self, node: Node<'t>) {
        self.each_child(node, |this, child, field| {
            if field != fields().name {
                return;
            }
            let (path, alias) = this.imported(child);
            let what = if alias.is_none() && path.contains('.') { Imported::Path } else { Imported::Module };
            let local = alias.unwrap_or_else(|| Name::new(path.split('.').next().unwrap_or_default()));
            this.add_import(path, what, local, child);
        });
    }

    /// `from m import x, y as z`, `from .m import *`, `from __future__ import x`.
    pub(super) fn import_from(&mut self, node: Node<'t>) {
        let module = match node.child_by_field_id(fields().module_name) {
            Some(module) => self.dotted(module),
            None => Name::new_static("__future__"),
        };
        self.each_child(node, |this, child, field| {
            if K::of(child) == K::WildcardImport {
                this.add_import(module.clone(), Imported::Glob, Name::default(), child);
            } else if field == fields().name {
                let (name, alias) = this.imported(child);
                if !name.is_empty() {
                    let local = alias.unwrap_or_else(|| name.clone());
                    this.add_import(module.clone(), Imported::Name(name), local, child);
                }
            }
        });
    }

    fn imported(&self, node: Node<'t>) -> (Name, Option<Name>) {
        if K::of(node) != K::AliasedImport {
            return (self.dotted(node), None);
        }
        let name = node.child_by_field_id(fields().name).map(|name| self.dotted(name));
        let alias = node.child_by_field_id(fields().alias).map(|alias| self.b.name(alias));
        (name.unwrap_or_default(), alias)
    }

    /// A dotted name, which may be written with blanks between its parts.
    pub(super) fn dotted(&self, node: Node<'t>) -> Name {
        let text = self.b.text(node);
        if text.contains(|c: char| c.is_whitespace() || c == '\\') {
            return text.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect();
        }
        Name::new(text)
    }

    fn add_import(&mut self, module: Name, what: Imported, local: Name, node: Node<'t>) {
        if module.is_empty() {
            return;
        }
        let scope = self.b.binding_scope();
        let type_only = self.is_type_only;
        self.b.outline.imports.push(Import { module, what, local, at: at(node), scope, type_only, reexport: false });
    }
}
