//! Values of the code as SQL: literals, defaults, and texts in a `sql` template with columns in them.

use serde_json::Value;

use crate::base::Name;
use crate::base::code::{Expr, Piece};
use crate::facts::program::{Program, Site};
use crate::frameworks::script::literals::literal;

/// How deep `sql` templates nest.
const MAX_DEPTH: u32 = 12;

/// A text as a literal: `it's` as `'it''s'`.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// An identifier in double quotes where SQL needs them.
#[must_use]
pub fn ident(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A JSON value as an SQL literal; nothing for null.
#[must_use]
pub fn value_sql(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(_) | Value::Object(_) => quoted(&value.to_string()),
    })
}

/// A literal default as SQL.
#[must_use]
pub fn default_sql(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    value_sql(&literal(program, site, expr)?).map(Name::from)
}

/// The pieces of a text with the expressions in it told by a closure; nothing when one cannot be told.
pub fn told<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr, tell: &dyn Fn(&Site, &'p Expr) -> Option<String>) -> Option<String> {
    told_at(program, site, expr, tell, 0)
}

fn told_at<'p>(
    program: &'p dyn Program,
    site: &Site,
    expr: &'p Expr,
    tell: &dyn Fn(&Site, &'p Expr) -> Option<String>,
    depth: u32,
) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    match expr {
        Expr::Template(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Some(text.to_string()),
                Piece::Expr(inner) => tell(site, inner).or_else(|| told_at(program, site, inner, tell, depth + 1)),
            })
            .collect(),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let name = call.callee.last_name()?;
            if matches!(name.as_str(), "table" | "ref" | "id" | "identifier")
                && call.method().is_some_and(|(of, _)| matches!(of, Expr::Ref(_)))
            {
                let text = program.text(site, call.positional(0)?).plain()?;
                return Some(text.split('.').map(ident).collect::<Vec<_>>().join("."));
            }
            if !matches!(name.as_str(), "sql" | "raw" | "literal" | "text" | "fn" | "as" | "lit" | "val") {
                return None;
            }
            if call.args.is_empty() {
                return told_at(program, site, call.method()?.0, tell, depth + 1);
            }
            let inner = call.positional(0)?;
            let at = Site { scope: call.scope, offset: call.at.offset, ..site.clone() };
            let text = told_at(program, &at, inner, tell, depth + 1)?;
            Some(if name == "lit" { quoted(&text) } else { text })
        }
        _ => program.text(site, expr).plain(),
    }
}
