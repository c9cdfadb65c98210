//! `api_contract.proto`: the services and messages of a feature, in files that compile by themselves.
//!
//! A file has one package. The package with most services gets `api_contract.proto`; every other package with services gets a file
//! of its own, since a service's package is part of its path on the wire. Types of other packages stand in messages named
//! after their packages: what travels is the same. What is declared nowhere in the repository is an empty message.

mod names;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::grpc::{GrpcContract, GrpcService, ProtoItem, ProtoMessage, ProtoSyntax, ProtoType};
use names::Names;

/// The document's name, for the package with most services.
pub const PROTO_CONTRACT: &str = "api_contract.proto";

/// Opens every document.
pub const PROTO_MARK: &str = "// Written by contract-agent from the source code. Do not edit: the next run overwrites it.\n";

/// The documents of a feature: name and text, sorted by name.
#[must_use]
pub fn documents_of(grpc: &GrpcContract) -> Vec<(String, String)> {
    let Some(main) = main_package(grpc) else { return Vec::new() };
    let mut packages: BTreeSet<&str> = grpc.services.iter().map(|service| service.package.as_str()).collect();
    packages.insert(main);
    let mut documents: Vec<(String, String)> = packages
        .iter()
        .map(|package| {
            let is_here = |of: &str| of == *package || (*package == main && !packages.contains(of));
            let services: Vec<&GrpcService> = grpc.services.iter().filter(|service| service.package == *package).collect();
            let roots = grpc.types.iter().filter(|one| one.is_own && is_here(&one.package)).map(ProtoType::full_name);
            (name_of(package, main), file_of(grpc, package, &services, roots.collect()))
        })
        .collect();
    documents.sort();
    documents
}

/// Everything as one file, which one document is asked for. Services of other packages than the main one tell their real name.
#[must_use]
pub fn whole_of(grpc: &GrpcContract) -> String {
    let Some(main) = main_package(grpc) else { return String::new() };
    let services: Vec<&GrpcService> = grpc.services.iter().collect();
    file_of(grpc, main, &services, grpc.types.iter().filter(|one| one.is_own).map(ProtoType::full_name).collect())
}

/// The package with most services, else with most types of the feature's own.
fn main_package(grpc: &GrpcContract) -> Option<&str> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for service in &grpc.services {
        counts.entry(&service.package).or_default().0 += 1;
    }
    for one in grpc.types.iter().filter(|one| one.is_own) {
        counts.entry(&one.package).or_default().1 += 1;
    }
    counts.into_iter().max_by(|one, other| one.1.cmp(&other.1).then_with(|| other.0.cmp(one.0))).map(|(package, _)| package)
}

fn name_of(package: &str, main: &str) -> String {
    match package {
        _ if package == main => PROTO_CONTRACT.to_owned(),
        "" => "api_contract.unpackaged.proto".to_owned(),
        _ => format!("api_contract.{package}.proto"),
    }
}

/// One file: a package, services, and all types that they and the roots need.
fn file_of(grpc: &GrpcContract, package: &str, services: &[&GrpcService], roots: Vec<String>) -> String {
    let types = needed(grpc, services, roots);
    let names = Names::new(package, &types);
    let writer = text::Writer { names: &names, syntax: syntax_of(&types, &names) };
    let mut out = String::from(PROTO_MARK);
    writer.head(&mut out, &types, services);
    writer.features(&mut out, &features_of(grpc, &types));
    for service in services {
        writer.service(&mut out, service);
    }
    writer.types(&mut out, &types);
    out
}

