//! Interfaces, classes and enums of TypeScript and JavaScript.

use serde_json::Value;

use super::Types;
use super::written::{admits_undefined, is_deprecated, is_function};
use crate::base::Name;
use crate::base::code::{Class, ClassKind, Expr, Field, FuncId, Type};
use crate::facts::file::Binding;
use crate::facts::members::merge;
use crate::facts::program::{ClassRef, FuncRef, Mode, Site};
use crate::facts::shape::{Member, Record, Shape};

impl Types<'_> {
    /// The members of an interface or class: those of its bases, then its own.
    pub(super) fn script_class(&self, class: ClassRef, mode: Mode) -> Shape {
        let declared = self.class(class);
        let site = Site::of_scope(class.file, declared.inner);
        let mut record = Record::default();
        for part in self.declarations(class) {
            let part = self.outline(class.file).class(part.id);
            let site = Site::of_scope(class.file, part.inner);
            for base in &part.bases {
                if let Some(inherited) = self.record_of(&self.written(&site, base, mode), 0) {
                    merge(&mut record, Record { doc: None, ..inherited });
                }
            }
            let own = self.script_members(class, part, mode);
            merge(&mut record, own);
        }
        if record.members.is_empty() && record.rest.is_none() && declared.bases.iter().any(|base| self.written(&site, base, mode).is_any())
        {
            return Shape::Any;
        }
        record.doc = declared.doc.clone();
        Shape::Record(Box::new(record))
    }

    /// All declarations of an interface's name in its scope: they merge.
    fn declarations(&self, class: ClassRef) -> Vec<ClassRef> {
        let declared = self.class(class);
        if declared.kind != ClassKind::Interface || declared.name.is_empty() {
            return vec![class];
        }
        let bound = self.program.file(class.file).bound(declared.scope, &declared.name);
        let mut parts: Vec<ClassRef> = bound
            .iter()
            .filter_map(|bound| if let Binding::Class(id) = bound.to { Some(ClassRef { file: class.file, id }) } else { None })
            .filter(|part| matches!(self.class(*part).kind, ClassKind::Interface | ClassKind::Class))
            .collect();
        if !parts.contains(&class) {
            parts.push(class);
        }
        parts
    }

    fn script_members(&self, class: ClassRef, part: &Class, mode: Mode) -> Record {
        let site = Site::of_scope(class.file, part.inner);
        if part.kind == ClassKind::Interface {
            return self.inline_record(&site, &part.fields, mode);
        }
        let mut record = Record::default();
        for field in &part.fields {
            if let Type::Map(pair) = &field.ty
                && (field.name.is_empty() || field.name.starts_with('['))
            {
                record.rest = Some(self.written(&site, &pair.1, mode));
            } else if is_data(field) {
                record.members.push(self.script_field(&site, field, mode));
            }
        }
        for id in &part.methods {
            self.members_of_method(class, *id, mode, &mut record);
        }
        record
    }

    fn script_field(&self, site: &Site, field: &Field, mode: Mode) -> Member {
        let shape = match (&field.ty, &field.default) {
            (Type::Unknown, Some(value)) => self.value(site, value, mode),
            (ty, _) => self.written(site, ty, mode),
        };
        // What a client sends may leave out what has a default.
        let is_defaulted = mode == Mode::Read && field.default.is_some();
        Member {
            name: field.name.clone(),
            shape,
            required: !field.optional && !is_defaulted && !admits_undefined(&field.ty),
            doc: field.doc.clone(),
            deprecated: is_deprecated(field.doc.as_deref()),
            ..Member::default()
        }
    }

    /// Parameter properties of a constructor, and getters.
    fn members_of_method(&self, class: ClassRef, id: FuncId, mode: Mode, record: &mut Record) {
        let method = self.outline(class.file).function(id);
        let site = Site::of_scope(class.file, method.inner);
        if method.name == "constructor" {
            let fields = &self.class(class).fields;
            let is_field = |name: &Name| fields.iter().any(|field| field.name == *name);
            for param in method.params.iter().filter(|param| param.is_property && !is_function(&param.ty)) {
                let Some(name) = param.name().filter(|name| !is_field(name)) else { continue };
                let member = Member {
                    name: name.clone(),
                    shape: self.written(&site, &param.ty, mode),
                    required: !param.optional && param.default.is_none() && !admits_undefined(&param.ty),
                    ..Member::default()
                };
                merge(record, Record { members: vec![member], ..Record::default() });
            }
        }
        let is_getter = method.flags.is_accessor && method.params.iter().all(|param| param.kind == crate::base::code::ParamKind::Receiver);
        if is_getter && !method.flags.is_static && !method.flags.is_private && record.member(&method.name).is_none() {
            let shape = self.returned(FuncRef { file: class.file, id }, mode);
            record.members.push(Member { doc: method.doc.clone(), read_only: true, ..Member::required(method.name.clone(), shape) });
        }
    }

    /// The members of an enum with their values: as given, else counted on.
    pub(super) fn enum_values(&self, class: ClassRef) -> Vec<(Name, Option<Value>)> {
        let declared = self.class(class);
        let site = Site::of_scope(class.file, declared.inner);
        let mut next = Some(0i64);
        let mut members = Vec::with_capacity(declared.variants.len());
        for variant in &declared.variants {
            let value = match &variant.value {
                None => next.map(Value::from),
                Some(expr) => self.literal(&site, expr),
            };
            next = value.as_ref().and_then(Value::as_i64).and_then(|value| value.checked_add(1));
            members.push((variant.name.clone(), value));
        }
        members
    }

    /// The values of an enum.
    pub(super) fn script_enum(&self, class: ClassRef) -> Shape {
        let declared = self.class(class);
        let mut values: Vec<Value> = Vec::new();
        let mut is_known = true;
        for (_, value) in self.enum_values(class) {
            is_known &= value.is_some();
            values.extend(value.filter(|value| !values.contains(value)));
        }
        let shape = match (is_known, values.first()) {
            (true, Some(_)) => Shape::Enum(values),
            (true, None) => Shape::Never,
            (false, Some(Value::String(_))) => Shape::Text(None),
            (false, _) => Shape::Any,
        };
        match &declared.doc {
            Some(doc) => shape.with("description", doc.as_str()),
            None => shape,
        }
    }
}

/// Whether a field of a class is data that others see.
fn is_data(field: &Field) -> bool {
    let is_hidden = field.flags.is_static || field.flags.is_private || field.name.starts_with('#') || field.name.is_empty();
    !is_hidden && !is_function(&field.ty) && !matches!(field.default, Some(Expr::Func(_)))
}
