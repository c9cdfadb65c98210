//! gRPC: services with their methods, and the messages they speak in.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Confidence, Evidence, Origin};

/// What a feature serves over gRPC, and the protocol buffer types it declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrpcContract {
    /// The services.
    pub services: Vec<GrpcService>,
    /// Types at the top of a package: the feature's own, and those of others that its own need.
    pub types: Vec<ProtoType>,
    /// Files of which there is more to say than the types and services in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ProtoSource>,
    /// Fields that are added to messages from outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<ProtoExtension>,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtoSource {
    /// Its path.
    pub path: String,
    /// Its package; empty when it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// The rules it is written by.
    pub syntax: ProtoSyntax,
    /// Options that steer generated code, and features of editions, which hold for all that is in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// A field that is added to a message from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtoExtension {
    /// Its full name.
    pub name: String,
    /// Its package; empty when it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// The full name of the message it adds to.
    pub extendee: String,
    /// The field.
    pub field: ProtoField,
    /// The rules it is written by.
    pub syntax: ProtoSyntax,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrpcService {
    /// Its full name: `acme.orders.v1.OrderService`.
    pub name: String,
    /// Its package; empty when it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Marked as deprecated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Its methods, in the order of its file.
    pub methods: Vec<GrpcMethod>,
    /// The classes and blocks that serve it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implemented_by: Vec<Evidence>,
    /// Where clients of it are made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub called_by: Vec<Evidence>,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
    /// The file that declares it.
    pub evidence: Evidence,
}

/// A method of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrpcMethod {
    /// Its name.
    pub name: String,
    /// The full name of the message it takes.
    pub request: String,
    /// The full name of the message it gives.
    pub response: String,
    /// The client sends many.
    pub client_streaming: bool,
    /// The server sends many.
    pub server_streaming: bool,
    /// What it does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Marked as deprecated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Whether it is safe to repeat: `NO_SIDE_EFFECTS`, `IDEMPOTENT`; empty when nothing is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub idempotency: String,
    /// How a gateway serves it over HTTP.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpRule>,
    /// The functions that serve it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implemented_by: Vec<Evidence>,
    /// The functions that call it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub called_by: Vec<Evidence>,
}

/// How a gateway serves a method over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HttpRule {
    /// The HTTP method in capitals.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The field that is the body; `*` for all that the path does not name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// A message or enum at the top of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtoType {
    /// Its package; empty when it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// What it is.
    #[serde(flatten)]
    pub item: ProtoItem,
    /// The rules it is written by.
    pub syntax: ProtoSyntax,
    /// Whether the feature declares it; it is another's that a promise needs otherwise.
    #[serde(skip)]
    pub is_own: bool,
    /// Where it is declared; no file when it is declared nowhere in the repository.
    pub evidence: Evidence,
}

/// A message or an enum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ProtoItem {
    /// A message.
    Message(ProtoMessage),
    /// An enum.
    Enum(ProtoEnum),
}

impl Default for ProtoItem {
    fn default() -> Self {
        Self::Message(ProtoMessage::default())
    }
}

impl ProtoItem {
    /// Its own name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Message(message) => &message.name,
            Self::Enum(one) => &one.name,
        }
    }
}

impl ProtoType {
    /// Its full name.
    #[must_use]
    pub fn full_name(&self) -> String {
        joined(&self.package, self.item.name())
    }
}

/// The rules a type is written by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProtoSyntax {
    /// `proto2`.
    Proto2,
    /// `proto3`.
    #[default]
    Proto3,
    /// An edition.
    Edition(String),
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtoMessage {
    /// Its own name.
    pub name: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Fields in order.
    pub fields: Vec<ProtoField>,
    /// Types declared inside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ProtoItem>,
    /// Reserved numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserved: Vec<String>,
    /// Reserved names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserved_names: Vec<String>,
    /// Extension ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<String>,
    /// Options that matter on the wire or to generated code, say what is valid, or tell that it is deprecated.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtoField {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
    /// What stands before its type.
    #[serde(default, skip_serializing_if = "ProtoLabel::is_none")]
    pub label: ProtoLabel,
    /// A scalar, or a type's full name with a dot before it; of a map, the values' type.
    #[serde(rename = "type")]
    pub ty: String,
    /// The type of a map's keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map_key: Option<String>,
    /// The `oneof` it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oneof: Option<String>,
    /// A `group` of proto2.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_group: bool,
    /// Its type is an enum.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_enum: bool,
    /// What it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Options that matter on the wire or to generated code, say what is valid, or tell that it is deprecated.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// What stands before a field's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProtoLabel {
    /// Nothing.
    #[default]
    None,
    /// `optional`.
    Optional,
    /// `required`.
    Required,
    /// `repeated`.
    Repeated,
}

