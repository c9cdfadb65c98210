//! All files of a repository, names resolved: the answer to [`Program`].
//!
//! Knows no framework by name; what libraries mean by their types comes from the readers it is given.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::modules::{ModuleRef, Modules, Near};
use super::{callees, callers, classes, fuel, instances, lineages, names, text, types, values};
use crate::base::Name;
use crate::base::code::{Expr, Imported, Type};
use crate::base::language::Language;
use crate::facts::answers::Answers;
use crate::facts::document::ApiDocument;
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
    documents: Vec<ApiDocument>,
    pub(super) modules: Modules,
    /// For each file, what each of its imports names.
    pub(super) imports: Vec<Vec<ModuleRef>>,
    /// For each Rust file, what is left of each import's path behind its module.
    pub(super) rests: Vec<Vec<Vec<Name>>>,
    pub(super) readers: Vec<&'static dyn TypeReader>,
    answers: Answers,
    pub(super) callees: callees::Callees,
    pub(super) lineages: lineages::Lineages,
    pub(super) calls: OnceLock<callers::CallIndex>,
    pub(super) impls: OnceLock<classes::Impls>,
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
        let (imports, rests) = files
            .par_iter()
            .zip(0u32..u32::try_from(files.len()).unwrap_or(u32::MAX))
            .map_init(Near::default, |near, (file, index)| imports_of(&modules, near, FileId(index), file))
            .unzip();
        Self {
            answers: Answers::default(),
            callees: callees::Callees::new(files.len()),
            lineages: lineages::Lineages::new(files.len()),
            files,
            documents: Vec::new(),
            modules,
            imports,
            rests,
            readers,
            calls: OnceLock::new(),
            impls: OnceLock::new(),
            shapes: types::ShapeCache::default(),
        }
    }

    /// The same with the API documents beside the code.
    #[must_use]
    pub fn with_documents(self, documents: Vec<ApiDocument>) -> Self {
        Self { documents, ..self }
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

    /// What an import names: the module, and the first name to follow from it, when there is one.
    #[must_use]
    pub fn imported(&self, file: FileId, index: u32) -> Option<(&ModuleRef, Option<&Name>)> {
        let module = self.imports(file).get(index as usize)?;
        let name = match self.import_rest(file, index) {
            Some(rest) => rest.first(),
            None => match &self.file(file).outline.imports.get(index as usize)?.what {
                Imported::Name(name) => Some(name),
                _ => None,
            },
        };
        Some((module, name))
    }

    /// In Rust, the names left of an import's path behind the module that it names.
    pub(super) fn import_rest(&self, file: FileId, index: u32) -> Option<&[Name]> {
        self.rests.get(file.index())?.get(index as usize).map(Vec::as_slice)
    }

    /// Makes the indexes that any question may need, on all threads. Without it they are made when first asked for, by one thread.
    pub fn prepare(&self) {
        self.impls.get_or_init(|| classes::index_impls(self));
        self.calls.get_or_init(|| callers::index_calls(self));
    }

    /// Ids of all files.
    pub fn file_ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.file_count()).map(FileId)
    }
}

fn imports_of(modules: &Modules, near: &mut Near, id: FileId, file: &LinkedFile) -> (Vec<ModuleRef>, Vec<Vec<Name>>) {
    let (language, imports) = (file.facts.language, &file.facts.outline.imports);
    if language == Language::Rust {
        return imports.iter().map(|import| modules.imported(id, language, import)).unzip();
    }
    // `from a import b, c` is two imports of one module.
    let mut found: Vec<ModuleRef> = Vec::with_capacity(imports.len());
    for (index, import) in imports.iter().enumerate() {
        let same = index.checked_sub(1).filter(|before| imports[*before].module == import.module && imports[*before].scope == import.scope);
        found.push(match same {
            Some(before) => found[before].clone(),
            None => modules.resolve_near(near, id, import.scope, language, &import.module),
        });
    }
    (found, Vec::new())
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

    fn module_name(&self, file: FileId) -> Name {
        self.modules.name_of(file)
    }

    fn file_at(&self, path: &str) -> Option<FileId> {
        self.modules.file_at(path)
    }

    fn answers(&self) -> &Answers {
        &self.answers
    }

    fn documents(&self) -> &[ApiDocument] {
        &self.documents
    }

    fn package_with(&self, file: FileId, dependency: &str) -> Option<&str> {
        self.modules.package_with(file, dependency).map(|package| package.root.as_str())
    }

    fn resolve<'p>(&'p self, site: &Site, expr: &'p Expr) -> Meaning<'p> {
        fuel::filled(|| names::follow(self, site, expr, 0))
    }

    fn produce<'p>(&'p self, site: &Site, expr: &'p Expr) -> Meaning<'p> {
        fuel::filled(|| values::produce(self, site, expr))
    }

    fn produce_all<'p>(&'p self, site: &Site, expr: &'p Expr) -> Vec<Meaning<'p>> {
        fuel::filled(|| values::produce_all(self, site, expr))
    }

    fn named(&self, from: FileId, path: &str) -> Meaning<'_> {
        fuel::filled(|| names::modules::named(self, from, path))
    }

    fn callee(&self, call: CallRef) -> Meaning<'_> {
        callees::callee(self, call)
    }

    fn member<'p>(&'p self, of: &Meaning<'p>, name: &str) -> Meaning<'p> {
        fuel::filled(|| names::members::member(self, of, name, 0))
    }

    fn instances(&self, site: &Site, exprs: &[&Expr]) -> Vec<Site> {
        fuel::filled(|| instances::instances(self, site, exprs))
    }

    fn callers(&self, function: FuncRef) -> &[CallRef] {
        callers::callers(self, function)
    }

    fn items<'p>(&'p self, site: &Site, expr: &'p Expr) -> Option<Vec<(&'p Expr, Site)>> {
        fuel::filled(|| values::items(self, site, expr, 0))
    }

    fn entries<'p>(&'p self, site: &Site, expr: &'p Expr) -> Option<Vec<(Name, &'p Expr, Site)>> {
        fuel::filled(|| values::entries(self, site, expr, 0))
    }

    fn text(&self, site: &Site, expr: &Expr) -> Text {
        fuel::filled(|| text::fold(self, site, expr, 0))
    }

    fn resolve_type<'p>(&'p self, site: &Site, ty: &'p Type) -> Meaning<'p> {
        fuel::filled(|| classes::resolve_type(self, site, ty))
    }

    fn lineage(&self, class: ClassRef) -> Vec<ClassRef> {
        lineages::lineage(self, class).into_owned()
    }

    fn outside_bases(&self, class: ClassRef) -> Vec<Name> {
        lineages::outside_bases(self, class)
    }

    fn class_attribute(&self, class: ClassRef, name: &str) -> Option<(&Expr, Site)> {
        fuel::filled(|| classes::attribute(self, class, name))
    }

    fn method(&self, class: ClassRef, name: &str) -> Option<FuncRef> {
        fuel::filled(|| classes::method(self, class, name))
    }

    fn methods(&self, class: ClassRef) -> Vec<FuncRef> {
        fuel::filled(|| classes::methods(self, class))
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
