//! Enumerated types: `Enum(Status)`, `Enum("a", "b", name="status")`, `postgresql.ENUM(…)`, and Python's enums as annotations.

use super::expression::identifier;
use super::types::SqlType;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::database::{EnumType, ObjectName};
use crate::facts::program::{ClassRef, FuncRef, Meaning, Program, Site};
use crate::frameworks::python::literals::truth;

/// Whether a class is one of Python's enums.
#[must_use]
pub fn is_enum(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| {
        let last = base.rsplit('.').next().unwrap_or(base);
        (base.starts_with("enum.") || base.starts_with("strenum.") || base.starts_with("backports.strenum."))
            && matches!(last, "Enum" | "StrEnum" | "IntEnum" | "Flag" | "IntFlag" | "LowercaseStrEnum")
    })
}

/// A member of an enum: its name and, when known, its value.
#[must_use]
pub fn members(program: &dyn Program, class: ClassRef) -> Vec<(Name, Option<Name>)> {
    let mut found: Vec<(Name, Option<Name>)> = Vec::new();
    for class in program.lineage(class).into_iter().rev() {
        let site = program.inside_class(class);
        let is_str = program.outside_bases(class).iter().any(|base| base.ends_with("StrEnum"));
        for field in &program.class(class).fields {
            let Some(value) = &field.default else { continue };
            if field.name.starts_with('_') {
                continue;
            }
            let value: Option<Name> = match value {
                // `A = "a", "A's label"`.
                Expr::List(items) => items.first().and_then(|first| program.text(&site, first).plain()).map(Name::from),
                Expr::Call(id) if is_auto(program, class, *id) => is_str.then(|| field.name.to_lowercase().into()),
                value => program.text(&site, value).plain().map(Name::from),
            };
            let is_alias = value.is_some() && found.iter().any(|(_, known)| *known == value);
            if !is_alias {
                found.push((field.name.clone(), value));
            }
        }
    }
    found
}

fn is_auto(program: &dyn Program, class: ClassRef, id: crate::base::code::CallId) -> bool {
    program.callee(crate::facts::program::CallRef { file: class.file, id }).is_any(&["enum.auto"])
}

/// A type of the database over these labels.
#[must_use]
pub fn native(name: ObjectName, labels: Vec<Name>) -> SqlType {
    let text = match &name.schema {
        Some(schema) => format!("{}.{}", identifier(schema), identifier(&name.name)),
        None => identifier(&name.name),
    };
    let enums = if labels.is_empty() { Vec::new() } else { vec![EnumType { name, labels }] };
    SqlType { text, enums }
}

/// Text wide enough for every label.
fn wide_enough(labels: &[Name]) -> SqlType {
    let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    SqlType::of(format!("character varying({})", width.max(1)))
}

/// A Python enum as an annotation says it; `options` is the `Enum(…)` that a type map gives for enums.
#[must_use]
pub fn of_class(program: &dyn Program, class: ClassRef, options: Option<(&Call, &Site)>) -> SqlType {
    let by_value = options.is_some_and(|(call, _)| call.keyword("values_callable").is_some());
    let labels = labels_of(program, class, by_value);
    let is_native = options.and_then(|(call, at)| truth(program, at, call.keyword("native_enum"))) != Some(false);
    if !is_native {
        let length = options.and_then(|(call, at)| call.keyword("length").and_then(|expr| program.text(at, expr).plain()));
        return length.map_or_else(|| wide_enough(&labels), |length| SqlType::of(format!("character varying({length})")));
    }
    native(ObjectName::new(program.class(class).name.to_lowercase()), labels)
}

/// The values of `Literal["a", "b"]`.
#[must_use]
pub fn of_literals(labels: &[Name]) -> SqlType {
    wide_enough(labels)
}

fn labels_of(program: &dyn Program, class: ClassRef, by_value: bool) -> Vec<Name> {
    let members = members(program, class).into_iter();
    members.map(|(name, value)| if by_value { value.unwrap_or(name) } else { name }).collect()
}

/// `Enum(…)`, `ENUM(…)`.
#[must_use]
pub fn of_call(program: &dyn Program, call: &Call, at: &Site) -> SqlType {
    let mut labels: Vec<Name> = Vec::new();
    let mut name: Option<Name> = None;
    for arg in call.args.iter().filter(|arg| arg.name.is_none()) {
        match program.resolve(at, &arg.value).class() {
            Some(class) => {
                labels.extend(labels_of(program, class, is_by_value(program, call, at)));
                name = Some(program.class(class).name.to_lowercase().into());
            }
            None => labels.extend(texts_of(program, at, &arg.value)),
        }
    }
    let said = call.keyword("name").and_then(|expr| program.text(at, expr).plain());
    let is_native = truth(program, at, call.keyword("native_enum")) != Some(false);
    if !is_native {
        let length = call.keyword("length").and_then(|expr| program.text(at, expr).plain());
        return length.map_or_else(|| wide_enough(&labels), |length| SqlType::of(format!("character varying({length})")));
    }
    let Some(name) = said.map(Name::from).or(name) else { return wide_enough(&labels) };
    let schema = call.keyword("schema").and_then(|expr| program.text(at, expr).plain());
    native(schema.map_or_else(|| ObjectName::new(name.clone()), |schema| ObjectName::in_schema(schema, name.clone())), labels)
}

/// Whether the labels are the members' values: `values_callable=lambda enum: [member.value for member in enum]`.
fn is_by_value(program: &dyn Program, call: &Call, at: &Site) -> bool {
    let Some(how) = call.keyword("values_callable") else { return false };
    let Some(function) = program.resolve(at, how).function() else { return !matches!(how, Expr::Null) };
    !mentions_name(program, function)
}

/// A callable that takes the members' names says `.name`.
fn mentions_name(program: &dyn Program, function: FuncRef) -> bool {
    let facts = program.file(function.file);
    facts.returns_of(function.id).iter().any(|index| {
        let value = &facts.outline.returns[*index as usize].value;
        matches!(value, Expr::Each(each) if matches!(&each.element, Expr::Member(_, name) if name == "name"))
    })
}

/// One label, or the labels of a list, a comprehension over an enum, or its members.
fn texts_of(program: &dyn Program, at: &Site, expr: &Expr) -> Vec<Name> {
    let inner = if let Expr::Spread(inner) = expr { inner.as_ref() } else { expr };
    if let Some(found) = over_enum(program, at, inner) {
        return found;
    }
    crate::frameworks::python::literals::texts(program, at, inner)
}

/// `[member.value for member in Status]`, `Status.__members__`, `list(Status)`.
fn over_enum(program: &dyn Program, at: &Site, expr: &Expr) -> Option<Vec<Name>> {
    let (expr, at) = match program.resolve(at, expr) {
        Meaning::Value(value @ Expr::Each(_), site) => (value, site),
        _ => (expr, at.clone()),
    };
    match expr {
        Expr::Each(each) => {
            let scope = program.file(at.file).outline.scope(each.scope);
            let crate::base::code::ScopeKind::Loop(_, iterated) = &scope.kind else { return None };
            let class = program.resolve(&at, iterated).class().filter(|class| is_enum(program, *class))?;
            let by_value = matches!(&each.element, Expr::Member(_, name) if name == "value");
            Some(labels_of(program, class, by_value))
        }
        Expr::Member(of, name) if name == "__members__" => {
            let class = program.resolve(&at, of).class().filter(|class| is_enum(program, *class))?;
            Some(labels_of(program, class, false))
        }
        _ => None,
    }
}
