//! MikroORM: entities, migrations that add SQL, and uses of tables.
//!
//! Read from MikroORM 6 (`mikro-orm.io/docs/defining-entities`) with the naming strategy it has for SQL databases.

pub mod entity;
pub mod migration;
pub mod properties;
pub mod relations;
pub mod uses;

use crate::base::language::Language;
use crate::facts::database::Dialect;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};

/// The framework's id.
pub const ID: &str = "script/mikroorm";

/// Modules that decorators come from.
pub const LIBRARY: &[&str] = &[
    "@mikro-orm/core",
    "@mikro-orm/postgresql",
    "@mikro-orm/mysql",
    "@mikro-orm/mariadb",
    "@mikro-orm/sqlite",
    "@mikro-orm/better-sqlite",
    "@mikro-orm/libsql",
    "@mikro-orm/mongodb",
    "@mikro-orm/mssql",
    "@mikro-orm/decorators",
];

/// MikroORM.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "MikroORM",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &[
        "@mikro-orm/core",
        "@mikro-orm/postgresql",
        "@mikro-orm/mysql",
        "@mikro-orm/sqlite",
        "@mikro-orm/mongodb",
        "@mikro-orm/migrations",
    ],
    tells: &[Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: None,
};

/// What holds for all entities of a package.
pub struct Context<'p> {
    /// The program.
    pub program: &'p dyn Program,
    /// What its SQL is written for.
    pub dialect: Dialect,
    /// Whether `name?: T` may be missing: entities are read with ts-morph.
    pub reads_types: bool,
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    if !outline.imports.iter().any(|import| import.module.starts_with("@mikro-orm/")) {
        return;
    }
    let driver = |name: &str| program.package_with(file, name).is_some();
    let dialect = if driver("@mikro-orm/postgresql") {
        Dialect::Postgres
    } else if driver("@mikro-orm/mysql") || driver("@mikro-orm/mariadb") {
        Dialect::MySql
    } else if driver("@mikro-orm/sqlite") || driver("@mikro-orm/better-sqlite") || driver("@mikro-orm/libsql") {
        Dialect::Sqlite
    } else if driver("@mikro-orm/mongodb") {
        Dialect::Mongo
    } else {
        Dialect::Postgres
    };
    let context = Context { program, dialect, reads_types: driver("@mikro-orm/reflection") };
    entity::read(&context, file, findings);
    migration::read(&context, file, findings);
    uses::read(&context, file, findings);
}
