//! What a protocol buffer file declares: packages, messages, enums, services. Names of types stand as they are written; `link`
//! resolves them.

use crate::base::Name;

/// One `.proto` file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtoFile {
    /// Path from the repository's root.
    pub file: String,
    /// `proto2`, `proto3`, or an edition.
    pub syntax: ProtoSyntax,
    /// The package; empty when there is none.
    pub package: Name,
    /// Imported paths, public ones too.
    pub imports: Vec<Name>,
    /// Top-level messages.
    pub messages: Vec<ProtoMessage>,
    /// Top-level enums.
    pub enums: Vec<ProtoEnum>,
    /// Services.
    pub services: Vec<ProtoService>,
    /// Top-level `extend` blocks.
    pub extends: Vec<ProtoExtend>,
    /// Options of the file.
    pub options: Vec<ProtoOption>,
}

/// The rules a file is written by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProtoSyntax {
    /// `syntax = "proto2"`, or nothing said.
    #[default]
    Proto2,
    /// `syntax = "proto3"`.
    Proto3,
    /// `edition = "2023"`.
    Edition(Name),
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtoMessage {
    /// Its own name.
    pub name: Name,
    /// The comment above it.
    pub doc: String,
    /// 1-based line.
    pub line: u32,
    /// Fields in order, those of `oneof`s among them.
    pub fields: Vec<ProtoField>,
    /// Messages declared inside.
    pub messages: Vec<ProtoMessage>,
    /// Enums declared inside.
    pub enums: Vec<ProtoEnum>,
    /// `extend` blocks inside.
    pub extends: Vec<ProtoExtend>,
    /// Reserved numbers: `6`, `9 to 11`.
    pub reserved: Vec<String>,
    /// Reserved names.
    pub reserved_names: Vec<Name>,
    /// Extension ranges: `100 to 199`.
    pub extensions: Vec<String>,
    /// Options.
    pub options: Vec<ProtoOption>,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtoField {
    /// Its name.
    pub name: Name,
    /// Its number as written.
    pub number: Name,
    /// What stands before its type.
    pub label: ProtoLabel,
    /// Its type as written; the values' type of a map.
    pub ty: Name,
    /// The type of a map's keys.
    pub map_key: Option<Name>,
    /// The `oneof` it stands in.
    pub oneof: Option<Name>,
    /// A `group`: its type is the message of that name beside it.
    pub is_group: bool,
    /// Options.
    pub options: Vec<ProtoOption>,
    /// The comment above it.
    pub doc: String,
    /// 1-based line.
    pub line: u32,
}

/// What stands before a field's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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

/// An option with its value as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProtoOption {
    /// `deprecated`, `(google.api.http)`.
    pub name: Name,
    /// `true`, `"text"`.
    pub value: String,
}

/// An enum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtoEnum {
    /// Its own name.
    pub name: Name,
    /// The comment above it.
    pub doc: String,
    /// 1-based line.
    pub line: u32,
    /// Its values in order.
    pub values: Vec<ProtoValue>,
    /// Reserved numbers.
    pub reserved: Vec<String>,
    /// Reserved names.
    pub reserved_names: Vec<Name>,
    /// Options.
    pub options: Vec<ProtoOption>,
}

/// A value of an enum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtoValue {
    /// Its name.
    pub name: Name,
    /// Its number as written.
    pub number: Name,
    /// Options.
    pub options: Vec<ProtoOption>,
    /// The comment above it.
    pub doc: String,
}

/// Fields added to a message from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtoExtend {
    /// The message as written.
    pub extendee: Name,
    /// The fields.
    pub fields: Vec<ProtoField>,
    /// Messages of groups among them.
    pub messages: Vec<ProtoMessage>,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtoService {
    /// Its own name.
    pub name: Name,
    /// The comment above it.
    pub doc: String,
    /// 1-based line.
    pub line: u32,
    /// Its methods in order.
    pub methods: Vec<ProtoMethod>,
    /// Marked as deprecated.
    pub deprecated: bool,
}

/// A method of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtoMethod {
    /// Its name.
    pub name: Name,
    /// The comment above it.
    pub doc: String,
    /// 1-based line.
    pub line: u32,
    /// What it takes, as written.
    pub request: Name,
    /// What it gives, as written.
    pub response: Name,
    /// The client sends many.
    pub client_streaming: bool,
    /// The server sends many.
    pub server_streaming: bool,
    /// Marked as deprecated.
    pub deprecated: bool,
    /// `idempotency_level` as written; empty when nothing is said.
    pub idempotency: Name,
    /// `google.api.http`, additional bindings among them.
    pub http: Vec<HttpBinding>,
}

/// How a method is reached over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct HttpBinding {
    /// The method in capitals: `GET`.
    pub method: Name,
    /// The path template: `/v1/{name=shelves/*}`.
    pub path: Name,
    /// The field that is the request's body; `*` for all that the path does not name.
    pub body: Name,
}

/// The types that are no names.
pub const SCALARS: &[&str] = &[
    "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "bool",
    "string", "bytes",
];
