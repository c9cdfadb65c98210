//! `tsconfig.json`, `jsconfig.json` and import maps of `deno.json`: aliases and base directories.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::base::Name;
use crate::link::modules::jsonc;
use crate::link::modules::tree::{ancestors, join, last, parent, under};

/// What the configurations of each directory say, the one that counts first.
#[derive(Debug, Default)]
pub(super) struct Configs {
    by_dir: HashMap<Name, Vec<Config>>,
}

/// One configuration after `extends`.
#[derive(Clone, Debug, Default)]
struct Config {
    /// `baseUrl` from the repository's root.
    base: Option<String>,
    /// Aliases: prefix, suffix behind the star (`None`: no star), and targets from the repository's root.
    aliases: Arc<[Alias]>,
    /// Whether it is the directory's own (`tsconfig.json`), and not one for some files of it.
    is_main: bool,
}

#[derive(Clone, Debug)]
struct Alias {
    prefix: String,
    suffix: Option<String>,
    targets: Vec<String>,
}

impl Alias {
    fn star<'s>(&self, specifier: &'s str) -> Option<&'s str> {
        match &self.suffix {
            Some(suffix) => specifier.strip_prefix(self.prefix.as_str())?.strip_suffix(suffix.as_str()),
            None => (specifier == self.prefix).then_some(""),
        }
    }
}

/// Finds the path of a configuration that is extended by a package's name.
type Locate<'l> = &'l dyn Fn(&str, &str) -> Option<String>;

impl Configs {
    /// Reads all configurations; `locate` finds those that are extended by a package's name.
    pub(super) fn new(texts: &HashMap<&str, &str>, locate: impl Fn(&str, &str) -> Option<String>) -> Self {
        let mut values: BTreeMap<&str, Value> = BTreeMap::new();
        for (path, text) in texts.iter().filter(|(path, _)| path.ends_with(".json") || path.ends_with(".jsonc")) {
            let name = last(path);
            if !matches!(name, "package.json" | "lerna.json")
                && let Some(value) = jsonc::read(text)
            {
                values.insert(path, value);
            }
        }
        let mut reader = Reader { values: &values, locate: &locate, known: HashMap::new() };
        let mut found: HashMap<Name, Vec<(usize, Config)>> = HashMap::new();
        for (path, value) in &values {
            let Some(rank) = rank(last(path)) else { continue };
            let mut config = reader.read(path, value, 0);
            config.is_main = rank == 0;
            found.entry(parent(path).into()).or_default().push((rank, config));
        }
        let sorted = found.into_iter().map(|(dir, mut configs)| {
            configs.sort_by_key(|(rank, _)| *rank);
            (dir, configs.into_iter().map(|(_, config)| config).collect())
        });
        Self { by_dir: sorted.collect() }
    }

    /// Directories with a configuration of their own.
    pub(super) fn dirs(&self) -> impl Iterator<Item = &Name> {
        self.by_dir.keys()
    }

    /// Paths that a specifier may stand for, the likeliest first. `is_claimed` is set when an alias other than `*` matches.
    pub(super) fn candidates(&self, dir: &str, specifier: &str, is_claimed: &mut bool) -> Vec<String> {
        let mut paths = Vec::new();
        let mut is_nearest = true;
        for configs in ancestors(dir).filter_map(|dir| self.by_dir.get(dir)) {
            for config in configs {
                let mut matches: Vec<(&Alias, &str)> =
                    config.aliases.iter().filter_map(|alias| Some((alias, alias.star(specifier)?))).collect();
                matches.sort_by_key(|(alias, _)| (alias.suffix.is_some(), std::cmp::Reverse(alias.prefix.len())));
                *is_claimed |= matches.iter().any(|(alias, _)| is_telling(&alias.prefix));
                paths.extend(matches.iter().flat_map(|(alias, star)| alias.targets.iter().map(move |target| target.replace('*', star))));
                paths.extend(config.base.as_ref().filter(|_| is_nearest).map(|base| under(base, specifier)));
            }
            is_nearest &= !configs.iter().any(|config| config.is_main);
        }
        paths
    }
}

