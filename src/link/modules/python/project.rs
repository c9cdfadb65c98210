//! Python projects as `pyproject.toml`, `setup.cfg` and lists of requirements declare them.

use std::collections::HashMap;

use toml::{Table, Value};

use super::names::import_name;
use crate::base::Name;
use crate::link::modules::package::Dependency;
use crate::link::modules::tree::{join, last, parent};

/// A project.
#[derive(Debug, Default)]
pub(in super::super) struct Project {
    /// Its directory.
    pub(in super::super) dir: Name,
    /// Its name.
    pub(in super::super) name: Name,
    /// Directories it declares to hold its packages.
    pub(in super::super) roots: Vec<Name>,
    /// Its dependencies.
    pub(in super::super) dependencies: Vec<Dependency>,
    /// Its commands: name and `module:function`.
    pub(in super::super) scripts: Vec<(Name, Name)>,
}

impl Project {
    /// Reads a manifest; `None` when it declares no project (a mere collection of tool settings still marks its directory).
    pub(in super::super) fn read(path: &str, text: &str) -> Option<Self> {
        let dir = parent(path);
        let mut project = match last(path) {
            "pyproject.toml" => from_toml(dir, &text.parse::<Table>().ok()?),
            "setup.cfg" => from_config(dir, text),
            _ => return None,
        };
        project.dir = dir.into();
        project.dependencies.sort();
        project.dependencies.dedup();
        Some(project)
    }
}

fn from_toml(dir: &str, table: &Table) -> Project {
    let mut project = Project::default();
    let at = |keys: &[&str]| dig(table, keys);
    let name = at(&["project", "name"]).or_else(|| at(&["tool", "poetry", "name"])).and_then(Value::as_str);
    project.name = name.unwrap_or_default().into();
    for list in [at(&["project", "dependencies"])].into_iter().flatten() {
        project.dependencies.extend(strings(list).filter_map(requirement));
    }
    let groups = [at(&["project", "optional-dependencies"]), at(&["dependency-groups"])];
    for group in groups.into_iter().flatten().filter_map(Value::as_table) {
        project.dependencies.extend(group.values().flat_map(strings).filter_map(requirement));
    }
    for scripts in [at(&["project", "scripts"]), at(&["tool", "poetry", "scripts"])].into_iter().flatten().filter_map(Value::as_table) {
        project.scripts.extend(scripts.iter().filter_map(|(name, target)| Some((name.into(), target.as_str()?.into()))));
    }
    poetry_dependencies(dir, table, &mut project);
    uv_sources(dir, table, &mut project);
    project.roots = declared_roots(dir, table);
    project
}

fn poetry_dependencies(dir: &str, table: &Table, project: &mut Project) {
    let groups = dig(table, &["tool", "poetry", "group"]).and_then(Value::as_table);
    let grouped = groups.into_iter().flat_map(|groups| groups.values()).filter_map(|group| group.get("dependencies"));
    let plain = [dig(table, &["tool", "poetry", "dependencies"]), dig(table, &["tool", "poetry", "dev-dependencies"])];
    for (name, value) in plain.into_iter().flatten().chain(grouped).filter_map(Value::as_table).flatten() {
        if name != "python" {
            let local = value.get("path").and_then(Value::as_str).and_then(|path| join(dir, path));
            project.dependencies.push(Dependency { name: name.into(), package: name.into(), local: local.map(Name::from) });
        }
    }
}

fn uv_sources(dir: &str, table: &Table, project: &mut Project) {
    let sources = dig(table, &["tool", "uv", "sources"]).and_then(Value::as_table);
    for (name, source) in sources.into_iter().flatten() {
        let local = source.get("path").and_then(Value::as_str).and_then(|path| join(dir, path));
        for dependency in project.dependencies.iter_mut().filter(|dependency| import_name(&dependency.name) == import_name(name)) {
            dependency.local = local.clone().map(Name::from);
        }
    }
}

