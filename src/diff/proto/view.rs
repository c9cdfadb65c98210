//! One side of a comparison: every message, enum, service and extension by its full name, with the file it stands in.

use std::collections::{BTreeMap, BTreeSet};

use super::features::{Features, Options};
use crate::contract::model::grpc::{
    GrpcContract, GrpcService, ProtoEnum, ProtoExtension, ProtoField, ProtoItem, ProtoLabel, ProtoMessage, ProtoSyntax,
};

/// The package whose files everybody has; but for `NullValue` they hold messages.
const WELL_KNOWN: &str = "google.protobuf.";

/// A file.
#[derive(Clone, Copy, Default)]
pub(super) struct File<'a> {
    pub package: &'a str,
    /// Unknown where only services are known of it.
    pub syntax: Option<&'a ProtoSyntax>,
    pub options: Option<&'a Options>,
}

/// A message or enum.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub kind: Kind<'a>,
    pub file: &'a str,
    pub package: &'a str,
    /// Stands in a message.
    pub is_inner: bool,
    /// What holds in it.
    pub features: Features<'a>,
}

/// A message or an enum.
#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    Message(&'a ProtoMessage),
    Enum(&'a ProtoEnum),
}

/// All that one side promises.
#[derive(Default)]
pub(super) struct Side<'a> {
    pub files: BTreeMap<&'a str, File<'a>>,
    pub items: BTreeMap<String, Item<'a>>,
    pub services: BTreeMap<&'a str, &'a GrpcService>,
    pub extensions: BTreeMap<&'a str, &'a ProtoExtension>,
}

impl<'a> Side<'a> {
    /// Of a contract. Of several things of one name the first stands; what is declared nowhere is left out.
    pub fn new(contract: &'a GrpcContract) -> Self {
        let mut side = Self::default();
        for file in &contract.files {
            let one = File { package: &file.package, syntax: Some(&file.syntax), options: Some(&file.options) };
            side.files.entry(&file.path).or_insert(one);
        }
        let types = contract.types.iter().filter(|one| !one.evidence.file.is_empty());
        for one in types.clone() {
            side.file(&one.evidence.file, &one.package, Some(&one.syntax));
        }
        for one in contract.extensions.iter() {
            side.file(&one.evidence.file, &one.package, Some(&one.syntax));
            side.extensions.entry(&one.name).or_insert(one);
        }
        for one in &contract.services {
            side.file(&one.evidence.file, &one.package, None);
            side.services.entry(&one.name).or_insert(one);
        }
        for one in types {
            let features = side.features_of(&one.evidence.file, &one.syntax);
            let kind = kind_of(&one.item);
            let item = Item { kind, file: &one.evidence.file, package: &one.package, is_inner: false, features };
            side.add(one.full_name(), item);
        }
        side
    }

    /// What holds in a file.
    pub fn features_of(&self, file: &str, syntax: &'a ProtoSyntax) -> Features<'a> {
        Features::of_file(Some(syntax), self.files.get(file).and_then(|file| file.options))
    }

    fn file(&mut self, path: &'a str, package: &'a str, syntax: Option<&'a ProtoSyntax>) {
        let file = self.files.entry(path).or_insert(File { package, syntax, options: None });
        file.syntax = file.syntax.or(syntax);
    }

    fn add(&mut self, name: String, item: Item<'a>) {
        if self.items.contains_key(&name) {
            return;
        }
        let options = match item.kind {
            Kind::Message(message) => &message.options,
            Kind::Enum(one) => &one.options,
        };
        let item = Item { features: item.features.over(options), ..item };
        if let Kind::Message(message) = item.kind {
            for inner in &message.items {
                let one = Item { kind: kind_of(inner), is_inner: true, ..item };
                self.add(format!("{name}.{}", inner.name()), one);
            }
        }
        self.items.insert(name, item);
    }

    /// An enum by its full name.
    pub fn enumeration(&self, name: &str) -> Option<&'a ProtoEnum> {
        match self.items.get(name)?.kind {
            Kind::Enum(one) => Some(one),
            Kind::Message(_) => None,
        }
    }

    /// The packages of all files.
    pub fn packages(&self) -> BTreeSet<&'a str> {
        self.files.values().map(|file| file.package).collect()
    }

    /// What a field's type is.
    pub fn type_of(&self, field: &'a ProtoField, features: Features) -> Type<'a> {
        let Some(name) = field.ty.strip_prefix('.') else { return Type::Scalar(&field.ty) };
        if field.is_enum || self.enumeration(name).is_some() {
            return Type::Enum(name);
        }
        if !self.items.contains_key(name) && !field.is_group && !name.starts_with(WELL_KNOWN) {
            return Type::Unknown(name);
        }
        let is_delimited = features.encoding.value == "DELIMITED" && field.map_key.is_none();
        if field.is_group || is_delimited { Type::Group(name) } else { Type::Message(name) }
    }

    /// How many values a field has, and whether one can tell that it has none.
    pub fn cardinality(&self, field: &ProtoField, ty: Type, features: Features, is_extension: bool) -> Cardinality {
        if field.map_key.is_some() {
            return Cardinality::Map;
        }
        match field.label {
            ProtoLabel::Repeated => return Cardinality::Repeated,
            ProtoLabel::Required => return Cardinality::Required,
            ProtoLabel::Optional => return Cardinality::Explicit,
            ProtoLabel::None => {}
        }
        let is_said = field.options.contains_key("features.field_presence");
        let is_apart = field.oneof.is_some() || is_extension;
        match features.presence.value {
            "LEGACY_REQUIRED" if !is_apart => Cardinality::Required,
            "IMPLICIT" if !is_apart && (!ty.is_message() || is_said) => Cardinality::Implicit,
            _ => Cardinality::Explicit,
        }
    }
}

fn kind_of(item: &ProtoItem) -> Kind<'_> {
    match item {
        ProtoItem::Message(message) => Kind::Message(message),
        ProtoItem::Enum(one) => Kind::Enum(one),
    }
}

/// What a field's type is; messages and enums by their full names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type<'a> {
    Scalar(&'a str),
    Enum(&'a str),
    Message(&'a str),
    Group(&'a str),
    /// Declared in a file that is not here.
    Unknown(&'a str),
}

impl Type<'_> {
    /// Whether absence can always be told.
    pub fn is_message(self) -> bool {
        matches!(self, Self::Message(_) | Self::Group(_))
    }
}

/// How many values a field has, and whether one can tell that it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cardinality {
    Implicit,
    Explicit,
    Required,
    Repeated,
    Map,
}

impl Cardinality {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Implicit => "without presence",
            Self::Explicit => "optional",
            Self::Required => "required",
            Self::Repeated => "repeated",
            Self::Map => "map",
        }
    }

    /// At most one value.
    pub fn is_single(self) -> bool {
        matches!(self, Self::Implicit | Self::Explicit)
    }
}
