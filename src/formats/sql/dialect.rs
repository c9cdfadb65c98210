//! Which dialect a text of SQL is written in, as far as words tell that only one of them has.

use crate::facts::database::Dialect;

/// How much of a text is looked at.
const LOOKED_AT: usize = 64 << 10;

const SQL_SERVER: &[&str] =
    &["[dbo]", "nvarchar(", "nvarchar]", " identity(1", "uniqueidentifier", "datetime2", "\ngo\n", "\ngo\r", "sp_rename", "dbo."];
const MYSQL: &[&str] = &[
    "auto_increment",
    "engine=",
    "engine =",
    " unsigned",
    "tinyint(",
    "mediumtext",
    "longtext",
    "longblob",
    "on update current_timestamp",
    "utf8mb4",
    "modify column",
    "change column",
    "/*!40",
];
const POSTGRES: &[&str] = &[
    "serial",
    "timestamptz",
    "jsonb",
    "::",
    "$$",
    "create extension",
    " uuid",
    "pg_catalog",
    "timestamp with",
    "bytea",
    "character varying",
    "using gin",
    "using gist",
    "using btree",
    "gen_random_uuid",
    "uuid_generate",
    " owner to ",
    "create type",
    "plpgsql",
    "tsvector",
    "[]",
    "only ",
    "as identity",
    "bigserial",
    "double precision",
    "alter column",
    " inet",
    " citext",
    "timestamp without",
];
const SQLITE: &[&str] = &[
    "autoincrement",
    "pragma ",
    "without rowid",
    ") strict",
    "strftime(",
    "datetime('now'",
    "unixepoch(",
    "sqlite_",
    "julianday(",
    "using fts5",
    "insert or ignore",
    "insert or replace",
    "date('now'",
];

/// What SQLite has not, and other dialects' texts have besides words of its own.
const NOT_SQLITE: &[&str] = &[
    "auto_increment",
    "plpgsql",
    "jsonb",
    "timestamptz",
    "bigserial",
    "$$",
    "::",
    "create function",
    "create or replace function",
    "create type",
    "create extension",
];

/// Types behind a name in backticks that SQLite's users do not write.
const MYSQL_TYPES: &[&str] = &[
    "` varchar(",
    "` int ",
    "` int,",
    "` int(",
    "` bigint",
    "` datetime",
    "` timestamp",
    "` enum(",
    "` double",
    "` decimal(",
    "` json",
    "` char(",
];

/// The dialect, when a text tells it.
#[must_use]
pub fn dialect_of(source: &str) -> Option<Dialect> {
    let mut end = source.len().min(LOOKED_AT);
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    // Comments speak of anything, also of names in backticks.
    let text: String = source[..end].lines().flat_map(|line| [line.split("--").next().unwrap_or_default(), "\n"]).collect();
    let text = without_blocks(&text).to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some());
    if has(SQL_SERVER) && !has(&["$$", "auto_increment", "jsonb"]) {
        return Some(Dialect::SqlServer);
    }
    if has(SQLITE) && !has(NOT_SQLITE) {
        return Some(Dialect::Sqlite);
    }
    if has(MYSQL) && !has(&["plpgsql", "jsonb", "timestamptz", "bigserial"]) {
        return Some(Dialect::MySql);
    }
    // A comment may speak of anything in backticks.
    if has(POSTGRES) && (!text.contains('`') || has(&["$$", "plpgsql", "jsonb", "timestamptz", "create extension", "\ncomment on "])) {
        return Some(Dialect::Postgres);
    }
    if text.contains('`') {
        return Some(if has(MYSQL_TYPES) { Dialect::MySql } else { Dialect::Sqlite });
    }
    None
}

/// A text without its `/* … */`; MySQL's `/*!40101 … */` are statements.
fn without_blocks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        if comment.starts_with('!') {
            kept.push_str("/*");
            rest = comment;
        } else {
            rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
        }
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_tell_no_dialect() {
        let dropped = "/*\n  Warnings:\n  - You are about to drop the column `name` on the `User` table.\n*/\nALTER TABLE \"User\" DROP COLUMN \"name\";";
        assert_eq!(dialect_of(dropped), None);
        assert_eq!(dialect_of(&format!("{dropped}\nALTER TABLE \"User\" ADD COLUMN \"at\" TIMESTAMPTZ;")), Some(Dialect::Postgres));
        assert_eq!(dialect_of("/*!40101 SET NAMES utf8 */;\nCREATE TABLE t (id int);"), Some(Dialect::MySql));
        assert_eq!(dialect_of("CREATE TABLE `t` (`id` bigint NOT NULL);"), Some(Dialect::MySql));
    }
}
