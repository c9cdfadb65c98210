//! What a specifier of TypeScript or JavaScript names: relative files, aliases of configurations, packages of the
//! repository, and libraries.

mod config;
mod entry;
mod npm;
mod workspace;

use std::collections::{HashMap, HashSet};
use std::sync::RwLock;

pub(super) use npm::NpmPackage;

use self::config::Configs;
use self::workspace::Workspaces;
use super::ModuleRef;
use super::package::Dependency;
use super::tree::{Tree, ancestors, join, script_stem, under};
use crate::base::Name;
use crate::facts::program::FileId;

/// Packages and aliases.
#[derive(Debug, Default)]
pub(super) struct Script {
    configs: Configs,
    packages: Vec<NpmPackage>,
    by_dir: HashMap<Name, usize>,
    workspaces: Workspaces,
    /// Directories that say anything about names.
    telling: HashSet<Name>,
    /// What aliases and packages were resolved to: by the directory that decides, then by specifier.
    known: RwLock<HashMap<Name, HashMap<Name, ModuleRef>>>,
}

impl Script {
    /// Reads the manifests that concern scripts.
    pub(super) fn new(packages: Vec<NpmPackage>, manifests: &[(&str, &str)]) -> Self {
        let by_dir: HashMap<Name, usize> = packages.iter().enumerate().map(|(index, package)| (package.dir.clone(), index)).collect();
        let workspaces = Workspaces::new(&packages, manifests);
        let mut script = Self { configs: Configs::default(), packages, by_dir, workspaces, ..Self::default() };
        let texts: HashMap<&str, &str> = manifests.iter().copied().collect();
        let configs = Configs::new(&texts, |from, specifier| {
            let (package, subpath) = script.workspace_package(from, specifier)?;
            Some(under(&package.dir, subpath))
        });
        script.configs = configs;
        let telling = script.by_dir.keys().chain(script.configs.dirs()).chain(script.workspaces.roots());
        script.telling = telling.cloned().collect();
        script
    }

    /// The nearest package around a directory.
    fn package_around(&self, dir: &str) -> Option<&NpmPackage> {
        ancestors(dir).find_map(|dir| self.by_dir.get(dir)).map(|index| &self.packages[*index])
    }

    /// What `specifier` names, seen from a file.
    pub(super) fn resolve(&self, tree: &Tree, from: FileId, specifier: &str) -> ModuleRef {
        let specifier = bare(specifier);
        if let Some(library) = library_url(specifier) {
            return ModuleRef::Outside(library);
        }
        let dir = tree.dir(from);
        let missing = || ModuleRef::Missing(specifier.into());
        if specifier.starts_with("./") || specifier.starts_with("../") || matches!(specifier, "." | "..") {
            let found = join(dir, specifier).and_then(|path| self.probe(tree, &path, specifier.ends_with('/')));
            return found.map_or_else(missing, ModuleRef::File);
        }
        if let Some(rooted) = specifier.strip_prefix('/') {
            let root = self.package_around(dir).map_or("", |package| package.dir.as_str());
            let found = self.probe(tree, &under(root, rooted), false).or_else(|| self.probe(tree, rooted, false));
            return found.map_or_else(missing, ModuleRef::File);
        }
        if is_searched_upwards(specifier) {
            return self.named(tree, dir, specifier);
        }
        let dir = self.deciding(dir);
        let known = self.known.read().ok().and_then(|known| known.get(dir)?.get(specifier).cloned());
        known.unwrap_or_else(|| {
            let found = self.named(tree, dir, specifier);
            if let Ok(mut known) = self.known.write() {
                known.entry(dir.into()).or_default().insert(specifier.into(), found.clone());
            }
            found
        })
    }

