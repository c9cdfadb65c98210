//! Drivers of databases that are given SQL: sqlite3, psycopg, asyncpg, PyMySQL and their like.

use crate::base::language::Language;
use crate::facts::database::Dialect;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::embedded::{self, Library};

/// SQL drivers.
pub const FRAMEWORK: Framework = Framework {
    id: "python/sql",
    label: "SQL drivers (sqlite3, psycopg, asyncpg, PyMySQL)",
    languages: &[Language::Python],
    modules: &[
        "psycopg",
        "psycopg2",
        "psycopg_pool",
        "asyncpg",
        "aiopg",
        "databases",
        "sqlite3",
        "aiosqlite",
        "pymysql",
        "aiomysql",
        "asyncmy",
        "MySQLdb",
        "mysql",
        "pymssql",
    ],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

const LIBRARY: Library = Library {
    id: FRAMEWORK.id,
    names: &[
        "execute",
        "executemany",
        "executescript",
        "execute_many",
        "fetch",
        "fetchrow",
        "fetchval",
        "fetch_one",
        "fetch_all",
        "fetch_val",
        "iterate",
        "mogrify",
        "prepare",
        "cursor",
    ],
    dialects: &[
        ("psycopg", Dialect::Postgres),
        ("psycopg2", Dialect::Postgres),
        ("psycopg_pool", Dialect::Postgres),
        ("asyncpg", Dialect::Postgres),
        ("aiopg", Dialect::Postgres),
        ("sqlite3", Dialect::Sqlite),
        ("aiosqlite", Dialect::Sqlite),
        ("pymysql", Dialect::MySql),
        ("aiomysql", Dialect::MySql),
        ("asyncmy", Dialect::MySql),
        ("MySQLdb", Dialect::MySql),
        ("mysql", Dialect::MySql),
        ("pymssql", Dialect::SqlServer),
    ],
    is_test: |_, _, _| false,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    embedded::read(program, file, &LIBRARY, findings);
}
