//! Values without what people read in them: wording on one side, what is meant on the other.

use serde_json::{Map, Value};

use super::refs::resolved;

/// Members that only people read.
const WORDING: &[&str] = &["title", "summary", "description", "tags", "externalDocs", "examples"];
/// Members of `info` that only people read.
const OF_INFO: &[&str] = &["version", "termsOfService", "contact", "license"];
/// Deeper values are not looked at.
const DEEPEST: usize = 60;
/// So many values are looked at.
const MOST: usize = 20_000;

/// What people read in an object.
pub fn wording(root: &Value, value: &Value) -> Map<String, Value> {
    let members = value.as_object().into_iter().flatten();
    members.filter(|(key, _)| WORDING.contains(&key.as_str())).map(|(key, value)| (key.clone(), without_refs(root, value, 0))).collect()
}

/// What people read in `info`; the version of a document that was derived is not written by anybody.
pub fn wording_of_info(root: &Value, info: &Value, is_derived: bool) -> Map<String, Value> {
    let mut said = wording(root, info);
    if !is_derived {
        let further = info.as_object().into_iter().flatten().filter(|(key, _)| OF_INFO.contains(&key.as_str()));
        said.extend(further.map(|(key, value)| (key.clone(), value.clone())));
    }
    said
}

/// A value with its references followed and without wording, extensions and versions of bindings: equal when two are meant the
/// same. Lists are sorted.
pub fn meant(root: &Value, value: &Value) -> Value {
    Plain { root, left: MOST }.of(value, Names::Keywords, 0)
}

/// What the keys of an object are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Keywords,
    Data,
}

struct Plain<'a> {
    root: &'a Value,
    /// How many values may still be looked at: references may lead far.
    left: usize,
}

impl Plain<'_> {
    fn of(&mut self, value: &Value, names: Names, depth: usize) -> Value {
        if depth > DEEPEST || self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        match resolved(self.root, value) {
            Value::Object(members) => {
                let mut plain = Map::new();
                for (key, value) in members {
                    let is_read = WORDING.contains(&key.as_str()) || key.starts_with("x-") || key == "bindingVersion";
                    if names == Names::Data || !is_read {
                        let below = if key == "properties" { Names::Data } else { Names::Keywords };
                        plain.insert(key.clone(), self.of(value, below, depth + 1));
                    }
                }
                plain.sort_keys();
                Value::Object(plain)
            }
            Value::Array(items) => {
                let mut plain: Vec<Value> = items.iter().map(|item| self.of(item, Names::Keywords, depth + 1)).collect();
                plain.sort_by_cached_key(Value::to_string);
                Value::Array(plain)
            }
            // A reference to elsewhere is told by its text.
            Value::Null if value.get("$ref").is_some() => value.clone(),
            other => other.clone(),
        }
    }
}

fn without_refs(root: &Value, value: &Value, depth: usize) -> Value {
    if depth > 3 {
        return value.clone();
    }
    match resolved(root, value) {
        Value::Array(items) => Value::Array(items.iter().map(|item| without_refs(root, item, depth + 1)).collect()),
        other => other.clone(),
    }
}

/// The members of two objects that differ: what they were and what they are.
pub fn differing(before: &Map<String, Value>, after: &Map<String, Value>) -> Option<(Value, Value)> {
    let pick = |of: &Map<String, Value>, other: &Map<String, Value>| -> Map<String, Value> {
        of.iter().filter(|(key, value)| other.get(*key) != Some(value)).map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let (left, right) = (pick(before, after), pick(after, before));
    (!left.is_empty() || !right.is_empty()).then_some((Value::Object(left), Value::Object(right)))
}
