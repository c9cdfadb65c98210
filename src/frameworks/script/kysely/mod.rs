//! Kysely: migrations by its schema builder, and who uses which table.
//!
//! Read from Kysely 0.28 (`kysely.dev/docs/migrations`). Migrations run in the order of their files' names.

pub mod columns;
pub mod schema;
pub mod uses;

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};

/// The framework's id.
pub const ID: &str = "script/kysely";

/// Kysely.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Kysely",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["kysely"],
    tells: &[Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if !schema::read(program, file, findings) {
        uses::read(program, file, findings);
    }
}
