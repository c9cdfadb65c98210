//! A schema as it is judged: references followed, `allOf` merged, null taken out of alternatives, single alternatives merged.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::node::{Home, Part, home, resolve};
use super::types::Types;

/// How many pieces one schema is merged from at most.
const MAX_PARTS: usize = 4_096;

/// Keywords that say nothing about values.
pub const ANNOTATIONS: &[&str] = &[
    "title",
    "description",
    "summary",
    "example",
    "examples",
    "externalDocs",
    "deprecated",
    "$comment",
    "default",
    "readOnly",
    "writeOnly",
    "$anchor",
    "xml",
    "$defs",
    "definitions",
];

/// One of how many alternatives must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    OneOf,
    AnyOf,
}

impl Kind {
    fn keyword(self) -> &'static str {
        match self {
            Self::OneOf => "oneOf",
            Self::AnyOf => "anyOf",
        }
    }

    /// How it is called in rules.
    pub fn noun(self) -> &'static str {
        match self {
            Self::OneOf => "one-of",
            Self::AnyOf => "any-of",
        }
    }
}

/// Alternatives, null not among them.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    pub kind: Kind,
    pub alternatives: Vec<Part<'a>>,
    pub or_null: bool,
}

/// A branch of an `allOf` as it is written.
#[derive(Clone, Debug)]
pub struct Branch<'a> {
    pub part: Part<'a>,
    /// The name of the schema it refers to.
    pub name: Option<Rc<str>>,
}

/// A schema, merged.
#[derive(Clone, Debug, Default)]
pub struct Shape<'a> {
    /// The objects it is merged from.
    pub parts: Vec<Part<'a>>,
    /// The types that every part allows; none when no part says.
    pub types: Option<Types>,
    /// Alternatives that could not be merged.
    pub groups: Vec<Group<'a>>,
    /// The branches of `allOf`.
    pub branches: Vec<Branch<'a>>,
    /// References that lead nowhere.
    pub unknown: BTreeSet<String>,
    /// The named schemas it was reached through.
    pub homes: Vec<Rc<Home>>,
    /// It is made of more pieces than are looked at.
    pub is_too_much: bool,
    /// The keywords its parts have, one bit for several: most of what is asked for is not there.
    keywords: u64,
    seen: HashSet<usize>,
}

/// The bit of a keyword.
fn bit(keyword: &str) -> u64 {
    let bytes = keyword.as_bytes();
    let at = |index: usize| bytes.get(index).map_or(0, |byte| usize::from(*byte));
    let mixed = bytes.len() * 5 + at(0) * 3 + at(bytes.len() / 2) + at(bytes.len().saturating_sub(1)) * 7;
    1 << (mixed & 63)
}

