//! A struct or enum as a whole: what it is turned from and into, hand-written implementations, newtypes.

use super::fields::{self, Reading};
use super::{constraints, variants};
use crate::base::code::{ClassKind, Expr, Type};
use crate::facts::program::{ClassRef, FuncRef, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::rust::attributes::{Attributes, spelled};

/// The shape of a struct or enum.
#[must_use]
pub fn shape(program: &dyn Program, class: ClassRef, mode: Mode) -> Shape {
    let declared = program.class(class);
    let attributes = Attributes::new(program, class.file, &declared.decorators);
    let site = program.inside_class(class);
    let said = said_type(program, attributes, &site, mode).or_else(|| by_hand(program, class, attributes, mode));
    let shape = said.unwrap_or_else(|| match declared.kind {
        ClassKind::Enum => variants::shape(program, class, mode),
        ClassKind::TupleStruct => tuple(program, class, mode),
        _ => record(program, class, mode),
    });
    let shape = match (&declared.doc, &shape) {
        (Some(doc), shape) if !matches!(shape, Shape::Record(_)) => shape.clone().with("description", doc.as_str()),
        _ => shape,
    };
    constraints::described(program, &site, attributes, shape)
}

/// `#[schema(value_type = String)]`, `#[serde(try_from = "Wire")]`, `#[serde(into = "Wire")]`.
fn said_type(program: &dyn Program, attributes: Attributes, site: &Site, mode: Mode) -> Option<Shape> {
    let of = |expr: &Expr| Some(program.shape_of_type(site, &spelled(expr), mode));
    if let Some(shape) = fields::written_for_schema(program, attributes, site, mode) {
        return Some(shape);
    }
    let keys: &[&str] = if mode == Mode::Read { &["from", "try_from"] } else { &["into"] };
    keys.iter().find_map(|key| attributes.value("serde", key)).and_then(of)
}

fn tuple(program: &dyn Program, class: ClassRef, mode: Mode) -> Shape {
    let declared = program.class(class);
    let reading = Reading::new(program, class, mode);
    match declared.fields.iter().filter(|field| !reading.is_left_out(field)).collect::<Vec<_>>().as_slice() {
        [] => Shape::Null,
        [only] => reading.shape(only),
        several => Shape::Tuple(several.iter().map(|field| reading.shape(field)).collect()),
    }
}

fn record(program: &dyn Program, class: ClassRef, mode: Mode) -> Shape {
    let declared = program.class(class);
    let attributes = Attributes::new(program, class.file, &declared.decorators);
    let reading = Reading::new(program, class, mode);
    if attributes.says("serde", "transparent")
        && let Some(field) = declared.fields.iter().find(|field| !reading.is_left_out(field))
    {
        return reading.shape(field);
    }
    let rest = attributes.says("serde", "deny_unknown_fields").then_some(Shape::Never);
    reading.record(&declared.fields, declared.doc.clone(), rest)
}

/// Types whose `Serialize` or `Deserialize` is written by hand: what the implementation calls tells what it writes or reads.
fn by_hand(program: &dyn Program, class: ClassRef, attributes: Attributes, mode: Mode) -> Option<Shape> {
    if attributes.derives("SerializeDisplay") || attributes.derives("DeserializeFromStr") {
        return Some(Shape::Text(None));
    }
    let (derived, method) = if mode == Mode::Read { ("Deserialize", "deserialize") } else { ("Serialize", "serialize") };
    if attributes.derives(derived) {
        return None;
    }
    let method = program.methods(class).into_iter().find(|found| program.function(*found).name == method)?;
    let is_trait = trait_of(program, method).and_then(Type::last_name).is_some_and(|name| name == derived);
    if is_trait { told_by_calls(program, method, mode) } else { None }
}

/// The trait that a method's `impl` block implements.
#[must_use]
pub fn trait_of(program: &dyn Program, method: FuncRef) -> Option<&Type> {
    let outline = &program.file(method.file).outline;
    outline.impls.iter().find(|block| block.methods.contains(&method.id))?.of_trait.as_ref()
}

fn told_by_calls(program: &dyn Program, method: FuncRef, mode: Mode) -> Option<Shape> {
    let outline = &program.file(method.file).outline;
    let inner = program.function(method).inner;
    let calls = outline.calls.iter().filter(|call| outline.is_within(call.scope, inner));
    let mut is_structure = false;
    for call in calls {
        let Some((receiver, name)) = call.method() else { continue };
        match name.as_str() {
            "collect_str" | "serialize_str" | "deserialize_str" | "deserialize_string" => return Some(Shape::Text(None)),
            "serialize_bool" | "deserialize_bool" => return Some(Shape::Bool),
            "serialize_f32" | "serialize_f64" | "deserialize_f64" => return Some(Shape::Number),
            "serialize_seq" | "collect_seq" | "deserialize_seq" => return Some(Shape::Any.list()),
            "serialize_map" | "collect_map" | "deserialize_map" => return Some(Shape::Map(Box::new(Shape::Any))),
            "deserialize_any" => return Some(Shape::Any),
            "serialize_struct" | "deserialize_struct" => is_structure = true,
            name if name.starts_with("serialize_i") || name.starts_with("serialize_u") => return Some(Shape::Int),
            name if name.starts_with("deserialize_i") || name.starts_with("deserialize_u") => return Some(Shape::Int),
            // `String::deserialize(deserializer)`, `Wire::deserialize(deserializer)`.
            "deserialize" => {
                let shape = program.shape_of_type(&program.inside(method), &Type::spelled(receiver), mode);
                if !shape.is_any() {
                    return Some(shape);
                }
            }
            // `self.0.serialize(serializer)`, `self.to_string().serialize(serializer)`.
            "serialize" => {
                let shape = program.shape_of_value(&Site::of_call(method.file, call), receiver, mode);
                if !shape.is_any() {
                    return Some(shape);
                }
            }
            _ => {}
        }
    }
    if is_structure { None } else { Some(Shape::Any) }
}
