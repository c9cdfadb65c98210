//! Types of an Avro schema, and the names they are known by.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Deeper schemas name nothing.
const DEEPEST: usize = 100;

/// The named types of a schema.
pub struct Names<'a> {
    types: BTreeMap<String, Node<'a>>,
}

/// A type (or a field) and the namespace around it.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    /// As it is written.
    pub value: &'a Value,
    space: &'a str,
}

/// What a type is.
pub enum Kind<'a> {
    /// Fields.
    Record,
    /// Symbols.
    Enum,
    /// Bytes of a fixed number.
    Fixed,
    /// A list.
    Array,
    /// Values by text.
    Map,
    /// One of several.
    Union(&'a [Value]),
    /// Anything with a name alone.
    Plain(&'a str),
    /// Nothing that Avro knows.
    Unknown,
}

impl<'a> Names<'a> {
    /// Of a whole schema.
    pub fn of(schema: &'a Value) -> Self {
        let mut names = Self { types: BTreeMap::new() };
        names.collect(Node::top(schema), 0);
        names
    }

    fn collect(&mut self, node: Node<'a>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match node.kind() {
            Kind::Union(branches) => branches.iter().for_each(|branch| self.collect(node.inner(branch), depth + 1)),
            Kind::Record | Kind::Enum | Kind::Fixed => {
                self.types.insert(node.full_name(), node);
                for field in node.fields() {
                    if let Some(kind) = field.value.get("type") {
                        self.collect(field.inner(kind), depth + 1);
                    }
                }
            }
            Kind::Array | Kind::Map => {
                let below = node.value.get("items").or_else(|| node.value.get("values"));
                below.into_iter().for_each(|below| self.collect(node.inner(below), depth + 1));
            }
            Kind::Plain(_) | Kind::Unknown => {
                if let Some(kind) = node.value.get("type").filter(|kind| !kind.is_string()) {
                    self.collect(node.inner(kind), depth + 1);
                }
            }
        }
    }

    /// What a type stands for: a name for the type of that name, `{"type": …}` around a type for that type.
    pub fn settled(&self, node: Node<'a>) -> Node<'a> {
        let mut node = node;
        for _ in 0..DEEPEST {
            let name = match node.value {
                Value::String(name) => name.as_str(),
                Value::Object(members) => match members.get("type") {
                    Some(kind @ (Value::Object(_) | Value::Array(_))) => {
                        node = node.inner(kind);
                        continue;
                    }
                    _ => return node,
                },
                _ => return node,
            };
            let full = if name.contains('.') || node.space.is_empty() { name.to_owned() } else { format!("{}.{name}", node.space) };
            match self.types.get(&full).or_else(|| self.types.get(name)) {
                Some(known) => node = *known,
                None => return node,
            }
        }
        node
    }
}

impl<'a> Node<'a> {
    /// A whole schema.
    pub fn top(value: &'a Value) -> Self {
        Self { value, space: "" }
    }

    /// A piece of it.
    pub fn inner(&self, value: &'a Value) -> Self {
        Self { value, space: self.own_space() }
    }

    /// What it is.
    pub fn kind(&self) -> Kind<'a> {
        let name = match self.value {
            Value::Array(branches) => return Kind::Union(branches),
            Value::String(name) => name.as_str(),
            Value::Object(members) => members.get("type").and_then(Value::as_str).unwrap_or_default(),
            _ => return Kind::Unknown,
        };
        match name {
            "record" | "error" => Kind::Record,
            "enum" => Kind::Enum,
            "fixed" => Kind::Fixed,
            "array" => Kind::Array,
            "map" => Kind::Map,
            "" => Kind::Unknown,
            name => Kind::Plain(name),
        }
    }

    fn text(&self, key: &str) -> &'a str {
        self.value.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The namespace of what stands in it.
    fn own_space(&self) -> &'a str {
        match (self.text("namespace"), self.text("name").rsplit_once('.')) {
            (_, Some((space, _))) => space,
            ("", None) => self.space,
            (space, None) => space,
        }
    }

    fn full_name(&self) -> String {
        let (space, name) = (self.own_space(), self.short_name());
        if space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
    }

    /// Its name without a namespace.
    pub fn short_name(&self) -> &'a str {
        let name = self.text("name");
        name.rsplit('.').next().unwrap_or(name)
    }

    /// Its other names, without namespaces.
    pub fn aliases(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let aliases = self.value.get("aliases").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        aliases.map(|alias| alias.rsplit('.').next().unwrap_or(alias))
    }

    /// The fields of a record.
    pub fn fields(&self) -> Vec<Self> {
        let space = self.own_space();
        let fields = self.value.get("fields").and_then(Value::as_array).into_iter().flatten();
        fields.map(|value| Node { value, space }).collect()
    }

    /// The symbols of an enum.
    pub fn symbols(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.value.get("symbols").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// What its values mean besides; of decimals with how many digits.
    pub fn logical(&self) -> Option<(&'a str, Option<&'a Value>, Option<&'a Value>)> {
        let name = self.value.get("logicalType").and_then(Value::as_str)?;
        Some((name, self.value.get("precision"), self.value.get("scale")))
    }

    /// What people call it.
    pub fn label(&self) -> Value {
        match self.kind() {
            Kind::Union(branches) => Value::Array(branches.iter().map(|branch| self.inner(branch).label()).collect()),
            Kind::Record | Kind::Enum | Kind::Fixed => json!(self.short_name()),
            Kind::Array => json!("array"),
            Kind::Map => json!("map"),
            Kind::Plain(name) => match self.logical() {
                Some((logical, ..)) => json!(format!("{name} ({logical})")),
                None => json!(name),
            },
            Kind::Unknown => match self.value.get("type") {
                Some(kind) => self.inner(kind).label(),
                None => json!("unknown"),
            },
        }
    }
}
