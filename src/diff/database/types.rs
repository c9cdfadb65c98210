//! Column types: spellings of one type are one, and of two of one family it is known which holds more.
//!
//! Types of different families are never called wider or narrower: drivers hand their values to programs in different forms.

use crate::contract::model::Dialect;

/// What a change of type does to values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Nothing.
    Same,
    /// All old values fit.
    Widened,
    /// Some old values do not fit.
    Narrowed,
    /// They are of another kind.
    Changed,
}

/// A type in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlType {
    /// Its plain name: `varchar`, `integer`, `billing.status`.
    pub base: String,
    /// What stands in its parentheses.
    pub args: Vec<String>,
    /// MySQL's `UNSIGNED`.
    pub is_unsigned: bool,
    /// Whether it is an array.
    pub is_array: bool,
}

impl SqlType {
    /// Reads a type as it is written.
    #[must_use]
    pub fn of(text: &str, dialect: Dialect) -> Self {
        let mut text = text.trim();
        let mut is_array = false;
        while let Some((element, _)) = text.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
            is_array = true;
            text = element.trim_end();
        }
        let (head, args, tail) = match text.split_once('(') {
            Some((head, rest)) => {
                let (args, tail) = rest.rsplit_once(')').unwrap_or((rest, ""));
                (head, split_args(args), tail)
            }
            None => (text, Vec::new(), ""),
        };
        let words = format!("{head} {tail}");
        let words = if words.contains(['"', '`']) { words } else { words.to_lowercase() };
        let mut words: Vec<&str> = words.split_whitespace().collect();
        let is_unsigned = words.iter().any(|word| *word == "unsigned" || *word == "zerofill");
        words.retain(|word| !matches!(*word, "unsigned" | "signed" | "zerofill"));
        let base = words.join(" ").replace(['"', '`'], "");
        let base = base.strip_prefix("public.").or_else(|| base.strip_prefix("pg_catalog.")).unwrap_or(&base);
        let mut ty = Self { base: base.to_owned(), args, is_unsigned, is_array };
        ty.settle(dialect);
        ty
    }

    /// Brings spellings of one type together and fills in what a type means when it says nothing.
    fn settle(&mut self, dialect: Dialect) {
        let is_mysql = dialect == Dialect::MySql;
        let base = match self.base.as_str() {
            "int" | "int4" | "serial" | "serial4" => "integer",
            "int8" | "bigserial" | "serial8" => "bigint",
            "int2" | "smallserial" | "serial2" => "smallint",
            "bool" | "boolean" if is_mysql => {
                self.args = vec!["1".into()];
                "tinyint"
            }
            "bool" => "boolean",
            "character varying" | "varchar2" | "char varying" => "varchar",
            "character" | "bpchar" => "char",
            "national character varying" | "nvarchar2" => "nvarchar",
            "national character" => "nchar",
            "decimal" | "dec" | "number" | "fixed" => "numeric",
            "float8" | "double" => "double precision",
            "real" if is_mysql => "double precision",
            "float4" => "real",
            "float" => match (self.args.first().and_then(|bits| bits.parse::<u32>().ok()), is_mysql) {
                (Some(bits), _) if bits > 24 => "double precision",
                (None, false) => "double precision",
                _ => "real",
            },
            "timestamptz" => "timestamp with time zone",
            "timestamp without time zone" => "timestamp",
            "timetz" => "time with time zone",
            "time without time zone" => "time",
            "varbit" => "bit varying",
            other => other,
        };
        if matches!(base, "double precision" | "real") || (is_integer(base) && !(is_mysql && base == "tinyint" && self.args == ["1"])) {
            self.args.clear();
        }
        self.base = base.to_owned();
        let default: &[&str] = match (self.base.as_str(), dialect) {
            ("char" | "nchar" | "bit" | "binary", _) => &["1"],
            ("numeric", Dialect::MySql) => &["10", "0"],
            ("numeric", Dialect::SqlServer) => &["18", "0"],
            ("timestamp" | "timestamp with time zone" | "time" | "time with time zone", Dialect::PostgreSql) => &["6"],
            ("timestamp" | "time" | "datetime", Dialect::MySql) => &["0"],
            ("datetime2" | "datetimeoffset" | "time", Dialect::SqlServer) => &["7"],
            _ => &[],
        };
        if self.args.is_empty() {
            self.args = default.iter().map(|arg| (*arg).to_owned()).collect();
        }
        if self.base == "numeric" && self.args.len() == 1 {
            self.args.push("0".into());
        }
    }

    /// The labels of MySQL's `ENUM` and `SET`.
    #[must_use]
    pub fn labels(&self) -> Option<Vec<String>> {
        let is_list = matches!(self.base.as_str(), "enum" | "set");
        is_list.then(|| self.args.iter().map(|arg| arg.trim_matches('\'').replace("''", "'")).collect())
    }
}