/// Whether an alias is the repository's own word and could not be a library's scope.
fn is_telling(prefix: &str) -> bool {
    prefix.len() > 1
}

/// Which configurations count for the files around them, and in which order.
fn rank(name: &str) -> Option<usize> {
    match name {
        "tsconfig.json" | "jsconfig.json" | "deno.json" | "deno.jsonc" => Some(0),
        "tsconfig.base.json" => Some(1),
        "tsconfig.app.json" | "tsconfig.lib.json" => Some(2),
        _ if name.starts_with("tsconfig") => Some(3),
        _ => None,
    }
}

struct Reader<'r> {
    values: &'r BTreeMap<&'r str, Value>,
    locate: Locate<'r>,
    /// Configurations read so far; one that is being read stands here empty, so that a circle ends.
    known: HashMap<String, Config>,
}

impl Reader<'_> {
    fn read(&mut self, path: &str, value: &Value, depth: u32) -> Config {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        self.known.insert(path.to_owned(), Config::default());
        let config = self.settle(path, value, depth);
        self.known.insert(path.to_owned(), config.clone());
        config
    }

    fn settle(&mut self, path: &str, value: &Value, depth: u32) -> Config {
        let dir = parent(path);
        let values = self.values;
        let mut config = Config::default();
        for extended in strings(value.get("extends")) {
            if depth < 16
                && let Some(outer) = self.extended(dir, extended)
                && let Some((path, value)) = values.get_key_value(outer.as_str())
            {
                let outer = self.read(path, value, depth + 1);
                config.base = outer.base.or(config.base);
                config.aliases = if outer.aliases.is_empty() { config.aliases } else { outer.aliases };
            }
        }
        let options = value.get("compilerOptions");
        let place = |text: &str| join(dir, text.strip_prefix("${configDir}").map_or(text, |rest| rest.trim_start_matches('/')));
        if let Some(base) = options.and_then(|options| options.get("baseUrl")?.as_str()) {
            config.base = place(base);
        }
        if let Some(paths) = options.and_then(|options| options.get("paths")?.as_object()) {
            let base = config.base.clone().unwrap_or_else(|| dir.to_owned());
            config.aliases = paths.iter().map(|(key, targets)| alias(&base, key, targets)).collect();
        }
        if let Some(imports) = value.get("imports").and_then(Value::as_object) {
            let mapped = imports.iter().filter_map(|(key, target)| import_map(dir, key, target));
            config.aliases = config.aliases.iter().cloned().chain(mapped).collect();
        }
        config
    }

    fn extended(&self, dir: &str, specifier: &str) -> Option<String> {
        let path = if specifier.starts_with('.') { join(dir, specifier)? } else { (self.locate)(dir, specifier)? };
        let tries = [path.clone(), format!("{path}.json"), under(&path, "tsconfig.json")];
        tries.into_iter().find(|path| self.values.contains_key(path.as_str()))
    }
}

fn alias(base: &str, key: &str, targets: &Value) -> Alias {
    let (prefix, suffix) = key.split_once('*').map_or((key, None), |(prefix, suffix)| (prefix, Some(suffix.to_owned())));
    let targets = strings(Some(targets)).filter_map(|target| join(base, target.trim_start_matches("${configDir}/"))).collect();
    Alias { prefix: prefix.to_owned(), suffix, targets }
}

/// An entry of an import map that names files: `"@/": "./src/"`, `"db": "./db.ts"`.
fn import_map(dir: &str, key: &str, target: &Value) -> Option<Alias> {
    let target = target.as_str().filter(|target| target.starts_with('.'))?;
    let path = join(dir, target)?;
    let is_folder = key.ends_with('/');
    let targets = vec![if is_folder { under(&path, "*") } else { path }];
    Some(Alias { prefix: key.to_owned(), suffix: is_folder.then(String::new), targets })
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut seen = HashSet::new();
    value.and_then(Value::as_str).into_iter().chain(items).filter(move |item| seen.insert(*item))
}
