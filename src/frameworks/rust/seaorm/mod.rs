//! SeaORM and sea-query. Read from 1.1: entities as tables, `MigrationTrait` as migrations, finders as uses.
//!
//! - [`names`]: what an `Iden` is called in the database.
//! - [`builder`]: `Table::create()`, `ColumnDef`, `ForeignKey`, `Index`.
//! - [`columns`]: the types and helpers that make columns.
//! - [`migration`]: what `up` does.
//! - [`entity`]: `DeriveEntityModel` and its relations.

mod builder;
mod columns;
mod entity;
mod migration;
mod names;

use super::http::{is_test, is_test_file};
use crate::base::Name;
use crate::base::code::Expr;
use crate::base::language::Language;
use crate::facts::database::{Access, ObjectName};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program, Site};
use crate::frameworks::script::tables::found::{place, symbol_at, used};

/// The id.
pub const ID: &str = "rust/seaorm";

/// SeaORM.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "SeaORM",
    languages: &[Language::Rust],
    modules: &["sea_orm", "sea_orm_migration", "sea_query"],
    tells: &[Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if is_test_file(program, file) {
        return;
    }
    entity::read(program, file, findings);
    migration::read(program, file, findings);
    read_uses(program, file, findings);
}

const READS: &[&str] = &["find", "find_by_id", "find_related", "find_also_related"];
const WRITES: &[&str] = &["insert", "insert_many", "update", "update_many", "delete", "delete_many", "delete_by_id"];

/// `user::Entity::find()`, `Post::insert_many(…)`.
fn read_uses(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for call in &program.file(file).outline.calls {
        let Some((receiver, name)) = call.method() else { continue };
        let access = match name.as_str() {
            name if READS.contains(&name) => Access::Read,
            name if WRITES.contains(&name) => Access::Write,
            _ => continue,
        };
        if !matches!(receiver, Expr::Ref(_) | Expr::Member(..)) || is_test(program, file, call.scope) {
            continue;
        }
        let Some(table) = names::entity_table(program, &Site::of_call(file, call), receiver) else { continue };
        let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
        used(findings, ID, table, access, at);
    }
}

/// A table's name without a schema.
fn named(name: impl Into<Name>) -> ObjectName {
    ObjectName::new(name)
}
