//! The linked system → features, and the graph between them.
//!
//! Knows paths, names and what is served; no framework by name, and no document.

pub mod database;
mod events;
mod graph;
pub mod graphql;
mod group;
pub mod grpc;
mod infrastructure;
mod layout;
mod operations;
mod packages;
mod place;
mod purpose;
mod repo;
mod share;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{Contract, Evidence, FeatureContract, Gap};
use crate::contract::settle::slug_of;
use crate::facts::event::BrokerFinding;
use crate::facts::framework::{Framework, Tells};
use crate::facts::grpc::GrpcRole;
use crate::facts::program::{FileId, Program};
use crate::link::database::Databases;
use crate::link::events::Channel;
use crate::link::graphql::Graphql;
use crate::link::grpc::Grpc;
use crate::link::http::Http;
use crate::link::infrastructure::Joined;
use crate::link::modules::ModuleRef;
use crate::link::system::System;
use group::{Group, Grouped};
use layout::Seen;
use place::Places;

/// A feature that somebody named by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedFeature {
    /// Its name.
    pub name: String,
    /// Globs of its files.
    pub paths: Vec<String>,
    /// What it is for.
    pub purpose: Option<String>,
}

/// What features are made from.
pub struct Given<'a> {
    /// The repository's name, when no manifest at its top has a better one.
    pub name: &'a str,
    /// Features named in the settings.
    pub named: &'a [NamedFeature],
    /// All files, linked.
    pub system: &'a System,
    /// Operations served.
    pub http: &'a Http,
    /// Tables.
    pub databases: &'a Databases,
    /// Protocol buffer files, linked.
    pub grpc: &'a Grpc,
    /// Channels.
    pub channels: &'a [Channel],
    /// Brokers.
    pub brokers: &'a [BrokerFinding],
    /// What is needed to run it.
    pub infrastructure: &'a Joined,
    /// What is served over GraphQL.
    pub graphql: &'a Graphql,
    /// Frameworks in use.
    pub frameworks: &'a [&'static Framework],
    /// Manifests and READMEs, by path.
    pub manifests: &'a [(String, String)],
}

/// A feature on its way: files and operations by index.
struct Part {
    group: Group,
    operations: Vec<usize>,
}

/// The contract of a system, not yet settled.
#[must_use]
pub fn contract_of(given: &Given) -> Contract {
    let name = repo::name_of(given);
    let (parts, owners) = parts_of(given, &name);
    let mut contract = Contract::default();
    let schemas = operations::schemas_of(given);
    let declared = packages::Declared::new(given.manifests);
    let starts = repo::entry_points(given);
    let slugs = slugs_of(&parts);
    for (part, slug) in parts.iter().zip(&slugs) {
        let mut feature =
            FeatureContract { name: part.group.name.clone(), slug: slug.clone(), kind: part.group.kind, ..FeatureContract::default() };
        let files: Vec<FileId> = part.group.files.iter().filter_map(|index| u32::try_from(*index).ok().map(FileId)).collect();
        operations::fill(given, &schemas, &mut feature, &part.operations);
        describe(given, &mut feature, &files);
        feature.frameworks.extend(feature.http.iter().chain(&feature.hidden).map(|operation| operation.framework.clone()));
        feature.packages = declared.of_files(given.system, &files);
        feature.entry_points = files.iter().filter_map(|file| starts.get(file)).flatten().cloned().collect();
        feature.purpose = match &part.group.purpose {
            Some(purpose) => purpose.clone(),
            None => purpose::purpose_of(given.system, given.manifests, &feature, &files),
        };
        contract.features.push(feature);
    }
    contract.relationships = graph::connect(given.system, &owners, &mut contract.features);
    let owner_of = parts.iter().zip(&slugs).flat_map(|(part, slug)| part.operations.iter().map(move |index| (*index, slug.clone())));
    let owner_of: BTreeMap<usize, String> = owner_of.collect();
    place_gaps(given, &owners, &mut contract);
    let places = places_of(given, &name, &parts, &owners, &mut contract);
    database::place(given.databases, &places, &mut contract);
    grpc::fill(given.system, &places, given.grpc, &mut contract.features);
    events::place(given, &schemas, &places, &mut contract);
    infrastructure::fill(given, &owners, given.infrastructure, &mut contract);
    graphql::fill(given.system, &places, given.graphql, &mut contract.features);
    let repo = &mut contract.repo;
    repo.name = name.to_owned();
    repo.summary = purpose::readme(given.manifests, "").unwrap_or_default();
    repo.languages = repo::languages(given.system);
    repo.frameworks = contract.features.iter().flat_map(|feature| feature.frameworks.iter().cloned()).collect();
    repo.entry_points = starts.into_values().flatten().collect();
    repo.conflicts.extend(repo::conflicts(given, &owner_of));
    contract.repo.architecture = repo::architecture(given, &contract);
    contract
}

