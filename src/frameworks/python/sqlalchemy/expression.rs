//! SQL of what code says in Python: server defaults, conditions of checks and indexes, indexed expressions.
//!
//! What cannot be written as SQL is `None`.

use super::words::{said, word};
use crate::base::Name;
use crate::base::code::{Call, Expr, Key, Op};
use crate::facts::program::{Meaning, Program, Site};

const MAX_DEPTH: u32 = 12;

/// Functions of SQL that are called without parentheses.
const BARE: &[&str] = &["current_date", "current_time", "current_timestamp", "current_user", "localtime", "localtimestamp", "session_user"];

/// How the columns of the table at hand are called.
pub struct Columns<'a>(pub &'a dyn Fn(&str) -> Option<Name>);

/// A text as SQL.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name as SQL, with quotes where it needs some.
#[must_use]
pub fn identifier(name: &str) -> String {
    let is_plain = name.chars().next().is_some_and(|c| c == '_' || c.is_ascii_lowercase())
        && name.chars().all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit());
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// What `server_default` says: a plain text is a literal.
#[must_use]
pub fn default(program: &dyn Program, site: &Site, expr: &Expr) -> Option<String> {
    if matches!(expr, Expr::Null) {
        return None;
    }
    if let Some(text) = literal_text(program, site, expr) {
        return Some(quoted(&text));
    }
    if let Some(sql) = sql(program, site, expr, &Columns(&|_| None)) {
        return Some(sql);
    }
    program.text(site, expr).plain().map(|text| quoted(&text))
}

/// A text that is none of the library's calls.
fn literal_text(program: &dyn Program, site: &Site, expr: &Expr) -> Option<String> {
    match program.resolve(site, expr) {
        Meaning::Value(Expr::Str(text), _) => Some(text.to_string()),
        Meaning::Value(Expr::Template(_), _) => program.text(site, expr).plain(),
        _ => None,
    }
}

/// An expression as SQL.
#[must_use]
pub fn sql(program: &dyn Program, site: &Site, expr: &Expr, columns: &Columns) -> Option<String> {
    write(program, site, expr, columns, 0)
}

fn write(program: &dyn Program, site: &Site, expr: &Expr, columns: &Columns, depth: u32) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    match expr {
        Expr::Int(value) => return Some(value.to_string()),
        Expr::Float(value) => return Some(value.to_string()),
        Expr::Bool(value) => return Some(value.to_string()),
        Expr::Null => return Some("NULL".to_owned()),
        Expr::Str(text) => return Some(quoted(text)),
        Expr::Ref(name) | Expr::Member(_, name) => {
            if let Some(column) = columns.0(name) {
                return Some(identifier(&column));
            }
        }
        Expr::Binary(binary) => {
            let operator = match (binary.op, &binary.right) {
                (Op::Eq, Expr::Null) => "IS",
                (Op::Ne, Expr::Null) => "IS NOT",
                (Op::Eq, _) => "=",
                (Op::Ne, _) => "!=",
                (Op::BitAnd, _) => "AND",
                (Op::BitOr, _) => "OR",
                _ => return None,
            };
            let left = write(program, site, &binary.left, columns, depth + 1)?;
            let right = write(program, site, &binary.right, columns, depth + 1)?;
            let is_joined = matches!(operator, "AND" | "OR");
            return Some(if is_joined { format!("({left}) {operator} ({right})") } else { format!("{left} {operator} {right}") });
        }
        _ => {}
    }
    let meaning = program.produce(site, expr);
    if let Some(found) = word(program, &meaning) {
        return match found.as_str() {
            "true" | "false" => Some(found.to_string()),
            "null" => Some("NULL".to_owned()),
            _ => None,
        };
    }
    let Meaning::Value(Expr::Call(id), at) = &meaning else {
        return match &meaning {
            Meaning::Value(value @ (Expr::Str(_) | Expr::Int(_) | Expr::Bool(_)), at) => write(program, at, value, columns, depth + 1),
            _ => program.text(site, expr).plain().map(|text| quoted(&text)),
        };
    };
    let call = program.file(at.file).outline.call(*id);
    let inner = at.moved(at.file, call.scope, call.at.offset);
    let writing = Writing { program, site: &inner, columns, depth };
    match said(program, site, expr) {
        Some(said) => writing.library(&said.word, call).or_else(|| writing.method(call)),
        None => writing.method(call),
    }
}