fn declared_roots(dir: &str, table: &Table) -> Vec<Name> {
    let mut roots: Vec<&str> = Vec::new();
    let poetry = dig(table, &["tool", "poetry", "packages"]).and_then(Value::as_array);
    roots.extend(poetry.into_iter().flatten().filter_map(|package| package.get("from")?.as_str()));
    let find = dig(table, &["tool", "setuptools", "packages", "find", "where"]);
    roots.extend(find.into_iter().flat_map(strings));
    let package_dir = dig(table, &["tool", "setuptools", "package-dir"]).and_then(Value::as_table);
    roots.extend(package_dir.into_iter().flatten().filter(|(name, _)| name.is_empty()).filter_map(|(_, path)| path.as_str()));
    let pdm = dig(table, &["tool", "pdm", "build", "package-dir"]).and_then(Value::as_str);
    roots.extend(pdm);
    let paths = [
        &["tool", "pytest", "ini_options", "pythonpath"][..],
        &["tool", "pyright", "extraPaths"],
        &["tool", "uv", "build-backend", "module-root"],
    ];
    roots.extend(paths.into_iter().filter_map(|keys| dig(table, keys)).flat_map(strings));
    let hatch = dig(table, &["tool", "hatch", "build", "targets", "wheel", "packages"]);
    roots.extend(hatch.into_iter().flat_map(strings).map(parent));
    roots.into_iter().filter_map(|root| join(dir, root)).map(Name::from).collect()
}

/// `[options]` with `package_dir` and `install_requires`, `[options.packages.find]` with `where`.
fn from_config(dir: &str, text: &str) -> Project {
    let sections = config_sections(text);
    let read = |section: &str, key: &str| sections.get(&(section.to_owned(), key.to_owned())).map(String::as_str).unwrap_or_default();
    let mut project = Project { name: read("metadata", "name").trim().into(), ..Project::default() };
    project.dependencies.extend(read("options", "install_requires").lines().filter_map(requirement));
    let scripts = read("options.entry_points", "console_scripts").lines().filter_map(|line| line.split_once('='));
    project.scripts.extend(scripts.map(|(name, target)| (name.trim().into(), target.trim().into())));
    let package_dir = read("options", "package_dir").lines().filter_map(|line| line.split_once('='));
    let all = package_dir.filter(|(name, _)| name.trim().is_empty()).map(|(_, root)| root.trim());
    let roots = all.chain(read("options.packages.find", "where").lines().map(str::trim).filter(|root| !root.is_empty()));
    project.roots = roots.filter_map(|root| join(dir, root)).map(Name::from).collect();
    project
}

fn config_sections(text: &str) -> HashMap<(String, String), String> {
    let mut sections: HashMap<(String, String), String> = HashMap::new();
    let (mut section, mut key) = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.trim_start().starts_with(['#', ';'])) {
        let is_continued = line.starts_with([' ', '\t']);
        if let Some(name) = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|_| !is_continued) {
            section = name.trim().to_owned();
            key.clear();
        } else if is_continued && !key.is_empty() {
            let value = sections.entry((section.clone(), key.clone())).or_default();
            value.push('\n');
            value.push_str(line.trim());
        } else if let Some((name, value)) = line.split_once(['=', ':']) {
            key = name.trim().to_owned();
            sections.insert((section.clone(), key.clone()), value.trim().to_owned());
        }
    }
    sections
}

/// The libraries that a list of requirements names, as they are imported.
pub(in super::super) fn libraries_of(text: &str) -> impl Iterator<Item = Name> {
    text.lines().filter_map(requirement).map(|dependency| import_name(&dependency.name))
}

fn requirement(line: &str) -> Option<Dependency> {
    let line = line.trim();
    let end = line.find(|char: char| !(char.is_alphanumeric() || matches!(char, '-' | '_' | '.'))).unwrap_or(line.len());
    let name: Name = line[..end].into();
    let is_name = name.starts_with(|first: char| first.is_alphanumeric());
    is_name.then(|| Dependency { package: name.clone(), name, local: None })
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_str().into_iter().chain(value.as_array().into_iter().flatten().filter_map(Value::as_str))
}

fn dig<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(key))
}
