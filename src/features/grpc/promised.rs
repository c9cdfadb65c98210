//! Protocol buffer files, in the contract's words.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::grpc::{
    GrpcContract, GrpcMethod, GrpcService, HttpRule, ProtoEnum, ProtoExtension, ProtoField, ProtoItem, ProtoLabel, ProtoMessage,
    ProtoSource, ProtoSyntax, ProtoType, ProtoValue,
};
use crate::contract::model::{Confidence, Evidence, Origin};
use crate::facts::proto;
use crate::link::grpc::joined;

/// Options that matter on the wire or to generated code, or tell that something is deprecated.
const OPTIONS: &[&str] = &[
    "deprecated",
    "json_name",
    "default",
    "packed",
    "allow_alias",
    "ctype",
    "jstype",
    "lazy",
    "weak",
    "message_set_wire_format",
    "no_standard_descriptor_accessor",
];
/// Beginnings of options that say more of what a field may hold.
const CHECKS: &[&str] = &["features.", "(validate.", "(buf.validate.", "(google.api.field_behavior)"];
/// Options of files that steer generated code.
const FILE_OPTIONS: &[&str] = &[
    "cc_enable_arenas",
    "cc_generic_services",
    "csharp_namespace",
    "go_package",
    "java_generic_services",
    "java_multiple_files",
    "java_outer_classname",
    "java_package",
    "java_string_check_utf8",
    "objc_class_prefix",
    "optimize_for",
    "php_class_prefix",
    "php_generic_services",
    "php_metadata_namespace",
    "php_namespace",
    "py_generic_services",
    "ruby_package",
    "swift_prefix",
];

/// All that resolved files declare, as one contract.
#[must_use]
pub fn contract_of(files: &[proto::ProtoFile]) -> GrpcContract {
    let types = types_of(files.iter());
    let extensions = files.iter().flat_map(|file| extensions_of(file, &types)).collect();
    let services = files.iter().flat_map(|file| file.services.iter().map(move |service| service_of(file, service)));
    let services = services.collect();
    let types = types.into_iter().map(|one| ProtoType { is_own: true, ..one }).collect();
    GrpcContract { services, types, files: files.iter().map(source_of).collect(), extensions }
}

/// A file without what it declares.
pub(super) fn source_of(file: &proto::ProtoFile) -> ProtoSource {
    let is_kept = |name: &str| FILE_OPTIONS.contains(&name) || name.starts_with("features.");
    let options = file.options.iter().filter(|option| is_kept(&option.name));
    ProtoSource {
        path: file.file.clone(),
        package: file.package.to_string(),
        syntax: syntax_of(file),
        options: options.map(|option| (option.name.to_string(), option.value.clone())).collect(),
    }
}

fn syntax_of(file: &proto::ProtoFile) -> ProtoSyntax {
    match &file.syntax {
        proto::ProtoSyntax::Proto2 => ProtoSyntax::Proto2,
        proto::ProtoSyntax::Proto3 => ProtoSyntax::Proto3,
        proto::ProtoSyntax::Edition(year) => ProtoSyntax::Edition(year.to_string()),
    }
}

/// The fields that a file adds to messages.
pub(super) fn extensions_of(file: &proto::ProtoFile, types: &[ProtoType]) -> Vec<ProtoExtension> {
    let mut all = Vec::new();
    extends_in(&file.extends, &file.messages, &file.package, &mut all);
    if all.is_empty() {
        return Vec::new();
    }
    let mut enums = BTreeSet::new();
    types.iter().for_each(|one| enums_of_item(&one.item, &one.full_name(), &mut enums));
    let of = |(scope, extend, field): (String, &proto::ProtoExtend, &proto::ProtoField)| ProtoExtension {
        name: joined(&scope, &field.name),
        package: file.package.to_string(),
        extendee: extend.extendee.to_string(),
        field: field_of(field, &enums),
        syntax: syntax_of(file),
        evidence: Evidence::new(&file.file, field.name.as_str(), field.line),
    };
    all.into_iter().map(of).collect()
}

fn extends_in<'f>(
    extends: &'f [proto::ProtoExtend],
    messages: &'f [proto::ProtoMessage],
    scope: &str,
    all: &mut Vec<(String, &'f proto::ProtoExtend, &'f proto::ProtoField)>,
) {
    for extend in extends {
        all.extend(extend.fields.iter().map(|field| (scope.to_owned(), extend, field)));
    }
    for message in messages {
        extends_in(&message.extends, &message.messages, &joined(scope, &message.name), all);
    }
}

fn enums_of_item(item: &ProtoItem, name: &str, enums: &mut BTreeSet<String>) {
    match item {
        ProtoItem::Enum(_) => drop(enums.insert(name.to_owned())),
        ProtoItem::Message(message) => message.items.iter().for_each(|item| enums_of_item(item, &joined(name, item.name()), enums)),
    }
}

/// A service, without who implements and calls it.
pub(super) fn service_of(file: &proto::ProtoFile, service: &proto::ProtoService) -> GrpcService {
    let methods = service.methods.iter().map(|method| GrpcMethod {
        name: method.name.to_string(),
        request: method.request.to_string(),
        response: method.response.to_string(),
        client_streaming: method.client_streaming,
        server_streaming: method.server_streaming,
        description: method.doc.clone(),
        deprecated: method.deprecated,
        idempotency: method.idempotency.to_string(),
        http: method.http.iter().map(rule_of).collect(),
        ..GrpcMethod::default()
    });
    GrpcService {
        name: joined(&file.package, &service.name),
        methods: methods.collect(),
        package: file.package.to_string(),
        description: service.doc.clone(),
        deprecated: service.deprecated,
        origin: Origin::Document,
        confidence: Confidence::High,
        evidence: Evidence::new(&file.file, service.name.as_str(), service.line),
        ..GrpcService::default()
    }
}

/// Every type at the top of a package, the first of each name in order of files.
#[must_use]
pub fn types_of<'f>(files: impl Iterator<Item = &'f proto::ProtoFile> + Clone) -> Vec<ProtoType> {
    let mut enums = BTreeSet::new();
    for file in files.clone() {
        enums.extend(file.enums.iter().map(|one| joined(&file.package, &one.name)));
        file.messages.iter().for_each(|message| enums_in(message, &joined(&file.package, &message.name), &mut enums));
    }
    let mut seen = BTreeSet::new();
    let mut types = Vec::new();
    for file in files {
        let syntax = syntax_of(file);
        let groups = file.extends.iter().flat_map(|extend| &extend.messages);
        let messages = file.messages.iter().chain(groups).map(|message| (ProtoItem::Message(message_of(message, &enums)), message.line));
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

fn rule_of(binding: &proto::HttpBinding) -> HttpRule {
    HttpRule { method: binding.method.to_string(), path: binding.path.to_string(), body: binding.body.to_string() }
}

fn message_of(message: &proto::ProtoMessage, enums: &BTreeSet<String>) -> ProtoMessage {
    let groups = message.extends.iter().flat_map(|extend| &extend.messages);
    let messages = message.messages.iter().chain(groups).map(|inner| ProtoItem::Message(message_of(inner, enums)));
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
        options: options_of(&field.options),
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
    let is_kept = |name: &str| OPTIONS.contains(&name) || CHECKS.iter().any(|check| name.starts_with(check));
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    for option in options.iter().filter(|option| is_kept(&option.name)) {
        // What is given several times is a list.
        let value = kept.entry(option.name.to_string()).or_default();
        *value = if value.is_empty() { option.value.clone() } else { format!("{value}, {}", option.value) };
    }
    kept
}

fn texts(names: &[crate::base::Name]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}