impl<'a> Shape<'a> {
    /// Merges the pieces of a schema of one document.
    pub fn of(document: &'a Value, parts: &[Part<'a>]) -> Self {
        let mut shape = Self::default();
        let mut open: Vec<Part<'a>> = parts.iter().rev().cloned().collect();
        while let Some(part) = open.pop() {
            if shape.parts.len() > MAX_PARTS {
                shape.is_too_much = true;
                break;
            }
            if shape.seen.insert(part.key()) {
                let at = open.len();
                shape.add(document, &part, &mut open);
                open[at..].reverse();
            }
        }
        shape
    }

    /// One piece; what else it is made of comes into `open`.
    fn add(&mut self, document: &'a Value, part: &Part<'a>, open: &mut Vec<Part<'a>>) {
        let object = match part.value {
            Value::Bool(false) => return self.narrow(Types::NONE),
            Value::Object(object) => object,
            _ => return,
        };
        if let Some(reference) = object.get("$ref").and_then(Value::as_str).filter(|_| !part.flat) {
            self.follow(document, part, reference, open);
        }
        if let Some(types) = Types::of(part.value) {
            let null = part.or_null || object.get("nullable") == Some(&Value::Bool(true));
            self.narrow(if null { types.with(Types::NULL) } else { types });
        }
        self.keywords |= object.keys().fold(0, |bits, keyword| bits | bit(keyword));
        self.parts.push(part.clone());
        let branches = object.get("allOf").filter(|_| !part.flat);
        for branch in branches.and_then(Value::as_array).into_iter().flatten() {
            let name = branch.get("$ref").and_then(Value::as_str).and_then(home).map(|home| home.name.clone());
            let branch = Part { or_null: part.or_null, bare: part.bare, ..part.below(branch, "") };
            self.branches.push(Branch { part: branch.clone(), name });
            open.push(branch);
        }
        for kind in [Kind::OneOf, Kind::AnyOf] {
            self.add_group(part, kind, open);
        }
    }

    fn follow(&mut self, document: &'a Value, part: &Part<'a>, reference: &str, open: &mut Vec<Part<'a>>) {
        let Some(target) = resolve(document, reference) else {
            self.unknown.insert(reference.to_owned());
            return;
        };
        let home = home(reference);
        self.homes.extend(home.clone());
        open.push(Part { value: target, home, ..part.clone() });
    }

    /// Alternatives. Those that are nothing but types narrow the types, a single one is merged.
    fn add_group(&mut self, part: &Part<'a>, kind: Kind, open: &mut Vec<Part<'a>>) {
        let Some((alternatives, has_null)) = alternatives(part, kind) else { return };
        let or_null = part.or_null || has_null;
        if let Some(types) = bare_types(&alternatives) {
            return self.narrow(if or_null { types.with(Types::NULL) } else { types });
        }
        match &*alternatives {
            _ if part.bare => {}
            [only] => open.push(Part { or_null, ..only.clone() }),
            _ => self.groups.push(Group { kind, alternatives, or_null }),
        }
    }

    fn narrow(&mut self, types: Types) {
        self.types = Some(self.types.map_or(types, |known| known.and(types)));
    }

    /// Every value of a keyword, with the part it stands in.
    pub fn all<'s>(&'s self, keyword: &'s str) -> impl Iterator<Item = (&'s Part<'a>, &'a Value)> + 's {
        self.having(keyword).iter().filter_map(move |part| Some((part, part.value.get(keyword)?)))
    }

    /// The first value of a keyword.
    pub fn first(&self, keyword: &str) -> Option<&'a Value> {
        self.having(keyword).iter().find_map(|part| part.value.get(keyword))
    }

    /// The parts, unless none of them has a keyword.
    fn having(&self, keyword: &str) -> &[Part<'a>] {
        if self.keywords & bit(keyword) == 0 { &[] } else { &self.parts }
    }

    /// Whether a part says so.
    pub fn says(&self, keyword: &str) -> bool {
        self.all(keyword).any(|(_, value)| value == &Value::Bool(true))
    }

    /// The named schema of the first part that has a keyword.
    pub fn home_of(&self, keyword: &str) -> Option<Rc<Home>> {
        self.all(keyword).next().and_then(|(part, _)| part.home.clone())
    }

    /// The named schema of its first part that has one.
    pub fn home(&self) -> Option<Rc<Home>> {
        self.parts.iter().find_map(|part| part.home.clone())
    }

    /// Members of an object keyword (`properties`, `patternProperties`, …), those of one name together.
    pub fn members(&self, keyword: &'static str) -> BTreeMap<&'a str, Vec<Part<'a>>> {
        let mut members: BTreeMap<&str, Vec<Part<'a>>> = BTreeMap::new();
        for (part, value) in self.all(keyword) {
            for (name, value) in value.as_object().into_iter().flatten() {
                members.entry(name).or_default().push(part.below(value, &format!(".{name}")));
            }
        }
        members
    }

    /// A keyword that holds a schema: that schema in all parts that have it.
    pub fn below(&self, keyword: &str, step: &str) -> Vec<Part<'a>> {
        self.all(keyword).map(|(part, value)| part.below(value, step)).collect()
    }

    /// What must be there, each with the part that says so.
    pub fn required(&self) -> BTreeMap<&'a str, &Part<'a>> {
        let lists = self.all("required").filter_map(|(part, value)| Some((part, value.as_array()?)));
        lists
            .flat_map(|(part, names)| names.iter().filter_map(Value::as_str).filter(|name| !name.is_empty()).map(move |name| (name, part)))
            .collect()
    }

    /// The part that says that a member must be there; the last one that does.
    pub fn required_by(&self, member: &str) -> Option<&Part<'a>> {
        let says = |list: &Value| list.as_array().is_some_and(|names| names.iter().any(|name| name.as_str() == Some(member)));
        self.all("required").filter(|(_, list)| says(list)).last().map(|(part, _)| part)
    }

    /// Its parts without their alternatives, and those of one alternative.
    pub fn with(&self, alternative: Option<&Part<'a>>) -> Vec<Part<'a>> {
        let base = self.parts.iter().map(|part| Part { bare: true, flat: true, ..part.clone() });
        let mut parts: Vec<Part<'a>> = base.filter(says_something).collect();
        parts.extend(alternative.cloned());
        parts
    }
}

