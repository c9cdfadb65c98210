//! Names and text literals as each dialect writes them.

use crate::contract::model::Dialect;

/// Words that PostgreSQL, MySQL or SQLite take for something else where a name may stand; sorted.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "binary",
    "both",
    "by",
    "case",
    "cast",
    "change",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "condition",
    "constraint",
    "convert",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "database",
    "default",
    "deferrable",
    "delete",
    "desc",
    "describe",
    "distinct",
    "do",
    "drop",
    "each",
    "else",
    "end",
    "except",
    "exists",
    "explain",
    "false",
    "fetch",
    "for",
    "force",
    "foreign",
    "freeze",
    "from",
    "full",
    "fulltext",
    "function",
    "generated",
    "grant",
    "group",
    "groups",
    "having",
    "if",
    "ignore",
    "ilike",
    "in",
    "index",
    "initially",
    "inner",
    "insert",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "key",
    "keys",
    "kill",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "lines",
    "load",
    "localtime",
    "localtimestamp",
    "lock",
    "match",
    "mod",
    "natural",
    "not",
    "notnull",
    "null",
    "of",
    "offset",
    "on",
    "only",
    "option",
    "or",
    "order",
    "outer",
    "over",
    "overlaps",
    "partition",
    "placing",
    "plan",
    "primary",
    "procedure",
    "range",
    "rank",
    "read",
    "recursive",
    "references",
    "release",
    "rename",
    "repeat",
    "replace",
    "require",
    "returning",
    "revoke",
    "right",
    "row",
    "rows",
    "schema",
    "select",
    "separator",
    "session_user",
    "set",
    "show",
    "signal",
    "similar",
    "some",
    "sql",
    "symmetric",
    "system",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "transaction",
    "trigger",
    "true",
    "union",
    "unique",
    "unlock",
    "update",
    "usage",
    "use",
    "user",
    "using",
    "values",
    "variadic",
    "verbose",
    "virtual",
    "when",
    "where",
    "window",
    "with",
    "write",
];

/// A name, quoted where the dialect would read it differently.
#[must_use]
pub fn name(text: &str, dialect: Dialect) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_plain && RESERVED.binary_search(&text).is_err() {
        return text.to_owned();
    }
    match dialect {
        Dialect::MySql => format!("`{}`", text.replace('`', "``")),
        Dialect::SqlServer => format!("[{}]", text.replace(']', "]]")),
        _ => format!("\"{}\"", text.replace('"', "\"\"")),
    }
}

/// A name in its schema. MySQL's and SQLite's schemas are other databases: left out.
#[must_use]
pub fn qualified(schema: &str, text: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::PostgreSql | Dialect::SqlServer if !schema.is_empty() => format!("{}.{}", name(schema, dialect), name(text, dialect)),
        _ => name(text, dialect),
    }
}

/// Names with commas between.
#[must_use]
pub fn list(columns: &[String], dialect: Dialect) -> String {
    columns.iter().map(|column| name(column, dialect)).collect::<Vec<_>>().join(", ")
}

/// A text literal.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Text as a comment of one line.
#[must_use]
pub fn comment(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn names_are_quoted_where_they_must() {
        assert_eq!(name("users", Dialect::PostgreSql), "users");
        assert_eq!(name("user", Dialect::PostgreSql), "\"user\"");
        assert_eq!(name("createdAt", Dialect::PostgreSql), "\"createdAt\"");
        assert_eq!(name("a`b", Dialect::MySql), "`a``b`");
        assert_eq!(name("1st", Dialect::Sqlite), "\"1st\"");
    }
}
