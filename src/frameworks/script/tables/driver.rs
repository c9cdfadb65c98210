//! Which database a package talks to, by the driver it depends on. With several drivers nothing is said.

use crate::facts::database::Dialect;
use crate::facts::program::{FileId, Program};

/// Drivers and what they talk to.
const DRIVERS: &[(&str, Dialect)] = &[
    ("pg", Dialect::Postgres),
    ("postgres", Dialect::Postgres),
    ("@neondatabase/serverless", Dialect::Postgres),
    ("@vercel/postgres", Dialect::Postgres),
    ("mysql2", Dialect::MySql),
    ("mysql", Dialect::MySql),
    ("mariadb", Dialect::MySql),
    ("sqlite3", Dialect::Sqlite),
    ("better-sqlite3", Dialect::Sqlite),
    ("@libsql/client", Dialect::Sqlite),
    ("tedious", Dialect::SqlServer),
    ("mssql", Dialect::SqlServer),
];

/// The dialect of the only driver that the package around a file declares.
#[must_use]
pub fn dialect_of(program: &dyn Program, file: FileId) -> Option<Dialect> {
    let mut declared: Vec<Dialect> =
        DRIVERS.iter().filter(|(driver, _)| program.package_with(file, driver).is_some()).map(|(_, dialect)| *dialect).collect();
    declared.sort();
    declared.dedup();
    // A server's driver beside SQLite's: tests run on SQLite.
    if declared.len() == 2 {
        declared.retain(|dialect| *dialect != Dialect::Sqlite);
    }
    match declared.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// A dialect as options spell it: `postgres`, `mysql`, `better-sqlite3`.
#[must_use]
pub fn dialect_named(name: &str) -> Option<Dialect> {
    Some(match name {
        "postgres" | "postgresql" | "pg" | "aurora-postgres" | "cockroachdb" | "postgis" => Dialect::Postgres,
        "mysql" | "mysql2" | "mariadb" | "aurora-mysql" => Dialect::MySql,
        "sqlite" | "sqlite3" | "better-sqlite3" | "sqljs" | "libsql" | "turso" | "expo" => Dialect::Sqlite,
        "mssql" | "tedious" => Dialect::SqlServer,
        "mongodb" | "mongo" => Dialect::Mongo,
        _ => return None,
    })
}
