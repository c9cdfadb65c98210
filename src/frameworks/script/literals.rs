//! Values of scripts that are known without running: literals through names and constants, members of enumerations.

use serde_json::{Number, Value};

use crate::base::Name;
use crate::base::code::{ClassKind, Expr, Key};
use crate::facts::program::{ClassRef, Meaning, Program, Site};
use crate::frameworks::graphql::{enum_member, literal_text};

const MAX_DEPTH: u32 = 24;

/// The value of an expression, when all of it is literal.
#[must_use]
pub fn literal(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Value> {
    literal_at(program, site, expr, 0)
}

/// A default as GraphQL writes it; a member of an enum by its name.
#[must_use]
pub fn default_text(program: &dyn Program, site: &Site, expr: &Expr) -> Option<String> {
    let member = enum_member(program, site, expr).map(|name| name.to_string());
    member.or_else(|| literal(program, site, expr).map(|value| literal_text(&value)))
}

fn literal_at(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    match expr {
        Expr::Null => Some(Value::Null),
        Expr::Bool(value) => Some(Value::Bool(*value)),
        Expr::Int(value) => Some(Value::from(*value)),
        Expr::Str(text) => Some(Value::from(text.as_str())),
        Expr::Float(text) => text.replace('_', "").parse().ok().and_then(Number::from_f64).map(Value::Number),
        Expr::Cast(pair) => literal_at(program, site, &pair.0, depth + 1),
        Expr::List(_) => {
            let items = program.items(site, expr)?;
            items.into_iter().map(|(item, at)| literal_at(program, &at, item, depth + 1)).collect::<Option<Vec<_>>>().map(Value::Array)
        }
        Expr::Object(entries) => {
            let mut object = serde_json::Map::new();
            for entry in entries {
                let key = match &entry.key {
                    Key::Name(key) => key.to_string(),
                    Key::Computed(key) => program.text(site, key).plain()?,
                    Key::Spread => return None,
                };
                object.insert(key, literal_at(program, site, &entry.value, depth + 1)?);
            }
            Some(Value::Object(object))
        }
        Expr::Template(_) | Expr::Binary(_) => program.text(site, expr).plain().map(Value::from),
        Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) => match program.resolve(site, expr) {
            Meaning::Value(Expr::Ref(_) | Expr::Member(..) | Expr::Index(_), _) => None,
            Meaning::Value(value, at) => literal_at(program, &at, value, depth + 1),
            // `Sort.enum.asc` of a schema value names the value itself.
            Meaning::Attribute(of, name) => match *of {
                Meaning::Attribute(_, kind) if matches!(kind.as_str(), "enum" | "Enum" | "Values") => Some(Value::from(name.as_str())),
                Meaning::Class(class) => member_of_enum(program, class, &name),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The values an enumeration allows: of a list, of an object's members, of a TypeScript enum.
#[must_use]
pub fn enum_values(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Value> {
    let mut values = Vec::new();
    match program.resolve(site, expr) {
        Meaning::Class(class) if program.class(class).kind == ClassKind::Enum => {
            values.extend(program.class(class).variants.iter().filter_map(|variant| member_of_enum(program, class, &variant.name)));
        }
        _ => {
            if let Some(items) = program.items(site, expr) {
                values.extend(items.into_iter().filter_map(|(item, at)| literal(program, &at, item)));
            } else if let Some(entries) = program.entries(site, expr) {
                values.extend(entries.into_iter().filter_map(|(_, value, at)| literal(program, &at, value)));
            }
        }
    }
    let mut distinct: Vec<Value> = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

/// A member of an enum: its own value, else one more than the one before it.
fn member_of_enum(program: &dyn Program, class: ClassRef, name: &str) -> Option<Value> {
    let declared = program.class(class);
    let site = Site::of_scope(class.file, declared.inner);
    let mut next = 0;
    for variant in &declared.variants {
        let value = match &variant.value {
            Some(value) => literal(program, &site, value)?,
            None => Value::from(next),
        };
        next = value.as_i64().map_or(next, |value| value + 1);
        if variant.name == name {
            return Some(value);
        }
    }
    None
}

/// The names of an object's members whose value is not `false`: `{ id: true }`; of a list the texts.
#[must_use]
pub fn keys_of(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Name> {
    match program.entries(site, expr) {
        Some(entries) => entries.into_iter().filter(|(_, value, _)| !matches!(value, Expr::Bool(false))).map(|(name, ..)| name).collect(),
        None => match program.items(site, expr) {
            Some(items) => items.into_iter().filter_map(|(item, at)| program.text(&at, item).plain()).map(Into::into).collect(),
            None => Vec::new(),
        },
    }
}
