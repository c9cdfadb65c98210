//! Named members: renaming, leaving out, defaults, flattening, and what other attributes say of their type.

use super::constraints;
use crate::base::Name;
use crate::base::case::Case;
use crate::base::code::{Call, Expr, Field};
use crate::facts::members::{all_of, merge, without_null};
use crate::facts::program::{ClassRef, Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::rust::attributes::{Attributes, literal, path, spelled};

/// Attributes that rename or leave out: serde's, and those of the libraries that describe.
const DESCRIBING: [&str; 6] = ["serde", "schemars", "schema", "param", "oai", "salvo"];

/// The fields of one declaration being read.
#[derive(Clone)]
pub struct Reading<'p> {
    program: &'p dyn Program,
    site: Site,
    container: Attributes<'p>,
    rename: Option<Case>,
    mode: Mode,
}

/// The members of a struct as they are sent, when it has named fields.
#[must_use]
pub fn members(program: &dyn Program, class: ClassRef, mode: Mode) -> Vec<(&Field, Member)> {
    let reading = Reading::new(program, class, mode);
    let fields = program.class(class).fields.iter();
    fields.filter(|field| !reading.is_left_out(field)).map(|field| (field, reading.member(field))).collect()
}

/// A name that a call gives for one direction, or for both: `rename = "a"`, `rename(serialize = "a", deserialize = "b")`.
#[must_use]
pub fn renamed<'p>(attributes: Attributes<'p>, attribute: &str, key: &str, mode: Mode) -> Option<&'p str> {
    let own = if mode == Mode::Read { "deserialize" } else { "serialize" };
    attributes
        .text(attribute, key)
        .or_else(|| attributes.nested(attribute, key).and_then(|call: &'p Call| call.keyword(own)).and_then(Expr::as_str))
}

/// The case that `rename_all` asks for.
#[must_use]
pub fn case_of(attributes: Attributes, key: &str, mode: Mode) -> Option<Case> {
    ["serde", "schemars", "schema", "into_params", "oai"].iter().find_map(|name| renamed(attributes, name, key, mode)).and_then(Case::of)
}

/// A type that stands in for the declared one in documents: `#[schema(value_type = String)]`, `#[schemars(with = "String")]`.
#[must_use]
pub fn written_for_schema(program: &dyn Program, attributes: Attributes, site: &Site, mode: Mode) -> Option<Shape> {
    let said = ["schema", "param"]
        .iter()
        .find_map(|name| attributes.value(name, "value_type"))
        .or_else(|| attributes.value("schemars", "with"))?;
    if said.last_name().is_some_and(|name| name == "Object") {
        return Some(Shape::Map(Box::new(Shape::Any)));
    }
    Some(program.shape_of_type(site, &spelled(said), mode))
}

impl<'p> Reading<'p> {
    /// The fields of a struct.
    #[must_use]
    pub fn new(program: &'p dyn Program, class: ClassRef, mode: Mode) -> Self {
        let container = Attributes::new(program, class.file, &program.class(class).decorators);
        Self { program, site: program.inside_class(class), container, rename: case_of(container, "rename_all", mode), mode }
    }

    /// The same for the fields of a variant, renamed by another rule.
    #[must_use]
    pub fn renamed(mut self, rename: Option<Case>) -> Self {
        self.rename = rename;
        self
    }

    fn attributes(&self, field: &'p Field) -> Attributes<'p> {
        Attributes::new(self.program, self.site.file, &field.decorators)
    }

    /// Whether a field is never sent in this direction, or is kept out of documents.
    #[must_use]
    pub fn is_left_out(&self, field: &'p Field) -> bool {
        let attributes = self.attributes(field);
        let own = if self.mode == Mode::Read { "skip_deserializing" } else { "skip_serializing" };
        field.ty.last_name().is_some_and(|name| name == "PhantomData" || name == "PhantomPinned")
            || ["serde", "schemars", "oai"].iter().any(|name| attributes.says(name, "skip") || attributes.says(name, own))
            || ["schema", "param"].iter().any(|name| attributes.says(name, "ignore"))
    }

    /// The shape of a field, constraints included.
    #[must_use]
    pub fn shape(&self, field: &'p Field) -> Shape {
        let attributes = self.attributes(field);
        let shape = written_for_schema(self.program, attributes, &self.site, self.mode)
            .or_else(|| self.converted(field, attributes))
            .unwrap_or_else(|| self.program.shape_of_type(&self.site, &field.ty, self.mode));
        constraints::constrained(self.program, &self.site, attributes, shape)
    }

    /// `#[serde(with = "…")]`: the module's name tells for well-known crates. A struct that is described (`ToSchema`, `JsonSchema`)
    /// is described by its declared types.
    fn converted(&self, field: &'p Field, attributes: Attributes<'p>) -> Option<Shape> {
        let own = if self.mode == Mode::Read { "deserialize_with" } else { "serialize_with" };
        let is_optional = field.ty.last_name().is_some_and(|name| name == "Option");
        let of = |shape: Shape| if is_optional { shape.or_null() } else { shape };
        if let Some(name) = attributes.text("serde_as", "as") {
            return converter(name).map(of);
        }
        let said = attributes.text("serde", "with").or_else(|| attributes.text("serde", own))?;
        if let Some(shape) = converter(said) {
            return Some(of(shape));
        }
        let is_described = ["ToSchema", "JsonSchema", "IntoParams", "Apiv2Schema"].iter().any(|name| self.container.derives(name));
        (!is_described).then_some(Shape::Any)
    }

    /// The name of a field on the wire.
    fn wire_name(&self, field: &'p Field) -> Name {
        let attributes = self.attributes(field);
        let given = DESCRIBING.iter().find_map(|name| renamed(attributes, name, "rename", self.mode));
        // Rocket's forms: `#[field(name = "type")]`.
        let given = given.or_else(|| attributes.text("field", "name"));
        let plain = field.name.strip_prefix("r#").unwrap_or(&field.name);
        match (given, self.rename) {
            (Some(given), _) => given.into(),
            (None, Some(case)) => case.field(plain).into(),
            (None, None) => plain.into(),
        }
    }

    /// A field as a member.
    #[must_use]
    pub fn member(&self, field: &'p Field) -> Member {
        let attributes = self.attributes(field);
        let mut shape = self.shape(field);
        let mut required = !shape.is_nullable() && field.ty.last_name().is_none_or(|name| name != "Option");
        let may_be_missing =
            ["serde", "oai", "field"].iter().any(|name| attributes.says(name, "default")) || self.container.says("serde", "default");
        let may_be_left_out = attributes.says("serde", "skip_serializing_if");
        required &= if self.mode == Mode::Read { !may_be_missing } else { !may_be_left_out };
        if let Some(said) = ["schema", "param"].iter().find_map(|name| attributes.value(name, "required")) {
            required = *said != Expr::Bool(false);
        }
        if self.mode == Mode::Read
            && let Some(default) = self.default(attributes)
        {
            shape = without_null(shape).with("default", default);
        }
        Member {
            name: self.wire_name(field),
            shape,
            required,
            doc: field.doc.clone(),
            read_only: attributes.says("schema", "read_only"),
            write_only: attributes.says("schema", "write_only"),
            deprecated: attributes.has("deprecated") || attributes.says("schema", "deprecated"),
        }
    }

    /// `#[serde(default = "path::to::function")]`, when the function gives a literal.
    fn default(&self, attributes: Attributes<'p>) -> Option<serde_json::Value> {
        let made = path(attributes.text("serde", "default")?)?;
        let program = self.program;
        let meaning = program.resolve(&self.site, &made);
        let function = meaning.function()?;
        let facts = program.file(function.file);
        let [index] = facts.returns_of(function.id) else { return None };
        let value = &facts.outline.returns[*index as usize];
        let at = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: None };
        literal(program, &at, &value.value).filter(|value| !value.is_null())
    }

    /// Fields as an object. What is flattened into it is merged in; what cannot be is put beside it.
    #[must_use]
    pub fn record(&self, fields: &'p [Field], doc: Option<Name>, rest: Option<Shape>) -> Shape {
        let mut record = Record { members: Vec::new(), rest, doc };
        let mut beside = Vec::new();
        for field in fields.iter().filter(|field| !self.is_left_out(field)) {
            if self.attributes(field).says("serde", "flatten") {
                self.flatten(field, &mut record, &mut beside);
            } else {
                merge(&mut record, Record { members: vec![self.member(field)], ..Record::default() });
            }
        }
        let own = Shape::Record(Box::new(record));
        if beside.is_empty() { own } else { all_of(std::iter::once(own).chain(beside)) }
    }

    fn flatten(&self, field: &'p Field, record: &mut Record, beside: &mut Vec<Shape>) {
        let shape = self.shape(field);
        let is_optional = shape.is_nullable();
        let shape = without_null(shape);
        if let Shape::Map(held) = &shape {
            record.rest = Some((**held).clone());
            return;
        }
        match self.program.record(&shape) {
            Some(mut inner) => {
                inner.doc = None;
                inner.rest = inner.rest.filter(|rest| *rest != Shape::Never);
                if is_optional {
                    inner.members.iter_mut().for_each(|member| member.required = false);
                }
                merge(record, inner);
            }
            None if shape.is_any() => record.rest = record.rest.take().or(Some(Shape::Any)),
            None => beside.push(shape),
        }
    }
}

/// What well-known converters write.
fn converter(path: &str) -> Option<Shape> {
    let name = path.trim_end_matches(['>', '_']).rsplit("::").next().unwrap_or(path);
    Some(match path {
        _ if path.contains("rfc3339") || path.contains("iso8601") => Shape::format("date-time"),
        _ if path.contains("rfc2822") => Shape::Text(None),
        _ if path.contains("ts_seconds") || path.contains("ts_milli") || path.contains("ts_micro") || path.contains("ts_nano") => {
            Shape::Int
        }
        _ if path.contains("timestamp") && path.starts_with("time::") => Shape::Int,
        _ if path.starts_with("humantime_serde") || path.starts_with("hex") || path.starts_with("base64") => Shape::Text(None),
        _ if matches!(name, "DisplayFromStr" | "Base64" | "Hex" | "display_fromstr") => Shape::Text(None),
        _ if path.starts_with("DurationSeconds") || path.starts_with("TimestampSeconds") => Shape::Int,
        _ => return None,
    })
}
