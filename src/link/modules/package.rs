//! Packages as manifests declare them.

use crate::base::Name;
use crate::facts::program::FileId;

/// Index into [`super::Modules::packages`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub u32);

impl PackageId {
    /// The index into the packages.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which world a package belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageKind {
    /// `Cargo.toml`.
    Cargo,
    /// `package.json`, `deno.json`.
    Npm,
    /// `pyproject.toml`, `setup.cfg`, `setup.py`.
    Python,
}

/// A package: a workspace member, or the repository itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name as declared; the directory's name when there is none.
    pub name: Name,
    /// Its directory from the repository's root; empty for the root.
    pub root: Name,
    /// Its kind.
    pub kind: PackageKind,
    /// What it depends on, sorted by name.
    pub dependencies: Vec<Dependency>,
    /// Where it is entered, in the manifest's order.
    pub entries: Vec<Entry>,
}

/// A declared dependency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// The name it is imported or declared by.
    pub name: Name,
    /// The package's own name, where it is renamed; else the same.
    pub package: Name,
    /// The directory in this repository that the manifest points to.
    pub local: Option<Name>,
}

/// A declared way into a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its kind.
    pub kind: EntryKind,
    /// The binary's or script's name; the package's name for libraries.
    pub name: Name,
    /// What the manifest says: a path, a command, `module:function`.
    pub target: Name,
    /// The file it names, when that is one of the repository's.
    pub file: Option<FileId>,
}

/// Kinds of [`Entry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// What others import.
    Library,
    /// An executable.
    Binary,
    /// A command to run (`scripts` of `package.json`).
    Script,
}
