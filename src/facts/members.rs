//! What is done with shapes whatever language or library they came from: unions and intersections, merging members child
//! over parent, filling in type parameters.

use serde_json::Value;

use super::shape::{Member, Record, Shape, TypeKey, TypeSource};

/// How deep type arguments may nest. `class A<T> { next: A<A<T>> }` would grow forever.
const MAX_ARGS_DEPTH: u32 = 5;

/// What type parameters stand for.
pub type Filling = Vec<(TypeSource, Shape)>;

/// Adds members over those already there: one of the same name takes the other's place.
pub fn merge(into: &mut Record, over: Record) {
    for member in over.members {
        match into.members.iter_mut().find(|old| old.name == member.name) {
            Some(old) => *old = member,
            None => into.members.push(member),
        }
    }
    if over.rest.is_some() {
        into.rest = over.rest;
    }
    if over.doc.is_some() {
        into.doc = over.doc;
    }
}

/// Any of these: nested unions are joined, literals come together, what stands there twice stands once.
#[must_use]
pub fn any_of(shapes: impl IntoIterator<Item = Shape>) -> Shape {
    let mut flat = Vec::new();
    for shape in shapes {
        match shape {
            Shape::AnyOf(inner) => inner.into_iter().for_each(|shape| add(&mut flat, shape)),
            other => add(&mut flat, other),
        }
    }
    if flat.iter().any(Shape::is_any) {
        return Shape::Any;
    }
    if flat.contains(&Shape::Bool) {
        flat.retain(|shape| !matches!(shape, Shape::Enum(values) if values.iter().all(Value::is_boolean)));
    }
    // `null` stands last, wherever it was written.
    if let Some(null) = flat.iter().position(|shape| *shape == Shape::Null) {
        flat.remove(null);
        flat.push(Shape::Null);
    }
    match flat.len() {
        0 => Shape::Never,
        1 => flat.remove(0),
        _ => Shape::AnyOf(flat),
    }
}

fn add(flat: &mut Vec<Shape>, shape: Shape) {
    if shape == Shape::Never || flat.contains(&shape) {
        return;
    }
    let Shape::Enum(values) = shape else {
        flat.push(shape);
        return;
    };
    let Some(known) = flat.iter_mut().find_map(|old| if let Shape::Enum(known) = old { Some(known) } else { None }) else {
        flat.push(if values.len() == 2 && values.iter().all(Value::is_boolean) { Shape::Bool } else { Shape::Enum(values) });
        return;
    };
    for value in values {
        if !known.contains(&value) {
            known.push(value);
        }
    }
    let is_bool = known.len() == 2 && known.iter().all(Value::is_boolean);
    if is_bool && let Some(old) = flat.iter_mut().find(|old| matches!(old, Shape::Enum(_))) {
        *old = Shape::Bool;
    }
}