impl ProtoLabel {
    /// Whether nothing stands there.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// An enum.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtoEnum {
    /// Its own name.
    pub name: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Values: name, number, description, options.
    pub values: Vec<ProtoValue>,
    /// Reserved numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserved: Vec<String>,
    /// Reserved names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserved_names: Vec<String>,
    /// Options that matter on the wire or to generated code, say what is valid, or tell that it is deprecated.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// A value of an enum.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtoValue {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
    /// What it means.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether it is deprecated.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

impl GrpcContract {
    /// Adds the types of other features that those of this one need, and empty ones for what is declared nowhere.
    pub fn complete(&mut self, all: &[ProtoType]) {
        let known: BTreeMap<String, &ProtoType> = all.iter().map(|one| (one.full_name(), one)).collect();
        let mut taken: BTreeSet<String> = self.types.iter().map(ProtoType::full_name).collect();
        let mut open: Vec<String> = Vec::new();
        for method in self.services.iter().flat_map(|service| &service.methods) {
            open.extend([method.request.clone(), method.response.clone()]);
        }
        self.types.iter().for_each(|one| types_in(&one.item, &mut open));
        while let Some(name) = open.pop() {
            let mut top = name.as_str();
            while !taken.contains(top) && !known.contains_key(top) {
                let Some((outer, _)) = top.rsplit_once('.') else { break };
                top = outer;
            }
            if taken.contains(top) || name.starts_with("google.protobuf.") {
                continue;
            }
            match known.get(top) {
                Some(found) => {
                    taken.insert(top.to_owned());
                    types_in(&found.item, &mut open);
                    self.types.push((*found).clone());
                }
                None => add_unknown(&name, self, &mut taken),
            }
        }
    }
}

/// An empty message for a name that nothing declares. Packages are written in small letters, messages with a capital.
fn add_unknown(name: &str, grpc: &mut GrpcContract, taken: &mut BTreeSet<String>) {
    let parts: Vec<&str> = name.split('.').collect();
    let first = parts.iter().position(|part| part.starts_with(|c: char| c.is_uppercase())).unwrap_or(parts.len().saturating_sub(1));
    let (package, path) = parts.split_at(first);
    let Some((top, inner)) = path.split_first() else { return };
    let package = package.join(".");
    let full = joined(&package, top);
    if taken.insert(full.clone()) {
        let item = ProtoItem::Message(ProtoMessage { name: (*top).to_owned(), ..ProtoMessage::default() });
        grpc.types.push(ProtoType { package, item, ..ProtoType::default() });
    }
    let Some(one) = grpc.types.iter_mut().find(|one| one.full_name() == full) else { return };
    let mut at = &mut one.item;
    for part in inner {
        let ProtoItem::Message(message) = at else { return };
        let index = message.items.iter().position(|item| item.name() == *part).unwrap_or_else(|| {
            message.items.push(ProtoItem::Message(ProtoMessage { name: (*part).to_owned(), ..ProtoMessage::default() }));
            message.items.len() - 1
        });
        at = &mut message.items[index];
    }
}

/// Full names of the types of all fields.
fn types_in(item: &ProtoItem, open: &mut Vec<String>) {
    if let ProtoItem::Message(message) = item {
        open.extend(message.fields.iter().filter_map(|field| field.ty.strip_prefix('.')).map(str::to_owned));
        message.items.iter().for_each(|item| types_in(item, open));
    }
}

fn joined(package: &str, name: &str) -> String {
    if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") }
}
