//! Query parameters that advanced-alchemy makes of a filter configuration: `create_filter_dependencies({"pagination_type": "limit_offset"})`.
//!
//! Read from advanced-alchemy 1 (`extensions/litestar/providers.py`).

use crate::base::Name;
use crate::base::case;
use crate::base::code::{Expr, Key, Op};
use crate::facts::finding::{Location, ParamFinding};
use crate::facts::program::{CallRef, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::literals::texts;

/// How deep dicts of dependencies may be put together.
const MAX_DEPTH: u32 = 8;

/// The parameters that the dependencies in an expression make.
#[must_use]
pub fn made(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<ParamFinding> {
    let mut found = Vec::new();
    made_into(program, site, expr, 0, &mut found);
    found
}

fn made_into(program: &dyn Program, site: &Site, expr: &Expr, depth: u32, found: &mut Vec<ParamFinding>) {
    if depth > MAX_DEPTH {
        return;
    }
    let meaning = program.resolve(site, expr);
    match meaning.value() {
        Some((Expr::Object(entries), at)) => {
            for entry in entries.iter().filter(|entry| entry.key == Key::Spread) {
                made_into(program, at, &entry.value, depth + 1, found);
            }
        }
        Some((Expr::Binary(binary), at)) if binary.op == Op::BitOr => {
            made_into(program, at, &binary.left, depth + 1, found);
            made_into(program, at, &binary.right, depth + 1, found);
        }
        Some((Expr::Call(id), at)) => {
            let call = CallRef { file: at.file, id: *id };
            let callee = program.callee(call);
            let Some(path) = callee.outside().filter(|path| path.starts_with("advanced_alchemy.")) else { return };
            let made = program.call(call);
            let config = match path.rsplit('.').next() {
                Some("create_filter_dependencies") => made.arg(0, "config"),
                Some("create_service_dependencies") => made.keyword("filters"),
                _ => None,
            };
            if let Some(config) = config {
                params(program, at, config, found);
            }
        }
        _ => {}
    }
}

fn params(program: &dyn Program, at: &Site, config: &Expr, found: &mut Vec<ParamFinding>) {
    // `cast("FilterConfig", {…})`
    let config = match config {
        Expr::Call(id) => program.file(at.file).outline.call(*id).args.last().map_or(config, |arg| &arg.value),
        other => other,
    };
    for (key, value, site) in program.entries(at, config).unwrap_or_default() {
        if matches!(value, Expr::Bool(false) | Expr::Null) {
            continue;
        }
        let date = || Shape::format("date-time").or_null();
        let text = || Shape::Text(None).or_null();
        let mut add = |name: &str, shape: Shape| {
            found.push(ParamFinding { name: name.into(), location: Location::Query, shape, ..ParamFinding::default() });
        };
        match key.as_str() {
            "id_filter" => add("ids", Shape::Text(None).list().or_null()),
            "created_at" => ["createdBefore", "createdAfter"].into_iter().for_each(|name| add(name, date())),
            "updated_at" => ["updatedBefore", "updatedAfter"].into_iter().for_each(|name| add(name, date())),
            "pagination_type" => ["currentPage", "pageSize"].into_iter().for_each(|name| add(name, Shape::Int)),
            "search" => {
                add("searchString", text());
                add("searchIgnoreCase", Shape::Bool.or_null());
            }
            "sort_field" => {
                add("orderBy", text());
                add("sortOrder", Shape::Enum(vec!["asc".into(), "desc".into()]).or_null());
            }
            "in_fields" | "not_in_fields" => {
                let end = if key == "in_fields" { "In" } else { "NotIn" };
                let names: Vec<Name> = texts(program, &site, value);
                names.iter().for_each(|name| add(&format!("{}{end}", case::camel(name)), Shape::Text(None).list().or_null()));
            }
            _ => {}
        }
    }
}
