//! What indexes, constraints and defaults are made of: `Q(stock__gt=0)`, `F("price")`, `Lower("name")`, as trees that become SQL once
//! the columns are known.
//!
//! A lookup or function that is not listed here is unknown, and so is all that is built on it.

use crate::base::Name;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `None`.
    Null,
    /// A text.
    Text(Name),
    /// A number as written.
    Number(Name),
    /// A truth.
    Bool(bool),
    /// `F("price")`.
    Field(Name),
    /// SQL as it stands.
    Sql(Name),
    /// A function's name in SQL and its arguments.
    Call(Name, Vec<Term>),
    /// `left operator right`.
    Binary(Box<Term>, Name, Box<Term>),
    /// `CAST`: the value and the type.
    Cast(Box<Term>, Name),
    /// Several, for `in` and `range`.
    List(Vec<Term>),
    /// `CASE`: what holds gives what, and what all else gives.
    Case(Vec<(Condition, Term)>, Box<Term>),
    /// A condition as a value.
    When(Box<Condition>),
    /// Not read.
    Unknown,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A field or expression, a lookup, a value.
    Compare(Term, Name, Term),
    /// All of them.
    All(Vec<Condition>),
    /// Any of them.
    Any(Vec<Condition>),
    /// Not so.
    Not(Box<Condition>),
    /// Not read.
    Unknown,
}

/// Tells a field's column and its type.
pub type Columns<'a> = &'a dyn Fn(&str) -> Option<(Name, Name)>;

/// How deep trees may nest.
pub const MAX_DEPTH: u32 = 40;

impl Term {
    /// As SQL.
    #[must_use]
    pub fn sql(&self, columns: Columns<'_>) -> Option<String> {
        Some(match self {
            Self::Null => "NULL".to_owned(),
            Self::Text(text) => quoted(text),
            Self::Number(number) => number.to_string(),
            Self::Bool(truth) => truth.to_string(),
            Self::Sql(sql) => sql.to_string(),
            Self::Field(name) => ident(&columns(name)?.0),
            Self::Call(name, args) => format!("{name}({})", all(args, columns)?.join(", ")),
            Self::Binary(left, op, right) => format!("({} {op} {})", left.sql(columns)?, right.sql(columns)?),
            Self::Cast(inner, ty) => format!("({})::{ty}", inner.sql(columns)?),
            Self::List(items) => format!("({})", all(items, columns)?.join(", ")),
            Self::Case(arms, default) => {
                let each =
                    arms.iter().map(|(condition, then)| Some(format!("WHEN {} THEN {}", condition.sql(columns)?, then.sql(columns)?)));
                let arms: Vec<String> = each.collect::<Option<_>>()?;
                format!("CASE {} ELSE {} END", arms.join(" "), default.sql(columns)?)
            }
            Self::When(condition) => format!("({})", condition.sql(columns)?),
            Self::Unknown => return None,
        })
    }

    /// The value against a column: numbers are text where the column is.
    fn against(&self, left: &Self, columns: Columns<'_>) -> Option<String> {
        let is_text = match left {
            Self::Field(name) => columns(name).is_some_and(|(_, ty)| is_text(&ty)),
            _ => false,
        };
        match self {
            Self::Number(number) if is_text => Some(quoted(number)),
            Self::List(items) => {
                let each: Option<Vec<String>> = items.iter().map(|item| item.against(left, columns)).collect();
                Some(format!("({})", each?.join(", ")))
            }
            _ => self.sql(columns),
        }
    }
}

fn all(terms: &[Term], columns: Columns<'_>) -> Option<Vec<String>> {
    terms.iter().map(|term| term.sql(columns)).collect()
}

impl Condition {
    /// As SQL, without parentheses around it.
    #[must_use]
    pub fn sql(&self, columns: Columns<'_>) -> Option<String> {
        match self {
            Self::Compare(left, lookup, right) => compare(left, lookup, right, columns),
            Self::All(parts) => joined(parts, " AND ", columns),
            Self::Any(parts) => joined(parts, " OR ", columns),
            Self::Not(inner) => Some(format!("NOT ({})", inner.sql(columns)?)),
            Self::Unknown => None,
        }
    }

    /// Whether all of it could be read.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.sql(&|name| Some((name.into(), Name::default()))).is_some()
    }
}

fn joined(parts: &[Condition], word: &str, columns: Columns<'_>) -> Option<String> {
    let each: Vec<String> = parts.iter().map(|part| part.sql(columns)).collect::<Option<_>>()?;
    match each.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(each.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(word)),
    }
}

fn compare(left: &Term, lookup: &str, right: &Term, columns: Columns<'_>) -> Option<String> {
    let of = left.sql(columns)?;
    let value = || right.against(left, columns);
    let like = |before: &str, after: &str| match right {
        Term::Text(text) => Some(quoted(&format!("{before}{}{after}", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")))),
        _ => None,
    };
    Some(match (lookup, right) {
        ("exact", Term::Null) | ("isnull", Term::Bool(true)) => format!("{of} IS NULL"),
        ("isnull", Term::Bool(false)) => format!("{of} IS NOT NULL"),
        ("exact", Term::Bool(true)) if matches!(left, Term::Field(_)) => of,
        ("exact", Term::Bool(false)) if matches!(left, Term::Field(_)) => format!("NOT {of}"),
        ("true", _) => of,
        ("exact", _) => format!("{of} = {}", value()?),
        ("ne", _) => format!("{of} <> {}", value()?),
        ("gt", _) => format!("{of} > {}", value()?),
        ("gte", _) => format!("{of} >= {}", value()?),
        ("lt", _) => format!("{of} < {}", value()?),
        ("lte", _) => format!("{of} <= {}", value()?),
        ("in", Term::List(items)) if !items.is_empty() => format!("{of} IN {}", value()?),
        ("range", Term::List(items)) if items.len() == 2 => {
            format!("{of} BETWEEN {} AND {}", items[0].against(left, columns)?, items[1].against(left, columns)?)
        }
        ("iexact", _) => format!("UPPER({of}::text) = UPPER({})", value()?),
        ("regex", _) => format!("{of}::text ~ {}", value()?),
        ("iregex", _) => format!("{of}::text ~* {}", value()?),
        ("startswith", _) => format!("{of}::text LIKE {}", like("", "%")?),
        ("endswith", _) => format!("{of}::text LIKE {}", like("%", "")?),
        ("contains", Term::Text(_)) if !is_array(left, columns) => format!("{of}::text LIKE {}", like("%", "%")?),
        _ => return None,
    })
}

fn is_array(term: &Term, columns: Columns<'_>) -> bool {
    let Term::Field(name) = term else { return true };
    columns(name).is_none_or(|(_, ty)| ty.ends_with(']') || ty.starts_with("json") || ty == "hstore")
}

/// Whether a type holds text.
#[must_use]
pub fn is_text(ty: &str) -> bool {
    !ty.ends_with(']') && ["character", "text", "citext"].iter().any(|start| ty.starts_with(start))
}

/// A text as an SQL literal.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name as SQL, quoted.
#[must_use]
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