    /// The nearest directory around one that says anything about names: all that is below it and says nothing sees the same.
    fn deciding<'d>(&self, dir: &'d str) -> &'d str {
        ancestors(dir).find(|dir| self.telling.contains(*dir)).unwrap_or_default()
    }

    /// What a specifier names that is no path.
    fn named(&self, tree: &Tree, dir: &str, specifier: &str) -> ModuleRef {
        self.aliased(tree, dir, specifier).unwrap_or_else(|is_ours| {
            if is_ours { ModuleRef::Missing(specifier.into()) } else { ModuleRef::Outside(self.library(dir, specifier)) }
        })
    }

    /// Aliases, then packages of the repository; else whether the specifier could only be ours.
    fn aliased(&self, tree: &Tree, dir: &str, specifier: &str) -> Result<ModuleRef, bool> {
        let found = |file: FileId| Ok(ModuleRef::File(file));
        if specifier.starts_with('#')
            && let Some(package) = self.package_around(dir)
            && let Some(file) = package.internal(specifier).find_map(|target| self.target(tree, package, &target))
        {
            return found(file);
        }
        let mut is_claimed = false;
        for path in self.configs.candidates(dir, specifier, &mut is_claimed) {
            let Some(path) = join("", &path) else { continue };
            if let Some(file) = self.probe(tree, &path, specifier.ends_with('/')).or_else(|| entry::aliased_source(tree, &path)) {
                return found(file);
            }
        }
        if let Some((package, subpath)) = self.workspace_package(dir, specifier) {
            return Ok(self.entry(tree, package, subpath).map_or_else(|| ModuleRef::Missing(specifier.into()), ModuleRef::File));
        }
        if let Some(path) = self.conventional(tree, dir, specifier) {
            return found(path);
        }
        let is_library = || npm::split(specifier).is_some_and(|(name, _)| self.declared(dir, name).is_some());
        Err((is_claimed && !is_library()) || specifier.starts_with('#') || is_conventional(specifier))
    }

    /// The dependency of this name in the packages around a directory.
    fn declared(&self, dir: &str, name: &str) -> Option<&Dependency> {
        ancestors(dir).filter_map(|dir| self.by_dir.get(dir)).find_map(|index| self.packages[*index].dependency(name))
    }

    /// `@/x`, `~/x` and `$lib/x` without a configuration that says so: bundlers are told elsewhere.
    fn conventional(&self, tree: &Tree, dir: &str, specifier: &str) -> Option<FileId> {
        let (prefix, rest) = specifier.split_once('/').unwrap_or((specifier, ""));
        let bases: &[&str] = match prefix {
            "@" | "~" => &["src", "", "app", "resources/js"],
            "~~" | "@@" => &[""],
            "$lib" => &["src/lib"],
            _ if is_searched_upwards(specifier) => return ancestors(dir).find_map(|root| self.probe(tree, &under(root, specifier), false)),
            _ => return None,
        };
        let roots = ancestors(dir).filter(|dir| self.by_dir.contains_key(*dir));
        roots.flat_map(|root| bases.iter().map(move |base| under(&under(root, base), rest))).find_map(|path| self.probe(tree, &path, false))
    }

    /// The package of the repository that a specifier names from here, and what of it.
    fn workspace_package<'s>(&self, dir: &str, specifier: &'s str) -> Option<(&NpmPackage, &'s str)> {
        let (name, subpath) = npm::split(specifier)?;
        let own = ancestors(dir).find_map(|dir| self.by_dir.get(dir)).copied();
        if let Some(own) = own.map(|index| &self.packages[index])
            && own.name == name
        {
            return Some((own, subpath));
        }
        let declared = self.declared(dir, name);
        let index = match declared {
            Some(dependency) if dependency.local.is_some() => self.by_dir.get(dependency.local.as_deref()?).copied(),
            Some(dependency) => self.workspaces.member(dir, &dependency.package),
            None => self.workspaces.member(dir, name).or_else(|| self.workspaces.only(name)),
        };
        index.map(|index| (&self.packages[index], subpath))
    }

    /// The library's specifier, with renamed dependencies under their own name.
    fn library(&self, dir: &str, specifier: &str) -> Name {
        let Some((name, subpath)) = npm::split(specifier) else { return specifier.into() };
        let declared = self.declared(dir, name);
        declared.map_or_else(|| specifier.into(), |dependency| under(&dependency.package, subpath).into())
    }

    /// The file behind a path as it is imported.
    fn probe(&self, tree: &Tree, path: &str, is_directory: bool) -> Option<FileId> {
        if !is_directory && let Some(file) = file_at(tree, path) {
            return Some(file);
        }
        let package = self.by_dir.get(path).map(|index| &self.packages[*index]);
        let main = package.and_then(|package| package.main().find_map(|target| file_at(tree, &join(path, &target)?)));
        main.or_else(|| tree.script(&under(path, "index"))).or_else(|| self.entry(tree, package?, ""))
    }

    /// The file that a package gives for a subpath.
    pub(super) fn entry(&self, tree: &Tree, package: &NpmPackage, subpath: &str) -> Option<FileId> {
        package
            .exported(subpath)
            .into_iter()
            .find_map(|target| self.target(tree, package, &target))
            .or_else(|| entry::guess(tree, package, subpath))
    }

    /// The file behind a path in a manifest, or the source it is built from.
    pub(super) fn target(&self, tree: &Tree, package: &NpmPackage, target: &str) -> Option<FileId> {
        let path = join(&package.dir, target)?;
        let exact = file_at(tree, &path).or_else(|| tree.script(&under(&path, "index")));
        exact.or_else(|| entry::source(tree, &package.dir, &path))
    }

    /// All packages.
    pub(super) fn packages(&self) -> &[NpmPackage] {
        &self.packages
    }
}

