//! The columns that the body of a mapped class declares: fields, `declared_attr` methods, a table value.

use super::annotated::{Annotated, Map, mapped};
use super::column::{Column, column};
use super::draft::Draft;
use super::model::Own;
use super::words::said;
use crate::base::Name;
use crate::base::code::{Expr, Field};
use crate::facts::program::{ClassRef, FuncRef, Program, Site};

/// How the body of a class is read.
pub(super) struct Reading<'p> {
    pub(super) program: &'p dyn Program,
    pub(super) targets: Own<'p>,
    pub(super) map: Map<'p>,
}

impl<'p> Reading<'p> {
    /// The columns that a class itself declares.
    pub(super) fn class(&self, class: ClassRef, draft: &mut Draft) {
        let facts = self.program.file(class.file);
        let declared = facts.outline.class(class.id);
        for field in &declared.fields {
            // What is bound later in the body may bear the name of a library's word.
            let site = Site { file: class.file, scope: declared.inner, offset: field.at.offset, env: None };
            self.field(&site, field, draft);
        }
        for id in &declared.methods {
            let function = facts.outline.function(*id);
            if function.decorators.iter().any(is_declared_attr) && !function.name.starts_with("__") {
                self.method(FuncRef { file: class.file, id: *id }, draft);
            }
        }
        if let Some(field) = declared.fields.iter().find(|field| field.name == "__table__")
            && let Some(made) = field.default.as_ref().and_then(|value| said(self.program, &self.program.inside_class(class), value))
            && made.word == "Table"
        {
            super::core::items(self.program, &self.targets, &made, draft);
        }
    }

    fn field(&self, site: &Site, field: &'p Field, draft: &mut Draft) {
        if field.name.starts_with("__") {
            return;
        }
        let annotation = mapped(self.program, site, &field.ty).map(|ty| self.map.read(&self.targets, site, ty));
        let Some(value) = &field.default else {
            // `id: Mapped[int]`.
            if let Some(annotation) = annotation.filter(|annotation| annotation.ty.is_some() || annotation.column.is_some()) {
                draft.add(&field.name, joined(Column { nullable: None, ..Column::default() }, annotation));
            }
            return;
        };
        if let Some(made) = said(self.program, site, value)
            && made.word == "composite"
        {
            let parts = made.call.args.iter().filter_map(|arg| column(self.program, &self.targets, &made.at, &arg.value));
            parts.for_each(|column| draft.add("", column));
            return;
        }
        // `declared_attr(lambda cls: Column(…))`.
        if let Some(made) = said(self.program, site, value).filter(|made| made.word == "declared_attr") {
            if let Some(function) = made.call.positional(0).and_then(|arg| self.program.resolve(&made.at, arg).function()) {
                self.returned(function, &field.name, None, draft);
            }
            return;
        }
        if let Some(column) = column(self.program, &self.targets, site, value) {
            let column = match annotation {
                Some(annotation) => joined(column, annotation),
                None => column,
            };
            draft.add(&field.name, column);
        }
    }

    /// `@declared_attr def owner_id(cls): return Column(…)`.
    fn method(&self, function: FuncRef, draft: &mut Draft) {
        let declared = self.program.file(function.file).outline.function(function.id);
        let around = self.program.around(function);
        let annotation = mapped(self.program, &around, &declared.returns).map(|ty| self.map.read(&self.targets, &around, ty));
        self.returned(function, &declared.name, annotation, draft);
    }

    fn returned(&self, function: FuncRef, name: &Name, annotation: Option<Annotated>, draft: &mut Draft) {
        let facts = self.program.file(function.file);
        for index in facts.returns_of(function.id) {
            let value = &facts.outline.returns[*index as usize];
            let site = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: None };
            if let Some(column) = column(self.program, &self.targets, &site, &value.value) {
                let column = match annotation {
                    Some(annotation) => joined(column, annotation),
                    None => column,
                };
                draft.add(name, column);
                return;
            }
        }
    }
}

/// A column with what its annotation says besides.
fn joined(own: Column, annotation: Annotated) -> Column {
    let mut column = own;
    if let Some(base) = annotation.column {
        column.name = column.name.or(base.name);
        column.ty = column.ty.or(base.ty);
        column.nullable = column.nullable.or(base.nullable);
        column.is_key |= base.is_key;
        column.autoincrement = column.autoincrement.or(base.autoincrement);
        column.unique |= base.unique;
        column.index |= base.index;
        column.default = column.default.or(base.default);
        column.is_given |= base.is_given;
        column.generated = column.generated.or(base.generated);
        if column.references.is_empty() {
            column.references = base.references;
        }
        column.doc = column.doc.or(base.doc);
    }
    column.nullable = column.nullable.or(Some(annotation.nullable));
    if column.ty.is_none() && column.references.is_empty() {
        column.ty = annotation.ty;
    } else if column.ty.is_none() {
        column.fallback = annotation.ty;
    }
    column
}

/// `@declared_attr`, `@declared_attr.directive`.
pub(super) fn is_declared_attr(decorator: &Expr) -> bool {
    let mut names = decorator.dotted().unwrap_or_default();
    if let Some(short) = names.strip_suffix(".directive").or_else(|| names.strip_suffix(".cascading")) {
        names = short.to_owned();
    }
    names == "declared_attr" || names.ends_with(".declared_attr")
}