/// The features that the files of all types set alike.
fn features_of(grpc: &GrpcContract, types: &[&ProtoType]) -> BTreeMap<String, String> {
    let of_file: BTreeMap<&str, _> = grpc.files.iter().map(|file| (file.path.as_str(), &file.options)).collect();
    let features = |one: &&ProtoType| -> BTreeMap<String, String> {
        let options = of_file.get(one.evidence.file.as_str()).into_iter().flat_map(|options| options.iter());
        let features = options.filter(|(name, _)| name.starts_with("features.") && text::is_written(name));
        features.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let mut all = types.iter().filter(|one| !one.evidence.file.is_empty()).map(features);
    let first = all.next().unwrap_or_default();
    if all.all(|other| other == first) { first } else { BTreeMap::new() }
}

/// The types that roots and services lead to, by package and name.
fn needed<'a>(grpc: &'a GrpcContract, services: &[&GrpcService], roots: Vec<String>) -> Vec<&'a ProtoType> {
    let known: BTreeMap<String, &ProtoType> = grpc.types.iter().map(|one| (one.full_name(), one)).collect();
    let mut open = roots;
    open.extend(services.iter().flat_map(|service| &service.methods).flat_map(|method| [method.request.clone(), method.response.clone()]));
    let mut taken = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some((name, found)) = top_of(&known, &name) else { continue };
        if taken.insert(name) {
            let mut add = |ty: &str| open.extend(ty.strip_prefix('.').map(str::to_owned));
            each_type(&found.item, &mut add);
        }
    }
    grpc.types.iter().filter(|one| taken.contains(&one.full_name())).collect()
}

/// The type at the top of its package that a full name lies in.
fn top_of<'a>(known: &BTreeMap<String, &'a ProtoType>, name: &str) -> Option<(String, &'a ProtoType)> {
    let mut name = name;
    loop {
        if let Some(found) = known.get(name) {
            return Some((name.to_owned(), found));
        }
        name = name.rsplit_once('.')?.0;
    }
}

/// Calls with the type of every field.
fn each_type(item: &ProtoItem, visit: &mut dyn FnMut(&str)) {
    if let ProtoItem::Message(message) = item {
        message.fields.iter().for_each(|field| visit(&field.ty));
        message.items.iter().for_each(|item| each_type(item, visit));
    }
}

/// What all types are written by, else an edition, which has words for all of it.
fn syntax_of(types: &[&ProtoType], names: &Names) -> ProtoSyntax {
    let mut all = types.iter().filter(|one| !one.evidence.file.is_empty()).map(|one| &one.syntax);
    let first = all.next().cloned().unwrap_or_default();
    let is_one = all.all(|syntax| *syntax == first);
    match &first {
        // Later editions ask for a style of names that packages as messages do not have.
        ProtoSyntax::Edition(year) if names.has_spaces() && year != "2023" => ProtoSyntax::Edition("2023".into()),
        _ if is_one => first,
        _ => ProtoSyntax::Edition("2023".into()),
    }
}

/// Whether a message holds nothing.
fn is_empty(message: &ProtoMessage) -> bool {
    message.fields.is_empty()
        && message.items.is_empty()
        && message.reserved.is_empty()
        && message.reserved_names.is_empty()
        && message.extensions.is_empty()
        && !message.options.keys().any(|name| text::is_written(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::model::Evidence;
    use crate::contract::model::grpc::ProtoSource;

    #[test]
    fn features_that_all_files_set_stand_in_the_document() {
        let one = |name: &str, file: &str| ProtoType {
            item: ProtoItem::Message(ProtoMessage { name: name.into(), ..ProtoMessage::default() }),
            syntax: ProtoSyntax::Edition("2023".into()),
            is_own: true,
            evidence: Evidence::new(file, name, 1),
            ..ProtoType::default()
        };
        let file = |path: &str, presence: &str| ProtoSource {
            path: path.into(),
            options: [("features.field_presence", presence), ("features.(pb.cpp).string_type", "VIEW"), ("go_package", "a")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..ProtoSource::default()
        };
        let text = |files: Vec<ProtoSource>| {
            whole_of(&GrpcContract { types: vec![one("A", "a.proto"), one("B", "b.proto")], files, ..GrpcContract::default() })
        };
        let alike = text(vec![file("a.proto", "IMPLICIT"), file("b.proto", "IMPLICIT")]);
        let rest = "\nmessage A {}\n\nmessage B {}\n";
        assert_eq!(alike, format!("{PROTO_MARK}\nedition = \"2023\";\n\noption features.field_presence = IMPLICIT;\n{rest}"));
        assert_eq!(text(vec![file("a.proto", "IMPLICIT")]), format!("{PROTO_MARK}\nedition = \"2023\";\n{rest}"));
    }
}
