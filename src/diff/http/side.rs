//! One of the two documents: what references mean, and its operations.

use serde_json::Value;

use super::document::spot::METHODS;
use crate::contract::path::shape_of;

/// References longer than this chain lead nowhere.
const LONGEST: usize = 32;

/// One of the two documents.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The document, in the words of 3.1.
    pub root: &'a Value,
}

/// What a value means once its references are followed.
#[derive(Clone, Copy)]
pub struct Meant<'a> {
    /// The value.
    pub value: &'a Value,
    /// The component it stands in: `parameters/limit`.
    pub shared: Option<&'a str>,
}

/// One method on a path.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    /// In lower case.
    pub method: &'a str,
    /// Its template.
    pub path: &'a str,
    /// What it promises.
    pub node: &'a Value,
    /// What all methods of the path have in common.
    pub item: &'a Value,
}

impl Operation<'_> {
    /// `POST /orders`.
    pub fn subject(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// The template without names.
    pub fn shape(&self) -> String {
        shape_of(self.path)
    }
}

impl<'a> Side<'a> {
    /// Of a document.
    pub fn new(root: &'a Value) -> Self {
        Self { root }
    }

    /// What a value means.
    pub fn meant(self, value: &'a Value) -> Meant<'a> {
        let mut meant = Meant { value, shared: None };
        for _ in 0..LONGEST {
            let Some(reference) = meant.value.get("$ref").and_then(Value::as_str) else { break };
            let Some(found) = reference.strip_prefix('#').and_then(|pointer| self.pointed(pointer)) else { break };
            meant = Meant { value: found, shared: reference.strip_prefix("#/components/") };
        }
        meant
    }

    fn pointed(self, pointer: &str) -> Option<&'a Value> {
        self.root.pointer(pointer).or_else(|| self.root.pointer(&pointer.replace("%7B", "{").replace("%7D", "}")))
    }

    /// A member of an object, with references followed; `None` when it is not there or null.
    pub fn member(self, value: &'a Value, key: &str) -> Option<Meant<'a>> {
        value.get(key).filter(|inner| !inner.is_null()).map(|inner| self.meant(inner))
    }

    /// The operations under `paths`, as they are written.
    pub fn operations(self) -> Vec<Operation<'a>> {
        let paths = members(self.root.get("paths"));
        paths.filter(|(path, _)| !path.starts_with("x-")).flat_map(|(path, item)| self.operations_of(path, item)).collect()
    }

    /// The operations of one path item.
    pub fn operations_of(self, path: &'a str, item: &'a Value) -> Vec<Operation<'a>> {
        let referred = self.meant(item).value;
        let items = if std::ptr::eq(referred, item) { vec![item] } else { vec![item, referred] };
        let mut operations: Vec<Operation<'a>> = Vec::new();
        for item in items {
            let plain = METHODS.iter().filter_map(|method| Some((*method, item.get(method)?)));
            let further = members(item.get("additionalOperations")).map(|(method, node)| (method.as_str(), node));
            for (method, node) in plain.chain(further) {
                if node.is_object() && !operations.iter().any(|known| known.method == method) {
                    operations.push(Operation { method, path, node, item });
                }
            }
        }
        operations
    }
}

/// The members of an object; none of anything else.
pub fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

/// A text member.
pub fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

/// Whether a member is `true`.
pub fn flag(value: &Value, key: &str) -> bool {
    value.get(key) == Some(&Value::Bool(true))
}
