//! What types are called in a file of one package.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::grpc::{ProtoItem, ProtoType};

/// The message that stands for having no package.
const UNPACKAGED: &str = "unpackaged";

/// The names of one file.
pub(super) struct Names {
    /// The file's package.
    pub package: String,
    /// Where types of another package stand: the messages named after it.
    spaces: BTreeMap<String, Vec<String>>,
    /// Real full names by package, and the package's own.
    packages: BTreeMap<String, String>,
    /// Full names in the file.
    declared: BTreeSet<String>,
}

impl Names {
    /// The names of these types in a file of this package.
    pub fn new(package: &str, types: &[&ProtoType]) -> Self {
        let own: BTreeSet<&str> = types.iter().filter(|one| one.package == package).map(|one| one.item.name()).collect();
        let mut names = Self { package: package.to_owned(), spaces: BTreeMap::new(), packages: BTreeMap::new(), declared: BTreeSet::new() };
        for one in types {
            if one.package != package && !names.spaces.contains_key(&one.package) {
                let mut space: Vec<String> = match one.package.as_str() {
                    "" => vec![UNPACKAGED.to_owned()],
                    other => other.split('.').map(str::to_owned).collect(),
                };
                while let Some(first) = space.first_mut().filter(|first| own.contains(first.as_str())) {
                    first.push('_');
                }
                names.spaces.insert(one.package.clone(), space);
            }
            names.packages.insert(one.full_name(), one.package.clone());
        }
        let mut space = package;
        while !space.is_empty() {
            names.declared.insert(space.to_owned());
            space = space.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
        for one in types {
            let full = names.in_file(&one.full_name());
            declare(&mut names.declared, &full, &one.item);
            let mut space = full.as_str();
            while let Some((outer, _)) = space.rsplit_once('.').filter(|_| one.package != package) {
                names.declared.insert(outer.to_owned());
                space = outer;
            }
        }
        names
    }

    /// Whether types of other packages stand in the file.
    pub fn has_spaces(&self) -> bool {
        !self.spaces.is_empty()
    }

    /// The messages that a package's types stand in; none for the file's own package.
    pub fn space(&self, package: &str) -> &[String] {
        self.spaces.get(package).map_or(&[], Vec::as_slice)
    }

    /// The full name in this file of a type with this real full name.
    fn in_file(&self, full: &str) -> String {
        let mut top = full;
        let package = loop {
            match (self.packages.get(top), top.rsplit_once('.')) {
                (Some(package), _) => break package,
                (None, Some((outer, _))) => top = outer,
                // A type that comes from an import.
                (None, None) => return full.to_owned(),
            }
        };
        let rest = full.strip_prefix(package.as_str()).unwrap_or(full).trim_start_matches('.');
        let own = self.package.split('.').filter(|part| !part.is_empty());
        let parts = own.chain(self.space(package).iter().map(String::as_str)).chain(std::iter::once(rest));
        parts.collect::<Vec<_>>().join(".")
    }

    /// A type as it is written inside `scope`, a full name in this file: as shortly as cannot be misread.
    pub fn written(&self, ty: &str, scope: &str) -> String {
        let Some(full) = ty.strip_prefix('.') else { return ty.to_owned() };
        let full = self.in_file(full);
        let mut at = full.len();
        while let Some(dot) = full.get(..at).and_then(|before| before.rfind('.')) {
            let (parent, name) = (&full[..dot], &full[dot + 1..]);
            if self.is_found(name, parent, scope) {
                return name.to_owned();
            }
            at = dot;
        }
        if self.is_found(&full, "", scope) { full } else { format!(".{full}") }
    }

    /// Whether a name, looked up by its first part from a scope outwards, is found in `parent`.
    fn is_found(&self, name: &str, parent: &str, scope: &str) -> bool {
        let first = name.split('.').next().unwrap_or(name);
        let mut scope = scope;
        while scope != parent {
            if scope.is_empty() || self.declared.contains(&format!("{scope}.{first}")) {
                return false;
            }
            scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
        true
    }

    /// Whether a type comes from an import.
    pub fn is_imported(&self, full: &str) -> bool {
        let mut top = full;
        loop {
            if self.packages.contains_key(top) {
                return false;
            }
            let Some((outer, _)) = top.rsplit_once('.') else { return true };
            top = outer;
        }
    }
}

fn declare(declared: &mut BTreeSet<String>, full: &str, item: &ProtoItem) {
    declared.insert(full.to_owned());
    if let ProtoItem::Message(message) = item {
        message.items.iter().for_each(|item| declare(declared, &format!("{full}.{}", item.name()), item));
    }
}

/// The file of Google's own that declares a well-known type.
pub(super) fn well_known(full: &str) -> Option<&'static str> {
    let name = full.strip_prefix("google.protobuf.")?.split('.').next()?;
    Some(match name {
        "Any" => "google/protobuf/any.proto",
        "Timestamp" => "google/protobuf/timestamp.proto",
        "Duration" => "google/protobuf/duration.proto",
        "Empty" => "google/protobuf/empty.proto",
        "FieldMask" => "google/protobuf/field_mask.proto",
        "Struct" | "Value" | "ListValue" | "NullValue" => "google/protobuf/struct.proto",
        "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value" | "BoolValue" | "StringValue"
        | "BytesValue" => "google/protobuf/wrappers.proto",
        "SourceContext" => "google/protobuf/source_context.proto",
        "Api" | "Method" | "Mixin" => "google/protobuf/api.proto",
        "Type" | "Field" | "Enum" | "EnumValue" | "Option" | "Syntax" => "google/protobuf/type.proto",
        _ => "google/protobuf/descriptor.proto",
    })
}
