//! What an import's module names, over all files of a repository, in every language.
//!
//! Knows paths, imports and manifests; nothing of names inside modules.

mod jsonc;
mod package;
mod python;
mod rust;
mod script;
mod tree;

use std::collections::{BTreeMap, HashMap, HashSet};

pub use package::{Dependency, Entry, EntryKind, Package, PackageId, PackageKind};

use self::python::{Project, Python, libraries_of};
use self::rust::Rust;
use self::script::{NpmPackage, Script};
use self::tree::{Tree, ancestors, join, last, parent, script_stem, under};
use crate::base::Name;
use crate::base::code::{Import, Imported, ScopeId};
use crate::base::hash::FastMap;
use crate::base::language::Language;
use crate::facts::file::FileFacts;
use crate::facts::program::FileId;

/// What a module's name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModuleRef {
    /// A file.
    File(FileId),
    /// A Python package without a file of its own: its directory from the repository's root.
    Namespace(Name),
    /// A Rust `mod x { … }`: the file and the scope of its body.
    Inline(FileId, ScopeId),
    /// A library's: `a.b.c` of Python, `express`, `@nestjs/common`, `fs` (never `node:fs`), `axum.routing` of Rust.
    Outside(Name),
    /// One that the repository should have and does not: generated, not code, or not checked in.
    Missing(Name),
}

/// All modules of a repository.
#[derive(Debug, Default)]
pub struct Modules {
    tree: Tree,
    python: Python,
    script: Script,
    rust: Rust,
    packages: Vec<Package>,
    by_dir: HashMap<Name, Vec<PackageId>>,
}

/// What the files of one directory import.
#[derive(Debug, Default)]
pub struct Near {
    dir: Name,
    known: FastMap<Name, ModuleRef>,
}

impl Modules {
    /// Reads the tree: code files in the order of their ids, and manifests (`package.json`, `deno.json`, `tsconfig*.json`,
    /// `jsconfig.json`, `pnpm-workspace.yaml`, `lerna.json`, `Cargo.toml`, `pyproject.toml`, `setup.cfg`, `requirements*.txt`),
    /// each by its path from the repository's root.
    #[must_use]
    pub fn new(files: &[(&str, Language, &FileFacts)], manifests: &[(&str, &str)]) -> Self {
        let tree = Tree::new(files.iter().map(|(path, language, _)| (*path, *language)));
        let projects: Vec<Project> = manifests.iter().filter_map(|(path, text)| Project::read(path, text)).collect();
        let requirements = manifests.iter().filter(|(path, _)| is_requirements(path)).flat_map(|(_, text)| libraries_of(text));
        let declared = projects.iter().flat_map(|project| &project.dependencies).map(|dependency| python::import_name(&dependency.name));
        let libraries: HashSet<Name> = requirements.chain(declared).collect();
        let python = Python::new(&tree, &projects, libraries);
        let script = Script::new(npm_packages(manifests), manifests);
        let rust = Rust::new(&tree, files, rust::read(manifests));
        let mut modules = Self { tree, python, script, rust, ..Self::default() };
        modules.packages = modules.describe(projects);
        for (id, package) in (0u32..).map(PackageId).zip(&modules.packages) {
            modules.by_dir.entry(package.root.clone()).or_default().push(id);
        }
        modules
    }

    /// What `module`, as an import of the file writes it, names. The scope matters to Rust alone; a Rust path that ends in
    /// something other than a module is missing (see [`Modules::walk`]).
    #[must_use]
    pub fn resolve_in(&self, from: FileId, scope: ScopeId, language: Language, module: &str) -> ModuleRef {
        match self.walk(from, scope, language, module) {
            (found, rest) if rest.is_empty() => found,
            _ => ModuleRef::Missing(module.into()),
        }
    }

    /// As [`Modules::resolve_in`], where the files of one directory are asked about one after the other: most of them import the same.
    #[must_use]
    pub fn resolve_near(&self, near: &mut Near, from: FileId, scope: ScopeId, language: Language, module: &str) -> ModuleRef {
        if language != Language::Python || module.trim_start().starts_with('.') {
            return self.resolve_in(from, scope, language, module);
        }
        let dir = self.tree.dir(from);
        if near.dir != dir {
            near.known.clear();
            near.dir = dir.into();
        }
        let found = match near.known.get(module) {
            Some(known) => known.clone(),
            None => {
                let found = self.python.resolve_in(&self.tree, dir, None, module.trim());
                near.known.insert(module.into(), found.clone());
                found
            }
        };
        // What every other file there finds first, the file itself may have to pass over.
        if found == ModuleRef::File(from) { self.resolve_in(from, scope, language, module) } else { found }
    }

    /// As [`Modules::resolve_in`]; of a Rust path, the longest part that names modules, and the segments that are left:
    /// items, or modules that are known by another name through `pub use`.
    #[must_use]
    pub fn walk(&self, from: FileId, scope: ScopeId, language: Language, module: &str) -> (ModuleRef, Vec<Name>) {
        let found = match language {
            Language::Python => self.python.resolve(&self.tree, from, module),
            Language::TypeScript | Language::Tsx | Language::JavaScript => self.script.resolve(&self.tree, from, module),
            Language::Rust => return self.rust.walk((from, scope), module),
        };
        (found, Vec::new())
    }

