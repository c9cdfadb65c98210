//! Workspaces: which packages see one another by name.

use std::collections::HashMap;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use super::npm::NpmPackage;
use crate::base::Name;
use crate::link::modules::jsonc;
use crate::link::modules::tree::{ancestors, below, last, parent};

/// Members by their workspace's root and their name.
#[derive(Debug, Default)]
pub(super) struct Workspaces {
    members: HashMap<Name, HashMap<Name, usize>>,
    by_name: HashMap<Name, Option<usize>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Members {
    packages: Vec<String>,
}

struct Globs {
    taken: Vec<GlobMatcher>,
    left: Vec<GlobMatcher>,
}

impl Globs {
    fn new(patterns: &[String]) -> Self {
        let mut globs = Self { taken: Vec::new(), left: Vec::new() };
        for pattern in patterns {
            let (list, pattern) = match pattern.strip_prefix('!') {
                Some(pattern) => (&mut globs.left, pattern),
                None => (&mut globs.taken, pattern.as_str()),
            };
            let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
            list.extend(GlobBuilder::new(pattern).literal_separator(true).build().ok().map(|glob| glob.compile_matcher()));
        }
        globs
    }

    fn takes(&self, path: &str) -> bool {
        self.taken.iter().any(|glob| glob.is_match(path)) && !self.left.iter().any(|glob| glob.is_match(path))
    }
}

impl Workspaces {
    /// Finds the members of every workspace.
    pub(super) fn new(packages: &[NpmPackage], manifests: &[(&str, &str)]) -> Self {
        let mut roots: HashMap<Name, Vec<String>> = HashMap::new();
        for package in packages {
            if let Some(patterns) = package.workspaces() {
                roots.entry(package.dir.clone()).or_default().extend(patterns);
            }
        }
        for (path, text) in manifests {
            let members = match last(path) {
                "pnpm-workspace.yaml" | "pnpm-workspace.yml" => serde_yaml::from_str::<Members>(text).ok(),
                "lerna.json" => jsonc::read(text).and_then(|value| serde_json::from_value(value).ok()),
                _ => None,
            };
            if let Some(members) = members {
                roots.entry(parent(path).into()).or_default().extend(members.packages);
            }
        }
        let globs: HashMap<&Name, Globs> = roots.iter().map(|(root, patterns)| (root, Globs::new(patterns))).collect();
        let mut workspaces = Self::default();
        for (index, package) in packages.iter().enumerate().filter(|(_, package)| !package.name.is_empty()) {
            workspaces.by_name.entry(package.name.clone()).and_modify(|only| *only = None).or_insert(Some(index));
            let takes = |root: &&str| {
                globs
                    .get(&Name::from(*root))
                    .is_some_and(|globs| **root == package.dir || below(&package.dir, root).is_some_and(|path| globs.takes(path)))
            };
            if let Some(root) = ancestors(&package.dir).find(takes) {
                workspaces.members.entry(root.into()).or_default().entry(package.name.clone()).or_insert(index);
            }
        }
        workspaces
    }

    /// Roots of workspaces.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Name> {
        self.members.keys()
    }

    /// The member of this name in the workspaces around a directory.
    pub(super) fn member(&self, dir: &str, name: &str) -> Option<usize> {
        ancestors(dir).find_map(|root| self.members.get(root)?.get(name)).copied()
    }

    /// The only package of this name.
    pub(super) fn only(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied().flatten()
    }
}
