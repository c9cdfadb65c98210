//! Types of all languages as one [`Shape`]: what is written, what is declared, and what values tell.
//!
//! - [`written`]: types as written, whatever the language; [`python`], [`script`] and [`rust`] know the standard libraries' names.
//! - [`classes`]: what stands behind a class, interface, struct, enum or alias.
//! - [`generic`]: type parameters.
//! - [`values`] and [`calls`]: shapes of values.
//! - [`statics`]: the static type of an expression, and the class it is an instance of.
//! - [`cache`]: expanded names, and the bounds that keep recursive types finite.
//!
//! Libraries come first everywhere, through the readers. Knows none of them by name.

mod cache;
mod calls;
mod classes;
mod generic;
mod literals;
mod pass;
mod python;
mod python_classes;
mod records;
mod rust;
mod script;
mod script_classes;
mod script_utility;
mod statics;
mod type_exprs;
mod values;
mod written;

pub use cache::ShapeCache;
pub use statics::type_of;

use crate::base::code::{Class, Expr, Outline, Type};
use crate::base::language::Language;
use crate::facts::framework::TypeReader;
use crate::facts::program::{ClassRef, FileId, FuncRef, Mode, Program, Site};
use crate::facts::shape::{Record, Shape};

/// Questions about types, asked of a program with the readers of the libraries it uses.
#[derive(Clone, Copy)]
pub struct Types<'p> {
    program: &'p dyn Program,
    readers: &'p [&'static dyn TypeReader],
}

impl<'p> Types<'p> {
    /// The types of a program; readers in the order they are asked.
    #[must_use]
    pub fn new(program: &'p dyn Program, readers: &'p [&'static dyn TypeReader]) -> Self {
        Self { program, readers }
    }

    /// A type as a shape; see [`Program::shape_of_type`].
    #[must_use]
    pub fn shape_of_type(&self, site: &Site, ty: &Type, mode: Mode) -> Shape {
        self.written(site, ty, mode)
    }

    /// A class applied to arguments; see [`Program::shape_of_class`].
    #[must_use]
    pub fn shape_of_class(&self, class: ClassRef, args: Vec<Shape>, mode: Mode) -> Shape {
        self.applied(class, args, mode)
    }

    /// A value as a shape; see [`Program::shape_of_value`].
    #[must_use]
    pub fn shape_of_value(&self, site: &Site, expr: &Expr, mode: Mode) -> Shape {
        self.value(site, expr, mode)
    }

    /// The class of the program that an expression is an instance of; see [`Program::class_of`].
    #[must_use]
    pub fn class_of(&self, site: &Site, expr: &Expr) -> Option<ClassRef> {
        self.instance(site, expr, Mode::Write).map(|(class, _)| class)
    }

    /// The members of a shape; see [`Program::record`].
    #[must_use]
    pub fn record(&self, shape: &Shape) -> Option<Record> {
        self.record_of(shape, 0)
    }

    fn outline(&self, file: FileId) -> &'p Outline {
        &self.program.file(file).outline
    }

    fn language(&self, file: FileId) -> Language {
        self.program.file(file).language
    }

    fn class(&self, class: ClassRef) -> &'p Class {
        self.outline(class.file).class(class.id)
    }

    /// Where a function's signature is read. Type parameters stand in the inner scope; Python's annotations must not see the
    /// parameters there (`date: date`).
    fn signature_site(&self, function: FuncRef) -> Site {
        let declared = self.outline(function.file).function(function.id);
        let is_outer = self.language(function.file) == Language::Python && declared.type_params.is_empty();
        Site::of_scope(function.file, if is_outer { declared.scope } else { declared.inner })
    }
}