    /// What an import binds: a module, and the names to follow from it. Rust paths are followed as far as modules go, the
    /// import's own name included: `use crate::db` is a module, `use crate::db::User` a name in one.
    #[must_use]
    pub fn imported(&self, from: FileId, language: Language, import: &Import) -> (ModuleRef, Vec<Name>) {
        if language == Language::Rust {
            let path = rust::path_of(import).unwrap_or_else(|| import.module.clone());
            return self.walk(from, import.scope, language, &path);
        }
        let (module, mut rest) = self.walk(from, import.scope, language, &import.module);
        if let Imported::Name(name) = &import.what {
            rest.push(name.clone());
        }
        (module, rest)
    }

    /// What a Rust path's first segment names when nothing in scope has that name: `crate`, `self`, `super`, another crate.
    #[must_use]
    pub fn resolve_root(&self, from: FileId, name: &str) -> Option<ModuleRef> {
        (self.tree.language(from)? == Language::Rust).then(|| self.rust.first(from, name)).flatten()
    }

    /// The module that a declaration (index into `outline.mods`) names.
    #[must_use]
    pub fn declared(&self, file: FileId, index: u32) -> Option<ModuleRef> {
        self.rust.declared(file, index)
    }

    /// A module inside another: a Python submodule, a Rust child module, a library's part.
    #[must_use]
    pub fn submodule(&self, of: &ModuleRef, name: &str) -> Option<ModuleRef> {
        match of {
            ModuleRef::Namespace(dir) => python::child(&self.tree, dir, name),
            ModuleRef::Inline(file, scope) => self.rust.child((*file, *scope), name),
            ModuleRef::File(file) => match self.tree.language(*file)? {
                Language::Rust => self.rust.child((*file, ScopeId(0)), name),
                Language::Python if last(self.tree.path(*file)).starts_with("__init__.") => {
                    python::child(&self.tree, self.tree.dir(*file), name)
                }
                _ => None,
            },
            ModuleRef::Outside(_) | ModuleRef::Missing(_) => None,
        }
    }

    /// A file's name for people: `app.api.users`, `src/routes/users`, `server::api::users`.
    #[must_use]
    pub fn name_of(&self, file: FileId) -> Name {
        let path = self.tree.path(file);
        match self.tree.language(file) {
            Some(Language::Python) => self.python.name_of(path),
            Some(Language::Rust) => self.rust.name_of(&self.tree, file),
            _ => {
                let stem = script_stem(path);
                stem.strip_suffix("/index").unwrap_or(stem).into()
            }
        }
    }

    /// All packages, by directory and kind.
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The package behind an id.
    #[must_use]
    pub fn package(&self, id: PackageId) -> Option<&Package> {
        self.packages.get(id.index())
    }

    /// The package a file belongs to: the nearest of its language's kind, else the nearest of all.
    #[must_use]
    pub fn package_of(&self, file: FileId) -> Option<PackageId> {
        let kind = match self.tree.language(file)? {
            Language::Python => PackageKind::Python,
            Language::Rust => PackageKind::Cargo,
            _ => PackageKind::Npm,
        };
        let around = || ancestors(self.tree.dir(file)).filter_map(|dir| self.by_dir.get(dir)).flatten().copied();
        around().find(|id| self.packages[id.index()].kind == kind).or_else(|| around().next())
    }

    /// The file at a path from the repository's root.
    #[must_use]
    pub fn file_at(&self, path: &str) -> Option<FileId> {
        self.tree.at(path)
    }

    /// The files of a file's language family below a folder beside it, whose paths in that folder, without endings, fit; never the
    /// file itself.
    #[must_use]
    pub fn beside(&self, file: FileId, folder: &str, fits: impl Fn(&str) -> bool) -> Vec<FileId> {
        let (Some(language), Some(folder)) = (self.tree.language(file), join(self.tree.dir(file), folder)) else { return Vec::new() };
        self.inside(&folder, language, fits).into_iter().filter(|other| *other != file).collect()
    }

    /// The files of a language family below a folder, whose paths in it, without endings, fit.
    #[must_use]
    pub fn inside(&self, folder: &str, language: Language, fits: impl Fn(&str) -> bool) -> Vec<FileId> {
        let is_alike = |other: Language| other == language || other.is_script() && language.is_script();
        let stem = |path: &Name| {
            let path = tree::below(path, folder)?;
            let stem = if language.is_script() { script_stem(path) } else { path.strip_suffix(".py").unwrap_or(path) };
            Some(stem.to_owned())
        };
        let files = self.tree.files().filter(|(_, _, other)| is_alike(*other));
        files.filter(|(_, path, _)| stem(path).is_some_and(|stem| fits(&stem))).map(|(file, ..)| file).collect()
    }

