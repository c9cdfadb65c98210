//! What concerns the repository as a whole: languages, starts, its overall shape, and what contradicts itself across
//! features.

use std::collections::{BTreeMap, BTreeSet};

use super::Given;
use super::words::{is_entry, stem_of};
use crate::contract::model::{Architecture, Conflict, ConflictSide, Contract, EntryPoint, Evidence, FeatureContract, FeatureKind};
use crate::facts::finding::Place;
use crate::facts::program::{FileId, Program};
use crate::link::http::Served;
use crate::link::modules::EntryKind;
use crate::link::system::System;

/// Names of packages at the top that say nothing.
const NO_NAMES: &[&str] = &[
    "root",
    "monorepo",
    "workspace",
    "workspaces",
    "project",
    "repo",
    "repository",
    "app",
    "backend",
    "frontend",
    "server",
    "client",
    "my-app",
];

/// The repository's name: of the manifest at its top, else the given one.
pub(super) fn name_of(given: &Given) -> String {
    let packages = given.system.modules().packages().iter().filter(|package| package.root.is_empty());
    let names = packages.map(|package| package.name.rsplit('/').next().unwrap_or_default());
    let mut names = names.filter(|name| !name.is_empty() && !NO_NAMES.contains(&name.to_lowercase().as_str()));
    names.next().unwrap_or(given.name).to_owned()
}

/// How many files there are of each language.
pub(super) fn languages(system: &System) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for file in system.file_ids() {
        *counts.entry(system.file(file).language.label().to_owned()).or_default() += 1;
    }
    counts
}

/// Where programs start, by file.
pub(super) fn entry_points(given: &Given) -> BTreeMap<FileId, BTreeSet<EntryPoint>> {
    let system = given.system;
    let mut found: BTreeMap<FileId, BTreeSet<EntryPoint>> = BTreeMap::new();
    let mut add = |file: FileId, kind: &str, name: &str, symbol: &str, line: u32| {
        let evidence = Evidence::new(system.path(file), symbol, line);
        found.entry(file).or_default().insert(EntryPoint { kind: kind.to_owned(), name: name.to_owned(), evidence });
    };
    for Place { file, symbol, line } in &given.http.applications {
        add(*file, "http-server", if symbol.is_empty() { stem_of(system.path(*file)) } else { symbol }, symbol, *line);
    }
    let is_server = |file: FileId| given.http.applications.iter().any(|place| place.file == file);
    for package in system.modules().packages() {
        for entry in &package.entries {
            match (entry.file, entry.kind) {
                (Some(file), EntryKind::Library) => add(file, "library", &entry.name, "", 0),
                (Some(file), EntryKind::Binary) if !is_server(file) => add(file, "command", &entry.name, "", 0),
                (Some(file), EntryKind::Script) if matches!(entry.name.as_str(), "start" | "serve" | "worker") && !is_server(file) => {
                    add(file, if entry.name == "worker" { "worker" } else { "command" }, &entry.name, "", 0);
                }
                _ => {}
            }
        }
    }
    for file in system.file_ids() {
        let path = system.path(file);
        let name = path.rsplit('/').next().unwrap_or(path);
        if matches!(name, "manage.py" | "__main__.py") && !is_server(file) {
            let folder = path.rsplit('/').nth(1).unwrap_or("manage");
            add(file, "command", if name == "manage.py" { "manage" } else { folder }, "", 0);
        }
    }
    found
}

