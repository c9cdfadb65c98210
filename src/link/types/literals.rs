//! Literal values of expressions, through names and constants of other files.

use serde_json::{Number, Value};

use super::Types;
use crate::base::code::{Expr, Key};
use crate::facts::program::{Meaning, Site};

impl Types<'_> {
    /// The literal that an expression is.
    pub(super) fn literal(&self, site: &Site, expr: &Expr) -> Option<Value> {
        self.literal_at(site, expr, 0)
    }

    fn literal_at(&self, site: &Site, expr: &Expr, depth: u32) -> Option<Value> {
        if depth > 16 {
            return None;
        }
        match expr {
            Expr::Null => Some(Value::Null),
            Expr::Bool(value) => Some(Value::Bool(*value)),
            Expr::Int(value) => Some(Value::from(*value)),
            Expr::Str(text) => Some(Value::from(text.as_str())),
            Expr::Float(text) => text.replace('_', "").parse().ok().and_then(Number::from_f64).map(Value::Number),
            Expr::Cast(pair) => self.literal_at(site, &pair.0, depth + 1),
            Expr::List(items) => {
                items.iter().map(|item| self.literal_at(site, item, depth + 1)).collect::<Option<Vec<Value>>>().map(Value::Array)
            }
            Expr::Object(entries) => {
                let mut object = serde_json::Map::new();
                for entry in entries {
                    let Key::Name(key) = &entry.key else { return None };
                    object.insert(key.to_string(), self.literal_at(site, &entry.value, depth + 1)?);
                }
                Some(Value::Object(object))
            }
            Expr::Template(_) | Expr::Binary(_) => self.program.text(site, expr).plain().map(Value::from),
            Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) => match self.program.resolve(site, expr) {
                Meaning::Value(Expr::Ref(_) | Expr::Member(..) | Expr::Index(_), _) => None,
                Meaning::Value(value, at) => self.literal_at(&at, value, depth + 1),
                _ => None,
            },
            _ => None,
        }
    }
}
