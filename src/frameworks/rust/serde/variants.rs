//! Enums: names, and the four ways of tagging.

use serde_json::Value;

use super::fields::{Reading, case_of, renamed};
use crate::base::case::Case;
use crate::base::code::{Class, Expr, Variant};
use crate::facts::members::all_of;
use crate::facts::program::{ClassRef, Mode, Program};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::rust::attributes::{Attributes, literal};

/// How variants are told apart.
#[derive(Clone, Copy)]
enum Tagging<'p> {
    /// `{ "A": … }`.
    Outside,
    /// `{ "type": "A", … }`.
    Inside(&'p str),
    /// `{ "type": "A", "content": … }`.
    Beside(&'p str, &'p str),
    /// Not at all.
    No,
}

struct Variants<'p> {
    program: &'p dyn Program,
    class: ClassRef,
    mode: Mode,
    rename: Option<Case>,
    rename_fields: Option<Case>,
}

/// The shape of an enum.
#[must_use]
pub fn shape(program: &dyn Program, class: ClassRef, mode: Mode) -> Shape {
    let declared = program.class(class);
    let container = Attributes::new(program, class.file, &declared.decorators);
    if container.derives("Serialize_repr") || container.derives("Deserialize_repr") || container.derives("JsonSchema_repr") {
        return numbers(program, class, declared);
    }
    let all = Variants {
        program,
        class,
        mode,
        rename: case_of(container, "rename_all", mode),
        rename_fields: case_of(container, "rename_all_fields", mode),
    };
    let tagging = tagging(container);
    let variants: Vec<&Variant> = declared.variants.iter().filter(|variant| !all.is_left_out(variant)).collect();
    let (apart, tagged): (Vec<&Variant>, Vec<&Variant>) =
        variants.into_iter().partition(|variant| matches!(tagging, Tagging::No) || all.attributes(variant).says("serde", "untagged"));
    let mut shapes = Vec::new();
    if matches!(tagging, Tagging::Outside) {
        let (plain, full): (Vec<&Variant>, Vec<&Variant>) = tagged.into_iter().partition(|variant| variant.fields.is_empty());
        if !plain.is_empty() {
            shapes.push(Shape::Enum(plain.iter().map(|variant| all.name(variant)).map(Value::from).collect()));
        }
        shapes.extend(full.into_iter().map(|variant| all.outside(variant)));
    } else {
        shapes.extend(tagged.into_iter().map(|variant| all.tagged(variant, tagging)));
    }
    let by = match tagging {
        Tagging::Inside(tag) | Tagging::Beside(tag, _) if apart.is_empty() => Some(tag.into()),
        _ => None,
    };
    let is_open = !apart.is_empty();
    shapes.extend(apart.into_iter().map(|variant| all.content(variant).unwrap_or(Shape::Null)));
    match shapes.len() {
        0 => Shape::Never,
        1 => shapes.remove(0),
        _ if is_open => Shape::AnyOf(shapes),
        _ => Shape::OneOf(shapes, by),
    }
}

fn tagging<'p>(container: Attributes<'p>) -> Tagging<'p> {
    let text = |key: &str| container.text("serde", key).or_else(|| container.text("schemars", key));
    match (text("tag"), text("content")) {
        _ if container.says("serde", "untagged") || container.says("schemars", "untagged") => Tagging::No,
        (Some(tag), Some(content)) => Tagging::Beside(tag, content),
        (Some(tag), None) => Tagging::Inside(tag),
        _ => Tagging::Outside,
    }
}

/// `#[repr(u8)]` with `serde_repr`: the discriminants.
fn numbers(program: &dyn Program, class: ClassRef, declared: &Class) -> Shape {
    let site = program.inside_class(class);
    let mut next = 0;
    let mut values = Vec::new();
    for variant in &declared.variants {
        let said = variant.value.as_ref().and_then(|value: &Expr| literal(program, &site, value)).and_then(|value| value.as_i64());
        let number = said.unwrap_or(next);
        next = number.saturating_add(1);
        values.push(Value::from(number));
    }
    Shape::Enum(values)
}

impl<'p> Variants<'p> {
    fn attributes(&self, variant: &'p Variant) -> Attributes<'p> {
        Attributes::new(self.program, self.class.file, &variant.decorators)
    }

    fn is_left_out(&self, variant: &'p Variant) -> bool {
        let attributes = self.attributes(variant);
        let own = if self.mode == Mode::Read { "skip_deserializing" } else { "skip_serializing" };
        attributes.says("serde", "skip")
            || attributes.says("serde", own)
            || attributes.says("serde", "other")
            || attributes.says("schemars", "skip")
    }

    fn name(&self, variant: &'p Variant) -> String {
        let attributes = self.attributes(variant);
        let given = ["serde", "schemars", "schema"].iter().find_map(|name| renamed(attributes, name, "rename", self.mode));
        match (given, self.rename) {
            (Some(given), _) => given.to_owned(),
            (None, Some(case)) => case.variant(&variant.name),
            (None, None) => variant.name.to_string(),
        }
    }

    /// What a variant holds; nothing when it is a unit.
    fn content(&self, variant: &'p Variant) -> Option<Shape> {
        let case = case_of(self.attributes(variant), "rename_all", self.mode).or(self.rename_fields);
        let reading = Reading::new(self.program, self.class, self.mode).renamed(case);
        match variant.fields.as_slice() {
            [] => None,
            [only] if variant.is_tuple => Some(reading.shape(only)),
            several if variant.is_tuple => {
                Some(Shape::Tuple(several.iter().filter(|field| !reading.is_left_out(field)).map(|field| reading.shape(field)).collect()))
            }
            fields => Some(reading.record(fields, variant.doc.clone(), None)),
        }
    }

    fn outside(&self, variant: &'p Variant) -> Shape {
        let held = self.content(variant).unwrap_or_default();
        let member = Member { doc: variant.doc.clone(), ..Member::required(self.name(variant), held) };
        Shape::Record(Box::new(Record { members: vec![member], rest: Some(Shape::Never), doc: None }))
    }

    fn tagged(&self, variant: &'p Variant, tagging: Tagging<'p>) -> Shape {
        let tag = |key: &str| Member::required(key, Shape::Enum(vec![Value::from(self.name(variant))]));
        let content = self.content(variant);
        match (tagging, content) {
            (Tagging::Inside(key), None) => Shape::record(vec![tag(key)]),
            (Tagging::Beside(key, _), None) => Shape::record(vec![tag(key)]),
            (Tagging::Beside(key, content), Some(held)) => Shape::record(vec![tag(key), Member::required(content, held)]),
            (Tagging::Inside(key), Some(Shape::Record(mut record))) => {
                record.members.insert(0, tag(key));
                Shape::Record(record)
            }
            (Tagging::Inside(key), Some(held)) => all_of([Shape::record(vec![tag(key)]), held]),
            (Tagging::Outside | Tagging::No, held) => held.unwrap_or(Shape::Null),
        }
    }
}
