//! Checks of a part against a schema: in a handler (`schema.parse(req.body)`), or as middleware (`validate(schema)`,
//! `celebrate({ body: … })`, `body("email").isEmail()`).

use super::{Handling, Part, READ};
use crate::base::Name;
use crate::base::code::{Call, Expr, Key};
use crate::facts::program::{CallRef, Meaning, Program, Site};
use crate::facts::shape::{Member, Shape};

/// Libraries of schemas.
const SCHEMAS: &[&str] =
    &["zod", "joi", "@hapi/joi", "yup", "@sinclair/typebox", "celebrate", "superstruct", "valibot", "arktype", "io-ts", "@vinejs/vine"];

/// What a part is checked against by a call in a handler.
pub(super) fn checked(handling: &Handling, site: &Site, made: &Call) -> Option<(Part, Shape)> {
    let program = handling.program;
    let whole = |expr: &Expr| {
        let (part, rest) = handling.part_of(&handling.source(site, expr)?)?;
        rest.is_empty().then_some(part)
    };
    let part = made.args.iter().find_map(|arg| whole(&arg.value))?;
    for arg in &made.args {
        if let Some(shape) = schema(program, site, &arg.value) {
            return Some((part, shape));
        }
    }
    let (receiver, name) = made.method()?;
    let checks = matches!(
        name.as_str(),
        "parse"
            | "parseAsync"
            | "safeParse"
            | "safeParseAsync"
            | "validate"
            | "validateAsync"
            | "validateSync"
            | "cast"
            | "check"
            | "attempt"
            | "Check"
            | "Parse"
    );
    checks.then(|| schema(program, site, receiver)).flatten().map(|shape| (part, shape))
}

