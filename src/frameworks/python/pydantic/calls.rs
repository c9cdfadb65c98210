//! Types that calls make: `constr(max_length=3)`, `conlist(int, min_length=1)`, `create_model("User", name=(str, ...))`.

use super::model::is_ellipsis;
use super::types::spelled;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::members::merge;
use crate::facts::program::{Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::python::annotations::{inside_call, library_call};
use crate::frameworks::python::constraints::constrained;
use crate::frameworks::python::literals::literal;

/// The shape a call of the library makes.
#[must_use]
pub fn shape(program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
    let Expr::Call(_) = expr else { return None };
    let (path, call, at) = library_call(program, site, expr)?;
    let name = path.strip_prefix("pydantic.")?.rsplit('.').next()?;
    let made = program.call(call);
    let at = inside_call(made, &at);
    let item = |keyword: &str| made.arg(0, keyword).map_or(Shape::Any, |expr| spelled(program, &at, expr, mode));
    let plain = match name {
        "constr" => Shape::Text(None),
        "conbytes" => Shape::format("binary"),
        "conint" => Shape::Int,
        "confloat" => Shape::Number,
        "condecimal" if mode == Mode::Read => Shape::AnyOf(vec![Shape::Number, Shape::Text(None)]),
        "condecimal" => Shape::Text(None),
        "condate" => Shape::format("date"),
        "conlist" => item("item_type").list(),
        "conset" | "confrozenset" => item("item_type").list().with("uniqueItems", true),
        "create_model" => return created(program, made, &at, mode),
        _ => return None,
    };
    Some(constrained(program, &at, made, plain))
}

/// `create_model("Name", __base__=Base, field=(type, default))`.
fn created(program: &dyn Program, made: &Call, at: &Site, mode: Mode) -> Option<Shape> {
    let mut record = Record::default();
    for arg in &made.args {
        let Some(name) = &arg.name else { continue };
        match name.as_str() {
            "__base__" => {
                let bases = program.items(at, &arg.value).unwrap_or_else(|| vec![(&arg.value, at.clone())]);
                for (base, site) in bases {
                    let shape = spelled(program, &site, base, mode);
                    merge(&mut record, program.record(&shape).unwrap_or_default());
                }
            }
            "**" | "__config__" | "__module__" | "__doc__" | "__validators__" | "__cls_kwargs__" => {}
            _ => merge(&mut record, Record { members: vec![member(program, at, name, &arg.value, mode)], ..Record::default() }),
        }
    }
    (!record.members.is_empty()).then(|| Shape::Record(Box::new(record)))
}

fn member(program: &dyn Program, at: &Site, name: &Name, value: &Expr, mode: Mode) -> Member {
    match value {
        Expr::List(pair) if pair.len() == 2 => {
            let shape = spelled(program, at, &pair[0], mode);
            let required = is_ellipsis(&pair[1]);
            let shape = match literal(program, at, &pair[1]).filter(|value| !value.is_null()) {
                Some(default) => shape.with("default", default),
                None => shape,
            };
            Member { required, ..Member::optional(name.clone(), shape) }
        }
        other => Member::required(name.clone(), spelled(program, at, other, mode)),
    }
}
