//! Linked protocol buffer files → the contract's services and types, each with the feature that owns its file.

pub mod promised;

use std::collections::{BTreeMap, BTreeSet};

use super::place::Places;
use crate::contract::model::grpc::{GrpcService, ProtoType};
use crate::contract::model::{Dependency, DependencyKind, Evidence, FeatureContract};
use crate::facts::grpc::GrpcRole;
use crate::facts::program::Program;
use crate::facts::proto;
use crate::link::grpc::{Grpc, joined};
use crate::link::system::System;
use promised::{extensions_of, source_of, types_of};

/// Packages that everybody takes from elsewhere; a copy in the repository promises nothing.
const LIBRARIES: &[&str] = &[
    "google.protobuf",
    "google.api",
    "google.rpc",
    "google.type",
    "google.longrunning",
    "validate",
    "buf.validate",
    "buf.validate.priv",
    "gogoproto",
    "grpc.gateway.protoc_gen_openapiv2.options",
    "grpc.gateway.protoc_gen_swagger.options",
    "tagger",
];
/// The package whose files every compiler brings along.
const WELL_KNOWN: &str = "google.protobuf";

/// Fills the features with what their protocol buffer files declare.
pub(super) fn fill(system: &System, places: &Places, grpc: &Grpc, features: &mut [FeatureContract]) {
    let library = library_files(grpc);
    let types = types_of(grpc.files.iter().filter(|file| file.package != WELL_KNOWN));
    for file in &grpc.files {
        if file.messages.is_empty() && file.enums.is_empty() && file.services.is_empty() || library.contains(file.file.as_str()) {
            continue;
        }
        let Some(feature) = owner_of(system, places, grpc, file).and_then(|owner| features.get_mut(owner)) else { continue };
        feature.files.push(file.file.clone());
        let known: BTreeSet<String> = feature.grpc.services.iter().map(|service| service.name.clone()).collect();
        let services = file.services.iter().map(|service| service_of(system, grpc, file, service));
        feature.grpc.services.extend(services.filter(|service| !known.contains(&service.name)));
        let own = types.iter().filter(|one| one.evidence.file == file.file);
        feature.grpc.types.extend(own.map(|one| ProtoType { is_own: true, ..one.clone() }));
        feature.grpc.extensions.extend(extensions_of(file, &types));
    }
    depend(system, places, grpc, features);
    for feature in features.iter_mut().filter(|feature| !feature.grpc.types.is_empty() || !feature.grpc.services.is_empty()) {
        feature.grpc.complete(&types);
        let services = feature.grpc.services.iter().map(|service| service.evidence.file.as_str());
        let told: BTreeSet<&str> = feature.grpc.types.iter().map(|one| one.evidence.file.as_str()).chain(services).collect();
        let sources = grpc.files.iter().filter(|file| told.contains(file.file.as_str())).map(source_of);
        feature.grpc.files = sources.filter(|source| !source.options.is_empty()).collect();
    }
}

/// Whoever calls a service depends on who serves it, else on who owns the file that declares it.
fn depend(system: &System, places: &Places, grpc: &Grpc, features: &mut [FeatureContract]) {
    let declared: BTreeMap<String, usize> = grpc
        .files
        .iter()
        .flat_map(|file| file.services.iter().map(move |service| (file, joined(&file.package, &service.name))))
        .filter_map(|(file, name)| Some((name, owner_of(system, places, grpc, file)?)))
        .collect();
    let mut edges: BTreeMap<(usize, usize), BTreeSet<Evidence>> = BTreeMap::new();
    for (service, uses) in &grpc.uses {
        let owners = |role: GrpcRole| {
            uses.iter()
                .filter(move |found| found.role == role)
                .filter_map(|found| Some((found, places.owner(system.path(found.place.file))?)))
        };
        let servers: BTreeSet<usize> = owners(GrpcRole::Implements).map(|(_, owner)| owner).collect();
        let servers = if servers.is_empty() { declared.get(service.as_str()).copied().into_iter().collect() } else { servers };
        for (found, caller) in owners(GrpcRole::Calls).filter(|(_, caller)| !servers.contains(caller)) {
            for server in &servers {
                let place = Evidence::new(system.path(found.place.file), found.place.symbol.as_str(), found.place.line);
                edges.entry((caller, *server)).or_default().insert(place);
            }
        }
    }
    let slugs: Vec<String> = features.iter().map(|feature| feature.slug.clone()).collect();
    for ((caller, server), evidence) in edges {
        let (Some(feature), Some(on)) = (features.get_mut(caller), slugs.get(server)) else { continue };
        let weight = u32::try_from(evidence.len()).unwrap_or(u32::MAX);
        let evidence = evidence.into_iter().collect();
        feature.dependencies.push(Dependency { on: on.clone(), kind: DependencyKind::Http, weight, evidence });
    }
}

/// Files of packages that everybody takes from elsewhere, unless they are all there is.
fn library_files(grpc: &Grpc) -> BTreeSet<&str> {
    let is_library = |package: &str| LIBRARIES.contains(&package);
    let has_own = grpc.files.iter().any(|file| !is_library(&file.package));
    let files = grpc.files.iter().filter(|file| is_library(&file.package) && (has_own || file.package == WELL_KNOWN));
    files.map(|file| file.file.as_str()).collect()
}

/// The feature that owns a file: the one around it, or where no code lies beside it the one that serves what it declares.
fn owner_of(system: &System, places: &Places, grpc: &Grpc, file: &proto::ProtoFile) -> Option<usize> {
    if let Some(beside) = places.beside(&file.file) {
        return Some(beside);
    }
    let names = file.services.iter().map(|service| joined(&file.package, &service.name));
    let uses = names.filter_map(|name| grpc.uses.get(name.as_str())).flatten();
    let mut servers: BTreeMap<usize, usize> = BTreeMap::new();
    for found in uses.filter(|found| found.role == GrpcRole::Implements) {
        if let Some(owner) = places.owner(system.path(found.place.file)) {
            *servers.entry(owner).or_default() += 1;
        }
    }
    let server = servers.into_iter().max_by_key(|(owner, count)| (*count, usize::MAX - owner)).map(|(owner, _)| owner);
    server.or_else(|| places.owner(&file.file))
}

/// A service with who implements and calls it.
fn service_of(system: &System, grpc: &Grpc, file: &proto::ProtoFile, service: &proto::ProtoService) -> GrpcService {
    let mut service = promised::service_of(file, service);
    let places = |method: Option<&str>, role: GrpcRole| -> Vec<Evidence> {
        let uses = grpc.uses_of(&service.name, method, role);
        uses.map(|found| Evidence::new(system.path(found.place.file), found.place.symbol.as_str(), found.place.line)).collect()
    };
    let (implemented_by, called_by) = (places(None, GrpcRole::Implements), places(None, GrpcRole::Calls));
    let of_methods: Vec<_> = service
        .methods
        .iter()
        .map(|method| method.name.as_str())
        .map(|name| (places(Some(name), GrpcRole::Implements), places(Some(name), GrpcRole::Calls)))
        .collect();
    for (method, uses) in service.methods.iter_mut().zip(of_methods) {
        (method.implemented_by, method.called_by) = uses;
    }
    GrpcService { implemented_by, called_by, ..service }
}