/// All of these: nested intersections are joined, inline records merged when no member stands in two. With a text or number
/// among them the others only brand it (`string & { __brand: "Id" }`).
#[must_use]
pub fn all_of(shapes: impl IntoIterator<Item = Shape>) -> Shape {
    let mut flat: Vec<Shape> = Vec::new();
    for shape in shapes {
        match shape {
            Shape::AllOf(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if let Some(plain) =
        flat.iter().position(|shape| matches!(base(shape), Shape::Text(_) | Shape::Int | Shape::Number | Shape::Bool | Shape::Enum(_)))
    {
        return flat.swap_remove(plain);
    }
    let mut joined: Vec<Shape> = Vec::new();
    for shape in flat {
        if shape.is_any() {
            continue;
        }
        let last = joined.iter_mut().find_map(|old| if let Shape::Record(record) = old { Some(record) } else { None });
        match (last, shape) {
            (Some(old), Shape::Record(new)) if is_apart(old, &new) => merge(old, *new),
            (_, shape) => {
                if !joined.contains(&shape) {
                    joined.push(shape);
                }
            }
        }
    }
    match joined.len() {
        0 => Shape::Any,
        1 => joined.remove(0),
        _ => Shape::AllOf(joined),
    }
}

/// Whether two records say nothing of the same member, and nothing of members they do not name.
fn is_apart(one: &Record, other: &Record) -> bool {
    one.rest.is_none() && other.rest.is_none() && !other.members.iter().any(|new| one.members.iter().any(|old| old.name == new.name))
}

/// The shape under its refinements.
#[must_use]
pub fn base(shape: &Shape) -> &Shape {
    match shape {
        Shape::Refined(inner, _) => base(inner),
        other => other,
    }
}

/// This shape without `null`.
#[must_use]
pub fn without_null(shape: Shape) -> Shape {
    match shape {
        Shape::AnyOf(shapes) => any_of(shapes.into_iter().filter(|shape| *shape != Shape::Null)),
        Shape::Refined(inner, keywords) => Shape::Refined(Box::new(without_null(*inner)), keywords),
        other => other,
    }
}

/// The shape with type parameters filled in. Those that `filling` does not mention stay.
#[must_use]
pub fn fill(shape: Shape, filling: &Filling) -> Shape {
    if filling.is_empty() {
        return shape;
    }
    map(shape, &mut |key| filling.iter().find(|(source, _)| *source == key.source).map(|(_, filled)| filled.clone()))
}

/// Every type parameter that is left becomes what `bound` says of it.
#[must_use]
pub fn fill_rest(shape: Shape, bound: &dyn Fn(&TypeKey) -> Shape) -> Shape {
    map(shape, &mut |key| matches!(key.source, TypeSource::Param(..)).then(|| bound(key)))
}

/// The shape with named types replaced where `replace` says so; arguments of the others are gone through as well.
fn map(shape: Shape, replace: &mut dyn FnMut(&TypeKey) -> Option<Shape>) -> Shape {
    let each = |shapes: Vec<Shape>, replace: &mut dyn FnMut(&TypeKey) -> Option<Shape>| -> Vec<Shape> {
        shapes.into_iter().map(|shape| map(shape, replace)).collect()
    };
    match shape {
        Shape::Named(mut key) => replace(&key).unwrap_or_else(|| {
            key.args = each(std::mem::take(&mut key.args), replace);
            cap(&mut key.args, MAX_ARGS_DEPTH);
            if key.args.iter().all(Shape::is_any) {
                key.args.clear();
            }
            Shape::Named(key)
        }),
        Shape::List(inner) => Shape::List(Box::new(map(*inner, replace))),
        Shape::Map(inner) => Shape::Map(Box::new(map(*inner, replace))),
        Shape::Refined(inner, keywords) => Shape::Refined(Box::new(map(*inner, replace)), keywords),
        Shape::Tuple(shapes) => Shape::Tuple(each(shapes, replace)),
        Shape::AnyOf(shapes) => any_of(each(shapes, replace)),
        Shape::OneOf(shapes, by) => Shape::OneOf(each(shapes, replace), by),
        Shape::AllOf(shapes) => all_of(each(shapes, replace)),
        Shape::Record(mut record) => {
            for member in &mut record.members {
                member.shape = map(std::mem::take(&mut member.shape), replace);
            }
            record.rest = record.rest.map(|rest| map(rest, replace));
            Shape::Record(record)
        }
        other => other,
    }
}

/// Type arguments that nest deeper than `left` become anything.
pub fn cap(args: &mut [Shape], left: u32) {
    for arg in args {
        match arg {
            Shape::Named(_) if left == 0 => *arg = Shape::Any,
            Shape::Named(key) => cap(&mut key.args, left - 1),
            Shape::List(inner) | Shape::Map(inner) | Shape::Refined(inner, _) => cap(std::slice::from_mut(inner), left.saturating_sub(1)),
            Shape::Tuple(shapes) | Shape::AnyOf(shapes) | Shape::OneOf(shapes, _) | Shape::AllOf(shapes) => {
                cap(shapes, left.saturating_sub(1))
            }
            Shape::Record(record) => {
                record.members.iter_mut().for_each(|member| cap(std::slice::from_mut(&mut member.shape), left.saturating_sub(1)))
            }
            _ => {}
        }
        if left == 0 && !is_leaf(arg) {
            *arg = Shape::Any;
        }
    }
}

fn is_leaf(shape: &Shape) -> bool {
    matches!(
        base(shape),
        Shape::Any | Shape::Never | Shape::Null | Shape::Bool | Shape::Int | Shape::Number | Shape::Text(_) | Shape::Enum(_)
    )
}

/// Learns from an actual shape what the type parameters in a general one stand for: `Page<T>` against `Page<User>`.
pub fn unify(general: &Shape, actual: &Shape, filling: &mut Filling) {
    match (general, actual) {
        (Shape::Named(key), _) if matches!(key.source, TypeSource::Param(..)) => {
            let is_new = !actual.is_any() && !filling.iter().any(|(source, _)| *source == key.source);
            filling.extend(is_new.then(|| (key.source.clone(), actual.clone())));
        }
        (Shape::Named(one), Shape::Named(other)) if one.source == other.source => {
            one.args.iter().zip(&other.args).for_each(|(general, actual)| unify(general, actual, filling));
        }
        (Shape::List(one), Shape::List(other)) | (Shape::Map(one), Shape::Map(other)) => unify(one, other, filling),
        (Shape::Refined(one, _), other) => unify(one, other, filling),
        (Shape::Tuple(one), Shape::Tuple(other)) => {
            one.iter().zip(other).for_each(|(general, actual)| unify(general, actual, filling));
        }
        (Shape::AnyOf(one), other) => {
            let other = without_null(other.clone());
            one.iter().filter(|shape| **shape != Shape::Null).for_each(|general| unify(general, &other, filling));
        }
        (Shape::Record(one), Shape::Record(other)) => {
            for member in &one.members {
                if let Some(actual) = other.member(&member.name) {
                    unify(&member.shape, &actual.shape, filling);
                }
            }
        }
        _ => {}
    }
}

impl Record {
    /// The member of this name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}
