//! One field on both sides.

use super::enums::number_of;
use super::features::{Features, Set, differ};
use super::ranges::number;
use super::told::Told;
use super::view::{Cardinality, Side, Type};
use crate::contract::model::grpc::{ProtoField, ProtoLabel};

/// Options that are compared as they are written; features and checks are too.
const PLAIN: &[(&str, &str)] = &[("jstype", "JS_NORMAL"), ("packed", ""), ("lazy", "false"), ("weak", "false")];

/// A field or extension on both sides.
pub(super) struct Pair<'p, 'a> {
    /// The message, or the extension itself.
    pub subject: &'p str,
    /// The earlier side's file.
    pub file: &'p str,
    pub before: &'p ProtoField,
    pub after: &'p ProtoField,
    /// What holds around it.
    pub features: (Features<'a>, Features<'a>),
    pub is_extension: bool,
    /// The syntax of its file changed, which is told by itself.
    pub is_syntax_changed: bool,
    /// That its alternatives are others is told elsewhere.
    pub keeps_oneof: bool,
}

/// Compares all but name and number.
pub(super) fn compare(told: &mut Told, pair: &Pair) {
    let (before, after) = (pair.before, pair.after);
    let at = (pair.subject, if pair.is_extension { "" } else { after.name.as_str() });
    let features = (pair.features.0.over(&before.options), pair.features.1.over(&after.options));
    let types = (told.before.type_of(before, features.0), told.after.type_of(after, features.1));
    let is_oneof_changed = before.oneof != after.oneof;
    if is_oneof_changed && !pair.keeps_oneof {
        told.add("proto-field-oneof-changed", at, before.oneof.clone(), after.oneof.clone());
    }
    let cardinalities = (
        told.before.cardinality(before, types.0, features.0, pair.is_extension),
        told.after.cardinality(after, types.1, features.1, pair.is_extension),
    );
    let is_unknown = [types.0, types.1].iter().any(|ty| matches!(ty, Type::Unknown(_)));
    let is_told = is_oneof_changed || (is_unknown && before.label == after.label);
    cardinality(told, pair, at, cardinalities, is_told, (features.0.presence, features.1.presence));
    let is_map = (cardinalities.0 == Cardinality::Map, cardinalities.1 == Cardinality::Map);
    let is_type_changed = is_map.0 == is_map.1 && type_changed(told, pair, at, types);
    if before.name == after.name && json_name(before) != json_name(after) {
        told.add("proto-field-json-name-changed", at, Some(json_name(before)), Some(json_name(after)));
    }
    if !is_type_changed {
        default(told, at, pair, (types.0, cardinalities.0), (types.1, cardinalities.1));
    }
    options(told, pair, at, features, types);
    let is_deprecated = |field: &ProtoField| field.options.get("deprecated").is_some_and(|value| value == "true");
    if is_deprecated(after) && !is_deprecated(before) {
        told.add("proto-field-deprecated", at, None, Some("deprecated".to_owned()));
    }
}

fn cardinality(
    told: &mut Told,
    pair: &Pair,
    at: (&str, &str),
    (before, after): (Cardinality, Cardinality),
    is_presence_told: bool,
    presence: (Set, Set),
) {
    let is_same_label = pair.before.label == pair.after.label;
    // What an edition's or syntax' own default brings is told with the file; alternatives always have presence.
    let is_by_syntax = is_same_label && !differ(presence.0, presence.1, pair.is_syntax_changed);
    let is_told = before.is_single() && after.is_single() && (is_presence_told || (is_by_syntax && pair.is_syntax_changed));
    if before == after || is_told {
        return;
    }
    let is_required = [before, after].contains(&Cardinality::Required);
    let rule = if is_required { "proto-required-field-changed" } else { "proto-field-cardinality-changed" };
    told.add(rule, at, Some(before.word().to_owned()), Some(after.word().to_owned()));
}

/// Tells a change of the type; whether there is one.
fn type_changed(told: &mut Told, pair: &Pair, at: (&str, &str), (before, after): (Type, Type)) -> bool {
    let mapped = match before {
        Type::Scalar(_) => String::new(),
        Type::Enum(name) | Type::Message(name) | Type::Group(name) | Type::Unknown(name) => told.renamed(name, pair.file),
    };
    let value = reads(told, before, after, &mapped);
    let keys = (pair.before.map_key.as_deref(), pair.after.map_key.as_deref());
    let key = match keys {
        (Some(one), Some(other)) => reads(told, Type::Scalar(one), Type::Scalar(other), ""),
        _ => Reads::Same,
    };
    let rule = match value.max(key) {
        Reads::Same => return false,
        Reads::Alike => "proto-field-type-wire-compatible",
        Reads::Else => "proto-field-type-changed",
    };
    told.add(rule, at, Some(type_said(pair.before)), Some(type_said(pair.after)));
    true
}

