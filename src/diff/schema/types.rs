//! Types and formats.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::Direction;
use super::judge::Judge;
use super::shape::{Shape, is_empty};

/// A set of types. Numbers are integers and those with a fraction, so that `integer` lies within `number`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types(u8);

impl Types {
    pub const NONE: Self = Self(0);
    pub const NULL: Self = Self(1);
    const BOOLEAN: Self = Self(2);
    const INTEGER: Self = Self(4);
    const FRACTION: Self = Self(8);
    const STRING: Self = Self(16);
    const ARRAY: Self = Self(32);
    const OBJECT: Self = Self(64);
    /// A type that the standard does not know.
    const OTHER: Self = Self(128);
    const NUMBER: Self = Self(4 | 8);
    const SCALAR: Self = Self(2 | 4 | 8);

    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn without_null(self) -> Self {
        Self(self.0 & !Self::NULL.0)
    }

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether only whole numbers are left.
    pub fn is_integer(self) -> bool {
        self.without_null() == Self::INTEGER
    }

    fn is_only(self, other: Self) -> bool {
        self != Self::NONE && self.is_within(other)
    }

    fn named(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => Self::OTHER,
        }
    }

    /// The types of its `type`.
    pub fn written(schema: &Value) -> Option<Self> {
        match schema.get("type")? {
            Value::String(name) => Some(Self::named(name)),
            Value::Array(names) => {
                let names = names.iter().filter_map(Value::as_str).map(Self::named);
                Some(names.fold(Self::NONE, Self::with))
            }
            _ => None,
        }
    }

    /// The types of its `type`, or of the values it lists.
    pub fn of(schema: &Value) -> Option<Self> {
        let of_value = |value: &Value| match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if number.is_f64() => Self::FRACTION,
            Value::Number(_) => Self::INTEGER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        };
        Self::written(schema).or_else(|| match (schema.get("const"), schema.get("enum")) {
            (Some(value), _) => Some(of_value(value)),
            (None, Some(Value::Array(values))) => Some(values.iter().map(of_value).fold(Self::NONE, Self::with)),
            _ => None,
        })
    }

    /// A schema for each type but null.
    pub fn each(self) -> impl Iterator<Item = &'static Value> {
        static EACH: LazyLock<Vec<(Types, Value)>> = LazyLock::new(|| {
            let names = ["string", "number", "integer", "boolean", "array", "object"];
            names.into_iter().map(|name| (Types::named(name), json!({"type": name}))).collect()
        });
        let narrower = move |types: Types| types == Self::INTEGER && self.has(Self::FRACTION);
        let held = move |types: Types| types.is_within(self) && !narrower(types);
        EACH.iter().filter(move |(types, _)| held(*types)).map(|(_, schema)| schema)
    }

    fn text(self) -> String {
        let mut names = Vec::new();
        if self.has(Self::FRACTION) {
            names.push("number");
        } else if self.has(Self::INTEGER) {
            names.push("integer");
        }
        let rest = [("string", Self::STRING), ("boolean", Self::BOOLEAN), ("array", Self::ARRAY), ("object", Self::OBJECT)];
        names.extend(rest.iter().filter(|(_, types)| self.has(*types)).map(|(name, _)| *name));
        names.extend(self.has(Self::OTHER).then_some("other"));
        names.extend(self.has(Self::NULL).then_some("null"));
        names.join(" | ")
    }
}

/// What kind of value a schema describes, in a few words.
pub fn brief(shape: &Shape<'_>) -> Value {
    shape.homes.first().map_or_else(|| kind_text(shape), |home| Value::String(home.text("")))
}

/// Its types and format, without names.
fn kind_text(shape: &Shape<'_>) -> Value {
    let types = match shape.types {
        None => "any".to_owned(),
        Some(Types::NONE) => "nothing".to_owned(),
        Some(types) => types.text(),
    };
    Value::String(match format(shape) {
        Some(format) => format!("{types} ({format})"),
        None => types,
    })
}

