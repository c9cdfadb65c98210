//! Python values that are known without running: defaults, examples, lists of names.
//!
//! What a call gives is not known here.

use serde_json::{Number, Value};

use crate::base::code::{Expr, Key};
use crate::facts::program::{Meaning, Program, Site};

const MAX_DEPTH: u32 = 24;

/// The value of an expression, when all of it is literal.
#[must_use]
pub fn literal(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Value> {
    literal_at(program, site, expr, 0)
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
        Expr::List(items) => {
            items.iter().map(|item| literal_at(program, site, item, depth + 1)).collect::<Option<Vec<_>>>().map(Value::Array)
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
            _ => None,
        },
        _ => None,
    }
}

/// The texts of a list (or of one text).
#[must_use]
pub fn texts(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<crate::base::Name> {
    // The program hands out what it borrows from itself only for expressions of its own; a copy would do as well here.
    match program.items(site, expr) {
        Some(items) => items.iter().filter_map(|(item, at)| program.text(at, item).plain()).map(Into::into).collect(),
        None => program.text(site, expr).plain().map(Into::into).into_iter().collect(),
    }
}

/// Whether an expression is `True` or `False`, as far as known.
#[must_use]
pub fn truth(program: &dyn Program, site: &Site, expr: Option<&Expr>) -> Option<bool> {
    literal(program, site, expr?)?.as_bool()
}
