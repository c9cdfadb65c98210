//! What a Python import's module names.
//!
//! A module is looked for under *roots*: directories whose children are imported by their own name. A project's manifest
//! declares some, chains of `__init__.py` imply others, and any directory around the importing file may be one.

mod names;
mod project;

use std::collections::{BTreeSet, HashMap, HashSet};

pub(super) use names::import_name;
pub(super) use project::{Project, libraries_of};

use super::ModuleRef;
use super::tree::{Tree, ancestors, join, last, parent, shared_depth, under};
use crate::base::Name;
use crate::base::language::Language;
use crate::facts::program::FileId;

/// The roots of a tree.
#[derive(Debug, Default)]
pub(super) struct Python {
    /// Roots a project declares or has by convention.
    declared: HashSet<Name>,
    /// Directories that hold a package whose `__init__.py` chain begins there.
    implied: HashSet<Name>,
    /// Roots by the names found under them.
    holders: HashMap<Name, Vec<Name>>,
    /// Names that projects declare as libraries.
    libraries: HashSet<Name>,
}

/// What stands under a root for a dotted name.
enum Found {
    /// All of it.
    Whole(ModuleRef),
    /// A part of it only, in a package with `__init__.py` or a module.
    Part,
    /// Nothing, or a part of it in a mere directory.
    Nothing,
}

impl Python {
    /// Finds the roots.
    pub(super) fn new(tree: &Tree, projects: &[Project], libraries: HashSet<Name>) -> Self {
        let mut python = Self { libraries, ..Self::default() };
        python.declared.insert(Name::default());
        for project in projects {
            python.declared.extend(project.roots.iter().filter(|root| tree.has_python(root)).cloned());
            python.declared.insert(project.dir.clone());
            let source = under(&project.dir, "src");
            if tree.has_python(&source) && tree.init(&source).is_none() {
                python.declared.insert(source.into());
            }
            python.libraries.remove(&import_name(&project.name));
        }
        python.imply(tree);
        python.hold(tree);
        python
    }

    fn imply(&mut self, tree: &Tree) {
        for (_, path, language) in tree.files() {
            let dir = parent(path);
            if language != Language::Python {
                continue;
            }
            match last(path) {
                "__init__.py" if tree.init(parent(dir)).is_none() && !dir.is_empty() => {
                    self.implied.insert(parent(dir).into());
                }
                "manage.py" | "setup.py" => {
                    self.declared.insert(dir.into());
                }
                _ => {}
            }
        }
    }

    fn hold(&mut self, tree: &Tree) {
        let mut held: BTreeSet<(Name, Name)> = BTreeSet::new();
        for (_, path, language) in tree.files() {
            if language != Language::Python {
                continue;
            }
            let stem = path.trim_end_matches(".pyi").trim_end_matches(".py");
            let mut child = stem;
            for dir in ancestors(parent(stem)) {
                if self.is_certain(dir) {
                    held.insert((last(child).into(), dir.into()));
                }
                child = dir;
            }
        }
        for (name, root) in held {
            self.holders.entry(name).or_default().push(root);
        }
    }

    fn is_certain(&self, dir: &str) -> bool {
        self.declared.contains(dir) || self.implied.contains(dir)
    }

    /// What `module` names, seen from a file.
    pub(super) fn resolve(&self, tree: &Tree, from: FileId, module: &str) -> ModuleRef {
        let module = module.trim();
        let dots = module.len() - module.trim_start_matches('.').len();
        if dots > 0 {
            return relative(tree, from, module, dots);
        }
        self.resolve_in(tree, tree.dir(from), Some(from), module)
    }

    /// What a dotted name names, seen from a directory; a module does not name itself by one segment.
    pub(super) fn resolve_in(&self, tree: &Tree, dir: &str, from: Option<FileId>, module: &str) -> ModuleRef {
        let segments: Vec<&str> = module.split('.').collect();
        match self.absolute(tree, dir, from, &segments) {
            Some(found) => found,
            None if self.is_ours(tree, dir, &segments) => ModuleRef::Missing(module.into()),
            None => ModuleRef::Outside(module.into()),
        }
    }

    fn absolute(&self, tree: &Tree, dir: &str, from: Option<FileId>, segments: &[&str]) -> Option<ModuleRef> {
        let first = segments.first()?;
        let guard = self.guard(first, segments.len());
        if guard == Guard::Never {
            return None;
        }
        let around = || ancestors(dir).filter(|root| tree.init(root).is_none() || self.declared.contains(*root) || *root == dir);
        let accepts = |root: &str, found: &ModuleRef| match guard {
            Guard::Library => self.declared.contains(root) && matches!(found, ModuleRef::File(_)),
            _ => segments.len() > 1 || from.is_none_or(|from| *found != ModuleRef::File(from)),
        };
        let near = around().find_map(|root| match locate(tree, root, segments) {
            Found::Whole(found) if accepts(root, &found) => Some(found),
            _ => None,
        });
        near.or_else(|| self.elsewhere(tree, dir, segments, guard)).or_else(|| {
            // Programs started inside a package import their neighbours as if it were none.
            let inside = ancestors(dir).filter(|_| guard == Guard::Free);
            inside.map(|root| locate(tree, root, segments)).find_map(|found| match found {
                Found::Whole(ModuleRef::File(file)) if Some(file) != from => Some(ModuleRef::File(file)),
                _ => None,
            })
        })
    }