/// How the bytes of one type are read as another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reads {
    /// It is the same type.
    Same,
    /// The same values come out.
    Alike,
    /// Others do, or not for all values.
    Else,
}

fn reads(told: &Told, before: Type, after: Type, mapped: &str) -> Reads {
    let alike = |is: bool| if is { Reads::Alike } else { Reads::Else };
    match (before, after) {
        (Type::Scalar(one), Type::Scalar(other)) if one == other => Reads::Same,
        (Type::Scalar(one), Type::Scalar(other)) => alike(holds(other, one)),
        (Type::Message(_), Type::Message(name)) | (Type::Group(_), Type::Group(name)) | (Type::Enum(_), Type::Enum(name))
            if name == mapped =>
        {
            Reads::Same
        }
        // Of what is declared elsewhere only the name is known.
        (Type::Unknown(_), Type::Unknown(name) | Type::Enum(name) | Type::Message(name)) if name == mapped => Reads::Same,
        (Type::Enum(_) | Type::Message(_), Type::Unknown(name)) if name == mapped => Reads::Same,
        (Type::Enum(was), Type::Enum(is)) => alike(is_superset(told.before, was, told.after, is)),
        (Type::Enum(_), Type::Scalar(other)) => alike(matches!(other, "int32" | "int64" | "uint32" | "uint64")),
        _ => Reads::Else,
    }
}

/// Whether each value of one scalar type is the same number, or the same text, when its bytes are read as the other.
fn holds(after: &str, before: &str) -> bool {
    let wider: &[&str] = match before {
        "bool" => &["int32", "int64", "uint32", "uint64"],
        "int32" => &["int64", "uint32", "uint64"],
        "uint32" => &["int32", "int64", "uint64"],
        "int64" => &["uint64"],
        "uint64" => &["int64"],
        "sint32" => &["sint64"],
        "fixed32" => &["sfixed32"],
        "sfixed32" => &["fixed32"],
        "fixed64" => &["sfixed64"],
        "sfixed64" => &["fixed64"],
        "string" => &["bytes"],
        _ => &[],
    };
    wider.contains(&after)
}

/// Whether an enum has all values of another.
fn is_superset(before: &Side, was: &str, after: &Side, is: &str) -> bool {
    let (Some(was), Some(is)) = (before.enumeration(was), after.enumeration(is)) else { return false };
    was.values.iter().all(|value| is.values.iter().any(|other| other.name == value.name && number_of(other) == number_of(value)))
}

/// The name in JSON: as it is said, else the name in camel case.
fn json_name(field: &ProtoField) -> String {
    if let Some(said) = field.options.get("json_name") {
        return said.trim_matches(['"', '\'']).to_owned();
    }
    let mut name = String::with_capacity(field.name.len());
    let mut is_next = false;
    for c in field.name.chars() {
        if c == '_' {
            is_next = true;
        } else {
            name.push(if is_next { c.to_ascii_uppercase() } else { c });
            is_next = false;
        }
    }
    name
}

/// What an absent value stands for. Without presence there is nothing to say, nor for messages and lists.
fn default(told: &mut Told, at: (&str, &str), pair: &Pair, before: (Type, Cardinality), after: (Type, Cardinality)) {
    let value = |side: &Side, field: &ProtoField, (ty, cardinality): (Type, Cardinality)| {
        let has_one = matches!(cardinality, Cardinality::Explicit | Cardinality::Required | Cardinality::Implicit);
        has_one.then(|| default_of(side, field, ty)).flatten()
    };
    let (was, is) = (value(told.before, pair.before, before), value(told.after, pair.after, after));
    if let (Some(was), Some(is)) = (was, is)
        && was != is
    {
        let text = |field: &ProtoField| field.options.get("default").cloned();
        told.add("proto-field-default-changed", at, text(pair.before), text(pair.after));
    }
}

