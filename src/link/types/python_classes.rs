//! Classes of Python's standard library: dataclasses, enums, typed dictionaries, named tuples; and classes that are only annotated.

use serde_json::Value;

use super::Types;
use crate::base::Name;
use crate::base::code::{Class, Expr, Field, Type};
use crate::facts::members::merge;
use crate::facts::program::{CallRef, ClassRef, Mode, Site};
use crate::facts::shape::{Member, Record, Shape};

const ENUMS: &[&str] = &["enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag", "enum.ReprEnum"];
const TYPED_DICTS: &[&str] = &["typing.TypedDict", "typing_extensions.TypedDict"];

impl Types<'_> {
    /// A class by what it is declared as.
    pub(super) fn python_class(&self, class: ClassRef, mode: Mode) -> Shape {
        let bases = self.program.outside_bases(class);
        let has = |names: &[&str]| bases.iter().any(|base| names.contains(&base.as_str()));
        if has(ENUMS) {
            return self.python_enum(class, &bases);
        }
        if has(TYPED_DICTS) {
            return self.typed_dict(class, mode);
        }
        if has(&["typing.NamedTuple"]) {
            return Shape::Tuple(self.annotated(class, mode).members.into_iter().map(|member| member.shape).collect());
        }
        let mut record = self.annotated(class, mode);
        if record.members.is_empty() {
            return self.subclassed(&bases, mode);
        }
        record.doc = self.class(class).doc.clone();
        Shape::Record(Box::new(record))
    }

    /// A class without fields: a kind of text or number, when it is derived from one.
    fn subclassed(&self, bases: &[Name], mode: Mode) -> Shape {
        let site = Site::module(crate::facts::program::FileId(0));
        bases
            .iter()
            .map(|base| if base.starts_with("builtins.") { self.python(base, &[], &site, mode) } else { Shape::Any })
            .find(|shape| !shape.is_any())
            .unwrap_or_default()
    }

    /// The annotated fields of a class and its bases, the bases' first.
    fn annotated(&self, class: ClassRef, mode: Mode) -> Record {
        let mut record = Record::default();
        for class in self.program.lineage(class).into_iter().rev() {
            let declared = self.class(class);
            let site = Site::of_scope(class.file, declared.inner);
            let members = declared.fields.iter().filter_map(|field| self.python_field(&site, field, mode)).collect();
            merge(&mut record, Record { members, ..Record::default() });
        }
        record
    }

    fn python_field(&self, site: &Site, field: &Field, mode: Mode) -> Option<Member> {
        if field.name.starts_with('_') || is_left_out(&field.ty) {
            return None;
        }
        let mut shape = self.written(site, &field.ty, mode);
        let mut has_default = field.default.is_some();
        match &field.default {
            Some(Expr::Call(id)) => {
                let call = CallRef { file: site.file, id: *id };
                if self.program.callee(call).is_any(&["dataclasses.field"]) {
                    let made = self.outline(call.file).call(call.id);
                    if mode == Mode::Read && made.keyword("init") == Some(&Expr::Bool(false)) {
                        return None;
                    }
                    has_default = made.keyword("default").is_some() || made.keyword("default_factory").is_some();
                    shape = self.defaulted(site, shape, made.keyword("default"));
                }
            }
            default => shape = self.defaulted(site, shape, default.as_ref()),
        }
        let required = mode == Mode::Write || !has_default;
        Some(Member { name: field.name.clone(), shape, required, doc: field.doc.clone(), ..Member::default() })
    }

    fn defaulted(&self, site: &Site, shape: Shape, default: Option<&Expr>) -> Shape {
        match default.and_then(|default| self.literal(site, default)) {
            Some(value) => shape.with("default", value),
            None => shape,
        }
    }

    /// Members of typed dictionaries are required as each class of the lineage says, unless they say it themselves.
    fn typed_dict(&self, class: ClassRef, mode: Mode) -> Shape {
        let mut record = Record { doc: self.class(class).doc.clone(), ..Record::default() };
        for class in self.program.lineage(class).into_iter().rev() {
            let declared = self.class(class);
            let is_total = !declared.keywords.iter().any(|(name, value)| name == "total" && *value == Expr::Bool(false));
            let site = Site::of_scope(class.file, declared.inner);
            let members = declared.fields.iter().map(|field| Member {
                name: field.name.clone(),
                shape: self.written(&site, &field.ty, mode),
                required: match field.ty.last_name().map(Name::as_str) {
                    Some("NotRequired") => false,
                    Some("Required") => true,
                    _ => is_total,
                },
                doc: field.doc.clone(),
                ..Member::default()
            });
            merge(&mut record, Record { members: members.collect(), ..Record::default() });
        }
        Shape::Record(Box::new(record))
    }

    /// The values of an enum's members.
    fn python_enum(&self, class: ClassRef, bases: &[Name]) -> Shape {
        let is_text = bases.iter().any(|base| base == "enum.StrEnum");
        let mut values: Vec<Value> = Vec::new();
        let mut count = 0i64;
        for class in self.program.lineage(class).into_iter().rev() {
            let declared = self.class(class);
            for field in enum_members(declared) {
                let Some(default) = &field.default else { continue };
                let site = Site::of_scope(class.file, declared.inner);
                let value = if self.is_auto(&site, default) {
                    count += 1;
                    Some(if is_text { Value::from(field.name.to_lowercase()) } else { Value::from(count) })
                } else {
                    let value = self.literal(&site, default);
                    count = value.as_ref().and_then(Value::as_i64).unwrap_or(count);
                    value
                };
                let Some(value) = value else { return if is_text { Shape::Text(None) } else { Shape::Any } };
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        if values.is_empty() {
            return Shape::Any;
        }
        let shape = Shape::Enum(values);
        match &self.class(class).doc {
            Some(doc) => shape.with("description", doc.as_str()),
            None => shape,
        }
    }

    fn is_auto(&self, site: &Site, expr: &Expr) -> bool {
        let Expr::Call(id) = expr else { return false };
        self.program.callee(CallRef { file: site.file, id: *id }).is_any(&["enum.auto"])
    }
}

/// Assignments in the body of an enum. Annotated names are no members, nor are names with underscores around them.
fn enum_members(declared: &Class) -> impl Iterator<Item = &Field> {
    declared
        .fields
        .iter()
        .filter(|field| !field.name.starts_with('_') && !matches!(field.default, None | Some(Expr::Func(_) | Expr::Class(_))))
}

/// Annotations that make no field of an instance, and names without one.
fn is_left_out(ty: &Type) -> bool {
    match ty {
        Type::Unknown | Type::Function(_) => true,
        ty => matches!(ty.last_name().map(Name::as_str), Some("ClassVar" | "InitVar" | "KW_ONLY")),
    }
}
