//! How the files of one repository lie: zones (parts that are built and run by themselves), the folders in them that are
//! features by themselves, and where each file stands in its zone.
//!
//! Judges by names and by what lies in a folder, never by how many files there are elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{Word, is_bare_role, is_entry, is_helper, is_role, is_strong_front, is_thing, key_of, stem_of, subject_of, word_of};

/// A file as grouping sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// Its path.
    pub path: &'a str,
    /// Whether an operation is served from it.
    pub serves: bool,
}

/// What is known of one folder.
#[derive(Clone, Debug, Default)]
struct Folder<'a> {
    stems: BTreeSet<&'a str>,
    folders: BTreeSet<&'a str>,
    /// Files in it and below.
    files: usize,
    /// Whether an operation is served from it or from below.
    serves: bool,
    /// Whether there is Python or Rust in it or below.
    is_backend: bool,
    /// Whether there is JSX, or a page of SvelteKit, in it or below.
    is_view: bool,
}

/// Where a file stands in its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// In a folder that is a feature by itself.
    Unit(String),
    /// In a layer of this name, about a subject.
    Layer(Word, String, String),
    /// In a folder with a name of its own.
    Named(String),
    /// Used by many, keeps the rest running, or is what people see.
    Role(Word),
    /// Beside the folders, under this stem.
    Loose(String),
}

/// The layout of a repository.
pub(super) struct Layout<'a> {
    folders: BTreeMap<&'a str, Folder<'a>>,
    /// Zones, by folder; the empty one is the repository itself.
    pub zones: BTreeSet<String>,
    /// Folders that a framework takes for a unit.
    units: BTreeSet<&'a str>,
    /// How many folders in a folder look like programs of their own.
    wholes: BTreeMap<&'a str, usize>,
    /// Zones whose files are told apart.
    split: BTreeSet<String>,
    /// The repository's name, letters and digits only.
    name: String,
}

/// Folders at the top that hold zones.
const OF_ZONES: &[&str] = &["apps", "packages", "services", "crates", "libs", "projects", "microservices", "plugins", "clients"];
/// Folders whose members are features, even when they are packages of their own.
const OF_FEATURES: &[&str] = &["modules", "features", "domains", "components", "contexts", "plugins", "addons"];

