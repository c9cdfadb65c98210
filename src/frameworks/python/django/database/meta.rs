//! Indexes and constraints as `Meta` and migrations say them.

use super::expressions::{condition, named_part, part};
use super::state::{Constraint, IndexSpec, Rule};
use super::terms::Condition;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::program::{Meaning, Program, Site};
use crate::frameworks::python::literals::texts;

/// A call that an expression is, entered until a library's call or a class of the program stands there; with its last name.
fn made<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<(&'p Call, Site, Name)> {
    let meaning = program.produce(site, expr);
    let (call, at) = meaning.call()?;
    let name = match program.callee(call) {
        Meaning::Outside(path) => path.rsplit('.').next().unwrap_or(&path).into(),
        Meaning::Class(class) => {
            let bases = program.outside_bases(class);
            bases.first().map(|base| base.rsplit('.').next().unwrap_or(base).into())?
        }
        _ => return None,
    };
    let made = program.call(call);
    Some((made, at.moved(call.file, made.scope, made.at.offset), name))
}

/// An index.
#[must_use]
pub fn index(program: &dyn Program, site: &Site, expr: &Expr) -> Option<IndexSpec> {
    let (call, at, name) = made(program, site, expr)?;
    let method = name.strip_suffix("Index")?.to_lowercase();
    let mut spec = spec(program, &at, call);
    spec.method = match method.as_str() {
        "" | "btree" => None,
        "spgist" => Some("spgist".into()),
        other => Some(other.into()),
    };
    Some(spec)
}

fn spec(program: &dyn Program, at: &Site, call: &Call) -> IndexSpec {
    let list = |keyword: &str| call.keyword(keyword).map(|expr| texts(program, at, expr)).unwrap_or_default();
    let mut parts: Vec<_> = list("fields").iter().map(|field| named_part(field)).collect();
    parts.extend(call.args.iter().filter(|arg| arg.name.is_none()).map(|arg| part(program, at, &arg.value)));
    for (part, class) in parts.iter_mut().zip(list("opclasses")) {
        part.class = (!class.is_empty()).then_some(class);
    }
    IndexSpec {
        name: call.keyword("name").and_then(|expr| program.text(at, expr).plain()).map(Name::from),
        parts,
        method: None,
        include: list("include"),
        condition: call.keyword("condition").filter(|expr| !matches!(expr, Expr::Null)).map(|expr| condition(program, at, expr)),
    }
}

/// A constraint.
#[must_use]
pub fn constraint(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Constraint> {
    let (call, at, kind) = made(program, site, expr)?;
    let name = call.keyword("name").and_then(|expr| program.text(&at, expr).plain()).map(Name::from);
    let rule = match kind.as_str() {
        "CheckConstraint" => {
            let said = call.keyword("condition").or_else(|| call.keyword("check"));
            Rule::Check(said.map_or(Condition::Unknown, |expr| condition(program, &at, expr)))
        }
        "UniqueConstraint" => Rule::Unique {
            index: spec(program, &at, call),
            deferrable: call.keyword("deferrable").and_then(deferrable),
            nulls_not_distinct: matches!(call.keyword("nulls_distinct"), Some(Expr::Bool(false))),
        },
        "ExclusionConstraint" => exclusion(program, &at, call),
        _ => return None,
    };
    Some(Constraint { name, rule })
}

fn deferrable(expr: &Expr) -> Option<Name> {
    match expr.last_name()?.as_str() {
        "DEFERRED" => Some("DEFERRABLE INITIALLY DEFERRED".into()),
        "IMMEDIATE" => Some("DEFERRABLE INITIALLY IMMEDIATE".into()),
        _ => None,
    }
}

/// `ExclusionConstraint(expressions=[("room", RangeOperators.EQUAL), …], index_type="GIST")`.
fn exclusion(program: &dyn Program, at: &Site, call: &Call) -> Rule {
    let mut index = spec(program, at, call);
    let mut operators = Vec::new();
    for (item, site) in call.keyword("expressions").and_then(|expr| program.items(at, expr)).unwrap_or_default() {
        let Expr::List(pair) = item else { continue };
        let (Some(expr), Some(operator)) = (pair.first(), pair.get(1)) else { continue };
        index.parts.push(part(program, &site, expr));
        operators.push(operator_of(program, &site, operator));
    }
    let method = call.keyword("index_type").and_then(|expr| program.text(at, expr).plain());
    index.method = Some(method.unwrap_or_else(|| "gist".to_owned()).to_lowercase().into());
    Rule::Exclude { index, operators }
}

fn operator_of(program: &dyn Program, site: &Site, expr: &Expr) -> Name {
    if let Some(text) = expr.as_str() {
        return text.into();
    }
    let known = match expr.last_name().map_or("", |name| name.as_str()) {
        "EQUAL" => "=",
        "NOT_EQUAL" => "<>",
        "CONTAINS" => "@>",
        "CONTAINED_BY" => "<@",
        "OVERLAPS" => "&&",
        "ADJACENT_TO" => "-|-",
        _ => return program.text(site, expr).plain().unwrap_or_default().into(),
    };
    known.into()
}

/// `unique_together = [["a", "b"], …]`, or one tuple alone.
#[must_use]
pub fn together(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Vec<Name>> {
    if let Expr::Call(id) = expr {
        let call = program.file(site.file).outline.call(*id);
        return call.args.first().map(|arg| together(program, site, &arg.value)).unwrap_or_default();
    }
    let Some(items) = program.items(site, expr) else { return Vec::new() };
    let is_alone = items.iter().any(|(item, at)| program.items(at, item).is_none());
    if is_alone {
        return vec![texts(program, site, expr)].into_iter().filter(|names| !names.is_empty()).collect();
    }
    items.iter().map(|(item, at)| texts(program, at, item)).filter(|names| !names.is_empty()).collect()
}

/// The items of a list.
#[must_use]
pub fn each<T>(program: &dyn Program, site: &Site, expr: &Expr, read: fn(&dyn Program, &Site, &Expr) -> Option<T>) -> Vec<T> {
    let items = program.items(site, expr).unwrap_or_default();
    items.iter().filter_map(|(item, at)| read(program, at, item)).collect()
}