/// The default in one way of writing it.
fn default_of(side: &Side, field: &ProtoField, ty: Type) -> Option<String> {
    let said = field.options.get("default").map(String::as_str);
    match ty {
        Type::Message(_) | Type::Group(_) => None,
        Type::Unknown(_) => Some(said.unwrap_or_default().to_owned()),
        Type::Scalar("string" | "bytes") => Some(bytes_said(said.unwrap_or_default())),
        Type::Scalar("bool") => Some(said.unwrap_or("false").to_owned()),
        Type::Scalar("float" | "double") => {
            let number = said.unwrap_or("0").replace(' ', "");
            Some(number.parse::<f64>().map_or(number, |number| number.to_string()))
        }
        Type::Scalar(_) => {
            let said = said.unwrap_or("0");
            Some(number(said).map_or_else(|| said.to_owned(), |number| number.to_string()))
        }
        Type::Enum(name) => {
            let Some(one) = side.enumeration(name) else { return Some(said.unwrap_or_default().to_owned()) };
            let value = said.map_or_else(|| one.values.first(), |said| one.values.iter().find(|value| value.name == said));
            Some(value.map_or_else(|| said.unwrap_or_default().to_owned(), |value| number_of(value).to_string()))
        }
    }
}

/// What a literal holds, byte by byte, so that one text is the same however it is escaped.
fn bytes_said(literal: &str) -> String {
    let mut chars = literal.trim_matches(['"', '\'']).chars().peekable();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let Some(escape) = chars.next() else { break };
        let (radix, most, mut digits) = match escape {
            'x' | 'X' => (16, 2, String::new()),
            '0'..='7' => (8, 2, escape.to_string()),
            other => {
                out.push(match other {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    other => other,
                });
                continue;
            }
        };
        for _ in 0..most {
            digits.extend(chars.next_if(|c| c.is_digit(radix)));
        }
        out.extend(u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32));
    }
    out
}

/// Options that steer generated code, or say more of what a field may hold.
fn options(told: &mut Told, pair: &Pair, at: (&str, &str), features: (Features, Features), types: (Type, Type)) {
    let rule = "proto-field-option-changed";
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    for (name, default) in PLAIN {
        let value = |field: &ProtoField| field.options.get(*name).map_or(*default, String::as_str).to_owned();
        let (was, is) = (value(pair.before), value(pair.after));
        if was != is {
            told.add(rule, (at.0, &joined(at.1, name)), text(&was), text(&is));
        }
    }
    let checks = |field: &ProtoField| -> Vec<String> {
        field.options.iter().filter(|(name, _)| name.starts_with('(')).map(|(name, value)| format!("{name} = {value}")).collect()
    };
    let (was, is) = (checks(pair.before), checks(pair.after));
    if was != is {
        told.add(rule, (at.0, &joined(at.1, "checks")), text(&was.join(", ")), text(&is.join(", ")));
    }
    let is_text = |ty: Type, field: &ProtoField| matches!(ty, Type::Scalar("string")) || field.map_key.as_deref() == Some("string");
    let is_bytes = |ty: Type| matches!(ty, Type::Scalar("string" | "bytes"));
    let mut settings: Vec<(&str, Set, Set)> = Vec::new();
    if is_text(types.0, pair.before) && is_text(types.1, pair.after) {
        settings.push(("utf8_validation", features.0.utf8, features.1.utf8));
        settings.push(("java utf8_validation", features.0.java_utf8, features.1.java_utf8));
    }
    if is_bytes(types.0) && is_bytes(types.1) && pair.before.map_key.is_none() && pair.after.map_key.is_none() {
        settings.push(("string_type", string_type(pair.before, features.0), string_type(pair.after, features.1)));
    }
    for (name, was, is) in settings.into_iter().filter(|(_, was, is)| differ(*was, *is, pair.is_syntax_changed)) {
        told.add(rule, (at.0, &joined(at.1, name)), text(was.value), text(is.value));
    }
}

/// `ctype` of older syntaxes says the same as a feature of editions.
fn string_type<'f>(field: &'f ProtoField, features: Features<'f>) -> Set<'f> {
    let is_own = field.options.contains_key("features.(pb.cpp).string_type");
    match field.options.get("ctype").filter(|_| !is_own) {
        Some(value) => Set { value, is_said: true },
        None => features.cpp_string,
    }
}

fn joined(part: &str, option: &str) -> String {
    if part.is_empty() { option.to_owned() } else { format!("{part} [{option}]") }
}

fn type_said(field: &ProtoField) -> String {
    let ty = field.ty.trim_start_matches('.');
    field.map_key.as_ref().map_or_else(|| ty.to_owned(), |key| format!("map<{key}, {ty}>"))
}

/// A field as it is written.
pub(super) fn said(field: &ProtoField) -> String {
    let label = match field.label {
        ProtoLabel::None => "",
        ProtoLabel::Optional => "optional ",
        ProtoLabel::Required => "required ",
        ProtoLabel::Repeated => "repeated ",
    };
    format!("{label}{} {} = {}", type_said(field), field.name, field.number)
}
