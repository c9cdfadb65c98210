//! TypeORM: entities and schemas, migrations, what repositories give back, and who uses which table.
//!
//! Read from TypeORM 0.3 (`typeorm.io`).

pub mod columns;
pub mod entity;
pub mod migration;
pub mod naming;
pub mod objects;
pub mod relations;
pub mod schema;
pub mod shapes;
pub mod tree;
pub mod types;
pub mod uses;
pub mod views;

use crate::base::language::Language;
use crate::facts::database::Dialect;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::importers::Importers;
use crate::facts::program::{FileId, Program};
use crate::frameworks::script::tables::driver;
use naming::Naming;

/// The framework's id.
pub const ID: &str = "script/typeorm";

/// TypeORM.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "TypeORM",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["typeorm", "@nestjs/typeorm"],
    tells: &[Tells::Types, Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: Some(&shapes::Reader),
};

/// What holds for all entities of a package.
pub struct Context<'p> {
    /// The program.
    pub program: &'p dyn Program,
    /// What its SQL is written for.
    pub dialect: Dialect,
    /// How names are made.
    pub naming: Naming,
}

impl<'p> Context<'p> {
    /// For the package around a file.
    #[must_use]
    pub fn of(program: &'p dyn Program, file: FileId) -> Self {
        let has_snake = program.package_with(file, "typeorm-naming-strategies").is_some() || has_own_snake(program);
        Self {
            program,
            dialect: driver::dialect_of(program, file).unwrap_or_default(),
            naming: if has_snake { Naming::Snake } else { Naming::Default },
        }
    }
}

/// Whether the program has a naming strategy of its own that says snake.
fn has_own_snake(program: &dyn Program) -> bool {
    struct HasSnake(bool);
    let is_snake = |name: &str| name.to_lowercase().contains("snake") && name.ends_with("Strategy");
    let has_snake = program.answers().once(|| {
        let importers = Importers::of(program);
        HasSnake(importers.importing("typeorm").iter().any(|file| {
            let outline = &program.file(*file).outline;
            outline.imports.iter().any(|import| import.local == "DefaultNamingStrategy")
                && outline.classes.iter().any(|class| is_snake(&class.name))
        }))
    });
    has_snake.0
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let imports =
        |library: &str| outline.imports.iter().any(|import| import.module == library || import.module.starts_with(&format!("{library}/")));
    if imports("typeorm") {
        let context = Context::of(program, file);
        entity::read(&context, file, findings);
        views::read(&context, file, findings);
        schema::read(&context, file, findings);
    }
    migration::read(program, file, findings);
    uses::read(program, file, findings);
}
