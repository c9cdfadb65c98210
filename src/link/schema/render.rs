//! One shape as JSON Schema 2020-12.

use serde_json::{Map, Value, json};

use crate::base::Name;
use crate::facts::shape::{Member, Record, Shape, TypeKey};

/// How deep schemas may nest.
const MAX_DEPTH: u32 = 220;

/// A shape as a schema; `reference` says what a named type is referred to as.
pub(super) fn render(shape: &Shape, reference: &dyn Fn(&TypeKey) -> Option<String>) -> Value {
    Render { reference }.shape(shape, 0)
}

struct Render<'r> {
    reference: &'r dyn Fn(&TypeKey) -> Option<String>,
}

impl Render<'_> {
    fn shape(&self, shape: &Shape, depth: u32) -> Value {
        if depth > MAX_DEPTH {
            return json!({});
        }
        match shape {
            Shape::Any => json!({}),
            Shape::Never => json!({"not": {}}),
            Shape::Null => json!({"type": "null"}),
            Shape::Bool => json!({"type": "boolean"}),
            Shape::Int => json!({"type": "integer"}),
            Shape::Number => json!({"type": "number"}),
            Shape::Text(None) => json!({"type": "string"}),
            Shape::Text(Some(format)) => json!({"type": "string", "format": format.as_str()}),
            Shape::Enum(values) => literals(values),
            Shape::List(item) => json!({"type": "array", "items": self.shape(item, depth + 1)}),
            Shape::Tuple(items) => self.tuple(items, depth),
            Shape::Map(value) => json!({"type": "object", "additionalProperties": self.additional(value, depth)}),
            Shape::Record(record) => self.record(record, depth),
            Shape::AnyOf(shapes) => self.any_of(shapes, depth),
            Shape::OneOf(shapes, by) => self.one_of(shapes, by.as_ref(), depth),
            Shape::AllOf(shapes) => json!({"allOf": self.each(shapes, depth)}),
            Shape::Named(key) => match (self.reference)(key) {
                Some(reference) => json!({"$ref": reference}),
                None => json!({}),
            },
            Shape::Refined(inner, keywords) => {
                let mut schema = object(self.shape(inner, depth + 1));
                schema.extend(keywords.iter().map(|(keyword, value)| (keyword.to_string(), value.clone())));
                Value::Object(schema)
            }
            Shape::Schema(schema) => (**schema).clone(),
        }
    }

    fn each(&self, shapes: &[Shape], depth: u32) -> Vec<Value> {
        let mut schemas = Vec::with_capacity(shapes.len());
        for shape in shapes {
            let schema = self.shape(shape, depth + 1);
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
        schemas
    }

    fn tuple(&self, items: &[Shape], depth: u32) -> Value {
        if items.is_empty() {
            return json!({"type": "array", "maxItems": 0});
        }
        let prefix: Vec<Value> = items.iter().map(|item| self.shape(item, depth + 1)).collect();
        json!({"type": "array", "prefixItems": prefix, "minItems": items.len(), "maxItems": items.len()})
    }

    /// What other members of an object may be.
    fn additional(&self, shape: &Shape, depth: u32) -> Value {
        match shape {
            Shape::Any => Value::Bool(true),
            Shape::Never => Value::Bool(false),
            shape => self.shape(shape, depth + 1),
        }
    }

    fn record(&self, record: &Record, depth: u32) -> Value {
        let mut schema = Map::new();
        schema.insert("type".into(), "object".into());
        if let Some(doc) = &record.doc {
            schema.insert("description".into(), doc.as_str().into());
        }
        if !record.members.is_empty() {
            let properties: Map<String, Value> =
                record.members.iter().map(|member| (member.name.to_string(), self.member(member, depth))).collect();
            schema.insert("properties".into(), Value::Object(properties));
        }
        let required: Vec<&str> = record.members.iter().filter(|member| member.required).map(|member| member.name.as_str()).collect();
        if !required.is_empty() {
            schema.insert("required".into(), required.into());
        }
        if let Some(rest) = &record.rest {
            schema.insert("additionalProperties".into(), self.additional(rest, depth));
        }
        Value::Object(schema)
    }

    fn member(&self, member: &Member, depth: u32) -> Value {
        let mut schema = object(self.shape(&member.shape, depth + 1));
        if let Some(doc) = &member.doc {
            schema.entry("description").or_insert_with(|| doc.as_str().into());
        }
        for (keyword, holds) in [("readOnly", member.read_only), ("writeOnly", member.write_only), ("deprecated", member.deprecated)] {
            if holds {
                schema.insert(keyword.into(), Value::Bool(true));
            }
        }
        Value::Object(schema)
    }

    fn any_of(&self, shapes: &[Shape], depth: u32) -> Value {
        let others: Vec<&Shape> = shapes.iter().filter(|shape| **shape != Shape::Null).collect();
        let is_nullable = others.len() < shapes.len();
        let mut schemas: Vec<Value> = Vec::new();
        for shape in others {
            let schema = self.shape(shape, depth + 1);
            if schema == json!({}) {
                return schema;
            }
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
        match (schemas.len(), is_nullable) {
            (0, true) => json!({"type": "null"}),
            (0, false) => json!({"not": {}}),
            (1, false) => schemas.remove(0),
            (1, true) => nullable(schemas.remove(0)),
            (_, false) => json!({"anyOf": schemas}),
            (_, true) => {
                schemas.push(json!({"type": "null"}));
                json!({"anyOf": schemas})
            }
        }
    }

    fn one_of(&self, shapes: &[Shape], by: Option<&Name>, depth: u32) -> Value {
        let schemas = self.each(shapes, depth);
        match by {
            Some(property) => json!({"oneOf": schemas, "discriminator": {"propertyName": property.as_str()}}),
            None if schemas.len() == 1 => schemas.into_iter().next().unwrap_or_default(),
            None => json!({"oneOf": schemas}),
        }
    }
}

/// A schema as an object that keywords can be added to.
fn object(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(schema) => schema,
        Value::Bool(false) => Map::from_iter([("not".to_string(), json!({}))]),
        _ => Map::new(),
    }
}

/// A schema that also takes `null`: by its type when that is simple.
fn nullable(mut schema: Value) -> Value {
    let simple = match schema.get("type") {
        Some(Value::String(name)) if matches!(name.as_str(), "string" | "integer" | "number" | "boolean") => Some(name.clone()),
        _ => None,
    };
    let Some((name, object)) = simple.zip(schema.as_object_mut()) else {
        return json!({"anyOf": [schema, {"type": "null"}]});
    };
    object.insert("type".into(), json!([name, "null"]));
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.push(Value::Null);
    }
    if let Some(value) = object.shift_remove("const") {
        object.insert("enum".into(), json!([value, null]));
    }
    schema
}

/// Literals with their types.
fn literals(values: &[Value]) -> Value {
    let mut types: Vec<&str> = Vec::new();
    for value in values {
        let name = type_of(value);
        if !types.contains(&name) {
            types.push(name);
        }
    }
    let mut schema = Map::new();
    match &*types {
        [] => return json!({"not": {}}),
        [one] => schema.insert("type".into(), (*one).into()),
        several => schema.insert("type".into(), several.into()),
    };
    match values {
        [one] => schema.insert("const".into(), one.clone()),
        several => schema.insert("enum".into(), several.into()),
    };
    Value::Object(schema)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