/// The overall shape of the repository, when something speaks for one.
pub(super) fn architecture(given: &Given, contract: &Contract) -> Option<Architecture> {
    let places: BTreeSet<(String, &Place)> = given.http.applications.iter().map(|place| (part_of(given.system, place), place)).collect();
    let parts: BTreeSet<&String> = places.iter().map(|(part, _)| part).collect();
    let evidence: Vec<Evidence> =
        places.iter().map(|(_, place)| Evidence::new(given.system.path(place.file), place.symbol.as_str(), place.line)).collect();
    if parts.len() > 1 {
        let names: Vec<String> = parts.iter().map(|part| if part.is_empty() { "the root".into() } else { format!("`{part}`") }).collect();
        let reason = format!("{} parts start a server of their own: {}", parts.len(), names.join(", "));
        return Some(Architecture { pattern: "services".into(), reasons: vec![reason], evidence });
    }
    let serving: Vec<&FeatureContract> =
        contract.features.iter().filter(|feature| feature.kind == FeatureKind::Feature && !feature.http.is_empty()).collect();
    if places.is_empty() && serving.is_empty() {
        return without_server(contract);
    }
    let apart = serving.iter().filter(|feature| has_own_folder(feature, &contract.features)).count();
    let server = match evidence.len() {
        0 => "no application is started here, its routes are served by whoever mounts them".to_owned(),
        1 => "one server serves everything".to_owned(),
        count => format!("{count} applications are started from one part"),
    };
    let (pattern, reason) = if apart >= 3 && apart * 2 >= serving.len() {
        ("modular monolith", format!("{apart} of {} serving features lie in folders of their own", serving.len()))
    } else {
        ("monolith", format!("{} serving features share their folders", serving.len() - apart))
    };
    let mut reasons = vec![server];
    if serving.len() > 1 {
        reasons.push(reason);
    }
    Some(Architecture { pattern: pattern.into(), reasons, evidence })
}

fn without_server(contract: &Contract) -> Option<Architecture> {
    let entries = |kind: &str| -> Vec<&EntryPoint> { contract.repo.entry_points.iter().filter(|entry| entry.kind == kind).collect() };
    let (commands, libraries) = (entries("command"), entries("library"));
    let (pattern, reason, shown) = match (commands.len(), libraries.len()) {
        (0, 0) => return None,
        (0, count) => ("library", format!("nothing is started here; {count} packages are there to be imported"), libraries),
        (count, _) => ("command-line program", format!("nothing serves requests; {count} commands can be run"), commands),
    };
    let evidence = shown.into_iter().map(|entry| entry.evidence.clone()).collect();
    Some(Architecture { pattern: pattern.into(), reasons: vec![reason], evidence })
}

/// The part of the repository that an application belongs to: its package, else the folder it starts in.
fn part_of(system: &System, place: &Place) -> String {
    let package = system.modules().package_of(place.file).and_then(|id| system.modules().package(id));
    match package {
        Some(package) if !package.root.is_empty() => package.root.to_string(),
        _ => {
            let path = system.path(place.file);
            let top = path.split_once('/').map_or("", |(top, _)| top);
            // Without packages, folders with a start of their own are parts when they lie side by side.
            let starts = path.split('/').nth(1).is_some_and(|name| is_entry(stem_of(name)));
            if starts && package.is_none() { top.to_owned() } else { String::new() }
        }
    }
}

fn has_own_folder(feature: &FeatureContract, all: &[FeatureContract]) -> bool {
    let folder = super::purpose::folder_of(&feature.files);
    let is_in = |file: &String| file.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
    !folder.is_empty() && all.iter().filter(|other| other.slug != feature.slug).all(|other| !other.files.iter().any(is_in))
}

/// Two handlers of one method and path within one application, in different features. Within one feature, settling tells.
pub(super) fn conflicts(given: &Given, owners: &BTreeMap<usize, String>) -> Vec<Conflict> {
    let mut routes: BTreeMap<(Option<_>, String), BTreeSet<usize>> = BTreeMap::new();
    let served = || given.http.operations.iter().enumerate().filter(|(_, served)| served.holes.is_empty());
    for (index, served) in served() {
        routes
            .entry((served.application, format!("{} {}", super::operations::method(served.method), served.path)))
            .or_default()
            .insert(index);
    }
    let side = |index: &usize, served: &Served| ConflictSide {
        feature: owners.get(index).cloned().unwrap_or_default(),
        evidence: Evidence::new(given.system.path(served.place.file), served.place.symbol.as_str(), served.place.line),
    };
    let mut conflicts = Vec::new();
    for ((application, subject), indices) in routes {
        let features: BTreeSet<&String> = indices.iter().filter_map(|index| owners.get(index)).collect();
        if application.is_none() || features.len() < 2 {
            continue;
        }
        let sides: Vec<ConflictSide> =
            indices.iter().filter_map(|index| given.http.operations.get(*index).map(|served| side(index, served))).collect();
        let message = format!("{} handlers in {} features serve it", sides.len(), features.len());
        conflicts.push(Conflict { code: "route-two-handlers".into(), subject, message, sides, chosen: None });
    }
    conflicts
}
