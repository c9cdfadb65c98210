//! Packages from outside that files import, with the versions that manifests ask for.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::language::Language;
use crate::contract::model::Package;
use crate::facts::program::{FileId, Program};
use crate::link::modules::ModuleRef;
use crate::link::system::System;

/// Which registry a package comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Registry {
    Npm,
    Crates,
    PyPi,
}

/// What a manifest asks for, by the name it is imported by.
type Asked = BTreeMap<String, Package>;

/// What all manifests ask for, by registry and folder.
pub(super) struct Declared(BTreeMap<(Registry, String), Asked>);

/// Distributions that are imported by another name.
#[rustfmt::skip]
const IMPORTED_AS: &[(&str, &str)] = &[
    ("attrs", "attr"), ("beautifulsoup4", "bs4"), ("dateutils", "dateutil"), ("django_environ", "environ"),
    ("django_filter", "django_filters"), ("djangorestframework", "rest_framework"), ("faiss_cpu", "faiss"), ("google_api_python_client", "googleapiclient"),
    ("gitpython", "git"), ("mysqlclient", "MySQLdb"), ("opencv_python", "cv2"), ("pillow", "PIL"),
    ("psycopg2_binary", "psycopg2"), ("psycopg_binary", "psycopg"), ("pycryptodome", "Crypto"), ("pyjwt", "jwt"),
    ("pyopenssl", "OpenSSL"), ("python_dateutil", "dateutil"), ("python_dotenv", "dotenv"), ("python_jose", "jose"),
    ("python_multipart", "multipart"), ("pyyaml", "yaml"), ("scikit_learn", "sklearn"), ("setuptools", "pkg_resources"),
    ("redis_py", "redis"), ("fastapi_slim", "fastapi"),
];

impl Declared {
    /// Reads what manifests ask for.
    pub fn new(manifests: &[(String, String)]) -> Self {
        let mut declared = Self(BTreeMap::new());
        let shared = manifests.iter().filter(|(path, _)| path.ends_with("Cargo.toml")).filter_map(|(_, text)| workspace_of(text));
        let shared: Asked = shared.flatten().collect();
        for (path, text) in manifests {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let (registry, asked) = match name {
                "package.json" => (Registry::Npm, npm(text)),
                "Cargo.toml" => (Registry::Crates, cargo(text, &shared)),
                "pyproject.toml" => (Registry::PyPi, pyproject(text)),
                _ if name.starts_with("requirements") && name.ends_with(".txt") => (Registry::PyPi, requirements(text)),
                _ => continue,
            };
            // `requirements/base.txt` stands for the folder around it.
            let folder = if folder.ends_with("requirements") { folder.rsplit_once('/').map_or("", |(parent, _)| parent) } else { folder };
            let known = declared.0.entry((registry, folder.to_owned())).or_default();
            for (import, package) in asked {
                known.entry(import).or_insert(package);
            }
        }
        declared
    }

    /// The packages that files import, as far as manifests ask for them.
    pub fn of_files(&self, system: &System, files: &[FileId]) -> Vec<Package> {
        let mut found = BTreeSet::new();
        for file in files.iter().filter(|_| !self.0.is_empty()) {
            let registry = match system.file(*file).language {
                Language::Python => Registry::PyPi,
                Language::Rust => Registry::Crates,
                Language::TypeScript | Language::Tsx | Language::JavaScript => Registry::Npm,
            };
            for module in system.imports(*file) {
                if let ModuleRef::Outside(module) = module {
                    found.extend(self.package(registry, system.path(*file), module).cloned());
                }
            }
        }
        found.into_iter().collect()
    }

    fn package(&self, registry: Registry, path: &str, module: &str) -> Option<&Package> {
        let name = match registry {
            Registry::Npm => npm_name(module),
            Registry::Crates | Registry::PyPi => module.split('.').next().unwrap_or(module),
        };
        let mut folder = path;
        while !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            let asked = self.0.get(&(registry, folder.to_owned()));
            if let Some(package) = asked.and_then(|asked| asked.get(name)) {
                return Some(package);
            }
        }
        None
    }
}

/// `@scope/name` of `@scope/name/deep`, `name` of `name/deep`.
fn npm_name(module: &str) -> &str {
    let parts = if module.starts_with('@') { 2 } else { 1 };
    let end = module.match_indices('/').nth(parts - 1).map_or(module.len(), |(at, _)| at);
    module.get(..end).unwrap_or(module)
}

