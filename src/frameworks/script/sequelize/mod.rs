//! Sequelize and sequelize-typescript: models with their associations, migrations through a query interface, and uses of tables.
//!
//! Read from Sequelize 6 (`sequelize.org/docs/v6`). Scopes and hooks are not told.

pub mod associations;
pub mod attributes;
pub mod decorated;
pub mod migration;
pub mod models;
pub mod types;
pub mod uses;

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};

/// The framework's id.
pub const ID: &str = "script/sequelize";

/// Sequelize.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Sequelize",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["sequelize", "sequelize-typescript", "@sequelize/core"],
    tells: &[Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if migration::read(program, file, findings) {
        return;
    }
    // Associations reach across files, so that all models are told together, by the first file that has one.
    if models::may_declare(program, file) && !(0..file.0).map(FileId).any(|earlier| models::may_declare(program, earlier)) {
        models::read(program, findings);
    }
    uses::read(program, file, findings);
}