/// Where each feature's files lie. Without any code one feature takes what documents say.
fn places_of(given: &Given, name: &str, parts: &[Part], owners: &[usize], contract: &mut Contract) -> Places {
    let needs_one = !(given.databases.list.is_empty() && given.grpc.files.is_empty() && given.graphql.is_empty());
    if contract.features.is_empty() && needs_one {
        contract.features.push(FeatureContract { name: name.to_owned(), slug: slug_of(name), ..FeatureContract::default() });
    }
    let rest = parts.iter().position(|part| part.group.is_rest).or((parts.is_empty() && needs_one).then_some(0));
    let files = given.system.file_ids().zip(owners).map(|(file, owner)| (given.system.path(file).to_owned(), *owner));
    Places::new(files, rest)
}

/// The features, and for every file which of them owns it.
fn parts_of(given: &Given, name: &str) -> (Vec<Part>, Vec<usize>) {
    let system = given.system;
    let mut serving: BTreeSet<FileId> = given.http.operations.iter().map(share::file_of).collect();
    let served = given.grpc.uses.values().flatten().filter(|found| found.role == GrpcRole::Implements);
    serving.extend(served.map(|found| found.place.file));
    serving.extend(given.graphql.operations.iter().filter_map(|one| system.file_at(&one.spot.file)));
    let files: Vec<Seen> = system.file_ids().map(|file| Seen { path: system.path(file), serves: serving.contains(&file) }).collect();
    let packages: Vec<String> = system.modules().packages().iter().map(|package| package.root.to_string()).collect();
    let links: Vec<(usize, usize)> = system.file_ids().flat_map(|file| links_of(system, file)).collect();
    let grouped = Grouped { files: &files, links: &links, packages: &packages, name, named: given.named };
    let groups = group::group(&grouped);
    let mut owners = vec![0; files.len()];
    for (number, group) in groups.iter().enumerate() {
        for index in &group.files {
            if let Some(owner) = owners.get_mut(*index) {
                *owner = number;
            }
        }
    }
    let flat = share::parts(&given.http.operations, &owners, |owner| groups.get(owner).is_some_and(|group| group.is_rest));
    let mut parts: Vec<Part> = groups.into_iter().map(|group| Part { group, operations: Vec::new() }).collect();
    let mut taken = BTreeSet::new();
    for (file, named) in flat {
        for (name, indices) in named {
            taken.extend(indices.iter().copied());
            let group = Group { name, kind: Default::default(), purpose: None, is_rest: false, files: vec![file.index()] };
            parts.push(Part { group, operations: indices });
        }
    }
    for (index, served) in given.http.operations.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
        let owner = owners.get(share::file_of(served).index()).copied().unwrap_or_default();
        if let Some(part) = parts.get_mut(owner) {
            part.operations.push(index);
        }
    }
    (parts, owners)
}

/// The files that a file imports.
fn links_of(system: &System, file: FileId) -> impl Iterator<Item = (usize, usize)> {
    system.imports(file).iter().filter_map(move |module| match module {
        ModuleRef::File(target) | ModuleRef::Inline(target, _) => Some((file.index(), target.index())),
        _ => None,
    })
}

/// A slug for each, all different.
fn slugs_of(parts: &[Part]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut slugs = Vec::with_capacity(parts.len());
    for part in parts {
        let wanted = slug_of(&part.group.name.replace('_', "-"));
        let slug = std::iter::once(wanted.clone())
            .chain((2_usize..).map(|n| format!("{wanted}-{n}")))
            .find(|slug| !taken.contains(slug))
            .expect("fewer features than numbers");
        taken.insert(slug.clone());
        slugs.push(slug);
    }
    slugs
}

/// Files, languages and frameworks of a feature.
fn describe(given: &Given, feature: &mut FeatureContract, files: &[FileId]) {
    let system = given.system;
    feature.files = files.iter().map(|file| system.path(*file).to_owned()).collect();
    feature.languages = files.iter().map(|file| system.file(*file).language.label().to_owned()).collect();
    let mut frameworks: BTreeSet<&str> = BTreeSet::new();
    for file in files {
        let language = system.file(*file).language;
        for module in system.imports(*file) {
            let ModuleRef::Outside(module) = module else { continue };
            let is_of = |name: &&str| module.strip_prefix(*name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']));
            // What only tells events counts where it tells some: a cache is no broker.
            let used =
                given.frameworks.iter().filter(|framework| framework.languages.contains(&language) && framework.tells != [Tells::Events]);
            frameworks.extend(used.filter(|framework| framework.modules.iter().any(is_of)).map(|framework| framework.id));
        }
    }
    feature.frameworks.extend(frameworks.into_iter().map(str::to_owned));
}

/// Questions go to the feature that owns the file they are about.
fn place_gaps(given: &Given, owners: &[usize], contract: &mut Contract) {
    for found in &given.http.gaps {
        let path = given.system.path(found.place.file);
        let evidence = Evidence::new(path, found.place.symbol.as_str(), found.place.line);
        let subject = if found.place.symbol.is_empty() { path } else { found.place.symbol.as_str() };
        let question = if found.question.ends_with('?') { found.question.clone() } else { format!("{}?", found.question) };
        let gap = Gap::new(&found.code, subject, question, evidence);
        match owners.get(found.place.file.index()).and_then(|owner| contract.features.get_mut(*owner)) {
            Some(feature) => feature.gaps.push(gap),
            None => contract.repo.gaps.push(gap),
        }
    }
}
