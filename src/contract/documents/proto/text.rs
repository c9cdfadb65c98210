//! Types and services as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::names::{Names, well_known};
use super::{each_type, is_empty};
use crate::contract::model::grpc::{
    GrpcMethod, GrpcService, ProtoEnum, ProtoField, ProtoItem, ProtoLabel, ProtoMessage, ProtoSyntax, ProtoType,
};

/// Writes one file.
pub(super) struct Writer<'a> {
    /// What types are called.
    pub names: &'a Names,
    /// The rules the file is written by.
    pub syntax: ProtoSyntax,
}

/// Where something stands: how far to the right, and in which scope.
#[derive(Clone, Copy)]
struct Spot<'s> {
    depth: usize,
    scope: &'s str,
}

impl Writer<'_> {
    /// Syntax, package and imports.
    pub fn head(&self, out: &mut String, types: &[&ProtoType], services: &[&GrpcService]) {
        let syntax = match &self.syntax {
            ProtoSyntax::Proto2 => "syntax = \"proto2\";".to_owned(),
            ProtoSyntax::Proto3 => "syntax = \"proto3\";".to_owned(),
            ProtoSyntax::Edition(year) => format!("edition = \"{year}\";"),
        };
        put(out, 0, &format!("\n{syntax}"));
        if !self.names.package.is_empty() {
            put(out, 0, &format!("\npackage {};", self.names.package));
        }
        let mut imports = BTreeSet::new();
        let mut add = |ty: &str| imports.extend(ty.strip_prefix('.').filter(|full| self.names.is_imported(full)).and_then(well_known));
        types.iter().for_each(|one| each_type(&one.item, &mut add));
        for method in services.iter().flat_map(|service| &service.methods) {
            add(&format!(".{}", method.request));
            add(&format!(".{}", method.response));
        }
        if !imports.is_empty() {
            out.push('\n');
        }
        imports.iter().for_each(|import| put(out, 0, &format!("import \"{import}\";")));
    }

    /// Features that hold for the whole file; only editions have them.
    pub fn features(&self, out: &mut String, features: &BTreeMap<String, String>) {
        if matches!(self.syntax, ProtoSyntax::Edition(_)) && !features.is_empty() {
            out.push('\n');
            features.iter().for_each(|(name, value)| put(out, 0, &format!("option {name} = {value};")));
        }
    }

    /// A service.
    pub fn service(&self, out: &mut String, service: &GrpcService) {
        out.push('\n');
        comment(out, 0, &service.description);
        let own = service.name.rsplit('.').next().unwrap_or(&service.name);
        let is_here = service.package == self.names.package;
        if !is_here {
            comment(out, 0, &format!("Served as {}.", service.name));
        }
        put(out, 0, &format!("service {} {{", if is_here { own.to_owned() } else { service.name.replace('.', "_") }));
        if service.deprecated {
            put(out, 1, "option deprecated = true;");
        }
        service.methods.iter().for_each(|method| self.method(out, method));
        put(out, 0, "}");
    }

    fn method(&self, out: &mut String, method: &GrpcMethod) {
        comment(out, 1, &method.description);
        for rule in &method.http {
            let body = if rule.body.is_empty() { String::new() } else { format!(" (body: {})", rule.body) };
            comment(out, 1, &format!("HTTP: {} {}{body}", rule.method, rule.path));
        }
        let side = |is_stream: bool, ty: &str| {
            let written = self.names.written(&format!(".{ty}"), &self.names.package);
            format!("({}{written})", if is_stream { "stream " } else { "" })
        };
        let (request, response) = (side(method.client_streaming, &method.request), side(method.server_streaming, &method.response));
        let end = if method.deprecated { " { option deprecated = true; }" } else { ";" };
        put(out, 1, &format!("rpc {}{request} returns {response}{end}", method.name));
    }

    /// All types: the package's own, then those of others in messages named after their packages.
    pub fn types(&self, out: &mut String, types: &[&ProtoType]) {
        let mut spaces = Space::default();
        for one in types {
            spaces.add(self.names.space(&one.package), one);
        }
        for one in &spaces.types {
            out.push('\n');
            let spot = Spot { depth: 0, scope: &self.names.package };
            self.top(out, spot, one);
        }
        for (name, space) in &spaces.inner {
            out.push('\n');
            self.space(out, Spot { depth: 0, scope: &self.names.package }, name, space);
        }
    }

    fn space(&self, out: &mut String, spot: Spot, name: &str, space: &Space) {
        let full = inner(spot.scope, name);
        if spot.depth == 0 {
            comment(out, 0, "Types of other packages, in messages named after them.");
        }
        put(out, spot.depth, &format!("message {name} {{"));
        let below = Spot { depth: spot.depth + 1, scope: &full };
        for one in &space.types {
            self.top(out, below, one);
        }
        space.inner.iter().for_each(|(name, space)| self.space(out, below, name, space));
        put(out, spot.depth, "}");
    }

    fn top(&self, out: &mut String, spot: Spot, one: &ProtoType) {
        if one.evidence.file.is_empty() {
            comment(out, spot.depth, "Declared nowhere in the repository.");
        }
        self.item(out, spot, &one.item, &one.syntax);
    }

    fn item(&self, out: &mut String, spot: Spot, item: &ProtoItem, syntax: &ProtoSyntax) {
        match item {
            ProtoItem::Message(message) => {
                comment(out, spot.depth, &message.description);
                if is_empty(message) {
                    put(out, spot.depth, &format!("message {} {{}}", message.name));
                    return;
                }
                put(out, spot.depth, &format!("message {} {{", message.name));
                self.members(out, spot, message, syntax);
                put(out, spot.depth, "}");
            }
            ProtoItem::Enum(one) => self.enumeration(out, spot.depth, one, syntax),
        }
    }

    fn members(&self, out: &mut String, spot: Spot, message: &ProtoMessage, syntax: &ProtoSyntax) {
        let full = inner(spot.scope, &message.name);
        let below = Spot { depth: spot.depth + 1, scope: &full };
        for (name, value) in message.options.iter().filter(|(name, _)| is_written(name)) {
            put(out, below.depth, &format!("option {name} = {value};"));
        }
        let keeps_groups = self.syntax == ProtoSyntax::Proto2;
        let groups: BTreeSet<&str> =
            message.fields.iter().filter(|field| field.is_group && keeps_groups).filter_map(|field| field.ty.rsplit('.').next()).collect();
        for item in message.items.iter().filter(|item| !groups.contains(item.name())) {
            self.item(out, below, item, syntax);
        }
        let mut told = BTreeSet::new();
        for field in &message.fields {
            let Some(oneof) = &field.oneof else {
                self.field(out, below, field, (message, syntax));
                continue;
            };
            if told.insert(oneof) {
                put(out, below.depth, &format!("oneof {oneof} {{"));
                let spot = Spot { depth: below.depth + 1, ..below };
                let alike = message.fields.iter().filter(|field| field.oneof.as_ref() == Some(oneof));
                alike.for_each(|field| self.field(out, spot, field, (message, syntax)));
                put(out, below.depth, "}");
            }
        }
        if !message.extensions.is_empty() && self.syntax != ProtoSyntax::Proto3 {
            put(out, below.depth, &format!("extensions {};", message.extensions.join(", ")));
        }
        self.reserved(out, below.depth, &message.reserved, &message.reserved_names);
    }

    fn reserved(&self, out: &mut String, depth: usize, numbers: &[String], names: &[String]) {
        if !numbers.is_empty() {
            put(out, depth, &format!("reserved {};", numbers.join(", ")));
        }
        let is_edition = matches!(self.syntax, ProtoSyntax::Edition(_));
        let names: Vec<String> = names.iter().map(|name| if is_edition { name.clone() } else { format!("\"{name}\"") }).collect();
        if !names.is_empty() {
            put(out, depth, &format!("reserved {};", names.join(", ")));
        }
    }

    fn field(&self, out: &mut String, spot: Spot, field: &ProtoField, (message, syntax): (&ProtoMessage, &ProtoSyntax)) {
        comment(out, spot.depth, &field.description);
        let (label, mut options) = self.label(field, syntax);
        let is_edition = matches!(self.syntax, ProtoSyntax::Edition(_));
        // Of a type that is declared nowhere, the values are not known.
        let has_default = !field.ty.starts_with('.') || field.is_enum;
        let kept = field
            .options
            .iter()
            .filter(|(name, _)| is_written(name) && (*name != "packed" || !is_edition) && (*name != "default" || has_default));
        options.extend(kept.map(|(name, value)| format!("{name} = {value}")));
        let options = if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
        let own = field.ty.rsplit('.').next().unwrap_or_default();
        let group = message.items.iter().find_map(|item| match item {
            ProtoItem::Message(inner) if field.is_group && inner.name == own => Some(inner),
            _ => None,
        });
        if let (Some(group), ProtoSyntax::Proto2) = (group, &self.syntax) {
            put(out, spot.depth, &format!("{label}group {} = {}{options} {{", group.name, field.number));
            self.members(out, spot, group, syntax);
            put(out, spot.depth, "}");
            return;
        }
        let ty = self.names.written(&field.ty, spot.scope);
        let ty = field.map_key.as_ref().map_or(ty.clone(), |key| format!("map<{key}, {ty}>"));
        put(out, spot.depth, &format!("{label}{ty} {} = {}{options};", field.name, field.number));
    }

    /// What stands before a field's type, and the options that say the same in an edition.
    fn label(&self, field: &ProtoField, syntax: &ProtoSyntax) -> (&'static str, Vec<String>) {
        let is_apart = field.oneof.is_some() || field.map_key.is_some();
        if !matches!(self.syntax, ProtoSyntax::Edition(_)) || matches!(syntax, ProtoSyntax::Edition(_)) {
            let word = match field.label {
                ProtoLabel::None => "",
                ProtoLabel::Optional => "optional ",
                ProtoLabel::Required => "required ",
                ProtoLabel::Repeated => "repeated ",
            };
            return (if is_apart { "" } else { word }, Vec::new());
        }
        let mut features = Vec::new();
        let is_message = field.ty.starts_with('.') && !field.is_enum;
        let packed = field.options.get("packed").map(|value| value == "true");
        let is_packable = !is_message && !matches!(field.ty.as_str(), "string" | "bytes");
        let is_packed = packed.unwrap_or(*syntax == ProtoSyntax::Proto3);
        match field.label {
            ProtoLabel::None if *syntax == ProtoSyntax::Proto3 && !is_message && !is_apart => {
                features.push("features.field_presence = IMPLICIT".to_owned());
            }
            ProtoLabel::Required => features.push("features.field_presence = LEGACY_REQUIRED".to_owned()),
            ProtoLabel::Repeated if is_packable && !is_packed => {
                features.push("features.repeated_field_encoding = EXPANDED".to_owned());
            }
            _ => {}
        }
        if field.is_group {
            features.push("features.message_encoding = DELIMITED".to_owned());
        }
        (if field.label == ProtoLabel::Repeated { "repeated " } else { "" }, features)
    }

    fn enumeration(&self, out: &mut String, depth: usize, one: &ProtoEnum, syntax: &ProtoSyntax) {
        comment(out, depth, &one.description);
        put(out, depth, &format!("enum {} {{", one.name));
        if matches!(self.syntax, ProtoSyntax::Edition(_)) && *syntax == ProtoSyntax::Proto2 {
            put(out, depth + 1, "option features.enum_type = CLOSED;");
        }
        for (name, value) in one.options.iter().filter(|(name, _)| is_written(name)) {
            put(out, depth + 1, &format!("option {name} = {value};"));
        }
        for value in &one.values {
            comment(out, depth + 1, &value.description);
            let options: Vec<String> =
                value.options.iter().filter(|(name, _)| is_written(name)).map(|(name, value)| format!("{name} = {value}")).collect();
            let options = if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
            put(out, depth + 1, &format!("{} = {}{options};", value.name, value.number));
        }
        self.reserved(out, depth + 1, &one.reserved, &one.reserved_names);
        put(out, depth, "}");
    }
}

/// Types by the messages they stand in.
#[derive(Default)]
struct Space<'a> {
    types: Vec<&'a ProtoType>,
    inner: BTreeMap<String, Space<'a>>,
}

impl<'a> Space<'a> {
    fn add(&mut self, path: &[String], one: &'a ProtoType) {
        let mut space = self;
        for name in path {
            space = space.inner.entry(name.clone()).or_default();
        }
        space.types.push(one);
    }
}

fn inner(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// Whether an option stands in the file: others need an import, or steer generated code.
pub(super) fn is_written(name: &str) -> bool {
    let is_feature = name.starts_with("features.") && !name.contains('(');
    is_feature || matches!(name, "deprecated" | "json_name" | "default" | "packed" | "allow_alias")
}

fn put(out: &mut String, depth: usize, line: &str) {
    writeln!(out, "{}{line}", "  ".repeat(depth)).expect("a string takes all");
}

fn comment(out: &mut String, depth: usize, text: &str) {
    for line in text.lines() {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        put(out, depth, format!("// {line}").trim_end());
    }
}
