//! gRPC: services with their methods, and the messages they speak in.

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
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProtoType {
    /// Its package; empty when it has none.
    pub package: String,
    /// What it is.
    pub item: ProtoItem,
    /// The rules it is written by.
    pub syntax: ProtoSyntax,
    /// Whether the feature declares it; it is another's that a promise needs otherwise.
    pub is_own: bool,
    /// Where it is declared; no file when it is declared nowhere in the repository.
    pub evidence: Evidence,
}

/// A message or an enum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
        let name = self.item.name();
        if self.package.is_empty() { name.to_owned() } else { format!("{}.{name}", self.package) }
    }
}

/// The rules a type is written by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProtoMessage {
    /// Its own name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Fields in order.
    pub fields: Vec<ProtoField>,
    /// Types declared inside.
    pub items: Vec<ProtoItem>,
    /// Reserved numbers.
    pub reserved: Vec<String>,
    /// Reserved names.
    pub reserved_names: Vec<String>,
    /// Extension ranges.
    pub extensions: Vec<String>,
    /// Options that matter on the wire, or tell that it is deprecated.
    pub options: Vec<(String, String)>,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProtoField {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
    /// What stands before its type.
    pub label: ProtoLabel,
    /// A scalar, or a type's full name with a dot before it; of a map, the values' type.
    pub ty: String,
    /// The type of a map's keys.
    pub map_key: Option<String>,
    /// The `oneof` it stands in.
    pub oneof: Option<String>,
    /// A `group` of proto2.
    pub is_group: bool,
    /// Its type is an enum.
    pub is_enum: bool,
    /// What it is.
    pub description: String,
    /// Options that matter on the wire, or tell that it is deprecated.
    pub options: Vec<(String, String)>,
}

/// What stands before a field's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// An enum.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProtoEnum {
    /// Its own name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Values: name, number, description, options.
    pub values: Vec<ProtoValue>,
    /// Reserved numbers.
    pub reserved: Vec<String>,
    /// Reserved names.
    pub reserved_names: Vec<String>,
    /// Options that matter on the wire, or tell that it is deprecated.
    pub options: Vec<(String, String)>,
}

/// A value of an enum.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProtoValue {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
    /// What it means.
    pub description: String,
    /// Whether it is deprecated.
    pub options: Vec<(String, String)>,
}
