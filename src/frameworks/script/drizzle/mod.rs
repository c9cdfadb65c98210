//! Drizzle: tables as schema files declare them, and who uses which. Its migrations are SQL files.
//!
//! Read from drizzle-orm 0.45 and drizzle-kit 0.31 (`orm.drizzle.team/docs/sql-schema-declaration`). Relations and views are not told.

pub mod columns;
pub mod extras;
pub mod tables;
pub mod types;
pub mod uses;

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};

/// The framework's id.
pub const ID: &str = "script/drizzle";

/// Drizzle.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Drizzle",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["drizzle-orm"],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    tables::read(program, file, findings);
    uses::read(program, file, findings);
}
