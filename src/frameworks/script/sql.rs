//! Clients of databases that are given SQL: node-postgres, postgres.js, mysql2, better-sqlite3 and their like.

use crate::base::language::Language;
use crate::facts::database::Dialect;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::embedded::{self, Library};

/// SQL clients.
pub const FRAMEWORK: Framework = Framework {
    id: "script/sql",
    label: "SQL clients (pg, postgres.js, mysql2, better-sqlite3)",
    languages: &[Language::JavaScript, Language::TypeScript],
    modules: &[
        "pg",
        "pg-promise",
        "postgres",
        "slonik",
        "@vercel/postgres",
        "@neondatabase/serverless",
        "mysql",
        "mysql2",
        "mariadb",
        "better-sqlite3",
        "sqlite3",
        "sqlite",
        "node:sqlite",
        "bun:sqlite",
        "@libsql/client",
        "mssql",
    ],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

const LIBRARY: Library = Library {
    id: FRAMEWORK.id,
    names: &[
        "query",
        "execute",
        "exec",
        "prepare",
        "run",
        "get",
        "all",
        "each",
        "unsafe",
        "sql",
        "one",
        "oneOrNone",
        "many",
        "manyOrNone",
        "any",
        "none",
        "maybeOne",
        "begin",
    ],
    dialects: &[
        ("pg", Dialect::Postgres),
        ("pg-promise", Dialect::Postgres),
        ("postgres", Dialect::Postgres),
        ("slonik", Dialect::Postgres),
        ("@vercel/postgres", Dialect::Postgres),
        ("@neondatabase/serverless", Dialect::Postgres),
        ("mysql", Dialect::MySql),
        ("mysql2", Dialect::MySql),
        ("mariadb", Dialect::MySql),
        ("better-sqlite3", Dialect::Sqlite),
        ("sqlite3", Dialect::Sqlite),
        ("sqlite", Dialect::Sqlite),
        ("node:sqlite", Dialect::Sqlite),
        ("bun:sqlite", Dialect::Sqlite),
        ("@libsql/client", Dialect::Sqlite),
        ("mssql", Dialect::SqlServer),
    ],
    is_test: |_, _, _| false,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    embedded::read(program, file, &LIBRARY, findings);
}
