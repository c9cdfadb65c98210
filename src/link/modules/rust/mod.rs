//! What a Rust path names: modules of the crate, other crates of the repository, libraries.

mod cargo;
mod nest;

use std::collections::HashSet;

pub(super) use cargo::{CargoPackage, read};

use self::cargo::crate_name;
use self::nest::{Modules as Nest, Place};
use super::ModuleRef;
use super::tree::{Tree, ancestors, below, last, parent};
use crate::base::Name;
use crate::base::code::{Import, Imported, ScopeId};
use crate::base::hash::FastMap;
use crate::base::language::Language;
use crate::facts::file::FileFacts;
use crate::facts::program::FileId;

/// All files in the order of their ids.
type Sources<'s> = &'s [(&'s str, Language, &'s FileFacts)];

/// Crates and their modules.
#[derive(Debug, Default)]
pub(super) struct Rust {
    nest: Nest,
    packages: Vec<CargoPackage>,
    by_dir: FastMap<Name, usize>,
    /// The package around each file.
    around: Vec<Option<usize>>,
    /// The library of each package.
    libraries: Vec<Option<FileId>>,
    /// What names of other crates stand for, by package.
    externs: Vec<FastMap<Name, Extern>>,
    /// Crate names that only one package of the repository has.
    by_name: FastMap<Name, Option<usize>>,
    /// Imported names that other imports of the same module begin with.
    aliases: FastMap<(Place, Name), Name>,
}

#[derive(Clone, Debug)]
enum Extern {
    /// A package of the repository.
    Local(usize),
    /// A library by its crate name.
    Library(Name),
}

impl Rust {
    /// Finds crates and follows their modules.
    pub(super) fn new(tree: &Tree, files: Sources<'_>, packages: Vec<CargoPackage>) -> Self {
        let by_dir: FastMap<Name, usize> = packages.iter().enumerate().map(|(index, package)| (package.dir.clone(), index)).collect();
        let libraries: Vec<Option<FileId>> = packages.iter().map(|package| tree.at(&package.lib_path)).collect();
        let mut by_name: FastMap<Name, Option<usize>> = FastMap::default();
        for (index, package) in packages.iter().enumerate().filter(|(index, _)| libraries[*index].is_some()) {
            by_name.entry(package.lib_name.clone()).and_modify(|only| *only = None).or_insert(Some(index));
        }
        let externs = packages.iter().map(|package| externs(package, &packages, &by_dir)).collect();
        let mut rust = Self { packages, by_dir, libraries, externs, by_name, ..Self::default() };
        rust.around = tree.files().map(|(_, path, _)| rust.package_around(parent(path))).collect();
        let roots = rust.roots(tree);
        rust.nest = Nest::new(tree, files, &roots);
        rust.aliases = rust.aliases_of(files);
        rust
    }

    /// All packages.
    pub(super) fn packages(&self) -> &[CargoPackage] {
        &self.packages
    }

    fn package_around(&self, dir: &str) -> Option<usize> {
        ancestors(dir).find_map(|dir| self.by_dir.get(dir)).copied()
    }

    /// Roots of crates: libraries first, so that modules they share with a binary are theirs.
    fn roots(&self, tree: &Tree) -> Vec<FileId> {
        let mut roots: Vec<FileId> = self.libraries.iter().flatten().copied().collect();
        for package in &self.packages {
            let declared = package.binaries.iter().map(|(_, path)| path).chain(&package.others);
            roots.extend(declared.filter_map(|path| tree.at(path)));
        }
        for (id, path, _) in tree.files().filter(|(_, _, language)| *language == Language::Rust) {
            let is_target = match self.around[id.index()] {
                Some(package) => below(path, &self.packages[package].dir).is_some_and(is_target),
                None => matches!(last(path), "lib.rs" | "main.rs"),
            };
            roots.extend(is_target.then_some(id));
        }
        let mut seen = HashSet::new();
        roots.retain(|root| seen.insert(*root));
        roots
    }

    /// The module a path leads to, and the segments that name no module.
    pub(super) fn walk(&self, (from, scope): (FileId, ScopeId), path: &str) -> (ModuleRef, Vec<Name>) {
        let segments: Vec<&str> = path.split("::").map(|segment| segment.trim().trim_start_matches("r#")).collect();
        let here = self.nest.around(from, scope);
        self.enter(here, &segments, 0)
    }