/// Its format; one that only asks for another way to type it in is none.
fn format<'a>(shape: &Shape<'a>) -> Option<&'a str> {
    shape.first("format").and_then(Value::as_str).filter(|format| !matches!(*format, "password" | "textarea" | "markdown"))
}

/// Whether the values of one format are values of another one.
fn format_is_within(one: &str, other: &str) -> bool {
    let place = |ladder: &[&str], format: &str| ladder.iter().position(|name| *name == format);
    let ladders: [&[&str]; 5] = [
        &["int8", "int16", "int32", "int64", "bigint"],
        &["uint8", "uint16", "uint32", "uint64", "bigint"],
        &["float", "double"],
        &["email", "idn-email"],
        &["uuid", "uri", "uri-reference", "iri-reference"],
    ];
    let up = ladders.iter().any(|ladder| matches!((place(ladder, one), place(ladder, other)), (Some(low), Some(high)) if low <= high));
    let ascii = matches!((one, other), ("hostname", "idn-hostname") | ("uri", "iri") | ("uri-reference", "iri-reference"));
    (up && !matches!(one, "uuid")) || ascii
}

fn is_numeric(format: &str) -> bool {
    format.contains("int") || matches!(format, "float" | "double" | "decimal")
}

impl<'a> Judge<'_, 'a> {
    /// Types, formats and null. True when nothing else can be compared, because the values are of other kinds now.
    pub fn types(&mut self) -> bool {
        let (Some(before), Some(after)) = (self.before.types, self.after.types) else { return self.untyped() };
        let (before, after) = self.null(before, after);
        if before == after {
            self.formats();
            self.spelling();
            return false;
        }
        let widened = before.is_within(after);
        if widened || after.is_within(before) {
            let added =
                format(&self.after).filter(|new| widened && before != Types::NONE && !is_numeric(new) && format(&self.before) != Some(new));
            self.tell_types(if added.is_some() {
                "type-changed"
            } else if widened {
                "type-widened"
            } else {
                "type-narrowed"
            });
            return false;
        }
        let widened = self.frame.place.is_text().then(|| self.text_types(before, after)).flatten();
        if let Some(widened) = widened {
            self.tell_types(if widened { "type-widened" } else { "type-narrowed" });
            return true;
        }
        self.tell_types("type-changed");
        !before.has(after)
    }

    /// One side does not say its type.
    fn untyped(&mut self) -> bool {
        let listed = |shape: &Shape<'_>| {
            shape.first("type").is_none()
                && shape.types != Some(Types::NULL)
                && (shape.first("enum").is_some() || shape.first("const").is_some())
        };
        match (self.before.types, self.after.types) {
            (None, Some(Types::NONE)) => self.tell_types("type-narrowed"),
            (None, Some(_)) if !listed(&self.after) => self.tell_types("type-narrowed"),
            (Some(_), None) if !listed(&self.before) => self.tell_types("type-widened"),
            (None, None) => {
                self.untyped_null();
                self.formats();
            }
            _ => {}
        }
        self.after.types == Some(Types::NONE) || self.before.types == Some(Types::NONE)
    }

    fn tell_types(&mut self, rule: &str) {
        let spot = self.spot("type");
        let (before, after) = (kind_text(&self.before), kind_text(&self.after));
        self.tell(rule, spot, Some(before), Some(after));
    }

    /// Schemas that say more than nothing but no type are meant for values other than null.
    fn untyped_null(&mut self) {
        let or_null = |shape: &Shape<'_>| shape.parts.iter().any(|part| part.or_null);
        let empty = |shape: &Shape<'_>| shape.parts.iter().all(|part| is_empty(part.value));
        let (was, is) = (or_null(&self.before), or_null(&self.after));
        if was != is && !self.frame.no_null && !empty(&self.before) && !empty(&self.after) {
            let spot = self.spot("type");
            self.tell(if is { "became-nullable" } else { "became-not-nullable" }, spot, None, None);
        }
    }

    /// Null, and the types that are left to compare. Where one side is nothing but null, it is a type like others.
    fn null(&mut self, before: Types, after: Types) -> (Types, Types) {
        if before == Types::NULL || after == Types::NULL {
            return (before, after);
        }
        let (was, is) = (before.has(Types::NULL) && self.before.lists_null(), after.has(Types::NULL) && self.after.lists_null());
        if was != is && !self.frame.no_null {
            let spot = self.spot("type");
            let values = (Some(kind_text(&self.before)), Some(kind_text(&self.after)));
            self.tell(if is { "became-nullable" } else { "became-not-nullable" }, spot, values.0, values.1);
        }
        (before.without_null(), after.without_null())
    }

    fn formats(&mut self) {
        let rule = match (format(&self.before), format(&self.after)) {
            (None, Some(_)) => "format-added",
            (Some(_), None) => "format-removed",
            (Some(before), Some(after)) if before != after => {
                if format_is_within(before, after) {
                    "type-widened"
                } else if format_is_within(after, before) {
                    "type-narrowed"
                } else {
                    "type-changed"
                }
            }
            _ => return,
        };
        let spot = self.spot("format");
        let text = |shape: &Shape<'_>| format(shape).map(|format| Value::String(format.to_owned()));
        let (before, after) = match rule {
            "format-added" | "format-removed" => (text(&self.before), text(&self.after)),
            _ => (Some(kind_text(&self.before)), Some(kind_text(&self.after))),
        };
        self.tell(rule, spot, before, after);
    }

    /// The same values, written with other names: `[integer, number]` is `number`.
    fn spelling(&mut self) {
        let names = |shape: &Shape<'a>| -> Option<Vec<&'a str>> {
            let mut names: Vec<&str> = match shape.first("type")? {
                Value::String(name) => vec![name],
                Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                _ => return None,
            };
            names.retain(|name| *name != "null");
            names.sort_unstable();
            names.dedup();
            Some(names)
        };
        let (Some(before), Some(after)) = (names(&self.before), names(&self.after)) else { return };
        let number = |names: &[&str]| names.contains(&"integer") && names.contains(&"number");
        if before != after && number(&before) != number(&after) {
            let spot = self.spot("type");
            let list = |names: Vec<&str>| Some(Value::from(names));
            self.tell("type-equivalent", spot, list(before), list(after));
        }
    }

    /// Where values travel as text: every number is a text, and one value is a list of one. Whether it widened, if it did
    /// either.
    fn text_types(&mut self, before: Types, after: Types) -> Option<bool> {
        let free = |shape: &Shape<'_>| {
            ["pattern", "format", "enum", "const", "maxLength", "minLength"].iter().all(|key| shape.first(key).is_none())
        };
        if before.is_only(Types::SCALAR) && after == Types::STRING && free(&self.after) {
            return Some(true);
        }
        if before == Types::STRING && after.is_only(Types::SCALAR) && free(&self.before) {
            return Some(false);
        }
        let scalar = Types::SCALAR.with(Types::STRING);
        let repeats = self.frame.place != super::Place::Text && self.frame.direction == Direction::Input;
        if after == Types::ARRAY && before.is_only(scalar) && repeats && self.fits_list() {
            return Some(true);
        }
        None
    }

    /// Whether a list of one value of before satisfies what is there now.
    fn fits_list(&mut self) -> bool {
        let needs_more = |keyword: &str| self.after.first(keyword).and_then(Value::as_u64).is_some_and(|least| least > 1);
        let strange = ["contains", "prefixItems", "enum", "const"].iter().any(|keyword| self.after.first(keyword).is_some());
        if needs_more("minItems") || strange {
            return false;
        }
        let items = self.after.below("items", "[]");
        let before = self.before.parts.clone();
        items.is_empty() || self.is_harmless(before, items)
    }
}

impl Shape<'_> {
    /// Whether null is among the listed values, where values are listed.
    pub fn lists_null(&self) -> bool {
        self.parts.iter().all(|part| {
            let listed = match (part.value.get("const"), part.value.get("enum")) {
                (Some(value), _) => value.is_null(),
                (None, Some(Value::Array(values))) => values.iter().any(Value::is_null),
                _ => return true,
            };
            listed || part.or_null
        })
    }
}