fn package(name: &str, version: Option<&str>) -> Package {
    let version = version.map(str::trim).filter(|version| !version.is_empty() && *version != "*");
    Package { name: name.to_owned(), version: version.map(str::to_owned) }
}

fn npm(text: &str) -> Asked {
    let manifest: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let mut asked = Asked::new();
    for key in ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] {
        for (name, version) in manifest.get(key).and_then(serde_json::Value::as_object).into_iter().flatten() {
            let version = version.as_str().filter(|version| !version.starts_with("workspace:") && !version.starts_with("file:"));
            asked.entry(name.clone()).or_insert_with(|| package(name, version));
        }
    }
    asked
}

fn workspace_of(text: &str) -> Option<Asked> {
    let manifest: toml::Table = text.parse().ok()?;
    let dependencies = manifest.get("workspace")?.get("dependencies")?.as_table()?;
    Some(dependencies.iter().map(|(name, value)| crate_of(name, value, &Asked::new())).collect())
}

fn cargo(text: &str, shared: &Asked) -> Asked {
    let manifest: toml::Table = text.parse().unwrap_or_default();
    let mut asked = Asked::new();
    for key in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let dependencies = manifest.get(key).and_then(toml::Value::as_table).into_iter().flatten();
        for (import, package) in dependencies.map(|(name, value)| crate_of(name, value, shared)) {
            asked.entry(import).or_insert(package);
        }
    }
    asked
}

fn crate_of(name: &str, value: &toml::Value, shared: &Asked) -> (String, Package) {
    let import = name.replace('-', "_");
    let field = |key: &str| value.get(key).and_then(toml::Value::as_str);
    let is_shared = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
    let package = match shared.get(&import).filter(|_| is_shared) {
        Some(known) => known.clone(),
        None => package(field("package").unwrap_or(name), value.as_str().or_else(|| field("version"))),
    };
    (import, package)
}

fn pyproject(text: &str) -> Asked {
    let manifest: toml::Table = text.parse().unwrap_or_default();
    let texts = |value: Option<&toml::Value>| -> Vec<String> {
        let list = value.and_then(toml::Value::as_array).into_iter().flatten();
        list.filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
    };
    let project = manifest.get("project");
    let mut lines = texts(project.and_then(|project| project.get("dependencies")));
    let groups = [project.and_then(|project| project.get("optional-dependencies")), manifest.get("dependency-groups")];
    for (_, group) in groups.into_iter().flatten().filter_map(toml::Value::as_table).flatten() {
        lines.extend(texts(Some(group)));
    }
    let mut asked: Asked = lines.iter().filter_map(|line| distribution(line)).collect();
    let poetry = manifest.get("tool").and_then(|tool| tool.get("poetry")).and_then(|poetry| poetry.get("dependencies"));
    for (name, value) in poetry.and_then(toml::Value::as_table).into_iter().flatten().filter(|(name, _)| *name != "python") {
        let version = value.as_str().or_else(|| value.get("version").and_then(toml::Value::as_str));
        asked.entry(import_name(name)).or_insert_with(|| package(name, version));
    }
    asked
}

fn requirements(text: &str) -> Asked {
    text.lines().filter(|line| !line.trim_start().starts_with(['#', '-'])).filter_map(distribution).collect()
}

/// `name[extra]>=1.0; marker` by the name it is imported by.
fn distribution(line: &str) -> Option<(String, Package)> {
    let line = line.split([';', '#']).next().unwrap_or_default().trim();
    let end = line.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.')).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end)?;
    let rest = match rest.trim_start().strip_prefix('[') {
        Some(extras) => extras.split_once(']').map_or("", |(_, rest)| rest),
        None => rest,
    };
    let version = rest.trim().trim_start_matches('(').trim_end_matches(')').split(" --").next().unwrap_or_default().trim();
    let version = version.strip_prefix("==").unwrap_or(version);
    (!name.is_empty()).then(|| (import_name(name), package(name, Some(version).filter(|version| !version.starts_with('@')))))
}

fn import_name(distribution: &str) -> String {
    let plain = distribution.to_lowercase().replace(['-', '.'], "_");
    IMPORTED_AS.iter().find(|(name, _)| *name == plain).map_or(plain, |(_, import)| (*import).to_owned())
}
