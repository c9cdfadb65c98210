//! `package.json` and `deno.json`: names, dependencies, and which file a subpath stands for.

use serde_json::{Map, Value};

use crate::base::Name;
use crate::link::modules::jsonc;
use crate::link::modules::package::Dependency;
use crate::link::modules::tree::{join, last, parent, under};

/// A package.
#[derive(Debug, Default)]
pub(in super::super) struct NpmPackage {
    /// Its directory.
    pub(in super::super) dir: Name,
    /// Its name; empty when it has none.
    pub(in super::super) name: Name,
    /// Its dependencies, sorted.
    pub(in super::super) dependencies: Vec<Dependency>,
    /// Everything else the manifest says.
    manifest: Map<String, Value>,
}

/// Keys of conditional exports that say what is sought; others (`browser`, `worker`, …) come after them.
const CONDITIONS: &[&str] = &["source", "development", "bun", "deno", "import", "node", "module", "require", "default", "types"];

impl NpmPackage {
    /// Reads a manifest.
    pub(in super::super) fn read(path: &str, text: &str) -> Option<Self> {
        if !matches!(last(path), "package.json" | "deno.json" | "deno.jsonc") {
            return None;
        }
        let Value::Object(manifest) = jsonc::read(text)? else { return None };
        let dir = Name::from(parent(path));
        let name = manifest.get("name").and_then(Value::as_str).unwrap_or_default().into();
        let dependencies = dependencies(&dir, &manifest);
        Some(Self { dir, name, dependencies, manifest })
    }

    /// Takes in another manifest of the same directory.
    pub(in super::super) fn absorb(&mut self, other: Self) {
        if self.name.is_empty() {
            self.name = other.name;
        }
        self.dependencies.extend(other.dependencies);
        self.dependencies.sort();
        for (key, value) in other.manifest {
            self.manifest.entry(key).or_insert(value);
        }
    }

    /// A declared dependency.
    pub(super) fn dependency(&self, name: &str) -> Option<&Dependency> {
        let index = self.dependencies.binary_search_by(|dependency| dependency.name.as_str().cmp(name)).ok()?;
        self.dependencies.get(index)
    }

    /// Globs of the workspace's members, when it is one's root.
    pub(super) fn workspaces(&self) -> Option<Vec<String>> {
        let value = self.manifest.get("workspaces").or_else(|| self.manifest.get("workspace"))?;
        let list = value.as_array().or_else(|| value.get("packages")?.as_array())?;
        Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// `scripts`: name and command.
    pub(in super::super) fn scripts(&self) -> impl Iterator<Item = (&str, &str)> {
        let scripts = ["scripts", "tasks"].into_iter().filter_map(|key| self.manifest.get(key)?.as_object()).flatten();
        scripts.filter_map(|(name, command)| Some((name.as_str(), command.as_str().or_else(|| command.get("command")?.as_str())?)))
    }

    /// `bin`: name and path.
    pub(in super::super) fn binaries(&self) -> Vec<(Name, Name)> {
        match self.manifest.get("bin") {
            Some(Value::String(path)) => vec![(last(&self.name).into(), path.into())],
            Some(Value::Object(paths)) => paths.iter().filter_map(|(name, path)| Some((name.into(), path.as_str()?.into()))).collect(),
            _ => Vec::new(),
        }
    }

    /// The files that `main` and its like name, the nearest to the source first.
    pub(in super::super) fn main(&self) -> impl Iterator<Item = String> {
        let keys = ["source", "module", "main", "types", "typings", "browser"];
        keys.into_iter().filter_map(|key| self.manifest.get(key)?.as_str()).map(str::to_owned)
    }

    /// The files that may stand for a subpath, by `exports`, then by `main`.
    pub(super) fn exported(&self, subpath: &str) -> Vec<String> {
        let key = if subpath.is_empty() { ".".to_owned() } else { format!("./{subpath}") };
        let mut targets = Vec::new();
        match self.manifest.get("exports") {
            Some(Value::Object(exports)) if exports.keys().any(|key| key.starts_with('.')) => matching(exports, &key, &mut targets),
            Some(exports) if subpath.is_empty() => settle(exports, "", &mut targets, 0),
            _ => {}
        }
        if subpath.is_empty() {
            targets.extend(self.main());
        }
        targets
    }

    /// The files that may stand for a `#name`.
    pub(super) fn internal(&self, specifier: &str) -> impl Iterator<Item = String> {
        let mut targets = Vec::new();
        if let Some(Value::Object(imports)) = self.manifest.get("imports") {
            matching(imports, specifier, &mut targets);
        }
        targets.into_iter()
    }
}

fn dependencies(dir: &str, manifest: &Map<String, Value>) -> Vec<Dependency> {
    let mut all: Vec<Dependency> = Vec::new();
    for key in ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] {
        for (name, version) in manifest.get(key).and_then(Value::as_object).into_iter().flatten() {
            let version = version.as_str().unwrap_or_default();
            let scheme = ["file:", "link:", "portal:", "workspace:"].iter().find_map(|scheme| version.strip_prefix(scheme));
            let is_path = |path: &&str| path.starts_with(['.', '/']) || !version.starts_with("workspace:");
            let local = scheme.filter(is_path).filter(|path| !path.ends_with(".tgz")).and_then(|path| join(dir, path));
            let package = version.strip_prefix("npm:").map_or(name.as_str(), |target| split_version(target));
            all.push(Dependency { name: name.into(), package: package.into(), local: local.map(Name::from) });
        }
    }
    for (name, target) in manifest.get("imports").and_then(Value::as_object).into_iter().flatten() {
        let target = target.as_str().unwrap_or_default();
        if let Some(package) = ["npm:", "jsr:"].iter().find_map(|scheme| target.strip_prefix(scheme)) {
            let package = split_version(package.trim_start_matches('/'));
            all.push(Dependency { name: name.trim_end_matches('/').into(), package: package.into(), local: None });
        }
    }
    all.sort();
    all.dedup_by(|later, earlier| later.name == earlier.name);
    all
}

