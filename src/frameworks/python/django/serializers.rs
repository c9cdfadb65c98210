//! Serializers.

use crate::base::code::Expr;
use crate::facts::program::{Mode, Program, Site};
use crate::facts::shape::Shape;

/// The shape of a serializer.
#[must_use]
pub fn shape_at(_program: &dyn Program, _site: &Site, _expr: &Expr, _mode: Mode) -> Option<Shape> {
    None
}
