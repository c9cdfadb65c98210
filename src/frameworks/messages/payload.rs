//! What travels: the value behind its serialisation.

use crate::base::Name;
use crate::base::code::{Call, Expr, Key};
use crate::facts::program::{CallRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;

/// Functions whose first argument is what they make text or bytes of.
const SERIALISE: &[&str] = &[
    "attr.asdict",
    "attrs.asdict",
    "builtins.Buffer.from",
    "builtins.JSON.stringify",
    "builtins.bytes",
    "builtins.dict",
    "builtins.str",
    "cattrs.unstructure",
    "dataclasses.asdict",
    "django.core.serializers.json.json.dumps",
    "json.dumps",
    "msgpack.packb",
    "msgspec.json.encode",
    "orjson.dumps",
    "pickle.dumps",
    "rmp_serde.to_vec",
    "rmp_serde.to_vec_named",
    "bincode.serialize",
    "serde_json.json",
    "serde_json.to_string",
    "serde_json.to_string_pretty",
    "serde_json.to_value",
    "serde_json.to_vec",
    "simplejson.dumps",
    "ujson.dumps",
];

/// Methods that give the same value in another form.
const SAME: &[&str] = &[
    "as_bytes",
    "as_ref",
    "as_slice",
    "as_str",
    "asdict",
    "clone",
    "dict",
    "encode",
    "expect",
    "into",
    "into_bytes",
    "json",
    "map_err",
    "model_dump",
    "model_dump_json",
    "to_dict",
    "to_json",
    "to_owned",
    "to_string",
    "to_vec",
    "toString",
    "toJSON",
    "unwrap",
    "unwrap_or_default",
    "SerializeToString",
    "serialize",
    "into_boxed_slice",
    "to_bytes",
    "decode",
    "freeze",
];

/// The same value is followed this far.
const DEEPEST: usize = 10;

/// The shape of a value that is sent.
#[must_use]
pub fn of_value(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Shape> {
    let (inner, at) = behind(program, site, expr);
    let shape = program.shape_of_value(&at, inner, Mode::Write);
    let says = |shape: &Shape| program.record(shape).is_some_and(|record| !record.members.is_empty());
    if !says(&shape) {
        // A wrapper takes any object: what its caller hands in says more.
        let given = match program.resolve(&at, inner) {
            Meaning::Value(value, there) if !std::ptr::eq(value, inner) => {
                let (value, there) = behind(program, &there, value);
                program.shape_of_value(&there, value, Mode::Write)
            }
            Meaning::Param(function, position) => {
                let ty = program.function(function).params.get(position as usize).map(|param| &param.ty);
                ty.map_or(Shape::Any, |ty| program.shape_of_type(&program.around(function), ty, Mode::Write))
            }
            Meaning::Instance(class) => program.shape_of_class(class, Vec::new(), Mode::Write),
            _ => Shape::Any,
        };
        if says(&given) {
            return Some(given);
        }
    }
    let shape = if at.env.is_some() { with_spreads(program, &at, inner, shape) } else { shape };
    (!shape.is_any()).then_some(shape)
}

/// `{ ...event, at }` in a wrapper: with the members of what its caller hands in.
fn with_spreads(program: &dyn Program, site: &Site, expr: &Expr, shape: Shape) -> Shape {
    let Expr::Object(entries) = expr else { return shape };
    let Some(mut record) = program.record(&shape) else { return shape };
    let spreads = entries.iter().filter(|entry| entry.key == Key::Spread);
    let mut is_same = true;
    for given in spreads.filter_map(|entry| program.resolve(site, &entry.value).value().map(|(value, at)| (value, at.clone()))) {
        let members =
            program.record(&program.shape_of_value(&given.1, given.0, Mode::Write)).map(|record| record.members).unwrap_or_default();
        for member in members {
            if !record.members.iter().any(|known| known.name == member.name) {
                record.members.push(member);
                is_same = false;
            }
        }
    }
    if is_same { shape } else { Shape::Record(Box::new(record)) }
}

/// The value before it was serialised, and where it is read.
#[must_use]
pub fn behind<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> (&'p Expr, Site) {
    let (mut at, mut value) = (site.clone(), expr);
    for _ in 0..DEEPEST {
        let Some((inner, next)) = step(program, &at, value) else { break };
        (value, at) = (inner, next);
    }
    (value, at)
}

fn step<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<(&'p Expr, Site)> {
    let (call, here) = match expr {
        Expr::Call(id) => (CallRef { file: site.file, id: *id }, site.clone()),
        _ => match program.resolve(site, expr) {
            Meaning::Value(Expr::Call(id), at) => (CallRef { file: at.file, id: *id }, at),
            _ => return None,
        },
    };
    let made: &Call = program.call(call);
    let at = Site { file: call.file, scope: made.scope, offset: made.at.offset, env: here.env };
    if program.callee(call).outside().is_some_and(|path| SERIALISE.contains(&path)) {
        return made.positional(0).map(|value| (value, at));
    }
    let (receiver, name) = made.method()?;
    // `codec.encode({ id })`: a codec of the program's own or of a library.
    if matches!(name.as_str(), "encode" | "serialize" | "stringify")
        && let Some(value) = made.positional(0).filter(|value| !matches!(value, Expr::Str(_)))
    {
        return Some((value, at));
    }
    SAME.contains(&name.as_str()).then_some((receiver, at))
}

/// The name a message has by its payload: the class of the value.
#[must_use]
pub fn class_name(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    let (inner, at) = behind(program, site, expr);
    program.class_of(&at, inner).map(|class| program.class(class).name.clone())
}