    fn enter(&self, here: Place, segments: &[&str], depth: u32) -> (ModuleRef, Vec<Name>) {
        let Some((first, rest)) = segments.split_first() else { return (reference(here), Vec::new()) };
        match *first {
            "crate" | "$crate" => return self.descend(self.nest.root_of(here), rest),
            "self" => return self.descend_from_self(here, rest, segments),
            "super" => return self.climb(here, segments),
            "" => {
                let found = self.foreign(here, rest).or_else(|| self.undeclared(rest));
                return found.unwrap_or_else(|| (ModuleRef::Outside(dotted(rest)), Vec::new()));
            }
            _ => {}
        }
        let module = self.nest.at(here);
        if module.is_some_and(|module| module.children.contains_key(*first)) {
            return self.descend(here, segments);
        }
        // A name that is both imported and another crate's must be written `::name`, so only the crate can be meant.
        if let Some(found) = self.foreign(here, segments) {
            return found;
        }
        if depth < 8
            && let Some(target) = self.aliases.get(&(here, Name::from(*first)))
            && target.split("::").next() != Some(first)
        {
            let whole: Vec<&str> = target.split("::").chain(rest.iter().copied()).collect();
            return self.enter(here, &whole, depth + 1);
        }
        if let Some(found) = self.undeclared(segments) {
            return found;
        }
        let root = self.nest.root_of(here);
        if self.nest.at(root).is_some_and(|module| module.children.contains_key(*first)) {
            return self.descend(root, segments);
        }
        if first.starts_with(char::is_uppercase) {
            return (reference(here), segments.iter().map(|segment| Name::from(*segment)).collect());
        }
        (ModuleRef::Outside(dotted(segments)), Vec::new())
    }

    fn descend_from_self(&self, here: Place, rest: &[&str], segments: &[&str]) -> (ModuleRef, Vec<Name>) {
        if rest.first() == Some(&"super") { self.climb(here, &segments[1..]) } else { self.descend(here, rest) }
    }

    fn climb(&self, mut here: Place, mut segments: &[&str]) -> (ModuleRef, Vec<Name>) {
        while let Some((&"super", rest)) = segments.split_first() {
            match self.nest.at(here).and_then(|module| module.parent) {
                Some(parent) => here = parent,
                None => return (ModuleRef::Missing(segments.join("::").into()), Vec::new()),
            }
            segments = rest;
        }
        self.descend(here, segments)
    }

    fn descend(&self, mut here: Place, segments: &[&str]) -> (ModuleRef, Vec<Name>) {
        let mut rest = segments;
        while let Some((first, after)) = rest.split_first() {
            let Some(child) = self.nest.at(here).and_then(|module| module.children.get(*first)) else { break };
            here = *child;
            rest = after;
        }
        (reference(here), rest.iter().map(|segment| Name::from(*segment)).collect())
    }

    /// A path that begins with the name of a crate.
    fn foreign(&self, here: Place, segments: &[&str]) -> Option<(ModuleRef, Vec<Name>)> {
        let (first, rest) = segments.split_first()?;
        if matches!(*first, "std" | "core" | "alloc" | "proc_macro") {
            return Some((ModuleRef::Outside(dotted(segments)), Vec::new()));
        }
        let own = self.around.get(here.0.index()).copied().flatten();
        let package = match own.and_then(|own| self.externs[own].get(*first)) {
            Some(Extern::Library(name)) => {
                let whole: Vec<&str> = std::iter::once(name.as_str()).chain(rest.iter().copied()).collect();
                return Some((ModuleRef::Outside(dotted(&whole)), Vec::new()));
            }
            Some(Extern::Local(package)) => *package,
            None => own.filter(|own| self.packages[*own].lib_name == *first)?,
        };
        let library = self.libraries[package]?;
        Some(self.descend((library, ScopeId(0)), rest))
    }

    /// A path that begins with the name of one of the repository's crates, though no manifest says it may.
    fn undeclared(&self, segments: &[&str]) -> Option<(ModuleRef, Vec<Name>)> {
        let (first, rest) = segments.split_first()?;
        let package = self.by_name.get(*first).copied().flatten()?;
        Some(self.descend((self.libraries[package]?, ScopeId(0)), rest))
    }