/// What stands between the commas that are in no string.
fn split_args(text: &str) -> Vec<String> {
    let mut args = vec![String::new()];
    let mut is_text = false;
    for c in text.chars() {
        is_text ^= c == '\'';
        match args.last_mut() {
            _ if c == ',' && !is_text => args.push(String::new()),
            Some(arg) => arg.push(c),
            None => {}
        }
    }
    args.into_iter().map(|arg| if arg.trim().starts_with('\'') { arg.trim().to_owned() } else { arg.trim().to_lowercase() }).collect()
}

fn is_integer(base: &str) -> bool {
    matches!(base, "tinyint" | "smallint" | "mediumint" | "integer" | "bigint")
}

/// What becomes of values when a column of one type gets the other.
#[must_use]
pub fn relation(before: &SqlType, after: &SqlType, dialect: Dialect) -> Relation {
    if before == after {
        return Relation::Same;
    }
    if before.is_array != after.is_array {
        return Relation::Changed;
    }
    if dialect == Dialect::Sqlite {
        return in_sqlite(before, after);
    }
    integers(before, after, dialect)
        .or_else(|| floats(before, after))
        .or_else(|| numerics(before, after))
        .or_else(|| texts(before, after, dialect))
        .or_else(|| sized(before, after, dialect))
        .unwrap_or(Relation::Changed)
}

/// SQLite keeps values by the affinity that a type's name has; lengths say nothing.
fn in_sqlite(before: &SqlType, after: &SqlType) -> Relation {
    let affinity = |ty: &SqlType| {
        let base = ty.base.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| base.contains(word));
        match () {
            () if has(&["int"]) => "integer",
            () if has(&["char", "clob", "text"]) => "text",
            () if base.is_empty() || has(&["blob"]) => "blob",
            () if has(&["real", "floa", "doub"]) => "real",
            () => "numeric",
        }
    };
    match (affinity(before), affinity(after)) {
        (a, b) if a == b => Relation::Widened,
        ("integer" | "real", "numeric") => Relation::Widened,
        _ => Relation::Changed,
    }
}

fn ordered(is_wider: bool, is_narrower: bool) -> Relation {
    match (is_wider, is_narrower) {
        (true, true) => Relation::Same,
        (true, false) => Relation::Widened,
        _ => Relation::Narrowed,
    }
}

/// Ranges that lie within each other.
fn integers(before: &SqlType, after: &SqlType, dialect: Dialect) -> Option<Relation> {
    let range = |ty: &SqlType| -> Option<(i128, i128)> {
        let bits = match ty.base.as_str() {
            "tinyint" => 8,
            "smallint" => 16,
            "mediumint" => 24,
            "integer" => 32,
            "bigint" => 64,
            _ => return None,
        };
        let is_unsigned = ty.is_unsigned || (dialect == Dialect::SqlServer && bits == 8);
        let all = 1i128 << bits;
        Some(if is_unsigned { (0, all - 1) } else { (-all / 2, all / 2 - 1) })
    };
    let (a, b) = (range(before)?, range(after)?);
    // MySQL's `tinyint(1)` is what programs take for a boolean.
    let is_flag = |ty: &SqlType| ty.base == "tinyint" && ty.args == ["1"];
    if is_flag(before) != is_flag(after) && a != b {
        return Some(Relation::Changed);
    }
    Some(ordered(b.0 <= a.0 && b.1 >= a.1, a.0 <= b.0 && a.1 >= b.1))
}

