//! What stands behind a class, interface, struct, enum or alias.

use super::Types;
use super::cache::set_filling;
use crate::base::code::ClassKind;
use crate::base::language::Language;
use crate::facts::members::fill;
use crate::facts::program::{ClassRef, Mode, Site};
use crate::facts::shape::{Shape, TypeKey, TypeSource};

impl Types<'_> {
    /// What a name stands for, its type parameters filled in.
    pub(super) fn expansion(&self, key: &TypeKey) -> Shape {
        match &key.source {
            TypeSource::Class(class) => {
                let filling = self.filling(*class, &key.args, key.mode);
                set_filling(filling.clone());
                let shape = self.declared(*class, &key.args, key.mode);
                self.closed(fill(shape, &filling), key.mode)
            }
            TypeSource::Variant(class, variant) => {
                let filling = self.filling(*class, &key.args, key.mode);
                set_filling(filling.clone());
                let found = self.readers.iter().find_map(|reader| reader.variant(self.program, *class, variant, key.mode));
                self.closed(fill(found.unwrap_or_default(), &filling), key.mode)
            }
            TypeSource::Call(call) => {
                let made = self.outline(call.file).call(call.id);
                let expr = crate::base::code::Expr::Call(call.id);
                let site = Site::of_call(call.file, made);
                self.readers.iter().find_map(|reader| reader.value(self.program, &expr, &site, key.mode)).unwrap_or_default()
            }
            TypeSource::Document(document, pointer) => {
                self.readers.iter().find_map(|reader| reader.document(self.program, *document, pointer)).unwrap_or_default()
            }
            TypeSource::Param(..) => self.closed(Shape::Named(Box::new(key.clone())), key.mode),
        }
    }

    /// A class: what a library's reader says, else what its declaration does.
    fn declared(&self, class: ClassRef, args: &[Shape], mode: Mode) -> Shape {
        if let Some(shape) = self.readers.iter().find_map(|reader| reader.class(self.program, class, args, mode)) {
            return shape;
        }
        let declared = self.class(class);
        match (declared.kind, self.language(class.file)) {
            (ClassKind::Alias, _) => self.written(&Site::of_scope(class.file, declared.inner), &declared.alias, mode),
            (ClassKind::Trait, _) => Shape::Any,
            (_, Language::Python) => self.python_class(class, mode),
            (_, Language::Rust) => self.rust_class(class, mode),
            (ClassKind::Enum, _) => self.script_enum(class),
            _ => self.script_class(class, mode),
        }
    }
}