    /// Imported names that other imports of the same file begin with, and what they stand for.
    fn aliases_of(&self, files: Sources<'_>) -> FastMap<(Place, Name), Name> {
        let mut aliases = FastMap::default();
        for (file, (_, language, facts)) in (0u32..).map(FileId).zip(files) {
            if *language != Language::Rust {
                continue;
            }
            let imports = &facts.outline.imports;
            let firsts: HashSet<&str> = imports.iter().filter_map(|import| import.module.split("::").next()).collect();
            for import in imports.iter().filter(|import| firsts.contains(import.local.as_str())) {
                if let Some(target) = path_of(import) {
                    aliases.entry((self.nest.around(file, import.scope), import.local.clone())).or_insert(target);
                }
            }
        }
        aliases
    }

    /// What a first segment names by itself.
    pub(super) fn first(&self, from: FileId, name: &str) -> Option<ModuleRef> {
        let here = (from, ScopeId(0));
        let (found, rest) = match name {
            "crate" | "$crate" | "self" | "super" => self.enter(here, &[name], 0),
            _ => self.foreign(here, &[name]).or_else(|| self.undeclared(&[name]))?,
        };
        rest.is_empty().then_some(found)
    }

    /// The module that a declaration names.
    pub(super) fn declared(&self, file: FileId, index: u32) -> Option<ModuleRef> {
        self.nest.declared(file, index).map(reference)
    }

    /// The child module of this name.
    pub(super) fn child(&self, place: Place, name: &str) -> Option<ModuleRef> {
        self.nest.at(place)?.children.get(name).map(|child| reference(*child))
    }

    /// The path of a file's module as people write it: `crate_name::a::b`.
    pub(super) fn name_of(&self, tree: &Tree, file: FileId) -> Name {
        let mut names: Vec<&str> = Vec::new();
        let mut place = (file, ScopeId(0));
        while let Some(module) = self.nest.at(place)
            && let Some(parent) = module.parent
            && names.len() < 256
        {
            names.push(&module.name);
            place = parent;
        }
        let root = tree.path(place.0);
        let package = self.package_around(parent(root)).map(|index| &self.packages[index]);
        let base = match package {
            Some(package) if package.lib_path == root => package.lib_name.clone(),
            Some(package) if last(root) == "main.rs" => crate_name(&package.name),
            _ => last(root).trim_end_matches(".rs").into(),
        };
        names.push(&base);
        names.reverse();
        names.join("::").into()
    }
}

/// The whole path that an import takes its name from; `None` when it takes many.
pub(super) fn path_of(import: &Import) -> Option<Name> {
    match &import.what {
        Imported::Module => Some(import.module.clone()),
        Imported::Name(name) if import.module.is_empty() => Some(name.clone()),
        Imported::Name(name) => Some(format!("{}::{name}", import.module).into()),
        _ => None,
    }
}

fn reference(place: Place) -> ModuleRef {
    if place.1 == ScopeId(0) { ModuleRef::File(place.0) } else { ModuleRef::Inline(place.0, place.1) }
}

fn dotted(segments: &[&str]) -> Name {
    segments.join(".").into()
}

/// Whether Cargo builds a crate from this path of a package by itself.
fn is_target(path: &str) -> bool {
    let mut segments = path.split('/');
    let (first, second, third, fourth) = (segments.next(), segments.next(), segments.next(), segments.next());
    match (first, second, third, fourth) {
        (Some("build.rs"), None, ..) | (Some("src"), Some("main.rs"), None, _) => true,
        (Some("src"), Some("bin"), Some(_), None) | (Some("src"), Some("bin"), Some(_), Some("main.rs")) => segments.next().is_none(),
        (Some("tests" | "examples" | "benches"), Some(_), None, _) => true,
        (Some("tests" | "examples" | "benches"), Some(_), Some("main.rs"), None) => true,
        _ => false,
    }
}

fn externs(package: &CargoPackage, packages: &[CargoPackage], by_dir: &FastMap<Name, usize>) -> FastMap<Name, Extern> {
    let mut externs = FastMap::default();
    for dependency in &package.dependencies {
        let local = dependency.local.as_ref().and_then(|dir| by_dir.get(dir)).copied();
        let is_renamed = crate_name(&dependency.package) != dependency.name;
        let (name, target) = match local {
            Some(index) if is_renamed => (dependency.name.clone(), Extern::Local(index)),
            Some(index) => (packages[index].lib_name.clone(), Extern::Local(index)),
            None => (dependency.name.clone(), Extern::Library(crate_name(&dependency.package))),
        };
        // A package may depend on a published version of one of the repository's for its tests.
        if !matches!((externs.get(&name), &target), (Some(Extern::Local(_)), _)) {
            externs.insert(name, target);
        }
    }
    externs
}
