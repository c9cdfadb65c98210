//! `Cargo.toml`: names, targets, dependencies.

use std::collections::HashMap;

use toml::{Table, Value};

use crate::base::Name;
use crate::link::modules::package::Dependency;
use crate::link::modules::tree::{ancestors, join, last, parent};

/// A package.
#[derive(Debug, Default)]
pub(in super::super) struct CargoPackage {
    /// Its directory.
    pub(in super::super) dir: Name,
    /// Its name as declared.
    pub(in super::super) name: Name,
    /// The library's crate name.
    pub(in super::super) lib_name: Name,
    /// Where the library would be.
    pub(in super::super) lib_path: Name,
    /// Declared binaries: name and path.
    pub(in super::super) binaries: Vec<(Name, Name)>,
    /// Paths of declared examples, tests and benchmarks.
    pub(in super::super) others: Vec<Name>,
    /// Its dependencies, as they are imported.
    pub(in super::super) dependencies: Vec<Dependency>,
}

/// Dependencies that a workspace declares for its members, by the workspace's directory.
type Shared = HashMap<Name, Table>;

/// Reads all `Cargo.toml` among the manifests.
pub(in super::super) fn read(manifests: &[(&str, &str)]) -> Vec<CargoPackage> {
    let tables: Vec<(&str, Table)> = manifests
        .iter()
        .filter(|(path, _)| last(path) == "Cargo.toml")
        .filter_map(|(path, text)| Some((parent(path), text.parse::<Table>().ok()?)))
        .collect();
    let mut shared = Shared::new();
    for (dir, table) in &tables {
        if let Some(workspace) = table.get("workspace").and_then(Value::as_table) {
            let mut all = workspace.get("dependencies").and_then(Value::as_table).cloned().unwrap_or_default();
            patch(table, &mut all);
            shared.insert((*dir).into(), all);
        }
    }
    tables.iter().filter_map(|(dir, table)| package(dir, table, &shared)).collect()
}

/// Paths that `[patch]` puts in place of published packages.
fn patch(table: &Table, dependencies: &mut Table) {
    let sources = table.get("patch").and_then(Value::as_table).into_iter().flat_map(Table::values).filter_map(Value::as_table);
    for (name, value) in sources.flatten().filter(|(_, value)| value.get("path").is_some()) {
        dependencies.insert(format!("patch {name}"), value.clone());
    }
}

fn package(dir: &str, table: &Table, shared: &Shared) -> Option<CargoPackage> {
    let name = table.get("package")?.get("name")?.as_str()?;
    let text = |section: &str, key: &str| table.get(section).and_then(|section| section.get(key)?.as_str());
    let at = |path: &str| join(dir, path).map(Name::from).unwrap_or_default();
    let workspace = text("package", "workspace").and_then(|path| join(dir, path));
    let root = workspace.or_else(|| ancestors(dir).find(|dir| shared.contains_key(*dir)).map(str::to_owned));
    let root = root.as_deref().and_then(|root| shared.get_key_value(root));
    let target = |target: &Value| {
        let name = target.get("name").and_then(Value::as_str).unwrap_or(name);
        Some((Name::from(name), at(target.get("path")?.as_str()?)))
    };
    let targets = |section: &str| table.get(section).and_then(Value::as_array).into_iter().flatten().filter_map(target).collect::<Vec<_>>();
    Some(CargoPackage {
        dir: dir.into(),
        name: name.into(),
        lib_name: crate_name(text("lib", "name").unwrap_or(name)),
        lib_path: at(text("lib", "path").unwrap_or("src/lib.rs")),
        binaries: targets("bin"),
        others: ["example", "test", "bench"].into_iter().flat_map(targets).map(|(_, path)| path).collect(),
        dependencies: dependencies(dir, table, root),
    })
}

fn dependencies(dir: &str, table: &Table, root: Option<(&Name, &Table)>) -> Vec<Dependency> {
    let platforms = table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let mut all = Vec::new();
    for table in std::iter::once(table).chain(platforms) {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let section = table.get(section).and_then(Value::as_table).into_iter().flatten();
            all.extend(section.map(|(name, value)| dependency(dir, name, value, root)));
        }
    }
    all.sort();
    all.dedup_by(|later, earlier| later.name == earlier.name && earlier.local == later.local);
    all
}

fn dependency(dir: &str, name: &str, value: &Value, root: Option<(&Name, &Table)>) -> Dependency {
    let is_shared = value.get("workspace").and_then(Value::as_bool) == Some(true);
    let (dir, value) = match root.filter(|_| is_shared).and_then(|(root, shared)| Some((root.as_str(), shared.get(name)?))) {
        Some((root, shared)) => (root, shared),
        None => (dir, value),
    };
    let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
    let own = value.get("path").and_then(Value::as_str).and_then(|path| join(dir, path));
    let patched = || {
        let (root, shared) = root?;
        join(root, shared.get(format!("patch {package}").as_str())?.get("path")?.as_str()?)
    };
    Dependency { name: crate_name(name), package: package.into(), local: own.or_else(patched).map(Name::from) }
}

/// The name code uses for a package.
pub(super) fn crate_name(package: &str) -> Name {
    package.replace('-', "_").into()
}