/// The alternatives of a part, null not among them, and whether it was.
fn alternatives<'a>(part: &Part<'a>, kind: Kind) -> Option<(Vec<Part<'a>>, bool)> {
    let list = part.value.get(kind.keyword()).and_then(Value::as_array).filter(|list| !list.is_empty())?;
    let rest = list.iter().filter(|alternative| !is_null(alternative)).map(|value| part.below(value, ""));
    let rest: Vec<Part<'a>> = rest.collect();
    let has_null = rest.len() < list.len();
    Some((rest, has_null))
}

/// Whether a part without its alternatives still says anything about values.
fn says_something(part: &Part<'_>) -> bool {
    let types = |kind| alternatives(part, kind).is_some_and(|(alternatives, _)| bare_types(&alternatives).is_some());
    let silent = |key: &str| match key {
        "oneOf" => !types(Kind::OneOf),
        "anyOf" => !types(Kind::AnyOf),
        "allOf" | "$ref" | "discriminator" => true,
        _ => is_annotation(key),
    };
    part.value.as_object().is_none_or(|object| object.keys().any(|key| !silent(key)))
}

/// Whether a keyword says nothing about values.
pub fn is_annotation(key: &str) -> bool {
    ANNOTATIONS.contains(&key) || key.starts_with("x-")
}

/// Whether a schema says nothing about values.
pub fn is_empty(schema: &Value) -> bool {
    match schema {
        Value::Bool(value) => *value,
        Value::Object(object) => object.keys().all(|key| is_annotation(key)),
        _ => true,
    }
}

fn is_null(schema: &Value) -> bool {
    let Some(object) = schema.as_object() else { return false };
    if object.keys().any(|key| !matches!(key.as_str(), "type" | "const" | "enum") && !is_annotation(key)) {
        return false;
    }
    let only = |value: &Value| value.as_array().is_some_and(|list| list.len() == 1);
    match (object.get("type"), object.get("const"), object.get("enum")) {
        (Some(Value::String(name)), _, _) => name == "null",
        (Some(list), _, _) => only(list) && list[0] == "null",
        (None, Some(value), _) => value.is_null(),
        (None, None, Some(list)) => only(list) && list[0].is_null(),
        (None, None, None) => false,
    }
}

/// The types of alternatives that say nothing but their type.
fn bare_types(alternatives: &[Part<'_>]) -> Option<Types> {
    let bare = |part: &Part<'_>| -> Option<Types> {
        let object = part.value.as_object()?;
        let plain = object.keys().all(|key| key == "type" || is_annotation(key));
        plain.then(|| Types::written(part.value)).flatten()
    };
    alternatives.iter().map(bare).try_fold(Types::NONE, |all, types| Some(all.with(types?)))
}
