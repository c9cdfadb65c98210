//! What holds for a field, message or enum when nothing is said at it: by syntax, or by the features of an edition.

use std::collections::BTreeMap;

use crate::contract::model::grpc::ProtoSyntax;

/// Options by name.
pub(super) type Options = BTreeMap<String, String>;

/// One setting, and whether something says it or the syntax alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Set<'a> {
    pub value: &'a str,
    pub is_said: bool,
}

impl<'a> Set<'a> {
    fn of(value: &'a str) -> Self {
        Self { value, is_said: false }
    }

    fn over(self, options: &'a Options, name: &str) -> Self {
        options.get(name).map_or(self, |value| Self { value, is_said: true })
    }
}

/// All settings at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Features<'a> {
    /// `EXPLICIT`, `IMPLICIT`, `LEGACY_REQUIRED`.
    pub presence: Set<'a>,
    /// `OPEN`, `CLOSED`.
    pub enum_type: Set<'a>,
    /// `LENGTH_PREFIXED`, `DELIMITED`.
    pub encoding: Set<'a>,
    /// `ALLOW`, `LEGACY_BEST_EFFORT`.
    pub json: Set<'a>,
    /// `VERIFY`, `NONE`.
    pub utf8: Set<'a>,
    /// `STRING`, `CORD`, `VIEW`.
    pub cpp_string: Set<'a>,
    /// `DEFAULT`, `VERIFY`.
    pub java_utf8: Set<'a>,
}

impl<'a> Features<'a> {
    /// Of a file.
    pub fn of_file(syntax: Option<&ProtoSyntax>, options: Option<&'a Options>) -> Self {
        let is = |one: &ProtoSyntax| syntax == Some(one);
        let pick = |proto2, proto3, edition| {
            Set::of(if is(&ProtoSyntax::Proto2) {
                proto2
            } else if is(&ProtoSyntax::Proto3) {
                proto3
            } else {
                edition
            })
        };
        let base = Self {
            presence: pick("EXPLICIT", "IMPLICIT", "EXPLICIT"),
            enum_type: pick("CLOSED", "OPEN", "OPEN"),
            encoding: Set::of("LENGTH_PREFIXED"),
            json: pick("LEGACY_BEST_EFFORT", "ALLOW", "ALLOW"),
            utf8: pick("NONE", "VERIFY", "VERIFY"),
            cpp_string: Set::of("STRING"),
            java_utf8: Set::of("DEFAULT"),
        };
        let Some(options) = options else { return base };
        let java = match options.get("java_string_check_utf8").map(String::as_str) {
            Some("true") => Set { value: "VERIFY", is_said: true },
            _ => base.java_utf8,
        };
        Self { java_utf8: java, ..base }.over(options)
    }

    /// Of something inside that says more.
    pub fn over(self, options: &'a Options) -> Self {
        let over = |set: Set<'a>, name: &str| set.over(options, &format!("features.{name}"));
        if !options.keys().any(|name| name.starts_with("features.")) {
            return self;
        }
        Self {
            presence: over(self.presence, "field_presence"),
            enum_type: over(self.enum_type, "enum_type"),
            encoding: over(self.encoding, "message_encoding"),
            json: over(self.json, "json_format"),
            utf8: over(self.utf8, "utf8_validation"),
            cpp_string: over(self.cpp_string, "(pb.cpp).string_type"),
            java_utf8: over(self.java_utf8, "(pb.java).utf8_validation"),
        }
    }
}

/// Whether two settings differ, and not merely since the syntax of their file does, which is told by itself.
pub(super) fn differ(before: Set, after: Set, is_syntax_changed: bool) -> bool {
    before.value != after.value && (!is_syntax_changed || before.is_said || after.is_said)
}
