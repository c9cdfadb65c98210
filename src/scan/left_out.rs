//! What was left out of the analysis, and why: counted, with a few examples.

use crate::base::kept::{Kept, KeptSet};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Why a file or folder was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Named by an `exclude` glob or an ignore file of ours.
    Excluded,
    /// Matches no `include` glob.
    NotIncluded,
    /// Other people's code.
    Vendored,
    /// What a build leaves behind.
    BuildOutput,
    /// Written by a program.
    Generated,
    /// Made small for transport.
    Minified,
    /// A package manager's lock file.
    LockFile,
    /// A test, story or benchmark.
    Test,
    /// Test data or a test double.
    Fixture,
    /// Not text.
    Binary,
    /// Over the size limit.
    TooLarge,
    /// The bytes lie in Git LFS.
    LfsPointer,
    /// Symbolic links are not followed.
    Symlink,
    /// A repository inside the repository.
    NestedRepository,
    /// A submodule.
    Submodule,
    /// Tracked, but outside the sparse checkout.
    NotCheckedOut,
    /// The name is not UTF-8.
    OddName,
    /// A pipe, socket or device.
    Special,
    /// What we write ourselves; never told, since it would differ between the first run and the next.
    Output,
}

impl Reason {
    /// What it is, for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::NotIncluded => "not included",
            Self::Vendored => "vendored",
            Self::BuildOutput => "build output",
            Self::Generated => "generated",
            Self::Minified => "minified",
            Self::LockFile => "lock file",
            Self::Test => "test",
            Self::Fixture => "fixture",
            Self::Binary => "binary",
            Self::TooLarge => "too large",
            Self::LfsPointer => "Git LFS pointer",
            Self::Symlink => "symbolic link",
            Self::NestedRepository => "nested repository",
            Self::Submodule => "submodule",
            Self::NotCheckedOut => "not checked out",
            Self::OddName => "name is not UTF-8",
            Self::Special => "not a regular file",
            Self::Output => "our own output",
        }
    }

    /// What keeps it in, when something can.
    #[must_use]
    pub fn kept_by(self) -> Option<Kept> {
        Some(match self {
            Self::Vendored => Kept::Vendored,
            Self::BuildOutput | Self::Generated => Kept::Generated,
            Self::Minified => Kept::Minified,
            Self::LockFile => Kept::LockFiles,
            Self::Test => Kept::Tests,
            Self::Fixture => Kept::Fixtures,
            _ => return None,
        })
    }

    /// The reason, unless what it leaves out shall be kept.
    pub(super) fn unless(self, keep: KeptSet) -> Option<Self> {
        if self.kept_by().is_some_and(|kept| keep.has(kept)) { None } else { Some(self) }
    }
}

/// Files and folders left out, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    groups: BTreeMap<Reason, Group>,
}

/// What was left out for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Single files.
    pub files: u64,
    /// Whole folders; what lies in them is not counted.
    pub folders: BTreeSet<String>,
    /// The first few of the files.
    examples: Vec<String>,
}

impl Group {
    /// A few paths, folders (with a `/` at the end) first.
    #[must_use]
    pub fn examples(&self) -> Vec<String> {
        let folders = self.folders.iter().map(|folder| format!("{folder}/"));
        folders.chain(self.examples.iter().cloned()).take(EXAMPLES).collect()
    }
}

const EXAMPLES: usize = 5;

impl LeftOut {
    /// Every reason met, in order.
    pub fn groups(&self) -> impl Iterator<Item = (Reason, &Group)> {
        self.groups.iter().map(|(reason, group)| (*reason, group))
    }

    /// What was left out for `reason`.
    #[must_use]
    pub fn of(&self, reason: Reason) -> Option<&Group> {
        self.groups.get(&reason)
    }

    /// Counts a file.
    pub fn count_file(&mut self, reason: Reason, path: &str) {
        let group = self.groups.entry(reason).or_default();
        group.files += 1;
        group.show(path);
    }

    /// Counts a folder with all that lies in it.
    pub fn count_folder(&mut self, reason: Reason, path: &str) {
        let folders = &mut self.groups.entry(reason).or_default().folders;
        if !folders.contains(path) {
            folders.insert(path.to_owned());
        }
    }

    /// Drops what was left out for `reason`.
    pub(super) fn forget(&mut self, reason: Reason) {
        self.groups.remove(&reason);
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: Self) {
        for (reason, theirs) in other.groups {
            let group = self.groups.entry(reason).or_default();
            group.files += theirs.files;
            group.folders.extend(theirs.folders);
            theirs.examples.iter().for_each(|path| group.show(path));
        }
    }
}

impl Group {
    /// Keeps the first few paths in order, whatever order they come in.
    fn show(&mut self, path: &str) {
        let at = self.examples.partition_point(|have| have.as_str() < path);
        if at < EXAMPLES {
            self.examples.insert(at, path.to_owned());
            self.examples.truncate(EXAMPLES);
        }
    }
}
