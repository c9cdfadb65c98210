//! A structured document (YAML, JSON, TOML) as a tree whose scalars keep the text as it was written: `3.10` stays `3.10`.
//!
//! Knows nothing of what its keys mean.

use crate::base::Name;

/// A node of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// The tag without its exclamation mark: `Ref` of `!Ref x`. Empty when it has none.
    pub tag: Name,
    /// 1-based line, 0 when unknown.
    pub line: u32,
    /// What it holds.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing: an empty value, `null`, `~`.
    #[default]
    Null,
    /// A scalar written without quotes: a number, a boolean, a plain text.
    Plain(String),
    /// A scalar that can only be text.
    Quoted(String),
    /// A list.
    List(Vec<Node>),
    /// Entries in the order of the document; a key stands once.
    Map(Vec<(Name, Node)>),
}

impl Node {
    /// A node without a tag.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self { value, ..Self::default() }
    }

    /// The value of a key, when this is a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The node that a path of keys leads to.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Plain(text) | Value::Quoted(text) => Some(text),
            _ => None,
        }
    }

    /// The text of the scalar under a key.
    #[must_use]
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The text of the scalar at a path of keys.
    #[must_use]
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.text()
    }

    /// The items of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The items of the list at a path of keys.
    #[must_use]
    pub fn items_at(&self, path: &[&str]) -> &[Self] {
        self.at(path).map_or(&[], Self::items)
    }

    /// The items of a list, or the node itself when it is a scalar or map: many formats let one stand for many.
    #[must_use]
    pub fn one_or_many(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The entries of a map; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[(Name, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The entries of the map at a path of keys.
    #[must_use]
    pub fn entries_at(&self, path: &[&str]) -> &[(Name, Self)] {
        self.at(path).map_or(&[], Self::entries)
    }

    /// The scalar texts of a list, or of the node itself.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.one_or_many().iter().filter_map(Self::text)
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// Whether this is a plain `true`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        matches!(&self.value, Value::Plain(text) if text.eq_ignore_ascii_case("true"))
    }

    /// Lays another node over this one: maps entry by entry, everything else as a whole.
    pub fn overlay(&mut self, over: &Self) {
        match (&mut self.value, &over.value) {
            (Value::Map(own), Value::Map(others)) => {
                for (key, node) in others {
                    match own.iter_mut().find(|(name, _)| name == key) {
                        Some((_, known)) => known.overlay(node),
                        None => own.push((key.clone(), node.clone())),
                    }
                }
            }
            (_, Value::Null) => {}
            _ => *self = over.clone(),
        }
    }
}