struct Writing<'a, 'b> {
    program: &'a dyn Program,
    site: &'a Site,
    columns: &'a Columns<'b>,
    depth: u32,
}

impl Writing<'_, '_> {
    fn one(&self, expr: &Expr) -> Option<String> {
        write(self.program, self.site, expr, self.columns, self.depth + 1)
    }

    fn all(&self, call: &Call) -> Option<Vec<String>> {
        call.args.iter().filter(|arg| arg.name.is_none()).map(|arg| self.one(&arg.value)).collect()
    }

    /// What `desc(…)` orders by: a text is a column's name.
    fn ordered(&self, call: &Call) -> Option<String> {
        match call.positional(0)? {
            Expr::Str(name) => Some(identifier(name)),
            other => self.one(other),
        }
    }

    /// `text("…")`, `func.lower(x)`, `and_(…)`.
    fn library(&self, word: &str, call: &Call) -> Option<String> {
        if let Some(function) = word.strip_prefix("func.") {
            let args = self.all(call)?;
            if args.is_empty() && BARE.contains(&function.to_ascii_lowercase().as_str()) {
                return Some(function.to_ascii_uppercase());
            }
            let function = if function == "utcnow" { "now" } else { function };
            return Some(format!("{function}({})", args.join(", ")));
        }
        let joined = |by: &str| Some(self.all(call)?.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(by));
        match word {
            "text" | "literal_column" | "column" | "TextClause" => {
                let text = self.program.text(self.site, call.arg(0, "text")?).plain()?;
                Some(text.replace("\\:", ":"))
            }
            "true" | "false" => Some(word.to_owned()),
            "null" => Some("NULL".to_owned()),
            "literal" | "bindparam" => self.one(call.positional(0)?),
            "now" => Some("now()".to_owned()),
            "current_timestamp" => Some("CURRENT_TIMESTAMP".to_owned()),
            "utcnow" => Some("timezone('utc', CURRENT_TIMESTAMP)".to_owned()),
            "and_" => joined(" AND "),
            "or_" => joined(" OR "),
            "not_" => Some(format!("NOT ({})", self.one(call.positional(0)?)?)),
            "desc" => Some(format!("{} DESC", self.ordered(call)?)),
            "asc" => self.ordered(call),
            "nullslast" | "nulls_last" => Some(format!("{} NULLS LAST", self.ordered(call)?)),
            "nullsfirst" | "nulls_first" => Some(format!("{} NULLS FIRST", self.ordered(call)?)),
            "cast" => {
                let ty = super::types::sql_type(self.program, self.site, call.positional(1)?)?;
                Some(format!("CAST({} AS {})", self.one(call.positional(0)?)?, ty.text))
            }
            "Sequence" => Some(format!("nextval({})", quoted(&self.program.text(self.site, call.arg(0, "name")?).plain()?))),
            _ => None,
        }
    }

    /// `column.is_(None)`, `column.desc()`, `seq.next_value()`.
    fn method(&self, call: &Call) -> Option<String> {
        let (receiver, name) = call.method()?;
        let on = self.one(receiver)?;
        let with = |operator: &str| Some(format!("{on} {operator} {}", self.one(call.positional(0)?)?));
        match name.as_str() {
            "is_" => with("IS"),
            "is_not" | "isnot" => with("IS NOT"),
            "desc" => Some(format!("{on} DESC")),
            "asc" | "label" | "self_group" | "next_value" => Some(on),
            "nullslast" | "nulls_last" => Some(format!("{on} NULLS LAST")),
            "nullsfirst" | "nulls_first" => Some(format!("{on} NULLS FIRST")),
            "in_" | "not_in" | "notin_" => {
                let items = self.program.items(self.site, call.positional(0)?)?;
                let items: Option<Vec<String>> =
                    items.iter().map(|(item, at)| write(self.program, at, item, self.columns, self.depth + 1)).collect();
                let operator = if name == "in_" { "IN" } else { "NOT IN" };
                Some(format!("{on} {operator} ({})", items?.join(", ")))
            }
            "op" => None,
            _ => None,
        }
    }
}

/// The members of a dict, as text: `postgresql_ops={"name": "gin_trgm_ops"}`.
#[must_use]
pub fn text_of_key(program: &dyn Program, site: &Site, expr: &Expr, key: &str) -> Option<String> {
    let Expr::Object(entries) = expr else { return None };
    let entry = entries.iter().find(|entry| matches!(&entry.key, Key::Name(name) if name == key))?;
    program.text(site, &entry.value).plain()
}
