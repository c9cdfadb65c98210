//! Shapes → JSON Schema 2020-12, with named types as components.
//!
//! Two passes, so that names do not depend on the order of asking: first all shapes are collected, then names are settled
//! and schemas written.

mod names;
mod render;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::facts::program::{FileId, Mode, Program};
use crate::facts::shape::{Shape, TypeKey, TypeSource};

/// Where references to components point.
pub const COMPONENTS: &str = "#/components/schemas/";

/// Named types that are followed; those beyond become anything.
const MAX_TYPES: usize = 20_000;

/// A named type whichever way it is used: what declares it, and its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Id {
    source: TypeSource,
    args: String,
}

impl Id {
    fn of(key: &TypeKey) -> Self {
        if key.args.is_empty() {
            return Self { source: key.source.clone(), args: String::new() };
        }
        let args = format!("{:?}", key.args).replace("mode: Read", "mode: _").replace("mode: Write", "mode: _");
        Self { source: key.source.clone(), args }
    }
}

/// What is known of a named type.
struct Entry {
    /// Its name before it is made unique.
    name: String,
    /// Where it is declared: directories, file, outer classes.
    place: Vec<String>,
    /// What it expands to, by the ways it is used.
    shapes: BTreeMap<Mode, Shape>,
}

/// Collects shapes.
pub struct SchemaBook<'p> {
    program: &'p dyn Program,
    entries: BTreeMap<Id, Entry>,
}

impl<'p> SchemaBook<'p> {
    /// An empty book over a program.
    #[must_use]
    pub fn new(program: &'p dyn Program) -> Self {
        Self { program, entries: BTreeMap::new() }
    }

    /// Takes in a shape, and all that it names.
    pub fn collect(&mut self, shape: &Shape) {
        let mut keys = Vec::new();
        keys_in(shape, &mut keys);
        while let Some(key) = keys.pop() {
            let id = Id::of(&key);
            let is_full = self.entries.len() >= MAX_TYPES;
            if self.entries.get(&id).map_or(is_full, |entry| entry.shapes.contains_key(&key.mode)) {
                continue;
            }
            let shape = match self.program.expand(&key) {
                Shape::Named(same) if *same == key => Shape::Any,
                shape => shape,
            };
            keys_in(&shape, &mut keys);
            let entry = self.entries.entry(id).or_insert_with(|| Entry {
                name: names::readable(&key),
                place: place_of(self.program, &key.source),
                shapes: BTreeMap::new(),
            });
            entry.shapes.insert(key.mode, shape);
        }
    }

    /// Settles names; from here on schemas may be asked for.
    #[must_use]
    pub fn settle(self) -> Schemas {
        let names = names::settle(&self.entries);
        let mut schemas = Schemas { names, components: BTreeMap::new() };
        for (id, entry) in &self.entries {
            for (mode, shape) in &entry.shapes {
                if let Some(name) = schemas.names.get(&(id.clone(), *mode)).cloned()
                    && !schemas.components.contains_key(&name)
                {
                    let schema = schemas.schema(shape);
                    schemas.components.insert(name, schema);
                }
            }
        }
        schemas
    }
}

/// Shapes written as JSON Schema, with the components they refer to.
pub struct Schemas {
    names: BTreeMap<(Id, Mode), String>,
    components: BTreeMap<String, Value>,
}

impl Schemas {
    /// A shape that was collected, as JSON Schema. Named types are references; of what nothing is known is `{}`.
    #[must_use]
    pub fn schema(&self, shape: &Shape) -> Value {
        render::render(shape, &|key| self.names.get(&(Id::of(key), key.mode)).map(|name| format!("{COMPONENTS}{name}")))
    }

    /// All components by name.
    #[must_use]
    pub fn components(&self) -> &BTreeMap<String, Value> {
        &self.components
    }

    /// The components that these schemas refer to, directly or through others.
    #[must_use]
    pub fn reachable<'v>(&self, from: impl IntoIterator<Item = &'v Value>) -> BTreeMap<String, Value> {
        let mut names = BTreeSet::new();
        from.into_iter().for_each(|schema| refs_in(schema, &mut names));
        let mut found = BTreeMap::new();
        while let Some(name) = names.pop_first() {
            if let Some(schema) = self.components.get(&name)
                && !found.contains_key(&name)
            {
                refs_in(schema, &mut names);
                found.insert(name, schema.clone());
            }
        }
        found
    }
}

/// Names of the components a schema refers to.
fn refs_in(schema: &Value, names: &mut BTreeSet<String>) {
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix(COMPONENTS)) {
                    names.insert(name.to_string());
                }
                open.extend(object.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}

/// Named types directly in a shape; arguments of generic types are no part of it.
fn keys_in(shape: &Shape, keys: &mut Vec<TypeKey>) {
    let mut open = vec![shape];
    while let Some(shape) = open.pop() {
        match shape {
            Shape::Named(key) => keys.push((**key).clone()),
            Shape::List(inner) | Shape::Map(inner) | Shape::Refined(inner, _) => open.push(inner),
            Shape::Tuple(shapes) | Shape::AnyOf(shapes) | Shape::OneOf(shapes, _) | Shape::AllOf(shapes) => open.extend(shapes),
            Shape::Record(record) => {
                open.extend(record.members.iter().map(|member| &member.shape));
                open.extend(&record.rest);
            }
            _ => {}
        }
    }
}

fn place_of(program: &dyn Program, source: &TypeSource) -> Vec<String> {
    let in_path = |path: &str| -> Vec<String> {
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        stem.split('/').filter(|part| !part.is_empty()).map(str::to_string).collect()
    };
    let in_file = |file: FileId| in_path(program.path(file));
    match source {
        TypeSource::Document(document, _) => {
            program.documents().get(document.0 as usize).map(|document| in_path(&document.file)).unwrap_or_default()
        }
        TypeSource::Call(call) => in_file(call.file),
        TypeSource::Class(class) | TypeSource::Variant(class, _) => {
            let mut place = in_file(class.file);
            let outline = &program.file(class.file).outline;
            let mut outer = outline.class(class.id).outer;
            let from = place.len();
            while let Some(id) = outer.filter(|_| place.len() < from + 8) {
                place.insert(from, outline.class(id).name.to_string());
                outer = outline.class(id).outer;
            }
            place
        }
        TypeSource::Param(..) => Vec::new(),
    }
}