    /// Looks under roots that do not lie around the importing file; the nearest wins.
    fn elsewhere(&self, tree: &Tree, dir: &str, segments: &[&str], guard: Guard) -> Option<ModuleRef> {
        let roots = self.holders.get(*segments.first()?)?;
        let mut best: Option<(usize, ModuleRef)> = None;
        for root in roots {
            let is_plausible = self.declared.contains(root) || (guard == Guard::Free && segments.len() > 1);
            if !is_plausible || guard == Guard::Library && segments.len() == 1 {
                continue;
            }
            let Found::Whole(found) = locate(tree, root, segments) else { continue };
            let shared = shared_depth(root, dir);
            let is_file = matches!(found, ModuleRef::File(_));
            if is_file && best.as_ref().is_none_or(|(depth, _)| shared > *depth) {
                best = Some((shared, found));
            }
        }
        best.map(|(_, found)| found)
    }

    /// Whether a name that was not found begins in one of the repository's own packages.
    fn is_ours(&self, tree: &Tree, dir: &str, segments: &[&str]) -> bool {
        let Some(first) = segments.first() else { return false };
        if self.guard(first, segments.len()) != Guard::Free {
            return false;
        }
        let around = ancestors(dir).filter(|root| tree.init(root).is_none() || self.declared.contains(*root));
        let mut roots =
            around.chain(self.holders.get(*first).into_iter().flatten().map(Name::as_str).filter(|root| self.declared.contains(*root)));
        roots.any(|root| matches!(locate(tree, root, segments), Found::Part))
    }

    fn guard(&self, first: &str, length: usize) -> Guard {
        if names::is_standard_package(first) || (length == 1 && names::is_standard(first)) {
            Guard::Never
        } else if self.libraries.contains(&import_name(first)) || names::is_popular(first) || names::is_standard(first) {
            Guard::Library
        } else {
            Guard::Free
        }
    }

    /// A file's dotted name under its nearest certain root.
    pub(super) fn name_of(&self, path: &str) -> Name {
        let stem = path.trim_end_matches(".pyi").trim_end_matches(".py");
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        let root = ancestors(parent(path)).find(|dir| self.is_certain(dir)).unwrap_or_default();
        let below = super::tree::below(stem, root).filter(|below| !below.is_empty()).unwrap_or(last(stem));
        below.replace('/', ".").into()
    }
}

/// How sure one must be that a name is the repository's own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// Nothing else is known by this name.
    Free,
    /// A library is known by this name: only a declared root may hide it.
    Library,
    /// The standard library's.
    Never,
}

fn locate(tree: &Tree, root: &str, segments: &[&str]) -> Found {
    let mut path = String::with_capacity(root.len() + 1 + segments.iter().map(|segment| segment.len() + 1).sum::<usize>());
    path.push_str(root);
    let mut is_regular = false;
    for (index, segment) in segments.iter().enumerate() {
        if !path.is_empty() && !segment.is_empty() {
            path.push('/');
        }
        path.push_str(segment);
        if !tree.has_python(&path) || segment.is_empty() {
            let module = tree.python(&path).filter(|_| !segment.is_empty());
            return match module {
                Some(file) if index + 1 == segments.len() => Found::Whole(ModuleRef::File(file)),
                None if !is_regular => Found::Nothing,
                _ => Found::Part,
            };
        }
        // A directory without `__init__.py` yields to a module of the same name.
        if tree.init(&path).is_none()
            && let Some(file) = tree.python(&path)
        {
            return if index + 1 == segments.len() {
                Found::Whole(ModuleRef::File(file))
            } else {
                beside(tree, &path, &segments[index + 1..])
            };
        }
        is_regular |= tree.init(&path).is_some();
    }
    Found::Whole(directory(tree, &path))
}

/// What lies below a directory that a module of the same name hides.
fn beside(tree: &Tree, dir: &str, rest: &[&str]) -> Found {
    match locate(tree, dir, rest) {
        Found::Whole(found) => Found::Whole(found),
        Found::Part | Found::Nothing => Found::Part,
    }
}

fn directory(tree: &Tree, dir: &str) -> ModuleRef {
    tree.init(dir).map_or_else(|| ModuleRef::Namespace(dir.into()), ModuleRef::File)
}

fn relative(tree: &Tree, from: FileId, module: &str, dots: usize) -> ModuleRef {
    let missing = || ModuleRef::Missing(module.into());
    let Some(dir) = join(tree.dir(from), &"../".repeat(dots.min(64) - 1)) else { return missing() };
    let rest = &module[dots..];
    if rest.is_empty() {
        return if tree.has_python(&dir) { directory(tree, &dir) } else { missing() };
    }
    let segments: Vec<&str> = rest.split('.').collect();
    match locate(tree, &dir, &segments) {
        Found::Whole(found) => found,
        Found::Part | Found::Nothing => missing(),
    }
}

/// The module `name` inside a package.
pub(super) fn child(tree: &Tree, dir: &str, name: &str) -> Option<ModuleRef> {
    match locate(tree, dir, &[name]) {
        Found::Whole(found) => Some(found),
        Found::Part | Found::Nothing => None,
    }
}