/// The shape of a schema value or a class that describes.
pub(super) fn schema(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Shape> {
    let shape = match program.resolve(site, expr) {
        Meaning::Class(class) => program.shape_of_class(class, Vec::new(), READ),
        Meaning::Value(head @ Expr::Call(id), at) if is_schema(program, CallRef { file: at.file, id: *id }) => {
            let named = program.shape_of_value(site, expr, READ);
            if named.is_any() { program.shape_of_value(&at, head, READ) } else { named }
        }
        _ => return None,
    };
    (!shape.is_any()).then_some(shape)
}

/// Whether a call, or the chain it ends, comes from a library of schemas.
fn is_schema(program: &dyn Program, call: CallRef) -> bool {
    let mut here = call;
    for _ in 0..64 {
        let made = program.call(here);
        match program.callee(here) {
            Meaning::Outside(path) => {
                return SCHEMAS
                    .iter()
                    .any(|known| path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/'])));
            }
            _ => match made.method() {
                Some((Expr::Call(id), _)) => here = CallRef { file: here.file, id: *id },
                Some((receiver, _)) => match program.resolve(&Site::of_call(here.file, made), receiver) {
                    Meaning::Value(Expr::Call(id), at) => here = CallRef { file: at.file, id: *id },
                    _ => return false,
                },
                None => return false,
            },
        }
    }
    false
}

/// What middleware checks: parts and their shapes.
#[must_use]
pub fn middleware(program: &dyn Program, site: &Site, expr: &Expr, takes_body: bool) -> Vec<(Part, Shape)> {
    let mut found = Vec::new();
    if let Some((part, member)) = field_check(program, site, expr) {
        return vec![(part, Shape::record(vec![member]))];
    }
    let meaning = program.resolve(site, expr);
    let Some((call, at)) = meaning.call() else { return found };
    let made = program.call(call);
    let named = made.callee.last_name().map(|name| name.to_lowercase()).unwrap_or_default();
    let said = made.args.iter().find_map(|arg| arg.value.as_str().and_then(part_named));
    for arg in &made.args {
        if let Some((object @ Expr::Object(_), inner)) = program.resolve(at, &arg.value).value() {
            parts_of_object(program, inner, object, &mut found);
            continue;
        }
        let Some(shape) = schema(program, at, &arg.value) else { continue };
        let record = program.record(&shape).map(|record| record.members).unwrap_or_default();
        if !record.is_empty() && record.iter().all(|member| part_named(&member.name).is_some()) {
            found.extend(record.into_iter().filter_map(|member| Some((part_named(&member.name)?, member.shape))));
            continue;
        }
        let by_name = [("query", Part::Query), ("param", Part::Params), ("body", Part::Body), ("header", Part::Headers)];
        let part = said.or_else(|| by_name.iter().find(|(word, _)| named.contains(word)).map(|(_, part)| *part));
        found.push((part.unwrap_or(if takes_body { Part::Body } else { Part::Query }), shape));
    }
    found
}

/// `{ body: schema, query: { page: schema } }`.
fn parts_of_object(program: &dyn Program, site: &Site, object: &Expr, found: &mut Vec<(Part, Shape)>) {
    let Expr::Object(entries) = object else { return };
    for entry in entries.iter() {
        let part = match &entry.key {
            Key::Name(name) => part_named(name),
            Key::Computed(key) => key.last_name().and_then(|name| part_named(name)),
            Key::Spread => None,
        };
        let Some(part) = part else { continue };
        let shape = match program.resolve(site, &entry.value) {
            Meaning::Value(Expr::Object(_), _) => schemas_by_name(program, site, &entry.value),
            _ => schema(program, site, &entry.value),
        };
        found.extend(shape.map(|shape| (part, shape)));
    }
}

/// An object whose members are schemas.
fn schemas_by_name(program: &dyn Program, site: &Site, object: &Expr) -> Option<Shape> {
    let entries = program.entries(site, object)?;
    let members = entries.into_iter().map(|(name, value, at)| Member::optional(name, schema(program, &at, value).unwrap_or_default()));
    Some(Shape::record(members.collect()))
}

fn part_named(name: &str) -> Option<Part> {
    Some(match name.to_lowercase().as_str() {
        "body" => Part::Body,
        "query" | "querystring" => Part::Query,
        "params" => Part::Params,
        "headers" => Part::Headers,
        "cookies" => Part::Cookies,
        _ => return None,
    })
}

/// `body("email").isEmail().optional()`.
fn field_check(program: &dyn Program, site: &Site, expr: &Expr) -> Option<(Part, Member)> {
    let Expr::Call(_) = expr else { return None };
    let mut links: Vec<&Call> = Vec::new();
    let mut here = expr;
    let root = loop {
        let Expr::Call(id) = here else { return None };
        let made = program.file(site.file).outline.call(*id);
        if let Meaning::Outside(path) = program.callee(CallRef { file: site.file, id: *id })
            && let Some(name) = path.strip_prefix("express-validator.").or_else(|| path.strip_prefix("express-validator/check."))
        {
            break (made, name.to_owned());
        }
        links.push(made);
        (here, _) = made.method()?;
        if links.len() > 64 {
            return None;
        }
    };
    let part = match root.1.as_str() {
        "query" => Part::Query,
        "param" => Part::Params,
        "header" => Part::Headers,
        "cookie" => Part::Cookies,
        "body" | "check" => Part::Body,
        _ => return None,
    };
    let name = root.0.positional(0).and_then(|name| program.text(site, name).plain())?;
    let names: Vec<&Name> = links.iter().filter_map(|link| link.callee.last_name()).collect();
    let shape = names.iter().rev().fold(Shape::Text(None), |shape, name| checked_as(name).unwrap_or(shape));
    let is_required = !names.iter().any(|name| name.as_str() == "optional");
    Some((part, nested(&name, shape, is_required)))
}

/// `address.street` stands in an object.
fn nested(name: &str, shape: Shape, required: bool) -> Member {
    match name.split_once('.') {
        Some((first, rest)) if !first.is_empty() && !rest.is_empty() && name.len() < 200 => {
            let below = match rest.strip_prefix("*.") {
                Some(rest) => Shape::record(vec![nested(rest, shape, required)]).list(),
                None if rest == "*" => shape.list(),
                None => Shape::record(vec![nested(rest, shape, required)]),
            };
            Member { name: first.into(), shape: below, required, ..Member::default() }
        }
        _ => Member { name: name.into(), shape, required, ..Member::default() },
    }
}

fn checked_as(check: &str) -> Option<Shape> {
    Some(match check {
        "isInt" | "toInt" => Shape::Int,
        "isNumeric" | "isFloat" | "isDecimal" | "toFloat" => Shape::Number,
        "isBoolean" | "toBoolean" => Shape::Bool,
        "isEmail" => Shape::format("email"),
        "isURL" => Shape::format("uri"),
        "isUUID" => Shape::format("uuid"),
        "isISO8601" | "isDate" | "toDate" | "isRFC3339" => Shape::format("date-time"),
        "isArray" => Shape::Any.list(),
        "isObject" => Shape::Map(Box::new(Shape::Any)),
        _ => return None,
    })
}
