//! All files of a repository, names resolved: the answer to [`Program`].
//!
//! Knows no framework by name; what libraries mean by their types comes from the readers it is given.

use std::collections::HashMap;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::modules::{ModuleRef, Modules};
use super::{classes, instances, names, text, types, values};
use crate::base::Name;
use crate::base::code::{Expr, Type};
use crate::facts::file::FileFacts;
use crate::facts::framework::TypeReader;
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text};
use crate::facts::shape::{Record, Shape, TypeKey};

/// A file with its path and facts.
#[derive(Clone, Debug)]
pub struct LinkedFile {
    /// Path from the repository's root, `/`-separated.
    pub path: String,
    /// What it contributes.
    pub facts: FileFacts,
}

/// All files together.
pub struct System {
    pub(super) files: Vec<LinkedFile>,
    pub(super) modules: Modules,
    /// For each file, what each of its imports names.
    pub(super) imports: Vec<Vec<ModuleRef>>,
    pub(super) readers: Vec<&'static dyn TypeReader>,
    pub(super) calls: OnceLock<instances::CallIndex>,
    pub(super) impls: OnceLock<HashMap<ClassRef, Vec<(FileId, u32)>>>,
    pub(super) shapes: types::ShapeCache,
}

impl System {
    /// Links files (sorted by path) and the manifests beside them (path and text).
    #[must_use]
    pub fn new(files: Vec<LinkedFile>, manifests: &[(String, String)], readers: Vec<&'static dyn TypeReader>) -> Self {
        let modules = {
            let code: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.facts.language, &file.facts)).collect();
            let texts: Vec<_> = manifests.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            Modules::new(&code, &texts)
        };
        let imports = files
            .par_iter()
            .zip(0u32..u32::try_from(files.len()).unwrap_or(u32::MAX))
            .map(|(file, index)| imports_of(&modules, FileId(index), file))
            .collect();
        Self { files, modules, imports, readers, calls: OnceLock::new(), impls: OnceLock::new(), shapes: types::ShapeCache::default() }
    }

    /// The module layer.
    #[must_use]
    pub fn modules(&self) -> &Modules {
        &self.modules
    }

    /// What each import of a file names, in the order of `outline.imports`.
    #[must_use]
    pub fn imports(&self, file: FileId) -> &[ModuleRef] {
        self.imports.get(file.index()).map_or(&[], Vec::as_slice)
    }

    /// Ids of all files.
    pub fn file_ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.file_count()).map(FileId)
    }
}

fn imports_of(modules: &Modules, id: FileId, file: &LinkedFile) -> Vec<ModuleRef> {
    let outline = &file.facts.outline;
    outline.imports.iter().map(|import| modules.resolve_in(id, import.scope, file.facts.language, &import.module)).collect()
}

impl Program for System {
    fn file_count(&self) -> u32 {
        u32::try_from(self.files.len()).unwrap_or(u32::MAX)
    }

    fn file(&self, file: FileId) -> &FileFacts {
        &self.files[file.index()].facts
    }

    fn path(&self, file: FileId) -> &str {
        &self.files[file.index()].path
    }

    fn resolve<'p>(&'p self, site: &Site, expr: &'p Expr) -> Meaning<'p> {
        names::follow(self, site, expr, 0)
    }

    fn produce<'p>(&'p self, site: &Site, expr: &'p Expr) -> Meaning<'p> {
        values::produce(self, site, expr)
    }

    fn produce_all<'p>(&'p self, site: &Site, expr: &'p Expr) -> Vec<Meaning<'p>> {
        values::produce_all(self, site, expr)
    }

    fn callee(&self, call: CallRef) -> Meaning<'_> {
        let made = self.file(call.file).outline.call(call.id);
        names::follow(self, &Site::of_call(call.file, made), &made.callee, 0)
    }

    fn member<'p>(&'p self, of: &Meaning<'p>, name: &str) -> Meaning<'p> {
        names::member(self, of, name, 0)
    }

    fn instances(&self, site: &Site, exprs: &[&Expr]) -> Vec<Site> {
        instances::instances(self, site, exprs)
    }

    fn callers(&self, function: FuncRef) -> &[CallRef] {
        instances::index(self).callers(function)
    }

    fn items<'p>(&'p self, site: &Site, expr: &'p Expr) -> Option<Vec<(&'p Expr, Site)>> {
        values::items(self, site, expr, 0)
    }

    fn entries<'p>(&'p self, site: &Site, expr: &'p Expr) -> Option<Vec<(Name, &'p Expr, Site)>> {
        values::entries(self, site, expr, 0)
    }

    fn text(&self, site: &Site, expr: &Expr) -> Text {
        text::fold(self, site, expr, 0)
    }

    fn resolve_type<'p>(&'p self, site: &Site, ty: &'p Type) -> Meaning<'p> {
        classes::resolve_type(self, site, ty)
    }

    fn lineage(&self, class: ClassRef) -> Vec<ClassRef> {
        classes::lineage(self, class)
    }

    fn outside_bases(&self, class: ClassRef) -> Vec<Name> {
        classes::outside_bases(self, class)
    }

    fn class_attribute(&self, class: ClassRef, name: &str) -> Option<(&Expr, Site)> {
        classes::attribute(self, class, name)
    }

    fn method(&self, class: ClassRef, name: &str) -> Option<FuncRef> {
        classes::method(self, class, name)
    }

    fn methods(&self, class: ClassRef) -> Vec<FuncRef> {
        classes::methods(self, class)
    }

    fn type_of<'p>(&'p self, site: &Site, expr: &'p Expr) -> Option<(&'p Type, Site)> {
        types::type_of(self, site, expr)
    }

    fn class_of(&self, site: &Site, expr: &Expr) -> Option<ClassRef> {
        types::Types::new(self, &self.readers).class_of(site, expr)
    }

    fn shape_of_type(&self, site: &Site, ty: &Type, mode: Mode) -> Shape {
        types::Types::new(self, &self.readers).shape_of_type(site, ty, mode)
    }

    fn shape_of_class(&self, class: ClassRef, args: Vec<Shape>, mode: Mode) -> Shape {
        types::Types::new(self, &self.readers).shape_of_class(class, args, mode)
    }

    fn shape_of_value(&self, site: &Site, expr: &Expr, mode: Mode) -> Shape {
        types::Types::new(self, &self.readers).shape_of_value(site, expr, mode)
    }

    fn expand(&self, key: &TypeKey) -> Shape {
        self.shapes.expand(self, &self.readers, key)
    }

    fn record(&self, shape: &Shape) -> Option<Record> {
        types::Types::new(self, &self.readers).record(shape)
    }
}
