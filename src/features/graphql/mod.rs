//! What is served over GraphQL → the contract's operations and types, each with the feature that owns its file.

pub mod promised;

use std::collections::{BTreeMap, BTreeSet};

use super::place::Places;
use crate::contract::model::FeatureContract;
use crate::contract::model::graphql::{GraphqlContract, GraphqlType, GraphqlTypeKind, base_of};
use crate::facts::document::Spot;
use crate::facts::graphql::{self as found, GraphqlKind};
use crate::facts::program::Program;
use crate::link::graphql::{Graphql, GraphqlServed, shared};
use crate::link::system::System;
use promised::{directive_of, operation_of, root_of, type_of};

/// Fills the features with what they serve.
pub(super) fn fill(system: &System, places: &Places, graphql: &Graphql, features: &mut [FeatureContract]) {
    let mut documents: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &graphql.operations {
        let owner = owner_of(places, one);
        if let Some(feature) = features.get_mut(owner) {
            feature.graphql.operations.push(operation_of(one));
        }
        if system.file_at(&one.spot.file).is_none() {
            documents.insert(&one.spot.file, owner);
        }
    }
    let mut by_name: BTreeMap<&str, Vec<(usize, &found::GraphqlType)>> = BTreeMap::new();
    for one in &graphql.types {
        // A document's types are with its operations.
        let of_file = documents.get(one.spot.file.as_str()).copied();
        let owner = of_file.or_else(|| places.owner(&one.spot.file)).unwrap_or_default();
        by_name.entry(&one.name).or_default().push((owner, one));
        if system.file_at(&one.spot.file).is_none() {
            documents.insert(&one.spot.file, owner);
        }
        if let Some(feature) = features.get_mut(owner) {
            feature.graphql.types.push(type_of(one, true));
        }
    }
    let owner_at = |spot: &Spot| -> usize {
        let of_file = documents.get(spot.file.as_str()).copied();
        of_file.or_else(|| places.owner(&spot.file)).unwrap_or_default()
    };
    for (kind, one) in &graphql.roots {
        if let (Some(root), Some(feature)) = (root_of(*kind, one), features.get_mut(owner_at(&one.spot))) {
            feature.graphql.roots.push(root);
        }
    }
    for one in &graphql.directives {
        features.get_mut(owner_at(&one.spot)).into_iter().for_each(|feature| feature.graphql.directives.push(directive_of(one)));
    }
    for (one, spot) in &graphql.on_schema {
        features.get_mut(owner_at(spot)).into_iter().for_each(|feature| feature.graphql.on_schema.push(one.clone()));
    }
    for (path, owner) in documents {
        features.get_mut(owner).into_iter().for_each(|feature| feature.files.push(path.to_owned()));
    }
    for (index, feature) in features.iter_mut().enumerate() {
        complete(index, &mut feature.graphql, &by_name);
    }
}

/// The feature of an operation: of the code that declares it; of a document, the one beside it or the one that answers it.
fn owner_of(places: &Places, one: &GraphqlServed) -> usize {
    if let Some(beside) = places.of_file(&one.spot.file).or_else(|| places.beside(&one.spot.file)) {
        return beside;
    }
    let mut answering: BTreeMap<usize, usize> = BTreeMap::new();
    for owner in one.resolvers.iter().filter_map(|resolver| places.owner(&resolver.spot.file)) {
        *answering.entry(owner).or_default() += 1;
    }
    let most = answering.into_iter().max_by_key(|(owner, count)| (*count, usize::MAX - owner)).map(|(owner, _)| owner);
    most.or_else(|| places.owner(&one.spot.file)).unwrap_or_default()
}

/// Adds the types of other features that those of this one need: of several with one name, the nearest.
fn complete(feature: usize, graphql: &mut GraphqlContract, by_name: &BTreeMap<&str, Vec<(usize, &found::GraphqlType)>>) {
    let mut taken: BTreeSet<String> = graphql.types.iter().map(|one| one.name.clone()).collect();
    let mut open: Vec<(String, String)> = Vec::new();
    for one in &graphql.operations {
        let types = one.args.iter().map(|arg| arg.ty.as_str()).chain([one.returns.as_str()]);
        open.extend(types.map(|ty| (base_of(ty).to_owned(), one.evidence.file.clone())));
    }
    graphql.types.iter().for_each(|one| names_in(one, &mut open));
    for one in &graphql.directives {
        open.extend(one.args.iter().map(|arg| (base_of(&arg.ty).to_owned(), one.evidence.file.clone())));
    }
    loop {
        while let Some((name, from)) = open.pop() {
            if taken.contains(&name) {
                continue;
            }
            let Some(candidates) = by_name.get(name.as_str()) else { continue };
            let nearest = candidates.iter().rev().max_by_key(|(owner, one)| (*owner == feature, shared(&one.spot.file, &from)));
            if let Some((_, one)) = nearest {
                let one = type_of(one, false);
                names_in(&one, &mut open);
                taken.insert(name);
                graphql.types.push(one);
            }
        }
        // What implements an interface that is told is told: a client may get it.
        let told: BTreeSet<&str> =
            graphql.types.iter().filter(|one| one.kind == GraphqlTypeKind::Interface).map(|one| one.name.as_str()).collect();
        let more =
            by_name.iter().filter(|(name, _)| !taken.contains(**name)).flat_map(|(name, all)| all.iter().map(move |(_, one)| (name, one)));
        let more = more.filter(|(_, one)| one.kind == GraphqlKind::Object && one.of.iter().any(|of| told.contains(of.as_str())));
        open = more.map(|(name, one)| ((*name).to_owned(), one.spot.file.clone())).collect();
        if open.is_empty() {
            return;
        }
    }
}

/// Every name that a type speaks of, with the file that speaks of it.
fn names_in(one: &GraphqlType, open: &mut Vec<(String, String)>) {
    let fields = one.fields.iter().flat_map(|field| field.args.iter().map(|arg| arg.ty.as_str()).chain([field.ty.as_str()]));
    let names = fields.map(base_of).chain(one.of.iter().map(String::as_str)).filter(|name| !name.is_empty());
    open.extend(names.map(|name| (name.to_owned(), one.evidence.file.clone())));
}
