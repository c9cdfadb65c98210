//! The paths of all program files, and how paths are put together. Knows no language's rules.

use crate::base::Name;
use crate::base::hash::{FastMap, FastSet};
use crate::base::language::Language;
use crate::facts::program::FileId;

/// All program files by path.
#[derive(Debug, Default)]
pub(super) struct Tree {
    paths: Vec<Name>,
    languages: Vec<Language>,
    by_path: FastMap<Name, FileId>,
    scripts: FastMap<Name, Vec<FileId>>,
    pythons: FastMap<Name, FileId>,
    python_dirs: FastSet<Name>,
    /// The `__init__` files of directories.
    inits: FastMap<Name, FileId>,
}

/// Endings of scripts, the preferred first.
const SCRIPT_ENDINGS: [&str; 10] = [".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".d.ts", ".d.mts"];

impl Tree {
    /// Indexes the files, given in the order of their ids.
    pub(super) fn new<'p>(files: impl Iterator<Item = (&'p str, Language)>) -> Self {
        let mut tree = Self::default();
        for (id, (path, language)) in (0u32..).map(FileId).zip(files) {
            tree.insert(id, path, language);
        }
        let paths = &tree.paths;
        for ids in tree.scripts.values_mut() {
            ids.sort_by_key(|id| (script_rank(&paths[id.index()]), *id));
        }
        tree
    }

    fn insert(&mut self, id: FileId, path: &str, language: Language) {
        let path = Name::from(path);
        match language {
            Language::Python => self.insert_python(id, &path),
            Language::TypeScript | Language::Tsx | Language::JavaScript => {
                self.scripts.entry(Name::from(script_stem(&path))).or_default().push(id);
            }
            Language::Rust => {}
        }
        self.by_path.insert(path.clone(), id);
        self.paths.push(path);
        self.languages.push(language);
    }

    fn insert_python(&mut self, id: FileId, path: &str) {
        let is_stub = path.ends_with(".pyi");
        let stem = path.strip_suffix(if is_stub { ".pyi" } else { ".py" }).unwrap_or(path);
        if !is_stub || !self.pythons.contains_key(stem) {
            self.pythons.insert(stem.into(), id);
            if last(stem) == "__init__" {
                self.inits.insert(parent(stem).into(), id);
            }
        }
        for dir in ancestors(parent(path)) {
            if !self.python_dirs.insert(dir.into()) {
                break;
            }
        }
    }

    /// All ids with their paths and languages.
    pub(super) fn files(&self) -> impl Iterator<Item = (FileId, &Name, Language)> {
        (0u32..).map(FileId).zip(self.paths.iter().zip(&self.languages)).map(|(id, (path, language))| (id, path, *language))
    }

    /// The path of a file.
    pub(super) fn path(&self, file: FileId) -> &str {
        self.paths.get(file.index()).map_or("", Name::as_str)
    }

    /// The language of a file.
    pub(super) fn language(&self, file: FileId) -> Option<Language> {
        self.languages.get(file.index()).copied()
    }

    /// The directory of a file.
    pub(super) fn dir(&self, file: FileId) -> &str {
        parent(self.path(file))
    }

    /// The file at exactly this path.
    pub(super) fn at(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// The preferred script of this path without ending.
    pub(super) fn script(&self, stem: &str) -> Option<FileId> {
        self.scripts.get(stem).and_then(|ids| ids.first()).copied()
    }

    /// The Python file of this path without ending.
    pub(super) fn python(&self, stem: &str) -> Option<FileId> {
        self.pythons.get(stem).copied()
    }

    /// Whether a directory holds Python files, however deep.
    pub(super) fn has_python(&self, dir: &str) -> bool {
        self.python_dirs.contains(dir)
    }

    /// The `__init__` file of a directory.
    pub(super) fn init(&self, dir: &str) -> Option<FileId> {
        self.inits.get(dir).copied()
    }
}

fn script_rank(path: &str) -> usize {
    let is_declaration = [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| path.ends_with(ending));
    let first = if is_declaration { SCRIPT_ENDINGS.len() - 2 } else { 0 };
    (first..SCRIPT_ENDINGS.len()).find(|rank| path.ends_with(SCRIPT_ENDINGS[*rank])).unwrap_or(SCRIPT_ENDINGS.len())
}

/// A script's path without its ending; other paths as they are.
pub(super) fn script_stem(path: &str) -> &str {
    for ending in [".d.ts", ".d.mts", ".d.cts"].iter().chain(&SCRIPT_ENDINGS) {
        if let Some(stem) = path.strip_suffix(ending) {
            return stem;
        }
    }
    path
}

/// The directory a path lies in; the root is the empty path.
pub(super) fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..slash])
}

/// The last segment of a path.
pub(super) fn last(path: &str) -> &str {
    path.rfind('/').map_or(path, |slash| &path[slash + 1..])
}

/// A directory and those around it, up to the root.
pub(super) fn ancestors(dir: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(dir), |dir| (!dir.is_empty()).then(|| parent(dir)))
}

/// `name` in `dir`, neither normalised.
pub(super) fn under(dir: &str, name: &str) -> String {
    match (dir.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (false, true) => dir.to_owned(),
        (false, false) => format!("{dir}/{name}"),
    }
}

/// `relative` seen from `dir`, with `.` and `..` resolved; `None` when it leaves the tree.
pub(super) fn join(dir: &str, relative: &str) -> Option<String> {
    let mut segments: Vec<&str> = dir.split('/').filter(|segment| !segment.is_empty()).collect();
    for segment in relative.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            _ => segments.push(segment),
        }
    }
    Some(segments.join("/"))
}

/// The path below a directory, when it lies in it.
pub(super) fn below<'p>(path: &'p str, dir: &str) -> Option<&'p str> {
    if dir.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(dir)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// How many leading segments two paths share.
pub(super) fn shared_depth(one: &str, other: &str) -> usize {
    one.split('/').zip(other.split('/')).take_while(|(left, right)| left == right && !left.is_empty()).count()
}
