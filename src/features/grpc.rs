//! Linked protocol buffer files → the contract's services and types, each with the feature that owns its file.

use std::collections::{BTreeMap, BTreeSet};

use super::place::Places;
use crate::contract::model::grpc::{
    GrpcMethod, GrpcService, HttpRule, ProtoEnum, ProtoField, ProtoItem, ProtoLabel, ProtoMessage, ProtoSyntax, ProtoType, ProtoValue,
};
use crate::contract::model::{Confidence, Evidence, FeatureContract, Origin};
use crate::facts::grpc::GrpcRole;
use crate::facts::program::Program;
use crate::facts::proto;
use crate::link::grpc::{Grpc, joined};
use crate::link::system::System;

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
/// Options that matter on the wire, or tell that something is deprecated.
const OPTIONS: &[&str] = &["deprecated", "json_name", "default", "packed", "allow_alias"];
/// The package whose files every compiler brings along.
const WELL_KNOWN: &str = "google.protobuf";

/// Fills the features with what their protocol buffer files declare.
pub(super) fn fill(system: &System, places: &Places, grpc: &Grpc, features: &mut [FeatureContract]) {
    let library = library_files(grpc);
    let types = types_of(grpc);
    for file in &grpc.files {
        if file.messages.is_empty() && file.enums.is_empty() && file.services.is_empty() || library.contains(file.file.as_str()) {
            continue;
        }
        let Some(feature) = owner_of(system, places, grpc, file).and_then(|owner| features.get_mut(owner)) else { continue };
        feature.files.push(file.file.clone());
        let known: BTreeSet<String> = feature.grpc.services.iter().map(|service| service.name.clone()).collect();
        let services = file.services.iter().map(|service| service_of(system, grpc, file, service));
        feature.grpc.services.extend(services.filter(|service| !known.contains(&service.name)));
        feature
            .grpc
            .types
            .extend(types.iter().filter(|one| one.evidence.file == file.file).map(|one| ProtoType { is_own: true, ..one.clone() }));
    }
    for feature in features.iter_mut().filter(|feature| !feature.grpc.types.is_empty() || !feature.grpc.services.is_empty()) {
        feature.grpc.complete(&types);
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

/// Every type at the top of a package, the first of each name in order of files.
fn types_of(grpc: &Grpc) -> Vec<ProtoType> {
    let mut enums = BTreeSet::new();
    for file in &grpc.files {
        enums.extend(file.enums.iter().map(|one| joined(&file.package, &one.name)));
        file.messages.iter().for_each(|message| enums_in(message, &joined(&file.package, &message.name), &mut enums));
    }
    let mut seen = BTreeSet::new();
    let mut types = Vec::new();
    for file in grpc.files.iter().filter(|file| file.package != WELL_KNOWN) {
        let syntax = match &file.syntax {
            proto::ProtoSyntax::Proto2 => ProtoSyntax::Proto2,
            proto::ProtoSyntax::Proto3 => ProtoSyntax::Proto3,
            proto::ProtoSyntax::Edition(year) => ProtoSyntax::Edition(year.to_string()),
        };
        let messages = file.messages.iter().map(|message| (ProtoItem::Message(message_of(message, &enums)), message.line));
        let enums = file.enums.iter().map(|one| (ProtoItem::Enum(enum_of(one)), one.line));
        for (item, line) in messages.chain(enums) {
            let evidence = Evidence::new(&file.file, item.name(), line);
            let one = ProtoType { package: file.package.to_string(), item, syntax: syntax.clone(), is_own: false, evidence };
            if seen.insert(one.full_name()) {
                types.push(one);
            }
        }
    }
    types
}

fn enums_in(message: &proto::ProtoMessage, name: &str, enums: &mut BTreeSet<String>) {
    enums.extend(message.enums.iter().map(|one| joined(name, &one.name)));
    message.messages.iter().for_each(|inner| enums_in(inner, &joined(name, &inner.name), enums));
}

fn service_of(system: &System, grpc: &Grpc, file: &proto::ProtoFile, service: &proto::ProtoService) -> GrpcService {
    let name = joined(&file.package, &service.name);
    let places = |method: Option<&str>, role: GrpcRole| -> Vec<Evidence> {
        let uses = grpc.uses_of(&name, method, role);
        uses.map(|found| Evidence::new(system.path(found.place.file), found.place.symbol.as_str(), found.place.line)).collect()
    };
    let methods = service.methods.iter().map(|method| GrpcMethod {
        name: method.name.to_string(),
        request: method.request.to_string(),
        response: method.response.to_string(),
        client_streaming: method.client_streaming,
        server_streaming: method.server_streaming,
        description: method.doc.clone(),
        deprecated: method.deprecated,
        http: method.http.iter().map(rule_of).collect(),
        implemented_by: places(Some(&method.name), GrpcRole::Implements),
        called_by: places(Some(&method.name), GrpcRole::Calls),
    });
    GrpcService {
        methods: methods.collect(),
        package: file.package.to_string(),
        description: service.doc.clone(),
        deprecated: service.deprecated,
        implemented_by: places(None, GrpcRole::Implements),
        called_by: places(None, GrpcRole::Calls),
        origin: Origin::Document,
        confidence: Confidence::High,
        evidence: Evidence::new(&file.file, service.name.as_str(), service.line),
        name,
    }
}

fn rule_of(binding: &proto::HttpBinding) -> HttpRule {
    HttpRule { method: binding.method.to_string(), path: binding.path.to_string(), body: binding.body.to_string() }
}

fn message_of(message: &proto::ProtoMessage, enums: &BTreeSet<String>) -> ProtoMessage {
    let messages = message.messages.iter().map(|inner| ProtoItem::Message(message_of(inner, enums)));
    ProtoMessage {
        name: message.name.to_string(),
        description: message.doc.clone(),
        fields: message.fields.iter().map(|field| field_of(field, enums)).collect(),
        items: messages.chain(message.enums.iter().map(|one| ProtoItem::Enum(enum_of(one)))).collect(),
        reserved: message.reserved.clone(),
        reserved_names: texts(&message.reserved_names),
        extensions: message.extensions.clone(),
        options: options_of(&message.options),
    }
}

fn field_of(field: &proto::ProtoField, enums: &BTreeSet<String>) -> ProtoField {
    let is_scalar = proto::SCALARS.contains(&field.ty.as_str());
    // Of a type that is declared nowhere, the values are not known.
    let has_default = is_scalar || enums.contains(field.ty.as_str());
    ProtoField {
        name: field.name.to_string(),
        number: field.number.to_string(),
        label: match field.label {
            proto::ProtoLabel::None => ProtoLabel::None,
            proto::ProtoLabel::Optional => ProtoLabel::Optional,
            proto::ProtoLabel::Required => ProtoLabel::Required,
            proto::ProtoLabel::Repeated => ProtoLabel::Repeated,
        },
        ty: if is_scalar { field.ty.to_string() } else { format!(".{}", field.ty) },
        map_key: field.map_key.as_ref().map(ToString::to_string),
        oneof: field.oneof.as_ref().map(ToString::to_string),
        is_group: field.is_group,
        is_enum: enums.contains(field.ty.as_str()),
        description: field.doc.clone(),
        options: options_of(&field.options).into_iter().filter(|(name, _)| name != "default" || has_default).collect(),
    }
}

fn enum_of(one: &proto::ProtoEnum) -> ProtoEnum {
    let value = |value: &proto::ProtoValue| ProtoValue {
        name: value.name.to_string(),
        number: value.number.to_string(),
        description: value.doc.clone(),
        options: options_of(&value.options),
    };
    ProtoEnum {
        name: one.name.to_string(),
        description: one.doc.clone(),
        values: one.values.iter().map(value).collect(),
        reserved: one.reserved.clone(),
        reserved_names: texts(&one.reserved_names),
        options: options_of(&one.options),
    }
}

fn options_of(options: &[proto::ProtoOption]) -> BTreeMap<String, String> {
    let is_kept = |name: &str| OPTIONS.contains(&name) || name.starts_with("features.");
    options.iter().filter(|option| is_kept(&option.name)).map(|option| (option.name.to_string(), option.value.clone())).collect()
}

fn texts(names: &[crate::base::Name]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}