/// Whether a specifier may name a path in any directory above: `src/x`, `app/x`.
fn is_searched_upwards(specifier: &str) -> bool {
    matches!(specifier.split('/').next(), Some("src" | "app"))
}

fn is_conventional(specifier: &str) -> bool {
    ["@/", "~/", "~~/", "@@/", "$lib/"].iter().any(|prefix| specifier.starts_with(prefix))
}

/// The script at a path with or without ending; `x.js` may stand for `x.ts`.
fn file_at(tree: &Tree, path: &str) -> Option<FileId> {
    let exact = tree.at(path).filter(|file| tree.language(*file).is_some_and(|language| language.is_script()));
    let longer = || tree.script(path);
    let mapped = || Some(script_stem(path)).filter(|stem| *stem != path).and_then(|stem| tree.script(stem));
    exact.or_else(longer).or_else(mapped).or_else(|| tree.script(path.strip_suffix(".d")?))
}

/// Without what bundlers add: loaders before `!`, queries.
fn bare(specifier: &str) -> &str {
    let specifier = specifier.trim();
    let specifier = specifier.rsplit_once('!').map_or(specifier, |(_, rest)| rest);
    let end = specifier.find('?').unwrap_or(specifier.len());
    &specifier[..end]
}

/// Specifiers that say by their form that they are a library's.
fn library_url(specifier: &str) -> Option<Name> {
    if let Some(rest) = specifier.strip_prefix("node:") {
        return Some(rest.into());
    }
    for scheme in ["npm:", "jsr:"] {
        if let Some(rest) = specifier.strip_prefix(scheme) {
            return Some(without_version(rest.trim_start_matches('/')));
        }
    }
    let rest = specifier.strip_prefix("https://").or_else(|| specifier.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let package = match host {
        "deno.land" => path.strip_prefix("x/").unwrap_or(path),
        "esm.sh" | "cdn.skypack.dev" | "unpkg.com" | "jsr.io" | "cdn.pika.dev" => {
            path.trim_start_matches("v135/").trim_start_matches("stable/")
        }
        "cdn.jsdelivr.net" => path.strip_prefix("npm/").unwrap_or(path),
        _ => return Some(rest.into()),
    };
    let plain = without_version(package);
    Some(plain.strip_suffix("/mod.ts").map_or(plain.clone(), Name::from))
}

/// `name@1.2/sub` → `name/sub`, scopes kept.
fn without_version(package: &str) -> Name {
    let (scope, rest) = match package.split_once('/') {
        Some((scope, rest)) if scope.starts_with('@') => (scope, rest),
        _ => ("", package),
    };
    let (name, subpath) = rest.split_once('/').unwrap_or((rest, ""));
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    under(scope, &under(name, subpath)).into()
}