/// `@scope/name@1` → `@scope/name`.
fn split_version(target: &str) -> &str {
    target.get(1..).and_then(|rest| rest.find('@')).map_or(target, |end| &target[..=end])
}

/// A specifier's package and subpath; `None` when it can name no package.
pub(super) fn split(specifier: &str) -> Option<(&str, &str)> {
    let first = specifier.find('/');
    let end = if specifier.starts_with('@') {
        let scope = first.filter(|slash| *slash > 1)?;
        specifier[scope + 1..].find('/').map(|slash| scope + 1 + slash)
    } else {
        first
    };
    let (name, rest) = end.map_or((specifier, ""), |end| (&specifier[..end], specifier[end + 1..].trim_matches('/')));
    (!name.is_empty() && !name.starts_with(['.', '#', '~'])).then_some((name, rest))
}

/// The entry of `exports` or `imports` for a key: exact, else the pattern with the longest prefix.
fn matching(entries: &Map<String, Value>, key: &str, targets: &mut Vec<String>) {
    if let Some(value) = entries.get(key) {
        return settle(value, "", targets, 0);
    }
    let mut best: Option<(usize, &Value, &str)> = None;
    for (pattern, value) in entries {
        let (prefix, suffix) = match pattern.split_once('*') {
            Some(parts) => parts,
            None if pattern.ends_with('/') => (pattern.as_str(), ""),
            None => continue,
        };
        let star = key.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
        if let Some(star) = star
            && best.is_none_or(|(length, ..)| prefix.len() > length)
        {
            best = Some((prefix.len(), value, star));
        }
    }
    if let Some((_, value, star)) = best {
        settle(value, star, targets, 0);
    }
}

/// All targets under any conditions, the most telling first.
fn settle(value: &Value, star: &str, targets: &mut Vec<String>, depth: u32) {
    if depth > 16 {
        return;
    }
    match value {
        Value::String(target) if target.ends_with('/') => targets.push(under(target.trim_end_matches('/'), star)),
        Value::String(target) => targets.push(target.replace('*', star)),
        Value::Array(items) => items.iter().for_each(|item| settle(item, star, targets, depth + 1)),
        Value::Object(conditions) => {
            let known = CONDITIONS.iter().filter_map(|condition| conditions.get(*condition));
            let others = conditions.iter().filter(|(condition, _)| !CONDITIONS.contains(&condition.as_str()));
            for value in known.chain(others.map(|(_, value)| value)) {
                settle(value, star, targets, depth + 1);
            }
        }
        _ => {}
    }
}
