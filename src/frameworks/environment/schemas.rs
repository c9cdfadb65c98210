//! What a schema asks of the environment: `z.object({ PORT: z.coerce.number().default(3000) })`, `{ PORT: port({ default: 3000 }) }`.
//!
//! The methods in the chain of a member say whether it may be missing, whatever the library.

use super::literal;
use crate::base::code::{Expr, Key};
use crate::facts::infrastructure::EnvAccess;
use crate::facts::program::{Meaning, Program, Site};

/// How many links of a chain are followed.
const MAX_LINKS: usize = 24;
/// Methods and functions that are given the members of an object.
const OBJECTS: &[&str] = &["object", "strictObject", "looseObject", "shape", "keys", "Object", "append", "extend", "strict_object", "type"];

/// The members of a schema: name, and what is asked of it.
#[must_use]
pub fn members(program: &dyn Program, site: &Site, schema: &Expr) -> Vec<(String, EnvAccess)> {
    let mut found = Vec::new();
    collect(program, site, schema, &mut found, 0);
    found
}

fn collect(program: &dyn Program, site: &Site, schema: &Expr, found: &mut Vec<(String, EnvAccess)>, depth: usize) {
    if depth > MAX_LINKS {
        return;
    }
    let meaning = program.resolve(site, schema);
    let Some((value, at)) = meaning.value() else { return };
    match value {
        Expr::Object(_) => {
            for (name, member, at) in program.entries(at, value).unwrap_or_default() {
                found.push((name.to_string(), asked(program, &at, member)));
            }
        }
        Expr::Call(id) => {
            let call = program.file(at.file).outline.call(*id);
            let here = Site { scope: call.scope, offset: call.at.offset, file: at.file, env: at.env.clone() };
            let name = call.callee.last_name().map_or("", |name| name.as_str());
            let is_object = OBJECTS.contains(&name) && call.args.len() <= 2;
            match call.args.first().filter(|_| is_object || name == "merge" || name == "and") {
                Some(first) => collect(program, &here, &first.value, found, depth + 1),
                None if call.method().is_none() => {
                    // `pipe(v.object({…}), …)`, `preprocess(f, z.object({…}))`.
                    call.args.iter().for_each(|arg| collect_schema(program, &here, &arg.value, found, depth));
                }
                None => {}
            }
            if let Some((receiver, _)) = call.method() {
                collect_schema(program, &here, receiver, found, depth);
            }
        }
        _ => {}
    }
}

/// As [`collect`], of schemas alone: a bare object is none.
fn collect_schema(program: &dyn Program, site: &Site, expr: &Expr, found: &mut Vec<(String, EnvAccess)>, depth: usize) {
    if matches!(program.resolve(site, expr), Meaning::Value(Expr::Call(_), _)) {
        collect(program, site, expr, found, depth + 1);
    }
}

/// What a member asks for.
#[must_use]
pub fn asked(program: &dyn Program, site: &Site, member: &Expr) -> EnvAccess {
    let mut is_optional = false;
    let mut is_given = false;
    let mut is_lenient = false;
    let mut default = None;
    let mut next = program.resolve(site, member);
    for _ in 0..MAX_LINKS {
        let Meaning::Value(expr @ Expr::Call(id), at) = next else { break };
        let call = program.file(at.file).outline.call(*id);
        let here = Site { scope: call.scope, offset: call.at.offset, file: at.file, env: at.env.clone() };
        match call.callee.last_name().map_or("", |name| name.as_str()) {
            "optional" | "nullish" | "notRequired" | "nullable" | "exactOptional" | "partial" | "allow" | "optionalAsync" => {
                // valibot: `optional(string(), "x")`.
                default = default.or_else(|| call.positional(1).and_then(|expr| literal(program, &here, expr)));
                is_optional = true;
                let is_wrapping = call.args.len() <= 2 && call.positional(0).is_some_and(|arg| matches!(arg, Expr::Call(_)));
                if is_wrapping {
                    break;
                }
            }
            "default" | "catch" | "prefault" | "fallback" | "_default" => {
                let given = call.args.last().map(|arg| &arg.value);
                default = default.or_else(|| given.and_then(|expr| literal(program, &here, expr)));
                is_optional = true;
            }
            "required" | "nonempty" => is_given = true,
            _ => {}
        }
        is_lenient |= is_of_lenient(program, &here, &call.callee);
        if let Some((value, asks)) = options(program, &here, call) {
            default = default.or(value);
            is_optional |= asks;
        }
        let Some((receiver, _)) = call.method() else {
            // `flag("x")`: a function of the program that makes the member.
            let is_own = program.resolve(&here, &call.callee).function().is_some();
            next = if is_own { entered(program, &at, expr) } else { break };
            continue;
        };
        next = program.resolve(&here, receiver);
    }
    if is_optional || is_lenient && !is_given { EnvAccess::Optional(default) } else { EnvAccess::Required }
}

/// What a call of the program's own function gives, when that is another call.
fn entered<'p>(program: &'p dyn Program, site: &Site, call: &'p Expr) -> Meaning<'p> {
    let given = program.produce_all(site, call).into_iter().next();
    given.filter(|given| given.value().is_some_and(|(value, _)| !std::ptr::eq(value, call))).unwrap_or(Meaning::Unknown)
}

/// joi and yup take what is not there unless it is required.
fn is_of_lenient(program: &dyn Program, site: &Site, callee: &Expr) -> bool {
    let root = |expr: &Expr| matches!(expr, Expr::Ref(_) | Expr::Member(..));
    root(callee)
        && program
            .resolve(site, callee)
            .outside()
            .is_some_and(|path| ["joi.", "@hapi/joi.", "yup."].iter().any(|front| path.starts_with(front)))
}

/// `str({ default: "x" })` of envalid and its like.
fn options(program: &dyn Program, site: &Site, call: &crate::base::code::Call) -> Option<(Option<String>, bool)> {
    let Expr::Object(entries) = call.positional(0)? else { return None };
    let value = |name: &str| entries.iter().find(|entry| matches!(&entry.key, Key::Name(key) if key == name)).map(|entry| &entry.value);
    let default = value("default").or_else(|| value("devDefault").filter(|_| false));
    Some((default.and_then(|expr| literal(program, site, expr)), default.is_some() || value("allowUndefined").is_some()))
}
