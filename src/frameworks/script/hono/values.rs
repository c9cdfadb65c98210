//! Values that a context gives: what validators checked, what middleware set, parts of the request.

use super::context::{Variable, call_with, variable};
use super::inputs;
use crate::base::code::Expr;
use crate::facts::framework::TypeReader;
use crate::facts::program::{Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;

/// Reads values of handlers.
pub struct Reader;

impl TypeReader for Reader {
    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        if !program.file(site.file).language.is_script() {
            return None;
        }
        let made = program.file(site.file).outline.call(*id);
        let (receiver, name) = made.method()?;
        let at = site.moved(site.file, made.scope, made.at.offset);
        match (name.as_str(), receiver) {
            ("get", Expr::Ref(_)) if made.args.len() == 1 => match variable(program, &at, expr)? {
                Variable::Value(value, at) => Some(program.shape_of_value(&at, value, mode)),
                Variable::Typed(ty, at) => Some(program.shape_of_type(&at, ty, mode)),
            },
            (method, Expr::Member(context, req)) if req == "req" => {
                let Meaning::Param(handler, 0) = program.resolve(&at, context) else { return None };
                let call = call_with(program, handler)?;
                let route = program.call(call);
                match (method, made.positional(0)) {
                    ("valid", Some(target)) => {
                        let target = program.text(&at, target).plain()?;
                        let at = Site::of_call(call.file, route);
                        let mut checks = route.args.iter().filter_map(|arg| inputs::validator(program, &at, &arg.value, mode));
                        checks.find(|(known, _)| *known == target).map(|(_, shape)| shape)
                    }
                    ("param" | "query" | "header", Some(_)) => Some(Shape::Text(None)),
                    ("queries", Some(_)) => Some(Shape::Text(None).list()),
                    ("json", None) => made.type_args.first().map(|ty| program.shape_of_type(&at, ty, mode)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
