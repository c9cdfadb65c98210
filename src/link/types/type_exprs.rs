//! Types that stand where values stand: `List[User]` as an argument, `UserId = NewType("UserId", int)`, `A | B` assigned to a name.

use super::Types;
use crate::base::code::{Expr, Type};
use crate::facts::program::{CallRef, Mode, Site};
use crate::facts::shape::Shape;

impl Types<'_> {
    /// An expression that stands for a type.
    pub(super) fn type_expr(&self, site: &Site, expr: &Expr, mode: Mode) -> Shape {
        if let Expr::Call(id) = expr {
            return self.type_call(site, CallRef { file: site.file, id: *id }, expr, mode);
        }
        match Type::spelled(expr) {
            Type::Value(inner) => self.literal(site, &inner).map_or(Shape::Any, |value| Shape::Enum(vec![value])),
            ty => self.written(site, &ty, mode),
        }
    }

    fn type_call(&self, site: &Site, call: CallRef, expr: &Expr, mode: Mode) -> Shape {
        if let Some(shape) = self.readers.iter().find_map(|reader| reader.value(self.program, expr, site, mode)) {
            return shape;
        }
        let made = self.outline(call.file).call(call.id);
        let Some(_step) = super::cache::ValueStep::enter() else { return Shape::Any };
        let callee = self.program.callee(call);
        match callee.outside() {
            Some("typing.NewType" | "typing_extensions.TypeAliasType" | "typing.TypeAliasType") => {
                made.positional(1).map_or(Shape::Any, |of| self.type_expr(&site.moved(site.file, made.scope, made.at.offset), of, mode))
            }
            _ => Shape::Any,
        }
    }
}
