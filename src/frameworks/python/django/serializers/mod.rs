//! Serializers of Django REST framework.
//!
//! - [`fields`]: one declared field.
//! - [`model`]: what `class Meta` takes from a model.
//!
//! What `to_representation` of a serializer and `get_fields` change is not read.

mod fields;
mod model;

pub use fields::schema;

use crate::base::Name;
use crate::base::code::{Call, Expr, Type};
use crate::facts::framework::TypeReader;
use crate::facts::members::merge;
use crate::facts::program::{CallRef, ClassRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape, TypeKey, TypeSource};
use crate::frameworks::python::django::settings;
use crate::frameworks::python::literals::truth;

/// Whether a class is a serializer.
#[must_use]
pub fn is_serializer(program: &dyn Program, class: ClassRef) -> bool {
    // Libraries whose serializers turn values into bytes.
    const OTHERS: &[&str] = &[
        "builtins",
        "itsdangerous",
        "elasticsearch",
        "elastic_transport",
        "opensearchpy",
        "confluent_kafka",
        "pyspark",
        "django",
        "redis",
        "kombu",
    ];
    program
        .outside_bases(class)
        .iter()
        .any(|base| base.ends_with("Serializer") && !OTHERS.contains(&base.split('.').next().unwrap_or_default()))
}

/// Reads serializers as types.
pub struct Reader;

impl TypeReader for Reader {
    fn class(&self, program: &dyn Program, class: ClassRef, _args: &[Shape], mode: Mode) -> Option<Shape> {
        is_serializer(program, class).then(|| shape_of(program, class, mode))
    }

    fn outside(&self, _program: &dyn Program, path: &str, _args: &[Type], _site: &Site, _mode: Mode) -> Option<Shape> {
        fields::open_api_type(path)
    }

    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        instance(program, CallRef { file: site.file, id: *id }, site, mode)
    }

    fn variant(&self, program: &dyn Program, class: ClassRef, variant: &Name, mode: Mode) -> Option<Shape> {
        if variant != "partial" || !is_serializer(program, class) {
            return None;
        }
        match shape_of(program, class, mode) {
            Shape::Record(mut record) => {
                record.members.iter_mut().for_each(|member| member.required = false);
                Some(Shape::Record(record))
            }
            other => Some(other),
        }
    }
}

/// The shape of a serializer, under its name; `partial` asks for nothing.
#[must_use]
pub fn named(program: &dyn Program, class: ClassRef, partial: bool, mode: Mode) -> Shape {
    if !partial {
        return program.shape_of_class(class, Vec::new(), mode);
    }
    let name = format!("Patched{}", program.class(class).name);
    Shape::Named(Box::new(TypeKey { source: TypeSource::Variant(class, "partial".into()), name: name.into(), args: Vec::new(), mode }))
}

/// The serializer that an expression denotes: a class, an instance, `self.get_serializer(…)` not among them.
#[must_use]
pub fn shape_at(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Option<Shape> {
    match program.resolve(site, expr) {
        Meaning::Class(class) | Meaning::Instance(class) if is_serializer(program, class) => Some(named(program, class, false, mode)),
        Meaning::Value(Expr::Call(id), at) => instance(program, CallRef { file: at.file, id: *id }, &at, mode),
        _ => None,
    }
}

/// `UserSerializer(users, many=True)`.
fn instance(program: &dyn Program, call: CallRef, site: &Site, mode: Mode) -> Option<Shape> {
    let made = program.call(call);
    let at = site.moved(call.file, made.scope, made.at.offset);
    match program.callee(call) {
        Meaning::Class(class) if is_serializer(program, class) => {
            let is = |keyword: &str| truth(program, &at, made.keyword(keyword)) == Some(true);
            let shape = named(program, class, is("partial"), mode);
            Some(if is("many") { shape.list() } else { shape })
        }
        Meaning::Outside(path) if path.ends_with("utils.inline_serializer") => inline(program, &at, made, mode),
        _ => None,
    }
}

/// `inline_serializer(name="X", fields={…})`.
fn inline(program: &dyn Program, site: &Site, made: &Call, mode: Mode) -> Option<Shape> {
    let entries = program.entries(site, made.arg(1, "fields")?)?;
    let is_camel = settings::is_camel(program);
    let members = entries.into_iter().filter_map(|(name, value, at)| {
        let field = fields::field(program, &at, value, &name, None, mode)?;
        field.member(&name, mode, is_camel)
    });
    let shape = Shape::record(members.collect());
    Some(if truth(program, site, made.keyword("many")) == Some(true) { shape.list() } else { shape })
}

fn shape_of(program: &dyn Program, class: ClassRef, mode: Mode) -> Shape {
    if let Some(shape) = list_child(program, class, mode) {
        return shape;
    }
    let is_camel = settings::is_camel(program);
    let mut record = Record { doc: program.class(class).doc.clone(), ..Record::default() };
    for (name, field) in model::fields(program, class, mode) {
        let members = field.member(&name, mode, is_camel).into_iter().collect();
        merge(&mut record, Record { members, ..Record::default() });
    }
    Shape::Record(Box::new(record))
}

/// `class Users(ListSerializer): child = UserSerializer()`.
fn list_child(program: &dyn Program, class: ClassRef, mode: Mode) -> Option<Shape> {
    if !program.outside_bases(class).iter().any(|base| base.ends_with(".ListSerializer")) {
        return None;
    }
    let (child, at) = program.class_attribute(class, "child")?;
    shape_at(program, &at, child, mode).map(Shape::list)
}

/// A name as it is on the wire.
#[must_use]
pub fn on_wire(name: &Name, is_camel: bool) -> Name {
    if is_camel { camel(name).into() } else { name.clone() }
}

/// `einddatum_gepland` → `einddatumGepland`; what begins with an underscore keeps it.
#[must_use]
pub fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut up = false;
    for (index, c) in name.char_indices() {
        if c == '_' && index > 0 && !out.ends_with('_') && name[index + 1..].starts_with(|next: char| next.is_ascii_alphanumeric()) {
            up = true;
            continue;
        }
        if up {
            out.extend(c.to_uppercase());
            up = false;
        } else {
            out.push(c);
        }
    }
    out
}

/// What a field of a serializer says.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Its shape.
    pub shape: Shape,
    /// A client must give it.
    pub required: bool,
    /// `read_only=True`.
    pub read_only: bool,
    /// `write_only=True`.
    pub write_only: bool,
    /// Neither sent nor taken (`HiddenField`).
    pub hidden: bool,
    /// `help_text="…"`.
    pub doc: Option<Name>,
}

impl Said {
    /// As a member; `None` where the mode leaves it out.
    #[must_use]
    pub fn member(self, name: &Name, mode: Mode, is_camel: bool) -> Option<Member> {
        let is_left_out = self.hidden || if mode == Mode::Read { self.read_only } else { self.write_only };
        (!is_left_out).then(|| Member {
            name: on_wire(name, is_camel),
            shape: self.shape,
            required: self.required || (mode == Mode::Write && self.read_only),
            doc: self.doc,
            read_only: self.read_only,
            write_only: self.write_only,
            deprecated: false,
        })
    }
}

/// The shape of a model's attribute by a dotted path.
#[must_use]
pub fn attribute(program: &dyn Program, model: ClassRef, path: &str) -> Option<Shape> {
    model::attribute(program, model, path, 0)
}