fn floats(before: &SqlType, after: &SqlType) -> Option<Relation> {
    match (before.base.as_str(), after.base.as_str()) {
        ("real", "double precision") => Some(Relation::Widened),
        ("double precision", "real") => Some(Relation::Narrowed),
        ("real" | "double precision", "real" | "double precision") => Some(Relation::Same),
        _ => None,
    }
}

fn numerics(before: &SqlType, after: &SqlType) -> Option<Relation> {
    if before.base != "numeric" || after.base != "numeric" {
        return None;
    }
    // Without any it takes all.
    let size = |ty: &SqlType| -> Option<(i64, i64)> {
        let number = |at: usize| ty.args.get(at).and_then(|arg| arg.parse::<i64>().ok());
        let (digits, scale) = (number(0)?, number(1)?);
        Some((digits - scale, scale))
    };
    let (a, b) = (size(before), size(after));
    let fits = |inner: Option<(i64, i64)>, outer: Option<(i64, i64)>| match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => inner.0 <= outer.0 && inner.1 <= outer.1,
    };
    Some(ordered(fits(a, b), fits(b, a)))
}

/// How many characters a text type takes; the larger of MySQL's count bytes, up to four for a character.
fn capacity(ty: &SqlType, dialect: Dialect) -> Option<(u64, u64)> {
    const ALL: u64 = u64::MAX;
    let length = |default: u64| ty.args.first().and_then(|arg| arg.parse().ok()).unwrap_or(default);
    let bytes = |bytes: u64| (bytes / 4, bytes);
    Some(match ty.base.as_str() {
        "char" | "nchar" => (length(1), length(1)),
        "varchar" | "nvarchar" => {
            let default = if dialect == Dialect::SqlServer && ty.args.is_empty() { 1 } else { ALL };
            (length(default), length(default))
        }
        "tinytext" => bytes(255),
        "text" if dialect == Dialect::MySql => bytes(65_535),
        "mediumtext" => bytes(16_777_215),
        "longtext" => bytes(4_294_967_295),
        "text" | "ntext" | "clob" => (ALL, ALL),
        _ => return None,
    })
}

fn texts(before: &SqlType, after: &SqlType, dialect: Dialect) -> Option<Relation> {
    let (a, b) = (capacity(before, dialect)?, capacity(after, dialect)?);
    let is_wide = |ty: &SqlType| matches!(ty.base.as_str(), "nchar" | "nvarchar" | "ntext");
    let is_padded = |ty: &SqlType| matches!(ty.base.as_str(), "char" | "nchar");
    if is_wide(before) && !is_wide(after) && dialect == Dialect::SqlServer {
        return Some(Relation::Narrowed);
    }
    // What is padded with blanks is no longer what was written.
    if !is_padded(before) && is_padded(after) {
        return Some(Relation::Narrowed);
    }
    let in_bytes = |ty: &SqlType| ty.base.ends_with("text") && dialect == Dialect::MySql;
    let fits = match (in_bytes(before), in_bytes(after)) {
        (false, true) => a.0 <= b.0,
        (true, false) => a.1 <= b.1,
        _ => a.1 <= b.1,
    };
    if !fits {
        return Some(Relation::Narrowed);
    }
    Some(if a == b && is_padded(before) == is_padded(after) && is_wide(before) == is_wide(after) {
        Relation::Same
    } else {
        Relation::Widened
    })
}