impl<'a> Layout<'a> {
    /// Reads the layout. `packages` are the folders of packages, `name` is the repository's.
    pub fn new(files: &[Seen<'a>], packages: &[String], name: &str) -> Self {
        let mut layout = Self {
            folders: folders_of(files),
            zones: BTreeSet::new(),
            units: BTreeSet::new(),
            wholes: BTreeMap::new(),
            split: BTreeSet::new(),
            name: plain(name),
        };
        layout.zones.insert(String::new());
        layout.zones.extend(packages.iter().filter(|root| layout.folders.contains_key(root.as_str())).cloned());
        for (path, folder) in &layout.folders {
            let is_zone = path.split_once('/').is_some_and(|(top, rest)| {
                OF_ZONES.contains(&top)
                    && !rest.contains('/')
                    && !folder.is_django_app()
                    && (!matches!(top, "services" | "plugins") || layout.has_entry(path))
            });
            if is_zone {
                layout.zones.insert((*path).to_owned());
            }
        }
        let units = layout.folders.iter().filter(|(path, folder)| layout.is_unit(path, folder)).map(|(path, _)| *path).collect();
        layout.units = units;
        let mut wholes: BTreeMap<&str, usize> = BTreeMap::new();
        for path in layout.folders.keys().copied().filter(|path| !path.is_empty()) {
            if word_of(last(path)) == Word::Plain && !layout.zones.contains(path) && layout.is_whole(path) {
                *wholes.entry(parent(path)).or_default() += 1;
            }
        }
        layout.wholes = wholes;
        layout.split = layout.zones.iter().filter(|zone| layout.has_parts(zone)).cloned().collect();
        layout
    }

    /// The zone of a file or folder.
    pub fn zone_of(&self, path: &str) -> &str {
        parents(path).find_map(|folder| self.zones.get(folder)).map_or("", String::as_str)
    }

    /// Whether the files of a zone are told apart: those of the repository itself, and those of a program that serves.
    pub fn is_split(&self, zone: &str) -> bool {
        self.split.contains(zone)
    }

    fn has_parts(&self, zone: &str) -> bool {
        let parent = zone.rsplit_once('/').map_or("", |(parent, _)| last(parent));
        if zone.is_empty() {
            return true;
        }
        !OF_FEATURES.contains(&parent) && (self.own_serves(zone) || self.has_strong_front(zone))
    }

    /// Whether a file of the zone itself, not of a zone inside it, serves.
    fn own_serves(&self, zone: &str) -> bool {
        let Some(folder) = self.folders.get(zone) else { return false };
        folder.serves && {
            let inner = self.zones.iter().filter(|other| other.as_str() != zone && is_below(other, zone));
            inner.filter_map(|other| self.folders.get(other.as_str())).all(|inner| !inner.serves)
        }
    }

    /// Whether a layer that speaks for an HTTP program has two files or folders in it.
    fn has_strong_front(&self, zone: &str) -> bool {
        let own = self.folders.range(zone..).take_while(|(path, _)| path.starts_with(zone)).filter(|(path, _)| is_below(path, zone));
        own.into_iter().any(|(path, folder)| {
            is_strong_front(last(path))
                // Commands and events have handlers too.
                && !last(path).starts_with("handler")
                && !folder.is_view
                && self.zone_of(&format!("{path}/x")) == zone
                && folder.folders.iter().chain(&folder.stems).filter(|name| !is_role(name)).count() >= 2
        })
    }

    /// Whether a zone inside the repository is mostly what people see: it is not told apart by roles.
    pub fn is_interface(&self, zone: &str) -> bool {
        !zone.is_empty() && self.folders.get(zone).is_some_and(|folder| folder.is_view && !folder.is_backend)
    }

    fn has_entry(&self, path: &str) -> bool {
        let starts = |folder: &Folder| folder.stems.iter().any(|stem| is_entry(stem));
        let below = |name: &&str| self.folders.get(format!("{path}/{name}").as_str()).is_some_and(starts);
        self.folders.get(path).is_some_and(|folder| starts(folder) || folder.folders.iter().any(below))
    }

    /// Whether a framework takes the folder for a unit: a Django application, a Nest module that serves.
    fn is_unit(&self, path: &str, folder: &Folder) -> bool {
        !matches!(word_of(last(path)), Word::Through | Word::Shared | Word::Infrastructure)
            && !self.zones.contains(path)
            && (folder.is_django_app() || folder.is_nest_module())
    }

    /// Whether the layout goes on below a folder: by its name, or since no other folder beside it looks like a program.
    fn is_through(&self, path: &str, zone: &str) -> bool {
        let name = last(path);
        match word_of(name) {
            Word::Through => return true,
            Word::Plain => {}
            _ => return false,
        }
        let plain = plain(name);
        plain == self.name || plain == self::plain(last(zone)) || (self.is_whole(path) && self.wholes.get(parent(path)) == Some(&1))
    }

    /// Whether a folder looks like a program of its own: it has a start, or several layers.
    fn is_whole(&self, path: &str) -> bool {
        let folder = self.folders.get(path).filter(|folder| !self.units.contains(path) && !folder.is_rust_module());
        let Some(folder) = folder else { return false };
        let layers = folder.folders.iter().filter(|name| !matches!(word_of(name), Word::Plain | Word::Through | Word::Interface));
        folder.stems.iter().any(|stem| is_entry(stem) && !matches!(*stem, "index" | "urls" | "cli")) || layers.count() >= 2
    }

    /// Where a file stands in its zone.
    pub fn spot_of(&self, file: Seen, zone: &str) -> Spot {
        if let Some(unit) = parents(file.path).find(|folder| self.units.contains(folder)).filter(|unit| is_below(unit, zone)) {
            return Spot::Unit(last(unit).to_owned());
        }
        let below = file.path.get(zone.len()..).unwrap_or(file.path).trim_start_matches('/');
        let parts: Vec<&str> = below.split('/').collect();
        let mut folder = zone.to_owned();
        for (at, part) in parts.iter().enumerate() {
            let rest = parts.get(at + 1..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            folder = joined(&folder, part);
            if self.is_through(&folder, zone) {
                continue;
            }
            if let Some(spot) = self.in_folder(file, &folder, rest, zone) {
                return spot;
            }
        }
        Spot::Loose(stem_of(file.path).to_owned())
    }

    fn in_folder(&self, file: Seen, path: &str, rest: &[&str], zone: &str) -> Option<Spot> {
        let name = last(path);
        let folder = self.folders.get(path)?;
        match word_of(name) {
            Word::Interface if name == "components" && folder.is_backend => in_container(name, rest),
            Word::Interface if folder.is_backend => Some(Spot::Role(Word::Infrastructure)),
            Word::Interface if rest.len() > 1 && rest.first() == Some(&"api") => self.in_layer(file, &joined(path, "api"), &rest[1..]),
            Word::Front | Word::Back if folder.is_view && !folder.serves => Some(Spot::Role(Word::Interface)),
            Word::Front | Word::Back => self.in_layer(file, path, rest),
            Word::Container if folder.is_rust_module() => Some(self.in_named(path, zone)),
            Word::Container => in_container(name, rest),
            word @ (Word::Shared | Word::Infrastructure | Word::Interface) => Some(Spot::Role(word)),
            Word::Plain => Some(self.in_named(path, zone)),
            Word::Through => None,
        }
    }

    /// In a layer: its next folder or file is what it is about.
    fn in_layer(&self, file: Seen, path: &str, rest: &[&str]) -> Option<Spot> {
        let mut word = word_of(last(path));
        let mut layer = last(path);
        let mut is_sure = is_strong_front(layer);
        let mut folder = path.to_owned();
        for (at, part) in rest.iter().enumerate() {
            let is_file = at + 1 == rest.len();
            folder = joined(&folder, part);
            let name = if is_file { stem_of(part) } else { part };
            match word_of(name) {
                Word::Through if !is_file => continue,
                // `endpoints/endpoint` is about endpoints.
                inner @ (Word::Front | Word::Back) if !is_file && key_of(name) != key_of(layer) => {
                    word = inner;
                    layer = name;
                    is_sure |= is_strong_front(name);
                    continue;
                }
                _ => {}
            }
            let (subject, _) = subject_of(name);
            let serves = if is_file { file.serves } else { self.folders.get(folder.as_str()).is_some_and(|folder| folder.serves) };
            let is_seen = if is_file { is_view(file.path) } else { self.folders.get(folder.as_str()).is_some_and(|folder| folder.is_view) };
            if is_seen && !serves {
                return Some(Spot::Role(Word::Interface));
            }
            let is_own = !is_file && key_of(name) == key_of(layer);
            let is_thing = is_own || (is_sure && word == Word::Front && is_thing(&subject));
            let is_nameless = subject.is_empty() || (!is_thing && (is_bare_role(name) || is_bare_role(&subject)));
            if is_nameless || (!serves && (is_helper(name) || (word == Word::Back && is_role(name)))) {
                return Some(nameless(name, is_file));
            }
            if word == Word::Front && !is_sure && !serves {
                return Some(if is_file { Spot::Loose(name.to_owned()) } else { Spot::Layer(Word::Back, layer.to_owned(), subject) });
            }
            return Some(Spot::Layer(word, layer.to_owned(), subject));
        }
        None
    }

    /// In a folder with a name of its own: a feature when there is something in it.
    fn in_named(&self, path: &str, zone: &str) -> Spot {
        let name = last(path);
        let Some(folder) = self.folders.get(path) else { return Spot::Loose(name.to_owned()) };
        let is_page = |stems: &BTreeSet<&str>| ["page", "layout"].iter().any(|stem| stems.contains(stem));
        if !zone.is_empty() && !folder.serves && is_page(&folder.stems) {
            return Spot::Role(Word::Interface);
        }
        if folder.serves || folder.files >= 2 { Spot::Named(name.to_owned()) } else { Spot::Loose(name.to_owned()) }
    }
}

/// In a folder whose members are features.
fn in_container(name: &str, rest: &[&str]) -> Option<Spot> {
    match rest {
        [file] if is_role(stem_of(file)) || name == "plugins" => Some(Spot::Role(Word::Infrastructure)),
        [first, ..] => Some(Spot::Unit(stem_of(first).to_owned())),
        [] => None,
    }
}

/// In a layer, about nothing in particular.
fn nameless(name: &str, is_file: bool) -> Spot {
    match word_of(name) {
        word @ (Word::Shared | Word::Infrastructure | Word::Interface) if !is_file => Spot::Role(word),
        _ => Spot::Loose(name.to_owned()),
    }
}

impl Folder<'_> {
    fn has(&self, name: &str) -> bool {
        self.stems.contains(name) || self.folders.contains(name)
    }

    fn is_django_app(&self) -> bool {
        self.stems.contains("apps") && self.is_backend
            || self.is_backend
                && self.has("models")
                && ["views", "admin", "viewsets"].iter().any(|name| self.has(name))
                && self.has("migrations")
            || self.is_backend && self.stems.contains("models") && (self.stems.contains("admin") || self.stems.contains("views"))
    }

    /// A folder with a `mod.rs` is one module, whatever it is called.
    fn is_rust_module(&self) -> bool {
        self.is_backend && self.stems.contains("mod")
    }

    fn is_nest_module(&self) -> bool {
        let ends = |end: &str| self.stems.iter().any(|stem| stem.ends_with(end));
        ends(".module") && (ends(".controller") || ends(".resolver") || ends(".gateway"))
    }
}

/// Whether a file says what people see: JSX, or a page of SvelteKit.
fn is_view(path: &str) -> bool {
    path.ends_with("sx") || stem_of(path).starts_with('+')
}

fn folders_of<'a>(files: &[Seen<'a>]) -> BTreeMap<&'a str, Folder<'a>> {
    let mut folders: BTreeMap<&str, Folder> = BTreeMap::new();
    for file in files {
        let is_view = is_view(file.path);
        let is_backend = file.path.ends_with(".py") || file.path.ends_with(".rs");
        let mut child: Option<&str> = None;
        for path in parents(file.path) {
            let folder = folders.entry(path).or_default();
            folder.files += 1;
            folder.serves |= file.serves;
            folder.is_backend |= is_backend;
            folder.is_view |= is_view;
            match child {
                Some(child) => folder.folders.insert(last(child)),
                None => folder.stems.insert(stem_of(file.path)),
            };
            child = Some(path);
        }
    }
    folders
}

/// The folders around a path, innermost first, the repository (empty) last.
fn parents(path: &str) -> impl Iterator<Item = &str> {
    let mut next = path.rsplit_once('/').map(|(parent, _)| parent).or(Some(""));
    std::iter::from_fn(move || {
        let folder = next?;
        next = if folder.is_empty() { None } else { Some(folder.rsplit_once('/').map_or("", |(parent, _)| parent)) };
        Some(folder)
    })
}

/// The last part of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path without its last part.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Whether a path lies in a folder.
fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Letters and digits only, in lower case.
fn plain(name: &str) -> String {
    key_of(name).replace('-', "")
}
