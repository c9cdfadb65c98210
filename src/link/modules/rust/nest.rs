//! The tree of Rust modules: `mod` declarations followed from every crate's root, and files that none reaches.

use crate::base::Name;
use crate::base::code::{ModDecl, ScopeId, ScopeKind};
use crate::base::hash::FastMap;
use crate::base::language::Language;
use crate::facts::file::FileFacts;
use crate::facts::program::FileId;
use crate::link::modules::tree::{Tree, join, last, parent, under};

use super::Sources;

/// A module's body: a file, or a scope of one.
pub(super) type Place = (FileId, ScopeId);

/// A module.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Its name; empty for a crate's root.
    pub(super) name: Name,
    /// The module it is declared in.
    pub(super) parent: Option<Place>,
    /// The modules declared in it.
    pub(super) children: FastMap<Name, Place>,
}

/// All modules.
#[derive(Debug, Default)]
pub(super) struct Modules {
    places: FastMap<Place, Module>,
    /// For files with inline modules: the module scope of every scope.
    scopes: FastMap<FileId, Vec<ScopeId>>,
    /// What declarations name, by file and index.
    declared: FastMap<(FileId, u32), Place>,
}

/// A declaration yet to be followed.
struct Pending {
    place: Place,
    /// The directory in which its child modules lie.
    dir: String,
}

impl Modules {
    /// Follows the declarations from the roots, then takes in the files that were not reached.
    pub(super) fn new(tree: &Tree, files: Sources<'_>, roots: &[FileId]) -> Self {
        let mut modules = Self::default();
        for root in roots {
            modules.follow(tree, files, *root, None, Name::default());
        }
        let mut orphans: Vec<(usize, FileId)> = tree
            .files()
            .filter(|(id, _, language)| *language == Language::Rust && !modules.places.contains_key(&(*id, ScopeId(0))))
            .map(|(id, path, _)| (path.matches('/').count() + usize::from(last(path) != "mod.rs"), id))
            .collect();
        orphans.sort_unstable();
        for (_, orphan) in orphans {
            if !modules.places.contains_key(&(orphan, ScopeId(0))) {
                let (parent, name) = guess_parent(tree, orphan);
                modules.follow(tree, files, orphan, parent.map(|file| (file, ScopeId(0))), name);
            }
        }
        modules
    }

    /// The module at a place.
    pub(super) fn at(&self, place: Place) -> Option<&Module> {
        self.places.get(&place)
    }

    /// The module that a scope of a file belongs to.
    pub(super) fn around(&self, file: FileId, scope: ScopeId) -> Place {
        (file, self.scopes.get(&file).and_then(|scopes| scopes.get(scope.index())).copied().unwrap_or_default())
    }

    /// The module that a declaration names.
    pub(super) fn declared(&self, file: FileId, index: u32) -> Option<Place> {
        self.declared.get(&(file, index)).copied()
    }

    /// The root of the crate that a module is in.
    pub(super) fn root_of(&self, mut place: Place) -> Place {
        for _ in 0..256 {
            match self.at(place).and_then(|module| module.parent) {
                Some(parent) => place = parent,
                None => break,
            }
        }
        place
    }

    fn follow(&mut self, tree: &Tree, files: Sources<'_>, file: FileId, parent: Option<Place>, name: Name) {
        let mut stack = vec![(file, parent, name)];
        while let Some((file, parent, name)) = stack.pop() {
            if !self.enter((file, ScopeId(0)), parent, &name) {
                continue;
            }
            let Some((path, _, facts)) = files.get(file.index()) else { continue };
            let is_root = parent.is_none();
            stack.extend(self.declarations(tree, (file, path), facts, is_root));
        }
    }

    /// Adds a module to its parent; `false` when it was known.
    fn enter(&mut self, place: Place, parent: Option<Place>, name: &Name) -> bool {
        if let Some(outer) = parent.and_then(|parent| self.places.get_mut(&parent)) {
            outer.children.entry(name.clone()).or_insert(place);
        }
        if self.places.contains_key(&place) {
            return false;
        }
        self.places.insert(place, Module { name: name.clone(), parent, children: FastMap::default() });
        true
    }

    /// Enters the inline modules of a file and gives the files its declarations name.
    fn declarations(
        &mut self,
        tree: &Tree,
        (file, path): (FileId, &str),
        facts: &FileFacts,
        is_root: bool,
    ) -> Vec<(FileId, Option<Place>, Name)> {
        let outline = &facts.outline;
        if outline.mods.iter().any(|module| module.inline.is_some()) {
            self.scopes.insert(file, module_scopes(facts));
        }
        let mut found = Vec::new();
        let own = Pending { place: (file, ScopeId(0)), dir: children_dir(path, is_root) };
        let mut bodies: FastMap<ScopeId, Pending> = FastMap::from_iter([(ScopeId(0), own)]);
        for (index, module) in (0u32..).zip(&outline.mods) {
            let (_, scope) = self.around(file, module.scope);
            let Some(outer) = bodies.get(&scope) else { continue };
            let name = Name::from(module.name.trim_start_matches("r#"));
            match module.inline {
                Some(inline) => {
                    let dir = under(&outer.dir, module.path.as_deref().unwrap_or(&name));
                    let place = (file, inline);
                    self.declared.insert((file, index), place);
                    self.enter(place, Some(outer.place), &name);
                    bodies.insert(inline, Pending { place, dir });
                }
                None => {
                    let base = if scope == ScopeId(0) { parent(path) } else { &outer.dir };
                    let Some(child) = declared_file(tree, base, &outer.dir, module, &name).filter(|child| *child != file) else { continue };
                    self.declared.insert((file, index), (child, ScopeId(0)));
                    found.push((child, Some(outer.place), name));
                }
            }
        }
        found.reverse();
        found
    }
}

/// For each scope of a file, the scope of the module around it. Scopes come after those around them.
fn module_scopes(facts: &FileFacts) -> Vec<ScopeId> {
    let mut modules: Vec<ScopeId> = Vec::with_capacity(facts.outline.scopes.len());
    for (index, scope) in (0u32..).zip(&facts.outline.scopes) {
        let own = match scope.kind {
            ScopeKind::Module | ScopeKind::Namespace(_) => ScopeId(index),
            _ => modules.get(scope.parent.index()).copied().unwrap_or_default(),
        };
        modules.push(own);
    }
    modules
}

/// The directory in which the child modules of a file lie.
fn children_dir(path: &str, is_root: bool) -> String {
    let name = last(path).trim_end_matches(".rs");
    if is_root || name == "mod" { parent(path).to_owned() } else { under(parent(path), name) }
}

fn declared_file(tree: &Tree, base: &str, dir: &str, module: &ModDecl, name: &str) -> Option<FileId> {
    if let Some(path) = &module.path {
        return tree.at(&join(base, path)?);
    }
    let flat = under(dir, name);
    tree.at(&format!("{flat}.rs")).or_else(|| tree.at(&format!("{flat}/mod.rs")))
}

/// The module that a file lies under by its path, and the name it would have there.
fn guess_parent(tree: &Tree, file: FileId) -> (Option<FileId>, Name) {
    let path = tree.path(file);
    let stem = path.trim_end_matches(".rs");
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    let dir = parent(stem);
    let names = [format!("{dir}.rs"), under(dir, "mod.rs"), under(dir, "lib.rs"), under(dir, "main.rs")];
    let parent = names.iter().filter_map(|name| tree.at(name)).find(|parent| *parent != file);
    (parent, last(stem).into())
}