/// Types of one name and another size: bytes, bits, fractions of seconds.
fn sized(before: &SqlType, after: &SqlType, dialect: Dialect) -> Option<Relation> {
    let size = |ty: &SqlType| -> Option<(&'static str, u64)> {
        let arg = |default: u64| ty.args.first().map_or(default, |arg| arg.parse().unwrap_or(u64::MAX));
        Some(match ty.base.as_str() {
            "binary" if dialect == Dialect::MySql => ("bytes", arg(1)),
            "varbinary" | "bytea" => ("bytes", arg(u64::MAX)),
            "tinyblob" => ("bytes", 255),
            "blob" if dialect == Dialect::MySql => ("bytes", 65_535),
            "mediumblob" => ("bytes", 16_777_215),
            "longblob" => ("bytes", 4_294_967_295),
            "bit varying" => ("bits", arg(u64::MAX)),
            "timestamp" => ("timestamp", arg(6)),
            "timestamp with time zone" => ("timestamp with time zone", arg(6)),
            "time" => ("time", arg(6)),
            "time with time zone" => ("time with time zone", arg(6)),
            "datetime" if dialect == Dialect::MySql => ("datetime", arg(0)),
            "datetime2" => ("datetime2", arg(7)),
            "datetimeoffset" => ("datetimeoffset", arg(7)),
            "interval" => ("interval", arg(6)),
            _ => return None,
        })
    };
    let (a, b) = (size(before)?, size(after)?);
    (a.0 == b.0).then(|| ordered(a.1 <= b.1, b.1 <= a.1))
}

#[cfg(test)]
mod tests {
    use super::{Relation, SqlType, relation};
    use crate::contract::model::Dialect;

    fn check(dialect: Dialect, before: &str, after: &str, expected: Relation) {
        let found = relation(&SqlType::of(before, dialect), &SqlType::of(after, dialect), dialect);
        assert_eq!(found, expected, "{dialect:?}: {before} -> {after}");
    }

    #[test]
    fn types_hold_more_or_less() {
        use Dialect::{MySql, PostgreSql, SqlServer, Sqlite};
        use Relation::{Changed, Narrowed, Same, Widened};
        for (dialect, before, after, expected) in [
            (PostgreSql, "int4", "INTEGER", Same),
            (PostgreSql, "integer", "bigint", Widened),
            (PostgreSql, "bigint", "integer", Narrowed),
            (PostgreSql, "varchar(50)", "character varying(100)", Widened),
            (PostgreSql, "character varying(100)", "varchar(50)", Narrowed),
            (PostgreSql, "varchar(50)", "text", Widened),
            (PostgreSql, "text", "varchar", Same),
            (PostgreSql, "text", "varchar(10)", Narrowed),
            (PostgreSql, "text", "char(10)", Narrowed),
            (PostgreSql, "numeric(10,2)", "numeric(12,2)", Widened),
            (PostgreSql, "numeric(10,2)", "numeric(10,4)", Narrowed),
            (PostgreSql, "numeric(10,2)", "numeric", Widened),
            (PostgreSql, "integer", "numeric", Changed),
            (PostgreSql, "integer", "text", Changed),
            (PostgreSql, "timestamp", "timestamptz", Changed),
            (PostgreSql, "timestamp without time zone", "timestamp(6)", Same),
            (PostgreSql, "timestamp(3) with time zone", "timestamptz", Widened),
            (PostgreSql, "json", "jsonb", Changed),
            (PostgreSql, "text[]", "text", Changed),
            (PostgreSql, "varchar(5)[]", "varchar(9)[]", Widened),
            (PostgreSql, "public.mood", "\"mood\"", Same),
            (MySql, "int(11)", "INT", Same),
            (MySql, "int", "int unsigned", Narrowed),
            (MySql, "int unsigned", "bigint", Widened),
            (MySql, "boolean", "tinyint(1)", Same),
            (MySql, "varchar(255)", "text", Widened),
            (MySql, "text", "varchar(255)", Narrowed),
            (MySql, "text", "mediumtext", Widened),
            (MySql, "datetime", "datetime(6)", Widened),
            (SqlServer, "nvarchar(50)", "varchar(50)", Narrowed),
            (SqlServer, "nvarchar(50)", "nvarchar(max)", Widened),
            (SqlServer, "varchar(50)", "nvarchar(50)", Widened),
            (Sqlite, "varchar(50)", "text", Widened),
            (Sqlite, "text", "integer", Changed),
        ] {
            check(dialect, before, after, expected);
        }
    }
}