    /// The nearest package around a file that declares a dependency.
    #[must_use]
    pub fn package_with(&self, file: FileId, dependency: &str) -> Option<&Package> {
        let around = ancestors(self.tree.dir(file)).filter_map(|dir| self.by_dir.get(dir)).flatten();
        around.filter_map(|id| self.package(*id)).find(|package| package.dependencies.iter().any(|known| known.name == dependency))
    }

    fn describe(&self, projects: Vec<Project>) -> Vec<Package> {
        let mut packages: Vec<Package> = Vec::new();
        packages.extend(self.script.packages().iter().map(|package| self.npm(package)));
        packages.extend(self.rust.packages().iter().map(|package| self.cargo(package)));
        let mut pythons: BTreeMap<Name, Package> = BTreeMap::new();
        for project in projects {
            let package = self.python_package(&project);
            match pythons.get_mut(&project.dir) {
                Some(known) => absorb(known, package, !project.name.is_empty()),
                None => drop(pythons.insert(project.dir.clone(), package)),
            }
        }
        for (_, path, _) in self.tree.files().filter(|(_, path, _)| last(path) == "setup.py") {
            let dir = Name::from(parent(path));
            pythons.entry(dir.clone()).or_insert_with(|| Package::bare(&dir, PackageKind::Python));
        }
        packages.extend(pythons.into_values());
        packages.sort_by(|left, right| (&left.root, left.kind).cmp(&(&right.root, right.kind)));
        packages
    }

    fn npm(&self, package: &NpmPackage) -> Package {
        let mut described = Package::named(&package.name, &package.dir, PackageKind::Npm);
        described.dependencies.clone_from(&package.dependencies);
        if let Some(target) = package.main().next() {
            let file = self.script.entry(&self.tree, package, "");
            described.entries.push(Entry { kind: EntryKind::Library, name: described.name.clone(), target: target.into(), file });
        }
        for (name, target) in package.binaries() {
            let file = self.script.target(&self.tree, package, &target);
            described.entries.push(Entry { kind: EntryKind::Binary, name, target, file });
        }
        for (name, command) in package.scripts() {
            let words = command.split_whitespace().filter(|word| !word.starts_with('-') && word.contains(['.', '/']));
            let file = words.filter_map(|word| self.script.target(&self.tree, package, word)).next();
            described.entries.push(Entry { kind: EntryKind::Script, name: name.into(), target: command.into(), file });
        }
        described
    }

    fn cargo(&self, package: &rust::CargoPackage) -> Package {
        let mut described = Package::named(&package.name, &package.dir, PackageKind::Cargo);
        described.dependencies.clone_from(&package.dependencies);
        let mut add = |kind: EntryKind, name: &str, target: &str| {
            let file = self.tree.at(target);
            if file.is_some() && described.entries.iter().all(|entry| entry.file != file) {
                described.entries.push(Entry { kind, name: name.into(), target: target.into(), file });
            }
        };
        add(EntryKind::Library, &package.lib_name, &package.lib_path);
        for (name, path) in &package.binaries {
            add(EntryKind::Binary, name, path);
        }
        add(EntryKind::Binary, &package.name, &under(&package.dir, "src/main.rs"));
        described
    }

    fn python_package(&self, project: &Project) -> Package {
        let mut described = Package::named(&project.name, &project.dir, PackageKind::Python);
        described.dependencies.clone_from(&project.dependencies);
        for (name, target) in &project.scripts {
            let module = target.split(':').next().unwrap_or_default().trim().replace('.', "/");
            let roots = project.roots.iter().map(Name::as_str).chain([project.dir.as_str()]);
            let source = under(&project.dir, "src");
            let paths = roots.chain([source.as_str()]).filter_map(|root| join(root, &module));
            let file = paths.filter_map(|path| self.tree.python(&path).or_else(|| self.tree.init(&path))).next();
            described.entries.push(Entry { kind: EntryKind::Binary, name: name.clone(), target: target.clone(), file });
        }
        described
    }
}

impl Package {
    fn bare(root: &str, kind: PackageKind) -> Self {
        Self { name: last(root).into(), root: root.into(), kind, dependencies: Vec::new(), entries: Vec::new() }
    }

    fn named(name: &str, root: &str, kind: PackageKind) -> Self {
        let bare = Self::bare(root, kind);
        if name.is_empty() { bare } else { Self { name: name.into(), ..bare } }
    }
}

fn absorb(package: &mut Package, other: Package, is_named: bool) {
    if is_named {
        package.name = other.name;
    }
    package.dependencies.extend(other.dependencies);
    package.dependencies.sort();
    package.dependencies.dedup();
    package.entries.extend(other.entries);
}

fn npm_packages(manifests: &[(&str, &str)]) -> Vec<NpmPackage> {
    let mut packages: BTreeMap<Name, NpmPackage> = BTreeMap::new();
    for package in manifests.iter().filter_map(|(path, text)| NpmPackage::read(path, text)) {
        match packages.get_mut(&package.dir) {
            Some(known) => known.absorb(package),
            None => drop(packages.insert(package.dir.clone(), package)),
        }
    }
    packages.into_values().collect()
}

fn is_requirements(path: &str) -> bool {
    path.ends_with(".txt") && (last(path).starts_with("requirements") || last(parent(path)) == "requirements")
}
